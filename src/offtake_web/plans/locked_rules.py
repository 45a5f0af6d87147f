"""Guardrails that let less pass than on the day a plan was locked; the plan stays locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offtake.decisions.planning.activity import Kind
from offtake.decisions.planning.guardrails import Broken, Rule
from offtake_web.plans.guardrails import TERMS, guardrail_of, standard, tightened
from offtake_web.plans.models import LOCKED_IT, MarketGuardrail, Plan, State

Past = Mapping[str, list[Any]]
"""The versions of every guardrail of a market, by rule, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """A guardrail as it was when a plan was locked that breaks it now.

    Parameters
    ----------
    rule
        Which.
    on
        The day on which the plan was locked.
    limit
        In the unit of the rule; None where it did not hold for such a plan.
    now
        The limit of today.
    """

    rule: Rule
    on: date
    limit: float | None
    now: float

    def words(self, currency: str) -> str:
        """Say which limit the plan was locked under, and which holds today."""
        write = TERMS[self.rule].words
        values = {
            "day": date_format(self.on, "SHORT_DATE_FORMAT"),
            "old": write(self.limit, currency),
            "new": write(self.now, currency),
        }
        if self.limit is None:
            return _("Locked on %(day)s, when it was not in force; today's is %(new)s.") % values
        return _("Locked under the rule of %(day)s: %(old)s; today's is %(new)s.") % values


def locked_since(plans: Iterable[Plan]) -> dict[int, datetime]:
    """Return when those of some plans that are locked were locked; it may ask the database once."""
    locked = [plan.pk for plan in plans if plan.pk and plan.state == State.LOCKED]
    if not locked:
        return {}
    rows = Plan.history.filter(id__in=locked, history_change_reason=LOCKED_IT)
    return dict(rows.order_by().values_list("id").annotate(Max("history_date")))


def day_of(moment: datetime | None) -> date | None:
    return None if moment is None else timezone.localdate(moment)


def past_rules(market: str) -> Past:
    """Return what was set of the guardrails of a market, ever."""
    rows = MarketGuardrail.history.filter(market=market).order_by("history_date", "history_id")
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.rule, []).append(row)
    return found


def older_rules(
    kind: Kind, broken: Iterable[Broken], since: datetime, past: Past
) -> dict[str, Then]:
    """Return the broken guardrails that let more pass on the day of the lock, by rule."""
    found: dict[str, Then] = {}
    for each in broken:
        now = guardrail_of(each)
        limit = _limit_then(kind, now.rule, since, past)
        if limit is None or tightened(now.rule, was=limit, now=now.given):
            day = timezone.localdate(since)
            found[now.rule] = Then(rule=now.rule, on=day, limit=limit, now=now.given)
    return found


def _limit_then(kind: Kind, rule: Rule, since: datetime, past: Past) -> float | None:
    before = [row for row in past.get(rule, []) if row.history_date <= since]
    row = before[-1] if before else standard("", rule)
    return row.limit if row.on and (not row.kinds or kind in row.kinds) else None
