"""Brands beside their norms: what is observed, what is expected, and how sure the difference is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from offtake.models.kernels.discoveries import q_values
from offtake.models.kernels.normal_ends import normal_ends
from offtake.models.shoppers.norm_figures import (
    FIGURES,
    RATES,
    Moments,
    moments_of,
    moves_of_norms,
    moves_of_observed,
    norm_over,
    observed_figures,
    squares_under_norm,
)
from offtake.models.shoppers.norm_fit import NormFit
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats

TESTED = ("penetration", "frequency", "requirements", "sole", "repeat")
Z_80 = normal_ends(0.8)
FAINT = 1e-9
"""Errors, relative to the figure, below which a brand is its own norm."""


@dataclass(frozen=True, slots=True)
class Deviations:
    """Figures of J brands, observed and expected; (Q, J) each, Q as in `FIGURES`.

    Parameters
    ----------
    observed, expected
        Figures, rates from 0 to 1; NaN where there is none, as of sole buyers if nobody is one.
    low, high
        Ends of the 80 % intervals of what is observed.
    expected_low, expected_high
        Ends of those of what is expected.
    p
        Two-sided p-value of the difference; NaN where it is not tested.
    q
        The same, adjusted for the number of brands looked at.
    """

    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    expected_low: Floats
    expected_high: Floats
    p: Floats
    q: Floats


def deviations(fit: NormFit) -> Deviations:
    """Set every brand beside its norm.

    Parameters
    ----------
    fit
        The market.

    Notes
    -----
    Tests take the spread that there would be if the brand were as the norm has it, so that they
    keep their level for brands of few buyers; intervals take the spread that is seen.
    """
    purchases = fit.purchases
    weight, moments = purchases.weight.sum(), moments_of(fit)
    norm = norm_over(purchases.halves)
    observed, expected = observed_figures(purchases, moments.sums), norm(fit.market)
    norms = moves_of_norms(fit, norm)
    own = moves_of_observed(purchases, moments.sums, observed).error(moments, weight)
    around = moves_of_observed(purchases, moments.sums, expected).less(norms)
    p = _p_values(fit, (observed, expected), around.error(_under_norm(fit, moments), weight))
    low, high = intervals(observed, own, _bases(purchases))
    norm_low, norm_high = intervals(expected, norms.error(moments, weight))
    figures = (observed, expected, low, high, norm_low, norm_high)
    for each in figures:
        # Of the households that are in the data, as everywhere else.
        at = FIGURES.index("penetration")
        each[at] = np.minimum(each[at] / purchases.seen, 1.0)
    return Deviations(
        observed=observed,
        expected=expected,
        low=low,
        high=high,
        expected_low=norm_low,
        expected_high=norm_high,
        p=p,
        q=np.stack([q_values(each) for each in p]),
    )


def _under_norm(fit: NormFit, moments: Moments) -> Moments:
    squares = moments.squares.copy()
    squares[:, :4, :4] = squares_under_norm(fit)
    return replace(moments, squares=squares)


def _p_values(fit: NormFit, figures: tuple[Floats, Floats], error: Floats) -> Floats:
    observed, expected = figures
    p = np.full(observed.shape, np.nan)
    for name in TESTED:
        at = FIGURES.index(name)
        gap, spread = observed[at] - expected[at], error[at]
        if name == "repeat":
            spread = spread * _repeat_spread(observed[at], expected[at])
        known = spread > FAINT * expected[at]
        z = np.divide(gap, spread, out=np.zeros_like(gap), where=known)
        tested = fit.purchases.listed & ~np.isnan(gap)
        p[at] = np.where(tested, 2 * ndtr(-np.abs(z)), np.nan)
    return p


def _repeat_spread(observed: Floats, expected: Floats) -> Floats:
    """Return by how much the spread of a rate differs if it is as expected."""
    seen, norm = observed * (1 - observed), expected * (1 - expected)
    ratio = np.divide(norm, seen, out=np.ones_like(seen), where=seen > 0)
    found: Floats = np.sqrt(ratio)
    return found


def intervals(value: Floats, error: Floats, base: Floats | None = None) -> tuple[Floats, Floats]:
    """Return the ends of 80 % intervals of figures, (Q, J) each.

    Rates have Wilson's interval with as many households as their error is worth, and so stay
    within 0 and 1; other figures have theirs on the scale of logarithms.

    Parameters
    ----------
    value, error
        (Q, J) figures and their standard errors.
    base
        (Q, J) households that a rate of 0 or 1 is taken of.
    """
    low, high = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    for at, name in enumerate(FIGURES):
        rate, spread = value[at], error[at]
        if name not in RATES:
            with np.errstate(invalid="ignore", divide="ignore"):
                reach = np.exp(Z_80 * np.where(rate > 0, spread / rate, 0.0))
            low[at], high[at] = rate / reach, rate * reach
            continue
        known = (spread > 0) & (rate > 0) & (rate < 1)
        fallback = np.full(rate.shape, np.inf) if base is None else base[at]
        size = np.divide(rate * (1 - rate), spread**2, out=fallback.copy(), where=known)
        low[at], high[at] = _wilson(rate, size)
    return low, high


def _wilson(rate: Floats, size: Floats) -> tuple[Floats, Floats]:
    more = Z_80**2 / np.maximum(size, 1.0)
    middle = (rate + more / 2) / (1 + more)
    reach = np.sqrt(rate * (1 - rate) * more + more**2 / 4) / (1 + more)
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)


def _bases(purchases: BrandPurchases) -> Floats:
    """Return how many households figures are taken of, in effect (Kish), (Q, J)."""
    weight = purchases.weight
    rows = weight[purchases.household]
    base = np.empty((len(FIGURES), purchases.brands.size))
    for at, name in enumerate(FIGURES):
        some = rows * purchases.first if name == "repeat" else rows
        total, square = (
            np.bincount(purchases.brand, each, purchases.brands.size) for each in (some, some**2)
        )
        base[at] = np.divide(total**2, square, out=np.zeros_like(total), where=square > 0)
    base[FIGURES.index("penetration")] = weight.sum() ** 2 / np.sum(weight**2)
    return base
