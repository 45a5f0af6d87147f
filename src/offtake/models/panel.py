"""The panel: store x product x week with support beside sales; the one seam to the models.

A pair of store and product enters with the weeks between its first and its last sale, or with
those in which it is listed, so that weeks in which nothing sold count as zeros, and weeks before
listing or after delisting do not. Stores for which promotions are not known are left out: there,
no row does not mean no promotion. Where no promotions are loaded at all, every store is in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

import ibis

from offtake.data.store import Tables
from offtake.errors import MissingContractError, UnknownNameError
from offtake.measures.ask import parse_filter
from offtake.measures.dimensions import reached_from
from offtake.measures.scope import Filter, Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

PAIR = ("store_id", "product_id")
ROW = (*PAIR, "week")
DAYS = 7
Weeks = Literal["sold", "listed"]
Support = Literal["observed", "planned"]


def panel(
    tables: Tables,
    *,
    where: Iterable[str] = (),
    min_units: float = 4.0,
    weeks: Weeks = "sold",
    support: Support = "observed",
) -> ir.Table:
    """Return the panel as an Ibis expression.

    Parameters
    ----------
    tables
        State of a store, from ``Store.tables()``.
    where
        Filters on product and store dimensions, e.g. ``"department=GROCERY"``.
    min_units
        A pair that sold less over all its weeks is left out.
    weeks
        ``sold``: from the first to the last week in which the pair sold. ``listed``: the whole
        weeks on the distribution list, as far as sales are loaded; sales outside are left out.
    support
        Promotions as seen, or as planned.

    Raises
    ------
    UnknownNameError
        When a filter names what sales cannot be filtered by, or an option does not exist.
    MissingContractError
        When listed weeks are asked for and no distribution list or no sales are loaded.

    Returns
    -------
    ibis Table
        One row per store, product and week: ``units`` and ``value`` (0 where nothing sold),
        ``regular_price``, ``price`` (value per unit; NULL where nothing sold) and ``price_seen``
        (false: the shelf price must be imputed, never from the product's own average),
        ``display`` and ``feature``, ``display_days`` (0 without a display, NULL where the source
        does not say), ``discount`` (percent; NULL where no promotion row states it),
        ``price_cut`` (whether a promotion row says that there was one) and ``promotion_id`` (NULL
        where none is named).
    """
    _demand_known("weeks of the panel", weeks, Weeks)
    _demand_known("support of the panel", support, Support)
    sales = _weekly(Scope(tables, where=sales_filters(where, "the panel")).facts("sales"))
    promotions = tables["promotion"].filter(tables["promotion"].status == support)
    sold = sales.filter(sales.units > 0)
    covered = sold
    if "promotion" in tables.filled:
        covered = sold.semi_join(promotions.select("store_id").distinct(), "store_id")
    pairs = _pairs(covered, min_units)
    found = _weeks_between(pairs) if weeks == "sold" else _weeks_listed(tables, pairs)
    return _with_support(_with_sales(found, covered), promotions)


def _demand_known(kind: str, got: str, allowed: object) -> None:
    if got not in get_args(allowed):
        raise UnknownNameError(kind, got, get_args(allowed))


def sales_filters(where: Iterable[str], of: str) -> tuple[Filter, ...]:
    """Return filters that sales can be taken by.

    Parameters
    ----------
    where
        As typed, e.g. ``"department=GROCERY"``.
    of
        What is filtered, for the error.

    Raises
    ------
    UnknownNameError
        When sales cannot be filtered by what one names.
    """
    filters = tuple(parse_filter(text) for text in where)
    allowed = reached_from("sales")
    for wanted in filters:
        if wanted.dimension not in allowed:
            raise UnknownNameError(f"grouping of {of}", wanted.dimension, allowed)
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


def _weeks_listed(tables: Tables, pairs: ir.Table) -> ir.Table:
    """Give the weeks that lie wholly within a listing and within the sales loaded."""
    if tables.span is None or "distribution_list" not in tables.filled:
        raise MissingContractError(
            "listed weeks need sales and a distribution list: offtake load FILE --as "
            "distribution_list"
        )
    first, last = (ibis.literal(day) for day in tables.span)
    lists = tables["distribution_list"].semi_join(pairs, list(PAIR))
    most = ibis.interval(days=DAYS - 1)
    starts = (lists.listed_from + most).truncate("W").cast("date")
    ends = (lists.listed_to - most).truncate("W").cast("date").fill_null(last)
    spans = lists.select(
        *PAIR, first=ibis.greatest(starts, first), last=ibis.least(ends, last)
    )  # fmt: skip
    return _weeks_between(spans.filter(spans.first <= spans.last)).distinct()


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


def _with_support(rows: ir.Table, promotions: ir.Table) -> ir.Table:
    columns = ("display", "feature", "display_days", "discount", "price_cut", "promotion_id")
    support = promotions.select(
        **{f"p_{name}": promotions[name] for name in ROW}, **{n: promotions[n] for n in columns}
    )
    joined = rows.left_join(support, [rows[n] == support[f"p_{n}"] for n in ROW])
    display = joined.display.fill_null(False)  # a value, not a flag
    return joined.drop(*(f"p_{n}" for n in ROW)).mutate(
        display=display,
        feature=joined.feature.fill_null(False),  # a value, not a flag
        price_cut=joined.price_cut.fill_null(False),  # a value, not a flag
        display_days=ibis.ifelse(display, joined.display_days, 0.0),
    )
