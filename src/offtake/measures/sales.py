"""Sales, shares and prices from sell-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

SALES_DIMENSIONS = of_kind("item", "market", "store", "time")


def _units(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    return grouped(sales, scope.by, value=sales.units.sum())


def _value(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    return grouped(sales, scope.by, value=sales["value"].sum())


def _average_price(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    sums = grouped(sales, scope.by, sales_value=sales["value"].sum(), units=sales.units.sum())
    return sums.mutate(value=ratio(sums.sales_value, sums.units))


def _value_share(scope: Scope) -> ir.Table:
    own, market = scope.facts("sales"), scope.market("sales")
    mine = grouped(own, scope.by, sales_value=own["value"].sum())
    whole = grouped(market, scope.market_by, market_value=market["value"].sum())
    both = beside(mine, whole, scope.market_by)
    return both.mutate(value=percent(both.sales_value, both.market_value))


MEASURES = (
    Measure(
        id="sales_units",
        title="Unit sales",
        definition="Units that shoppers took off the shelf, returns taken off.",
        formula="sum of units",
        unit="units",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_units,
        additive_over=frozenset(("item", "market", "store", "time")),
        trap="Units of different pack sizes are not comparable.",
    ),
    Measure(
        id="sales_value",
        title="Value sales",
        definition="What shoppers paid, returns taken off.",
        formula="sum of value",
        unit="money",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_value,
        additive_over=frozenset(("item", "market", "store", "time")),
    ),
    Measure(
        id="average_price",
        title="Average price paid",
        definition="What a unit cost on average, promotions included.",
        formula="value sales / unit sales",
        unit="money",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_average_price,
        parts=("sales_value", "units"),
        trap="Moves with the mix of items as well as with their prices.",
    ),
    Measure(
        id="value_share",
        title="Value share",
        definition="The group's part of its market's value sales; the market is what the filters "
        "on department, category and subcategory leave.",
        formula="value sales / market value sales x 100",
        unit="percent",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_value_share,
        parts=("sales_value", "market_value"),
    ),
)
