"""How a plan moves from draft to reviewed: which moves there are, whose they are, what they need.

Draft -> proposed -> agreed (both sides said yes to the same content) -> locked (every gate green or
overridden by name, every broken guardrail approved) -> executed -> reviewed. A change of content
takes back every yes said to the content before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args

from offtake.decisions.planning.activity import GATES, SIDES, GateName, Side, State, check_side
from offtake.decisions.planning.readiness import Status
from offtake.decisions.planning.sentence import Sentence
from offtake.errors import BadInputError, UnknownNameError

Move = Literal["propose", "agree", "withdraw", "lock", "execute", "review", "reopen", "cancel"]
MOVES: tuple[Move, ...] = get_args(Move)
BOTH: frozenset[Side] = frozenset(SIDES)
FIXED: frozenset[State] = frozenset(("locked", "executed", "reviewed", "cancelled"))
"""States in which the content stays as it is."""
_TO: Mapping[tuple[State, Move], State] = MappingProxyType(
    {
        ("draft", "propose"): "proposed",
        ("proposed", "agree"): "agreed",
        ("proposed", "withdraw"): "draft",
        ("agreed", "withdraw"): "proposed",
        ("agreed", "lock"): "locked",
        ("locked", "execute"): "executed",
        ("executed", "review"): "reviewed",
        ("locked", "reopen"): "proposed",
        ("cancelled", "reopen"): "draft",
        ("draft", "cancel"): "cancelled",
        ("proposed", "cancel"): "cancelled",
        ("agreed", "cancel"): "cancelled",
        ("locked", "cancel"): "cancelled",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a plan stands.

    Parameters
    ----------
    state
        Of the plan.
    content
        Number of its content; every change of content has a higher one.
    yes
        The content that each side said yes to.
    gates
        Status of every readiness gate.
    overridden
        Gates that a named person let pass.
    unapproved
        Who must still approve a broken guardrail.
    started
        Whether its first day has come.
    cost_owed
        Whether it was locked with a cost once and states none now: what took the plan in then has
        a cost that it cannot forget.
    """

    state: State
    content: int
    yes: Mapping[Side, int] = field(default_factory=dict)
    gates: Mapping[GateName, Status] = field(default_factory=dict)
    overridden: frozenset[GateName] = frozenset()
    unapproved: tuple[str, ...] = ()
    started: bool = False
    cost_owed: bool = False

    @property
    def agreeing(self) -> frozenset[Side]:
        """Sides whose yes is to the present content."""
        return frozenset(side for side, content in self.yes.items() if content == self.content)


@dataclass(frozen=True, slots=True)
class Possible:
    """A move that exists in a state.

    Parameters
    ----------
    move
        Its name.
    to
        The state after it.
    sides
        Who may make it.
    missing
        What it still requires, in words; empty where nothing is missing.
    """

    move: Move
    to: State
    sides: frozenset[Side]
    missing: tuple[Sentence, ...] = ()

    @property
    def open(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def moves(standing: Standing) -> tuple[Possible, ...]:
    """Return the moves that exist where a plan stands, with who may make them and what is missing.

    Parameters
    ----------
    standing
        Where it stands.

    Examples
    --------
    >>> [each.move for each in moves(Standing(state="draft", content=1))]
    ['propose', 'cancel']
    """
    return tuple(
        Possible(
            move, _target(standing, move, to), _sides(standing, move), _missing(standing, move)
        )
        for (state, move), to in _TO.items()
        if state == standing.state
    )


def moved(standing: Standing, move: Move, side: Side) -> Standing:
    """Return where a plan stands after a move.

    Parameters
    ----------
    standing
        Where it stands.
    move
        What is done.
    side
        Whose move it is.

    Raises
    ------
    BadInputError
        When the move does not exist there, is not this side's, or lacks something.
    UnknownNameError
        When there is no such move or side.

    Examples
    --------
    >>> plan = Standing(state="proposed", content=3, yes={"sales": 3})
    >>> moved(plan, "agree", "marketing").state
    'agreed'
    """
    found = _demand_open(standing, move, check_side(side))
    yes = dict(standing.yes)
    if move == "agree":
        yes[side] = standing.content
    elif move == "withdraw" and found.to == "proposed":
        yes.pop(side, None)
    elif move in ("withdraw", "reopen"):
        yes = {}
    to: State = found.to
    return replace(standing, state=to, yes=yes, overridden=_kept(standing, to))


def edited(standing: Standing) -> Standing:
    """Return where a plan stands after a change of its content: no yes holds any longer.

    Raises
    ------
    BadInputError
        When the content is fixed: reopen first.

    Examples
    --------
    >>> plan = edited(Standing(state="agreed", content=3, yes={"sales": 3, "marketing": 3}))
    >>> plan.state, plan.content, sorted(plan.yes)
    ('proposed', 4, [])
    """
    if standing.state in FIXED:
        raise BadInputError(
            f"a plan that is {standing.state} cannot be changed; reopen it first where that exists"
        )
    state: State = "proposed" if standing.state == "agreed" else standing.state
    return replace(
        standing, state=state, content=standing.content + 1, yes={}, overridden=frozenset()
    )


def _target(standing: Standing, move: Move, to: State) -> State:
    """Agreeing leads to agreed with the second yes only."""
    if move == "agree" and not standing.agreeing:
        return "proposed"
    return to


def _sides(standing: Standing, move: Move) -> frozenset[Side]:
    if move == "agree":
        return BOTH - standing.agreeing
    if move == "withdraw" and standing.state == "agreed":
        return standing.agreeing
    return BOTH


_COST_OWED = (
    "It was locked with a cost before, and the data cannot forget one, only correct it: state its "
    "cost, 0 where there is none."
)


def _missing(standing: Standing, move: Move) -> tuple[Sentence, ...]:
    if move == "lock":
        return (
            *_gates_missing(standing),
            *_approvals_missing(standing),
            *((Sentence(_COST_OWED),) if standing.cost_owed else ()),
        )
    if move == "execute" and not standing.started:
        return (Sentence("Its first day has not come."),)
    return ()


def _gates_missing(standing: Standing) -> tuple[Sentence, ...]:
    if not all(gate in standing.gates for gate in GATES):
        return (Sentence("Its readiness has not been looked at."),)
    return tuple(
        Sentence("The gate %(gate)s is %(status)s and nobody let it pass.",
                 {"gate": gate, "status": status})
        for gate, status in standing.gates.items()
        if status != "green" and gate not in standing.overridden
    )  # fmt: skip


def _approvals_missing(standing: Standing) -> tuple[Sentence, ...]:
    return tuple(
        Sentence("%(who)s must approve a guardrail that it breaks.", {"who": who})
        for who in standing.unapproved
    )


def _demand_open(standing: Standing, move: Move, side: Side) -> Possible:
    if move not in MOVES:
        raise UnknownNameError("move", move, MOVES)
    here = {each.move: each for each in moves(standing)}
    if move not in here:
        raise BadInputError(
            f"move: got {move!r} of a plan that is {standing.state}, allowed: {', '.join(here)}"
        )
    found = here[move]
    if side not in found.sides:
        raise BadInputError(
            f"side: got {side!r}, allowed to {move}: {', '.join(sorted(found.sides)) or 'nobody'}"
        )
    if found.missing:
        raise BadInputError(f"{move}: {' '.join(str(each) for each in found.missing)}")
    return found


def _kept(standing: Standing, to: State) -> frozenset[GateName]:
    return standing.overridden if to in ("agreed", *FIXED) else frozenset()
