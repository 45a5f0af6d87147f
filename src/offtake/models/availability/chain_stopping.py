"""Which items a retailer has delisted: most of its stores stop within a few weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.listing_rows import Floats, Integers
from offtake.models.availability.stopping import (
    WEEKS_A_YEAR,
    StoppingSpec,
    Stops,
    dates,
    log_sum,
)


@dataclass(frozen=True, slots=True)
class ChainStops:
    """What is believed of G items at retailers.

    Parameters
    ----------
    group
        (P,) code of every pair's item and retailer.
    gone
        (G,) probability that the retailer has delisted the item.
    week
        (G,) likeliest first week without it.
    early, late
        (G,) ends of the 80 % interval of that week.
    stores
        (G,) expected number of its stores with the item just before.
    pair_gone
        (P,) probability that a pair has stopped, given what the retailer's other stores did.
    """

    group: Integers
    gone: Floats
    week: Integers
    early: Integers
    late: Integers
    stores: Floats
    pair_gone: Floats


def chain_stops(
    told: Stops, group: Integers, first: Integers, spec: StoppingSpec | None = None
) -> ChainStops:
    """Return which items their retailers have delisted.

    Parameters
    ----------
    told
        What each pair's own sales say.
    group
        (P,) code 0, 1, ... of every pair's item and retailer.
    first
        (P,) first week sold.
    spec
        What is assumed.

    Examples
    --------
    Four stores sell a unit or none a week, and all stop after week 11.

    >>> from offtake.models.availability.histories import Histories
    >>> from offtake.models.availability.stopping import stops
    >>> units = np.tile([1.0, 0.0, 1.0, 1.0] * 3 + [0.0] * 12, (4, 1))
    >>> four = Histories(np.zeros(4, np.int64), np.full(4, 11), units, np.full((4, 24), 0.75))
    >>> found = chain_stops(stops(four), np.zeros(4, np.int64), np.zeros(4, np.int64))
    >>> round(float(found.gone[0]), 2), int(found.week[0])
    (1.0, 12)
    """
    spec = spec or StoppingSpec()
    near, before, after = _around(told, first, spec)
    part = spec.taking_part
    every = part * near + (1 - part) * after + before
    odds = np.log(every)
    count = int(group.max(initial=-1)) + 1
    weeks = odds.shape[1]
    log = np.zeros((count, weeks))
    np.add.at(log, group, odds)
    stores = np.zeros((count, weeks))
    np.add.at(stores, group, (1 - before) * (first[:, None] <= np.arange(weeks)))
    log += np.log(spec.chain_stops_a_year / WEEKS_A_YEAR)
    log[stores < spec.least_stores] = -np.inf
    log[:, max(weeks - spec.quiet, 0) :] = -np.inf
    total = log_sum(np.column_stack([log, np.zeros(count)]))
    gone = 1 - np.exp(-total)
    week, early, late = dates(log, np.zeros(count, np.int64))
    last = week - 1
    at = (np.arange(group.size), last[group])
    joint = part * near[at] + before[at]
    left = np.maximum(told.gone - before[at], 0.0)
    given = (joint + (1 - part) * left) / (joint + (1 - part) * after[at])
    mixed = gone[group] * given + (1 - gone[group]) * told.gone
    had = (1 - (before / every)[at]) * (first <= last[group])
    before_it = np.bincount(group, had, minlength=count).astype(np.float64)
    return ChainStops(group, gone, week, early, late, before_it, mixed)


def _around(told: Stops, first: Integers, spec: StoppingSpec) -> tuple[Floats, Floats, Floats]:
    """Return how well a pair's sales go with a retailer's delisting after week t, (P, T) each.

    Over the sum of all that may have happened to the pair alone: its integral were it to stop near
    t; the probability that it had stopped well before; and that it had not.
    """
    weeks = told.log.shape[1]
    t = np.arange(weeks)
    ratio = np.exp(told.log - told.log_all[:, None])
    ratio[:, -1] = 0.0
    ratio[first[:, None] > t] = 0.0
    near = _weighted_near(ratio, spec.within)
    single = ratio * told.hazard * np.exp(t * np.log1p(-told.hazard))
    stopped = np.cumsum(np.pad(single, ((0, 0), (spec.within + 1, 0))), axis=1)[:, :weeks]
    before = np.clip(stopped, 0.0, 1.0)
    return near, before, 1 - before


def _weighted_near(values: Floats, within: int) -> Floats:
    """Return means over weeks up to `within` away, (P, T); nearer weeks weigh more."""
    weeks = values.shape[1]
    padded = np.pad(values, ((0, 0), (within, within)))
    steps = np.arange(-within, within + 1)
    weight = within + 1.0 - np.abs(steps)
    parts = zip(weight / weight.sum(), within + steps, strict=True)
    found: Floats = sum(
        (share * padded[:, at : at + weeks] for share, at in parts), np.zeros_like(values)
    )
    return found
