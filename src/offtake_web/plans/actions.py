"""Changes of what is planned. Each: who may, in one transaction, on a version, with its history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from offtake.decisions.planning.workflow import edited
from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.facts import Known
from offtake_web.plans.models import CONTENT, GateName, Plan, State
from offtake_web.plans.queries import judged, standing
from offtake_web.plans.sight import known_of
from offtake_web.plans.writing import (
    PlanRuleError,
    StaleVersionError,
    demand_open,
    demand_reach,
    keep,
    opened,
    remember,
)

BRIEF = ("benefit", "emotion", "lifestyle", "audience", "message", "touchpoints")
PLACE = ("first_day", "last_day", "product_ids", "retailers", "store_ids")
MECHANICS = ("price_cut", "display", "feature")
VOIDS: Mapping[str, Collection[str]] = {
    GateName.BRIEF: BRIEF,
    GateName.SLOT: PLACE,
    GateName.STOCK_COVER: (*PLACE, *MECHANICS),
}
"""A word given for a brief, or for days and places, does not hold for others."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A plan after a change, and which fields others had changed meanwhile, kept as theirs."""

    plan: Plan
    theirs: tuple[str, ...] = field(default=())


def create(market: Market, values: Mapping[str, Any], *, by: User) -> Plan:
    """Make a plan of the given content, as a draft.

    Raises
    ------
    PermissionDenied
        If somebody may not, or it would reach beyond their part of the business.
    ValidationError
        By field, if a value is not allowed.
    """
    demand(by, "plan.edit")
    plan = Plan(market=market.key, created_by=by, updated_by=by)
    _fill(plan, _read(values))
    demand_reach(plan, by=by)
    with transaction.atomic():
        remember(plan, by=by, what=gettext_noop("made"))
        plan.save()
    return plan


def change(plan: Plan, values: Mapping[str, Any], *, version: int, by: User) -> Changed:
    """Change what is planned, from the version that somebody saw.

    Where others changed other fields meanwhile, both changes stay, and theirs are named.

    Raises
    ------
    PermissionDenied
        If somebody may not, or it is or would be beyond their part of the business.
    StaleVersionError
        If others changed the same fields meanwhile to something else.
    PlanRuleError
        If the content is fixed.
    ValidationError
        By field, if a value is not allowed.
    """
    with transaction.atomic():
        now = opened(plan, "plan.edit", by=by)
        mine, theirs = _merged(now, _read(values), version)
        demand_open(now)
        return Changed(_write(now, mine, by=by, what=gettext_noop("changed")), theirs)


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn texts into what the fields hold, so that equal values compare as equal."""
    _demand_known_fields(values)
    found, wrong = {}, {}
    for name, value in values.items():
        field = Plan._meta.get_field(name)
        try:
            exact = repr(value) if isinstance(value, float) else value
            found[name] = field.to_python(exact)  # type: ignore[union-attr]  # plain fields
        except ValidationError as error:
            wrong[name] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return found


def _merged(
    now: Plan, values: Mapping[str, Any], version: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Tell what somebody changed from what others changed since the version that they saw."""
    if version == now.version:
        return dict(values), ()
    before = now.history.filter(version=version).first()
    if before is None:
        raise StaleVersionError(now, version, mine=values)
    mine = {name: value for name, value in values.items() if value != getattr(before, name)}
    theirs = [name for name in CONTENT if getattr(now, name) != getattr(before, name)]
    if any(name in theirs and value != getattr(now, name) for name, value in mine.items()):
        seen = {name: getattr(before, name) for name in CONTENT}
        raise StaleVersionError(now, version, before=seen, mine=mine)
    return mine, tuple(theirs)


def _write(now: Plan, values: Mapping[str, Any], *, by: User, what: str) -> Plan:
    before = {name: getattr(now, name) for name in CONTENT}
    _fill(now, values)
    touched = {name for name in CONTENT if getattr(now, name) != before[name]}
    if not touched:
        return now
    demand_reach(now, by=by)
    after = edited(standing(now, judged(now)))
    now.state, now.content_version = after.state, after.content
    for gate, fields in VOIDS.items():
        if touched & set(fields):
            for word in now.confirmations.filter(gate=gate):
                remember(word, by=by, what=gettext_noop("no longer holds"))
                word.delete()
    keep(now, by=by, what=what)
    return now


def _demand_known_fields(values: Mapping[str, Any]) -> None:
    unknown = sorted(values.keys() - set(CONTENT))
    if unknown:
        raise ValidationError(
            _("Got %(got)s; allowed: %(allowed)s.")
            % {"got": ", ".join(unknown), "allowed": ", ".join(CONTENT)}
        )


def _fill(plan: Plan, values: Mapping[str, Any]) -> None:
    """Give a plan new content, checked field by field."""
    _demand_known_fields(values)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.full_clean(exclude=("created_by", "updated_by"), validate_unique=False)
    known = known_of(plan)
    _demand_known_names(plan, known)
    plan.brands = sorted(set(plan.brands) | known.brands_of(plan.product_ids))


def _demand_known_names(plan: Plan, known: Known) -> None:
    """Refuse items and stores that the published run does not know, where it knows any."""
    facts = known.facts
    wrong: dict[str, list[str]] = {}
    for name, got, allowed in (
        ("product_ids", plan.product_ids, facts.items),
        ("retailers", plan.retailers, facts.retailers),
        ("store_ids", plan.store_ids or (), facts.stores),
    ):
        unknown = [each for each in got if allowed and each not in allowed]
        if unknown:
            wrong[name] = [_("Not known: %(names)s.") % {"names": ", ".join(unknown)}]
    if wrong:
        raise ValidationError(wrong)


def copy(plan: Plan, *, by: User, first_day: date | None = None) -> Plan:
    """Make a draft with the content of a plan, from another first day on.

    Raises
    ------
    PermissionDenied
        If somebody may not, or the plan reaches beyond their part of the business.
    """
    demand(by, "plan.edit")
    demand_reach(plan, by=by)
    later = (first_day - plan.first_day) if first_day else timedelta()
    values = {name: getattr(plan, name) for name in CONTENT}
    values["first_day"], values["last_day"] = plan.first_day + later, plan.last_day + later
    values["name"] = (_("Copy of %(name)s") % {"name": plan.name})[:120]
    new = Plan(market=plan.market, created_by=by, updated_by=by)
    _fill(new, values)
    with transaction.atomic():
        remember(new, by=by, what=gettext_noop("copied"))
        new.save()
    return new


def undo(plan: Plan, *, version: int, by: User) -> Plan:
    """Take the last change of content back, as a new change; doing it twice brings it again.

    Raises
    ------
    PermissionDenied, StaleVersionError
        As everywhere.
    PlanRuleError
        If the content is fixed, or was never changed.
    """
    with transaction.atomic():
        now = opened(plan, "plan.edit", by=by, version=version)
        demand_open(now)
        before = now.history.filter(content_version__lt=now.content_version).first()
        if before is None:
            raise PlanRuleError(_("Nothing was changed since it was made."))
        values = {name: getattr(before, name) for name in CONTENT}
        return _write(now, values, by=by, what=gettext_noop("took the last change back"))


def link_result(plan: Plan, promotion_id: str, *, version: int, by: User) -> Plan:
    """Say which promotion of the data a plan became; an empty id takes that back.

    Raises
    ------
    PermissionDenied, StaleVersionError
        As everywhere.
    PlanRuleError
        If it was not carried out yet.
    """
    with transaction.atomic():
        now = opened(plan, "plan.edit", by=by, version=version)
        if now.state not in (State.LOCKED, State.EXECUTED, State.REVIEWED):
            raise PlanRuleError(_("Only a plan that was locked has a result."))
        now.promotion_id = promotion_id.strip()[:80]
        keep(now, by=by, what=gettext_noop("linked to its result"))
        return now
