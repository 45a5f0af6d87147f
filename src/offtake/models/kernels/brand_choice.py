"""Norms of buying brands: the NBD-Dirichlet.

Households buy a category as :mod:`offtake.models.kernels.purchase_counts` says. Each chooses brands
with probabilities of its own, which differ as a Dirichlet distribution does, purchase by purchase
and whatever it bought before. Four kinds of numbers then say all that is expected of a brand: M and
K of the category, S (how much households switch), and the brand's share of purchases.

References
----------
Goodhardt, G. J., Ehrenberg, A. S. C. and Chatfield, C. (1984). The Dirichlet: a comprehensive model
of buying behaviour. Journal of the Royal Statistical Society A 147, 621-655.
Ehrenberg, A. S. C., Uncles, M. D. and Goodhardt, G. J. (2004). Understanding brand performance
measures: using Dirichlet benchmarks. Journal of Business Research 57, 1307-1325.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, gammaln

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, vector
from offtake.models.kernels.purchase_counts import TOLERANCE, PurchaseCounts

CELLS = 2_000_000
"""Numbers that are worked on at once: bounds the memory."""


@dataclass(frozen=True, slots=True)
class BrandMarket:
    """A category whose J brands are bought as the Dirichlet says.

    Parameters
    ----------
    category
        Purchases of the category in the period.
    switching
        S: the smaller, the more each household keeps to one brand.
    share
        (J,) shares of the brands in purchases. A brand's norms depend on its own share only.

    Raises
    ------
    BadInputError
        When S is not above 0, or a share is not above 0 and up to 1.

    Examples
    --------
    >>> market = BrandMarket(PurchaseCounts(1.456, 0.78), 1.3, np.array([0.25, 0.03]))
    >>> np.round(brand_norms(market).frequency, 2).tolist()
    [1.82, 1.62]
    """

    category: PurchaseCounts
    switching: float
    share: Floats

    def __post_init__(self) -> None:
        if not 0 < self.switching < np.inf:
            raise BadInputError(f"switching: got {self.switching}, allowed: a number above 0")
        share = vector("share", self.share)
        if share.size == 0 or not 0 < share.min() <= share.max() <= 1:
            raise BadInputError(f"share: got {share[:3]}, allowed: one or more, above 0, up to 1")

    @property
    def strength(self) -> Floats:
        """(J,) parameters of the Dirichlet distribution."""
        return self.switching * self.share

    def over(self, period: float) -> BrandMarket:
        """Return the market over so many of the period."""
        return replace(self, category=self.category.over(period))


@dataclass(frozen=True, slots=True)
class BrandNorms:
    """What is expected of J brands in a period; (J,) each, shares from 0 to 1.

    Parameters
    ----------
    penetration
        Share of households that buy the brand.
    frequency
        Purchases of the brand per buyer of it.
    category_frequency
        Purchases of the category per buyer of the brand.
    requirements
        Share of their category purchases that buyers give to the brand.
    sole
        Share of the brand's buyers who buy no other brand in the period.
    sole_frequency
        Purchases per sole buyer.
    twice
        Share of the brand's buyers who buy it at least twice.
    """

    penetration: Floats
    frequency: Floats
    category_frequency: Floats
    requirements: Floats
    sole: Floats
    sole_frequency: Floats
    twice: Floats


def brand_norms(market: BrandMarket, *, tolerance: float = TOLERANCE) -> BrandNorms:
    """Return what is expected of every brand.

    Parameters
    ----------
    market
        The category and its brands.
    tolerance
        Share of category purchases left out of the sums at most; shares are wrong by no more.
    """
    chance = market.category.distribution(tolerance)
    count = np.arange(chance.size)
    parts = [_norms(market, strength, chance, count) for strength in _chunks(market, chance.size)]
    mean, buyers, bought, sole, sole_bought, once = np.concatenate(parts, axis=1)
    return BrandNorms(
        penetration=buyers,
        frequency=mean / buyers,
        category_frequency=bought / buyers,
        requirements=mean / bought,
        sole=sole / buyers,
        sole_frequency=sole_bought / sole,
        twice=1 - once / buyers,
    )


def _chunks(market: BrandMarket, size: int) -> list[Floats]:
    strength = market.strength
    return np.array_split(strength, int(np.ceil(strength.size * size / CELLS)) or 1)


def _norms(market: BrandMarket, strength: Floats, chance: Floats, count: np.ndarray) -> Floats:
    none = none_of(market.switching, strength, chance.size)
    every = none_of(market.switching, market.switching - strength, chance.size)
    every[:, 0] = 0.0
    rest = market.switching + count[1:] - 1
    # Once: any one of n purchases, and then none of n - 1 with one purchase behind.
    once = np.zeros_like(none)
    once[:, 1:] = count[1:] * strength[:, None] / rest * none[:, :-1]
    return np.stack([
        market.category.mean * strength / market.switching,
        (1 - none) @ chance,
        (1 - none) @ (chance * count),
        every @ chance,
        every @ (chance * count),
        once @ chance,
    ])  # fmt: skip


def none_of(switching: float, strength: Floats, size: int) -> Floats:
    """Return the chance that none of 0, 1, 2 ... category purchases is of a brand, (J, size).

    Parameters
    ----------
    switching
        S.
    strength
        (J,) Dirichlet parameters of the brands.
    size
        Counts wanted.
    """
    before = switching + np.arange(size - 1)
    with np.errstate(divide="ignore"):  # a brand that has it all: never none
        steps = np.log1p(-np.minimum(strength[:, None] / before, 1.0))
    none = np.ones((strength.size, size))
    np.exp(np.cumsum(steps, axis=1), out=none[:, 1:])
    return none


def penetrations(market: BrandMarket, *, tolerance: float = TOLERANCE) -> Floats:
    """Return the share of households that buy each brand, (J,)."""
    chance = market.category.distribution(tolerance)
    parts = _chunks(market, chance.size)
    return np.concatenate([
        (1 - none_of(market.switching, strength, chance.size)) @ chance for strength in parts
    ])  # fmt: skip


def repeat_buying(market: BrandMarket) -> Floats:
    """Return the share of a period's buyers of each brand who buy it in the next one too, (J,).

    The next period is as long. Who buys in neither is who does not buy in both taken together.
    """
    return 2 - penetrations(market.over(2)) / penetrations(market)


def purchase_shares(market: BrandMarket, most: int) -> Floats:
    """Return the share of households with 0, 1 ... `most` - 1, and `most` and more purchases.

    Parameters
    ----------
    market
        The category and its brands.
    most
        The last count.

    Returns
    -------
    numpy array
        (J, most + 1); rows have sum 1.
    """
    chance = market.category.distribution()
    n = np.arange(chance.size)
    shares = np.empty((market.share.size, most + 1))
    for x in range(most):
        some = n[x:]
        ways = gammaln(some + 1) - gammaln(x + 1) - gammaln(some - x + 1)
        for at, strength in enumerate(market.strength):
            other = max(market.switching - strength, 1e-300)
            odds = betaln(strength + x, other + some - x) - betaln(strength, other)
            shares[at, x] = np.exp(ways + odds) @ chance[x:]
    shares[:, most] = np.maximum(1 - shares[:, :most].sum(axis=1), 0.0)
    return shares


def by_category_purchases(
    market: BrandMarket, first: int, last: int | None = None
) -> tuple[Floats, Floats]:
    """Return penetration and frequency of the brands among some buyers of the category.

    Parameters
    ----------
    market
        The category and its brands.
    first, last
        Category purchases of the households that are looked at, both included; without `last`, all
        from `first` on.

    Returns
    -------
    tuple of numpy arrays
        (J,) share of those households that buy the brand, and (J,) purchases per buyer.
    """
    chance = market.category.distribution().copy()
    chance[:first] = 0
    chance[len(chance) if last is None else last + 1 :] = 0
    none = none_of(market.switching, market.strength, chance.size)
    buyers = (1 - none) @ chance
    bought = market.share * (chance @ np.arange(chance.size))
    return buyers / chance.sum(), bought / buyers


def shared_buyers(market: BrandMarket) -> Floats:
    """Return the share of households that buy both of two brands, (J, J); on the diagonal, one.

    Two brands together are bought like one of both sizes.
    """
    chance = market.category.distribution()
    own = penetrations(market)
    first, second = np.triu_indices(own.size, 1)
    both = np.diag(own)
    step = max(1, CELLS // chance.size)
    for start in range(0, first.size, step):
        a, b = first[start : start + step], second[start : start + step]
        strength = market.strength[a] + market.strength[b]
        either = (1 - none_of(market.switching, strength, chance.size)) @ chance
        both[a, b] = both[b, a] = own[a] + own[b] - either
    return both


def norm_curve(market: BrandMarket, share: ArrayLike) -> tuple[Floats, Floats]:
    """Return penetration and frequency of brands with the shares given: the double-jeopardy line.

    Parameters
    ----------
    market
        The category; its own brands do not matter.
    share
        (P,) shares, each within 0 and 1.

    Returns
    -------
    tuple of numpy arrays
        (P,) penetrations and (P,) frequencies.
    """
    points = vector("share", share)
    found = [penetrations(replace(market, share=points[at : at + 1])) for at in range(points.size)]
    bought = np.concatenate(found)
    return bought, market.category.mean * points / bought
