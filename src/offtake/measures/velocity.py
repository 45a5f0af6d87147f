"""How fast things sell where they are sold, and sales as distribution x speed x price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.measures.distribution import STORE_DIMENSIONS, any_item
from offtake.measures.measure import Measure
from offtake.measures.sales import EVERYWHERE
from offtake.measures.scope import Scope, beside, grouped, percent, ratio
from offtake.measures.stores import active_stores, loaded_weeks, sized_stores, store_totals, time_by

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _sppd(scope: Scope) -> ir.Table:
    both = any_item(scope, sized_stores(scope), scope.universe_by)
    both = both.mutate(acv_percent=percent(both.acv_selling, both.acv_market))
    return both.mutate(value=ratio(both.sales_value, both.acv_percent))


def _per_million(scope: Scope) -> ir.Table:
    both = any_item(scope, sized_stores(scope), scope.universe_by)
    both = both.mutate(acv_millions=both.acv_selling / 1e6)
    return both.mutate(value=ratio(both.sales_value, both.acv_millions))


def _rate_of_sale(scope: Scope) -> ir.Table:
    totals = store_totals(scope)
    sums = grouped(
        totals, scope.by, units=totals.units.sum(), stores_selling=totals.sold.sum().fill_null(0)
    )
    both = beside(sums, loaded_weeks(scope), time_by(scope))
    return both.mutate(value=ratio(both.units, both.stores_selling * both.weeks))


def _sales_identity(scope: Scope) -> ir.Table:
    sales = scope.facts("sales")
    totals = store_totals(scope, rows=sales.filter(sales["value"].notnull()))
    sums = grouped(
        totals,
        scope.by,
        value=totals.sales_value.sum(),
        units=totals.units.sum(),
        stores_selling=totals.sold.sum().fill_null(0),
    )
    stores = active_stores(scope)
    universe = grouped(stores, scope.universe_by, stores_in_universe=stores.store_id.count())
    both = beside(sums, universe, scope.universe_by)
    both = beside(both, loaded_weeks(scope), time_by(scope))
    return both.mutate(
        distribution_fraction=ratio(both.stores_selling, both.stores_in_universe),
        rate_of_sale=ratio(both.units, both.stores_selling * both.weeks),
        average_price=ratio(both["value"], both.units),
    )


MEASURES = (
    Measure(
        id="sppd",
        title="Sales per point of distribution",
        definition="Value sales for each point of weighted distribution (% ACV, any item): what "
        "the group sells where it is sold, whatever its distribution.",
        formula="value sales / % ACV",
        unit="per_point",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_sppd,
        parts=("sales_value", "acv_percent"),
        trap="Compare within one market only: a point of a large market is worth more than a "
        "point of a small one. Across retailers use sales_per_million_acv.",
    ),
    Measure(
        id="sales_per_million_acv",
        title="Sales per million of ACV",
        definition="Value sales for each million of all-commodity value (ACV) of the stores that "
        "sell any item of the group: this can be compared between retailers of any size.",
        formula="value sales / (% ACV as a fraction x market ACV in millions)",
        unit="per_million",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_per_million,
        parts=("sales_value", "acv_millions"),
        trap="ACV from the store table is a year's turnover, ACV worked out from sales is that of "
        "the period: figures of the two kinds cannot be compared.",
    ),
    Measure(
        id="rate_of_sale",
        title="Rate of sale",
        definition="Units sold in a week by a store that sells the group. Weeks are all weeks of "
        "the period with any sales loaded, the same number for every store.",
        formula="unit sales / (stores selling x weeks)",
        unit="per_store_week",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_rate_of_sale,
        parts=("units", "stores_selling", "weeks"),
        trap="Falls as distribution grows into weaker stores. A store that sold in one week of "
        "the period counts with all its weeks, so the figure is lower over a long period.",
    ),
    Measure(
        id="sales_identity",
        title="Sales as distribution x rate of sale x price",
        definition="Value sales taken apart: how many stores there are, which part of them sells "
        "(a fraction, 0 to 1), how many units such a store sells in a week, over how many weeks, "
        "and at what price. The five multiply to value sales. Sales without a known value are "
        "left out.",
        formula="stores in the universe x numeric distribution as a fraction x rate of sale x "
        "weeks x average price",
        unit="money",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_sales_identity,
        additive_over=EVERYWHERE,
        parts=(
            "stores_in_universe",
            "distribution_fraction",
            "rate_of_sale",
            "weeks",
            "average_price",
        ),
        trap="The value adds up over groups; its factors do not. Each factor moves with the "
        "others: new distribution is often in weaker stores and lowers the rate of sale.",
    ),
)
