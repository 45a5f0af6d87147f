"""Out-of-stocks: when they start, how long they last, and what they cost in shopping time."""

from __future__ import annotations

import numpy as np

from offtake.twin.arrays import Floats, Ints
from offtake.twin.kernels.draws import BLOCK

DAYS = 7


def starts_per_week(level: float, mean_days: float) -> float:
    """Return the hazard of a start that makes an item missing `level` of the time.

    Outages that start at random and last independently leave a shelf empty with probability
    1 - exp(-hazard x mean duration) (the M/G/infinity queue).

    Examples
    --------
    >>> round(starts_per_week(0.083, 2.0), 4)
    0.3033
    """
    return float(-np.log1p(-level) * DAYS / mean_days)


def lost_time(pair: Ints, start: Floats, days: Floats, shape: tuple[int, int]) -> Floats:
    """Return the part of each day that each shelf is empty.

    Parameters
    ----------
    pair
        (N,) number of the shelf, below `shape[0]`.
    start, days
        (N,) start and duration in days.
    shape
        Shelves and days.

    Returns
    -------
    ndarray
        `shape`, between 0 and 1; time in which outages overlap counts once.

    Examples
    --------
    >>> lost_time(np.array([0]), np.array([0.5]), np.array([1.0]), (1, 3)).tolist()
    [[0.5, 0.5, 0.0]]
    """
    lost = np.zeros(shape[0] * shape[1], dtype=np.float64)
    pair, start, days = _apart(pair, start, np.minimum(days, shape[1] - start), shape[1])
    for first in range(0, len(pair), BLOCK):
        some = slice(first, first + BLOCK)
        key, part = _by_day(pair[some], start[some], days[some], shape[1])
        np.add.at(lost, key, part)
    np.minimum(lost, 1.0, out=lost)  # rounding
    return lost.reshape(shape)


def _apart(pair: Ints, start: Floats, days: Floats, horizon: int) -> tuple[Ints, Floats, Floats]:
    """Shorten every outage by what an earlier one of the same shelf already covers."""
    order = np.lexsort((start, pair))
    pair, start, days = pair[order], start[order], days[order]
    line = pair * float(horizon)  # one shelf after the other on one line of time
    end = line + start + days
    covered = np.concatenate([[-np.inf], np.maximum.accumulate(end)[:-1]])
    begin = np.maximum(line + start, covered)
    return pair, begin - line, np.maximum(end - begin, 0.0)


def runs(shelf: Ints, start: Floats, days: Floats, horizon: int) -> tuple[Ints, Floats, Floats]:
    """Join outages of a shelf that overlap or touch, and cut them at the end of time.

    Returns
    -------
    shelf, start, end
        One value for each run, in order of shelf and start.

    Examples
    --------
    >>> runs(np.array([0, 0, 0]), np.array([0.0, 0.5, 3.0]), np.array([1.0, 1.0, 9.0]), 4)
    (array([0, 0]), array([0., 3.]), array([1.5, 4. ]))
    """
    order = np.lexsort((start, shelf))
    shelf, start = shelf[order], start[order]
    end = np.minimum(start + days[order], horizon)
    line = shelf * (horizon + 1.0)  # apart from each other on one line of time
    covered = np.maximum.accumulate(line + end)
    new = np.ones(len(shelf), dtype=bool)
    new[1:] = (line + start)[1:] > covered[:-1]
    last = np.append(np.flatnonzero(new)[1:], len(shelf)) - 1
    return shelf[new], start[new], (covered - line)[last[: int(new.sum())]]


def _by_day(pair: Ints, start: Floats, days: Floats, horizon: int) -> tuple[Ints, Floats]:
    end = np.minimum(start + days, horizon)
    first = np.floor(start).astype(np.int64)
    many = np.maximum(np.ceil(end).astype(np.int64) - first, 0)
    place = np.repeat(np.arange(len(pair)), many)
    step = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)
    day = first[place] + step
    part = np.minimum(end[place], day + 1.0) - np.maximum(start[place], day)
    return pair[place] * horizon + day, np.maximum(part, 0.0)


def starts(uniform: Floats, hazard: Floats) -> tuple[tuple[Ints, ...], Floats]:
    """Return on which days an outage starts, at most one a day, and at what time of the day.

    Parameters
    ----------
    uniform
        (..., D) uniform numbers.
    hazard
        (..., D) mean number of starts on each day; above 1 it counts as 1.

    Returns
    -------
    places
        Indices of the days, one array for each axis.
    time
        (N,) part of the day that is over. A uniform number that fell below the hazard is still
        uniform below it, so it serves a second time.

    Examples
    --------
    >>> starts(np.array([0.02, 0.5]), np.array([0.1, 0.1]))
    ((array([0]),), array([0.2]))
    """
    places = np.nonzero(uniform < hazard)
    return places, uniform[places] / np.minimum(hazard[places], 1.0)
