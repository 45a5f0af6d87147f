"""Fits, intervals and tests of norms, held to markets whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from offtake.errors import BadInputError
from offtake.models.shoppers.norm_deviations import TESTED, Deviations, deviations
from offtake.models.shoppers.norm_figures import FIGURES, norm_over
from offtake.models.shoppers.norm_fit import NormFit, fit_norms
from offtake.models.shoppers.norm_pairs import shared_buyers_of
from offtake.models.shoppers.norm_purchases import BrandPurchases
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_words import directions, market_wide, readings
from tests.effort import examples
from tests.library.dirichlet_world import MARKET, as_purchases, drawn

LIKELIHOOD = NormSpec(exponent="likelihood", switching="likelihood")
ZEROS = NormSpec(exponent="zeros")
HOUSEHOLDS = 1500
TRUE = {"mean": 6.0, "exponent": 0.8, "switching": 1.3}


def world(seed: int, households: int = HOUSEHOLDS) -> BrandPurchases:
    return as_purchases(drawn(np.random.default_rng(seed), households))


def estimate(fit: NormFit) -> dict[str, float]:
    category = fit.market.category
    return {
        "mean": category.mean, "exponent": category.exponent, "switching": fit.market.switching,
    }  # fmt: skip


@pytest.mark.parametrize("spec", [NormSpec(), LIKELIHOOD, ZEROS])
def test_intervals_hold_the_truth_and_flags_are_false_as_often_as_they_say(spec: NormSpec) -> None:
    worlds = examples(60)
    held, norms_held, seen_held, p = [], [], [], []
    truth = norm_over(0.5)(MARKET)
    for seed in range(worlds):
        fit = fit_norms(world(seed), spec)
        found, got = deviations(fit), estimate(fit)
        held.append([abs(got[n] - TRUE[n]) < 1.2816 * fit.error(n) for n in TRUE])
        norms_held.append((found.expected_low < truth) & (truth < found.expected_high))
        seen_held.append((found.low < truth) & (truth < found.high))
        p.append([found.p[FIGURES.index(name)] for name in TESTED])
    # Standard deviation of a share of 60 worlds: .05 about .8; brands and figures of one world
    # are not independent, so that shares of all of them are little better known.
    assert np.all(np.abs(np.mean(held, axis=0) - 0.8) < 0.16)
    tested = [FIGURES.index(name) for name in TESTED]
    assert 0.72 < np.mean(np.array(norms_held)[:, tested]) < 0.88
    assert 0.72 < np.mean(np.array(seen_held)[:, tested]) < 0.88
    false = np.mean(np.array(p) < 0.05, axis=(0, 2))
    assert np.all((false > 0.02) & (false < 0.085)), dict(zip(TESTED, false, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("households", [800, 3000])
def test_flags_are_false_as_often_as_they_say_in_many_worlds(households: int) -> None:
    p, pairs, told = [], [], []
    for seed in range(800):
        fit = fit_norms(world(seed, households))
        found, shared = deviations(fit), shared_buyers_of(fit)
        p.append([found.p[FIGURES.index(name)] for name in TESTED])
        told.append([np.any(found.q[FIGURES.index(name)] < 0.05) for name in TESTED])
        pairs.append(shared.p[np.triu_indices(MARKET.share.size, 1)])
    # Brands of a world depend on each other, so that a share of 800 x 7 tests is known to about
    # .005, and the smallest brand has 5 buyers in the smaller panel.
    false = np.mean(np.array(p) < 0.05, axis=(0, 2))
    assert np.all(np.abs(false - 0.05) < 0.02), false
    assert abs(np.mean(np.array(pairs) < 0.05) - 0.05) < 0.015
    # One brand or more told where none deviates: what false discovery control holds.
    assert np.all(np.mean(told, axis=0) < 0.08), np.mean(told, axis=0)


def test_pairs_are_told_as_often_as_they_say() -> None:
    p = []
    for seed in range(examples(60)):
        shared = shared_buyers_of(fit_norms(world(seed)))
        p.append(shared.p[np.triu_indices(MARKET.share.size, 1)])
    # 60 worlds of 21 pairs: standard deviation about .01.
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.085


def test_pairs_of_three_brands_that_make_up_their_own_norm_are_told_as_often_as_they_say() -> None:
    market, p = replace(MARKET, share=np.array([0.5, 0.3, 0.2])), []
    for seed in range(examples(100)):
        counts = drawn(np.random.default_rng(seed), 1000, market)
        p.append(shared_buyers_of(fit_norms(as_purchases(counts))).p[np.triu_indices(3, 1)])
    # The three pairs of a world move together: about 100 independent draws, deviation .05.
    assert 0.35 < np.mean(np.array(p) < 0.5) < 0.65


def test_weights_change_the_panel_back_to_its_population() -> None:
    counts = drawn(np.random.default_rng(3), 40_000)
    heavy = counts.sum(axis=(0, 2)) >= 8
    kept = np.random.default_rng(4).random(heavy.size) < np.where(heavy, 0.3, 0.05)
    # The panel has six times too many heavy buyers, whose weight says so.
    weight = np.where(heavy, 1 / 0.3, 1 / 0.05)[kept]
    fit = fit_norms(as_purchases(counts[:, kept], weight))
    plain = fit_norms(as_purchases(counts[:, kept]))
    for name, true in TRUE.items():
        assert abs(estimate(fit)[name] - true) < 3.3 * fit.error(name), name
    assert plain.market.category.mean > 9


def test_errors_of_a_weighted_panel_are_those_of_leaving_households_out() -> None:
    counts = drawn(np.random.default_rng(5), 300)
    weight = np.random.default_rng(6).choice([0.5, 1.0, 4.0], 300)
    for spec in (LIKELIHOOD, ZEROS):
        fit = fit_norms(as_purchases(counts, weight), spec)
        without = []
        for group in range(100):
            some = np.arange(300) % 100 != group
            left = fit_norms(as_purchases(counts[:, some], weight[some]), spec)
            without.append(list(estimate(left).values()))
        spread = np.array(without) - np.mean(without, axis=0)
        jackknife = np.sqrt(0.99 * np.sum(spread**2, axis=0))
        ours = [fit.error(name) for name in TRUE]
        # A jackknife of 100 groups is itself known to about 7 %, more with unequal weights.
        np.testing.assert_allclose(ours, jackknife, rtol=0.25)


def test_errors_of_figures_are_those_of_leaving_households_out() -> None:
    counts = drawn(np.random.default_rng(7), 600)
    found = deviations(fit_norms(as_purchases(counts)))
    without = []
    for group in range(100):
        some = np.arange(600) % 100 != group
        left = deviations(fit_norms(as_purchases(counts[:, some])))
        without.append(np.stack([left.observed, left.expected]))
    spread = np.array(without) - np.mean(without, axis=0)
    seen, norm = np.sqrt(0.99 * np.sum(spread**2, axis=0))
    large = slice(0, 4)  # those with a few hundred buyers, where both methods are near their limit
    for at, name in enumerate(FIGURES):
        if name in TESTED:
            _near(found.low, found.high, seen, (at, large))
            _near(found.expected_low, found.expected_high, norm, (at, large))


def _near(low: np.ndarray, high: np.ndarray, error: np.ndarray, at: tuple[int, slice]) -> None:
    ours = (high[at] - low[at]) / (2 * 1.2816)
    np.testing.assert_allclose(ours, error[at], rtol=0.35)


def one_niche_brand(seed: int) -> tuple[NormFit, Deviations]:
    """Let the buyers of the third brand be half as many, each buying twice as much of it."""
    counts = drawn(np.random.default_rng(seed), 4000)
    out = np.random.default_rng(seed).random(4000) < 0.5
    counts[:, :, 2] = np.where(out, 0, 2 * counts[:, :, 2])
    fit = fit_norms(as_purchases(counts))
    return fit, deviations(fit)


def test_a_niche_brand_is_told_and_hardly_another() -> None:
    fit, found = one_niche_brand(1)
    way = directions(found, NormSpec())
    assert way[FIGURES.index("penetration"), 2] == -1
    assert way[FIGURES.index("frequency"), 2] == 1
    assert fit.by_brand[2] < fit.market.switching
    others = np.delete(way[FIGURES.index("penetration")], 2)
    # S is pulled by the niche a little, so that the rest look a little less loyal than the norm.
    assert np.sum(others == -1) == 0


def test_what_goes_for_most_brands_is_said_of_the_market_and_not_of_each() -> None:
    purchases, direction = world(1, 200), np.zeros((len(FIGURES), 7), dtype=np.int64)
    direction[FIGURES.index("repeat"), :6] = -1
    direction[FIGURES.index("sole"), 0] = 1
    assert market_wide(purchases, direction) == {("repeat", -1): 6}
    told = readings(purchases, direction)
    assert told[0] == "More of its buyers than usual buy nothing else."
    assert told[1] == "Bought as the other brands of this market are."
    assert told[6] == "Bought as a brand of its size is."
    direction[FIGURES.index("repeat"), 2:6] = 0
    assert readings(purchases, direction)[1] == "Fewer of its buyers than usual came back."


def test_a_small_deviation_is_not_told_however_sure() -> None:
    _, found = one_niche_brand(1)
    told = directions(found, NormSpec(least_deviation=0.9))
    assert not np.any(told[FIGURES.index("penetration")])


def test_a_part_of_the_market_shows_in_its_pairs() -> None:
    counts = drawn(np.random.default_rng(2), 3000)
    both = np.random.default_rng(3).random(3000) < 0.06
    counts[:, both, 3] += 1
    counts[:, both, 4] += 1
    shared = shared_buyers_of(fit_norms(as_purchases(counts)))
    assert shared.q[3, 4] < 1e-6
    assert shared.both[3, 4] > 1.3 * shared.norm[3, 4]
    assert np.array_equal(shared.q, shared.q.T, equal_nan=True)


def test_one_brand_has_no_norm() -> None:
    with pytest.raises(BadInputError, match="two or more"):
        fit_norms(as_purchases(drawn(np.random.default_rng(1), 50)[:, :, :1]))


def test_two_brands_are_enough() -> None:
    counts = drawn(np.random.default_rng(1), 800)[:, :, :2]
    found = deviations(fit_norms(as_purchases(counts)))
    assert np.all(np.isfinite(found.p[[FIGURES.index(name) for name in TESTED]]))


def test_those_who_never_bought_are_found_where_the_data_lack_them() -> None:
    counts = drawn(np.random.default_rng(1), 4000)
    bought = counts.sum(axis=(0, 2)) > 0
    fit, whole = fit_norms(as_purchases(counts[:, bought])), fit_norms(as_purchases(counts))
    assert fit.purchases.unseen == pytest.approx(np.sum(~bought), rel=0.15)
    assert fit.purchases.seen == pytest.approx(bought.mean(), abs=0.03)
    # Not seeing zeros costs knowledge of K, and of the mean with it; of S hardly any.
    for name, errors in (("mean", 4), ("exponent", 6), ("switching", 1)):
        gap = estimate(fit)[name] - estimate(whole)[name]
        assert abs(gap) < errors * whole.error(name), name
    penetration = FIGURES.index("penetration")
    found, known = deviations(fit), deviations(whole)
    np.testing.assert_allclose(
        found.observed[penetration] * bought.mean(), known.observed[penetration]
    )
    np.testing.assert_allclose(found.observed[1:], known.observed[1:])


def test_where_everybody_buys_for_sure_the_counts_tell_the_exponent() -> None:
    counts = np.random.default_rng(1).poisson(6.0, (2, 500, 2)).astype(np.int64)
    counts[0, :, 0] += 1
    fit = fit_norms(as_purchases(counts), ZEROS)
    assert (fit.exponent, fit.purchases.unseen) == ("likelihood", 0)


def test_a_market_without_switching_is_at_its_limit_and_has_no_false_certainty() -> None:
    counts = np.zeros((2, 300, 2), dtype=np.int64)
    counts[0, :100, 0], counts[1, 100:200, 1] = 2, 2
    fit = fit_norms(as_purchases(counts))
    found = deviations(fit)
    assert fit.error("switching") == 0
    assert np.all(np.isfinite(found.expected[FIGURES.index("penetration")]))


def test_order_and_names_of_households_do_not_matter() -> None:
    counts = drawn(np.random.default_rng(8), 500)
    mixed = counts[:, np.random.default_rng(9).permutation(500)]
    one, other = (deviations(fit_norms(as_purchases(each))) for each in (counts, mixed))
    np.testing.assert_allclose(one.p, other.p, rtol=1e-6)


def test_weights_matter_by_their_proportions_only() -> None:
    purchases = world(10, 500)
    weighted = replace(purchases, weight=7.0 * purchases.weight)
    one, other = (deviations(fit_norms(each)) for each in (purchases, weighted))
    for name in ("observed", "expected", "p", "low", "high", "expected_low"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6)
