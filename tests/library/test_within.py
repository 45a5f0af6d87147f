"""Least squares with group effects, and group by group: against statsmodels with every dummy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.within import WithinFit, fit_each, fit_within

# Both sides solve the same well-conditioned system exactly: only rounding differs.
SAME = {"rtol": 1e-8, "atol": 1e-8}


@dataclass(frozen=True, slots=True)
class World:
    y: np.ndarray
    x: np.ndarray
    group: np.ndarray
    store: np.ndarray

    def fit(self, **changed: Any) -> WithinFit:
        given = {"y": self.y, "x": self.x, "groups": self.group} | changed
        return fit_within(given.pop("y"), given.pop("x"), given.pop("groups"), **given)


def world(seed: int = 0, stores: int = 7, products: int = 4, weeks: int = 9) -> World:
    """Draw a panel with holes in which levels and price go together."""
    rng = np.random.default_rng(seed)
    store, product, _ = (each.ravel() for each in np.indices((stores, products, weeks)))
    stays = rng.random(store.size) < 0.8
    store, product = store[stays], product[stays]
    group = store * products + product
    level = rng.normal(3, 1, stores * products)[group]
    price = 0.3 * level + rng.normal(0, 0.3, store.size)
    display = (rng.random(store.size) < 0.3).astype(float)
    y = level - 2.2 * price + 0.7 * display + rng.normal(0, 0.4, store.size)
    return World(y, np.column_stack([price, display]), group, store)


def with_dummies(y: np.ndarray, x: np.ndarray, group: np.ndarray) -> sm.OLS:
    dummies = (group[:, None] == np.unique(group)).astype(float)
    return sm.OLS(y, np.column_stack([x, dummies]))


def test_slopes_errors_and_effects_are_those_of_regression_with_every_dummy() -> None:
    panel = world()
    fit, other = panel.fit(), with_dummies(panel.y, panel.x, panel.group).fit()
    np.testing.assert_allclose(fit.coefficients, other.params[:2], **SAME)
    np.testing.assert_allclose(fit.covariance, other.cov_params()[:2, :2], **SAME)
    np.testing.assert_allclose(fit.standard_errors, other.bse[:2], **SAME)
    np.testing.assert_allclose(fit.group_effects, other.params[2:], **SAME)
    np.testing.assert_allclose(fit.residual_sd, np.sqrt(other.mse_resid), **SAME)
    assert (fit.degrees, fit.rows) == (other.df_resid, panel.y.size)


def test_cluster_errors_count_every_group_effect_when_groups_cross_clusters() -> None:
    panel = world()
    week = np.arange(panel.y.size) % 11
    fit = panel.fit(clusters=week)
    other = with_dummies(panel.y, panel.x, panel.group).fit(
        cov_type="cluster", cov_kwds={"groups": week}
    )
    np.testing.assert_allclose(fit.cluster_errors, other.bse[:2], **SAME)
    assert fit.clusters == 11


@pytest.mark.parametrize("by", ["group", "store"])
def test_cluster_errors_count_one_effect_when_groups_lie_in_clusters(by: str) -> None:
    panel = world()
    clusters = None if by == "group" else panel.store
    fit, of_row = panel.fit(clusters=clusters), getattr(panel, by)
    other = with_dummies(panel.y, panel.x, panel.group).fit(
        cov_type="cluster", cov_kwds={"groups": of_row}
    )
    fewer = other.df_resid / (panel.y.size - 2 - 1)
    np.testing.assert_allclose(fit.cluster_errors, other.bse[:2] * np.sqrt(fewer), **SAME)


def test_singletons_say_nothing_of_slopes_or_errors() -> None:
    panel = world()
    more = World(
        np.append(panel.y, [9.0, 1.0]),
        np.vstack([panel.x, [[5.0, 1.0], [-5.0, 0.0]]]),
        np.append(panel.group, [40, 50]),
        np.append(panel.store, [0, 90]),
    )
    plain, fit = panel.fit(), more.fit()
    np.testing.assert_allclose(fit.coefficients, plain.coefficients, **SAME)
    np.testing.assert_allclose(fit.covariance, plain.covariance, **SAME)
    np.testing.assert_allclose(fit.cluster_covariance, plain.cluster_covariance, **SAME)
    assert (fit.singletons, fit.clusters, fit.degrees) == (2, plain.clusters, plain.degrees)
    assert fit.group_effects.size == 51
    assert np.isnan(fit.group_effects[41:50]).all()
    np.testing.assert_allclose(fit.group_effects[50], 1.0 + 5 * fit.coefficients[0], **SAME)


def test_columns_without_news_are_dropped_and_the_others_stay() -> None:
    panel = world()
    price, display = panel.x.T
    size = panel.group * 3.7 + 0.1
    fit = panel.fit(x=np.column_stack([size, price, display, 2 * price - display + size]))
    assert fit.dropped_columns == (0, 3)
    np.testing.assert_allclose(fit.coefficients[1:3], panel.fit().coefficients, **SAME)
    assert np.isnan(fit.coefficients[[0, 3]]).all()
    assert np.isnan(fit.covariance[0]).all()
    assert np.isnan(fit.cluster_covariance[:, 3]).all()


def test_no_regressor_leaves_group_means() -> None:
    fit = fit_within([1.0, 3.0, 7.0], np.empty((3, 0)), [0, 0, 1])
    assert fit.group_effects.tolist() == [2.0, 7.0]
    assert (fit.coefficients.size, fit.degrees, fit.r2_within) == (0, 1, 0.0)


def test_without_degrees_of_freedom_slopes_stay_and_errors_are_unknown() -> None:
    fit = fit_within([1.0, 3.0], [[0.0], [1.0]], [0, 0])
    assert fit.coefficients.tolist() == pytest.approx([2.0])
    assert fit.degrees == 0
    assert np.isnan([fit.residual_sd, fit.standard_errors[0], fit.cluster_errors[0]]).all()


def test_one_cluster_has_no_cluster_error() -> None:
    panel = world()
    fit = panel.fit(clusters=np.zeros_like(panel.group))
    assert np.isnan(fit.cluster_covariance).all()
    assert np.isfinite(fit.covariance).all()


def test_r2_is_the_share_explained_within_groups() -> None:
    panel = world()
    other, alone = (with_dummies(panel.y, x, panel.group).fit() for x in (panel.x, panel.x[:, :0]))
    assert panel.fit().r2_within == pytest.approx(1 - other.ssr / alone.ssr, abs=1e-10)


@given(
    seed=st.integers(0, 10_000),
    units=st.floats(1e-4, 1e4),
    shift=st.floats(-100, 100),
)
def test_units_levels_and_order_of_rows_do_not_matter(
    seed: int, units: float, shift: float
) -> None:
    panel = world(seed, stores=3, products=2)
    order = np.random.default_rng(seed).permutation(panel.y.size)
    fit = panel.fit()
    other = fit_within(
        (panel.y * 3 + shift * panel.group)[order], (panel.x * units)[order], panel.group[order]
    )
    np.testing.assert_allclose(other.coefficients * units / 3, fit.coefficients, rtol=1e-7)
    np.testing.assert_allclose(other.standard_errors * units / 3, fit.standard_errors, rtol=1e-7)
    np.testing.assert_allclose(other.cluster_errors * units / 3, fit.cluster_errors, rtol=1e-7)


def test_each_group_has_the_regression_of_its_own_rows() -> None:
    panel = world(weeks=40)
    fits = fit_each(panel.y, panel.x, panel.group)
    assert fits.usable.all()
    for code in np.unique(panel.group):
        mine = panel.group == code
        other = sm.OLS(panel.y[mine], sm.add_constant(panel.x[mine])).fit()
        np.testing.assert_allclose(fits.estimates[code], other.params, **SAME)
        np.testing.assert_allclose(fits.covariances[code], other.cov_params(), **SAME)
        np.testing.assert_allclose(fits.residual_variances[code], other.mse_resid, **SAME)
        assert fits.degrees[code] == other.df_resid


def test_what_a_group_identifies_is_kept_when_something_else_is_not() -> None:
    panel = world(weeks=40)
    price, display = panel.x.T
    display = np.where(panel.group == 2, 1.0, display)
    fits = fit_each(panel.y, np.column_stack([price, display]), panel.group)
    mine = panel.group == 2
    other = sm.OLS(panel.y[mine], sm.add_constant(price[mine])).fit()
    assert fits.usable.tolist() == [code != 2 for code in range(28)]
    np.testing.assert_allclose(fits.estimates[2, 1], other.params[1], **SAME)
    np.testing.assert_allclose(fits.covariances[2, 1, 1], other.cov_params()[1, 1], **SAME)
    # Display was always on: its effect and the level cannot be told apart.
    assert np.isnan(fits.estimates[2, [0, 2]]).all()
    assert np.isnan(fits.covariances[2, [0, 2]]).all()


def test_regressors_that_move_together_are_not_told_apart() -> None:
    x = np.array([[0.0, 0.0, 1.0], [1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [3.0, 6.0, 1.0], [1, 2, 1]])
    fits = fit_each([1.0, 2.5, 2.0, 4.0, 3.0], x, [0] * 5)
    assert np.isnan(fits.estimates[0]).tolist() == [False, True, True, False]
    assert (fits.degrees.tolist(), fits.usable.tolist()) == ([2], [False])


def test_a_group_with_as_many_rows_as_unknowns_has_estimates_without_errors() -> None:
    fits = fit_each([1.0, 3.0], [[0.0], [1.0]], [1, 1])
    np.testing.assert_allclose(fits.estimates, [[np.nan, np.nan], [1.0, 2.0]], **SAME)
    assert np.isnan(fits.covariances).all()
    assert (fits.degrees.tolist(), fits.usable.tolist()) == ([0, 0], [False, False])


@pytest.mark.parametrize("fit", [fit_within, fit_each])
@pytest.mark.parametrize(
    ("y", "x", "groups", "message"),
    [
        ([], np.empty((0, 1)), [], "y: got no rows"),
        ([1.0, np.nan], [[0.0], [1.0]], [0, 0], "y: got 1 values that are not finite"),
        ([1.0, 2.0], [[0.0], [np.inf]], [0, 0], "x: got 1 values that are not finite"),
        ([1.0, 2.0], [0.0, 1.0], [0, 0], r"x: got shape \(2,\), allowed: \(2, K\)"),
        ([1.0, 2.0], [[0.0], [1.0]], [0], r"groups: got shape \(1,\)"),
        ([1.0, 2.0], [[0.0], [1.0]], [0, -1], "groups: got .* allowed: integers >= 0"),
        ([1.0, 2.0], [[0.0], [1.0]], [0.0, 1.0], "groups: got float64"),
        (["one", "two"], [[0.0], [1.0]], [0, 1], "y: got .* allowed: an array of numbers"),
    ],
)
def test_bad_input_is_named(
    fit: Callable[..., object], y: ArrayLike, x: ArrayLike, groups: ArrayLike, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        fit(y, x, groups)


def test_clusters_are_checked_like_groups() -> None:
    with pytest.raises(BadInputError, match="clusters: got shape"):
        fit_within([1.0, 2.0], [[0.0], [1.0]], [0, 0], clusters=[0])
