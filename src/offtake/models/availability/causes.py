"""A guess why a shelf is empty, from what stands beside it: for a person to look, not to judge."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from offtake.models.availability.outages import Outages
from offtake.models.availability.rows import AvailabilityRows
from offtake.models.availability.series import Bools, Floats
from offtake.models.availability.shelf import EMPTY, Shelf
from offtake.models.availability.shelf import GONE as GONE_STATE
from offtake.models.names import joint

GONE = 0.5
"""Probability that an item does not come back from which it counts as gone."""
AT_ONCE = 0.3
"""Share of the retailer's stores with the item that are empty at once, from which supply is at
fault."""
LEAST_STORES = 5
"""Stores with the item that the retailer must have for that."""
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "gone": "the item stopped selling for good: taken off the range, or never put back",
        "supply": "many of the retailer's stores ran out at once: supply or the retailer's order",
        "phantom_stock": "the stock record says it is there: count it, and correct the record",
        "promotion": "it ran out on promotion: more was wanted than was ordered for it",
        "store": "this store alone: its order, or its shelf was not filled",
    }
)
"""Causes in the order in which they are looked for, with what to do about them."""


def causes(rows: AvailabilityRows, shelf: Shelf, found: Outages) -> NDArray[np.str_]:
    """Return the cause guessed of every run, (R,)."""
    guesses = {
        "gone": found.gone > GONE,
        "supply": _supply(rows, shelf, found),
        "phantom_stock": phantom(rows, found),
        "promotion": (rows.series.promoted > 0)[found.begin],
    }
    return np.select(list(guesses.values()), list(guesses), default="store").astype(np.str_)


def causes_of(cause: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return what each cause means and what to do about it, (R,)."""
    return np.array([CAUSES[each] for each in cause.tolist()], dtype=np.str_)


def last_record(rows: AvailabilityRows, found: Outages) -> Floats:
    """Return the last stock record within every run, (R,); NaN where there is none."""
    on_hand = rows.series.on_hand
    latest = np.maximum.accumulate(np.where(np.isfinite(on_hand), np.arange(on_hand.size), -1))
    at = latest[found.end - 1]
    return np.where(at >= found.begin, on_hand[at], np.nan)


def phantom(rows: AvailabilityRows, found: Outages) -> Bools:
    """Return whether the last stock record within an empty run had units, (R,)."""
    found_there: Bools = found.empty & (last_record(rows, found) > 0)
    return found_there


def _supply(rows: AvailabilityRows, shelf: Shelf, found: Outages) -> Bools:
    """Return whether many stores of the retailer were without the item when a run began, (R,).

    Of the stores that still sell it: one in which it is gone has not run out.
    """
    series = rows.series
    retailer = np.unique(rows.retailers, return_inverse=True)[1][rows.store]
    place = joint(joint(retailer, rows.item)[series.of], series.step)
    states = shelf.states.all * series.seen[:, None]
    ran_out = states[:, EMPTY:GONE_STATE].sum(axis=1)
    empty, stores = (
        np.bincount(place, each).astype(np.float64)
        for each in (ran_out, series.seen - states[:, GONE_STATE])
    )
    share = np.divide(empty, stores, out=np.zeros(stores.size), where=stores > 0)
    at = place[found.begin]
    many: Bools = (share[at] > AT_ONCE) & (stores[at] >= LEAST_STORES)
    return many
