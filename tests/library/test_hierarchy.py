"""Partial pooling: against brute force, in its limits, and on simulated hierarchies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, invwishart
from scipy.stats import t as student

from offtake.errors import BadInputError
from offtake.models.kernels.hierarchy import Pooled, Sampling, pool
from tests.effort import examples

SHORT = Sampling(draws=200, warmup=100, chains=2)
EFFECTS = np.array([0.3, 1.9, -0.4, 2.2, 0.8, 1.1])
ERRORS = np.array([0.5, 0.3, 0.8, 0.6, 0.2, 1.0])


def diagonal(errors: np.ndarray) -> np.ndarray:
    return np.asarray(errors)[..., None] ** 2 * np.eye(np.shape(errors)[-1])


def one(errors: np.ndarray) -> np.ndarray:
    return diagonal(errors[:, None])


def by_grid(b: np.ndarray, errors: np.ndarray, scale: float) -> tuple[np.ndarray, float, float]:
    """Return posterior means of groups, population mean and spread, with spreads on a grid."""
    spread = np.geomspace(1e-5, 1e4, 20_000)
    weight = 1 / (errors**2 + spread[:, None] ** 2)
    mean = (weight * b).sum(axis=1) / weight.sum(axis=1)
    fit = np.log(weight).sum(axis=1) - (weight * (b - mean[:, None]) ** 2).sum(axis=1)
    log = (fit - np.log(weight.sum(axis=1))) / 2 + student(2, scale=scale).logpdf(spread)
    density = np.exp(log - log.max()) * spread
    share = density / density.sum()
    kept = spread[:, None] ** 2 * weight
    groups = kept * b + (1 - kept) * mean[:, None]
    return share @ groups, float(share @ mean), float(share @ spread)


def test_one_coefficient_agrees_with_brute_force() -> None:
    found = pool(EFFECTS[:, None], one(ERRORS), sampling=Sampling(3000, 300, scale=1.0), seed=4)
    groups, mean, spread = by_grid(EFFECTS, ERRORS, scale=1.0)
    # 12,000 draws worth 4,800 or more: a seventieth of a posterior sd; some three are allowed.
    assert np.all(np.abs(found.mean[:, 0] - groups) < 0.05 * found.sd[:, 0])
    assert abs(found.population_mean[0, 0] - mean) < 0.05 * found.population_mean_sd[0, 0]
    assert abs(found.population_sd[0] - spread) < 0.05 * found.spreads.std()


def test_precise_groups_keep_their_estimates() -> None:
    found = pool(EFFECTS[:, None], one(np.full(6, 1e-6)), sampling=SHORT, seed=1)
    np.testing.assert_allclose(found.mean[:, 0], EFFECTS, atol=1e-5)
    assert found.shrinkage.max() < 1e-6


def test_equal_groups_share_nearly_everything() -> None:
    found = pool(np.full((40, 1), 2.0), one(np.full(40, 0.5)), sampling=SHORT, seed=1)
    # All 40 together: .5 / sqrt(40) = .08, and what is left of differences.
    assert np.all(np.abs(found.mean - 2.0) < 0.05)
    assert found.sd.max() < 0.25
    assert found.shrinkage.min() > 0.8


def test_a_group_without_estimate_gets_the_population() -> None:
    effects = np.append(EFFECTS, np.nan)[:, None]
    covariances = one(np.append(ERRORS, 1.0))
    found = pool(effects, covariances, sampling=Sampling(2000, 200, scale=1.0), seed=2)
    whole = np.sqrt(found.population_mean_sd[0, 0] ** 2 + np.mean(found.spreads**2))
    assert found.mean[6, 0] == pytest.approx(found.population_mean[0, 0], abs=0.06 * whole)
    assert found.sd[6, 0] == pytest.approx(whole, rel=0.1)
    assert found.shrinkage[6, 0] == 1.0


@pytest.mark.parametrize("variance", [0.0, -1.0, np.nan, np.inf])
def test_covariances_of_what_is_not_estimated_are_not_read(variance: float) -> None:
    effects = np.column_stack([EFFECTS, EFFECTS[::-1]])
    effects[2, 1] = np.nan
    covariances = diagonal(np.column_stack([ERRORS, ERRORS]))
    plain = pool(effects, covariances, sampling=SHORT, seed=3)
    covariances[2, 1, :] = covariances[2, :, 1] = np.nan
    covariances[2, 1, 1] = variance
    np.testing.assert_array_equal(
        pool(effects, covariances, sampling=SHORT, seed=3).groups, plain.groups
    )


@pytest.mark.parametrize("variance", [0.0, -1.0])
def test_an_estimate_without_error_is_refused(variance: float) -> None:
    covariances = one(ERRORS)
    covariances[4] = variance
    with pytest.raises(BadInputError, match="variances not above 0 in group 4"):
        pool(EFFECTS[:, None], covariances, seed=1)


def simulated(seed: int, groups: int, size: int) -> tuple[np.ndarray, np.ndarray, Pooled]:
    """Draw a hierarchy from the prior, and pool it: intervals then hold what they say exactly."""
    rng = np.random.default_rng(seed)
    degrees = 5.0
    rates = rng.gamma(0.5, 1, size)
    scatter = 4 * np.diag(rates)
    covariance = np.atleast_2d(invwishart(size + 1, scatter).rvs(random_state=rng))
    mean = rng.normal(size=size)
    root = np.linalg.cholesky(covariance)
    effects = mean + rng.normal(size=(groups, size)) @ root.T
    half = rng.normal(size=(groups, size, size))
    errors = 0.3 * half @ half.transpose(0, 2, 1) + 0.02 * np.eye(size)
    factor = np.sqrt(degrees / 2 / rng.gamma(degrees / 2, 1, groups))
    noise = np.einsum("gij,gj->gi", np.linalg.cholesky(errors), rng.normal(size=(groups, size)))
    found = pool(
        effects + factor[:, None] * noise,
        errors,
        degrees=np.full(groups, degrees),
        sampling=Sampling(draws=200, warmup=80, chains=2, scale=1.0, mean_sd=1.0),
        seed=seed,
    )
    return effects, mean, found


def held(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    low, high = np.quantile(draws, [0.1, 0.9], axis=0)
    return (low <= truth) & (truth <= high)


def test_four_in_five_intervals_hold_the_truth() -> None:
    times = examples(40)
    rounds = [simulated(seed, groups=8, size=2) for seed in range(times)]
    population = np.array([held(found.population[:, 0], mean) for _, mean, found in rounds])
    groups = np.array([held(found.groups, effects) for effects, _, found in rounds])
    # Only hierarchies are independent of each other: one statement a hierarchy and coefficient,
    # within the middle 99.8 % of a binomial.
    for inside in (*population.T, *groups[:, 0].T, *groups[:, -1].T):
        assert binom.ppf(0.001, times, 0.8) <= inside.sum() <= binom.ppf(0.999, times, 0.8)
    # Shares of 16 statements that go together less than wholly scatter by their own spread.
    share = groups.mean(axis=(1, 2))
    assert abs(share.mean() - 0.8) < 3 * share.std() / np.sqrt(times)


def test_group_level_regressors_are_found() -> None:
    rng = np.random.default_rng(5)
    size = np.column_stack([np.ones(60), rng.normal(3, 2, 60)])
    effects = size @ [1.0, -0.5] + rng.normal(0, 0.3, 60)
    errors = np.full(60, 0.2)
    seen = (effects + rng.normal(0, errors))[:, None]
    found = pool(seen, one(errors), regressors=size, sampling=SHORT, seed=1)
    truth = np.array([1.0, -0.5])
    assert np.all(np.abs(found.population_mean[:, 0] - truth) < 3 * found.population_mean_sd[:, 0])
    assert found.population_mean_sd[1, 0] < 0.04


def world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(7, 2, 2))
    return rng.normal(size=(7, 2)), 0.2 * half @ half.transpose(0, 2, 1) + 0.05 * np.eye(2)


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 10_000), power=st.integers(-20, 20))
def test_units_change_nothing_but_units(seed: int, power: int) -> None:
    effects, covariances = world(seed)
    plan, units = Sampling(draws=50, warmup=20, chains=2), np.array([2.0**power, 1.0])
    plain = pool(effects, covariances, sampling=plan, seed=1)
    other = pool(effects * units, covariances * np.outer(units, units), sampling=plan, seed=1)
    np.testing.assert_allclose(other.groups / units, plain.groups, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(other.shrinkage, plain.shrinkage, rtol=1e-6)


@settings(max_examples=examples(3))
@given(seed=st.integers(0, 10_000))
def test_the_order_of_groups_and_coefficients_changes_only_the_draws(seed: int) -> None:
    effects, covariances = world(seed)
    order, swap = np.random.default_rng(seed).permutation(7), [1, 0]
    plan = Sampling(draws=600, warmup=100, chains=4)
    plain = pool(effects, covariances, sampling=plan, seed=1)
    turned = covariances[order][:, swap][:, :, swap]
    other = pool(effects[order][:, swap], turned, sampling=plan, seed=1)
    # Two means of 2,400 draws worth some 600 differ by .06 sd; five of those are allowed.
    assert np.all(np.abs(other.mean - plain.mean[order][:, swap]) < 0.3 * other.sd)
    np.testing.assert_array_equal(other.scale, plain.scale[swap])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    effects, covariances = world(0)
    first, again, other = (
        pool(effects, covariances, sampling=SHORT, seed=seed).groups.tobytes() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_chains_from_far_apart_agree() -> None:
    effects, covariances = world(3)
    found = pool(effects, covariances, degrees=np.full(7, 6.0), sampling=Sampling(1000), seed=1)
    for each in (found.group_convergence, found.population_convergence, found.spread_convergence):
        assert each.r_hat.max() < 1.02
        assert each.bulk_size.min() > 400


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"estimates": EFFECTS}, r"estimates: got shape \(6,\)"),
        ({"estimates": np.full((6, 1), np.inf)}, "estimates: got an infinite value"),
        ({"estimates": np.full((6, 1), np.nan)}, "sampling.scale: .* estimated in no group"),
        ({"covariances": np.ones((6, 1))}, r"covariances: got shape \(6, 1\)"),
        ({"regressors": np.ones((6, 2))}, "regressors: got 2 columns over 6 groups"),
        ({"regressors": np.ones((5, 1))}, r"regressors: got shape \(5, 1\)"),
        ({"degrees": np.zeros(6)}, "degrees: .* 6 not above 0"),
        ({"degrees": np.ones(5)}, r"degrees: got shape \(5,\)"),
        ({"sampling": Sampling(draws=3)}, "sampling.draws: got 3, allowed: at least 4"),
        ({"sampling": Sampling(chains=0)}, "sampling.chains: got 0"),
        ({"sampling": Sampling(scale=-1.0)}, "sampling.scale: got"),
        ({"sampling": Sampling(scale=[1.0, 2.0])}, "sampling.scale: got shape"),
        ({"sampling": Sampling(mean_sd=0.0)}, "sampling: got mean .* mean_sd 0.0"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    given = {"estimates": EFFECTS[:, None], "covariances": one(ERRORS), "seed": 1} | changed
    with pytest.raises(BadInputError, match=message):
        pool(given.pop("estimates"), given.pop("covariances"), **given)


@pytest.mark.parametrize(
    ("covariance", "what"),
    [
        ([[1.0, 0.5], [0.4, 1.0]], "not symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "not positive definite"),
        ([[1.0, np.nan], [np.nan, 1.0]], "not finite"),
    ],
)
def test_bad_covariances_are_named_with_their_group(
    covariance: list[list[float]], what: str
) -> None:
    effects, covariances = world(0)
    covariances[5] = covariance
    with pytest.raises(BadInputError, match=f"{what} in group 5"):
        pool(effects, covariances, seed=1)
