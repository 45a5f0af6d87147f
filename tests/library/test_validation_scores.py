"""Scores of estimates against truth: by hand on tiny arrays, and on estimators that are known."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from offtake.errors import BadInputError
from offtake.validation.scores import LEVELS, Estimates, Score, estimates_from_errors, score

NAN = float("nan")


def fit(estimate: float, reach: tuple[float, float, float], truth: float = 2.0) -> Estimates:
    centre, ends = np.array([[estimate]]), np.array([reach])
    return Estimates(
        ("lift",), np.array([truth]), np.array([estimate]), centre - ends, centre + ends
    )


WORLDS = [
    fit(2.25, (0.125, 0.25, 0.5)),  # numbers that binary has exactly: an end may touch the truth
    fit(1.5, (0.125, 0.25, 0.5)),
    fit(2.375, (0.25, 0.5, 1.0)),
    fit(NAN, (NAN, NAN, NAN)),
]


def test_by_hand() -> None:
    (found,) = score(WORLDS)
    assert (found.quantity, found.replicates, found.failed, found.truth) == ("lift", 4, 1, 2.0)
    bias = (0.25 - 0.5 + 0.375) / 3
    squares = (0.25 - bias) ** 2 + (-0.5 - bias) ** 2 + (0.375 - bias) ** 2
    assert found.bias == pytest.approx(bias)
    assert found.bias_error == pytest.approx(sqrt(squares / 2 / 3))
    assert found.rmse == pytest.approx(sqrt((0.0625 + 0.25 + 0.140625) / 3))
    assert [each.level for each in found.coverage] == list(LEVELS)
    assert [each.share for each in found.coverage] == [0.0, 0.5, 0.75]
    assert [each.width for each in found.coverage] == pytest.approx([1 / 3, 2 / 3, 4 / 3])


def test_the_range_of_a_coverage_is_that_of_wilson() -> None:
    middle = score(WORLDS)[0].coverage[1]
    z, n, p = 1.959963984540054, 4, 0.5
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (middle.low, middle.high) == pytest.approx((centre - reach, centre + reach))
    assert middle.nominal_inside


def test_a_failed_fit_covers_nothing_and_stays_in_the_count() -> None:
    (found,) = score([fit(NAN, (NAN, NAN, NAN)), fit(2.0, (NAN, 1.0, 1.0))])
    assert (found.failed, found.replicates) == (2, 2)
    assert [each.share for each in found.coverage] == [0.0, 0.0, 0.0]
    assert np.isnan([found.bias, found.bias_error, found.rmse, found.coverage[0].width]).all()


def test_one_world_has_no_monte_carlo_error() -> None:
    (found,) = score([fit(2.5, (1.0, 1.0, 1.0))])
    assert (found.bias, found.rmse) == (0.5, 0.5)
    assert np.isnan(found.bias_error)


def test_intervals_from_standard_errors() -> None:
    normal = estimates_from_errors(["a"], [0.0], [1.0], [2.0])
    assert normal.upper[0] == pytest.approx(1 + 2 * np.array([0.67449, 1.28155, 1.95996]), abs=1e-4)
    few = estimates_from_errors(["a"], [0.0], [1.0], [2.0], degrees=4)
    assert few.lower[0, 2] == pytest.approx(1 - 2 * 2.77645, abs=1e-4)


def test_less_truth_keeps_what_is_covered() -> None:
    for each in WORLDS:
        assert each.less_truth().covers.tolist() == each.covers.tolist()
        assert each.less_truth().truth.tolist() == [0.0]


def many_worlds(scale: float, shift: float = 0.0) -> tuple[Score, ...]:
    random = np.random.default_rng(3)
    truth = random.normal(size=(400, 2))
    estimate = truth + shift + 0.3 * random.normal(size=truth.shape)
    return score(
        [
            estimates_from_errors(["a", "b"], t, e, [0.3 * scale] * 2)
            for t, e in zip(truth, estimate, strict=True)
        ]
    )


def test_a_right_estimator_covers_as_it_says() -> None:
    for each in many_worlds(scale=1.0):
        for one in each.coverage:  # four standard errors of a binomial share
            assert one.share == pytest.approx(
                one.level, abs=4 * sqrt(one.level * (1 - one.level) / 400)
            )
        assert abs(each.bias) < 4 * each.bias_error
        assert each.bias_error == pytest.approx(0.3 / 20, rel=0.15)  # 4 errors of a sd of 400


def test_halved_errors_are_flagged() -> None:
    for each in many_worlds(scale=0.5):
        assert not any(one.nominal_inside for one in each.coverage)
        assert all(one.share < one.level for one in each.coverage)


def test_a_shifted_estimator_shows_its_bias() -> None:
    for each in many_worlds(scale=1.0, shift=0.2):
        assert each.bias == pytest.approx(0.2, abs=4 * each.bias_error)
        assert each.bias > 5 * each.bias_error


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"quantities": ("lift", "lift")}, "each name once"),
        ({"estimate": np.zeros(2)}, r"estimate: got shape \(2,\)"),
        ({"lower": np.zeros((1, 2))}, r"lower: got shape \(1, 2\)"),
        ({"truth": np.array([NAN])}, "finite"),
        ({"lower": np.full((1, 3), 9.0)}, "upper"),
    ],
)
def test_what_does_not_fit_together_is_refused(changed: dict[str, object], words: str) -> None:
    good = {name: getattr(WORLDS[0], name) for name in Estimates.__slots__}
    with pytest.raises(BadInputError, match=words):
        Estimates(**{**good, **changed})


def test_other_quantities_in_another_world_are_refused() -> None:
    other = estimates_from_errors(["price"], [0.0], [1.0], [2.0])
    with pytest.raises(BadInputError, match="price"):
        score([WORLDS[0], other])
    with pytest.raises(BadInputError, match="none"):
        score([])
