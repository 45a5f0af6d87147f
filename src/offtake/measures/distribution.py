"""Where things are sold: distribution, and the stores where they should be and are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.measures.dimensions import DIMENSIONS, PRODUCT_KINDS, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent, with_dimensions
from offtake.measures.stores import (
    active_stores,
    active_weeks,
    keys,
    market_only_by,
    market_sized_stores,
    selling_stores,
    sized_stores,
    store_totals,
    time_by,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

STORE_DIMENSIONS = of_kind("item", "market", "store", "time")


def _numeric(scope: Scope) -> ir.Table:
    selling = selling_stores(scope)
    sellers = grouped(selling, scope.by, stores_selling=selling.store_id.count())
    stores = active_stores(scope)
    universe = grouped(stores, scope.universe_by, stores_in_universe=stores.store_id.count())
    both = beside(sellers, universe, scope.universe_by)
    return both.mutate(value=percent(both.stores_selling, both.stores_in_universe))


def any_item(scope: Scope, sizes: ir.Table, on: tuple[str, ...]) -> ir.Table:
    """Return sales, and the size of the stores that sell any item, of each group and of all.

    Parameters
    ----------
    scope
        The question.
    sizes
        The stores of the universe with the column ``acv``.
    on
        Columns besides ``store_id`` that tell one row of `sizes` from another.
    """
    totals = store_totals(scope)
    sized = beside(totals, sizes, keys(*on, "store_id"))
    sums = grouped(
        sized,
        scope.by,
        sales_value=sized.sales_value.sum(),
        acv_selling=sized.acv.sum(where=sized.sold).fill_null(0.0),
    )
    return _with_all_stores(sums, sizes, on)


def _with_all_stores(sums: ir.Table, sizes: ir.Table, on: tuple[str, ...]) -> ir.Table:
    return beside(sums, grouped(sizes, on, acv_market=sizes.acv.sum()), on)


def _weighted(scope: Scope) -> ir.Table:
    both = any_item(scope, sized_stores(scope), scope.universe_by)
    return both.mutate(value=percent(both.acv_selling, both.acv_market))


def _weighted_category(scope: Scope) -> ir.Table:
    both = any_item(scope, market_sized_stores(scope), scope.market_by)
    both = both.rename(category_sales_selling="acv_selling", category_sales="acv_market")
    return both.mutate(value=percent(both.category_sales_selling, both.category_sales))


def _acv_of_items(scope: Scope, sizes: ir.Table) -> ir.Table:
    """Return the size of the stores that sell each item, by group and item."""
    sellers = selling_stores(scope, "product_id")
    sized = beside(sellers, sizes, keys(*scope.universe_by, "store_id"))
    return grouped(sized, keys(*scope.by, "product_id"), acv=sized.acv.sum())


def _max_item(scope: Scope) -> ir.Table:
    sizes = sized_stores(scope)
    items = _acv_of_items(scope, sizes)
    best = grouped(
        items, scope.by, items=items.product_id.count(), acv_of_best=items.acv.max().fill_null(0.0)
    )
    both = _with_all_stores(best, sizes, scope.universe_by)
    return both.mutate(value=percent(both.acv_of_best, both.acv_market))


def _tdp(scope: Scope) -> ir.Table:
    sizes = sized_stores(scope)
    items = _acv_of_items(scope, sizes)
    sums = grouped(
        items, scope.by, items=items.product_id.count(), acv_of_items=items.acv.sum().fill_null(0.0)
    )
    both = _with_all_stores(sums, sizes, scope.universe_by)
    return both.mutate(value=percent(both.acv_of_items, both.acv_market))


def _voids(scope: Scope) -> ir.Table:
    if "distribution_list" in scope.tables.filled:
        expected, sellers = _listed(scope), selling_stores(scope)
    else:
        expected, sellers = _unlisted(scope)
    both = beside(expected, sellers.mutate(sells=1), keys(*scope.by, "store_id"))
    sums = grouped(
        both,
        scope.by,
        stores_expected=both.store_id.count(),
        stores_selling=both.sells.count(),
    )
    return sums.mutate(value=sums.stores_expected - sums.stores_selling)


def _unlisted(scope: Scope) -> tuple[ir.Table, ir.Table]:
    """Return every group of items x every store that sells its market, and those that sell it."""
    rows = scope.marked("sales")
    rows = rows.filter(rows.units > 0)
    pairs = grouped(rows, keys(*scope.by, "store_id"), own=rows.own.any())
    sellers = pairs.filter(pairs.own).drop("own")
    stores = pairs.select(*keys(*scope.market_by, "store_id")).distinct()
    names = tuple(name for name in scope.by if DIMENSIONS[name].kind in PRODUCT_KINDS)
    if not names:
        return stores, sellers
    groups = _sold_anywhere(scope, sellers, names)
    both = beside(groups, stores, market_only_by(scope))
    return both.filter(both.store_id.notnull()).select(*keys(*scope.by, "store_id")), sellers


def _sold_anywhere(scope: Scope, sellers: ir.Table, names: tuple[str, ...]) -> ir.Table:
    """Return the groups sold in any store: one that a store never sells is what is looked for."""
    where = tuple(f for f in scope.where if DIMENSIONS[f.dimension].kind != "store")
    if where != scope.where:
        sellers = selling_stores(replace(scope, by=names, where=where))
    return sellers.select(*names).distinct()


def _listed(scope: Scope) -> ir.Table:
    """Return every group of items x every active store that lists one of them."""
    listed = scope.facts("distribution_list")
    spans = _active_spans(scope)
    both = listed.inner_join(spans, listed.store_id == spans["_store_id"])
    later = ibis.interval(days=7 * scope.weeks_back)
    begun = (both.listed_from + later).cast("date") <= both["_last_day"]
    over = (both.listed_to + later).cast("date") < both["_first_day"]
    current = both.filter(begun, ~over.fill_null(False))
    times = {name: current[f"_{name}"] for name in time_by(scope)}
    return current.mutate(**times).select(*keys(*scope.by, "store_id")).distinct()


def _active_spans(scope: Scope) -> ir.Table:
    """Return store x grouping by time with the first and last day on which the store sold."""
    weeks = active_weeks(scope)
    times = time_by(scope)
    placed = with_dimensions(scope.tables, "sales", weeks, times)
    last_day = (placed.week.max() + ibis.interval(days=6)).cast("date")
    spans = grouped(
        placed, keys(*times, "store_id"), first_day=placed.week.min(), last_day=last_day
    )
    return spans.rename({f"_{name}": name for name in spans.columns})


MEASURES = (
    Measure(
        id="numeric_distribution",
        title="Numeric distribution",
        definition="The part of all stores that sold the group at least once in the period. All "
        "stores are those that sold anything at all in the same weeks. A store sells a brand when "
        "it sells any item of it.",
        formula="stores selling / stores in the universe x 100",
        unit="percent",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_numeric,
        parts=("stores_selling", "stores_in_universe"),
        trap="Grows with the length of the period, as one sale in one week is enough: compare "
        "equal periods only. Counts a kiosk like a hypermarket.",
    ),
    Measure(
        id="weighted_distribution_acv",
        title="Weighted distribution (% ACV)",
        definition="The part of the trade that the selling stores stand for: each store counts "
        "with its all-commodity value (ACV), the size of its turnover in all goods. For a brand "
        "the stores that sell any of its items count, each once. ACV is that of the store table "
        "where every store has it; otherwise each store's sales of all merchandise in the period.",
        formula="ACV of stores selling any item / ACV of all stores x 100",
        unit="percent",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_weighted,
        parts=("acv_selling", "acv_market"),
        variant="any_item",
        trap="Never add it up over items, stores or weeks. Grows with the length of the period. "
        "One store without ACV in the store table switches all stores to their own sales.",
    ),
    Measure(
        id="weighted_distribution_acv_max_item",
        title="Weighted distribution of the best item",
        definition="The weighted distribution of that item of the group which has the highest. "
        "Offered to compare with sources that report a brand this way.",
        formula="largest, over the items, of: ACV of stores selling the item / ACV of all stores "
        "x 100",
        unit="percent",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_max_item,
        parts=("items", "acv_of_best", "acv_market"),
        variant="max_item",
        trap="Too low for a brand whose items sell in different stores; use "
        "weighted_distribution_acv for how far a brand reaches.",
    ),
    Measure(
        id="weighted_distribution_category",
        title="Weighted distribution (category)",
        definition="The part of the market's sales made in stores that sell the group: each store "
        "counts with what it sold of the market in the period. The market is what the filters and "
        "groupings on department, category and subcategory leave.",
        formula="market sales of stores selling any item / market sales of all stores x 100",
        unit="percent",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_weighted_category,
        parts=("category_sales_selling", "category_sales"),
        trap="Never add it up over items, stores or weeks. Without a filter on the category every "
        "product is the market.",
    ),
    Measure(
        id="tdp",
        title="Total distribution points",
        definition="How much is on the shelves: the weighted distribution (% ACV) of each item, "
        "added up. 150 points can be one item everywhere and another in half of the trade.",
        formula="sum over the items of: ACV of stores selling the item / ACV of all stores x 100",
        unit="points",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_tdp,
        additive_over=PRODUCT_KINDS,
        parts=("items", "acv_of_items", "acv_market"),
        trap="Not a percentage: it mixes how many stores with how many items, and passes 100. Add "
        "it up over items only, never over stores or weeks.",
    ),
    Measure(
        id="void_stores",
        title="Void stores",
        definition="Stores that should sell the group and sold none of it in the period. Where a "
        "distribution list is loaded, stores that list any item of the group should; otherwise "
        "all stores that sold anything of its market. Stores without any sales at all in the "
        "period are left out: no data is not a void.",
        formula="stores expected to sell - those of them that did",
        unit="stores",
        needs=("sales",),
        dimensions=STORE_DIMENSIONS,
        build=_voids,
        additive_over=frozenset(("store",)),
        parts=("stores_expected", "stores_selling"),
        trap="Without a distribution list, one retailer's own label is a void at every other "
        "retailer. A store that lists several items of a brand is void only when it sold none of "
        "them: ask by product_id for single items.",
    ),
)
