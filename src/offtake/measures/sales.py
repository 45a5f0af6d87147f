"""Sales, shares and prices from sell-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.measures.dimensions import Kind, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, grouped, ratio
from offtake.measures.shares import share_of_market

if TYPE_CHECKING:
    import ibis.expr.types as ir

SALES_DIMENSIONS = of_kind("item", "market", "store", "time")
EVERYWHERE: frozenset[Kind] = frozenset(("item", "market", "store", "time"))


def _units(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    return grouped(sales, scope.by, value=sales.units.sum())


def _value(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    return grouped(sales, scope.by, value=sales["value"].sum())


def _average_price(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    sums = grouped(
        sales,
        scope.by,
        sales_value=sales["value"].sum(),
        units=sales.units.sum(where=sales["value"].notnull()),
    )
    return sums.mutate(value=ratio(sums.sales_value, sums.units))


def _regular_price(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    priced = sales.filter(sales.units > 0, sales.regular_price.notnull())
    sums = grouped(
        priced,
        scope.by,
        regular_value=(priced.units * priced.regular_price).sum(),
        units=priced.units.sum(),
    )
    return sums.mutate(value=ratio(sums.regular_value, sums.units))


def _value_share(scope: Scope) -> ir.Table:
    rows = scope.marked("sales")
    return share_of_market(scope, rows, rows["value"], own="sales_value", whole="market_value")


def _unit_share(scope: Scope) -> ir.Table:
    rows = scope.marked("sales")
    return share_of_market(scope, rows, rows.units, own="units", whole="market_units")


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
        additive_over=EVERYWHERE,
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
        additive_over=EVERYWHERE,
        trap="Rows that came without a value add units but no money.",
    ),
    Measure(
        id="average_price",
        title="Average price paid",
        definition="What a unit cost on average, promotions included. Units that came without a "
        "value are left out.",
        formula="value sales / units with a known value",
        unit="money_per_unit",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_average_price,
        parts=("sales_value", "units"),
        trap="Moves with the mix of items as well as with their prices.",
    ),
    Measure(
        id="regular_price",
        title="Regular price",
        definition="What a unit would have cost on average without any promotion: the regular "
        "price of each sale, weighted by the units sold.",
        formula="sum of (units x regular price) / units with a known regular price",
        unit="money_per_unit",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_regular_price,
        parts=("regular_value", "units"),
        trap="Weighted by what sold, so it moves with the mix of items and stores. It is known "
        "only where something sold.",
    ),
    Measure(
        id="value_share",
        title="Value share",
        definition="The group's part of its market's value sales; the market is what the filters "
        "and groupings on department, category and subcategory leave, in the same stores and "
        "weeks.",
        formula="value sales / market value sales x 100",
        unit="percent",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_value_share,
        additive_over=frozenset(("item",)),
        parts=("sales_value", "market_value"),
        trap="By store or week, each store or week is a market of its own.",
    ),
    Measure(
        id="unit_share",
        title="Unit share",
        definition="The group's part of its market's unit sales; the market is what the filters "
        "and groupings on department, category and subcategory leave, in the same stores and "
        "weeks.",
        formula="unit sales / market unit sales x 100",
        unit="percent",
        needs=("sales",),
        dimensions=SALES_DIMENSIONS,
        build=_unit_share,
        additive_over=frozenset(("item",)),
        parts=("units", "market_units"),
        trap="Units of different pack sizes count alike; value share does not have this fault.",
    ),
)
