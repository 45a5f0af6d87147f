"""The answers of a category's shelves as tables, for a run, a page or a notebook.

What was lost, ``x``, has columns ``x_low`` and ``x_high``, the ends of its 80 % interval. Numbers
that are not known are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.models.availability.causes import last_record, phantom
from offtake.models.availability.fit import AvailabilityFit, notes
from offtake.models.availability.groupings import CAUSE, WEEK, named
from offtake.models.availability.lost import ENDS
from offtake.models.availability.recovery import drawn_share
from offtake.models.availability.series import Floats, Integers
from offtake.models.availability.shelf import GONE
from offtake.models.columns import Columns, as_table

if TYPE_CHECKING:
    import pyarrow as pa

PERCENT = 100.0
RECOVERED = 5
"""Stream of random numbers of what shoppers do instead."""


def availability_tables(fit: AvailabilityFit) -> Mapping[str, pa.Table]:
    """Return all tables of a category.

    Parameters
    ----------
    fit
        From :func:`offtake.models.availability.fit.fit_availability`.

    Returns
    -------
    mapping
        ``availability_alerts`` (one row per run of empty or low shelves), ``availability_totals``
        (sums by dimension), ``availability_weeks`` (sums by week), ``availability_causes`` (lost
        sales by guessed cause), ``availability_notes`` (what it rests on, in words).
    """
    return {
        "availability_alerts": alert_table(fit),
        "availability_totals": total_table(fit),
        "availability_weeks": week_table(fit),
        "availability_causes": cause_table(fit),
        "availability_notes": as_table({"note": np.array(notes(fit), dtype=np.str_)}),
    }


def alert_table(fit: AvailabilityFit) -> pa.Table:
    """Return every run of empty or low shelves, what costs most first.

    ``listed``: on the list of alarms, whose expected share of false ones was agreed; the others are
    less sure. ``days`` is the length so far. ``on_hand`` is the last stock record in it.
    """
    rows, found = fit.rows, fit.outages
    series, step = found.series, rows.series.step
    price = rows.price[series]
    lost = {"": fit.lost.mean, "_low": fit.lost.low, "_high": fit.lost.high}
    columns: Columns = {
        **_named(fit, series),
        "first_day": rows.day(step[found.begin]),
        "last_day": rows.day(step[found.end - 1]) + (rows.series.days - 1),
        "days": found.steps * rows.series.days,
        "kind": np.where(found.empty, "empty", "low"),
        "cause": fit.cause,
        "ongoing": found.ongoing,
        "probability": PERCENT * found.probability,
        "listed": found.listed,
        "on_hand": last_record(rows, found),
        "phantom_stock": phantom(rows, found),
        **{f"lost_units{end}": units for end, units in lost.items()},
        **{f"lost_value{end}": units * price for end, units in lost.items()},
    }
    order = np.lexsort((found.begin, -fit.lost.mean * np.nan_to_num(price, nan=1.0)))
    return as_table({name: np.asarray(values)[order] for name, values in columns.items()})


def total_table(fit: AvailabilityFit) -> pa.Table:
    """Return availability and lost sales added up by every dimension.

    Each sum is there for all manufacturers together, under no name, and for each of them that
    has one.
    ``availability``: share of demand that found the item, percent; ``recorded``: share of it at
    which time on the shelf is recorded, elsewhere short gaps do not show. ``lost_to_brand`` and
    ``lost_to_retailer``: value lost less what shoppers buy instead or later, as the recovery
    assumed says; their intervals count with how far that may be off.
    """
    pieces = []
    for name, both in fit.groupings.dimensions.items():
        for number, each in enumerate(both):
            of, count = each.groups.of[fit.rows.series.of], each.count
            alarms = each.groups.of[fit.outages.series]
            pieces.append(as_table({
                "dimension": np.full(count, name),
                **each.names,
                "store_items": _counted(each.groups.of, count),
                **_shelves(fit, of, count),
                **_alarms(fit, alarms, count),
                **_lost(fit, named(name, number)),
            }))  # fmt: skip
    return _stacked(pieces)


def week_table(fit: AvailabilityFit) -> pa.Table:
    """Return ``availability_weeks``: availability and lost sales by week, named by its Monday.

    For all manufacturers together and for each, as in the totals. Alarms are those that begin in
    the week.
    """
    pieces = []
    for number, each in enumerate(fit.groupings.weeks):
        of, count = each.groups.of, each.count
        pieces.append(as_table({
            **each.names,
            **_shelves(fit, of, count),
            **_alarms(fit, of[fit.outages.begin], count),
            **_lost(fit, named(WEEK, number)),
        }))  # fmt: skip
    return _stacked(pieces)


def cause_table(fit: AvailabilityFit) -> pa.Table:
    """Return alarms and lost sales by dimension and guessed cause, of listed runs only."""
    pieces = []
    for name, both in fit.groupings.causes.items():
        for number, each in enumerate(both):
            pieces.append(as_table({
                "dimension": np.full(each.count, name),
                **each.names,
                **_alarms(fit, each.groups.of, each.count),
                **_lost(fit, named(CAUSE + name, number)),
            }))  # fmt: skip
    return _stacked(pieces)


def _stacked(pieces: list[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(pieces)


def _named(fit: AvailabilityFit, series: Integers) -> Columns:
    rows = fit.rows
    store, item = rows.store[series], rows.item[series]
    return {
        "store_id": rows.stores[store],
        "product_id": rows.items[item],
        "brand": rows.brands[item],
        "manufacturer": rows.makers[item],
        "retailer": rows.retailers[store],
        "region": rows.regions[store],
        "territory": rows.territories[store],
    }


def _shelves(fit: AvailabilityFit, of: Integers, count: int) -> Columns:
    """Return what sold, the share of demand that found it, and that with a recorded shelf."""
    shelf, series = fit.shelf, fit.rows.series
    # Between two listings nothing is wanted, nor of what is gone for good.
    demand = shelf.demand.mean * series.seen
    wanted = _counted(of, count, demand * (1 - shelf.states.all[:, GONE]))
    short = _counted(of, count, demand * shelf.missing)
    recorded = _counted(of, count, demand * np.isfinite(series.share))
    every = _counted(of, count, demand)
    return {
        "units": _counted(of, count, series.units),
        "availability": PERCENT * (1 - _share(short, wanted)),
        "recorded": PERCENT * _share(recorded, every),
    }


def _share(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.zeros(whole.size), where=whole > 0)
    return found


def _alarms(fit: AvailabilityFit, of: Integers, count: int) -> Columns:
    """Return listed alarms, and those of them that go on, by group of runs."""
    found = fit.outages
    return {
        "alarms": _counted(of[found.listed], count),
        "ongoing": _counted(of[found.listed & found.ongoing], count),
    }


def _lost(fit: AvailabilityFit, name: str) -> Columns:
    """Return what was lost by group: units, value, and whose; value where a price is known."""
    units, money = fit.lost.units[name], fit.lost.money[name].copy()
    money[:, (money == 0).all(axis=0) & (units > 0).any(axis=0)] = np.nan
    recovery, random = fit.spec.recovery, np.random.default_rng([fit.spec.seed, RECOVERED])
    brand, retailer = (
        drawn_share(share, fit.spec.recovery_spread, random, money.shape[0])
        for share in (recovery.brand_loses, recovery.retailer_loses)
    )
    return {
        **_estimate("lost_units", units),
        **_estimate("lost_value", money),
        **_estimate("lost_to_brand", brand[:, None] * money, recovery.brand_loses * money),
        **_estimate("lost_to_retailer", retailer[:, None] * money, recovery.retailer_loses * money),
    }


def _counted(of: Integers, count: int, values: Floats | None = None) -> NDArray[Any]:
    """Return the sums of values by code, or how many there are; those of code -1 are left out."""
    found: NDArray[Any] = np.bincount(of + 1, values, minlength=count + 1)[1:]
    return found


def _estimate(name: str, draws: Floats, middle: Floats | None = None) -> Columns:
    """Return the mean of draws (D, G), of others if told, and the ends of their interval."""
    if not draws.shape[1]:
        return {f"{name}{suffix}": np.zeros(0) for suffix in ("", "_low", "_high")}
    low, high = np.quantile(draws, ENDS, axis=0)
    mean = (draws if middle is None else middle).mean(axis=0)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}
