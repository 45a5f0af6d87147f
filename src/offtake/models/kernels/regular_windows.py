"""Modal and high prices in windows of weeks, for all weeks of all series at once.

The weeks with a price stand on one line, series after series, as far apart as they are in time,
but never farther than a window reaches: no window sees past a longer gap or another series anyway,
and the line stays as short as the data. It is worked through in blocks that fit the cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.arguments import Flags, Floats, Integers

Small = NDArray[np.uint8]

REACH = 5
WINDOW = 2 * REACH + 1
QUARTILE = 0.75
# Prices are compared by their logs, in whole steps of a hundredth of a percent, all above zero.
STEP = 1e-4
ZERO, LOWEST, HIGHEST = 1 << 20, 1 << 19, (1 << 21) - 1
# A candidate for the mode is one number that sorts as it should: weeks at the same price, weeks at
# exactly this price, the price itself, and the week it is from.
ALIKE, PRICE, WEEK = 4, 40, 8
BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class Line:
    """Weeks with a price, series after series.

    Parameters
    ----------
    steps
        (C,) logs of the prices in steps.
    place
        (C,) where the week stands on the line.
    limit
        Prices at most so many steps apart are the same.
    """

    steps: Integers
    place: Integers
    limit: int


@dataclass(frozen=True, slots=True)
class Modes:
    """The modal price in the window of every week.

    Parameters
    ----------
    week
        (C,) number of a week that charges it: the last of those that charge it exactly.
    support
        (C,) weeks of the window that charge the same.
    size
        (C,) weeks of the window with a price.
    """

    week: Integers
    support: Integers
    size: Integers


def price_line(price: Floats, week: Integers, first: Flags, tolerance: float) -> Line:
    """Put weeks on a line.

    Parameters
    ----------
    price, week
        (C,) price above zero and week of every pair of series and week, sorted.
    first
        (C,) whether it is the first of its series.
    tolerance
        Two prices that differ by no more than this share are the same.

    Examples
    --------
    >>> first = np.array([True, False, False, True])
    >>> price_line(np.ones(4), np.array([0, 1, 3, 9]), first, 0.01).place.tolist()
    [6, 7, 9, 15]
    """
    steps = np.rint(np.log(price) / STEP).astype(np.int64) + ZERO
    apart = np.where(first, REACH + 1, np.minimum(np.diff(week, prepend=0), REACH + 1))
    limit = round(np.log1p(tolerance) / STEP)
    return Line(np.clip(steps, LOWEST, HIGHEST), np.cumsum(apart), limit)


def modes(line: Line) -> Modes:
    """Find the modal price of the window around every week.

    Examples
    --------
    >>> price, week = np.array([4.0, 4.0, 3.0, 4.0, 5.0]), np.array([0, 1, 2, 3, 20])
    >>> first = np.array([True, False, False, False, False])
    >>> found = modes(price_line(price, week, first, 0.01))
    >>> price[found.week].tolist(), found.support.tolist(), found.size.tolist()
    ([4.0, 4.0, 4.0, 4.0, 5.0], [3, 3, 3, 3, 1], [4, 4, 4, 4, 1])
    """
    blocks = [_block(line, low) for low in range(0, line.place.size, BLOCK)]
    if not blocks:
        return Modes(*(np.zeros(0, np.int64),) * 3)
    return Modes(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _block(line: Line, low: int) -> tuple[Integers, Integers, Integers]:
    """Return mode, support and size for the weeks of a block; those beside it are looked at."""
    high = min(low + BLOCK, line.place.size)
    start, stop = max(low - REACH, 0), min(high + REACH, line.place.size)
    place = line.place[start:stop] - line.place[start] + REACH
    steps = np.zeros(int(place[-1]) + WINDOW - REACH, np.int32)
    steps[place] = line.steps[start:stop]
    number = np.zeros(steps.size, np.int64)
    number[place] = np.arange(start, stop)
    centre = place[low - start : high - start] - REACH
    best = _best(steps, line.limit)[centre]
    seen = np.cumsum(steps > 0, dtype=np.int64)
    size = seen[centre + WINDOW - 1] - seen[centre] + (steps[centre] > 0)
    mode = number[centre + (best & (1 << WEEK) - 1)]
    return mode, best >> (PRICE + ALIKE), size


def _best(steps: NDArray[np.int32], limit: int) -> Integers:
    """Return the best candidate of every window that lies within the line, (L - WINDOW + 1,)."""
    pairs = _pairs(steps, limit)
    score = pairs.sum(axis=0, dtype=np.uint8)
    price = steps.astype(np.int64) << WEEK
    best = np.zeros(steps.size - WINDOW + 1, np.int64)
    for week in range(WINDOW):
        if week:  # the window begins a week earlier and ends a week earlier
            score[week:] += pairs[week, :-week]
            score -= pairs[WINDOW - week]
        candidate = (score.astype(np.int64) << PRICE) + price + week
        np.maximum(best, candidate[week : week + best.size], out=best)
    return best


def _pairs(steps: NDArray[np.int32], limit: int) -> Small:
    """Compare each week with the one k weeks later, (WINDOW, L): 16 if the same, 17 if exactly."""
    pairs = np.zeros((WINDOW, steps.size), np.uint8)
    seen = (steps > 0).view(np.uint8)
    pairs[0] = seen * ((1 << ALIKE) + 1)
    for k in range(1, WINDOW):
        apart = np.abs(steps[k:] - steps[:-k])
        same = (apart <= limit).view(np.uint8) << ALIKE
        pairs[k, :-k] = (same | (apart == 0).view(np.uint8)) * seen[k:]
    return pairs


def upper_quartiles(line: Line, weeks: Integers) -> Integers:
    """Return a week that charges the upper quartile, by nearest rank, of the window of each week.

    Parameters
    ----------
    line
        All weeks.
    weeks
        (M,) numbers of those for which it is asked.

    Returns
    -------
    ndarray
        (M,) number of the week; of several at exactly this price the one of the rank.

    Examples
    --------
    >>> price = np.array([1.0, 4.0, 2.0, 3.0])
    >>> line = price_line(price, np.arange(4), np.arange(4) == 0, 0.01)
    >>> price[upper_quartiles(line, np.array([0, 3]))].tolist()
    [3.0, 3.0]
    """
    parts = [_quartiles(line, weeks[low : low + BLOCK]) for low in range(0, weeks.size, BLOCK)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _quartiles(line: Line, weeks: Integers) -> Integers:
    around = weeks[:, None] + np.arange(-REACH, REACH + 1)
    near = np.clip(around, 0, line.place.size - 1)
    within = np.abs(line.place[near] - line.place[weeks][:, None]) <= REACH
    within &= near == around
    ranked = np.where(within, line.steps[near] * WINDOW + np.arange(WINDOW), np.iinfo(np.int64).max)
    ranked.sort(axis=1)
    rank = np.ceil(QUARTILE * within.sum(axis=1)).astype(np.int64) - 1
    chosen: Integers = np.take_along_axis(ranked, rank[:, None], axis=1)[:, 0] % WINDOW
    return weeks + chosen - REACH
