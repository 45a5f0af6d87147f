"""Which plans somebody sees, and which they may change: the scope of their account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from offtake_web.accounts.access import Scope, scope_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market, market_named
from offtake_web.plans.facts import NOTHING, Known, known
from offtake_web.plans.models import Plan


def today() -> date:
    return timezone.localdate()


def visible(user: User, market: Market) -> QuerySet[Plan]:
    """Return the plans of a market that touch somebody's part of the business."""
    plans = Plan.objects.filter(market=market.key)
    scope = scope_of(user)
    if scope.everything:
        return plans
    facts = known(market)
    parts = plans.only("pk", "retailers", "brands", "product_ids", "store_ids")
    return plans.filter(pk__in=[plan.pk for plan in parts if touches(scope, plan, facts)])


def touches(scope: Scope, plan: Plan, facts: Known) -> bool:
    """Whether any of a plan is within a scope; what names no retailer or brand is about all."""
    return (
        _any(scope.retailers, plan.retailers)
        and _any(scope.brands, brands_of(plan, facts))
        and (everywhere(plan) or _any(scope.territories, _territories(plan, facts), unknown=False))
    )


def within(scope: Scope, plan: Plan, facts: Known) -> bool:
    """Whether all of a plan is within a scope."""
    return (
        _all(scope.retailers, plan.retailers)
        and _all(scope.retailers, _retailers_of_stores(plan, facts) or plan.retailers)
        and _all(scope.brands, brands_of(plan, facts))
        and _all(scope.territories, _territories(plan, facts))
    )


def everywhere(plan: Plan) -> bool:
    return not plan.retailers and plan.store_ids is None


def _any(allowed: frozenset[str], named: Collection[str], *, unknown: bool = True) -> bool:
    return not allowed or (bool(allowed & set(named)) if named else unknown)


def _all(allowed: frozenset[str], named: Collection[str]) -> bool:
    return not allowed or (bool(named) and set(named) <= allowed)


def _territories(plan: Plan, facts: Known) -> frozenset[str]:
    return facts.territories_of(plan.retailers, plan.store_ids)


def _retailers_of_stores(plan: Plan, facts: Known) -> frozenset[str]:
    shops = (facts.facts.stores.get(store) for store in plan.store_ids or ())
    return frozenset(shop.retailer for shop in shops if shop)


def brands_of(plan: Plan, facts: Known) -> frozenset[str]:
    """Return the brands that a plan names, and those of its items."""
    return frozenset(plan.brands) | facts.brands_of(plan.product_ids)


def changeable(user: User, plan: Plan) -> bool:
    """Whether all of a plan is within somebody's part of the business."""
    return within(scope_of(user), plan, known_of(plan))


def known_of(plan: Plan) -> Known:
    market = market_named(plan.market)
    return known(market) if market else NOTHING
