"""Shares that have come back: held to a published table, to statsmodels, and to known truth."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from offtake.errors import BadInputError
from offtake.models.kernels.survival import returned

# Weeks in remission under 6-MP: Freireich et al. (1963), Blood 21, 699-716; the estimates and
# Greenwood's errors are those printed by Kalbfleisch and Prentice (2002) and most textbooks.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
CAME = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PUBLISHED = {
    6: (0.857, 0.0764), 7: (0.807, 0.0869), 10: (0.753, 0.0963), 13: (0.690, 0.1068),
    16: (0.627, 0.1141), 22: (0.538, 0.1282), 23: (0.448, 0.1346),
}  # fmt: skip


def test_the_published_table_comes_out() -> None:
    found = returned(WEEKS, CAME, list(PUBLISHED))
    left, error = np.transpose(list(PUBLISHED.values()))
    # Printed to three and four digits.
    assert 1 - found.share == pytest.approx(left, abs=5.1e-4)
    assert found.error == pytest.approx(error, abs=5.1e-5)


def test_ties_and_censoring_are_as_in_statsmodels() -> None:
    rng = np.random.default_rng(4)
    time, came = rng.integers(0, 15, 200), rng.random(200) < 0.6
    other = SurvfuncRight(time, came)
    found = returned(time, came, other.surv_times)
    assert 1 - found.share == pytest.approx(other.surv_prob, abs=1e-12)
    assert found.error[:-1] == pytest.approx(other.surv_prob_se[:-1], abs=1e-12)


def test_without_censoring_it_is_the_share_counted() -> None:
    time = np.array([1, 2, 2, 5, 9])
    found = returned(time, np.ones(5), [1, 2, 4, 5])
    assert found.share == pytest.approx([0.2, 0.6, 0.6, 0.8])
    assert found.error == pytest.approx(np.sqrt(found.share * (1 - found.share) / 5))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    held = np.zeros(2)
    for _ in range(600):
        back, watched = rng.exponential(100, 60), rng.uniform(0, 200, 60)
        found = returned(np.minimum(back, watched), back <= watched, [30.0, 91.0])
        truth = -np.expm1(-np.array([30.0, 91.0]) / 100)
        held += (found.low <= truth) & (truth <= found.high)
    # Of 600 worlds at 80 %, within three binomial standard errors (1.6 points).
    assert held / 600 == pytest.approx([0.8, 0.8], abs=0.05)


def test_nobody_and_everybody_coming_back_leave_an_interval() -> None:
    none, all_of_them = returned([5, 5], [0, 0], [5]), returned([5, 5], [1, 1], [5])
    assert (none.share[0], none.low[0]) == (0, 0)
    assert 0 < none.high[0] < 1
    assert (all_of_them.share[0], all_of_them.high[0]) == (1, 1)
    assert 0 < all_of_them.low[0] < 1
    empty = returned([], [], [1, 2])
    assert empty.watched.tolist() == [0, 0]
    assert np.isfinite([empty.share, empty.low, empty.high]).all()


def test_times_out_of_range_are_refused() -> None:
    with pytest.raises(BadInputError, match="time: got"):
        returned([-1.0], [True], [1.0])
    with pytest.raises(BadInputError, match="level: got 2"):
        returned([1.0], [True], [1.0], level=2)
    with pytest.raises(BadInputError, match="at: got times out of order"):
        returned([1.0], [True], [2.0, 1.0])
