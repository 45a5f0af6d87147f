"""Shares with intervals: held to statsmodels and to repeated samples."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from offtake.errors import BadInputError
from offtake.models.kernels.share_intervals import shares_of_counts, shares_of_sums


def test_counts_have_wilsons_interval() -> None:
    part, whole = np.array([0, 3, 10, 70]), np.array([8, 9, 10, 100])
    found = shares_of_counts(part, whole)
    low, high = proportion_confint(part, whole, alpha=0.2, method="wilson")
    assert found.low == pytest.approx(low, abs=1e-12)
    assert found.high == pytest.approx(high, abs=1e-12)
    assert np.isnan(shares_of_counts([0], [0]).share[0])


def test_ratios_of_sums_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held, rounds = 0, 500
    for _ in range(rounds):
        need = rng.poisson(4, 80)
        liking = rng.beta(1, 2, 80)
        found = shares_of_sums(rng.binomial(need, liking), need, np.zeros(80, int), size=1)
        held += int(found.low[0] <= 1 / 3 <= found.high[0])
    # Three binomial standard errors of 500 worlds at 80 %.
    assert held / rounds == pytest.approx(0.8, abs=0.054)


def test_few_rows_that_agree_are_not_taken_for_certain() -> None:
    found = shares_of_sums([2.0, 1.0], [2.0, 1.0], [0, 0], size=1)
    assert found.share[0] == 1
    assert found.low[0] < 0.9


def test_parts_above_the_whole_are_refused() -> None:
    with pytest.raises(BadInputError, match="part: got"):
        shares_of_counts([3], [2])
    with pytest.raises(BadInputError, match="part: got"):
        shares_of_sums([3.0], [2.0], [0], size=1)
