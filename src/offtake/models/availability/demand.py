"""What would have sold had the item been there: expected units of every store-item and step.

A Poisson regression with effects of the store-item and of the step, and whatever else is known to
move demand. A step in which the item was on the shelf for a share f of the shopping counts as that
share of a step. That holds even though busy days empty shelves: the likelihood of a rate, given
what sold until the shelf was empty, is that of a shorter day, whatever emptied it. What it does
need is the day's own push: with demand that varies from day to day, a busy day is seen for a
shorter time than a quiet one, so each step is weighed with what is known of its push (the gamma
mixture's mean), or the mean comes out too low. What other items of the store sold says nothing
here: they sell more just because this one is missing.

References
----------
Lawless, J. F. (1987). Regression methods for Poisson process data. Journal of the American
Statistical Association 82, 808-815.
Anupindi, R., Dada, M. and Gupta, S. (1998). Estimation of consumer demand with stock-out based
substitution. Marketing Science 17, 406-423.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.series import Floats, Integers, Series
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson import fit_poisson

LEAST = 1e-3
"""Least share of a step that a shelf counts as filled, and least units expected."""
FASHION = 3.0
"""How much longer the level of a listing over all stores is remembered than that of one of them."""
SURE = 0.9
"""Share on the shelf above which a step tells how demand varies."""
MOST = 1e4
"""Largest shape: demand that varies no more than by chance."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Expected units with the item on the shelf.

    Parameters
    ----------
    mean
        (N,) expected units of a whole step.
    plain
        (N,) the same without the levels of listing and store-item near the step.
    dispersion
        Shape k of the gamma push of a step: variance is mean + mean^2 / k.
    error
        (S,) relative standard error of a store-item's level.
    when_full
        Units over mean where the shelf was recorded as full all the time: below 1, as busy days
        are those that empty it. 1 where nothing is recorded.
    """

    mean: Floats
    plain: Floats
    dispersion: float
    error: Floats
    when_full: float


def expected(
    series: Series, on_shelf: Floats, last: Demand | None, spec: AvailabilitySpec
) -> Demand:
    """Work out demand, given how much of every step the item was on the shelf.

    Parameters
    ----------
    series
        What sold.
    on_shelf
        (N,) share of the step's shopping that found it, expected.
    last
        What was found before; None to begin with.
    spec
        How far levels wander.
    """
    share = np.maximum(on_shelf, LEAST)
    level, push = np.zeros(series.size), np.ones(series.size)
    if last is not None:
        recorded = np.where(np.isfinite(series.share), series.share, 1.0)
        fashion = _fashion(series, recorded * last.plain, spec)
        level = fashion + _level(series, share, last.plain * np.exp(fashion), spec)
        push = (series.units + last.dispersion) / (share * last.mean + last.dispersion)
        push = np.where(series.seen, push, 1.0)
    # A step that is not seen is put aside with store-items that sold nothing: it says nothing.
    code = series.of
    fit = fit_poisson(
        np.where(series.seen, series.units, 0.0),
        series.regressors,
        np.where(series.seen, code, code + series.count),
        weeks=series.cell,
        offset=np.log(share * push) + level,
    )
    cells = np.nan_to_num(fit.week_effects, nan=0.0, neginf=np.log(LEAST))
    moved = fit.group_effects[code] + cells[series.cell]
    moved += series.regressors @ np.nan_to_num(fit.coefficients)
    plain = np.maximum(np.exp(moved), LEAST)
    mean = plain * np.exp(level)
    return Demand(
        mean=mean,
        plain=plain,
        dispersion=_dispersion(series, on_shelf, mean),
        error=_error(series, share * mean),
        when_full=_when_full(series, mean),
    )


def _level(series: Series, share: Floats, due: Floats, spec: AvailabilitySpec) -> Floats:
    """Return the log of the store-item's level near each step, the step itself left out.

    A step counts by the share of it in which the item was there: what little sold from a shelf that
    is believed to be empty says nothing of demand, and must not raise it.

    Parameters
    ----------
    series, spec
        What sold, and how far levels wander.
    share
        (N,) of the step's shopping that found the item.
    due
        (N,) units that the mean level lets expect of a full step.
    """
    decay = float(np.exp(-series.days / spec.memory))
    weight = np.where(series.seen, share, 0.0)
    sold = _near(weight * series.units, series.first, decay)
    wanted = _near(weight * share * due, series.first, decay)
    prior = 1 / spec.drift**2
    level: Floats = np.log((sold + prior) / (wanted + prior))
    return level


def _fashion(series: Series, due: Floats, spec: AvailabilitySpec) -> Floats:
    """Return the log of a listing's level near each step, over all its stores, the step left out.

    All that sold counts, whatever is believed of the shelves (not what was recorded of them): an
    item that sells less and less in all stores of a retailer goes out of fashion there, and its
    shelves are not taken for empty.
    """
    steps = int(series.step.max()) + 1
    place = series.listing[series.of] * steps + series.step
    first = steps * np.arange(int(series.listing.max()) + 2)
    decay = float(np.exp(-series.days / (FASHION * spec.memory)))
    size = int(first[-1])
    sold, wanted = (
        _near(np.bincount(place, each, minlength=size).astype(np.float64), first, decay)
        for each in (np.where(series.seen, series.units, 0.0), np.where(series.seen, due, 0.0))
    )
    weight = 1 / spec.drift**2
    found: Floats = np.log((sold + weight) / (wanted + weight))[place]
    return found


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


def _dispersion(series: Series, on_shelf: Floats, mean: Floats) -> float:
    """Return the shape of the push, by moments over steps in which the shelf was likely full."""
    full = series.seen & (on_shelf > SURE)
    beyond = float(np.sum(((series.units - mean) ** 2 - mean)[full]))
    size = float(np.sum(mean[full] ** 2))
    return size / beyond if beyond * MOST > size else MOST


def _error(series: Series, due: Floats) -> Floats:
    told = np.bincount(series.of, np.where(series.seen, due, 0.0), minlength=series.count)
    error: Floats = 1 / np.sqrt(np.maximum(told, 1.0))
    return error


def _when_full(series: Series, mean: Floats) -> float:
    full = series.seen & (series.share >= 1)
    due = float(mean[full].sum())
    return float(series.units[full].sum()) / due if due else 1.0
