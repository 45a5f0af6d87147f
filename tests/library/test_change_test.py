"""Whether anything changed: false alarms at the nominal rate, and changes where they are."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.errors import BadInputError
from offtake.models.kernels.change_test import (
    Chance,
    Shapes,
    autocorrelated,
    chance,
    changes,
    shapes,
)

WEEKS, MANY = 52, 2000


@pytest.fixture(scope="module")
def space() -> Shapes:
    return shapes(WEEKS)


@pytest.fixture(scope="module")
def noise(space: Shapes) -> Chance:
    return chance(space, seed=1, simulated=20_000)


def chances(y: np.ndarray, space: Shapes, noise: Chance) -> np.ndarray:
    found = changes(y, space)
    return noise.at_least(found.score, found.autocorrelation)


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.4, 0.6])
def test_false_alarms_are_no_more_than_nominal(rho: float, space: Shapes, noise: Chance) -> None:
    rng = np.random.default_rng(21)
    y = autocorrelated(rng, (MANY, WEEKS), np.full(MANY, rho))
    p = chances(y, space, noise)
    # Autocorrelations are hardly known from a year; it holds for all together, and for each up to
    # .6 within 2.5 points, of which 1 is what 2,000 series leave to chance.
    assert np.mean(p <= 0.05) < 0.075
    assert np.mean(p <= 0.01) < 0.02
    assert np.mean(p <= 0.05) > 0.015


def test_over_all_autocorrelations_the_rate_is_the_nominal_one(
    space: Shapes, noise: Chance
) -> None:
    rng = np.random.default_rng(22)
    y = autocorrelated(rng, (4000, WEEKS), rng.uniform(-0.2, 0.8, 4000))
    p = chances(y, space, noise)
    # Three binomial standard errors.
    assert np.mean(p <= 0.1) == pytest.approx(0.1, abs=0.016)
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.012)
    assert np.mean(p <= 0.01) == pytest.approx(0.01, abs=0.006)


def test_heavy_tails_do_not_make_false_alarms(space: Shapes, noise: Chance) -> None:
    rng = np.random.default_rng(23)
    p = chances(rng.standard_t(4, (MANY, WEEKS)), space, noise)
    assert np.mean(p <= 0.05) < 0.07


def test_a_change_is_found_and_dated(space: Shapes, noise: Chance) -> None:
    rng = np.random.default_rng(24)
    step = rng.normal(size=(300, WEEKS)) + 2 * (np.arange(WEEKS) >= 30)
    pulse = rng.normal(size=(300, WEEKS)) - 3 * ((np.arange(WEEKS) >= 20) & (np.arange(WEEKS) < 28))
    for y, start, stop in ((step, 30, WEEKS), (pulse, 20, 28)):
        found = changes(y, space)
        assert np.mean(noise.at_least(found.score, found.autocorrelation) < 0.01) > 0.8
        assert np.mean(np.abs(space.start[found.shape] - start) <= 2) > 0.85
        assert np.mean(np.abs(space.stop[found.shape] - stop) <= 3) > 0.85


def test_a_season_that_every_year_has_is_no_change() -> None:
    steps = 104
    part = np.arange(steps) % 52 // 4
    season = (part[:, None] == np.arange(13)).astype(float)
    space = shapes(steps, season=season)
    rng = np.random.default_rng(25)
    y = rng.normal(size=(200, steps)) + 5 * (part == 11)
    noise = chance(space, seed=2, simulated=4000)
    assert np.mean(chances(y, space, noise) <= 0.05) < 0.12
    plain = changes(y, shapes(steps))
    assert np.median(plain.score) > np.median(changes(y, space).score) * 2
    moved = y + 2 * (np.arange(steps) >= 60)
    found = changes(moved, space)
    assert np.mean(np.abs(space.start[found.shape] - 60) <= 2) > 0.8


def test_series_that_never_move_are_stable(space: Shapes, noise: Chance) -> None:
    found = changes(np.vstack([np.zeros(WEEKS), np.full(WEEKS, 7.3)]), space)
    assert found.score.tolist() == [0, 0]
    assert chances(np.zeros((1, WEEKS)), space, noise)[0] > 0.5
    assert changes(np.zeros((0, WEEKS)), space).score.size == 0


def test_too_few_steps_are_refused() -> None:
    with pytest.raises(BadInputError, match="steps: got 11"):
        shapes(11)
    with pytest.raises(BadInputError, match="series: got shape"):
        changes(np.zeros((2, 3)), shapes(12))
