"""Support in the store: what was promoted, how widely, and whether what was agreed was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.measures.distribution import STORE_DIMENSIONS
from offtake.measures.measure import Measure
from offtake.measures.sales import EVERYWHERE
from offtake.measures.scope import Scope, beside, either, grouped, percent
from offtake.measures.shares import own_and_all, with_market
from offtake.measures.stores import keys, sized_stores

if TYPE_CHECKING:
    import ibis.expr.types as ir

CELL = ("store_id", "product_id", "week")


def _seen(scope: Scope) -> ir.Table:
    """Return the observed support in scope: store x product x week, with what kinds there were."""
    rows = replace(scope, by=()).facts("promotion")
    rows = rows.filter(rows.status == "observed")
    return rows.select(
        *CELL,
        on_display=rows.display,
        on_feature=rows.feature,
        supported=_supported(rows),
        days_seen=rows.display_days,
    )


def _supported(rows: ir.Table) -> ir.BooleanColumn:
    return rows.display | rows.feature | rows.price_cut


def _reporting_stores(scope: Scope) -> ir.Table:
    """Return the stores for which any promotion of any product was observed in the period."""
    rows = replace(scope, by=()).universe("promotion")
    return rows.filter(rows.status == "observed").select("store_id").distinct()


def _sales_with_support(scope: Scope) -> ir.Table:
    sales, seen = scope.facts("sales"), _seen(scope)
    seen = seen.drop("days_seen").rename({f"_{name}": name for name in CELL})
    matches = [sales[name] == seen[f"_{name}"] for name in CELL]
    return sales.left_join(seen, matches).drop(*(f"_{name}" for name in CELL))


def _reported_sales(scope: Scope) -> ir.Table:
    return _sales_with_support(scope).semi_join(_reporting_stores(scope), "store_id")


def _promoted_units(scope: Scope) -> ir.Table:
    sales = _sales_with_support(scope)
    promoted = sales.units.sum(where=sales.supported).fill_null(0.0)
    return grouped(sales, scope.by, value=promoted)


def _promoted_share(scope: Scope) -> ir.Table:
    sales = _reported_sales(scope)
    sums = grouped(
        sales,
        scope.by,
        promoted_units=sales.units.sum(where=sales.supported).fill_null(0.0),
        units=sales.units.sum(),
    )
    return sums.mutate(value=percent(sums.promoted_units, sums.units))


def _selling_weeks(scope: Scope) -> ir.Table:
    """Return group x store x week in which something sold, with the kinds of support it had."""
    sales = _reported_sales(scope)
    sold = sales.filter(sales.units > 0)
    return grouped(
        sold,
        keys(*scope.by, "store_id", "week"),
        display=sold.on_display.any(),
        feature=sold.on_feature.any(),
        supported=sold.supported.any(),
    )


def _support(kind: str) -> Callable[[Scope], ir.Table]:
    def build(scope: Scope) -> ir.Table:
        weeks = _selling_weeks(scope)
        sums = grouped(
            weeks,
            scope.by,
            supported_store_weeks=weeks[kind].sum().fill_null(0),
            selling_store_weeks=weeks.store_id.count(),
        )
        return sums.mutate(value=percent(sums.supported_store_weeks, sums.selling_store_weeks))

    return build


def _weighted_support(scope: Scope) -> ir.Table:
    weeks = beside(
        _selling_weeks(scope), sized_stores(scope), keys(*scope.universe_by, "store_id")
    )
    sums = grouped(
        weeks,
        scope.by,
        acv_supported=weeks.acv.sum(where=weeks.supported).fill_null(0.0),
        acv_selling=weeks.acv.sum(),
    )
    return sums.mutate(value=percent(sums.acv_supported, sums.acv_selling))


def _fair_share(scope: Scope) -> ir.Table:
    seen, sales = scope.marked("promotion"), scope.marked("sales")
    seen = seen.filter(seen.status == "observed", _supported(seen))
    sales = sales.semi_join(_reporting_stores(scope), "store_id")
    support = own_and_all(scope, seen, ibis.literal(1), own="support", whole="market_support")
    sold = own_and_all(scope, sales, sales["value"], own="sales_value", whole="market_value")
    both = either(sold, support, scope.by)
    kept = both.filter(both.support.notnull() | both.sales_value.notnull())
    sums = with_market(scope, both, "market_support", "market_value") if not kept else both
    return sums
