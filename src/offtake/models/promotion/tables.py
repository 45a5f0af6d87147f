"""The answers of a fitted category as tables, for a run, a page or a notebook.

Every estimate ``x`` has columns ``x_low`` and ``x_high``, the ends of its 80 % interval. Numbers
that are not known are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offtake.errors import UnknownNameError
from offtake.models.columns import Columns, as_table
from offtake.models.names import Names
from offtake.models.promotion.account import Account, account, percent, reach
from offtake.models.promotion.events import first_rows, supported
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.grade import grades
from offtake.models.promotion.response_tables import (
    category_table,
    item_retailer_table,
    response_table,
    retailer_table,
)
from offtake.models.promotion.rows import DAYS, Floats, Integers
from offtake.models.promotion.totals import Addends, Sum, addends, singly, totals

if TYPE_CHECKING:
    import pyarrow as pa

LEAD = 4
"""Weeks before a promotion that its picture shows."""


def promotion_tables(fit: PromotionFit) -> Mapping[str, pa.Table]:
    """Return all tables of a category.

    Parameters
    ----------
    fit
        From :func:`offtake.models.promotion.fit.fit_promotions`.

    Returns
    -------
    mapping
        ``promotion_events`` (one row per promotion), ``promotion_totals`` (sums by dimension),
        ``promotion_weeks`` and ``promotion_stores`` (each promotion by week and by store),
        ``promotion_responses`` (each item), ``promotion_retailers`` (how each retailer differs),
        ``promotion_item_retailers`` (each item at each retailer), ``promotion_category`` (what
        items share), ``promotion_notes`` (what to beware of, in words).
    """
    each = addends(fit)
    return {
        "promotion_events": event_table(fit, each=each),
        "promotion_totals": total_table(fit, tuple(DIMENSIONS), each=each),
        "promotion_weeks": week_table(fit),
        "promotion_stores": store_table(fit),
        "promotion_responses": response_table(fit),
        "promotion_retailers": retailer_table(fit),
        "promotion_item_retailers": item_retailer_table(fit),
        "promotion_category": category_table(fit),
        "promotion_notes": as_table({"note": np.array(fit.notes, dtype=np.str_)}),
    }


def event_table(fit: PromotionFit, *, each: Addends | None = None) -> pa.Table:
    """Return one row per promotion: what, where, when, what it did, how sure, what to do.

    Parameters
    ----------
    fit
        The category.
    each
        What sums over its promotions are made from, where that is at hand.
    """
    found = account(fit, singly(each or addends(fit)))
    graded = grades(fit, found.intervals["incremental"])
    columns = described(fit) | _written(found)
    # Of one promotion, the margin that returns are about is its margin.
    for name in [name for name in columns if name.startswith(("events", "costed_margin"))]:
        del columns[name]
    columns["verdict"] = found.verdict
    columns["grade"] = graded.grade
    columns["reasons"] = [" ".join(reasons) for reasons in graded.reasons]
    return as_table(columns)


def total_table(
    fit: PromotionFit,
    by: Sequence[str],
    *,
    manufacturer: str | None = None,
    each: Addends | None = None,
) -> pa.Table:
    """Return the promotions of a category added up by each of some dimensions.

    Parameters
    ----------
    fit
        The category.
    by
        Names of :data:`DIMENSIONS`.
    manufacturer
        Whose promotions to count; None counts all.
    each
        What sums over its promotions are made from, where that is at hand.

    Raises
    ------
    UnknownNameError
        When there is no such dimension or manufacturer.
    """
    import pyarrow as pa

    chosen = _of_maker(fit, manufacturer)
    each = each or addends(fit)
    pieces = []
    for dimension in by:
        if dimension not in DIMENSIONS:
            raise UnknownNameError("dimension of promotions", dimension, tuple(DIMENSIONS))
        names, of = np.unique(DIMENSIONS[dimension](fit)[chosen], return_inverse=True)
        of = _spread_out(of, chosen)
        found = account(fit, totals(each, of, names.size))
        named: Columns = {"dimension": np.full(names.size, dimension), "name": names}
        pieces.append(as_table(named | _written(found) | {"verdict": found.verdict}))
    return pa.concat_tables(pieces)


def _of_maker(fit: PromotionFit, manufacturer: str | None) -> NDArray[np.bool_]:
    """Return which promotions count, (E,)."""
    if manufacturer is None:
        return np.ones(fit.events.count, bool)
    makers = DIMENSIONS["manufacturer"](fit)
    if manufacturer not in makers:
        raise UnknownNameError("manufacturer", manufacturer, sorted(set(makers.tolist())))
    return np.asarray(makers == manufacturer)


def _spread_out(of: Integers, chosen: NDArray[np.bool_]) -> Integers:
    """Return groups of all promotions, -1 for those not chosen."""
    found = np.full(chosen.size, -1)
    found[chosen] = of
    return found


def _written(found: Account) -> Columns:
    columns: Columns = dict(found.figures)
    for name, each in found.intervals.items():
        columns |= {name: each.value, f"{name}_low": each.low, f"{name}_high": each.high}
    return columns


def described(fit: PromotionFit) -> Columns:
    """Return what every promotion was, (E,) each."""
    rows, events, done = fit.rows, fit.events, fit.execution
    names = rows.names
    first = first_rows(fit.events)
    items = _per_event(fit, rows.item)
    kind = np.select([events.named, events.local], ["named", "local"], default="chain")
    return {
        "promotion_id": list(events.names),
        "kind": kind,
        "category": [rows.category] * events.count,
        "brand": names.brands[rows.item[first]],
        "manufacturer": names.makers[rows.item[first]],
        "retailer": _joined(fit, names.retailers, rows.store),
        "product_id": _joined(fit, names.items, rows.item),
        "items": items,
        "first_week": _monday(fit, events.first_week),
        "last_week": _monday(fit, events.last_week),
        "weeks": events.last_week - events.first_week + 1,
        "levers": levers(fit),
        "price_cut": _depth(fit),
        "stores_agreed": done.agreed.sum(axis=1),
        "stores_executed": done.executed.sum(axis=1),
        "display_compliance": percent(done.displays_seen, done.displays_agreed),
        "display_days_compliance": percent(done.days_seen, done.days_agreed),
    }


def _monday(fit: PromotionFit, week: Integers) -> NDArray[np.datetime64]:
    found: NDArray[np.datetime64] = fit.rows.first_week + DAYS * week
    return found


def _pairs(fit: PromotionFit, code: Integers) -> NDArray[np.int64]:
    """Return the distinct pairs of a promotion and a code of its rows, (M, 2)."""
    inside = fit.events.of >= 0
    size = int(code.max()) + 1
    return np.stack(np.divmod(np.unique(fit.events.of[inside] * size + code[inside]), size), axis=1)


def _per_event(fit: PromotionFit, code: Integers) -> Integers:
    return np.bincount(_pairs(fit, code)[:, 0], minlength=fit.events.count)


def _joined(fit: PromotionFit, names: Names, code: Integers) -> list[str]:
    """Return the names that occur in every promotion, joined."""
    found: list[dict[str, None]] = [{} for _ in range(fit.events.count)]
    for event, each in _pairs(fit, code).tolist():
        found[event][str(names[each])] = None
    return [", ".join(sorted(each)) for each in found]


def levers(fit: PromotionFit) -> Names:
    """Return what was done for every promotion in some store, (E,), such as ``price cut, display``.

    What was only agreed counts, too.
    """
    rows, of = fit.rows, fit.events.of
    inside = of >= 0
    words = []
    for name, seen, planned in (
        ("price cut", rows.seen.cut, rows.planned.cut),
        ("display", rows.seen.display, rows.planned.display),
        ("feature", rows.seen.feature, rows.planned.feature),
    ):
        has = np.bincount(of[inside], ((seen > 0) | (planned > 0))[inside],
                          minlength=fit.events.count) > 0  # fmt: skip
        words.append(np.where(has, name, ""))
    joined = [", ".join(word for word in each if word) for each in zip(*words, strict=True)]
    return np.array(joined, dtype=np.str_)


def _depth(fit: PromotionFit) -> Floats:
    """Return the mean price cut where there was one, percent, (E,)."""
    rows, of = fit.rows, fit.events.of
    cut = (of >= 0) & supported(rows) & (rows.seen.cut > 0)
    count = np.bincount(of[cut], minlength=fit.events.count)
    return percent(np.bincount(of[cut], rows.seen.cut[cut], minlength=fit.events.count), count)


def _by_row(names: Callable[[PromotionFit], Names]) -> Callable[[PromotionFit], Names]:
    return lambda fit: names(fit)[first_rows(fit.events)]


def _quarter(fit: PromotionFit) -> Names:
    month = _monday(fit, fit.events.first_week).astype("datetime64[M]").astype(np.int64)
    year, part = month // 12 + 1970, month % 12 // 3 + 1
    return np.array([f"{a}-Q{b}" for a, b in zip(year, part, strict=True)], dtype=np.str_)


DIMENSIONS: Mapping[str, Callable[[PromotionFit], Names]] = {
    "category": lambda fit: np.full(fit.events.count, fit.rows.category),
    "manufacturer": _by_row(lambda fit: fit.rows.names.makers[fit.rows.item]),
    "brand": _by_row(lambda fit: fit.rows.names.brands[fit.rows.item]),
    "retailer": lambda fit: np.array(
        _joined(fit, fit.rows.names.retailers, fit.rows.store), dtype=np.str_
    ),
    "levers": levers,
    "quarter": _quarter,
}
"""What promotions can be added up by."""


def week_table(fit: PromotionFit) -> pa.Table:
    """Return each promotion by week, from four weeks before until it no longer acts.

    Units of the promoted items in all stores of the retailers, and what would have sold without
    the promotion; ``during`` says whether the week is in it. Before the promotion both are equal.
    """
    events, found = fit.events, fit.effects
    weeks = found.by_week.shape[1]
    length = events.last_week - events.first_week + 1
    event, week = np.nonzero(np.arange(weeks) < (length + fit.design.layout.after)[:, None])
    last = int(fit.rows.week.max())
    inside = events.first_week[event] + week <= last
    event, week = event[inside], week[inside]
    sold, gain = found.by_week[event, week].T
    by_week = found.by_week_gradient, found.by_week_noise, found.by_week_shared
    around = reach(fit) * Sum(gain, *(each[event, week] for each in by_week)).error(fit.covariance)
    before = _before(fit)
    names = np.array(fit.events.names, dtype=np.str_)
    nothing = np.zeros(before[0].size)
    after = {
        "promotion_id": names[np.concatenate([before[0], event])],
        "week": _monday(fit, np.concatenate([before[1], events.first_week[event] + week])),
        "during": np.concatenate([nothing > 0, week < length[event]]),
        "units": np.concatenate([before[2], sold]),
        "base": np.concatenate([before[2], sold - gain]),
        "base_low": np.concatenate([before[2], np.maximum(sold - gain - around, 0)]),
        "base_high": np.concatenate([before[2], sold - gain + around]),
    }
    order = np.lexsort([after["week"], np.concatenate([before[0], event])])
    return as_table({name: values[order] for name, values in after.items()})


def _before(fit: PromotionFit) -> tuple[Integers, Integers, Floats]:
    """Return promotion, week and units sold of the promoted items in the weeks before."""
    rows, events = fit.rows, fit.events
    series = rows.retailer * rows.names.items.size + rows.item
    span = int(rows.week.max()) + 1
    table = np.bincount(series * span + rows.week, rows.units)
    pairs = _pairs(fit, series)
    event, week = (each.ravel() for each in np.meshgrid(
        np.arange(len(pairs)), np.arange(-LEAD, 0), indexing="ij"))  # fmt: skip
    week = events.first_week[pairs[event, 0]] + week
    known = week >= 0
    at = pairs[event[known], 1] * span + week[known]
    units = np.where(at < table.size, table[np.minimum(at, table.size - 1)], 0.0)
    key = pairs[event[known], 0] * span + week[known]
    cells, of = np.unique(key, return_inverse=True)
    found = np.divmod(cells, span)
    return found[0], found[1], np.bincount(of, units).astype(np.float64)


def store_table(fit: PromotionFit) -> pa.Table:
    """Return each promotion by store: agreed, executed, sold, gained, and gained had all been done.

    The last takes for granted that every store responds as the model says, whatever the ratio of
    responses.
    """
    rows, found, done = fit.rows, fit.effects, fit.execution
    sold, gain, full = (found.by_store[:, :, place] for place in range(3))
    event, store = np.nonzero((sold > 0) | done.agreed | done.executed)
    place = event, store
    names = np.array(fit.events.names, dtype=np.str_)
    return as_table({
        "promotion_id": names[event],
        "store_id": rows.names.stores[store],
        "retailer": rows.names.retailers[store],
        "region": rows.names.regions[store],
        "agreed": done.agreed[place],
        "executed": done.executed[place],
        "units": sold[place],
        "incremental": gain[place],
        "incremental_if_fully_executed": full[place],
    })  # fmt: skip


__all__ = ["DIMENSIONS", "event_table", "promotion_tables", "total_table"]
