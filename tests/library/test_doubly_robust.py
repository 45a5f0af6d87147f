"""Doubly-robust difference-in-differences, held to other software, hand and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.doubly_robust import (
    CORRECTIONS,
    Effect,
    doubly_robust,
    proportional,
)
from offtake.models.kernels.influence_bands import degrees_of_freedom
from offtake.models.kernels.tilting import tilting


def made(many: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return covariates, contact and levels before and after that need no random generator."""
    at = np.arange(many)
    x = np.column_stack([np.sin(1.7 * at), np.cos(2.3 * at) ** 2, (at % 5 == 0) * 1.0])
    contacted = np.sin(12.9898 * at) + 0.6 * x[:, 0] - 0.4 * x[:, 2] > 0.35
    before = 2 + x @ [1, 0.5, -0.3] + np.sin(3.1 * at)
    after = before + 1 + x @ [0.4, 0.1, 0.2] + 0.5 * contacted * (1 + x[:, 0]) + np.cos(5.3 * at)
    return x, contacted, before, after


def improved(change: np.ndarray, contacted: np.ndarray, x: np.ndarray) -> Effect:
    return doubly_robust(change[:, None], contacted, x, tilting(contacted, x).odds)


def test_it_agrees_with_other_software() -> None:
    """The package `differences` 0.3.0, drdid_panel_improved, on the same rows.

    On the LaLonde sample with its CPS comparison group, which cannot be shipped, both give
    -901.2703 with a standard error of 393.613.
    """
    x, contacted, before, after = made()
    found = improved(after - before, contacted, x)
    # Its minimiser stops at gradients of 1e-4 or so.
    assert found.effect[0] == pytest.approx(0.6741211385191987, rel=1e-5)
    assert found.errors[0] == pytest.approx(0.10785881030439907, rel=1e-5)


def test_without_covariates_it_is_the_plain_difference_in_differences() -> None:
    _, contacted, before, after = made()
    change = after - before
    found = doubly_robust(change[:, None], contacted, np.zeros((300, 0)), np.ones(300))
    mine, others = change[contacted], change[~contacted]
    assert found.effect[0] == pytest.approx(mine.mean() - others.mean(), rel=1e-12)
    error = np.sqrt(mine.var() / mine.size + others.var() / others.size)
    assert found.errors[0] == pytest.approx(error, rel=1e-12)


def test_with_a_covariate_for_every_group_it_is_the_mean_over_groups() -> None:
    random = np.random.default_rng(1)
    group = random.integers(0, 4, 400)
    contacted = random.random(400) < np.array([0.2, 0.4, 0.5, 0.7])[group]
    change = random.standard_normal(400) + group * (1 + contacted)
    x = (group[:, None] == np.arange(1, 4)).astype(float)
    by_hand = [
        change[contacted & (group == each)].mean() - change[~contacted & (group == each)].mean()
        for each in range(4)
    ]
    shares = np.bincount(group[contacted]) / contacted.sum()
    assert improved(change, contacted, x).effect[0] == pytest.approx(shares @ by_hand, rel=1e-8)
    # In a saturated regression it makes no difference how households are weighted.
    unweighted = doubly_robust(change[:, None], contacted, x, np.ones(400))
    assert unweighted.effect[0] == pytest.approx(shares @ by_hand, rel=1e-8)


def test_outcomes_are_worked_out_one_by_one() -> None:
    x, contacted, before, after = made()
    odds = tilting(contacted, x).odds
    both = doubly_robust(np.column_stack([after - before, after]), contacted, x, odds)
    alone = doubly_robust(after[:, None], contacted, x, odds)
    assert both.effect[1] == pytest.approx(alone.effect[0])
    np.testing.assert_allclose(both.influence[:, 1], alone.influence[:, 0])


def worlds(regression: str, contact: str) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and errors on 200 worlds without an effect, 1000 households each.

    The designs of Sant'Anna and Zhao (2020), section 4.1: contact and outcome depend on what is
    seen (``z``), or on what that was made of and cannot be seen (``x``).
    """
    random = np.random.default_rng(7)
    estimates, errors = np.empty(200), np.empty(200)
    # Mean and standard deviation of the four covariates over two million draws.
    mean = np.array([1.13286663, 9.99958958, 0.218942518, 401.982607])
    spread = np.array([0.603618529, 0.541461186, 0.0445740490, 56.6156282])
    for world in range(200):
        x = random.standard_normal((1000, 4))
        z = np.column_stack([
            np.exp(x[:, 0] / 2), x[:, 1] / (1 + np.exp(x[:, 0])) + 10,
            (x[:, 0] * x[:, 2] / 25 + 0.6) ** 3, (x[:, 1] + x[:, 3] + 20) ** 2,
        ])  # fmt: skip
        seen = {"z": (z - mean) / spread, "x": x}
        level = 210 + seen[regression] @ [27.4, 13.7, 13.7, 13.7]
        score = 0.75 * (seen[contact] @ [-1, 0.5, -0.25, -0.1])
        contacted = random.random(1000) < 1 / (1 + np.exp(-score))
        noise = random.standard_normal((3, 1000))
        before = level + contacted * level + noise[0] + noise[1]
        after = 2 * level + contacted * level + noise[0] + noise[2]
        found = improved(after - before, contacted, seen["z"])
        estimates[world], errors[world] = found.effect[0], found.errors[0]
    return estimates, errors


@pytest.mark.parametrize(
    ("regression", "contact"), [("z", "z"), ("z", "x"), ("x", "z")], ids=["both", "change", "odds"]
)
def test_it_is_right_if_either_the_change_or_the_odds_are_modelled(
    regression: str, contact: str
) -> None:
    estimates, errors = worlds(regression, contact)
    # Four Monte Carlo errors; a twentieth of the intervals misses, 200 worlds give it 3.1 points.
    assert abs(estimates.mean()) < 4 * estimates.std() / np.sqrt(200) + 0.1
    assert 0.89 <= (abs(estimates) < 1.96 * errors).mean() <= 0.99


def test_it_is_wrong_if_neither_is() -> None:
    estimates, _ = worlds("x", "x")
    assert estimates.mean() < -2


def test_a_common_ratio_is_no_effect_where_trends_are_proportional() -> None:
    random = np.random.default_rng(3)
    size = 4000
    heavy = random.gamma(1.0, 3.0, size)
    contacted = random.random(size) < 1 / (1 + np.exp(1 - 0.3 * heavy))
    before, after = random.poisson(heavy)[:, None], random.poisson(1.5 * heavy)[:, None]
    nothing = np.zeros((size, 0))
    ratio = proportional(after, before, contacted, nothing, odds=np.ones(size))
    plain = doubly_robust(after - before, contacted, nothing, np.ones(size))
    assert abs(ratio.effect[0]) < 3 * ratio.errors[0]
    # Half as much again, of households that buy more than the others: a large false effect.
    assert plain.effect[0] > 5 * plain.errors[0]


def test_errors_of_a_ratio_are_those_of_leaving_households_out() -> None:
    x, contacted, before, after = made()
    odds = tilting(contacted, x).odds
    rows = np.arange(300)

    def estimate(kept: np.ndarray) -> float:
        return float(
            proportional(
                after[kept, None], before[kept, None] + 3, contacted[kept], x[kept],
                odds=odds[kept],
            ).effect[0]
        )  # fmt: skip

    left_out = np.array([estimate(rows != each) for each in rows])
    jackknife = np.sqrt(299 / 300 * ((left_out - left_out.mean()) ** 2).sum())
    found = proportional(after[:, None], before[:, None] + 3, contacted, x, odds=odds)
    # Weights are held; the jackknife corrects for the slopes, about 4 of 200 degrees of freedom.
    assert found.errors[0] == pytest.approx(jackknife, rel=0.06)


@pytest.mark.parametrize("trend", ["parallel", "proportional"])
def test_the_jackknife_is_leaving_households_out_one_by_one(trend: str) -> None:
    x, contacted, before, after = made(90)
    odds = tilting(contacted, x, penalty=0.01).odds
    both = np.column_stack([after, after**2]), np.column_stack([before + 3, before**2 + 1])

    def estimate(kept: np.ndarray) -> Effect:
        later, sooner = (each[kept] for each in both)
        mine = contacted[kept], x[kept]
        if trend == "parallel":
            return doubly_robust(later - sooner, *mine, odds[kept], correction="jackknife")
        return proportional(later, sooner, *mine, odds=odds[kept], correction="jackknife")

    rows = np.arange(90)
    found = estimate(rows >= 0)
    without = np.array([estimate(rows != each).effect for each in rows])
    np.testing.assert_allclose(found.influence / 90, found.effect - without, rtol=1e-7, atol=1e-10)


def test_the_jackknife_holds_where_influence_functions_are_too_sure() -> None:
    """Eight covariates and seventy households to compare with, of which few buy a great deal."""
    random = np.random.default_rng(11)
    held = np.zeros(3)
    rounds = 400
    for _ in range(rounds):
        x = random.standard_normal((120, 8))
        contacted = random.random(120) < 1 / (1 + np.exp(0.3 - 0.5 * x[:, 0]))
        change = (x[:, :1] + random.standard_t(4, (120, 1))) * np.exp(0.4 * x[:, 1:2])
        odds = tilting(contacted, x, penalty=0.01).odds
        for place, correction in enumerate(CORRECTIONS):
            found = doubly_robust(change, contacted, x, odds, correction=correction)
            reach = stats.t.ppf(0.9, degrees_of_freedom(found.influence)[0])
            held[place] += abs(found.effect[0]) <= reach * found.errors[0]
    share = held / rounds
    assert share[0] < share[1] < share[2]
    # Two and a half binomial errors of 400 rounds around 80 %.
    assert 0.75 <= share[2] <= 0.85
    assert share[0] < 0.75


def test_leverage_puts_errors_up_where_comparable_households_are_few() -> None:
    x, contacted, before, after = made(60)
    odds = tilting(contacted, x, penalty=0.01).odds
    change = (after - before)[:, None]
    plain = doubly_robust(change, contacted, x, odds)
    put_up = doubly_robust(change, contacted, x, odds, correction="leverage")
    assert put_up.effect[0] == plain.effect[0]
    assert plain.errors[0] < put_up.errors[0] < 1.5 * plain.errors[0]


def test_what_cannot_be_estimated_is_named() -> None:
    change, who, x = np.zeros((4, 1)), np.array([True, True, False, False]), np.zeros((4, 0))
    with pytest.raises(BadInputError, match="odds"):
        doubly_robust(change, who, x, np.zeros(4))
    with pytest.raises(BadInputError, match="odds"):
        doubly_robust(change, who, x, np.ones(3))
    with pytest.raises(BadInputError, match="contacted"):
        doubly_robust(change, np.ones(4, bool), x, np.ones(4))
    with pytest.raises(UnknownNameError, match="leverage"):
        doubly_robust(change, who, x, np.ones(4), correction="some")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="before"):
        proportional(change, np.zeros((4, 2)), who, x, odds=np.ones(4))


def test_nothing_bought_before_by_anybody_is_no_error() -> None:
    who, after = np.array([True, True, False, False]), np.array([[1.0], [2.0], [0.0], [0.0]])
    found = proportional(after, np.zeros((4, 1)), who, np.zeros((4, 0)), odds=np.ones(4))
    assert found.effect.tolist() == [1.5]
    assert np.isfinite(found.influence).all()
