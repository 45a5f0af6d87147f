"""How many have come back by when, where not all have been watched for equally long.

The product-limit estimate of Kaplan and Meier takes each day's comers over those still watched
that day; its variance is Greenwood's, and intervals are made on the scale log(-log S), on which
they stay between 0 and 1.

References
----------
Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal
of the American Statistical Association 53, 457-481.
Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time Data, 2nd
edition, section 1.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers, vector
from offtake.models.kernels.normal_ends import normal_ends


@dataclass(frozen=True, slots=True)
class Returned:
    """Shares that have come back by the end of G times.

    Parameters
    ----------
    share
        (G,) estimated shares, from 0 to 1.
    error
        (G,) their standard errors, by Greenwood.
    low, high
        (G,) ends of intervals. Before the first comer, and after the last one left, there is no
        variance to speak of: the inner end is then that of an exact binomial interval of those
        still watched.
    watched
        (G,) how many were still watched at the time and had not come back before it.
    """

    share: Floats
    error: Floats
    low: Floats
    high: Floats
    watched: Integers


def returned(time: ArrayLike, came: ArrayLike, at: ArrayLike, *, level: float = 0.8) -> Returned:
    """Return the share that has come back by given times.

    Parameters
    ----------
    time
        (N,) time of coming back, or else until which one was watched; 0 or more.
    came
        (N,) whether one came back.
    at
        (G,) times to tell the share for, in order.
    level
        Of the intervals.

    Raises
    ------
    BadInputError
        When shapes disagree, a time is below 0, or the level is not between 0 and 1.

    Examples
    --------
    Two of four came back; one was watched for two days only.

    >>> found = returned([1, 2, 3, 5], [True, False, True, False], [1, 2, 3, 4])
    >>> found.share.round(3).tolist(), found.watched.tolist()
    ([0.25, 0.25, 0.625, 0.625], [4, 3, 2, 1])
    """
    days = vector("time", time)
    event = np.asarray(came, dtype=np.bool_)
    grid = vector("at", at)
    _refuse(days, event, grid, level)
    each, place = np.unique(days, return_inverse=True)
    comers = np.bincount(place, event, minlength=each.size).astype(np.float64)
    risk = (days.size - np.searchsorted(np.sort(days), each)).astype(np.float64)
    log_left = _steps(each, _log(risk - comers) - _log(risk), grid)
    with np.errstate(divide="ignore"):
        greenwood = np.where(comers > 0, comers / (risk * np.maximum(risk - comers, 0.0)), 0.0)
    spread = np.sqrt(_steps(each, greenwood, grid))
    watched = days.size - np.searchsorted(np.sort(days), grid)
    share = -np.expm1(log_left)
    left = np.exp(log_left)
    finite = np.isfinite(spread)
    low, high = _ends(share, np.where(finite, spread, 0.0), watched, level)
    return Returned(
        share=share,
        error=np.where(finite, left * np.where(finite, spread, 0.0), 0.0),
        low=low,
        high=high,
        watched=watched.astype(np.int64),
    )


def _refuse(days: Floats, event: Flags, grid: Floats, level: float) -> None:
    if event.shape != days.shape or np.any(days < 0):
        raise BadInputError(
            f"time: got shape {days.shape} beside {event.shape} and {int(np.sum(days < 0))} below "
            "0, allowed: one shape, numbers >= 0"
        )
    if np.any(np.diff(grid) < 0):
        raise BadInputError("at: got times out of order, allowed: times in order")
    if not 0 < level < 1:
        raise BadInputError(f"level: got {level}, allowed: between 0 and 1")


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        found: Floats = np.log(np.maximum(values, 0.0))
    return found


def _steps(each: Floats, terms: Floats, grid: Floats) -> Floats:
    """Return the sum of terms up to and with each time of a grid."""
    sums = np.append(0.0, np.cumsum(terms))
    found: Floats = sums[np.searchsorted(each, grid, side="right")]
    return found


def _ends(share: Floats, spread: Floats, watched: Integers, level: float) -> tuple[Floats, Floats]:
    """Return intervals of the share, by log(-log S) where anyone came back and some are left."""
    reach = normal_ends(level)
    inside = (share > 0) & (share < 1)
    hazard = np.where(inside, -np.log1p(-np.where(inside, share, 0.5)), 1.0)
    step = np.exp(reach * spread / hazard)
    all_alike = ((1 - level) / 2) ** (1 / np.maximum(watched, 1))
    low = np.where(inside, -np.expm1(-hazard / step), np.where(share > 0, all_alike, 0.0))
    high = np.where(inside, -np.expm1(-hazard * step), np.where(share > 0, 1.0, 1 - all_alike))
    return low, high
