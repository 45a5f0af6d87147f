"""Leaving clusters out: against the same step in the full design, and against fitting anew."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.models.kernels.poisson import checked, finished, fit_poisson
from offtake.models.kernels.poisson_climb import climb
from offtake.models.kernels.poisson_jackknife import Jackknife, jackknife
from offtake.models.kernels.poisson_rows import used_rows
from tests.library.test_poisson import World, dummies, sells_everywhere, world


def left_out(w: World, *, weeks: np.ndarray | None = None) -> Jackknife:
    given = checked(
        w.y, w.x, w.group, weeks=w.week if weeks is None else weeks,
        offset=w.offset, clusters=w.store,
    )  # fmt: skip
    rows = used_rows(given)
    return jackknife(rows, climb(rows))


def full_design(w: World, weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One Newton step without each store, every dummy written out, by least-norm solving."""
    fit = w.fit(weeks=weeks)
    design = np.hstack([w.x, dummies(w.group), dummies(weeks)])
    steps = []
    for store in np.unique(w.store):
        rest = w.store != store
        information = (design[rest] * fit.mean[rest, None]).T @ design[rest]
        score = design[rest].T @ (w.y - fit.mean)[rest]
        steps.append(np.linalg.lstsq(information, score, rcond=1e-12)[0][: w.x.shape[1]])
    return np.array(steps), fit.coefficients


def test_the_step_is_that_of_the_full_design() -> None:
    w = sells_everywhere(world(seed=3, spread=0.3))
    steps, _ = full_design(w, w.week)
    # Both sides invert matrices of condition numbers near 1,000.
    assert left_out(w).changes == pytest.approx(steps, rel=1e-8, abs=1e-10)


def test_the_step_is_that_of_the_full_design_with_weeks_of_several_kinds() -> None:
    w = sells_everywhere(world(seed=4, stores=6, products=4, spread=0.3))
    kind = (w.group % 4) // 2
    weeks = kind * 100 + w.week
    steps, _ = full_design(w, weeks)
    assert left_out(w, weeks=weeks).changes == pytest.approx(steps, rel=1e-8, abs=1e-10)


def test_blocks_do_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    w = world(seed=5)
    whole = left_out(w)
    monkeypatch.setattr("offtake.models.kernels.poisson_blocks.BLOCK_ROWS", 7)
    assert left_out(w).changes == pytest.approx(whole.changes, rel=1e-9, abs=1e-12)


def test_one_step_is_close_to_fitting_anew() -> None:
    w = world(seed=6, stores=12, spread=0.2)
    changes = left_out(w).changes
    whole = w.fit().coefficients
    for place, store in enumerate(np.unique(w.store)):
        rest = w.store != store
        again = fit_poisson(
            w.y[rest], w.x[rest], w.group[rest], weeks=w.week[rest], offset=w.offset[rest]
        )
        # The step is exact but for terms of its own square.
        assert whole + changes[place] == pytest.approx(again.coefficients, abs=0.01)


def test_its_errors_are_larger_than_the_sandwich() -> None:
    w = world(seed=7, stores=8, spread=0.3)
    given = checked(w.y, w.x, w.group, weeks=w.week, clusters=w.store)
    rows = used_rows(given)
    peak = climb(rows)
    usual = np.diag(finished(given, rows, peak).covariance)
    assert (np.diag(jackknife(rows, peak).covariance) > usual).all()


def test_a_week_that_one_store_alone_has_goes_with_it() -> None:
    w = sells_everywhere(world(seed=8))
    weeks = np.where((w.store == 0) & (w.week == 0), 99, w.week)
    steps, _ = full_design(w, weeks)
    assert left_out(w, weeks=weeks).changes == pytest.approx(steps, rel=1e-7, abs=1e-9)


def test_one_cluster_gives_no_covariance() -> None:
    w = world(seed=9, stores=1)
    assert np.isnan(left_out(w).covariance).all()


def test_a_dropped_column_is_missing() -> None:
    w = world(seed=10)
    doubled = World(
        w.y, np.column_stack([w.x, w.x[:, 0]]), w.group, w.week, w.store, w.offset, w.slopes
    )
    found = left_out(doubled)
    assert np.isnan(found.changes[:, 2]).all()
    assert found.changes[:, :2] == pytest.approx(left_out(w).changes)


def test_intervals_keep_their_word_with_few_unequal_stores() -> None:
    """80 % intervals of 200 worlds with 12 stores; the usual sandwich is too short there."""
    held = np.zeros((2, 2))
    for seed in range(200):
        w = world(seed=1000 + seed, stores=12, spread=0.3)
        given = checked(w.y, w.x, w.group, weeks=w.week, offset=w.offset, clusters=w.store)
        rows = used_rows(given)
        peak = climb(rows)
        error = np.abs(peak.slopes - w.slopes)
        quantile = 1.363  # of Student's t with 11 degrees of freedom
        for which, covariance in enumerate(
            (finished(given, rows, peak).covariance, jackknife(rows, peak).covariance)
        ):
            held[which] += error <= quantile * np.sqrt(np.diag(covariance))
    usual, ours = held / 200
    # Two standard errors of a share of .8 over 200 worlds are .057.
    assert (np.abs(ours - 0.8) < 0.06).all(), ours
    assert usual.mean() < ours.mean()
