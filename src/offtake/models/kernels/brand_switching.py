"""How much households switch between brands: S of the Dirichlet, by three methods.

*From penetrations*: one S with which the brands' penetrations add up to those observed, which is to
say that households buy as many different brands as they do.
*Brand by brand*: the method of Goodhardt, Ehrenberg and Chatfield (1984). Every brand has an S with
which the norm gives just its penetration; S is their mean, weighted by the brands' shares. A single
brand that nobody is loyal to can carry that mean off; the sum of penetrations hardly feels it.
*Likelihood* takes how often each household bought each brand, given how often it bought the
category. It needs counts of counts only: how many households bought a brand so many times.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import digamma

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, matrix, vector
from offtake.models.kernels.brand_choice import BrandMarket, none_of
from offtake.models.kernels.purchase_counts import PurchaseCounts, counts_from_zeros

SWITCHING = (1e-4, 1e4)
"""Limits of S: nobody ever switches, everybody buys the brands by their shares."""
HALVINGS = 42


def switching_from_penetrations(
    category: PurchaseCounts, share: ArrayLike, penetration: ArrayLike
) -> float:
    """Find the S with which the penetrations of brands add up to those observed.

    Parameters
    ----------
    category
        Purchases of the category in the period.
    share
        (J,) shares of the brands in purchases, above 0.
    penetration
        (J,) shares of households that bought them.

    Returns
    -------
    float
        S, within `SWITCHING`.

    Raises
    ------
    BadInputError
        When the sizes differ, there is no brand, or shares are not within 0 and 1.

    Examples
    --------
    >>> paste = PurchaseCounts(1.456, 0.7788)
    >>> round(switching_from_penetrations(paste, [0.25, 0.19], [0.20, 0.17]), 2)
    1.66
    """
    shares, wanted = _brands(share, penetration)
    chance = category.distribution()
    total = wanted.sum()

    def gap(logarithm: float) -> float:
        return float(_bought(np.full(shares.size, logarithm), shares, chance).sum() - total)

    return _root(gap)


def switching_by_brand(
    category: PurchaseCounts, share: ArrayLike, penetration: ArrayLike
) -> Floats:
    """Find the S with which the norm gives just the penetration of a brand, for each of them.

    Parameters
    ----------
    category, share, penetration
        As in :func:`switching_from_penetrations`.

    Returns
    -------
    numpy array
        (J,) S; NaN for a brand with more buyers, or fewer, than any S gives.

    Raises
    ------
    BadInputError
        As there.

    Examples
    --------
    >>> paste = PurchaseCounts(1.456, 0.7788)
    >>> switching_by_brand(paste, [0.25, 0.19, 0.02], [0.20, 0.17, 0.04]).round(2).tolist()
    [1.3, 2.21, nan]
    """
    shares, wanted = _brands(share, penetration)
    chance = category.distribution()
    low, high = (np.full(shares.size, np.log(each)) for each in SWITCHING)
    solved = _bought(low, shares, chance) < wanted
    solved &= _bought(high, shares, chance) > wanted
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        less = _bought(middle, shares, chance) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.where(solved, np.exp((low + high) / 2), np.nan)


def weighted_switching(by_brand: Floats, share: Floats) -> float:
    """Return the mean S of the brands that have one, weighted by their shares; NaN if none has.

    Examples
    --------
    >>> weighted_switching(np.array([1.0, 2.0, np.nan]), np.array([0.3, 0.1, 0.2]))
    1.25
    """
    known = ~np.isnan(by_brand)
    if not known.any():
        return float("nan")
    return float(by_brand[known] @ share[known] / share[known].sum())


def market_from_figures(
    *,
    category_penetration: float,
    category_frequency: float,
    share: ArrayLike,
    penetration: ArrayLike,
) -> BrandMarket:
    """Fit a market to the figures that a panel report prints, without any households.

    Parameters
    ----------
    category_penetration
        Share of households that bought the category, above 0 and below 1.
    category_frequency
        Purchases of the category per buyer of it.
    share
        (J,) shares of brands in purchases, above 0. All brands, or some.
    penetration
        (J,) shares of households that bought them.

    Returns
    -------
    BrandMarket
        K by the share of households that never bought, S by the penetrations together.

    Raises
    ------
    BadInputError
        When a figure is out of range, or the sizes differ.

    Examples
    --------
    >>> paste = market_from_figures(
    ...     category_penetration=0.56, category_frequency=2.6,
    ...     share=[0.25, 0.19, 0.10], penetration=[0.20, 0.17, 0.09],
    ... )
    >>> round(paste.category.exponent, 2), round(paste.switching, 2)
    (0.78, 1.65)
    """
    category = counts_from_zeros(category_penetration * category_frequency, category_penetration)
    switching = switching_from_penetrations(category, share, penetration)
    return BrandMarket(category, switching, vector("share", share))


def _brands(share: ArrayLike, penetration: ArrayLike) -> tuple[Floats, Floats]:
    shares = vector("share", share)
    if shares.size == 0 or not 0 < shares.min() <= shares.max() <= 1:
        raise BadInputError(f"share: got {shares[:3]}, allowed: one or more, above 0, up to 1")
    return shares, vector("penetration", penetration, shares.size)


def _root(rises: Callable[[float], float]) -> float:
    """Return the S at whose logarithm a rising function is 0, or the limit it is beyond."""
    low, high = np.log(SWITCHING)
    if rises(low) >= 0:
        return SWITCHING[0]
    if rises(high) <= 0:
        return SWITCHING[1]
    return float(np.exp(brentq(rises, low, high, xtol=1e-12)))


def _bought(logarithm: Floats, share: Floats, chance: Floats) -> Floats:
    """Return penetrations where every brand has an S of its own, (J,)."""
    parts = []
    for s, one in zip(np.exp(logarithm), share, strict=True):
        parts.append((1 - none_of(s, np.array([s * one]), chance.size)) @ chance)
    return np.concatenate(parts) if parts else np.zeros(0)


def switching_from_likelihood(
    by_brand: ArrayLike, by_category: ArrayLike, share: ArrayLike
) -> float:
    """Find S by maximum likelihood of what each household bought, the brands' shares being known.

    Parameters
    ----------
    by_brand
        (J, X) households, or their weights, that bought a brand 0, 1, 2 ... times. All brands of
        the category; those who bought none need not be counted.
    by_category
        (N,) households that bought the category 0, 1, 2 ... times.
    share
        (J,) shares of the brands in purchases.

    Returns
    -------
    float
        S, within `SWITCHING`.

    Raises
    ------
    BadInputError
        When shapes differ or shares are not above 0.

    Examples
    --------
    >>> round(switching_from_likelihood([[0, 2, 4], [0, 2, 3]], [0, 2, 8], [0.55, 0.45]), 1)
    0.3
    """
    shares = vector("share", share)
    counts = matrix("by_brand", by_brand, shares.size)
    totals = vector("by_category", by_category)
    if shares.min(initial=1.0) <= 0:
        raise BadInputError("share: allowed: above 0")
    return _root(lambda x: -likelihood_slope(np.exp(x), counts, totals, shares))


def likelihood_slope(
    switching: float, by_brand: Floats, by_category: Floats, share: Floats
) -> float:
    """Return the slope of the log-likelihood in S."""
    x, n = np.arange(by_brand.shape[1]), np.arange(by_category.size)
    own = switching * share[:, None]
    brands = np.sum(share[:, None] * by_brand * (digamma(own + x) - digamma(own)))
    return float(brands - by_category @ (digamma(switching + n) - digamma(switching)))
