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

from offtake.models.availability.levels import SURE, WEEK, Levels, levels, no_levels, repeated
from offtake.models.availability.series import Floats, Integers, Series
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.poisson import fit_poisson

LEAST = 1e-3
"""Least share of a step that a shelf counts as filled, and least units expected."""
RUN = 2.5
"""Days of a typical run of empty days."""
ALIKE = 50.0
"""Steps of average size that all listings together count for in how much one of them varies."""
CALM, WILD = 0.25, 1.3
"""Least and most that demand of one listing varies, beside that of all. Not much more: a listing
whose shelves are often empty looks wild."""
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
        (N,) the same without levels.
    levels
        How demand rose and fell beside what the regression knows.
    dispersion
        (N,) shape k of the gamma push of a step: variance is mean + mean^2 / k.
    error
        (S,) relative standard error of a store-item's mean.
    alone
        How much of what a step tells is not told by its neighbours too, up to 1.
    when_full
        Units over mean where the shelf was recorded as full all the time: below 1, as busy days
        are those that empty it. 1 where nothing is recorded.
    """

    mean: Floats
    plain: Floats
    levels: Levels
    dispersion: Floats
    error: Floats
    alone: float
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
    found, push = no_levels(series), np.ones(series.size)
    if last is not None:
        due = share * last.mean
        tells = last.dispersion / (last.dispersion + due)
        found = levels(series, share, last.plain, tells, spec)
        push = (series.units + last.dispersion) / (due + last.dispersion)
        push = np.where(series.seen, push, 1.0)
    # A step that is not seen is put aside with store-items that sold nothing: it says nothing.
    code = series.of
    fit = fit_poisson(
        np.where(series.seen, series.units, 0.0),
        series.regressors,
        np.where(series.seen, code, code + series.count),
        weeks=series.cell,
        offset=np.log(share * push) + found.total,
    )
    cells = np.nan_to_num(fit.week_effects, nan=0.0, neginf=np.log(LEAST))
    moved = fit.group_effects[code] + cells[series.cell]
    moved += series.regressors @ np.nan_to_num(fit.coefficients)
    plain = np.maximum(np.exp(moved), LEAST)
    mean = plain * np.exp(found.total)
    dispersion = _dispersion(series, on_shelf, mean, found.kind)
    alone = 1.0
    if series.days == 1 and last is not None:
        # With the same correlation of all days of a week, a shorter run repeats itself less.
        week = repeated(series, on_shelf, mean, found, dispersion, spec)
        alone = 1 / (1 + max(week - 1, 0.0) * (RUN - 1) / (WEEK - 1))
    return Demand(
        mean=mean,
        plain=plain,
        levels=found,
        dispersion=dispersion,
        error=_error(series, share * mean, dispersion),
        alone=alone,
        when_full=_when_full(series, mean),
    )


def _dispersion(series: Series, on_shelf: Floats, mean: Floats, kind: Integers) -> Floats:
    """Return the shape of the push of every step, (N,).

    By moments over steps in which the shelf was likely full: for each listing with and without each
    kind of promotion, drawn to that of all by what `ALIKE` average steps tell.
    """
    full = np.flatnonzero(series.seen & (on_shelf > SURE))
    square, beyond = mean[full] ** 2, (series.units[full] - mean[full]) ** 2 - mean[full]
    size = float(square.sum())
    common = max(float(beyond.sum()) / size, 1 / MOST) if size else 1 / MOST
    told, spread = (
        np.bincount(kind[full], each, minlength=int(kind.max(initial=0)) + 1)
        for each in (square, beyond)
    )
    prior = ALIKE * size / max(full.size, 1)
    own = (spread + prior * common) / np.maximum(told + prior, LEAST)
    own = np.clip(own, CALM * common, WILD * common)
    found: Floats = (1 / own)[kind]
    return found


def _error(series: Series, due: Floats, dispersion: Floats) -> Floats:
    told = np.where(series.seen, due * dispersion / (dispersion + due), 0.0)
    error: Floats = 1 / np.sqrt(np.maximum(np.bincount(series.of, told), 1.0))
    return error


def _when_full(series: Series, mean: Floats) -> float:
    full = series.seen & (series.share >= 1)
    due = float(mean[full].sum())
    return float(series.units[full].sum()) / due if due else 1.0
