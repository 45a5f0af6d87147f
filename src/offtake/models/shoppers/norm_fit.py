"""The NBD-Dirichlet of a category, with what each household does to its parameters.

Errors come from the influence of every household on the figures (linearisation, the infinitesimal
jackknife): an observed figure, its norm and their difference all move when one household is left
out, and those moves, squared and added up, are the variance. Households are taken for a random
sample; nothing is assumed of how they buy, and unequal weights widen the errors as they should.

References
----------
Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
International Statistical Review 51, 279-292.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import digamma, polygamma

from offtake.errors import BadInputError
from offtake.models.kernels.brand_choice import BrandMarket, penetrations
from offtake.models.kernels.brand_switching import (
    SWITCHING,
    switching_by_brand,
    switching_from_likelihood,
    switching_from_penetrations,
)
from offtake.models.kernels.purchase_counts import (
    EXPONENTS,
    counts_from_likelihood,
    counts_from_zeros,
    never_seen,
)
from offtake.models.shoppers.norm_purchases import Bools, BrandPurchases, Floats
from offtake.models.shoppers.norm_spec import Method, NormSpec, Switch

STEP = 1e-4
"""Relative step of differences that stand for slopes."""
PARAMETERS = ("mean", "exponent", "switching", "share")
Slopes = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class NormFit:
    """A market fitted, and what each household adds to its parameters.

    Parameters
    ----------
    purchases
        What it was fitted to.
    market
        The fit.
    exponent, switching
        How K and S were found.
    moves
        (H, 4) influence of every household: 1, its purchases of the category, on K, on S.
    by_brand
        (J,) the S that would give a brand's own penetration; NaN where none does.
    """

    purchases: BrandPurchases
    market: BrandMarket
    exponent: Method
    switching: Switch
    moves: Floats
    by_brand: Floats

    def error(self, parameter: str) -> float:
        """Return the standard error of ``mean``, ``exponent`` or ``switching``."""
        move = self.moves[:, {"mean": 1, "exponent": 2, "switching": 3}[parameter]]
        if parameter == "mean":
            move = move - self.market.category.mean
        weight = self.purchases.weight
        return float(np.sqrt(np.sum((weight * move) ** 2)) / weight.sum())


def fit_norms(purchases: BrandPurchases, spec: NormSpec | None = None) -> NormFit:
    """Fit the NBD-Dirichlet to what households bought.

    Parameters
    ----------
    purchases
        Rows of households and brands.
    spec
        How K and S are found.

    Raises
    ------
    BadInputError
        When nobody bought, or there is but one brand.

    Notes
    -----
    Where everybody in the data bought the category, those who never did are added, as many as the
    likelihood of the counts says; intervals take their number for counted. Where that is none, K
    comes from the likelihood too.
    """
    spec = spec or NormSpec()
    if purchases.shape[1] < 2:
        raise BadInputError(
            f"brands: got {purchases.brands.tolist()}, allowed: two or more, for norms compare them"
        )
    purchases, households = _with_unseen(purchases)
    weight = households.sum()
    none = households[0] / weight
    method: Method = "likelihood" if none <= 0 else spec.exponent
    by_count = counts_from_likelihood(households)
    category = by_count if method == "likelihood" else counts_from_zeros(by_count.mean, 1 - none)
    bought = purchases.sums(purchases.purchases.astype(np.float64))
    buyers = purchases.sums(np.ones(purchases.brand.size)) / weight
    share = bought / bought.sum()
    if spec.switching == "likelihood":
        s = switching_from_likelihood(brand_counts(purchases), households, share)
    else:
        which = told(purchases)
        s = switching_from_penetrations(category, share[which], buyers[which])
    market = BrandMarket(category, s, share)
    fit = NormFit(
        purchases, market, method, spec.switching, np.empty((0, 4)),
        switching_by_brand(category, share, buyers),
    )  # fmt: skip
    return replace(fit, moves=_moves(fit))


def _with_unseen(purchases: BrandPurchases) -> tuple[BrandPurchases, Floats]:
    """Add those who never bought where everybody in the data did; return counts of households.

    Data of one category have its buyers only. Without the others every household would have to be
    sure to buy, which no gamma distribution of rates allows.
    """
    households = np.bincount(purchases.total, purchases.weight).astype(np.float64)
    if households[0] == 0 and households.size > 1:
        purchases = purchases.with_unseen(never_seen(households))
        # Of those added alone: differences of sums of weights are not exactly nought.
        households[0] = purchases.weight[purchases.weight.size - purchases.unseen :].sum()
    return purchases, households


def told(purchases: BrandPurchases) -> Bools:
    """Return which brands tell of switching, (J,): single ones, or all where none is single."""
    return purchases.listed if purchases.listed.any() else ~purchases.listed


def brand_counts(purchases: BrandPurchases) -> Floats:
    """Return the weight of households that bought each brand 0, 1, 2 ... times, (J, X)."""
    width = int(purchases.purchases.max()) + 1
    place = purchases.brand * width + purchases.purchases
    weight = purchases.weight[purchases.household]
    brands = purchases.brands.size
    found = np.bincount(place, weight, brands * width).astype(np.float64)
    return found.reshape(brands, width)


def _moves(fit: NormFit) -> Floats:
    total = fit.purchases.total.astype(np.float64)
    moves = np.empty((total.size, 4))
    moves[:, 0], moves[:, 1] = 1.0, total
    moves[:, 2] = _on_exponent(fit, total)
    moves[:, 3] = _on_switching(fit, moves)
    return moves


def _on_exponent(fit: NormFit, total: Floats) -> Floats:
    """Return what each household adds to K, (H,)."""
    mean, k = fit.market.category.mean, fit.market.category.exponent
    if k in EXPONENTS:
        return np.zeros(total.size)
    if fit.exponent == "zeros":
        none = 1 - fit.market.category.penetration
        slope = np.log1p(mean / k) - mean / (k + mean)
        own = (total == 0) / none - 1
        moved: Floats = -(k / (k + mean) * (total - mean) + own) / slope
        return moved
    size = int(total.max()) + 1
    n = np.arange(size)
    weight = np.bincount(total.astype(np.int64), fit.purchases.weight)
    curve = weight @ polygamma(1, k + n) / weight.sum() - polygamma(1, k) + mean / (k * (k + mean))
    score = (digamma(k + n) - digamma(k) - np.log1p(mean / k))[total.astype(np.int64)]
    found: Floats = -(score - (total - mean) / (k + mean)) / curve
    return found


def _on_switching(fit: NormFit, moves: Floats) -> Floats:
    """Return what each household adds to S, (H,)."""
    if fit.market.switching in SWITCHING:
        return np.zeros(moves.shape[0])
    if fit.switching == "likelihood":
        return _by_likelihood(fit, moves[:, 1])
    return _by_penetrations(fit, moves)


def _by_penetrations(fit: NormFit, moves: Floats) -> Floats:
    purchases, market = fit.purchases, fit.market
    which = told(purchases)
    # No brand of its own has a part in the sum: its row counts for nothing.
    slope = {name: which * each for name, each in slopes(market, penetrations).items()}
    mean = market.category.mean
    own = which[purchases.brand] - slope["share"][purchases.brand] * purchases.purchases / mean
    gap = np.bincount(purchases.household, own, moves.shape[0]).astype(np.float64)
    gap += (slope["share"] @ market.share) * moves[:, 1] / mean
    gap -= penetrations(market)[which].sum()
    gap -= slope["mean"].sum() * (moves[:, 1] - mean) + slope["exponent"].sum() * moves[:, 2]
    found: Floats = gap / slope["switching"].sum()
    return found


def _by_likelihood(fit: NormFit, total: Floats) -> Floats:
    purchases, market = fit.purchases, fit.market
    s, share = market.switching, market.share
    x, n = purchases.purchases, total.astype(np.int64)
    alpha = market.strength[purchases.brand]
    first = digamma(alpha + x) - digamma(alpha)
    second = polygamma(1, alpha + x) - polygamma(1, alpha)
    count = np.arange(n.max() + 1)
    all_first = digamma(s + count) - digamma(s)
    all_second = polygamma(1, s + count) - polygamma(1, s)
    own = share[purchases.brand]
    weight = purchases.weight.sum()
    curve = purchases.sums(own**2 * second).sum() - purchases.weight @ all_second[n]
    slope = purchases.sums(first + own * s * second) / weight
    mean = market.category.mean
    score = np.bincount(
        purchases.household, own * first + slope[purchases.brand] * x / mean, total.size
    )
    score -= all_first[n] + (slope @ share) * total / mean
    found: Floats = -score / (curve / weight)
    return found


def slopes(market: BrandMarket, norm: Callable[[BrandMarket], Floats]) -> Slopes:
    """Return how fast norms of the brands rise with each parameter.

    Parameters
    ----------
    market
        Where.
    norm
        From a market to figures of its brands, (..., J), each of which depends on the brand's own
        share only.

    Returns
    -------
    dict
        (..., J) slopes in ``mean``, ``exponent``, ``switching`` and ``share``.
    """
    found = {}
    for parameter in PARAMETERS:
        low, high = (_nudged(market, parameter, factor) for factor in (1 - STEP, 1 + STEP))
        found[parameter] = (norm(high[0]) - norm(low[0])) / (high[1] - low[1])
    return found


def _nudged(
    market: BrandMarket, parameter: str, factor: float
) -> tuple[BrandMarket, Floats | float]:
    """Return the market with one parameter multiplied, and what the parameter is then."""
    if parameter == "share":
        share = np.minimum(market.share * factor, 1.0)
        return replace(market, share=share), share
    if parameter == "switching":
        value = market.switching * factor
        return replace(market, switching=value), value
    value = getattr(market.category, parameter) * factor
    return replace(market, category=replace(market.category, **{parameter: value})), value
