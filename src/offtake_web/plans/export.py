"""Locked plans as rows of the library's contracts, so that they enter the next run as data do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet

from offtake.decisions.planning.activity import DEALS, weeks_of
from offtake_web.common.markets import Market
from offtake_web.plans.facts import Known, known
from offtake_web.plans.judging import activity_of
from offtake_web.plans.models import FIRM, Plan, result_id

PROMOTION = pa.schema(
    [
        ("store_id", pa.string()),
        ("product_id", pa.string()),
        ("week", pa.date32()),
        ("status", pa.string()),
        ("display", pa.bool_()),
        ("feature", pa.bool_()),
        ("price_cut", pa.bool_()),
        ("discount", pa.float64()),
        ("display_days", pa.float64()),
        ("promotion_id", pa.string()),
    ]
)
COST = pa.schema(
    [
        ("promotion_id", pa.string()),
        ("fixed_cost", pa.float64()),
        ("cost_per_unit", pa.float64()),
    ]
)


def firm_plans(market: Market) -> QuerySet[Plan]:
    """Return the plans of a market that the data are told of."""
    return Plan.objects.filter(
        market=market.key, state__in=FIRM, kind__in=sorted(DEALS), promotion_id=""
    ).order_by("pk")


def planned_rows(market: Market) -> dict[str, pa.Table]:
    """Return the firm plans of a market as tables of ``promotion`` and ``promotion_cost``.

    A plan that is linked to a promotion of the data is left out: another source has it already. So
    are plans whose cost is not known, from the costs: none is not nothing.
    """
    facts = known(market)
    plans = list(firm_plans(market))
    support = [row for plan in plans for row in _support(plan, facts)]
    costs = [
        {
            "promotion_id": result_id(plan),
            "fixed_cost": float(plan.cost or 0),
            "cost_per_unit": float(plan.cost_per_unit or 0),
        }
        for plan in plans
        if plan.cost is not None or plan.cost_per_unit is not None
    ]
    return {
        "promotion": pa.Table.from_pylist(support, schema=PROMOTION),
        "promotion_cost": pa.Table.from_pylist(costs, schema=COST),
    }


def _support(plan: Plan, facts: Known) -> Iterator[dict[str, Any]]:
    """Return a row for each store, item and week of a plan."""
    activity = activity_of(plan, facts)
    for week, share in weeks_of(activity):
        for store in sorted(_stores(plan, facts)):
            yield from _rows(plan, store, week, share)


def _rows(plan: Plan, store: str, week: date, share: float) -> Iterable[dict[str, Any]]:
    cut = float(plan.price_cut)
    return (
        {
            "store_id": store,
            "product_id": item,
            "week": week,
            "status": "planned",
            "display": plan.display,
            "feature": plan.feature,
            "price_cut": cut > 0,
            "discount": cut or None,
            "display_days": round(7 * share) if plan.display else None,
            "promotion_id": result_id(plan),
        }
        for item in plan.product_ids
    )


def _stores(plan: Plan, facts: Known) -> Iterable[str]:
    if plan.store_ids is not None:
        return list(plan.store_ids)
    shops = facts.facts.stores.values()
    return [
        shop.store_id for shop in shops if not plan.retailers or shop.retailer in plan.retailers
    ]
