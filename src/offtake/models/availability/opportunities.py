"""What a visit or call is worth: gaps and empty shelves in one list, the best first.

A gap is worth what it would sell over the horizon. An empty shelf fills again by itself some day;
a visit wins back what would be missed until then, as the model has learned how long shelves stay
empty. Both count only as far as such visits succeed, and as the brand would not have sold the unit
elsewhere or later.

A store-item is in the list once: as a gap where it has not sold for weeks, else as an alarm. One
that may be gone for good is worth no more than an empty shelf until it counts as a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from offtake.models.availability.causes import causes_of
from offtake.models.availability.fit import AvailabilityFit
from offtake.models.availability.gap_spec import GapSpec
from offtake.models.availability.listing_rows import ListingRows
from offtake.models.availability.series import Floats, Integers
from offtake.models.availability.shelf import GONE, LEVELS, Shelf
from offtake.models.columns import Columns, as_table
from offtake.models.names import coded, joint

if TYPE_CHECKING:
    import pyarrow as pa

PERCENT = 100.0
WEEK = 7
RECENT = 8
"""Weeks, up to the last, that say what an item usually sells."""
PLACE = (
    "retailer", "territory", "store_id", "store_name", "product_id", "description", "brand",
    "manufacturer",
)  # fmt: skip


def opportunity_table(
    fit: AvailabilityFit, rows: ListingRows, told: pa.Table, spec: GapSpec
) -> pa.Table:
    """Return ``availability_opportunities``: what to see to in which store, best first.

    ``source``: ``gap`` or ``alarm``. ``probability``: that there is something to see to, percent.
    ``units``: what the item sells there in a week without promotion. ``recoverable``: money that a
    visit or call is expected to win back over ``horizon_weeks``; ``recoverable_per_visit`` adds
    that up over what the manufacturer's people have to see to in the store and is valued alike,
    ``opportunities_per_visit`` counts it. Both are empty where neither margin nor price is known.
    ``valued_at``: the manufacturer's margin or, where none is known, retail value.

    Parameters
    ----------
    fit, rows
        The category's shelves, and its pairs of store and item.
    told
        Its table of gaps, see :func:`offtake.models.availability.gap_tables.gap_table`.
    spec
        What closing is worth.
    """
    import pyarrow as pa

    both = pa.concat_tables(
        [_of_gaps(told), _of_alarms(fit, rows, spec)], promote_options="default"
    )
    pair = [
        f"{store}\n{item}"
        for store, item in zip(
            both["store_id"].to_pylist(), both["product_id"].to_pylist(), strict=True
        )
    ]
    # Gaps stand first, so that they are what is kept of a pair.
    once = np.sort(np.unique(np.array(pair, dtype=np.str_), return_index=True)[1])
    return _ranked(both.take(once), spec)


def _of_gaps(told: pa.Table) -> pa.Table:
    size = told.num_rows
    columns: Columns = {name: told[name] for name in PLACE}
    return as_table({
        **columns,
        "source": np.full(size, "gap"),
        "reason": told["reason"],
        "what": told["meaning"],
        "since": told["last_sold"],
        "probability": told["probability"],
        "units": told["units"],
        "closing_share": told["closing_share"],
        "recoverable": told["recoverable_over_horizon"],
        "valued_at": told["valued_at"],
    })  # fmt: skip


def _of_alarms(fit: AvailabilityFit, rows: ListingRows, spec: GapSpec) -> pa.Table:
    found, own = fit.outages, fit.rows
    which = np.flatnonzero(found.listed & found.ongoing)
    series, last = found.series[which], found.end[which] - 1
    store, item = own.store[series], own.item[series]
    place = np.searchsorted(rows.names.stores, own.stores[store])
    code = np.searchsorted(rows.names.items, own.items[item])
    margin = rows.margin[rows.retailer[place], code]
    known = np.isfinite(margin)
    worth = np.where(known, margin, own.price[series])
    cause = fit.cause[which]
    closing = np.array([spec.closing.of(each) for each in cause.tolist()], dtype=np.float64)
    missed = missed_ahead(fit.shelf, last, spec.horizon * WEEK // own.series.days)
    usual = usual_demand(fit.shelf, last)
    keep = rows.own[code]
    columns: Columns = {
        "retailer": own.retailers[store],
        "territory": own.territories[store],
        "store_id": own.stores[store],
        "store_name": rows.names.store_names[place],
        "product_id": own.items[item],
        "description": rows.names.descriptions[code],
        "brand": own.brands[item],
        "manufacturer": own.makers[item],
        "source": np.full(which.size, "alarm"),
        "reason": cause,
        "what": causes_of(cause),
        "since": own.day(own.series.step[found.begin[which]]),
        "probability": PERCENT * (1 - fit.shelf.states.all[last, 0]),
        "units": usual * WEEK / own.series.days,
        "closing_share": PERCENT * closing,
        "recoverable": missed * usual * closing * spec.recovery.brand_loses * worth,
        "valued_at": np.where(known, "margin", "retail_value"),
    }
    return as_table({name: np.asarray(values)[keep] for name, values in columns.items()})


def missed_ahead(shelf: Shelf, at: Integers, steps: int) -> Floats:
    """Return the steps' worth of demand that will be missed if nobody acts, (R,).

    Over some steps after each of the steps `at`, beyond what a shelf misses that is full there.

    Parameters
    ----------
    shelf
        What is known of the shelf, and how states follow each other.
    at
        (R,) places of steps.
    steps
        How far ahead.
    """
    loss, ahead = np.append(1 - LEVELS[:GONE], 0.0), np.zeros(GONE + 1)
    for _ in range(steps):
        ahead = shelf.chain.move @ (loss + ahead)
        # What is gone misses nothing that a visit could win back: no more, and no less, than full.
        ahead[GONE] = ahead[0]
    found: Floats = shelf.states.all[at] @ (ahead - ahead[0])
    return np.maximum(found, 0.0)


def usual_demand(shelf: Shelf, at: Integers) -> Floats:
    """Return the demand of a step that some shelves have seen of late, promotions apart, (R,).

    The mean over the whole weeks, up to :data:`RECENT`, that end with each of the steps `at`; over
    those on promotion, too, where there are no others.

    Parameters
    ----------
    shelf
        What is known of the shelf.
    at
        (R,) places of steps.
    """
    series = shelf.series
    week = WEEK // series.days
    past = at - series.first[series.of[at]] + 1
    length = np.minimum(np.where(past >= week, past // week * week, past), RECENT * week)
    plain = (series.promoted == 0) & series.seen
    demand, steps = (np.append(0.0, np.cumsum(each)) for each in (shelf.demand.mean * plain, plain))
    every = np.append(0.0, np.cumsum(shelf.demand.mean))
    begin, end = at + 1 - length, at + 1
    many = steps[end] - steps[begin]
    found: Floats = np.where(
        many > 0,
        (demand[end] - demand[begin]) / np.maximum(many, 1),
        (every[end] - every[begin]) / length,
    )
    return found


def _ranked(both: pa.Table, spec: GapSpec) -> pa.Table:
    """Return the list in order, with what a whole visit is worth; known margins come first."""
    import pyarrow as pa

    money = both["recoverable"].to_numpy(zero_copy_only=False)
    known, value = np.isfinite(money), np.nan_to_num(money)
    of_margin = np.array(both["valued_at"].to_pylist(), dtype=np.str_) == "margin"
    store, maker = (coded(both[name].to_numpy())[1] for name in ("store_id", "manufacturer"))
    visit = joint(joint(store, maker), of_margin.astype(np.int64)) if value.size else store
    worth, count = np.bincount(visit, value)[visit], np.bincount(visit)[visit]
    worth = np.where(np.bincount(visit, known)[visit] > 0, worth, np.nan)
    order = np.lexsort((np.arange(value.size), -np.round(PERCENT * value), ~of_margin))
    table = both.append_column("recoverable_per_visit", [pa.array(worth, from_pandas=True)])
    table = table.append_column("opportunities_per_visit", [count])
    table = table.append_column("horizon_weeks", [np.full(value.size, spec.horizon)]).take(order)
    return table.add_column(0, "rank", [np.arange(1, value.size + 1)])
