"""The guardrails of a market in words: what holds, who says yes, and who changed what when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from offtake.decisions.planning.guardrails import RULES, Rule, check_rule
from offtake_web.plans.diff import Difference
from offtake_web.plans.guardrails import SET, TERMS, approver_of, set_of
from offtake_web.plans.models import MarketGuardrail
from offtake_web.plans.wording import coded


@dataclass(frozen=True, slots=True)
class Line:
    """One guardrail, as a row of the table shows it."""

    rule: Rule
    label: str
    on: bool
    limit: str
    kinds: str
    approver: str
    lapsed: str
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a guardrail: when, who, which, the version it made, and each field."""

    on: datetime
    who: str
    rule: Rule
    label: str
    version: int
    changes: tuple[Difference, ...]


def lines(market: str, currency: str) -> list[Line]:
    """Return the guardrails of a market, those in force and those that are not."""
    return [_line(each, currency) for each in set_of(market)]


def _line(row: MarketGuardrail, currency: str) -> Line:
    rule, person = check_rule(row.rule), approver_of(row)
    return Line(
        rule=rule,
        label=str(TERMS[rule].label),
        on=row.on,
        limit=in_words(row, "limit", currency),
        kinds=in_words(row, "kinds", currency),
        approver=str(person or coded(row.role)),
        lapsed=str(row.person) if row.person and person is None else "",
        version=row.version,
    )


def in_words(row: Any, field: str, currency: str) -> str:  # noqa: ANN401  # or a row of the history
    """Write what is set of a guardrail as its reader says it."""
    if field == "limit":
        return TERMS[check_rule(row.rule)].words(row.limit, currency)
    if field == "kinds":
        return ", ".join(coded(each) for each in row.kinds) or _("all")
    if field == "on":
        return _("yes") if row.on else _("no")
    if field == "person":
        return str(row.person) if row.person_id else _("nobody by name")
    return coded(row.role)


def label(field: str) -> str:
    return str(MarketGuardrail._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # plain fields


def differences(before: Any, after: Any, currency: str) -> tuple[Difference, ...]:  # noqa: ANN401  # as above
    """Compare two versions of a guardrail, saved ones or ones of its history."""
    pairs = ((name, in_words(before, name, currency), in_words(after, name, currency))
             for name in SET)  # fmt: skip
    return tuple(Difference(name, label(name), was, now) for name, was, now in pairs if was != now)


def past(market: str, currency: str) -> list[Change]:
    """Return the changes of the guardrails of a market, the latest first."""
    rows = MarketGuardrail.history.filter(market=market).select_related("history_user", "person")
    by_rule: dict[str, list[Any]] = {rule: [] for rule in RULES}
    for row in rows.order_by("history_date", "history_id"):
        by_rule[row.rule].append(row)
    found = [each for mine in by_rule.values() for each in _changes(mine, currency)]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _changes(rows: list[Any], currency: str) -> Iterator[Change]:
    for before, after in pairwise(rows):
        rule = check_rule(after.rule)
        yield Change(
            after.history_date,
            str(after.history_user or ""),
            rule,
            str(TERMS[rule].label),
            after.version,
            differences(before, after, currency),
        )
