"""Gamma-Gamma: what customers spend at a purchase.

What a customer spends at a purchase differs from time to time as a gamma distribution of shape p,
around a mean that differs between customers: its rate is gamma with shape q and rate gamma. How
much is spent must not hang together with how often; :func:`independence` says whether it does.

References
----------
Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value.
https://www.brucehardie.com/notes/025/
Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for
customer base analysis. Journal of Marketing Research 42, 415-430.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, polygamma

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, vector
from offtake.models.kernels.customer_fit import LEVEL
from offtake.models.kernels.newton import Valued, highest
from offtake.models.kernels.normal_ends import normal_ends

NAMES = ("p", "q", "gamma")
STARTS = ((2.0, 4.0, 2.0), (6.0, 3.0, 1.0), (1.0, 10.0, 10.0), (50.0, 10.0, 0.2))
SMALLEST = np.array([1e-3, 1e-3, 1e-6])
LARGEST = np.array([1e4, 1e4, 1e6])
"""Limits, that of gamma in mean spends; at p of 10,000 a customer always spends the same."""


@dataclass(frozen=True, slots=True)
class SpendFit:
    """A fitted Gamma-Gamma model.

    Parameters
    ----------
    point
        (3,) p, q and gamma; gamma in money.
    covariance
        (3, 3) of their logs.
    at_limit
        (3,) whether the data do not tell a parameter.
    log_likelihood
        At the estimates.
    customers
        How many there are.
    converged
        Whether the search found nothing higher.
    """

    point: Floats
    covariance: Floats
    at_limit: Flags
    log_likelihood: float
    customers: int
    converged: bool

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of intervals of the parameters, (3,) each; NaN where none is told."""
        wide = np.sqrt(np.diag(self.covariance)) * normal_ends(level)
        wide = np.where(self.at_limit, np.nan, wide)
        return self.point * np.exp(-wide), self.point * np.exp(wide)


@dataclass(frozen=True, slots=True)
class Independence:
    """How spend per purchase and number of purchases hang together over customers.

    Parameters
    ----------
    correlation
        Of Pearson; NaN where either does not differ.
    low, high
        Ends of its interval (Fisher's z).
    """

    correlation: float
    low: float
    high: float


def fit_spend(mean: ArrayLike, purchases: ArrayLike) -> SpendFit:
    """Fit the Gamma-Gamma model.

    Parameters
    ----------
    mean
        (N,) mean spend of a customer's purchases, above 0.
    purchases
        (N,) how many they are, at least 1.

    Raises
    ------
    BadInputError
        When a mean is not above 0, a customer has no purchase, or there are fewer than 3 customers.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> often = rng.integers(1, 9, 4000)
    >>> rate = rng.gamma(4.0, 1 / 15.0, 4000)
    >>> fit = fit_spend(rng.gamma(6.0 * often, 1 / (rate * often)), often)
    >>> bool(np.all((fit.interval(0.99)[0] < [6, 4, 15]) & (fit.interval(0.99)[1] > [6, 4, 15])))
    True
    """
    spent = vector("mean", mean)
    often = vector("purchases", purchases, spent.size)
    if spent.size < 3:
        raise BadInputError(f"mean: got {spent.size} customers, allowed: at least 3")
    if not np.all(spent > 0):
        raise BadInputError(f"mean: got {spent[~(spent > 0)][0]:g}, allowed: above 0")
    if not np.all(often >= 1):
        raise BadInputError(f"purchases: got {often[~(often >= 1)][0]:g}, allowed: at least 1")
    scale = np.array([1.0, 1.0, float(spent.mean())])
    objective = _likelihood(spent, often)
    starts = [scale * np.array(each) for each in STARTS]
    best = max(starts, key=lambda each: objective(each)[0])
    peak = highest(objective, best, SMALLEST * scale, LARGEST * scale)
    return SpendFit(
        peak.point, peak.covariance, peak.at_limit, peak.value, spent.size, peak.converged
    )


def expected_spend(point: Floats, mean: Floats, purchases: Floats) -> Floats:
    """Return what customers are expected to spend at a later purchase, (N,).

    The more purchases, the more it is a customer's own mean, and the less that of all.

    Parameters
    ----------
    point
        (3,) p, q and gamma.
    mean, purchases
        (N,) as for :func:`fit_spend`; 0 purchases for customers of whom nothing is known. Where the
        model has no mean (``p * purchases + q`` of at most 1) the answer is NaN.

    Examples
    --------
    >>> expected_spend(np.array([6.25, 3.74, 15.45]), np.array([22.35, 0.0]), np.array([2.0, 0.0])
    ...     ).round(2).tolist()
    [24.67, 35.24]
    """
    p, q, gamma = point
    left = p * purchases + q - 1
    found: Floats = p * (gamma + purchases * mean) / np.where(left > 0, left, np.nan)
    return found


def independence(mean: Floats, purchases: Floats, *, level: float = LEVEL) -> Independence:
    """Return how spend per purchase and number of purchases hang together.

    Examples
    --------
    >>> found = independence(np.array([1.0, 2.0, 3.0, 5.0]), np.array([4.0, 3.0, 2.0, 1.0]))
    >>> round(found.correlation, 2)
    -0.98
    """
    if mean.size < 4 or np.ptp(mean) == 0 or np.ptp(purchases) == 0:
        return Independence(np.nan, np.nan, np.nan)
    found = float(np.corrcoef(mean, purchases)[0, 1])
    middle = np.arctanh(np.clip(found, -1 + 1e-12, 1 - 1e-12))
    wide = normal_ends(level) / np.sqrt(mean.size - 3)
    return Independence(found, float(np.tanh(middle - wide)), float(np.tanh(middle + wide)))


def _likelihood(mean: Floats, often: Floats) -> Callable[[Floats], Valued]:
    """Return the log-likelihood with derivatives; gamma functions once per number of purchases."""
    counts, place = np.unique(often, return_inverse=True)
    many = np.bincount(place).astype(np.float64)
    total = often * mean
    constant = -float(np.log(mean).sum())
    logs = float(often @ np.log(total))

    def of(point: Floats) -> Valued:
        p, q, gamma = point
        both, own = p * counts + q, p * counts
        outer = np.log(gamma + total)
        inverse = 1 / (gamma + total)
        outer_of = np.bincount(place, outer)
        inverse_of = np.bincount(place, inverse)
        size = mean.size
        value = (
            many @ (gammaln(both) - gammaln(own)) - size * gammaln(q) + size * q * np.log(gamma)
            + p * logs + constant - both @ outer_of
        )  # fmt: skip
        two, one = digamma(both), digamma(own)
        slope = np.array([
            many @ (counts * (two - one)) + logs - counts @ outer_of,
            many @ two - size * digamma(q) + size * np.log(gamma) - outer_of.sum(),
            size * q / gamma - both @ inverse_of,
        ])  # fmt: skip
        three = polygamma(1, both)
        bend = np.zeros((3, 3))
        bend[0, 0] = many @ (counts**2 * (three - polygamma(1, own)))
        bend[0, 1] = bend[1, 0] = many @ (counts * three)
        bend[0, 2] = bend[2, 0] = -(counts @ inverse_of)
        bend[1, 1] = many @ three - size * polygamma(1, q)
        bend[1, 2] = bend[2, 1] = size / gamma - inverse_of.sum()
        bend[2, 2] = -size * q / gamma**2 + both @ np.bincount(place, inverse**2)
        return float(value), slope, bend

    return of
