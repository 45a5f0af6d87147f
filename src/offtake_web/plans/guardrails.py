"""The guardrails of a market: the limits that it set, and the standard ones where it set none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from offtake.decisions.planning.activity import check_kind
from offtake.decisions.planning.guardrails import RULES, Broken, Guardrail, Rule, check_rule
from offtake_web.accounts.access import GRANTS, may, scope_of
from offtake_web.accounts.models import Role, User
from offtake_web.plans.models import MarketGuardrail

SET = ("on", "limit", "kinds", "role", "person")
"""What can be set of a guardrail."""
APPROVERS: tuple[Role, ...] = tuple(role for role in Role if "plan.approve" in GRANTS[role])


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a rule is called, and in which unit and range its limit is given.

    Parameters
    ----------
    label
        What people call it.
    unit
        Of the limit: ``money``, ``percent``, ``weeks`` or ``days``.
    low, high
        The least and the most that the limit can be.
    places
        Its decimal places.
    scale
        How many of the unit make one of the library's.
    """

    label: Promise
    unit: str
    low: int
    high: int
    places: int = 0
    scale: int = 1

    def words(self, limit: float | None, currency: str = "") -> str:
        """Write a limit with its unit."""
        if limit is None:
            return _("none")
        places = 0 if limit == round(limit) else self.places
        figure = number_format(limit, places, force_grouping=True)
        if self.unit == "percent":
            return f"{figure} %"
        if self.unit == "money":
            return f"{figure} {currency}".rstrip()
        return _counted(self.unit, int(limit)) % {"number": figure}


def _counted(unit: str, number: int) -> str:
    if unit == "weeks":
        return ngettext("%(number)s week", "%(number)s weeks", number)
    return ngettext("%(number)s day", "%(number)s days", number)


TERMS: Mapping[Rule, Term] = MappingProxyType(
    {
        "most_cost": Term(label=gettext_lazy("highest cost"), unit="money", low=0, high=10**11,
                          places=2),
        "deepest_price_cut": Term(label=gettext_lazy("deepest price cut"), unit="percent", low=0,
                                  high=100, places=1),
        "least_roi": Term(label=gettext_lazy("least net return on cost"), unit="percent",
                          low=-100, high=1000, places=1, scale=100),
        "least_weeks_between": Term(label=gettext_lazy("least time between deals"), unit="weeks",
                                    low=0, high=104),
        "least_lead_days": Term(label=gettext_lazy("shortest notice"), unit="days", low=0,
                                high=730),
        "most_days": Term(label=gettext_lazy("longest duration"), unit="days", low=1, high=730),
        "most_store_share": Term(label=gettext_lazy("largest share of all stores"),
                                 unit="percent", low=0, high=100, places=1),
    }
)  # fmt: skip
STANDARD: Mapping[Rule, Mapping[str, Any]] = MappingProxyType(
    {
        "deepest_price_cut": {"limit": 33.0},
        "least_roi": {"limit": -50.0, "role": Role.MARKETING, "kinds": ["promotion"]},
        "least_weeks_between": {"limit": 2.0},
        "most_days": {"limit": 42.0, "kinds": ["promotion", "display"]},
    }
)
"""Limits that hold until a market sets its own; the other rules are off until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce(Guardrail):
    """A guardrail as it holds in a market.

    Parameters
    ----------
    given
        The limit in the unit in which it was given.
    person
        The key of the person whose yes counts alone; None where it is anybody of the role.
    version
        Of the guardrail.
    """

    given: float
    person: int | None = None
    version: int = 1


def guardrail_of(broken: Broken) -> InForce:
    """Return the guardrail that a plan breaks; plans are held to those in force alone."""
    return cast("InForce", broken.guardrail)


def standard(market: str, rule: Rule) -> MarketGuardrail:
    """Return the standard guardrail of a rule, as the market's own; it is not saved."""
    values = {"role": Role.SALES_LEAD, **STANDARD.get(rule, {})}
    return MarketGuardrail(market=market, rule=rule, on=rule in STANDARD, **values)


def set_of(market: str) -> list[MarketGuardrail]:
    """Return the guardrails of a market, one per rule, in the order of the rules."""
    own = {each.rule: each for each in _own(market)}
    return [own.get(rule) or standard(market, rule) for rule in RULES]


def one_of(market: str, rule: Rule) -> MarketGuardrail:
    """Return one guardrail of a market."""
    return _own(market).filter(rule=rule).first() or standard(market, rule)


def _own(market: str) -> QuerySet[MarketGuardrail]:
    return MarketGuardrail.objects.filter(market=market).select_related("person")


def in_force(market: str) -> tuple[InForce, ...]:
    """Return the guardrails that plans of a market are held to now."""
    return tuple(_held_to(each) for each in set_of(market) if each.on and each.limit is not None)


def _held_to(row: MarketGuardrail) -> InForce:
    rule, person = check_rule(row.rule), approver_of(row)
    given = float(row.limit or 0)
    return InForce(
        rule=rule,
        limit=given / TERMS[rule].scale,
        approver=str(person or row.role),
        kinds=tuple(check_kind(each) for each in row.kinds),
        given=given,
        person=person.pk if person else None,
        version=row.version,
    )


def approver_of(row: MarketGuardrail) -> User | None:
    """Return the person whose yes counts alone; None where it is anybody of the role.

    A person who has left, or may approve no longer, blocks nobody's plan: the role says it then.
    """
    return row.person if row.person and may_be_named(row.person) else None


def may_be_named(user: User) -> bool:
    """Whether somebody may approve, and whatever plan it is about."""
    return may(user, "plan.approve") and scope_of(user).everything


def nameable() -> list[User]:
    """Return who can be named to approve."""
    found = User.objects.filter(is_active=True, role__in=APPROVERS)
    return [each for each in found.order_by("first_name", "last_name", "username")
            if may_be_named(each)]  # fmt: skip


def tightened(rule: str, *, was: float | None, now: float) -> bool:
    """Whether a limit lets less pass than the one that an answer was given under.

    Answers that were given before limits were kept say nothing of one, and stand.
    """
    if was is None:
        return False
    return now > was if rule.startswith("least_") else now < was
