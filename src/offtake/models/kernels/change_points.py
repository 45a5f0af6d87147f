"""Where the level or the line of a series changes: the best cut into segments, found exactly.

A series is cut into segments of a shortest length or more. Each segment has a level (or a line) of
its own, fitted by weighted least squares; the best cut has the least sum of squares plus a penalty
for every change, or the least sum of squares of all cuts with a given number of changes. Both are
found by dynamic programming over the last change (optimal partitioning; segment neighbourhood),
which looks at every cut there is: nothing is approximated.

References
----------
Jackson, B. et al. (2005). An algorithm for optimal partitioning of data on an interval. IEEE Signal
Processing Letters 12, 105-108.
Auger, I. E. and Lawrence, C. E. (1989). Algorithms for the optimal identification of segment
neighborhoods. Bulletin of Mathematical Biology 51, 39-54.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.arguments import Floats, Integers, finite, numbers, vector
from offtake.models.kernels.compiled import compiled

Cost = Literal["level", "line"]
COSTS: tuple[Cost, ...] = ("level", "line")


@dataclass(frozen=True, slots=True)
class Segments:
    """The best cuts of S series over T steps.

    Parameters
    ----------
    changes
        (S, C) first steps of all segments but the first, in order; -1 where a series has fewer.
    count
        (S,) number of changes.
    fitted
        (S, T) fitted levels or lines.
    loss
        (S,) weighted sums of squares, without penalty.
    """

    changes: Integers
    count: Integers
    fitted: Floats
    loss: Floats


def penalised(
    series: ArrayLike,
    penalty: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    shortest: int = 1,
    cost: Cost = "level",
) -> Segments:
    """Return the cuts with the least sum of squares plus a penalty for every change.

    Parameters
    ----------
    series
        (S, T) values.
    penalty
        One number, or (S,): what a change must take off the sum of squares to be worth it.
    weights
        (T,) weights of the steps; all alike unless given.
    shortest
        Fewest steps of a segment.
    cost
        ``level`` or ``line``.

    Raises
    ------
    BadInputError
        When shapes disagree, a number is out of range, or the series is shorter than a segment.
    UnknownNameError
        When there is no such cost.

    Examples
    --------
    >>> found = penalised([[0, 0, 0, 4, 4, 4.0]], 1.0)
    >>> found.changes.tolist(), found.fitted.tolist()
    ([[3]], [[0.0, 0.0, 0.0, 4.0, 4.0, 4.0]])
    """
    y, w, low = _checked(series, weights, shortest, cost)
    price = np.broadcast_to(numbers("penalty", penalty), y.shape[0]).astype(np.float64)
    if not np.all(price >= 0):
        raise BadInputError(f"penalty: got {price.min()}, allowed: numbers >= 0")
    least = max(shortest, low)
    cut = compiled(_partition)
    found = [
        cut(costs, each, least) for costs, each in zip(_all_costs(y, w, low), price, strict=True)
    ]
    return _described(y, w, found, low)


def with_changes(
    series: ArrayLike,
    count: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    shortest: int = 1,
    cost: Cost = "level",
) -> Segments:
    """Return the cuts with the least sum of squares of all those with so many changes.

    Parameters
    ----------
    series, weights, shortest, cost
        As in :func:`penalised`.
    count
        One number, or (S,): changes of each series.

    Raises
    ------
    BadInputError
        As there, or when a series is too short for so many changes.
    UnknownNameError
        When there is no such cost.

    Examples
    --------
    >>> with_changes([[0, 0, 3, 3, 7, 7.0]], 2).changes.tolist()
    [[2, 4]]
    """
    y, w, low = _checked(series, weights, shortest, cost)
    many = np.broadcast_to(np.asarray(count), y.shape[0]).astype(np.int64)
    if np.any(many < 0) or np.any((many + 1) * max(shortest, low) > y.shape[1]):
        raise BadInputError(
            f"count: got {many.min()} to {many.max()}, allowed: 0 to "
            f"{y.shape[1] // max(shortest, low) - 1} changes in {y.shape[1]} steps"
        )
    least = max(shortest, low)
    cut = compiled(_neighbourhood)
    found = [
        cut(costs, each, least) for costs, each in zip(_all_costs(y, w, low), many, strict=True)
    ]
    return _described(y, w, found, low)


def _checked(
    series: ArrayLike, weights: ArrayLike | None, shortest: int, cost: str
) -> tuple[Floats, Floats, int]:
    """Return the series, the weights, and the number of parameters of a segment."""
    if cost not in COSTS:
        raise UnknownNameError("cost of a segment", cost, COSTS)
    y = finite("series", numbers("series", series))
    size = 1 if cost == "level" else 2
    if y.ndim != 2 or shortest < 1 or y.shape[1] < max(shortest, size):
        raise BadInputError(
            f"series: got shape {y.shape} with segments of {shortest} steps or more, allowed: "
            "(S, T) with T no less than a segment, and at least 1"
        )
    w = np.ones(y.shape[1]) if weights is None else vector("weights", weights, y.shape[1])
    if np.any(w <= 0):
        raise BadInputError("weights: got one not above 0, allowed: numbers > 0")
    return np.ascontiguousarray(y), w, size


def _all_costs(y: Floats, w: Floats, size: int) -> Iterator[Floats]:
    """Yield for every series the sum of squares of all its segments, (T + 1, T + 1)."""
    cost = compiled(_costs)
    # Centred, so that little is lost when running sums are subtracted.
    for each in y - (y @ w / w.sum())[:, None]:
        yield cost(each, w, size)


def _costs(y: Floats, w: Floats, size: int) -> Floats:
    """Return the sum of squares of segments from start to stop, (T + 1, T + 1)."""
    steps = y.size
    found = np.zeros((steps + 1, steps + 1))
    for start in range(steps):
        ww = wy = wyy = wx = wxx = wxy = 0.0
        for t in range(start, steps):
            x = float(t - start)
            ww += w[t]
            wy += w[t] * y[t]
            wyy += w[t] * y[t] * y[t]
            wx += w[t] * x
            wxx += w[t] * x * x
            wxy += w[t] * x * y[t]
            left = wyy - wy * wy / ww
            if size == 2 and t > start:
                left -= (wxy - wx * wy / ww) ** 2 / (wxx - wx * wx / ww)
            found[start, t + 1] = max(left, 0.0)
    return found


def _partition(costs: Floats, price: float, least: int) -> Integers:
    """Return the first steps of all segments but the first of the best cut, (C,)."""
    steps = costs.shape[0] - 1
    best = np.full(steps + 1, np.inf)
    last = np.zeros(steps + 1, dtype=np.int64)
    best[0] = -price
    for stop in range(least, steps + 1):
        for start in range(stop - least + 1):
            total = best[start] + costs[start, stop] + price
            if total < best[stop]:
                best[stop] = total
                last[stop] = start
    found = np.empty(steps, dtype=np.int64)
    stop, count = steps, 0
    while last[stop] > 0:
        stop = last[stop]
        found[count] = stop
        count += 1
    return found[:count][::-1].copy()


def _neighbourhood(costs: Floats, many: int, least: int) -> Integers:
    """Return the first steps of all segments but the first of the best cut of so many, (C,)."""
    steps = costs.shape[0] - 1
    best = np.full((many + 1, steps + 1), np.inf)
    last = np.zeros((many + 1, steps + 1), dtype=np.int64)
    best[0, least:] = costs[0, least:]
    for part in range(1, many + 1):
        for stop in range((part + 1) * least, steps + 1):
            for start in range(part * least, stop - least + 1):
                total = best[part - 1, start] + costs[start, stop]
                if total < best[part, stop]:
                    best[part, stop] = total
                    last[part, stop] = start
    found = np.empty(many, dtype=np.int64)
    stop = steps
    for part in range(many, 0, -1):
        stop = last[part, stop]
        found[part - 1] = stop
    return found


def _described(y: Floats, w: Floats, found: Sequence[Integers], size: int) -> Segments:
    changes = np.full((y.shape[0], max((each.size for each in found), default=0)), -1)
    fitted = np.empty_like(y)
    time = np.arange(y.shape[1], dtype=np.float64)
    for place, each in enumerate(found):
        changes[place, : each.size] = each
        edges = [0, *each.tolist(), y.shape[1]]
        for start, stop in pairwise(edges):
            here = slice(start, stop)
            fitted[place, here] = _fit(time[here], y[place, here], w[here], size)
    loss: Floats = ((y - fitted) ** 2 * w).sum(axis=1)
    return Segments(changes, (changes >= 0).sum(axis=1), fitted, loss)


def _fit(time: Floats, y: Floats, w: Floats, size: int) -> Floats:
    level = w @ y / w.sum()
    off = time - w @ time / w.sum()
    square = w @ off**2
    slope = (w * off) @ y / square if size == 2 and square > 0 else 0.0
    found: Floats = level + slope * off
    return found
