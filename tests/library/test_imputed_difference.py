"""Differences to rows like them: held to statsmodels, to leaving rows out, and to known truth."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from offtake.errors import BadInputError
from offtake.models.kernels.imputed_difference import (
    UNTREATED,
    Differences,
    imputed_differences,
)


def world(seed: int, rows: int = 900) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw buyers: those who buy often repeat more, and are more often won by group 0, less by 1.

    Returns outcomes, covariates, groups, and what each treated row loses by the treatment.
    """
    rng = np.random.default_rng(seed)
    often = rng.normal(size=rows)
    odds = np.column_stack([np.ones(rows), np.exp(0.8 * often - 0.5), np.exp(-0.8 * often - 0.5)])
    draw = rng.random(rows)[:, None] > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    group = draw[:, :2].sum(axis=1) - 1
    likely = np.clip(0.45 + 0.12 * often, 0.02, 0.98)
    free = rng.random(rows) < likely
    kept = rng.random(rows) < 0.7
    treated = group != UNTREATED
    outcome = np.where(treated, free & kept, free).astype(float)
    return outcome, np.column_stack([np.ones(rows), often]), group, outcome - free


def fit(seed: int) -> tuple[Differences, np.ndarray]:
    y, x, group, lost = world(seed)
    found = imputed_differences(y, x, group, clusters=[np.arange(y.size)], size=2)
    return found, np.array([lost[group == each].mean() for each in (0, 1)])


def test_the_regression_is_that_of_statsmodels_on_the_untreated() -> None:
    y, x, group, _ = world(1)
    base = sm.OLS(y[group == UNTREATED], x[group == UNTREATED]).fit()
    found = imputed_differences(y, x, group, clusters=[np.arange(y.size)], size=2)
    for each in (0, 1):
        mine = group == each
        assert found.expected[each] == pytest.approx(base.predict(x[mine]).mean(), abs=1e-12)
        assert found.effect[each] == pytest.approx(y[mine].mean() - found.expected[each])


def test_errors_are_those_of_leaving_one_cluster_out() -> None:
    y, x, group, _ = world(2, rows=400)
    homes = np.arange(y.size) // 2
    found = imputed_differences(y, x, group, clusters=[homes], size=2)
    others = [
        imputed_differences(
            y[homes != home], x[homes != home], group[homes != home],
            clusters=[homes[homes != home]], size=2,
        ).effect
        for home in np.unique(homes)
    ]  # fmt: skip
    off = np.array(others) - np.mean(others, axis=0)
    jackknife = np.sqrt((off**2).sum(axis=0))
    # Leverage is put right row by row and not by cluster: with 200 clusters, a few percent.
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(jackknife, rel=0.05)


def test_intervals_hold_the_truth_where_those_of_the_plain_difference_do_not() -> None:
    held, plain, rounds = np.zeros(2), np.zeros(2), 300
    for seed in range(rounds):
        found, truth = fit(1000 + seed)
        reach = 1.2816 * np.sqrt(np.diag(found.covariance))
        held += np.abs(found.effect - truth) <= reach
        y, _, group, _ = world(1000 + seed)
        for each in (0, 1):
            mine, base = y[group == each], y[group == UNTREATED]
            error = 1.2816 * np.sqrt(mine.var() / mine.size + base.var() / base.size)
            plain[each] += abs(mine.mean() - base.mean() - truth[each]) <= error
    # The truth is that of the rows at hand, so the intervals for all such rows hold it a bit more
    # often than 80 %: between three standard errors (2.3 points) below and 95 %.
    assert ((held / rounds > 0.73) & (held / rounds < 0.95)).all()
    assert (plain / rounds < 0.5).all()


def test_two_ways_of_going_together_are_never_surer_than_one() -> None:
    y, x, group, _ = world(5)
    rows = np.arange(y.size)
    one = imputed_differences(y, x, group, clusters=[rows // 3], size=2)
    both = imputed_differences(y, x, group, clusters=[rows // 3, rows % 12], size=2)
    assert (np.diag(both.covariance) >= np.diag(one.covariance) - 1e-15).all()
    assert np.linalg.eigvalsh(both.covariance)[0] > 0


def test_groups_without_rows_or_without_any_repeat_are_not_taken_for_certain() -> None:
    y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    group = [-1, -1, -1, -1, 0, 0]
    found = imputed_differences(y, np.ones((6, 1)), group, clusters=[range(6)], size=2)
    assert np.isnan(found.effect[1])
    assert np.isnan(found.covariance[1, 0])
    # Two rows without the outcome: a share of a quarter, as if one more of four had it.
    assert found.covariance[0, 0] > 0.25 * 0.75 / 2


def test_without_anybody_to_compare_with_it_refuses() -> None:
    with pytest.raises(BadInputError, match="0 untreated"):
        imputed_differences([1.0], np.ones((1, 1)), [0], clusters=[[0]], size=1)


def test_what_treated_rows_would_have_had_is_as_uncertain_as_chance() -> None:
    """A treatment that leaves nobody with the outcome does not tell who would have had it."""
    random = np.random.default_rng(6)
    group = np.repeat([UNTREATED, 0], [400, 50])
    y = np.where(group == UNTREATED, random.random(450) < 0.5, 0.0)
    found = imputed_differences(y, np.ones((450, 1)), group, clusters=[np.arange(450)], size=1)
    share = found.expected[0] * (1 - found.expected[0])
    assert found.covariance[0, 0] == pytest.approx(share / 50 + share / 400, rel=0.02)


def test_few_clusters_tell_variances_badly() -> None:
    y, x, group, _ = world(7)
    rows = np.arange(y.size)
    many = imputed_differences(y, x, group, clusters=[rows], size=2).degrees
    few = imputed_differences(y, x, group, clusters=[rows % 8], size=2).degrees
    assert (many > 200).all()
    assert (few < 40).all()
