"""Brands beside their norms: what is observed, what is expected, and how sure the difference is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr

from offtake.models.kernels.brand_choice import BrandMarket, brand_norms, penetrations
from offtake.models.kernels.discoveries import q_values
from offtake.models.shoppers.norm_fit import NormFit, slopes
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats

FIGURES = (
    "penetration", "frequency", "category_frequency", "requirements", "sole", "sole_frequency",
    "twice", "repeat",
)  # fmt: skip
TESTED = ("penetration", "frequency", "requirements", "sole", "repeat")
RATES = ("penetration", "requirements", "sole", "twice", "repeat")
"""Figures that lie between 0 and 1."""
PARTS: Mapping[str, tuple[int, int | None]] = MappingProxyType({
    "penetration": (0, None), "frequency": (1, 0), "category_frequency": (2, 0),
    "requirements": (1, 2), "sole": (3, 0), "sole_frequency": (4, 3), "twice": (5, 0),
    "repeat": (7, 6),
})  # fmt: skip
"""Columns of `_features` that a figure divides; None: by all households."""
Z_80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Deviations:
    """Figures of J brands, observed and expected; (Q, J) each, Q as in `FIGURES`.

    Parameters
    ----------
    observed, expected
        Figures, shares from 0 to 1; NaN where there is none, as of sole buyers when nobody is one.
    observed_error, expected_error, error
        Standard errors of both, and of their difference.
    base
        Households that an observed figure is taken of, in effect.
    p
        Two-sided p-value of the difference; NaN where it is not tested.
    q
        The same, adjusted for the number of brands looked at.
    """

    observed: Floats
    expected: Floats
    observed_error: Floats
    expected_error: Floats
    error: Floats
    base: Floats
    p: Floats
    q: Floats


def deviations(fit: NormFit) -> Deviations:
    """Set every brand beside its norm.

    Parameters
    ----------
    fit
        The market.
    """
    sums, squares, crosses, moved = _moments(fit)
    observed, on_features = _observed(fit.purchases, sums)
    norm = _norm_of(fit.purchases.halves)
    expected = norm(fit.market)
    own = (on_features, _constant(fit.purchases, observed))
    norms = _expected_moves(fit, norm)
    both = (own[0] - norms[0], own[1] - norms[1])
    errors = [
        _error(parts, squares, crosses, moved) / fit.purchases.weight.sum()
        for parts in (own, norms, both)
    ]
    if fit.purchases.halves == 0:
        observed[-1] = expected[-1] = np.nan
    base = _base(fit.purchases)
    p = _p_values(fit, (observed, expected), errors, base)
    q = np.stack([q_values(each) for each in p])
    return Deviations(observed, expected, *errors, base=base, p=p, q=q)


def _features(purchases: BrandPurchases, rows: slice, total: Floats) -> Floats:
    """Return what a row adds to the figures of its brand, (R', 8)."""
    x = purchases.purchases[rows].astype(np.float64)
    n = total[purchases.household[rows]]
    sole = x == n
    first, second = purchases.first[rows], purchases.second[rows]
    columns = (np.ones(x.size), x, n, sole, sole * x, x >= 2, first, first & second)
    return np.stack([np.asarray(each, dtype=np.float64) for each in columns], axis=1)


def _moments(fit: NormFit) -> tuple[Floats, Floats, Floats, Floats]:
    """Return weighted sums of features, (J, F), and sums of squared weights times products.

    Of features with each other, (J, F, F), with the moves of parameters, (J, F, 4), and of those
    with each other, (4, 4).
    """
    purchases, total = fit.purchases, fit.purchases.total.astype(np.float64)
    bounds, moves = purchases.bounds, fit.moves
    brands, size = purchases.brands.size, 8
    sums, squares = np.empty((brands, size)), np.empty((brands, size, size))
    crosses = np.empty((brands, size, moves.shape[1]))
    for brand in range(brands):
        rows = slice(bounds[brand], bounds[brand + 1])
        household = purchases.household[rows]
        weight = purchases.weight[household]
        features = _features(purchases, rows, total)
        sums[brand] = weight @ features
        heavy = features * (weight**2)[:, None]
        squares[brand] = features.T @ heavy
        crosses[brand] = heavy.T @ moves[household]
    heavy = moves * (purchases.weight**2)[:, None]
    return sums, squares, crosses, moves.T @ heavy


def _observed(purchases: BrandPurchases, sums: Floats) -> tuple[Floats, Floats]:
    """Return the figures, (Q, J), and their slopes in the features of a household, (Q, J, F)."""
    weight = purchases.weight.sum()
    observed = np.empty((len(FIGURES), sums.shape[0]))
    on = np.zeros((*observed.shape, sums.shape[1]))
    for at, name in enumerate(FIGURES):
        above, below = PARTS[name]
        base = np.full(sums.shape[0], weight) if below is None else sums[:, below]
        with np.errstate(invalid="ignore"):
            observed[at] = sums[:, above] / np.where(base > 0, base, np.nan)
        scale = np.divide(weight, base, out=np.zeros_like(base), where=base > 0)
        on[at, :, above] += scale
        if below is not None:
            on[at, :, below] -= scale * np.nan_to_num(observed[at])
    return observed, on


def _constant(purchases: BrandPurchases, observed: Floats) -> Floats:
    """Return slopes of observed figures in 1, purchases of the category, K and S, (Q, J, 4)."""
    on = np.zeros((*observed.shape, 4))
    on[FIGURES.index("penetration"), :, 0] = -observed[FIGURES.index("penetration")]
    return on


def _norm_of(halves: float):  # noqa: ANN202  # a function of a market
    def norm(market: BrandMarket) -> Floats:
        found = brand_norms(market)
        whole = found.penetration
        if halves > 0:
            half = penetrations(market.over(halves))
            both = half if halves == 0.5 else half
            twice = whole if halves == 0.5 else penetrations(market.over(2 * halves))
            again = (2 * both - twice) / half
        else:
            again = np.zeros_like(whole)
        return np.stack([getattr(found, name) for name in FIGURES[:-1]] + [again])

    return norm


def _expected_moves(fit: NormFit, norm) -> tuple[Floats, Floats]:  # noqa: ANN001
    """Return slopes of norms in the features, (Q, J, F), and in the moves, (Q, J, 4)."""
    rise = slopes(fit.market, norm)
    mean, share = fit.market.category.mean, fit.market.share
    features = np.zeros((*rise["mean"].shape, 8))
    features[:, :, 1] = rise["share"] / mean
    moves = np.empty((*rise["mean"].shape, 4))
    moves[:, :, 0] = -mean * rise["mean"]
    moves[:, :, 1] = rise["mean"] - rise["share"] * share / mean
    moves[:, :, 2], moves[:, :, 3] = rise["exponent"], rise["switching"]
    return features, moves


def _error(
    parts: tuple[Floats, Floats], squares: Floats, crosses: Floats, moved: Floats
) -> Floats:
    """Return roots of summed squares of what households add to figures, (Q, J)."""
    features, moves = parts
    total = np.einsum("qjf,jfg,qjg->qj", features, squares, features)
    total += 2 * np.einsum("qjf,jfu,qju->qj", features, crosses, moves)
    total += np.einsum("qju,uv,qjv->qj", moves, moved, moves)
    return np.sqrt(np.maximum(total, 0.0))


def _base(purchases: BrandPurchases) -> Floats:
    """Return the effective number of households that figures are taken of, (Q, J)."""
    weight = purchases.weight
    rows = weight[purchases.household]
    everybody = weight.sum() ** 2 / np.sum(weight**2)
    base = np.empty((len(FIGURES), purchases.brands.size))
    for at, name in enumerate(FIGURES):
        if name == "penetration":
            base[at] = everybody
            continue
        some = purchases.first if name == "repeat" else np.ones(rows.size, bool)
        total = np.bincount(purchases.brand, rows * some, purchases.brands.size)
        square = np.bincount(purchases.brand, rows**2 * some, purchases.brands.size)
        base[at] = np.divide(total**2, square, out=np.zeros_like(total), where=square > 0)
    return base


def _p_values(
    fit: NormFit, figures: tuple[Floats, Floats], errors: list[Floats], base: Floats
) -> Floats:
    observed, expected = figures
    p = np.full(observed.shape, np.nan)
    tested = fit.purchases.listed
    for name in TESTED:
        at = FIGURES.index(name)
        gap, error = observed[at] - expected[at], errors[2][at]
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(error > 0, gap / error, 0.0)
        p[at] = np.where(tested & ~np.isnan(gap), 2 * ndtr(-np.abs(z)), np.nan)
    return p
