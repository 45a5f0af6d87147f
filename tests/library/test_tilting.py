"""Weights that make those not contacted look like the contacted."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.errors import BadInputError
from offtake.models.kernels.tilting import (
    contact_probability,
    effective_size,
    standardised_differences,
    tilting,
)


def drawn(seed: int, many: int = 600) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.gamma(1.0, 2.0, (many, 3))
    chance = 1 / (1 + np.exp(1.5 - 0.4 * x[:, 0] + 0.1 * x[:, 1]))
    return random.random(many) < chance, x


def test_weighted_means_are_those_of_the_contacted() -> None:
    contacted, x = drawn(1)
    found = tilting(contacted, x)
    assert found.converged
    weights = found.odds[~contacted]
    # Newton stops 1e-10 from the minimum; slopes there are its root.
    np.testing.assert_allclose(weights @ x[~contacted], x[contacted].sum(axis=0), rtol=1e-4)
    assert weights.sum() == pytest.approx(contacted.sum(), rel=1e-4)


def test_with_a_covariate_for_every_group_weights_are_the_ratios_of_groups() -> None:
    random = np.random.default_rng(2)
    group = random.integers(0, 3, 300)
    contacted = random.random(300) < np.array([0.2, 0.5, 0.7])[group]
    x = (group[:, None] == np.arange(1, 3)).astype(float)
    ratio = np.bincount(group[contacted]) / np.bincount(group[~contacted])
    # Both are the saturated model: the odds of each group, whichever way they are fitted.
    np.testing.assert_allclose(tilting(contacted, x).odds, ratio[group], rtol=1e-4)
    np.testing.assert_allclose(contact_probability(contacted, x).odds, ratio[group], rtol=1e-4)


def test_probability_of_contact_solves_the_likelihood_equations() -> None:
    contacted, x = drawn(3)
    found = contact_probability(contacted, x)
    score = (contacted - found.probability) @ np.column_stack([np.ones(len(x)), x])
    np.testing.assert_allclose(score, 0, atol=1e-2)


def test_probability_of_contact_is_found_again() -> None:
    contacted, x = drawn(4, many=60_000)
    true = 1 / (1 + np.exp(1.5 - 0.4 * x[:, 0] + 0.1 * x[:, 1]))
    # 60,000 households leave errors of about half a percent.
    assert abs(contact_probability(contacted, x).probability - true).mean() < 0.01


def test_what_nobody_resembles_is_balanced_as_far_as_the_penalty_lets_it() -> None:
    contacted = np.array([True] * 20 + [False] * 20)
    x = np.where(contacted, 5.0, 0.0)[:, None] + np.arange(40)[:, None] / 100
    found = tilting(contacted, x, penalty=0.01)
    assert found.converged
    assert np.isfinite(found.odds).all()


def test_a_penalty_draws_weights_together() -> None:
    contacted, x = drawn(5)
    sizes = [
        effective_size(tilting(contacted, x, penalty=each).odds[~contacted])
        for each in (0.0, 0.1, 10.0)
    ]
    assert sizes == sorted(sizes)
    # With a large penalty everybody counts the same.
    assert sizes[-1] == pytest.approx((~contacted).sum(), rel=0.01)


def test_covariates_that_do_not_vary_do_no_harm() -> None:
    contacted, x = drawn(6)
    plain = tilting(contacted, x).odds
    padded = tilting(contacted, np.column_stack([x, np.ones(len(x))])).odds
    np.testing.assert_allclose(padded, plain, rtol=1e-6)
    assert standardised_differences(np.ones((600, 1)), contacted, plain).tolist() == [0.0]


@pytest.mark.parametrize(
    ("contacted", "x", "penalty", "word"),
    [
        ([True, True], [[1.0], [2.0]], 0.0, "contacted"),
        ([False, False], [[1.0], [2.0]], 0.0, "contacted"),
        ([1, 0], [[1.0], [2.0]], 0.0, "contacted"),
        ([True, False], [[1.0], [np.nan]], 0.0, "x"),
        ([True, False], [[1.0]], 0.0, "x"),
        ([True, False], [[1.0], [2.0]], -1.0, "penalty"),
    ],
)
def test_what_cannot_be_weighed_is_named(
    contacted: list[bool], x: list[list[float]], penalty: float, word: str
) -> None:
    with pytest.raises(BadInputError, match=word):
        tilting(contacted, x, penalty=penalty)
