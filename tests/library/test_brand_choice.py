"""The NBD-Dirichlet against other software, closed forms and households drawn one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from offtake.errors import BadInputError
from offtake.models.kernels.brand_choice import (
    BrandMarket,
    brand_norms,
    by_category_purchases,
    norm_curve,
    penetrations,
    purchase_shares,
    repeat_buying,
    shared_buyers,
)
from offtake.models.kernels.brand_switching import (
    SWITCHING,
    switching_by_brand,
    switching_from_likelihood,
    switching_from_penetrations,
    weighted_switching,
)
from offtake.models.kernels.discoveries import q_values
from offtake.models.kernels.purchase_counts import (
    EXPONENTS,
    MOST_UNSEEN,
    PurchaseCounts,
    counts_from_likelihood,
    counts_from_zeros,
    never_seen,
)
from tests.library.dirichlet_world import MARKET, drawn

MEANS = st.floats(0.05, 60.0)
SHAPES = st.floats(0.05, 20.0)
SHARES = st.floats(0.001, 0.95)


@given(MEANS, SHAPES)
def test_counts_are_those_of_another_library(mean: float, exponent: float) -> None:
    found = PurchaseCounts(mean, exponent).distribution()
    other = stats.nbinom(exponent, exponent / (mean + exponent))
    np.testing.assert_allclose(found, other.pmf(np.arange(found.size)), rtol=1e-8, atol=1e-14)


@given(MEANS, SHAPES)
def test_what_is_left_out_of_the_sums_is_as_small_as_promised(mean: float, exponent: float) -> None:
    for tolerance in (1e-4, 1e-10):
        found = PurchaseCounts(mean, exponent).distribution(tolerance)
        left = mean - found @ np.arange(found.size)
        # Sums of so many terms are themselves good to about this.
        assert -1e-9 * mean < left < (tolerance + 1e-9) * mean
        assert found.size < 3 or mean - found[:-3] @ np.arange(found.size - 3) > tolerance * mean


@given(MEANS, SHAPES, st.floats(0.1, 20.0), SHARES)
def test_penetration_is_a_hypergeometric_function(
    mean: float, exponent: float, switching: float, share: float
) -> None:
    market = BrandMarket(PurchaseCounts(mean, exponent), switching, np.array([share]))
    closed = 1 - special.hyp2f1(exponent, switching * share, switching, -mean / exponent)
    # SciPy documents its hyp2f1 as accurate to about 1e-10 here; our sums leave out 1e-10.
    np.testing.assert_allclose(penetrations(market)[0], closed, atol=3e-9)


@given(MEANS, SHAPES, st.floats(0.1, 20.0), SHARES)
def test_norms_keep_to_their_identities(
    mean: float, exponent: float, switching: float, share: float
) -> None:
    market = BrandMarket(PurchaseCounts(mean, exponent), switching, np.array([share, share / 2]))
    found = brand_norms(market)
    category = market.category.penetration
    np.testing.assert_allclose(found.penetration * found.frequency, mean * market.share)
    np.testing.assert_allclose(found.requirements, found.frequency / found.category_frequency)
    assert np.all(found.penetration <= category + 1e-9)
    assert np.all(found.requirements >= market.share - 1e-9)
    for rate in (found.sole, found.twice, found.requirements):
        assert np.all((rate >= -1e-9) & (rate <= 1 + 1e-9))
    # Double jeopardy: the smaller brand has fewer buyers, who buy it less often.
    assert found.penetration[0] > found.penetration[1]
    assert found.frequency[0] > found.frequency[1] - 1e-9


def test_distribution_of_a_brand_is_a_mixture_of_another_librarys() -> None:
    chance = MARKET.category.distribution()
    for at in (0, 5):
        alpha = MARKET.strength[at]
        mixed = [
            sum(
                chance[n] * stats.betabinom(n, alpha, MARKET.switching - alpha).pmf(x)
                for n in range(min(chance.size, 200))
            )
            for x in range(4)
        ]
        np.testing.assert_allclose(purchase_shares(MARKET, 4)[at, :4], mixed, atol=1e-9)


def test_distribution_agrees_with_the_norms() -> None:
    shares, found = purchase_shares(MARKET, 3), brand_norms(MARKET)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(1 - shares[:, 0], found.penetration, atol=1e-9)
    np.testing.assert_allclose(shares[:, 1] / found.penetration, 1 - found.twice, atol=1e-9)


def test_one_brand_for_all_is_the_category() -> None:
    found = brand_norms(replace(MARKET, share=np.array([1.0])))
    assert found.penetration[0] == pytest.approx(MARKET.category.penetration)
    assert found.sole[0] == pytest.approx(1)
    assert found.requirements[0] == pytest.approx(1)
    assert repeat_buying(replace(MARKET, share=np.array([1.0])))[0] == pytest.approx(
        MARKET.category.repeat
    )


def test_two_brands_of_the_whole_market_share_what_both_do_not_have_alone() -> None:
    market = replace(MARKET, share=np.array([0.3, 0.7]))
    both = shared_buyers(market)
    own = brand_norms(market)
    np.testing.assert_allclose(both[0, 1], both[0, 0] * (1 - own.sole[0]))
    np.testing.assert_allclose(both[0, 1], both[1, 1] * (1 - own.sole[1]))


def test_curve_runs_through_the_brands() -> None:
    found = brand_norms(MARKET)
    bought, frequency = norm_curve(MARKET, MARKET.share)
    np.testing.assert_allclose(bought, found.penetration)
    np.testing.assert_allclose(frequency, found.frequency)


def simulated(households: int, seed: int) -> None:
    """Hold all norms to drawn households: none further off than five standard errors."""
    random = np.random.default_rng(seed)
    counts = drawn(random, households)
    x = counts.sum(axis=0)
    n = x.sum(axis=1)
    bought, sole = x > 0, (x == n[:, None]) & (x > 0)
    norms, buyers = brand_norms(MARKET), (x > 0).sum(axis=0)
    first, second = counts > 0
    half = MARKET.over(0.5)

    def near(found: np.ndarray, seen: np.ndarray, error: np.ndarray) -> None:
        assert np.all(np.abs(found - seen) < 5 * error), (found, seen, error)

    def rate(seen: np.ndarray, size: np.ndarray) -> np.ndarray:
        error: np.ndarray = np.sqrt(np.maximum(seen * (1 - seen), 1 / size) / size)
        return error

    seen = buyers / households
    near(norms.penetration, seen, rate(seen, np.full(buyers.shape, households)))
    spread = np.array([x[bought[:, at], at].std() for at in range(buyers.size)])
    near(norms.frequency, x.sum(axis=0) / buyers, spread / np.sqrt(buyers))
    wide = np.array([n[bought[:, at]].std() for at in range(buyers.size)])
    near(norms.category_frequency, (n @ bought) / buyers, wide / np.sqrt(buyers))
    near(norms.sole, sole.sum(axis=0) / buyers, rate(sole.sum(axis=0) / buyers, buyers))
    only = np.array([x[sole[:, at], at].std() for at in range(buyers.size)])
    near(
        norms.sole_frequency, (x * sole).sum(axis=0) / sole.sum(axis=0),
        only / np.sqrt(sole.sum(axis=0)),
    )  # fmt: skip
    twice = (x >= 2).sum(axis=0) / buyers
    near(norms.twice, twice, rate(twice, buyers))
    again = (first & second).sum(axis=0) / first.sum(axis=0)
    near(repeat_buying(half), again, rate(again, first.sum(axis=0)))
    near(penetrations(half), second.mean(axis=0), rate(second.mean(axis=0), buyers))
    pairs = bought.T.astype(float) @ bought / households
    near(shared_buyers(MARKET), pairs, rate(pairs, np.full(pairs.shape, households)))
    some = (n >= 2) & (n <= 5)
    few, often = by_category_purchases(MARKET, 2, 5)
    near(few, bought[some].mean(axis=0), rate(bought[some].mean(axis=0), some.sum() + 0 * buyers))
    spread = np.array([x[some & bought[:, at], at].std() for at in range(buyers.size)])
    near(
        often, x[some].sum(axis=0) / bought[some].sum(axis=0),
        spread / np.sqrt(bought[some].sum(axis=0)),
    )  # fmt: skip
    for at, share in enumerate(purchase_shares(MARKET, 4).T[:4]):
        near(share, (x == at).mean(axis=0), rate((x == at).mean(axis=0), households + 0 * buyers))


def test_norms_are_those_of_households_drawn_one_by_one() -> None:
    simulated(200_000, seed=1)


@pytest.mark.slow
def test_norms_are_those_of_millions_of_households() -> None:
    simulated(3_000_000, seed=2)


def test_zeros_and_likelihood_find_the_counts_again() -> None:
    true = PurchaseCounts(3.0, 0.6)
    shares = true.distribution(1e-14)
    by_zeros = counts_from_zeros(true.mean, true.penetration)
    by_likelihood = counts_from_likelihood(1e6 * shares)
    for found in (by_zeros, by_likelihood):
        assert found.mean == pytest.approx(3.0, rel=1e-9)
        assert found.exponent == pytest.approx(0.6, rel=1e-6)


def test_those_who_never_bought_are_found_from_those_who_did() -> None:
    true = PurchaseCounts(3.0, 0.6)
    shares = true.distribution(1e-14)
    found = 1e6 * shares
    found[0] = 0
    assert never_seen(found) == pytest.approx(1e6 * (1 - true.penetration), rel=1e-5)
    # A mean of nothing but single purchases says that there is no end of them.
    assert never_seen([0, 100, 0]) == MOST_UNSEEN * 100


def test_all_ways_find_the_same_switching_in_a_true_market() -> None:
    own = penetrations(MARKET)
    together = switching_from_penetrations(MARKET.category, MARKET.share, own)
    by_brand = switching_by_brand(MARKET.category, MARKET.share, own)
    assert together == pytest.approx(1.3, rel=1e-6)
    np.testing.assert_allclose(by_brand, 1.3, rtol=1e-5)
    assert weighted_switching(by_brand, MARKET.share) == pytest.approx(1.3, rel=1e-5)


def test_likelihood_of_switching_is_that_of_another_library() -> None:
    random = np.random.default_rng(4)
    x = drawn(random, 300).sum(axis=0)
    x = x[x.sum(axis=1) > 0]
    share = x.sum(axis=0) / x.sum()
    counts = np.array([np.bincount(each, minlength=x.max() + 1) for each in x.T])
    found = switching_from_likelihood(counts, np.bincount(x.sum(axis=1)), share)

    def likelihood(s: float) -> float:
        return float(stats.dirichlet_multinomial(s * share, x.sum(axis=1)).logpmf(x).sum())

    assert likelihood(found) > max(likelihood(0.98 * found), likelihood(1.02 * found))


def test_a_brand_out_of_reach_has_no_switching_of_its_own() -> None:
    found = switching_by_brand(MARKET.category, [0.2, 0.2], [0.1, 0.8])
    assert np.all(np.isnan(found))
    assert np.isnan(weighted_switching(found, np.array([0.2, 0.2])))
    assert switching_from_penetrations(MARKET.category, [0.2], [0.1]) == SWITCHING[0]
    assert switching_from_penetrations(MARKET.category, [0.2], [0.9]) == SWITCHING[1]


def test_households_that_are_all_alike_reach_the_limit_of_the_exponent() -> None:
    assert counts_from_zeros(1.0, 0.7).exponent == EXPONENTS[1]
    assert counts_from_likelihood([0, 5, 0]).exponent == EXPONENTS[1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: PurchaseCounts(0.0, 1.0),
        lambda: PurchaseCounts(1.0, np.inf),
        lambda: PurchaseCounts(1e9, 0.01).distribution(),
        lambda: counts_from_zeros(1.0, 1.0),
        lambda: counts_from_zeros(0.3, 0.4),
        lambda: counts_from_likelihood([5, 0]),
        lambda: counts_from_likelihood([5, -1, 2]),
        lambda: BrandMarket(PurchaseCounts(1, 1), 0.0, np.array([0.5])),
        lambda: BrandMarket(PurchaseCounts(1, 1), 1.0, np.array([0.5, 1.5])),
        lambda: BrandMarket(PurchaseCounts(1, 1), 1.0, np.array([])),
        lambda: switching_from_penetrations(PurchaseCounts(1, 1), [], []),
        lambda: switching_by_brand(PurchaseCounts(1, 1), [0.2], [0.1, 0.2]),
        lambda: switching_from_likelihood([[0, 1]], [0, 1], [0.0]),
        lambda: q_values([0.5, 1.5]),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(BadInputError, match="allowed"):
        call()


def test_q_values_are_those_of_another_library() -> None:
    p = np.random.default_rng(0).random(40) ** 2
    np.testing.assert_allclose(q_values(p), stats.false_discovery_control(p))
