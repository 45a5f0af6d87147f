"""How often households buy: the negative binomial distribution (NBD) of purchases in a period.

Every household buys at a steady rate of its own, rates differ as a gamma distribution does, so that
purchases in a period of length T have mean T M and an exponent K that does not change.

References
----------
Ehrenberg, A. S. C. (1959). The pattern of consumer purchases. Applied Statistics 8, 26-41.
Ehrenberg, A. S. C. (1988). Repeat-buying: facts, theory and applications. 2nd ed., Griffin.
Anscombe, F. J. (1950). Sampling theory of the negative binomial and logarithmic series
distributions. Biometrika 37, 358-382.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betainc, digamma

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, vector

TOLERANCE = 1e-10
"""Share of all purchases beyond the last count that is looked at."""
EXPONENTS = (1e-6, 1e6)
"""Limits of K; at the upper one all households are alike (Poisson)."""
MOST = 2_000_000
"""Counts that a distribution may have."""
MOST_UNSEEN = 9.0
"""Households that never bought for each that did, at most, where they are not in the data."""


@dataclass(frozen=True, slots=True)
class PurchaseCounts:
    """Negative binomial purchases of the households in a period.

    Parameters
    ----------
    mean
        M, purchases per household, buyers or not.
    exponent
        K: the smaller, the more households differ.

    Raises
    ------
    BadInputError
        When one is not above 0 and finite.

    Examples
    --------
    >>> tea = PurchaseCounts(mean=0.42, exponent=0.1932)
    >>> round(tea.penetration, 3), round(tea.over(4).penetration, 3)
    (0.2, 0.355)
    """

    mean: float
    exponent: float

    def __post_init__(self) -> None:
        for name in ("mean", "exponent"):
            got = getattr(self, name)
            if not 0 < got < np.inf:
                raise BadInputError(f"{name}: got {got}, allowed: a number above 0")

    def over(self, period: float) -> PurchaseCounts:
        """Return the purchases in so many of the period."""
        return PurchaseCounts(self.mean * period, self.exponent)

    @property
    def penetration(self) -> float:
        """Share of households that buy, 0 to 1."""
        return float(-np.expm1(-self.exponent * np.log1p(self.mean / self.exponent)))

    @property
    def repeat(self) -> float:
        """Share of the buyers of a period who buy in the next one, as long, too."""
        return 2 - self.over(2).penetration / self.penetration

    def distribution(self, tolerance: float = TOLERANCE) -> Floats:
        """Return the share of households with 0, 1, 2 ... purchases, (N,).

        It ends where no more than a share `tolerance` of all purchases is left out.
        """
        size = self._size(tolerance)
        count = np.arange(1, size)
        spread = self.exponent + self.mean
        steps = np.log((self.exponent + count - 1) / count) + np.log(self.mean / spread)
        none = -self.exponent * np.log1p(self.mean / self.exponent)
        shares: Floats = np.exp(none + np.concatenate([[0.0], np.cumsum(steps)]))
        return shares

    def _size(self, tolerance: float) -> int:
        # Purchases beyond n are M times what an NBD with exponent K + 1 has from n on.
        share = self.mean / (self.mean + self.exponent)
        low, high = 0, int(np.ceil(self.mean)) + 2
        while betainc(high, self.exponent + 1, share) > tolerance:
            low, high = high, 2 * high
            if high > MOST:
                raise BadInputError(
                    f"purchases: got mean {self.mean:g} and exponent {self.exponent:g}, allowed: "
                    f"a distribution that ends before {MOST} purchases"
                )
        while high - low > 1:
            middle = (low + high) // 2
            far = betainc(middle, self.exponent + 1, share) > tolerance
            low, high = (middle, high) if far else (low, middle)
        return high + 1


def counts_from_zeros(mean: float, penetration: float) -> PurchaseCounts:
    """Fit by the mean and the share of households that never bought.

    Parameters
    ----------
    mean
        Purchases per household, buyers or not.
    penetration
        Share of households that bought, above 0 and below 1.

    Returns
    -------
    PurchaseCounts
        With the penetration given; with the largest exponent that is allowed where even households
        that are all alike would have fewer buyers.

    Raises
    ------
    BadInputError
        When the penetration is not within 0 and 1, or above the mean.

    Examples
    --------
    >>> round(counts_from_zeros(0.56 * 2.6, 0.56).exponent, 2)
    0.78
    """
    if not 0 < penetration < 1 or mean < penetration:
        raise BadInputError(
            f"penetration: got {penetration:g} with {mean:g} purchases per household, allowed: "
            "above 0, below 1, and no more buyers than purchases"
        )
    none = -np.log1p(-penetration)
    return PurchaseCounts(mean, _root(lambda k: k * np.log1p(mean / k) - none))


def counts_from_likelihood(households: ArrayLike) -> PurchaseCounts:
    """Fit by maximum likelihood.

    Parameters
    ----------
    households
        (N,) households, or their weights, with 0, 1, 2 ... purchases.

    Raises
    ------
    BadInputError
        When a number is negative, or nobody bought.

    Examples
    --------
    >>> found = counts_from_likelihood([1345, 180, 60, 30, 15, 8, 12])
    >>> round(found.mean, 3), round(found.exponent, 2)
    (0.341, 0.22)
    """
    weight = vector("households", households)
    count = np.arange(weight.size)
    mean = _mean(weight, count)

    def score(exponent: float) -> float:
        own = digamma(exponent + count) - digamma(exponent)
        return float(weight @ own / weight.sum() - np.log1p(mean / exponent))

    return PurchaseCounts(mean, _root(lambda k: -score(k)))


def never_seen(households: ArrayLike) -> float:
    """Estimate how many households never bought, from those that did.

    Where data have buyers only: the fit that goes with its own zeros, which is the maximum
    likelihood of the NBD without zeros (Dempster, Laird and Rubin 1977, on grouped and truncated
    data).

    Parameters
    ----------
    households
        (N,) households, or their weights, with 0, 1, 2 ... purchases; the first is not looked at.

    Returns
    -------
    float
        Households, or their weight, that never bought; `MOST_UNSEEN` times those seen at most.

    Raises
    ------
    BadInputError
        When a number is negative, or nobody bought.

    Examples
    --------
    >>> whole = 1000 * PurchaseCounts(mean=2.0, exponent=0.8).distribution()
    >>> round(whole[0]), round(never_seen(whole))
    (367, 367)
    """
    weight = vector("households", households).copy()
    weight[0] = 0.0
    seen = weight.sum()

    def lacking(none: float) -> float:
        weight[0] = none
        bought = counts_from_likelihood(weight).penetration
        return float(seen * (1 - bought) / bought - none)

    if lacking(MOST_UNSEEN * seen) >= 0:
        return float(MOST_UNSEEN * seen)
    return float(brentq(lacking, 0.0, MOST_UNSEEN * seen, xtol=1e-9 * seen))


def _mean(weight: Floats, count: np.ndarray) -> float:
    if weight.min(initial=0.0) < 0 or weight[1:].sum() <= 0:
        raise BadInputError("households: allowed: numbers >= 0, and some households that bought")
    return float(weight @ count / weight.sum())


def _root(rises: Callable[[float], float]) -> float:
    """Return the exponent at which a rising function is 0, or the limit it is beyond."""
    low, high = EXPONENTS
    if rises(low) >= 0:
        return low
    if rises(high) <= 0:
        return high
    return float(np.exp(brentq(lambda x: rises(np.exp(x)), np.log(low), np.log(high), xtol=1e-12)))
