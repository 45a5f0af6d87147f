"""Runs of out-of-stock days, and how long they last when some are cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of adjacent days with stock-out hours, those under way on the first day left out.

    Parameters
    ----------
    hours
        (R,) open hours out of stock in the run.
    days
        (R,) days it touches.
    cut
        (R,) whether it was still going on the last day seen.
    at_risk
        (N,) days on which a run could start: the day before was seen and had no stock-out.
    starts
        (N,) days on which one did.
    """

    hours: Floats
    days: Integers
    cut: Bools
    at_risk: Bools
    starts: Bools


def runs(hours: Floats, series: Integers) -> Runs:
    """Find the runs.

    Parameters
    ----------
    hours
        (N,) open hours out of stock.
    series
        (N,) codes of the series; rows sorted by series and day, without gaps.

    Examples
    --------
    >>> found = runs(np.array([3.0, 0, 2, 16, 0, 1]), np.zeros(6, int))
    >>> found.hours.tolist(), found.days.tolist(), found.cut.tolist()
    ([18.0, 1.0], [2, 1], [False, True])
    """
    out = hours > 0
    same = np.append(False, series[1:] == series[:-1])
    before = np.append(False, out[:-1]) & same
    at_risk = same & ~before
    starts = out & at_risk
    begins = out & ~before
    number = np.cumsum(begins) - 1
    count = int(begins.sum())
    length = np.bincount(number[out], minlength=count)
    total = np.bincount(number[out], hours[out], minlength=count)
    last = np.append(series[1:] != series[:-1], True)
    cut = np.zeros(count, dtype=bool)
    cut[number[out & last]] = True
    seen = starts[begins]
    return Runs(total[seen], length[seen], cut[seen], at_risk, starts)


def survival_quantiles(durations: Floats, cut: Bools, shares: Floats) -> Floats:
    """Return quantiles of durations by Kaplan and Meier, NaN where they lie beyond the data.

    Parameters
    ----------
    durations, cut
        (R,) durations, and whether the true one is longer.
    shares
        (Q,) e.g. 0.5 for the median.

    Examples
    --------
    >>> survival_quantiles(np.array([1.0, 2, 2, 3]), np.zeros(4, bool), np.array([0.5])).tolist()
    [2.0]
    """
    times, alive = kaplan_meier(durations, cut)
    place = np.searchsorted(1 - alive, shares - 1e-12)
    return np.where(place < times.size, np.append(times, np.nan)[place], np.nan)


def kaplan_meier(durations: Floats, cut: Bools) -> tuple[Floats, Floats]:
    """Return the distinct durations seen to end and the share that lasts longer than each."""
    times, place = np.unique(durations, return_inverse=True)
    ended = np.bincount(place, ~cut)
    at_risk = durations.size - np.append(0, np.cumsum(np.bincount(place))[:-1])
    alive = np.cumprod(1 - ended / at_risk)
    return times[ended > 0], alive[ended > 0]


def survival_mean(durations: Floats, cut: Bools) -> float:
    """Return the mean duration up to the longest one seen: the area under Kaplan-Meier.

    Examples
    --------
    >>> survival_mean(np.array([1.0, 2.0, 6.0]), np.array([False, False, False]))
    3.0
    """
    times, alive = kaplan_meier(durations, cut)
    edges = np.concatenate([[0.0], times, [durations.max()]])
    return float(np.diff(edges) @ np.concatenate([[1.0], alive]))


def censored_lognormal(durations: Floats, cut: Bools) -> tuple[float, float]:
    """Return mean and standard deviation of the log of durations, by maximum likelihood.

    Parameters
    ----------
    durations, cut
        (R,) durations above 0, and whether the true one is longer.

    Examples
    --------
    >>> mu, sigma = censored_lognormal(np.exp([0.0, 2.0]), np.zeros(2, bool))
    >>> round(mu, 4), round(sigma, 4)
    (1.0, 1.0)
    """
    logs = np.log(durations)

    def loss(parameters: Floats) -> float:
        mu, log_sigma = parameters
        z = (logs - mu) / np.exp(log_sigma)
        seen = norm.logpdf(z[~cut]) - log_sigma
        return -float(seen.sum() + norm.logsf(z[cut]).sum()) / logs.size

    start = np.array([logs.mean(), np.log(max(float(logs.std()), 0.1))])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12})
    return float(found.x[0]), float(np.exp(found.x[1]))
