"""The highest point of a smooth function of a few positive numbers, by Newton's method in logs.

A number that the data drive to nothing or beyond all bounds stops at a limit and is named: there
the likelihood is flat, and an interval for it would be made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Flags, Floats

STEPS = 200
LARGEST = 2.0
"""Longest step of a log."""
DECREMENT = 1e-10
"""What may be left to gain, as a log-likelihood: half the squared step in its own metric."""
HIDDEN = 1e-6
"""The same, where no step leads higher any more: as much as rounding of the value may hide."""
FLAT = 3.0
"""Standard error of a log beyond which the data do not tell the number: 20 times either way."""

CLOSE = 1e-6
"""Of a log, within which a limit counts as reached."""
LEAST_TOLD = 0.01
"""Information on a log that is taken for granted where the data hold less: a factor of 20,000."""

Valued = tuple[float, Floats, Floats]
"""Value, (K,) first and (K, K) second derivatives."""
Objective = Callable[[Floats], Valued]


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the search ended.

    Parameters
    ----------
    point
        (K,) the numbers.
    value
        Of the function there.
    covariance
        (K, K) of the logs: inverse of minus the second derivatives, over the numbers within their
        limits; 0 for the others.
    at_limit
        (K,) whether a number stopped at a limit, or hardly matters.
    converged
        Whether there is nothing more to gain.
    steps
        Taken.
    """

    point: Floats
    value: float
    covariance: Floats
    at_limit: Flags
    converged: bool
    steps: int


def highest(objective: Objective, start: Floats, low: Floats, high: Floats) -> Peak:
    """Climb from a start to the highest point between two limits.

    Parameters
    ----------
    objective
        Gives value, gradient and second derivatives in the numbers themselves.
    start, low, high
        (K,) positive.

    Examples
    --------
    >>> def two(x):
    ...     return (
    ...         float(np.sum(np.log(x) - x)), 1 / x - 1, np.diag(-1 / x**2)
    ...     )
    >>> peak = highest(two, np.array([5.0, 0.1]), np.full(2, 1e-3), np.full(2, 1e3))
    >>> peak.point.round(6).tolist(), peak.converged
    ([1.0, 1.0], True)
    """
    bottom, top = np.log(low), np.log(high)
    place = np.clip(np.log(start), bottom, top)
    now = _in_logs(objective, place)
    converged, steps = False, 0
    while steps < STEPS:
        direction, gain = _way(place, now, bottom, top)
        if gain < DECREMENT:
            converged = True
            break
        after = _tried(objective, (place, now), direction, (bottom, top))
        if after is None:
            # Rounding hides what is left to gain.
            converged = gain < HIDDEN
            break
        place, now = after
        steps += 1
    covariance, flat = _covariance(now, _free(place, now[1], bottom, top))
    return Peak(np.exp(place), now[0], covariance, flat, converged, steps)


def _in_logs(objective: Objective, place: Floats) -> Valued:
    point = np.exp(place)
    value, slope, bend = objective(point)
    first = point * slope
    second = np.outer(point, point) * bend
    second[np.diag_indices(point.size)] += first
    return value, first, second


def _free(place: Floats, slope: Floats, bottom: Floats, top: Floats) -> Flags:
    """Return which numbers are not held by a limit that they push against, (K,)."""
    at_bottom, at_top = place <= bottom + CLOSE, place >= top - CLOSE
    held: Flags = (at_bottom & (slope <= 0)) | (at_top & (slope >= 0))
    return ~held


def _way(place: Floats, now: Valued, bottom: Floats, top: Floats) -> tuple[Floats, float]:
    """Return a step that no limit blocks at once, and its gain."""
    free = _free(place, now[1], bottom, top)
    for _ in range(place.size):
        direction, gain = _direction(now, free)
        blocked = (place <= bottom + CLOSE) & (direction < 0)
        blocked |= (place >= top - CLOSE) & (direction > 0)
        if not blocked.any():
            break
        free &= ~blocked
    return direction, gain


def _direction(now: Valued, free: Flags) -> tuple[Floats, float]:
    """Return Newton's step, uphill also where the function bends the wrong way, and its gain."""
    _, slope, bend = now
    step = np.zeros_like(slope)
    if not free.any():
        return step, 0.0
    value, vector = np.linalg.eigh(-bend[np.ix_(free, free)])
    floor = 1e-10 * max(float(np.abs(value).max()), 1e-300)
    along = vector.T @ slope[free]
    step[free] = vector @ (along / np.maximum(np.abs(value), floor))
    gain = 0.5 * float(step @ slope)
    longest = float(np.abs(step).max())
    return (step * (LARGEST / longest) if longest > LARGEST else step), gain


def _tried(
    objective: Objective,
    here: tuple[Floats, Valued],
    direction: Floats,
    limits: tuple[Floats, Floats],
) -> tuple[Floats, Valued] | None:
    """Return the first point on the way that is higher, halving the step; None where none is.

    The way ends at the first limit: going on along it with the other numbers leaves the ridge.
    """
    place, now = here
    bottom, top = limits
    room = np.where(direction > 0, top - place, place - bottom)
    moving = direction != 0
    share = min(1.0, float(np.min(room[moving] / np.abs(direction[moving]))))
    for _ in range(40):
        there = np.clip(place + share * direction, *limits)
        found = _in_logs(objective, there)
        if np.isfinite(found[0]) and found[0] > now[0]:
            return there, found
        share /= 2
    return None


def _covariance(now: Valued, free: Flags) -> tuple[Floats, Flags]:
    """Return the covariance of the logs, and which numbers the data do not tell."""
    count = free.size
    covariance, flat = np.zeros((count, count)), ~free
    if free.any():
        value, vector = np.linalg.eigh(-now[2][np.ix_(free, free)])
        told = np.maximum(value, LEAST_TOLD)
        inverse = (vector / told) @ vector.T
        covariance[np.ix_(free, free)] = inverse
        flat[free] |= np.sqrt(np.diag(inverse)) > FLAT
    return covariance, flat
