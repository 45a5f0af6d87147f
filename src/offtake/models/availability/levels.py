"""How demand for an item rises and falls beside what the regression knows, and how sure that is.

Four levels, one on top of the other: that of the listing over all its stores (the item goes out of
fashion), that of its promotions (shoppers take to this item's deals more than to others'), that of
the listing in the step, and that of the store-item near the step. Each is a gamma variable around
1, known better the more was due.

A step in which demand varies much beside chance tells little of a level, however many units sold:
it counts for k / (k + expected).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.series import Floats, Integers, Series
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.compiled import compiled
from offtake.models.names import joint

FASHION = 3.0
"""How much longer the level of a listing over all stores is remembered than that of one of them."""
WEEK = 7
SURE = 0.9
"""Share on the shelf above which a step tells how demand varies."""
ANSWER = 0.3
"""Relative standard deviation of how listings answer to one kind of promotion."""


TOGETHER = 0.3
"""Relative standard deviation of what moves an item in one step in all stores of a retailer."""
MOMENT = 1.0
"""Days after which what was sold counts for 1 / e in that."""
FLOOR = -0.3
"""Least log of that. Lower, and demand is known better, but shelves that are empty in many stores
at once are found less often."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Logs of levels at N steps, and how sure they are.

    Parameters
    ----------
    total
        (N,) log of all levels together.
    shared
        (N,) log of those that a listing's stores share.
    near
        (N,) relative standard error of the store-item's level near the step. Errors of
        neighbouring steps go together, and are forgotten as levels are.
    answer
        (N,) relative standard error of how the listing answers to promotions; 0 without one.
    kind
        (N,) codes of listing and kind of promotion, which share one error.
    """

    total: Floats
    shared: Floats
    near: Floats
    answer: Floats
    kind: Integers


def no_levels(series: Series) -> Levels:
    """Return levels of which nothing is known yet."""
    nothing = np.zeros(series.size)
    return Levels(nothing, nothing, nothing, nothing, listing_kind(series))


def listing_kind(series: Series) -> Integers:
    """Return codes of the listing and the kind of promotion of every step, (N,)."""
    kinds = int(series.promoted.max(initial=0)) + 1
    return series.listing[series.of] * kinds + series.promoted


def levels(
    series: Series, share: Floats, plain: Floats, tells: Floats, spec: AvailabilitySpec
) -> Levels:
    """Work out all levels.

    Parameters
    ----------
    series, spec
        What sold, and how far levels wander.
    share
        (N,) of the step's shopping that found the item.
    plain
        (N,) units that the regression lets expect of a full step.
    tells
        (N,) how much a step tells, between 0 and 1.
    """
    recorded = np.where(np.isfinite(series.share), series.share, 1.0)
    total: Floats = _fashion(series, recorded * plain, tells, spec)
    answer, uncertain, kind = _answer(series, share * plain * np.exp(total), tells)
    total = total + answer
    total += _together(series, share * plain * np.exp(total), share * tells)
    level, near = _level(series, share, plain * np.exp(total), tells, spec)
    return Levels(total + level, total, near, uncertain, kind)


def _fashion(series: Series, due: Floats, tells: Floats, spec: AvailabilitySpec) -> Floats:
    """Return the log of a listing's level near each step, over all its stores, the step left out.

    All that sold counts, whatever is believed of the shelves (not what was recorded of them): an
    item that sells less and less in all stores of a retailer goes out of fashion there, and its
    shelves are not taken for empty.
    """
    steps = int(series.step.max()) + 1
    place = series.listing[series.of] * steps + series.step
    first = steps * np.arange(int(series.listing.max()) + 2)
    decay = float(np.exp(-series.days / (FASHION * spec.memory)))
    weight, size = np.where(series.seen, tells, 0.0), int(first[-1])
    sold, wanted = (
        _near(np.bincount(place, weight * each, minlength=size).astype(np.float64), first, decay)
        for each in (series.units, due)
    )
    prior = 1 / spec.drift**2
    found: Floats = np.log((sold + prior) / (wanted + prior))[place]
    return found


def _answer(series: Series, due: Floats, tells: Floats) -> tuple[Floats, Floats, Integers]:
    """Return the log of how a listing answers to a kind of promotion, its error, and the code."""
    on = series.promoted > 0
    kind = listing_kind(series)
    weight, size = np.where(on & series.seen, tells, 0.0), int(kind.max()) + 1
    sold = np.bincount(kind, weight * series.units, minlength=size) + 1 / ANSWER**2
    wanted = np.bincount(kind, weight * due, minlength=size) + 1 / ANSWER**2
    level: Floats = np.where(on, np.log(sold / wanted)[kind], 0.0)
    error: Floats = np.where(on, (1 / np.sqrt(sold))[kind], 0.0)
    return level, error, kind


def _together(series: Series, due: Floats, tells: Floats) -> Floats:
    """Return the log of what the listing's stores sold about the step beside what was due.

    The store-item's own step is left out.
    It stands for all that moves an item in all stores of a retailer and is not known: the deals of
    others, a price, a flyer. It does not fall below `FLOOR`: where an item sells next to nothing
    anywhere, it is missing everywhere.
    """
    steps = int(series.step.max()) + 1
    place = series.listing[series.of] * steps + series.step
    first = steps * np.arange(int(series.listing.max()) + 2)
    decay = float(np.exp(-series.days / MOMENT))
    weight, size, prior = np.where(series.seen, tells, 0.0), int(first[-1]), 1 / TOGETHER**2
    sold, wanted = (
        (step + _near(step, first, decay))[place] - weight * each + prior
        for each in (series.units, due)
        for step in [np.bincount(place, weight * each, minlength=size).astype(np.float64)]
    )
    level: Floats = np.maximum(np.log(sold / wanted), FLOOR)
    return level


def _level(
    series: Series, share: Floats, due: Floats, tells: Floats, spec: AvailabilitySpec
) -> tuple[Floats, Floats]:
    """Return the log of the store-item's level near each step, the step itself left out; its error.

    A step counts by the share of it in which the item was there: what little sold from a shelf that
    is believed to be empty says nothing of demand, and must not raise it.
    """
    decay = float(np.exp(-series.days / spec.memory))
    weight = np.where(series.seen, share * tells, 0.0)
    prior = 1 / spec.drift**2
    sold = _near(weight * series.units, series.first, decay) + prior
    wanted = _near(weight * share * due, series.first, decay) + prior
    level: Floats = np.log(sold / wanted)
    error: Floats = 1 / np.sqrt(sold)
    return level, error


def repeated(
    series: Series,
    share: Floats,
    mean: Floats,
    found: Levels,
    dispersion: Floats,
    spec: AvailabilitySpec,
) -> float:
    """Return the variance of what weeks sell, beside that of days that have nothing in common.

    Of weeks in which the shelf was likely full, told by the level of the weeks around them. Above 1
    where a week sells much or little on all its days for a reason that is not known.

    Parameters
    ----------
    series, spec
        What sold, by day, and how far levels wander.
    share, mean, found, dispersion
        (N,) share on the shelf, expected units, the levels in them, and the shape of the push.
    """
    tells = dispersion / (dispersion + share * mean)
    week = series.step // WEEK
    every_other = week % 2 == 1
    shared = mean * np.exp(found.shared - found.total)
    level, _ = _level(series, np.where(every_other, 0.0, share), shared, tells, spec)
    due = shared * np.exp(level)
    code = joint(series.of, week)
    full = np.bincount(code, series.seen & (share > SURE) & every_other) == WEEK
    error = np.bincount(code, series.units - due)[full]
    variance = np.bincount(code, due + due**2 / dispersion)[full]
    return float(np.mean(error**2 / variance)) if full.any() else 1.0


def _near(values: Floats, first: Integers, decay: float) -> Floats:
    """Return sums of the values before and after each step, weighed by nearness."""
    found = np.zeros_like(values)
    compiled(_sums)(values, first, decay, found)
    return found


def _sums(values: Floats, first: Integers, decay: float, found: Floats) -> None:
    for series in range(first.size - 1):
        total = 0.0
        for step in range(first[series], first[series + 1]):
            found[step] += total
            total = decay * (total + values[step])
        total = 0.0
        for step in range(first[series + 1] - 1, first[series] - 1, -1):
            found[step] += total
            total = decay * (total + values[step])
