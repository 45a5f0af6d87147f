"""Outcomes of treated groups beside what untreated rows like them would have had.

A regression is fitted to the untreated rows alone and says, for every treated row, what its outcome
would have been; a group's effect is the mean of outcome less that. The estimate is linear in the
outcomes, takes no stand on how groups differ, and is right if either the outcome without treatment
or the odds of treatment are linear in the covariates (Kline 2011). Errors are by influence, added
up within clusters, with the untreated residuals divided by one less their leverage (jackknife).
The effect is that on the rows at hand: of a treated row it is not known what it would have had, and
that has the spread of a share as likely as the regression says, where its own outcome has less.
Where rows go together in two ways, the covariances of both are added, less that of the rows by
themselves, which both hold (Cameron, Gelbach and Miller 2011).

References
----------
Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway clustering.
Journal of Business and Economic Statistics 29, 238-249.
Kline, P. (2011). Oaxaca-Blinder as a reweighting estimator. American Economic Review 101 (3),
532-537.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers, codes, matrix, vector
from offtake.models.kernels.influence_bands import degrees_of_freedom

UNTREATED = -1
"""Group of the rows that the regression is fitted to."""
LEAST_LEFT = 0.05
"""Least that is left of a residual's weight after its leverage: bounds one row's say."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Effects of G treated groups.

    Parameters
    ----------
    effect
        (G,) mean outcome less what it would have been; NaN for a group without rows.
    expected
        (G,) mean of what it would have been.
    covariance
        (G, G) of the effects; NaN rows and columns for a group without rows.
    rows
        (G,) treated rows.
    degrees
        (G,) degrees of freedom of the variances: few where few clusters make nearly all of them.
    """

    effect: Floats
    expected: Floats
    covariance: Floats
    rows: Integers
    degrees: Floats


def imputed_differences(
    outcome: ArrayLike,
    covariates: ArrayLike,
    group: ArrayLike,
    *,
    clusters: Sequence[ArrayLike],
    size: int,
    ridge: ArrayLike = 0.0,
) -> Differences:
    """Return outcomes of groups less those of untreated rows like them.

    Parameters
    ----------
    outcome
        (N,) from 0 to 1.
    covariates
        (N, K), a constant included.
    group
        (N,) from 0 to size - 1, or `UNTREATED`.
    clusters
        One or two ways in which rows may go together, such as by household: (N,) codes each. No
        two rows may go together in both.
    size
        G.
    ridge
        (K,) or one number: penalty on the squared coefficients, as so many rows; 0 for none.

    Raises
    ------
    BadInputError
        When shapes disagree or no row is untreated.

    Examples
    --------
    >>> found = imputed_differences(
    ...     [0.0, 1.0, 1.0, 1.0], np.ones((4, 1)), [-1, -1, 0, 0], clusters=[range(4)], size=1)
    >>> found.effect.tolist(), found.expected.tolist()
    ([0.5], [0.5])
    """
    y = vector("outcome", outcome)
    x = matrix("covariates", covariates, y.size)
    label = np.asarray(group, dtype=np.int64)
    if label.shape != y.shape or not np.any(label == UNTREATED):
        raise BadInputError(
            f"group: got shape {label.shape}, {int(np.sum(label == UNTREATED))} untreated, "
            f"allowed: {y.shape} with at least one"
        )
    treated = label != UNTREATED
    base, gram = x[~treated], np.diag(np.broadcast_to(ridge, x.shape[1]).astype(np.float64))
    inverse = np.linalg.pinv(base.T @ base + gram, hermitian=True)
    slopes = inverse @ (base.T @ y[~treated])
    rows = np.bincount(label[treated], minlength=size)
    mean_x = np.zeros((size, x.shape[1]))
    np.add.at(mean_x, label[treated], x[treated])
    mean_x /= np.maximum(rows, 1)[:, None]
    over = y[treated] - x[treated] @ slopes
    effect = np.bincount(label[treated], over, minlength=size) / np.maximum(rows, 1)
    own = _jackknifed(y[~treated] - base @ slopes, base, inverse)
    parts = (
        (over - effect[label[treated]]) / np.maximum(rows, 1)[label[treated]],
        -own[:, None] * ((base @ inverse) @ mean_x.T),
    )
    covariance, degrees = _clustered(parts, (treated, label[treated]), clusters)
    unseen = _untold(x[treated] @ slopes, over, label[treated], rows)
    covariance += np.diag(np.maximum(_rare(y[treated], label[treated], rows), unseen))
    none = rows == 0
    effect[none], covariance[none, :], covariance[:, none] = np.nan, np.nan, np.nan
    expected = np.where(none, np.nan, mean_x @ slopes)
    return Differences(effect, expected, covariance, rows, degrees)


def _jackknifed(residual: Floats, base: Floats, inverse: Floats) -> Floats:
    leverage = np.einsum("nk,kl,nl->n", base, inverse, base)
    found: Floats = residual / np.maximum(1 - leverage, LEAST_LEFT)
    return found


def _clustered(
    parts: tuple[Floats, Floats],
    treated: tuple[Flags, Integers],
    clusters: Sequence[ArrayLike],
) -> tuple[Floats, Floats]:
    """Return the covariance of the effects, (G, G), from what every row does to them.

    And the degrees of freedom of the variances, (G,), by the way that leaves fewest.

    `parts` are of treated rows, on their own group's effect, (T,), and of untreated ones on all,
    (B, G).
    """
    (over, base), (chosen, label) = parts, treated
    ways = [codes("clusters", each, chosen.size) for each in clusters]
    total = np.zeros((base.shape[1], base.shape[1]))
    least = np.zeros(base.shape[1])
    degrees = []
    for of in ways:
        found = np.zeros((int(of.max(initial=0)) + 1, base.shape[1]))
        np.add.at(found, (of[chosen], label), over)
        np.add.at(found, of[~chosen], base)
        total += found.T @ found
        least = np.maximum(least, (found**2).sum(axis=0))
        degrees.append(degrees_of_freedom(found))
    alone = np.diag(np.bincount(label, over**2, minlength=base.shape[1])) + base.T @ base
    least = np.maximum(least, np.diag(alone))
    return _at_least(total - (len(ways) - 1) * alone, least), np.min(degrees, axis=0)


def _at_least(matrix: Floats, variances: Floats) -> Floats:
    """Return a covariance near a symmetric matrix, with variances not below those given.

    A difference of covariances need not be one in a small sample, and few clusters, whose sums
    must add up to nothing, have too little spread.
    """
    values, vectors = np.linalg.eigh(matrix)
    found = (vectors * np.maximum(values, 0.0)) @ vectors.T
    short = np.maximum(variances - np.diag(found), 0.0)
    raised: Floats = found + np.diag(short)
    return raised


def _untold(expected: Floats, over: Floats, label: Integers, rows: Integers) -> Floats:
    """Return what the variance of a mean lacks for outcomes without treatment, (G,).

    They are as good as drawn with the chances expected of them, whatever treatment made of them.
    """
    chance = np.clip(expected, 0.0, 1.0)
    number = np.maximum(rows, 1)
    spread = np.bincount(label, chance * (1 - chance), minlength=rows.size) / number
    mean = np.bincount(label, over, minlength=rows.size) / number
    square = np.bincount(label, over**2, minlength=rows.size) / number
    found: Floats = np.maximum(spread - (square - mean**2), 0.0) / number
    return found


def _rare(outcome: Floats, label: Integers, rows: Integers) -> Floats:
    """Return what the variance of a mean lacks where few or all rows have the outcome, (G,).

    The spread of few rows is 0 where none has the outcome. One more row with it and one without
    (Agresti and Coull 1998) tells how far that can be wrong.
    """
    number = np.maximum(rows, 1)
    mean = np.bincount(label, outcome, minlength=rows.size) / number
    square = np.bincount(label, outcome**2, minlength=rows.size) / number
    guess = (mean * number + 1) / (number + 2)
    lacking = guess * (1 - guess) - (square - mean**2)
    found: Floats = np.maximum(lacking, 0.0) / number
    return found
