"""Buyers won by support: held to other software, to integration, and to buyers drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate
from statsmodels.stats.contingency_tables import StratifiedTable

from offtake.errors import BadInputError
from offtake.models.kernels.supported_choice import (
    STEEPEST,
    common_odds,
    household_factor,
    returning,
)


def test_the_common_odds_ratio_and_its_error_are_those_of_statsmodels() -> None:
    random = np.random.default_rng(1)
    occasions, base = random.integers(20, 200, 12), random.integers(20, 200, 12)
    chosen = random.binomial(occasions, 0.4)
    chosen_base = random.binomial(base, 0.25)
    tables = np.array([[chosen, occasions - chosen], [chosen_base, base - chosen_base]])
    other = StratifiedTable(tables.astype(float))
    found, error = common_odds(chosen, occasions, chosen_base, base)
    assert found == pytest.approx(other.logodds_pooled, rel=1e-12)
    assert error == pytest.approx(other.logodds_pooled_se, rel=1e-12)


def test_without_both_kinds_of_occasions_nothing_is_told() -> None:
    assert np.isnan(common_odds([3], [9], [0], [0])).all()
    assert np.isnan(common_odds([], [], [], [])).all()


def by_integration(law: tuple[float, ...]) -> float:
    alpha, beta, shape, rate, factor = law
    lift = np.exp(factor)

    def density(p: float) -> float:
        return float(p**alpha * (1 - p) ** (beta - 1) * lift / (1 - p + p * lift))

    def back(p: float) -> float:
        return float(density(p) * (1 - (rate / (rate + p)) ** shape))

    parts = [integrate.quad(each, 0, 1, limit=500, epsabs=1e-13)[0] for each in (back, density)]
    return float(parts[0] / parts[1])


@pytest.mark.parametrize(
    "law",
    [
        (0.3, 1.0, 4.0, 1.0, 0.7),
        (0.02, 1.5, 2.0, 0.5, 1.0),
        (2.0, 40.0, 9.0, 0.3, 0.9),
        (0.5, 900.0, 100.0, 2.0, 0.5),
        (12.0, 13.0, 10.0, 1.0, -0.5),
    ],
)
def test_means_are_those_of_integration(law: tuple[float, ...]) -> None:
    alpha, beta, shape, rate, factor = ([each] for each in law)
    found = returning(alpha, beta, shape=shape, rate=rate, factor=factor)
    assert found[0] == pytest.approx(by_integration(law), rel=1e-6)


def test_buyers_drawn_one_by_one_come_back_as_often_and_support_tilts_as_much() -> None:
    """Households that differ as the law says; a brand that is supported at half of occasions."""
    random = np.random.default_rng(3)
    homes, share, switching, factor, exponent, mean = 200_000, 0.25, 1.3, 0.8, 1.2, 3.0
    liking = random.beta(switching * share, switching * (1 - share), homes)
    rate = random.gamma(exponent, mean / exponent, homes)
    held = random.random(homes) < 0.5  # whether it was supported when each first shopped
    tilted = liking * np.exp(factor) / (1 - liking + liking * np.exp(factor))
    bought = random.random(homes) < np.where(held, tilted, liking)
    # Rates are known from a period before, as long as the one after.
    before = random.poisson(rate)
    back = random.random(homes) < 1 - np.exp(-rate * liking)
    log_odds, error = common_odds(
        [bought[held].sum()], [held.sum()], [bought[~held].sum()], [(~held).sum()]
    )
    found = household_factor(log_odds, [share], switching)
    assert found == pytest.approx(factor, abs=6 * error)
    assert log_odds < factor - 6 * error  # over all households it is less than for each
    for supported in (False, True):
        mine = bought & (held == supported)
        size = int(mine.sum())
        expected = returning(
            np.full(size, switching * share), np.full(size, switching * (1 - share)),
            shape=exponent + before[mine], rate=np.full(size, exponent / mean + 1),
            factor=np.full(size, found * supported),
        )  # fmt: skip
        noise = np.sqrt(0.25 / size)
        assert back[mine].mean() == pytest.approx(expected.mean(), abs=4 * noise)
    plain = back[bought & ~held].mean() - back[bought & held].mean()
    assert plain > 0.02  # what would pass for an effect of support


def test_support_that_does_all_or_nothing_stays_within_limits() -> None:
    assert household_factor(9.0, [0.3], 1.0) == STEEPEST
    assert household_factor(-9.0, [0.3], 1.0) == -STEEPEST
    assert household_factor(0.0, [0.3, 0.1], 1.0) == pytest.approx(0.0, abs=1e-9)


def test_laws_that_are_none_are_refused() -> None:
    with pytest.raises(BadInputError, match="above 0"):
        returning([0.0], [1.0], shape=[1.0], rate=[1.0], factor=[0.0])
