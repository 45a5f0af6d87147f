"""Norms of buying against figures that others have published, to the digits they print."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.models.kernels.brand_choice import (
    BrandMarket,
    brand_norms,
    by_category_purchases,
    purchase_shares,
)
from offtake.models.kernels.brand_switching import market_from_figures, switching_by_brand
from offtake.models.kernels.purchase_counts import PurchaseCounts, counts_from_zeros

SHARE = np.array([0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02])
PENETRATION = np.array([0.20, 0.17, 0.09, 0.08, 0.08, 0.07, 0.03, 0.02])
"""Toothpaste in Great Britain, first quarter of 1973 (AGB panel, 5,240 households): Colgate DC,
Macleans, Close Up, Signal, Ultrabrite, Gibbs SR, Boots and Sainsbury private labels. Section 3 of
Goodhardt, Ehrenberg and Chatfield (1984), as input of the user guide of the R package NBDdirichlet
(Feiming Chen, CRAN), whose output stands below."""
DIGITS = 0.0051
"""Half of the last digit printed, and a little for the S that is printed with one decimal."""


@pytest.fixture(scope="module")
def category() -> PurchaseCounts:
    return counts_from_zeros(0.56 * 2.6, 0.56)


@pytest.fixture(scope="module")
def market(category: PurchaseCounts) -> BrandMarket:
    return BrandMarket(category, 1.3, SHARE)


def test_toothpaste_has_the_published_parameters(category: PurchaseCounts) -> None:
    assert category.mean == pytest.approx(1.46, abs=DIGITS)
    assert category.exponent == pytest.approx(0.78, abs=DIGITS)
    # The guide's S of 1.3 is that of the leader; it leaves out brands whose S is an outlier.
    assert switching_by_brand(category, SHARE, PENETRATION)[0] == pytest.approx(1.3, abs=DIGITS)


def test_toothpaste_figures_alone_give_norms_close_to_the_brands() -> None:
    market = market_from_figures(
        category_penetration=0.56, category_frequency=2.6, share=SHARE, penetration=PENETRATION
    )
    # The figures have two digits, which leaves S open from about 1.2 to 1.8.
    assert 1.2 < market.switching < 1.8
    found = brand_norms(market).penetration
    np.testing.assert_allclose(found.sum(), PENETRATION.sum(), rtol=1e-9)
    np.testing.assert_allclose(found, PENETRATION, atol=0.011)


def test_toothpaste_brands_have_the_published_norms(market: BrandMarket) -> None:
    found = brand_norms(market)
    for figure, published in (
        (found.penetration, [0.20, 0.16, 0.09, 0.09, 0.08, 0.07, 0.03, 0.02]),
        (found.frequency, [1.82, 1.76, 1.68, 1.68, 1.67, 1.66, 1.62, 1.61]),
        (found.category_frequency, [3.16, 3.22, 3.30, 3.30, 3.31, 3.32, 3.37, 3.38]),
    ):
        np.testing.assert_allclose(figure, published, atol=DIGITS)


def test_toothpaste_brands_have_the_published_distributions(market: BrandMarket) -> None:
    published = [
        [0.80, 0.12, 0.04, 0.02, 0.01, 0, 0.01],
        [0.84, 0.10, 0.03, 0.01, 0.01, 0, 0.00],
        [0.91, 0.06, 0.02, 0.01, 0.00, 0, 0.00],
        [0.91, 0.06, 0.02, 0.01, 0.00, 0, 0.00],
        [0.92, 0.05, 0.02, 0.01, 0.00, 0, 0.00],
        [0.93, 0.05, 0.01, 0.01, 0.00, 0, 0.00],
        [0.97, 0.02, 0.01, 0.00, 0.00, 0, 0.00],
        [0.98, 0.01, 0.00, 0.00, 0.00, 0, 0.00],
    ]
    np.testing.assert_allclose(purchase_shares(market, 6), published, atol=DIGITS)


def test_toothpaste_light_buyers_buy_the_brands_as_published(market: BrandMarket) -> None:
    buyers, frequency = by_category_purchases(market, 1, 6)
    np.testing.assert_allclose(
        buyers, [0.34, 0.27, 0.15, 0.15, 0.13, 0.12, 0.05, 0.03], atol=DIGITS
    )
    np.testing.assert_allclose(
        frequency, [1.61, 1.57, 1.51, 1.51, 1.50, 1.49, 1.46, 1.45], atol=DIGITS
    )


PERIODS = np.array([1 / 84, 1 / 12, 1 / 3, 1, 2, 4, 365 / 84])
"""A day, 1, 4, 12, 24, 48 weeks and 365 days over 12 weeks: the periods of the NBD Program (in
East, Wright and Vanhuele, Consumer Behaviour, 2013), here for a brand bought by 20 % of households
2.1 times in 12 weeks, as printed in the notes of Daniele Medri's version of it
(dmedri/nbdprogram)."""


@pytest.fixture(scope="module")
def brand() -> list[PurchaseCounts]:
    fitted = counts_from_zeros(0.2 * 2.1, 0.2)
    return [fitted.over(period) for period in PERIODS]


def test_one_brand_grows_with_the_period_as_published(brand: list[PurchaseCounts]) -> None:
    penetration = np.array([each.penetration for each in brand])
    frequency = np.array([each.mean for each in brand]) / penetration
    np.testing.assert_allclose(
        penetration, [0.005, 0.032, 0.1, 0.2, 0.277, 0.355, 0.364], atol=0.00051
    )
    np.testing.assert_allclose(
        frequency, [1.015, 1.106, 1.401, 2.1, 3.036, 4.729, 5.007], atol=0.00051
    )


def test_buyers_of_one_brand_come_back_as_published(brand: list[PurchaseCounts]) -> None:
    found = [100 * each.repeat for each in brand]
    # Percent with three decimals: the last one follows how closely the program solves for K.
    np.testing.assert_allclose(
        found, [2.966, 16.82, 40.99, 61.646, 71.615, 78.885, 79.597], atol=0.0015
    )


def test_households_buy_one_brand_so_many_times_as_published(brand: list[PurchaseCounts]) -> None:
    published = np.array([
        [0.995, 0.968, 0.900, 0.800, 0.723, 0.645, 0.636],
        [0.005, 0.029, 0.073, 0.106, 0.114, 0.112, 0.111],
        [0.000, 0.003, 0.018, 0.043, 0.055, 0.060, 0.060],
        [0.000, 0.000, 0.006, 0.022, 0.033, 0.039, 0.040],
        [0.000, 0.000, 0.002, 0.012, 0.021, 0.028, 0.029],
        [0.000, 0.000, 0.001, 0.007, 0.014, 0.021, 0.022],
    ])  # fmt: skip
    found = np.stack([each.distribution(1e-12)[:6] for each in brand], axis=1)
    np.testing.assert_allclose(found, published, atol=0.00051)
