"""How plans move: who may do what, what it needs, and that a yes holds for one content only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.decisions.planning.activity import (
    GATES,
    SIDES,
    STATES,
    check_conflict,
    check_gate,
    check_kind,
    check_side,
    check_state,
)
from offtake.decisions.planning.workflow import FIXED, MOVES, Standing, edited, moved, moves
from offtake.errors import BadInputError, UnknownNameError
from tests.library.small_plans import plan

GREEN = dict.fromkeys(GATES, "green")
PLAN = Standing(state="draft", content=1)


def names(standing: Standing) -> list[str]:
    return [each.move for each in moves(standing)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", ["propose", "cancel"]),
        ("proposed", ["agree", "withdraw", "cancel"]),
        ("agreed", ["withdraw", "lock", "cancel"]),
        ("locked", ["execute", "reopen", "cancel"]),
        ("executed", ["review"]),
        ("reviewed", []),
        ("cancelled", ["reopen"]),
    ],
)
def test_moves_that_exist(state: str, expected: list[str]) -> None:
    assert names(replace(PLAN, state=state)) == expected


def test_the_whole_way_needs_both_sides_and_every_gate() -> None:
    standing = moved(PLAN, "propose", "marketing")
    standing = moved(standing, "agree", "sales")
    assert standing.state == "proposed"
    standing = moved(standing, "agree", "marketing")
    assert standing.state == "agreed"
    with pytest.raises(BadInputError, match="readiness has not been looked at"):
        moved(standing, "lock", "sales")
    standing = moved(replace(standing, gates=GREEN), "lock", "sales")
    with pytest.raises(BadInputError, match="first day has not come"):
        moved(standing, "execute", "sales")
    standing = moved(replace(standing, started=True), "execute", "sales")
    assert moved(standing, "review", "marketing").state == "reviewed"


def test_a_side_cannot_agree_twice_nor_for_the_other() -> None:
    standing = moved(replace(PLAN, state="proposed"), "agree", "sales")
    with pytest.raises(BadInputError, match="got 'sales', allowed to agree: marketing"):
        moved(standing, "agree", "sales")


def test_a_yes_to_another_content_does_not_count() -> None:
    standing = Standing(state="proposed", content=4, yes={"sales": 3})
    assert standing.agreeing == frozenset()
    assert moved(standing, "agree", "marketing").state == "proposed"


def test_a_gate_that_is_not_green_holds_the_lock_unless_somebody_let_it_pass() -> None:
    amber = GREEN | {"slot_confirmed": "amber"}
    standing = Standing(state="agreed", content=1, yes=dict.fromkeys(SIDES, 1), gates=amber)
    lock = next(each for each in moves(standing) if each.move == "lock")
    assert [str(each) for each in lock.missing] == [
        "The gate slot_confirmed is amber and nobody let it pass."
    ]
    passed = replace(standing, overridden=frozenset({"slot_confirmed"}))
    assert moved(passed, "lock", "sales").state == "locked"


def test_a_broken_guardrail_holds_the_lock_until_its_approver_says_yes() -> None:
    standing = Standing(
        state="agreed", content=1, yes=dict.fromkeys(SIDES, 1), gates=GREEN, unapproved=("Ana",)
    )
    with pytest.raises(BadInputError, match="Ana must approve"):
        moved(standing, "lock", "sales")


def test_withdrawing_from_agreed_takes_back_one_yes_only() -> None:
    standing = Standing(state="agreed", content=2, yes=dict.fromkeys(SIDES, 2))
    after = moved(standing, "withdraw", "sales")
    assert (after.state, dict(after.yes)) == ("proposed", {"marketing": 2})


@given(
    state=st.sampled_from(STATES),
    content=st.integers(1, 9),
    yes=st.dictionaries(st.sampled_from(SIDES), st.integers(1, 9)),
    side=st.sampled_from(SIDES),
    move=st.sampled_from(MOVES),
)
def test_agreed_is_reached_only_with_both_yes_to_the_present_content(
    state: str, content: int, yes: dict[str, int], side: str, move: str
) -> None:
    standing = Standing(state=state, content=content, yes=yes)
    try:
        after = moved(standing, move, side)
    except BadInputError:
        return
    if after.state == "agreed":
        assert after.agreeing == frozenset(SIDES)


@given(state=st.sampled_from(STATES), yes=st.dictionaries(st.sampled_from(SIDES), st.just(1)))
def test_a_change_of_content_takes_every_yes_back(state: str, yes: dict[str, int]) -> None:
    standing = Standing(state=state, content=1, yes=yes, overridden=frozenset(GATES))
    if state in FIXED:
        with pytest.raises(BadInputError, match="cannot be changed"):
            edited(standing)
        return
    after = edited(standing)
    assert after.agreeing == frozenset()
    assert after.state in ("draft", "proposed")
    assert not after.overridden


def test_a_move_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown move 'skip'"):
        moved(PLAN, "skip", "sales")
    with pytest.raises(BadInputError, match="allowed: propose, cancel"):
        moved(PLAN, "lock", "sales")


@pytest.mark.parametrize("check", [check_kind, check_state, check_side, check_gate, check_conflict])
def test_words_outside_the_closed_lists_are_refused(check: object) -> None:
    with pytest.raises(UnknownNameError, match="'sails'"):
        check("sails")  # type: ignore[operator]  # each is a function of a name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"last_day": plan().first_day.replace(day=1)}, "last_day"),
        ({"price_cut": 100.0}, "price_cut"),
        ({"cost": -1.0}, "cost"),
        ({"kind": "sale"}, "kind of plan"),
    ],
)
def test_an_activity_that_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        plan(**changes)
