"""Figures of brands as sums over households, and as what the Dirichlet expects of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from offtake.models.kernels.brand_choice import BrandMarket, brand_norms, none_of, penetrations
from offtake.models.shoppers.norm_fit import NormFit, slopes
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats

FIGURES = (
    "penetration", "frequency", "category_frequency", "requirements", "sole", "sole_frequency",
    "twice", "repeat",
)  # fmt: skip
"""What is said of every brand; `repeat` is the share of the first half's buyers who buy in the
second half too, the others are as in :class:`offtake.models.kernels.brand_choice.BrandNorms`."""
RATES = ("penetration", "requirements", "sole", "twice", "repeat")
"""Figures that lie between 0 and 1."""
PARTS: Mapping[str, tuple[int, int | None]] = MappingProxyType({
    "penetration": (0, None), "frequency": (1, 0), "category_frequency": (2, 0),
    "requirements": (1, 2), "sole": (3, 0), "sole_frequency": (4, 3), "twice": (5, 0),
    "repeat": (7, 6),
})  # fmt: skip
"""Which features a figure divides; None: by all households."""
FEATURES, MOVES = 8, 4
Norm = Callable[[BrandMarket], Floats]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over households, of J brands and F features.

    Parameters
    ----------
    sums
        (J, F) weighted sums of features.
    squares
        (J, F, F) of products of features, by squared weights.
    crosses
        (J, F, 4) of products of features with what households add to parameters, the same way.
    moved
        (4, 4) of products of those with each other.
    """

    sums: Floats
    squares: Floats
    crosses: Floats
    moved: Floats


@dataclass(frozen=True, slots=True)
class Linear:
    """How figures move with a household: by its features and by what it adds to the parameters.

    Parameters
    ----------
    features
        (Q, J, F) slopes in the features.
    moves
        (Q, J, 4) slopes in 1, purchases of the category, K and S.
    """

    features: Floats
    moves: Floats

    def less(self, other: Linear) -> Linear:
        """Return how the difference of figures moves."""
        return Linear(self.features - other.features, self.moves - other.moves)

    def error(self, moments: Moments, weight: float) -> Floats:
        """Return standard errors, (Q, J)."""
        on, by = self.features, self.moves
        total = np.einsum("qjf,jfg,qjg->qj", on, moments.squares, on, optimize=True)
        total += 2 * np.einsum("qjf,jfu,qju->qj", on, moments.crosses, by, optimize=True)
        total += np.einsum("qju,uv,qjv->qj", by, moments.moved, by, optimize=True)
        found: Floats = np.sqrt(np.maximum(total, 0.0)) / weight
        return found


def moments_of(fit: NormFit) -> Moments:
    """Add up what households do to the figures of every brand, and what they add to parameters."""
    purchases, total = fit.purchases, fit.purchases.total.astype(np.float64)
    bounds, brands = purchases.bounds, purchases.brands.size
    sums, squares = np.empty((brands, FEATURES)), np.empty((brands, FEATURES, FEATURES))
    crosses = np.empty((brands, FEATURES, MOVES))
    for brand in range(brands):
        rows = slice(bounds[brand], bounds[brand + 1])
        household = purchases.household[rows]
        weight = purchases.weight[household]
        features = _features(purchases, rows, total)
        sums[brand] = weight @ features
        heavy = features * (weight**2)[:, None]
        squares[brand] = features.T @ heavy
        crosses[brand] = heavy.T @ fit.moves[household]
    heavy = fit.moves * (purchases.weight**2)[:, None]
    moved: Floats = fit.moves.T @ heavy
    return Moments(sums, squares, crosses, moved)


def _features(purchases: BrandPurchases, rows: slice, total: Floats) -> Floats:
    """Return what rows of one brand add to its figures, (R', F)."""
    x = purchases.purchases[rows].astype(np.float64)
    n = total[purchases.household[rows]]
    sole = x == n
    first, second = purchases.first[rows], purchases.second[rows]
    columns = (np.ones(x.size), x, n, sole, sole * x, x >= 2, first, first & second)
    return np.stack([np.asarray(each, dtype=np.float64) for each in columns], axis=1)


def squares_under_norm(fit: NormFit) -> Floats:
    """Return expected products of the first four features if the Dirichlet holds, (J, 4, 4).

    Given how often each household bought the category. A test needs the spread that there would be
    if the brand were as expected: the spread seen is small by chance just when the figure is off.
    """
    purchases, s = fit.purchases, fit.market.switching
    households = np.bincount(purchases.total, purchases.weight**2)
    n, share = np.arange(households.size), fit.market.share[:, None]
    strength = fit.market.strength
    bought = 1 - none_of(s, strength, n.size)
    sole = none_of(s, np.maximum(s - strength, 0.0), n.size)
    sole[:, 0] = 0.0
    spread = share * (1 - share) * n * (s + n) / (s + 1) + (share * n) ** 2
    pairs = {
        (0, 0): bought, (0, 1): share * n, (0, 2): n * bought, (0, 3): sole, (1, 1): spread,
        (1, 2): share * n**2, (1, 3): n * sole, (2, 2): n**2 * bought, (2, 3): n * sole,
        (3, 3): sole,
    }  # fmt: skip
    found = np.empty((strength.size, 4, 4))
    for (a, b), values in pairs.items():
        found[:, a, b] = found[:, b, a] = values @ households
    return found


def observed_figures(purchases: BrandPurchases, sums: Floats) -> Floats:
    """Return the figures observed, (Q, J); NaN where there is nobody to take them of."""
    weight = purchases.weight.sum()
    observed = np.empty((len(FIGURES), sums.shape[0]))
    for at, name in enumerate(FIGURES):
        above, below = PARTS[name]
        base = np.full(sums.shape[0], weight) if below is None else sums[:, below]
        np.divide(sums[:, above], base, out=observed[at], where=base > 0)
        observed[at, base <= 0] = np.nan
    if purchases.halves == 0:
        observed[FIGURES.index("repeat")] = np.nan
    return observed


def moves_of_observed(purchases: BrandPurchases, sums: Floats, figures: Floats) -> Linear:
    """Return how observed figures move with a household, around the values given, (Q, J)."""
    weight = purchases.weight.sum()
    around = np.nan_to_num(figures)
    on = np.zeros((*figures.shape, FEATURES))
    for at, name in enumerate(FIGURES):
        above, below = PARTS[name]
        if below is None:
            on[at, :, above] += 1
            continue
        base = sums[:, below]
        scale = np.divide(weight, base, out=np.zeros_like(base), where=base > 0)
        on[at, :, above] += scale
        on[at, :, below] -= scale * around[at]
    by = np.zeros((*figures.shape, MOVES))
    everybody = FIGURES.index("penetration")
    by[everybody, :, 0] = -around[everybody]
    return Linear(on, by)


def norm_over(halves: float) -> Norm:
    """Return the function from a market to the norms of its brands, (Q, J).

    Parameters
    ----------
    halves
        Length of one of the halves that are compared over the length of the period.
    """

    def norm(market: BrandMarket) -> Floats:
        found = brand_norms(market)
        rows = [getattr(found, name) for name in FIGURES if name != "repeat"]
        if halves == 0:
            return np.stack([*rows, np.full(found.sole.size, np.nan)])
        half = penetrations(market.over(halves))
        whole = found.penetration if halves == 0.5 else penetrations(market.over(2 * halves))
        return np.stack([*rows, 2 - whole / half])

    return norm


def moves_of_norms(fit: NormFit, norm: Norm) -> Linear:
    """Return how norms move with a household."""
    rise = {name: np.nan_to_num(each) for name, each in slopes(fit.market, norm).items()}
    mean, share = fit.market.category.mean, fit.market.share
    shape = rise["mean"].shape
    on, by = np.zeros((*shape, FEATURES)), np.empty((*shape, MOVES))
    on[:, :, 1] = rise["share"] / mean
    by[:, :, 0] = -mean * rise["mean"]
    by[:, :, 1] = rise["mean"] - rise["share"] * share / mean
    by[:, :, 2], by[:, :, 3] = rise["exponent"], rise["switching"]
    return Linear(on, by)
