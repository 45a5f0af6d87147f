"""The answers of a category's shelves as tables, for a run, a page or a notebook.

Every estimate ``x`` has columns ``x_low`` and ``x_high``, the ends of its 80 % interval. Numbers
that are not known are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from offtake.errors import UnknownNameError
from offtake.models.availability.causes import causes, phantom
from offtake.models.availability.fit import AvailabilityFit, notes
from offtake.models.availability.series import Floats, Integers
from offtake.models.availability.shelf import GONE
from offtake.models.columns import Columns, as_table
from offtake.models.names import UNNAMED, Names, coded

if TYPE_CHECKING:
    import pyarrow as pa

ENDS = (0.1, 0.9)
EVERYBODY = ""
"""Stands for all manufacturers together."""
PERCENT = 100.0
OfSeries = Callable[[AvailabilityFit], Names]
DIMENSIONS: Mapping[str, OfSeries] = MappingProxyType(
    {
        "category": lambda fit: np.full(fit.rows.series.count, fit.rows.category),
        "manufacturer": lambda fit: fit.rows.makers[fit.rows.item],
        "brand": lambda fit: fit.rows.brands[fit.rows.item],
        "item": lambda fit: fit.rows.items[fit.rows.item],
        "retailer": lambda fit: fit.rows.retailers[fit.rows.store],
        "region": lambda fit: fit.rows.regions[fit.rows.store],
        "territory": lambda fit: fit.rows.territories[fit.rows.store],
        "store": lambda fit: fit.rows.stores[fit.rows.store],
    }
)
"""What sums are made by, and the name of every store-item's group."""


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
        (sums by dimension), ``availability_causes`` (lost sales by guessed cause),
        ``availability_notes`` (what it rests on, in words).
    """
    return {
        "availability_alerts": alert_table(fit),
        "availability_totals": total_table(fit, tuple(DIMENSIONS)),
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
    lost = fit.lost.by_group
    price = rows.price[series]
    columns: Columns = {
        **_named(fit, series),
        "first_day": rows.day(step[found.begin]),
        "last_day": rows.day(step[found.end - 1]) + (rows.series.days - 1),
        "days": found.steps * rows.series.days,
        "kind": np.where(found.empty, "empty", "low"),
        "cause": causes(fit),
        "ongoing": found.ongoing,
        "probability": PERCENT * found.probability,
        "listed": found.listed,
        "on_hand": rows.series.on_hand[found.end - 1],
        "phantom_stock": phantom(fit),
        **_estimate("lost_units", lost),
        **_estimate("lost_value", lost * price),
    }
    order = np.lexsort((found.begin, -lost.mean(axis=0) * np.nan_to_num(price, nan=1.0)))
    return as_table({name: np.asarray(values)[order] for name, values in columns.items()})


def total_table(fit: AvailabilityFit, by: Sequence[str]) -> pa.Table:
    """Return availability and lost sales added up by each of some dimensions.

    Each sum is there for all manufacturers together, under no name, and for each of them that
    has one.
    ``availability``: share of demand that found the item, percent. ``lost_to_brand`` and
    ``lost_to_retailer``: value lost less what shoppers buy instead or later, as the recovery
    assumed says.

    Parameters
    ----------
    fit
        The category.
    by
        Names of :data:`DIMENSIONS`.

    Raises
    ------
    UnknownNameError
        When a dimension has no such name.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = fit.rows
    makers, maker = coded(rows.makers[rows.item])
    pieces = []
    for name in by:
        if name not in DIMENSIONS:
            raise UnknownNameError("dimension of availability", name, DIMENSIONS)
        groups, code = coded(DIMENSIONS[name](fit))
        whole = {"manufacturer": np.full(groups.size, EVERYBODY), "name": groups}
        pieces.append(_summed(fit, name, whole, code))
        both, of = np.unique(maker * groups.size + code, return_inverse=True)
        each = {
            "manufacturer": makers[both // groups.size], "name": groups[both % groups.size],
        }  # fmt: skip
        table = _summed(fit, name, each, of)
        pieces.append(table.filter(pc.not_equal(table["manufacturer"], UNNAMED)))
    return pa.concat_tables(pieces)


def _summed(fit: AvailabilityFit, dimension: str, names: Columns, code: Integers) -> pa.Table:
    count = names["name"].size
    return as_table({
        "dimension": np.full(count, dimension), **names, **_sums(fit, code, count)
    })  # fmt: skip


def cause_table(fit: AvailabilityFit) -> pa.Table:
    """Return alarms and lost sales by manufacturer and guessed cause, of listed runs only."""
    rows, found = fit.rows, fit.outages
    series = found.series[found.listed]
    makers, maker = coded(rows.makers[rows.item[series]])
    guesses, guess = coded(causes(fit)[found.listed])
    both, code = np.unique(maker * max(guesses.size, 1) + guess, return_inverse=True)
    lost = fit.lost.by_group[:, found.listed]
    price = np.nan_to_num(rows.price[series])
    return as_table({
        "manufacturer": makers[both // max(guesses.size, 1)],
        "cause": guesses[both % max(guesses.size, 1)],
        "alarms": np.bincount(code, minlength=both.size),
        "ongoing": np.bincount(code, found.ongoing[found.listed], minlength=both.size),
        **_estimate("lost_units", _added(lost, code, both.size)),
        **_estimate("lost_value", _added(lost * price, code, both.size)),
    })  # fmt: skip


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


def _sums(fit: AvailabilityFit, code: Integers, count: int) -> Columns:
    rows, shelf, found = fit.rows, fit.shelf, fit.outages
    of = code[rows.series.of]
    # Of what is gone for good nothing is wanted any more.
    mean = shelf.demand.mean * (1 - shelf.states.all[:, GONE])
    wanted = np.bincount(of, mean, minlength=count)
    short = np.bincount(of, shelf.demand.mean * shelf.missing, minlength=count)
    lost = _added(fit.lost.by_series, code, count)
    money = _added(fit.lost.by_series * np.nan_to_num(rows.price), code, count)
    priced = np.bincount(code, np.isfinite(rows.price), minlength=count) > 0
    money = np.where(priced, money, np.nan)
    alarms = code[found.series[found.listed]]
    recovery = fit.spec.recovery
    return {
        "store_items": np.bincount(code, minlength=count),
        "units": np.bincount(of, rows.series.units, minlength=count),
        "availability": PERCENT
        * (1 - np.divide(short, wanted, out=np.zeros(count), where=wanted > 0)),
        "alarms": np.bincount(alarms, minlength=count),
        "ongoing": np.bincount(alarms, found.ongoing[found.listed], minlength=count),
        **_estimate("lost_units", lost),
        **_estimate("lost_value", money),
        **_estimate("lost_to_brand", recovery.brand_loses * money),
        **_estimate("lost_to_retailer", recovery.retailer_loses * money),
    }


def _added(draws: Floats, code: Integers, count: int) -> Floats:
    """Return draws added up by code, (D, count)."""
    adder = csr_array((np.ones(code.size), (np.arange(code.size), code)), (code.size, count))
    found: Floats = (adder.T @ draws.T).T
    return found


def _estimate(name: str, draws: Floats) -> Columns:
    """Return the mean of draws, (D, G), and the ends of its interval."""
    if not draws.shape[1]:
        return {f"{name}{suffix}": np.zeros(0) for suffix in ("", "_low", "_high")}
    low, high = np.quantile(draws, ENDS, axis=0)
    return {name: draws.mean(axis=0), f"{name}_low": low, f"{name}_high": high}
