"""The fit of a market as rows: parameters with their intervals, and how well it describes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincc

from offtake.models.columns import Columns
from offtake.models.kernels.brand_switching import (
    SWITCHING,
    switching_from_likelihood,
    weighted_switching,
)
from offtake.models.kernels.purchase_counts import EXPONENTS, counts_from_likelihood
from offtake.models.shoppers.norm_deviations import Z_80, Deviations
from offtake.models.shoppers.norm_figures import FIGURES
from offtake.models.shoppers.norm_fit import NormFit, brand_counts
from offtake.models.shoppers.norm_purchases import Floats, Integers

PERCENT = 100.0
LEAST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the fit, with the ends of its 80 % interval where it has one."""

    name: str
    value: float
    meaning: str
    low: float = float("nan")
    high: float = float("nan")


def parameter_columns(fit: NormFit, found: Deviations, coefficient: float) -> Columns:
    """Return ``shopper_norm_fit``: one row per number, with its meaning.

    Parameters
    ----------
    fit, found
        The market, and its brands beside their norms.
    coefficient
        D of the duplication law.
    """
    rows = [*_parameters(fit), *_others(fit), *_sample(fit), *_quality(fit, found)]
    rows.append(Row(
        "duplication_coefficient", coefficient,
        "D: a brand is bought by so many times its penetration of the buyers of any other brand",
    ))  # fmt: skip
    return {
        "name": [row.name for row in rows],
        "value": np.array([row.value for row in rows]),
        "value_low": np.array([row.low for row in rows]),
        "value_high": np.array([row.high for row in rows]),
        "meaning": [row.meaning for row in rows],
    }


def _parameters(fit: NormFit) -> list[Row]:
    category = fit.market.category
    told = (
        ("mean", category.mean, "M: purchases of the category per household, buyers or not"),
        ("exponent", category.exponent, "K: the smaller, the more households differ in how often"),
        ("switching", fit.market.switching, "S: the smaller, the more each keeps to its brands"),
    )
    return [_with_interval(fit, Row(name, value, meaning)) for name, value, meaning in told]


def _with_interval(fit: NormFit, row: Row) -> Row:
    """Put the interval, on the scale of logarithms, to a parameter that is not at its limit."""
    if row.name != "mean" and row.value in (*EXPONENTS, *SWITCHING):
        return row
    reach = float(np.exp(Z_80 * fit.error(row.name) / row.value))
    return replace(row, low=row.value / reach, high=row.value * reach)


def _others(fit: NormFit) -> list[Row]:
    """Return what other methods make of K and S: far apart, the market is not a Dirichlet."""
    purchases, market = fit.purchases, fit.market
    households = np.bincount(purchases.total, purchases.weight).astype(np.float64)
    by_likelihood = switching_from_likelihood(brand_counts(purchases), households, market.share)
    single = purchases.listed
    return [
        Row("exponent_by_likelihood", counts_from_likelihood(households).exponent,
            "K by maximum likelihood of how often households bought"),
        Row("switching_by_likelihood", by_likelihood,
            "S by maximum likelihood of how often households bought each brand"),
        Row("switching_by_brand", weighted_switching(fit.by_brand[single], market.share[single]),
            "S brand by brand, mean weighted by shares"),
    ]  # fmt: skip


def _sample(fit: NormFit) -> list[Row]:
    purchases, known = fit.purchases, fit.purchases.known
    bought = (purchases.total[: known.size] > 0).astype(np.float64)
    purchased, baskets = float(purchases.purchases.sum()), purchases.baskets
    return [
        Row("households", float(known.size), "households in the panel"),
        Row("effective_households", float(known.sum() ** 2 / np.sum(known**2)),
            "households of equal weight that they are worth"),
        Row("never_seen", PERCENT * (1 - purchases.seen),
            "percent of all households that never buy and are not in the data, estimated"),
        Row("category_buyers", float(bought.sum()), "households that bought the category"),
        Row("category_penetration", PERCENT * float(known @ bought / known.sum()),
            "percent of households that bought the category"),
        Row("category_penetration_expected",
            PERCENT * min(fit.market.category.penetration / purchases.seen, 1.0),
            "the same by the fit"),
        Row("purchases_per_basket", purchased / baskets if baskets else float("nan"),
            "brands bought per basket with anything of the category"),
    ]  # fmt: skip


def _quality(fit: NormFit, found: Deviations) -> list[Row]:
    single = fit.purchases.listed
    rows = []
    for name, scale, unit in (("penetration", PERCENT, "points"), ("frequency", 1.0, "purchases")):
        at = FIGURES.index(name)
        gap = np.abs(found.observed[at] - found.expected[at])[single]
        rows.append(Row(
            f"{name}_mean_error", scale * float(gap.mean()) if gap.size else float("nan"),
            f"mean absolute difference of observed and expected {name} over brands, {unit}",
        ))  # fmt: skip
    moved, p = category_fit(fit)
    return [
        *rows,
        Row("category_misplaced", PERCENT * moved,
            "percent of households that would have to buy more or less often for the category's "
            "counts to be as fitted"),
        Row("category_p", p, "chance of a worse fit of the category's counts, were the NBD true"),
    ]  # fmt: skip


def category_fit(fit: NormFit) -> tuple[float, float]:
    """Return how well the NBD describes how often households buy.

    Half the summed absolute differences of the shares of households with 0, 1, 2 ... purchases, and
    the p-value of Pearson's chi-square, counts taken together until each cell has five households
    and two parameters fitted; NaN with too few cells. Weighted households count for as many as
    they are worth.
    """
    weight = fit.purchases.weight
    seen = np.bincount(fit.purchases.total, weight) / weight.sum()
    norm = fit.market.category.distribution()
    size = max(seen.size, norm.size)
    seen, norm = (np.pad(each, (0, size - each.size)) for each in (seen, norm))
    moved = float(np.abs(seen - norm).sum() / 2)
    households = weight.sum() ** 2 / np.sum(weight**2)
    cells = _cells(norm * households)
    count = int(cells[-1]) + 1
    observed, expected = (np.bincount(cells, each * households, count) for each in (seen, norm))
    # Those who never bought are fitted, too, where the data have buyers only.
    freedom = count - 3 - (fit.purchases.unseen > 0)
    if freedom < 1:
        return moved, float("nan")
    chi = float(np.sum((observed - expected) ** 2 / expected))
    return moved, float(gammaincc(freedom / 2, chi / 2))


def _cells(expected: Floats) -> Integers:
    """Return the cell of every count, each with five expected households or more, ascending."""
    cells = np.empty(expected.size, dtype=np.int64)
    cell, filled = 0, 0.0
    left = np.cumsum(expected[::-1])[::-1]
    for count, households in enumerate(expected):
        if filled >= LEAST_EXPECTED and left[count] >= LEAST_EXPECTED:
            cell, filled = cell + 1, 0.0
        cells[count] = cell
        filled += households
    return cells
