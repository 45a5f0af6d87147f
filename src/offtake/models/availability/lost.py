"""What was not sold because it was not there: draws of lost units, for sums with intervals.

On a day on which the shelf ran empty, demand was likely higher than usual: that is what emptied it.
Given the units sold while the item was there, the day's push is a gamma variable with k + units
over k + expected, and what was lost is a count around push x expected x share without the item. So
a day that sold much before it ran out lost more than one that sold little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.series import Floats, Integers
from offtake.models.availability.shelf import GONE, LEVELS, Shelf
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.hidden_states import drawn


@dataclass(frozen=True, slots=True)
class Lost:
    """Draws of what was lost.

    Parameters
    ----------
    by_series
        (D, S) units lost by every store-item while it was in range.
    by_group
        (D, G) units lost by group of steps.
    expected
        (N,) units lost at every step, expected.
    """

    by_series: Floats
    by_group: Floats
    expected: Floats


def lost_sales(shelf: Shelf, groups: Integers, spec: AvailabilitySpec) -> Lost:
    """Draw what every store-item and every group of steps lost.

    An item that is gone for good loses nothing more: it is no longer for sale.

    Parameters
    ----------
    shelf
        What is known of the shelf.
    groups
        (N,) codes 0 and up of groups of steps; -1 for none.
    spec
        Number of draws, seed.
    """
    series, demand = shelf.series, shelf.demand
    rng = np.random.default_rng(spec.seed)
    known, code = np.isfinite(series.share), series.of
    inside, error = groups >= 0, demand.error
    count = int(groups.max(initial=-1)) + 1
    by_series = np.empty((spec.draws, series.count))
    by_group = np.empty((spec.draws, count))
    for draw in range(spec.draws):
        path = drawn(shelf.states.now, series.first, shelf.chain, rng.random(series.size))
        share = np.where(known, series.share, LEVELS[path])
        level = np.exp(error * rng.standard_normal(series.count) - error**2 / 2)[code]
        short = np.flatnonzero((share < 1) & (path < GONE))
        units = np.zeros(series.size)
        units[short] = _missed(shelf, share[short], demand.mean[short] * level[short], short, rng)
        by_series[draw] = np.bincount(code, units, minlength=series.count)
        by_group[draw] = np.bincount(groups[inside], units[inside], minlength=count)
    return Lost(by_series, by_group, expected_loss(shelf))


def _missed(
    shelf: Shelf, share: Floats, mean: Floats, at: Integers, rng: np.random.Generator
) -> Floats:
    """Draw the units missed at some steps."""
    shape = shelf.demand.dispersion
    sold = np.where(shelf.series.seen[at], shelf.series.units[at], 0.0)
    met = np.where(shelf.series.seen[at], share * mean, 0.0)
    push = rng.gamma(shape + sold) / (shape + met)
    found: Floats = rng.poisson(push * mean * (1 - share)).astype(np.float64)
    return found


def expected_loss(shelf: Shelf) -> Floats:
    """Return the units lost at every step, expected, (N,)."""
    series = shelf.series
    total = np.zeros(series.size)
    known = np.isfinite(series.share)
    for state, level in enumerate(LEVELS[:GONE]):
        total += shelf.states.all[:, state] * _mean_missed(shelf, level)
    recorded = _mean_missed(shelf, np.where(known, series.share, 1.0))
    recorded *= 1 - shelf.states.all[:, GONE]
    return np.where(known, recorded, total)


def _mean_missed(shelf: Shelf, share: Floats | float) -> Floats:
    """Return the units missed where a share of shopping, (N,) or one for all, found it."""
    series, mean, shape = shelf.series, shelf.demand.mean, shelf.demand.dispersion
    sold = np.where(series.seen, series.units, 0.0)
    met = np.where(series.seen, share * mean, 0.0)
    missed: Floats = (1 - share) * mean * (shape + sold) / (shape + met)
    return missed


def imputed(shelf: Shelf) -> Floats:
    """Return the units of every step had the item been there all the time, expected, (N,).

    What sold and what was missed. For a step whose sales are not known: what is expected of one
    that was full, where it was recorded as full, and of any step elsewhere.
    """
    series, demand = shelf.series, shelf.demand
    full = series.share >= 1
    unseen = demand.mean * np.where(full, demand.when_full, 1.0)
    return np.where(series.seen, series.units + expected_loss(shelf), unseen)
