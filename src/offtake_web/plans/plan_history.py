"""The history of a plan in plain words: who did what when, and what changed by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offtake.decisions.planning.guardrails import check_rule
from offtake_web.plans.diff import Difference, differences
from offtake_web.plans.facts import Known
from offtake_web.plans.guardrails import TERMS
from offtake_web.plans.models import Approval, Commitment, Confirmation, GateName, Plan


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, who, what in words, which version it made, what changed."""

    on: datetime
    who: str
    what: str
    version: int | None = None
    changes: tuple[Difference, ...] = ()


def events(plan: Plan, known: Known) -> list[Event]:
    """Return what happened to a plan, the latest first."""
    found = [*_of_plan(plan, known), *_of_promises(plan), *_of_words(plan), *_of_rules(plan, known)]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _of_plan(plan: Plan, known: Known) -> Iterator[Event]:
    rows = list(plan.history.select_related("history_user"))
    for after, before in pairwise([*rows, None]):
        changes = tuple(differences(before, after, known)) if before else ()
        yield _event(after, _(after.history_change_reason or "changed"), after.version, changes)


def _of_promises(plan: Plan) -> Iterator[Event]:
    for row in Commitment.history.filter(plan_id=plan.pk).select_related("history_user"):
        words = {"what": row.what, "done": _(row.history_change_reason or "changed")}
        yield _event(row, _("%(done)s: %(what)s") % words)


def _of_words(plan: Plan) -> Iterator[Event]:
    for row in Confirmation.history.filter(plan_id=plan.pk).select_related("history_user"):
        words = {
            "gate": GateName(row.gate).label,
            "done": _(row.history_change_reason or "changed"),
        }
        yield _event(row, _("%(gate)s: %(done)s") % words)


def _of_rules(plan: Plan, known: Known) -> Iterator[Event]:
    """Return gates let pass, guardrails answered and what was recorded, each with its own words."""
    for gate in plan.overrides.all():
        words = {"gate": GateName(gate.gate).label, "reason": gate.reason}
        yield Event(gate.made, str(gate.by), _("let %(gate)s pass: %(reason)s") % words)
    for answer in plan.approvals.all():
        yield Event(answer.made, str(answer.by), _answered(answer, known.currency))
    for record in plan.executions.all():
        day = {"day": date_format(record.on, "SHORT_DATE_FORMAT"), "note": record.note}
        yield Event(record.made, str(record.by), _("saw on %(day)s: %(note)s") % day)


def _answered(answer: Approval, currency: str) -> str:
    """Say what was answered: to which guardrail, and under which limit where that was kept."""
    said = _("approved a guardrail") if answer.yes else _("refused a guardrail")
    term = TERMS[check_rule(answer.rule)]
    limit = "" if answer.limit is None else f", {term.words(answer.limit, currency)}"
    return f"{said} ({term.label}{limit}). {answer.note}".rstrip(". ")


def _event(
    row: Any,  # noqa: ANN401  # a row of a history has no type of its own
    what: str,
    version: int | None = None,
    changes: tuple[Difference, ...] = (),
) -> Event:
    return Event(row.history_date, str(row.history_user or ""), what, version, changes)
