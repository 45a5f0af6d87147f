"""Poisson regression with group effects: against statsmodels, brute force, and simulation."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from offtake.errors import BadInputError
from offtake.models.kernels import poisson_blocks
from offtake.models.kernels.poisson import PoissonFit, fit_poisson

# Both sides stop when a step is below some 1e-7 standard errors, which are about 0.05 here: a
# larger difference than 1e-6 would be another estimate, not another stopping point.
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class World:
    y: np.ndarray
    x: np.ndarray
    group: np.ndarray
    week: np.ndarray
    store: np.ndarray
    offset: np.ndarray
    slopes: np.ndarray

    def fit(self, **changed: Any) -> PoissonFit:
        given = {"weeks": self.week, "clusters": self.store, "offset": self.offset} | changed
        return fit_poisson(self.y, self.x, self.group, **given)


def world(
    seed: int = 0, stores: int = 8, products: int = 5, weeks: int = 12, spread: float = 0.0
) -> World:
    """Draw a panel with holes; `spread` is the sd of shocks that a store shares in a week."""
    rng = np.random.default_rng(seed)
    store, product, week = (
        each.ravel() for each in np.indices((stores, products, weeks), dtype=np.int64)
    )
    stays = rng.random(store.size) < 0.8
    store, product, week = store[stays], product[stays], week[stays]
    group = store * products + product
    level = rng.normal(0.3, 0.8, stores * products)[group]
    price = rng.normal(0, 0.3, store.size) + 0.2 * level
    display = (rng.random(store.size) < 0.3).astype(float)
    x, slopes = np.column_stack([price, display]), np.array([-2.0, 0.7])
    season, offset = rng.normal(0, 0.3, weeks)[week], rng.normal(0, 0.2, store.size)
    shock = rng.normal(0, spread, (stores, weeks))[store, week]
    y = rng.poisson(np.exp(level + season + offset + shock + x @ slopes)).astype(float)
    return World(y, x, group, week, store, offset, slopes)


def dummies(codes: np.ndarray) -> np.ndarray:
    return (codes[:, None] == np.unique(codes)[None, :]).astype(float)


def software(w: World, references: tuple[int, ...] = (0,)) -> SimpleNamespace:
    """Fit the full dummy design in statsmodels, without its correction for few rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports use deprecated names
        import statsmodels.api as sm

        design = np.hstack([w.x, dummies(w.group), np.delete(dummies(w.week), references, axis=1)])
        model = sm.GLM(w.y, design, family=sm.families.Poisson(), offset=w.offset)
        fit = model.fit(
            tol=1e-14,
            tol_criterion="params",
            maxiter=200,
            cov_type="cluster",
            cov_kwds={"groups": w.store, "use_correction": False},
        )
        return SimpleNamespace(params=fit.params, bse=fit.bse, llf=fit.llf, mean=fit.fittedvalues)


def sells_everywhere(w: World) -> World:
    """Leave out the groups without sales, on which other software does not converge."""
    sold = np.bincount(w.group, w.y)[w.group] > 0
    return World(*(a[sold] for a in (w.y, w.x, w.group, w.week, w.store, w.offset)), w.slopes)


def test_estimates_and_clustered_errors_are_those_of_statsmodels() -> None:
    pytest.importorskip("statsmodels")
    w = sells_everywhere(world())
    theirs, ours = software(w), w.fit()
    stores = np.unique(w.store).size
    assert ours.converged
    assert ours.coefficients == pytest.approx(theirs.params[:2], abs=SAME)
    errors = theirs.bse[:2] * np.sqrt(stores / (stores - 1))
    assert ours.standard_errors == pytest.approx(errors, abs=SAME)
    assert ours.week_effects[1:] == pytest.approx(theirs.params[-11:], abs=SAME)
    effects = ours.group_effects[np.unique(w.group)]
    assert effects == pytest.approx(theirs.params[2:-11], abs=SAME)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=SAME)
    assert ours.mean == pytest.approx(theirs.mean, abs=SAME)


def sandwich(design: np.ndarray, w: World, mean: np.ndarray) -> np.ndarray:
    """Clustered covariance from the whole dummy design, by the formula of the textbook."""
    bread = np.linalg.inv(design.T @ (mean[:, None] * design))
    scores = dummies(w.store).T @ (design * (w.y - mean)[:, None])
    count = scores.shape[0]
    result: np.ndarray = bread @ scores.T @ scores @ bread * count / (count - 1)
    return result


def test_covariance_is_that_of_the_full_design() -> None:
    w = sells_everywhere(world(seed=3, spread=0.3))
    fit = w.fit()
    design = np.hstack([w.x, dummies(w.group), dummies(w.week)[:, 1:]])
    # The full design has a condition number near 100, so 1e-9 leaves room for its inverse.
    assert fit.covariance == pytest.approx(sandwich(design, w, fit.mean)[:2, :2], rel=1e-9)
    information = design.T @ (fit.mean[:, None] * design)
    assert fit.model_covariance == pytest.approx(np.linalg.inv(information)[:2, :2], rel=1e-9)


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    w = world(seed=1)
    whole = w.fit()
    monkeypatch.setattr(poisson_blocks, "BLOCK_ROWS", 7)
    # Sums in another order differ in the last digits only.
    assert w.fit().coefficients == pytest.approx(whole.coefficients, abs=1e-10)
    assert w.fit().covariance == pytest.approx(whole.covariance, abs=1e-10)


def test_order_of_rows_does_not_matter() -> None:
    w = world(seed=2)
    mixed = np.random.default_rng(0).permutation(w.y.size)
    again = World(*(a[mixed] for a in (w.y, w.x, w.group, w.week, w.store, w.offset)), w.slopes)
    # Sums in another order differ in the last digits only.
    assert again.fit().coefficients == pytest.approx(w.fit().coefficients, abs=1e-10)
    assert again.fit().mean == pytest.approx(w.fit().mean[mixed], rel=1e-9)


def test_two_rows_a_group_is_a_ratio() -> None:
    fit = fit_poisson([1, 3, 4, 12], [[0], [1], [0], [1]], [0, 0, 1, 1])
    # A closed form: rounding only.
    assert np.exp(fit.coefficients) == pytest.approx([3.0], rel=1e-12)
    assert fit.mean == pytest.approx([1, 3, 4, 12], rel=1e-12)


def test_one_group_per_row_leaves_nothing_to_estimate() -> None:
    fit = fit_poisson([1.0, 2.0, 3.0], [[0.1], [0.5], [0.2]], [0, 1, 2])
    assert fit.dropped_columns == (0,)
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.covariance).all()
    assert fit.mean == pytest.approx([1.0, 2.0, 3.0], rel=1e-12)  # rounding only


def test_without_regressors_the_mean_is_that_of_the_group() -> None:
    fit = fit_poisson([1.0, 3.0, 5.0], np.zeros((3, 0)), [0, 0, 4])
    assert fit.mean == pytest.approx([2.0, 2.0, 5.0], rel=1e-12)  # rounding only
    assert np.isnan(fit.group_effects[1:4]).all()
    assert fit.coefficients.shape == (0,)


def test_the_margins_of_the_fit_are_those_of_the_data() -> None:
    w = world(seed=5)
    fit = w.fit()
    # First-order conditions, met up to the last step of Newton's method.
    assert np.bincount(w.group, fit.mean) == pytest.approx(np.bincount(w.group, w.y), abs=1e-6)
    assert np.bincount(w.week, fit.mean) == pytest.approx(np.bincount(w.week, w.y), abs=1e-6)
    assert w.x.T @ fit.mean == pytest.approx(w.x.T @ w.y, abs=1e-6)


def test_groups_without_sales_change_nothing_and_are_counted() -> None:
    w = world(seed=7)
    without = w.fit()
    empty = np.full(4, w.group.max() + 2)
    fit = fit_poisson(
        np.append(w.y, np.zeros(4)),
        np.vstack([w.x, np.ones((4, 2))]),
        np.append(w.group, empty),
        weeks=np.append(w.week, np.arange(4)),
        offset=np.append(w.offset, np.zeros(4)),
        clusters=np.append(w.store, np.full(4, 99)),
    )
    assert fit.dropped_groups == without.dropped_groups + 1
    assert fit.rows == without.rows
    assert fit.coefficients.tolist() == without.coefficients.tolist()
    assert fit.covariance.tolist() == without.covariance.tolist()
    assert fit.group_effects[-1] == -np.inf
    assert np.isnan(fit.group_effects[-2])
    assert fit.mean[-4:].tolist() == [0, 0, 0, 0]


def test_a_week_without_sales_is_left_out() -> None:
    w = world(seed=8)
    y = np.where(w.week == 3, 0.0, w.y)
    fit = fit_poisson(y, w.x, w.group, weeks=w.week, clusters=w.store)
    used = w.week != 3
    part = fit_poisson(y[used], w.x[used], w.group[used], weeks=w.week[used])
    assert fit.week_effects[3] == -np.inf
    assert fit.coefficients.tolist() == part.coefficients.tolist()


def test_collinear_columns_are_dropped_and_named() -> None:
    w = world(seed=9)
    of_week, of_group = w.week**2.0, w.group * 1e6
    x = np.column_stack([w.x[:, 0], of_week, of_group, w.x[:, 1], w.x @ [2.0, -1.0], w.x[:, 0]])
    fit = w.fit()
    wide = fit_poisson(w.y, x, w.group, weeks=w.week, clusters=w.store, offset=w.offset)
    assert wide.dropped_columns == (1, 2, 4, 5)
    # The same model with columns in another order: rounding only.
    assert wide.coefficients[[0, 3]] == pytest.approx(fit.coefficients, abs=1e-9)
    assert wide.standard_errors[[0, 3]] == pytest.approx(fit.standard_errors, abs=1e-9)
    assert np.isnan(wide.standard_errors[[1, 2, 4, 5]]).all()
    assert wide.mean == pytest.approx(fit.mean, rel=1e-8)


def test_weeks_that_share_no_group_cannot_be_compared() -> None:
    fit = fit_poisson([1, 2, 3, 4], np.zeros((4, 0)), [0, 0, 1, 1], weeks=[0, 1, 2, 3])
    assert fit.dropped_weeks == (2,)
    assert fit.mean == pytest.approx([1, 2, 3, 4], rel=1e-9)  # saturated: rounding only


def test_an_offset_is_a_slope_of_one() -> None:
    w = world(seed=10)
    # Shifting by a known part of a regressor moves its slope by that much and nothing else.
    moved = w.fit(offset=w.offset + 0.5 * w.x[:, 0])
    assert moved.coefficients == pytest.approx(w.fit().coefficients - [0.5, 0.0], abs=1e-9)
    assert moved.covariance == pytest.approx(w.fit().covariance, abs=1e-9)


def test_units_of_a_column_only_scale_its_slope() -> None:
    w = world(seed=11)
    scaled = fit_poisson(
        w.y, w.x * [1e6, 1e-6], w.group, weeks=w.week, clusters=w.store, offset=w.offset
    )
    # Rounding relative to the estimate: the equations are scaled before they are solved.
    assert scaled.coefficients * [1e6, 1e-6] == pytest.approx(w.fit().coefficients, rel=1e-8)
    assert scaled.dropped_columns == ()


def test_a_column_that_only_rows_without_sales_have_is_reported() -> None:
    w = world(seed=12)
    never = ((w.y == 0) & (w.x[:, 1] == 1)).astype(float)
    fit = fit_poisson(w.y, np.column_stack([w.x, never]), w.group)
    assert fit.separated_columns == (2,)
    assert not fit.converged
    assert fit.coefficients[2] < -15


def test_large_sales_do_not_overflow() -> None:
    fit = fit_poisson([1e3, 1e9, 2e3, 5e8], [[0], [1], [0], [1]], [0, 0, 1, 1], offset=[700] * 4)
    assert fit.converged
    # Closed form: with two rows a group, the slope is the log odds of the pooled shares of two
    # conditional binomials with the same odds.
    odds = (1e9 + 5e8) / (1e3 + 2e3)
    assert fit.coefficients == pytest.approx([np.log(odds)], rel=1e-9)


def test_one_cluster_gives_no_covariance() -> None:
    w = world(seed=13)
    assert np.isnan(w.fit(clusters=np.zeros_like(w.store)).covariance).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y": [1, -2, 3, 0]}, "y: got -2.0, allowed: numbers >= 0"),
        ({"y": [1, np.nan, 3, 0]}, "y: got 1 values that are not finite, allowed: none"),
        ({"y": [0, 0, 0, 0]}, "y: got 4 rows without a count above 0"),
        ({"y": [[1, 2, 3, 0]]}, r"y: got shape \(1, 4\), allowed: one dimension"),
        ({"y": ["a", 1, 2, 3]}, "y: got could not convert"),
        ({"x": [0, 1, 0, 1]}, r"x: got shape \(4,\), allowed: \(4, K\)"),
        ({"x": [[0], [1]]}, r"x: got shape \(2, 1\), allowed: \(4, K\)"),
        ({"groups": [0, 0, 1]}, r"groups: got shape \(3,\), allowed: \(4,\)"),
        ({"groups": [0, 0, -1, 1]}, "groups: got int64"),
        ({"groups": [0.0, 0, 1, 1]}, "groups: got float64"),
        ({"weeks": [0, 1]}, "weeks: got shape"),
        ({"offset": [0, 1]}, r"offset: got shape \(2,\), allowed: shape \(4,\)"),
        ({"clusters": [0, 1, 1, 1]}, "clusters: got a group in two clusters"),
    ],
)
def test_bad_input_is_refused(changed: dict[str, Any], message: str) -> None:
    given = {"y": [1, 2, 3, 0], "x": [[0], [1], [0], [1]], "groups": [0, 0, 1, 1]} | changed
    with pytest.raises(BadInputError, match=message):
        fit_poisson(given.pop("y"), given.pop("x"), given.pop("groups"), **given)


def test_intervals_cover_what_was_simulated() -> None:
    """Shocks shared within a store make other errors too small; clustered ones must hold."""
    runs, hits, estimates = 150, np.zeros(2), np.zeros((150, 2))
    for run in range(runs):
        w = world(seed=1000 + run, stores=40, products=3, weeks=8, spread=0.3)
        fit = w.fit()
        hits += np.abs(fit.coefficients - w.slopes) <= 1.96 * fit.standard_errors
        estimates[run] = fit.coefficients
    # 40 clusters give a little under the nominal 95 %; 4 binomial standard errors of 150 runs
    # (1.8 points each) on both sides.
    assert np.all(hits / runs > 0.87)
    # Monte Carlo error of the mean, 4 standard errors.
    error = 4 * estimates.std(axis=0, ddof=1) / np.sqrt(runs)
    assert np.all(np.abs(estimates.mean(axis=0) - world().slopes) < error)


def test_rows_that_nothing_holds_up_are_left_out() -> None:
    """Group 0 sold only in week 0, group 1 only in week 1: the zeros between them separate."""
    y, group, week = [3, 0, 0, 2, 4, 5], [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 0]
    fit = fit_poisson(y, np.zeros((6, 0)), group, weeks=week)
    # The zero of group 0 in week 1 pushes one way, that of group 1 in week 0 the other: they hold.
    assert fit.separated_rows == 0
    fit = fit_poisson(y[:2] + y[3:], np.zeros((5, 0)), group[:2] + group[3:], weeks=[0, 1, 1, 0, 0])
    assert (fit.separated_rows, fit.converged, fit.rows) == (1, True, 4)
    assert fit.mean.tolist() == [3.0, 0.0, 2.0, 4.5, 4.5]


@pytest.mark.parametrize("seed", range(20))
def test_means_of_sparse_panels_are_those_of_a_brute_climb(seed: int) -> None:
    """Few sales, many separated rows: iterative scaling of group and week totals, to its limit."""
    rng = np.random.default_rng(seed)
    group, week = (each.ravel() for each in np.indices((8, 6), dtype=np.int64))
    y = (rng.random(48) < 0.2) * rng.integers(1, 5, 48).astype(float)
    y[0] = 1.0
    fit = fit_poisson(y, np.zeros((48, 0)), group, weeks=week)
    mean = np.ones(48)
    for _ in range(200_000):
        for code in (group, week):
            fitted = np.bincount(code, mean)
            ratio = np.divide(np.bincount(code, y), fitted, out=np.zeros(fitted.size),
                              where=fitted > 0)  # fmt: skip
            mean *= ratio[code]
        if np.abs(np.bincount(group, mean) - np.bincount(group, y)).max() < 1e-12:
            break
    assert fit.converged
    # Iterative scaling reaches a separated row's 0 only slowly: 1e-3 after so many sweeps.
    assert fit.mean == pytest.approx(mean, abs=2e-3)


def test_categories_and_weeks_are_those_of_statsmodels() -> None:
    w = sells_everywhere(world(seed=11, stores=6, products=6, weeks=8))
    kind = (w.group % 6) // 2
    weeks = kind * 8 + w.week
    fit = w.fit(weeks=weeks)
    same = World(w.y, w.x, w.group, weeks, w.store, w.offset, w.slopes)
    theirs = software(same, references=(0, 8, 16))
    stores = np.unique(w.store).size
    assert fit.coefficients == pytest.approx(theirs.params[:2], rel=SAME, abs=SAME)
    errors = theirs.bse[:2] * np.sqrt(stores / (stores - 1))
    assert fit.standard_errors == pytest.approx(errors, rel=SAME)
    assert fit.dropped_weeks == (8, 16)
