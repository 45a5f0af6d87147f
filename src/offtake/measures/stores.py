"""Which stores a question is about: those in the universe, their size, and those that sell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.measures.dimensions import DIMENSIONS
from offtake.measures.scope import Scope, beside, grouped, with_dimensions

if TYPE_CHECKING:
    import ibis.expr.types as ir


def keys(*names: str) -> tuple[str, ...]:
    """Return the names once each, in their order."""
    return tuple(dict.fromkeys(names))


def time_by(scope: Scope) -> tuple[str, ...]:
    """Return the groupings of the question that are about time."""
    return tuple(name for name in scope.by if DIMENSIONS[name].kind == "time")


def market_only_by(scope: Scope) -> tuple[str, ...]:
    """Return the groupings of the question that say which part of the market is meant."""
    return tuple(name for name in scope.by if DIMENSIONS[name].kind == "market")


def _all_sales(scope: Scope) -> ir.Table:
    """Return the sales of every product, without any grouping beside them."""
    return replace(scope, by=()).universe("sales")


def _fact_keys(scope: Scope) -> tuple[str, ...]:
    return ("store_id", "week") if time_by(scope) else ("store_id",)


def active_weeks(scope: Scope) -> ir.Table:
    """Return store x week for the weeks in which the store sold anything at all."""
    rows = _all_sales(scope)
    return rows.filter(rows.units > 0).select("store_id", "week").distinct()


def active_stores(scope: Scope) -> ir.Table:
    """Return the universe: ``universe_by`` x store, for stores that sold anything at all.

    The sales are first brought down to stores (and weeks, where the question has a grouping by
    time); only then do the groupings join them.
    """
    rows = _all_sales(scope)
    sold = rows.filter(rows.units > 0).select(*_fact_keys(scope)).distinct()
    placed = with_dimensions(scope.tables, "sales", sold, scope.universe_by)
    return placed.select(*keys(*scope.universe_by, "store_id")).distinct()


def sized_stores(scope: Scope) -> ir.Table:
    """Return the universe with the size of each store: ``universe_by`` x store, and ``acv``.

    The size is the store's all-commodity value. Where every store of the universe has it in the
    store table, that is taken; otherwise, for all of them, what the store sold of all merchandise
    over the weeks in scope. It is one figure per store, whatever the grouping by time.
    """
    sold = _goods_by_store(scope)
    goods = grouped(sold, ("store_id",), goods=sold.goods.sum(), sold=sold.sold.any())
    size = _size(scope, goods.filter(goods.sold)).select("store_id", "acv")
    active = sold.filter(sold.sold).select("store_id", *_fact_keys(scope)[1:])
    placed = with_dimensions(scope.tables, "sales", active, scope.universe_by)
    stores = placed.select(*keys(*scope.universe_by, "store_id")).distinct()
    return beside(stores, size, ("store_id",))


def _goods_by_store(scope: Scope) -> ir.Table:
    product = scope.tables["product"]
    other = product.filter(~product.is_merchandise.fill_null(True))
    other = other.select(_other=other.product_id)
    rows = _all_sales(scope)
    marked = rows.left_join(other, rows.product_id == other["_other"])
    return grouped(
        marked,
        _fact_keys(scope),
        goods=marked["value"].sum(where=marked["_other"].isnull()),
        sold=(marked.units > 0).any(),
    )


def _size(scope: Scope, goods: ir.Table) -> ir.Table:
    store = scope.tables["store"]
    listed = store.select(_store=store.store_id, listed=store.acv)
    both = goods.left_join(listed, goods.store_id == listed["_store"])
    unknown = both.listed.isnull().any().over(ibis.window())
    known = both.mutate(unknown=unknown)
    size = ibis.ifelse(known.unknown, known.goods, known.listed).fill_null(0.0)
    return known.mutate(acv=ibis.greatest(size, 0.0))


def market_sized_stores(scope: Scope) -> ir.Table:
    """Return the universe with each store's sales of the market: ``market_by`` x store, ``acv``.

    The weight carries the name ``acv`` so that it can stand in for :func:`sized_stores`.
    """
    markets = market_only_by(scope)
    rows = replace(scope, by=markets).market("sales")
    sums = grouped(rows, keys(*markets, "store_id"), size=rows["value"].sum())
    weights = sums.select(
        *markets, _store=sums.store_id, acv=ibis.greatest(sums["size"].fill_null(0.0), 0.0)
    )
    stores = active_stores(scope)
    both = stores.inner_join(weights, stores.store_id == weights["_store"])
    return both.select(*keys(*scope.market_by, "store_id"), "acv")


def store_totals(scope: Scope, *also: str, rows: ir.Table | None = None) -> ir.Table:
    """Return units and value by group and store, and whether the store sold any.

    Parameters
    ----------
    scope
        The question.
    also
        Further columns of sales to keep apart, such as ``product_id``.
    rows
        The sales to total; by default all in scope.

    Returns
    -------
    ibis Table
        Columns of ``scope.by``, `also`, ``store_id``, ``units``, ``sales_value``, ``sold``.
    """
    rows = scope.facts("sales") if rows is None else rows
    return grouped(
        rows,
        keys(*scope.by, *also, "store_id"),
        units=rows.units.sum(),
        sales_value=rows["value"].sum(),
        sold=(rows.units > 0).any(),
    )


def selling_stores(scope: Scope, *also: str) -> ir.Table:
    """Return every group (and `also`) x store that sold any of it.

    Parameters
    ----------
    scope
        The question.
    also
        Further columns of sales to keep apart, such as ``product_id``.
    """
    rows = scope.facts("sales")
    return rows.filter(rows.units > 0).select(*keys(*scope.by, *also, "store_id")).distinct()


def loaded_weeks(scope: Scope) -> ir.Table:
    """Return the number of weeks with any sales, by the groupings about time."""
    weeks = _all_sales(scope).select("week").distinct()
    names = time_by(scope)
    placed = with_dimensions(scope.tables, "sales", weeks, names)
    return grouped(placed, names, weeks=placed.week.count())
