"""What the page of one plan shows, in words and figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from offtake.decisions.planning.conflicts import Conflict
from offtake.decisions.planning.forecast import Estimate, Forecast, Outcome
from offtake.decisions.planning.guardrails import Broken
from offtake.decisions.planning.readiness import Gate
from offtake.decisions.planning.sentence import Sentence
from offtake.decisions.planning.workflow import Possible, moves
from offtake.report.words import amount
from offtake.units import Unit
from offtake_web.accounts.access import may, scope_of, side_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.common.numerals import numerals
from offtake_web.plans.diff import in_words, label
from offtake_web.plans.facts import Known, known
from offtake_web.plans.guardrails import TERMS
from offtake_web.plans.judging import AHEAD, Judged
from offtake_web.plans.models import (
    Approval,
    Comment,
    Confirmation,
    GateName,
    Override,
    Plan,
)
from offtake_web.plans.plan_words import CONFLICTS, LINES, MOVES, PARTS
from offtake_web.plans.queries import answers, judged, outdated, standing
from offtake_web.plans.results import Result, results_of
from offtake_web.plans.rules import GATES_OF, MOVE_NEEDS, UNDECIDED, is_approver
from offtake_web.plans.sight import touches, visible, within
from offtake_web.plans.wording import coded
from offtake_web.plans.wording import in_words as sentence

FACTS = ("kind", "first_day", "last_day", "retailers", "store_ids", "product_ids", "brands",
         "price_cut", "display", "feature", "cost", "cost_per_unit", "side")  # fmt: skip
BRIEF = ("benefit", "emotion", "lifestyle", "audience", "message", "touchpoints")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a forecast, as planned and at the usual execution: value and range each."""

    label: str
    planned: tuple[str, str]
    usual: tuple[str, str]
    part: bool

    @property
    def both(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return self.planned, self.usual


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate, its words, and what its reader may do about it."""

    gate: Gate
    label: str
    reason: str
    word: Confirmation | None
    passed: Override | None
    may_confirm: bool
    may_pass: bool


@dataclass(frozen=True, slots=True)
class ConflictRow:
    conflict: Conflict
    label: str
    reason: str
    other: Plan | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A broken guardrail, who may say yes, what they said, and whether its reader is one.

    ``outdated`` is the limit, in words, that an answer was given under which no longer holds;
    ``locked`` says of a locked plan under which rule it was.
    """

    broken: Broken
    reason: str
    approver: str
    answer: Approval | None
    outdated: str
    locked: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move that its reader's side may make, and what is missing for it."""

    name: str
    label: str
    missing: tuple[str, ...]


class PlanPage:
    """One plan for one reader; each part is worked out when the page asks for it.

    Parameters
    ----------
    plan
        With all that hangs on it.
    user
        Who reads it.
    market
        Its market.
    """

    def __init__(self, plan: Plan, user: User, market: Market) -> None:
        self.plan, self.user, self.market = plan, user, market

    @cached_property
    def known(self) -> Known:
        return known(self.market)

    @cached_property
    def judged(self) -> Judged:
        return judged(self.plan, self.known)

    @cached_property
    def within(self) -> bool:
        return within(scope_of(self.user), self.plan, self.known)

    def may(self, permission: str) -> bool:
        return may(self.user, permission)  # type: ignore[arg-type]  # named in templates

    @property
    def may_edit(self) -> bool:
        ended = self.plan.state in ("locked", "executed", "reviewed", "cancelled")
        return may(self.user, "plan.edit") and self.within and not ended

    @property
    def may_copy(self) -> bool:
        return may(self.user, "plan.edit") and self.within

    @property
    def ahead(self) -> bool:
        """Whether what stands in the way can still be mended."""
        return self.plan.state in AHEAD

    @property
    def may_link(self) -> bool:
        fixed = self.plan.state in ("locked", "executed", "reviewed")
        return may(self.user, "plan.edit") and self.within and fixed

    @property
    def may_record(self) -> bool:
        return may(self.user, "plan.execute") and self.plan.state in ("locked", "executed")

    @property
    def may_commit(self) -> bool:
        ended = self.plan.state in ("reviewed", "cancelled")
        return may(self.user, "plan.commit") and not ended

    @property
    def leads(self) -> str:
        """The side whose promises its reader looks after; empty for none."""
        return (may(self.user, "plan.edit") and side_of(self.user)) or ""

    @property
    def moves(self) -> list[MoveRow]:
        """Return the moves of its reader's side, but those that have forms of their own."""
        side = side_of(self.user)
        if side is None or not self.within:
            return []
        stands = standing(self.plan, self.judged)
        return [
            MoveRow(each.move, str(MOVES[each.move]), tuple(map(sentence, each.missing)))
            for each in moves(stands)
            if side in each.sides and each.move in MOVES and self._may_move(each)
        ]

    def _may_move(self, move: Possible) -> bool:
        return may(self.user, MOVE_NEEDS.get(move.move, "plan.edit"))

    @property
    def may_review(self) -> bool:
        return may(self.user, "plan.edit") and self.within and self.plan.state == "executed"

    @property
    def yes(self) -> list[tuple[str, bool]]:
        return [(side, self.plan.yes_of(side)) for side in ("marketing", "sales")]

    @property
    def facts(self) -> list[tuple[str, str]]:
        return self._words(FACTS)

    @property
    def brief(self) -> list[tuple[str, str]]:
        return [(name, text) for name, text in self._words(BRIEF) if text != _("none")]

    def _words(self, fields: Iterable[str]) -> list[tuple[str, str]]:
        return [
            (label(name), in_words(name, getattr(self.plan, name), self.known)) for name in fields
        ]

    @property
    def forecast(self) -> list[Line]:
        found = self.judged.forecast
        if not isinstance(found, Forecast):
            return []
        return list(_lines(found.planned, found.usual, self.known.currency))

    @property
    def not_known(self) -> str:
        found = self.judged.forecast
        return "" if isinstance(found, Forecast) else sentence(found.reason)

    @property
    def caveats(self) -> list[str]:
        found = self.judged.forecast
        return [sentence(each) for each in found.caveats] if isinstance(found, Forecast) else []

    @property
    def older_base(self) -> date | None:
        """The last week of the data, where the plan begins long after it."""
        last = self.known.facts.last_week
        return last if last and (self.plan.first_day - last).days > 13 * 7 else None

    @cached_property
    def gates(self) -> list[GateRow]:
        words = {each.gate: each for each in self.plan.confirmations.all()}
        passed = {each.gate: each for each in self.plan.overrides.all()
                  if each.content_version == self.plan.content_version}  # fmt: skip
        passing = self.plan.state == "agreed" and may(self.user, "plan.approve") and self.within
        return [
            GateRow(
                gate,
                str(GateName(gate.name).label),
                sentence(gate.reason),
                words.get(gate.name),
                passed.get(gate.name),
                self._may_confirm(gate),
                passing and gate.status != "green",
            )
            for gate in self.judged.gates
        ]

    def _may_confirm(self, gate: Gate) -> bool:
        permission = GATES_OF.get(gate.name)
        if permission is None or (gate.name == "stock_cover" and not self._stock_is_known):
            return False
        return may(self.user, permission) and self.within

    @property
    def _stock_is_known(self) -> bool:
        """Whether units on their way can be held against what is short."""
        cover, mine = self.known.facts.cover or {}, self.judged.activity
        pairs = [(item, place) for item in mine.product_ids for place in mine.retailers]
        return bool(pairs) and all(pair in cover for pair in pairs)

    @property
    def ready(self) -> str:
        found = self.judged.readiness
        return found.overall if found else ""

    @cached_property
    def conflicts(self) -> list[ConflictRow]:
        """Return the conflicts with plans that its reader sees, and with the shelf."""
        keys = [each.other for each in self.judged.conflicts if each.other]
        scope = scope_of(self.user)
        others = {
            str(each.pk): each
            for each in (Plan.objects.filter(pk__in=keys) if keys else ())
            if touches(scope, each, self.known)
        }
        return [
            ConflictRow(
                each,
                str(CONFLICTS[each.kind]),
                sentence(each.reason),
                others.get(each.other or ""),
            )
            for each in self.judged.conflicts
            if each.other is None or each.other in others
        ]

    @property
    def unseen(self) -> int:
        """How many conflicts are with plans outside its reader's part of the business."""
        return len(self.judged.conflicts) - len(self.conflicts)

    @property
    def rules(self) -> list[RuleRow]:
        said = answers(self.plan) if self.plan.pk else {}
        return [self._rule(each, said.get(each.guardrail.rule)) for each in self.judged.broken]

    def _rule(self, broken: Broken, answer: Approval | None) -> RuleRow:
        asked = self.plan.state in UNDECIDED
        old = answer if answer and asked and outdated(answer, broken) else None
        words = TERMS[broken.guardrail.rule].words
        return RuleRow(
            broken,
            self._said(broken.reason),
            coded(broken.approver),
            answer,
            words(old.limit, self.known.currency) if old else "",
            "" if asked else self._locked(broken, answer),
            self.within and asked and is_approver(self.user, broken),
        )

    def _locked(self, broken: Broken, answer: Approval | None) -> str:
        """Say how a plan came to be locked that breaks a guardrail now."""
        then = self.judged.older.get(broken.guardrail.rule)
        if then is not None:
            return then.words(self.known.currency)
        if answer is not None and answer.yes:
            return _("It was approved before the lock.")
        return _("It kept this limit when it was locked; the figures have changed since.")

    def _said(self, reason: Sentence) -> str:
        """Write a reason; the name of a plan that its reader does not see stays out of it."""
        other = reason.values.get("other")
        if other is None or scope_of(self.user).everything:
            return sentence(reason)
        if visible(self.user, self.market).filter(name=other).exists():
            return sentence(reason)
        return sentence(replace(reason, values={**reason.values, "other": _("another plan")}))

    @property
    def commitments(self) -> list[tuple[str, list[Any]]]:
        rows = list(self.plan.commitments.all())
        return [(side, [row for row in rows if row.side == side])
                for side in ("marketing", "sales")]  # fmt: skip

    @property
    def threads(self) -> list[tuple[Comment, list[Comment]]]:
        """Return the comments that begin a thread, each with those below it."""
        rows = list(self.plan.comments.all())
        above = {row.pk: row.reply_to_id for row in rows}
        below: dict[int, list[Comment]] = {}
        for row in rows:
            below.setdefault(_first(row.pk, above), []).append(row)
        return [(found[0], found[1:]) for found in below.values()]

    @cached_property
    def mentioned(self) -> bool:
        """Whether its reader is named in a comment that they have not marked as read."""
        return any(
            mention.user_id == self.user.pk and mention.read is None
            for comment in self.plan.comments.all()
            for mention in comment.mentions.all()
        )

    @cached_property
    def results(self) -> list[Result]:
        """What the plan became, as the published run measures it."""
        return results_of(self.plan, self.user, self.market)

    @property
    def split(self) -> bool:
        """Whether a part of the plan was measured alone, and a part together with others."""
        return len(self.results) > 1


def _first(pk: int, above: dict[int, int | None]) -> int:
    while (higher := above.get(pk)) is not None:
        pk = higher
    return pk


def _lines(planned: Outcome, usual: Outcome, currency: str) -> Iterator[Line]:
    for name, (words, unit, scale) in LINES.items():
        one, other = getattr(planned, name), getattr(usual, name)
        if one is not None or other is not None:
            texts = [_interval(each, unit, scale, currency) for each in (one, other)]
            yield Line(str(words), texts[0], texts[1], part=name in PARTS)


def _interval(found: Estimate | None, unit: Unit, scale: float, currency: str) -> tuple[str, str]:
    if found is None:
        return _("not known"), ""
    value, low, high = (
        numerals(amount(scale * each, unit, currency))
        for each in (found.value, found.low, found.high)
    )
    return value, "" if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
