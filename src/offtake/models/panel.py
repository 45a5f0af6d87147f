"""The panel: store x product x week with support beside sales; the one seam to the models.

A pair of store and product enters with the weeks between its first and its last sale, so that
weeks in which nothing sold count as zeros, and weeks before listing or after delisting do not.
Stores for which promotions are not known are left out: there, no row does not mean no promotion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import ibis

from offtake.data.store import Tables
from offtake.errors import UnknownNameError
from offtake.measures.ask import parse_filter
from offtake.measures.dimensions import reached_from
from offtake.measures.scope import Filter, Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

PAIR = ("store_id", "product_id")
ROW = (*PAIR, "week")
DAYS = 7


def panel(tables: Tables, *, where: Iterable[str] = (), min_units: float = 4.0) -> ir.Table:
    """Return the panel as an Ibis expression.

    Parameters
    ----------
    tables
        State of a store, from ``Store.tables()``.
    where
        Filters on product and store dimensions, e.g. ``"department=GROCERY"``.
    min_units
        A pair that sold less over all its weeks is left out.

    Raises
    ------
    UnknownNameError
        When a filter names what sales cannot be filtered by.

    Returns
    -------
    ibis Table
        One row per store, product and week: ``units`` and ``value`` (0 where nothing sold),
        ``regular_price``, ``price`` (value per unit; NULL where nothing sold) and ``price_seen``
        (false: the shelf price must be imputed, never from the product's own average),
        ``display`` and ``feature``.
    """
    sales = _weekly(Scope(tables, where=_filters(where)).facts("sales"))
    observed = tables["promotion"].filter(tables["promotion"].status == "observed")
    sold = sales.filter(sales.units > 0)
    covered = sold.semi_join(observed.select("store_id").distinct(), "store_id")
    weeks = _weeks_between(_pairs(covered, min_units))
    return _with_support(_with_sales(weeks, covered), observed)


def _filters(where: Iterable[str]) -> tuple[Filter, ...]:
    filters = tuple(parse_filter(text) for text in where)
    allowed = reached_from("sales")
    for wanted in filters:
        if wanted.dimension not in allowed:
            raise UnknownNameError("grouping of the panel", wanted.dimension, allowed)
    return filters


def _weekly(sales: ir.Table) -> ir.Table:
    """Add daily rows up to weeks; weekly rows stay as they are."""
    return sales.group_by(list(ROW)).aggregate(
        units=sales.units.sum(),
        value=sales["value"].sum(),
        regular_price=sales.regular_price.max(),
    )


def _pairs(sold: ir.Table, min_units: float) -> ir.Table:
    spans = sold.group_by(list(PAIR)).aggregate(
        first=sold.week.min(), last=sold.week.max(), total=sold.units.sum()
    )
    return spans.filter(spans.total >= min_units)


def _weeks_between(pairs: ir.Table) -> ir.Table:
    count = pairs.last.delta(pairs.first, unit="day") // DAYS + 1
    steps = pairs.select(*PAIR, "first", step=ibis.range(0, count).unnest())
    week = steps["first"] + (steps.step * DAYS).as_interval("D")
    return steps.select(*PAIR, week=week.cast("date"))


def _with_sales(weeks: ir.Table, sold: ir.Table) -> ir.Table:
    renamed = sold.rename({f"s_{name}": name for name in ROW})
    joined = weeks.left_join(renamed, [weeks[n] == renamed[f"s_{n}"] for n in ROW])
    return joined.select(
        *ROW,
        units=joined.units.fill_null(0.0),
        value=joined["value"].fill_null(0.0),
        regular_price=joined.regular_price,
        price=joined["value"] / joined.units,
        price_seen=joined.units.notnull(),
    )


def _with_support(rows: ir.Table, observed: ir.Table) -> ir.Table:
    support = observed.select(
        **{f"p_{name}": observed[name] for name in ROW}, display=observed.display,
        feature=observed.feature,
    )  # fmt: skip
    joined = rows.left_join(support, [rows[n] == support[f"p_{n}"] for n in ROW])
    return joined.drop(*(f"p_{n}" for n in ROW)).mutate(
        display=joined.display.fill_null(False),  # a value, not a flag
        feature=joined.feature.fill_null(False),  # a value, not a flag
    )
