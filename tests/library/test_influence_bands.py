"""Bands that hold all weeks at once, and tests of all of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from offtake.errors import BadInputError
from offtake.models.kernels.influence_bands import band_factor, degrees_of_freedom, joint_test


def test_a_band_over_independent_effects_is_as_wide_as_theory_has_it() -> None:
    rows = np.random.default_rng(1).standard_normal((1500, 6))
    theory = stats.norm.ppf(0.5 + 0.8 ** (1 / 6) / 2)
    # The quantile of 3000 draws has an error of about 0.015; columns are nearly independent.
    assert band_factor(rows, draws=3000, seed=2) == pytest.approx(theory, abs=0.08)


def test_effects_that_move_together_need_no_more_than_one() -> None:
    rows = np.repeat(np.random.default_rng(1).standard_normal((800, 1)), 5, axis=1)
    one = band_factor(rows[:, :1], draws=2000, seed=3)
    assert band_factor(rows, draws=2000, seed=3) == pytest.approx(one)


def test_the_same_seed_gives_the_same_band() -> None:
    rows = np.random.default_rng(1).standard_normal((100, 3))
    assert band_factor(rows, seed=4) == band_factor(rows, seed=4) != band_factor(rows, seed=5)


def test_an_effect_nobody_moved_is_left_out() -> None:
    rows = np.random.default_rng(1).standard_normal((100, 2))
    with_none = np.column_stack([rows, np.zeros(100)])
    assert band_factor(with_none, seed=4) == band_factor(rows, seed=4)
    assert joint_test([0.1, 0.1, 0.0], with_none).degrees == 2
    assert joint_test([0.0], np.zeros((5, 1))).p_value == 1.0


def test_a_joint_test_of_nothing_fails_as_often_as_it_says() -> None:
    random = np.random.default_rng(6)
    mix = random.standard_normal((3, 3))
    values = []
    for _ in range(400):
        rows = random.standard_normal((200, 3)) @ mix
        values.append(joint_test(rows.mean(axis=0), rows - rows.mean(axis=0)).p_value)
    # 400 tests: a fifth below a fifth, give or take 2 points, four times over.
    assert np.mean(np.array(values) < 0.2) == pytest.approx(0.2, abs=0.08)


def test_what_makes_no_band_is_named() -> None:
    with pytest.raises(BadInputError, match="influence"):
        band_factor(np.zeros((0, 2)))
    with pytest.raises(BadInputError, match="level"):
        band_factor(np.ones((3, 1)), level=1.0)


def test_degrees_of_freedom_are_those_that_variances_scatter_with() -> None:
    """A variance with d degrees of freedom has a coefficient of variation of root 2/d."""
    random = np.random.default_rng(5)
    of = random.gamma(3.0, 2.0, 60)  # some rows move much, others little
    draws = of[:, None] * random.standard_normal((60, 20_000))
    variance = (draws**2).sum(axis=0)
    wanted = 2 * variance.mean() ** 2 / variance.var()
    # Of one draw it is a rough guess; on average near what theory gives.
    found = degrees_of_freedom(draws)
    assert 0.6 * wanted < np.median(found) < 1.4 * wanted
    for alike in (np.ones((10, 1)), np.zeros((10, 1)), np.array([[1.0], [-1.0]] * 5)):
        assert degrees_of_freedom(alike)[0] == 9
    assert degrees_of_freedom([[3.0]])[0] == 1
