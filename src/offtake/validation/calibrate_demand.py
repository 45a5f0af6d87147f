"""Responses and dispersion of one category, from a Poisson regression of the panel.

One regression per category, with an effect for every store-item pair and every week, gives the
average responses. One Newton step from there, item by item, gives each item's own responses: it
uses the item's score and information at the average, so it has no trouble with items that never
sold in some state, on which maximum likelihood runs off to infinity. A method of moments takes
the sampling errors out of the spread between items.

References
----------
van der Vaart, A. W. (1998). Asymptotic Statistics, section 5.7 (one-step estimators).
Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.medians import medians
from offtake.models.kernels.poisson import PoissonFit, fit_poisson
from offtake.models.kernels.shelf_price import NOWHERE
from offtake.validation.calibrate_rows import CategoryRows
from offtake.validation.spread import spread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
PriceBasis = Literal["elsewhere", "imputed"]

RESPONSES = (
    "elasticity_regular",
    "elasticity_promoted",
    "display",
    "feature",
    "display_feature",
)
# Below this share of rows the price in other stores is too thin a base.
ENOUGH_ELSEWHERE = 0.2
# Information of one unit of response: an error of 7 says nothing about any of them.
LEAST_INFORMATION = 0.02
# A regular price that moves by more in a year is a change of pack or tier, not of price.
LARGEST_MOVE = 0.2
WORST_CONDITION = 1e6
POISSON_SIZE = 1e6


@dataclass(frozen=True, slots=True)
class Demand:
    """The regression of one category and the rows it used.

    Parameters
    ----------
    fit
        Slopes in the order of `RESPONSES`; clusters are items, since prices are set by item.
    used
        (N,) rows of the panel that entered.
    x
        (n, 5) their regressors.
    units, mean
        (n,) sold and fitted.
    pair, item
        (n,) dense codes of those rows; `item` as in the panel.
    price_basis
        Whether prices are those of other stores for all rows, or imputed where nothing sold.
    overdispersion
        Variance over mean.
    size
        Negative binomial size k; `POISSON_SIZE` when the counts vary no more than a Poisson's.
    """

    fit: PoissonFit
    used: Bools
    x: Floats
    units: Floats
    mean: Floats
    pair: Integers
    item: Integers
    price_basis: PriceBasis
    overdispersion: float
    size: float


def fit_demand(rows: CategoryRows) -> Demand:
    """Fit the regression of a category on the weeks between first and last sale of each pair.

    The first and the last sale themselves are left out: given when they happened, what lies
    between is an unselected sample, and they would make rates too high.
    """
    elsewhere = np.isfinite(rows.price_elsewhere)
    basis: PriceBasis = "elsewhere" if elsewhere.mean() >= ENOUGH_ELSEWHERE else "imputed"
    known = elsewhere if basis == "elsewhere" else rows.origin != NOWHERE
    used = known & rows.inside & _usual(rows, basis)
    x = regressors(rows, used, basis)
    _, pair = np.unique(rows.pair[used], return_inverse=True)
    fit = fit_poisson(rows.units[used], x, pair, weeks=rows.week[used], clusters=rows.item[used])
    dispersion = _dispersion(rows.units[used], fit.mean, pair)
    return Demand(
        fit, used, x, rows.units[used], fit.mean, pair, rows.item[used], basis, *dispersion
    )  # fmt: skip


def _usual(rows: CategoryRows, basis: PriceBasis) -> Bools:
    """Mark rows whose regular price is near the item's median: beyond, it is another offer."""
    regular = rows.regular if basis == "imputed" else rows.regular_elsewhere
    logs = np.log(regular)
    middle = medians(logs, rows.item).at(rows.item)
    near: Bools = np.abs(logs - middle) <= LARGEST_MOVE
    return near


def regressors(rows: CategoryRows, used: Bools, basis: PriceBasis) -> Floats:
    """Return the regressors of the rows used, (n, 5) in the order of `RESPONSES`.

    The regular price is relative to the item's mean over these rows.
    """
    own = basis == "imputed"
    price = (rows.price if own else rows.price_elsewhere)[used]
    regular = (rows.regular if own else rows.regular_elsewhere)[used]
    display, feature = rows.display[used].astype(float), rows.feature[used].astype(float)
    item, log_regular = rows.item[used], np.log(regular)
    average = np.bincount(item, log_regular) / np.maximum(np.bincount(item), 1)
    return np.column_stack(
        [log_regular - average[item], np.log(price / regular), display, feature, display * feature]
    )


def _dispersion(y: Floats, mean: Floats, pair: Integers) -> tuple[float, float]:
    """Variance over mean, and negative binomial size, by moments that allow for pair effects.

    With the effect of a pair fitted, the residual of a row is its error less its share p of the
    errors of all rows of the pair, and its variance v (1 - 2 p) + p^2 sum(v).
    """
    total = np.maximum(np.bincount(pair, mean), np.finfo(float).tiny)
    share = mean / total[pair]
    squares = np.bincount(pair, mean**2)
    poisson = np.sum(mean * (1 - 2 * share) + share**2 * total[pair])
    extra = np.sum(mean**2 * (1 - 2 * share) + share**2 * squares[pair])
    residual = np.sum((y - mean) ** 2)
    inverse = (residual - poisson) / extra
    size = 1 / inverse if inverse > 1 / POISSON_SIZE else POISSON_SIZE
    return float(residual / poisson), float(size)


def item_responses(demand: Demand) -> tuple[Floats, Floats]:
    """Return each item's responses and their standard errors.

    Returns
    -------
    tuple
        Estimates and errors, (items, 5); NaN where the item does not tell.
    """
    score, information = _by_item(demand)
    estimates = np.full(score.shape, np.nan)
    errors = estimates.copy()
    for item in range(score.shape[0]):
        kept = np.diag(information[item]) > LEAST_INFORMATION
        kept &= np.isfinite(demand.fit.coefficients)
        matrix = information[item][np.ix_(kept, kept)]
        if kept.any() and np.linalg.cond(matrix) < WORST_CONDITION:
            inverse = np.linalg.inv(matrix)
            estimates[item, kept] = demand.fit.coefficients[kept] + inverse @ score[item, kept]
            errors[item, kept] = np.sqrt(demand.overdispersion * np.diag(inverse))
    return estimates, errors


def _by_item(demand: Demand) -> tuple[Floats, Floats]:
    """Score (items, K) and information (items, K, K), with the pair effects swept out."""
    mean, pair, item = demand.mean, demand.pair, demand.item
    total = np.maximum(np.bincount(pair, mean), np.finfo(float).tiny)
    swept = np.column_stack(
        [column - (np.bincount(pair, mean * column) / total)[pair] for column in demand.x.T]
    )
    residual = demand.units - mean
    score: Floats = np.column_stack(
        [np.bincount(item, residual * column).astype(np.float64) for column in swept.T]
    )
    size = swept.shape[1]
    information = np.empty((score.shape[0], size, size))
    for a in range(size):
        for b in range(size):
            information[:, a, b] = np.bincount(item, mean * swept[:, a] * swept[:, b])
    return score, information


def responses(demand: Demand) -> dict[str, dict[str, float]]:
    """Return mean and spread over items of each response, beside the average of all sales."""
    estimates, errors = item_responses(demand)
    found = {}
    for k, name in enumerate(RESPONSES):
        over = spread(estimates[:, k], errors[:, k])
        found[name] = {
            "mean": over.mean,
            "sd": over.sd,
            "se": over.se,
            "items": over.count,
            "pooled": float(demand.fit.coefficients[k]),
            "pooled_se": float(demand.fit.standard_errors[k]),
        }
    return found
