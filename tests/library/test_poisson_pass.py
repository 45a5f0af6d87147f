"""The two ways to go through a block, compiled loops beside plain Python, and a warm start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaln

from offtake.errors import BadInputError
from offtake.models.kernels import (
    poisson_blocks,
    poisson_moments,
    poisson_order,
    poisson_pass,
    poisson_rows,
)
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson import checked, finished, fit_poisson
from offtake.models.kernels.poisson_climb import Prior, climb
from offtake.models.kernels.poisson_moments import Moments, moments
from offtake.models.kernels.poisson_rows import Rows, used_rows, with_regressors
from tests.library.test_poisson import world

# The same sums in another order: some hundred roundings of 1e-16, of numbers up to their scale.
SAME = 1e-12


def rows(columns: int, *, kinds: int = 2, weeks: bool = True) -> Rows:
    """Return rows in several components with so many regressors, one of them far from 0."""
    w = world(seed=4, products=6)
    random = np.random.default_rng(columns)
    x = random.normal(0, 0.3, (w.y.size, columns)) + 5.0 * (np.arange(columns) == 1)
    week = w.group % kinds * 100 + w.week if weeks else None
    given = checked(w.y, x, w.group, weeks=week, offset=w.offset, clusters=w.store)
    return used_rows(given)


def close(one: np.ndarray, other: np.ndarray) -> None:
    scale = np.abs(other).max(initial=1e-300)
    np.testing.assert_allclose(one / scale, other / scale, rtol=SAME, atol=SAME)


def same(one: Moments, other: Moments) -> None:
    assert one.height == pytest.approx(other.height, rel=SAME)
    for name in ("gradient", "curvature", "squares"):
        close(getattr(one, name), getattr(other, name))
    for ours, theirs in zip(one.components, other.components, strict=True):
        for name in ("gradient", "curvature", "crossed"):
            close(getattr(ours, name), getattr(theirs, name))


def at(panel: Rows) -> Moments:
    random = np.random.default_rng(1)
    slopes = random.normal(0, 0.2, panel.columns)
    effects = [random.normal(0, 0.3, weeks) * (weeks > 1) for weeks in panel.layout.weeks]
    return moments(panel, slopes, effects)


@pytest.mark.parametrize("columns", [0, 1, 2, 3, 4, 5, 8, 11, 16])
@pytest.mark.parametrize("weeks", [True, False])
def test_both_ways_through_a_block_agree(
    columns: int, weeks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = rows(columns, weeks=weeks)
    monkeypatch.setattr(poisson_moments, "NARROW", columns)
    row_by_row = at(panel)
    monkeypatch.setattr(poisson_moments, "NARROW", -1)
    same(row_by_row, at(panel))


def test_fits_agree_however_blocks_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    w = world(seed=6, products=6)
    whole = w.fit()
    monkeypatch.setattr(poisson_blocks, "BLOCK_ROWS", 15)
    monkeypatch.setattr(poisson_moments, "NARROW", -1)
    cut = w.fit()
    np.testing.assert_allclose(cut.coefficients, whole.coefficients, rtol=1e-11)
    np.testing.assert_allclose(cut.covariance, whole.covariance, rtol=1e-10)


def test_compiled_loops_do_what_they_do_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = rows(5)
    found = at(fast)
    for module in (poisson_moments, poisson_rows):
        monkeypatch.setattr(module, "compiled", lambda function: function)
    monkeypatch.setattr("offtake.models.kernels.poisson_ties.compiled", lambda function: function)
    plain = rows(5)
    np.testing.assert_array_equal(plain.order, fast.order)
    np.testing.assert_allclose(plain.x, fast.x, rtol=SAME, atol=SAME)
    same(at(plain), found)


def test_counting_sorts_stably() -> None:
    random = np.random.default_rng(2)
    group, rank = random.integers(0, 9, 200), random.permutation(9)
    used = random.random(200) < 0.7
    ends, order = np.zeros(9, np.int64), np.empty(int(used.sum()), np.int64)
    compiled(poisson_order.counted)(group, rank, used, ends, order)
    wanted = np.argsort(np.where(used, rank[group], 99), kind="stable")[: order.size]
    assert order.tolist() == wanted.tolist()
    assert ends.tolist() == np.cumsum(np.bincount(rank[group[used]], minlength=9)).tolist()


def test_united_labels_are_those_of_a_search() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        one, other = random.integers(0, 30, (2, 20))
        node = np.arange(30)
        compiled(poisson_order.united)(
            np.ones(20), np.arange(20), other, one.copy(), np.zeros(30, bool), node
        )
        wanted = np.arange(30)
        for _ in range(30):
            low = np.minimum(wanted[one], wanted[other])
            np.minimum.at(wanted, one, low)
            np.minimum.at(wanted, other, low)
        assert node.tolist() == wanted.tolist()


def test_a_warm_start_ends_at_the_same_place_in_fewer_steps() -> None:
    w = world(seed=5, products=6)
    given = checked(w.y, w.x, w.group, weeks=w.week, offset=w.offset, clusters=w.store)
    panel = used_rows(given)
    near = climb(panel)
    turned = with_regressors(panel, w.x * [1.05, 0.97], w.offset + 0.02 * w.x[:, 0])
    cold, warm = climb(turned), climb(turned, start=near)
    assert warm.converged
    assert warm.steps < cold.steps
    # Newton's last step leaves the square of the decrement, 1e-18 standard errors squared.
    assert warm.slopes == pytest.approx(cold.slopes, rel=1e-9)
    assert finished(given, turned, warm).covariance == pytest.approx(
        finished(given, turned, cold).covariance, rel=1e-8
    )


def test_a_warm_start_with_a_prior_ends_at_the_same_place() -> None:
    panel = rows(6)
    prior = Prior(np.full(6, 0.3), np.full(6, 2.0))
    cold = climb(panel, prior)
    warm = climb(panel, prior, climb(panel))
    assert warm.slopes == pytest.approx(cold.slopes, rel=1e-9)
    assert climb(panel, prior, cold).steps == 1


def test_a_warm_start_at_a_separated_column_still_says_so() -> None:
    w = world(seed=12)
    never = ((w.y == 0) & (w.x[:, 1] == 1)).astype(float)
    panel = used_rows(checked(w.y, np.column_stack([w.x, never]), w.group))
    first = climb(panel)
    assert climb(panel, start=first).separated.tolist() == first.separated.tolist()


def test_a_start_of_other_rows_is_refused() -> None:
    with pytest.raises(BadInputError, match="start: got 3 regressors"):
        climb(rows(2), start=climb(rows(3)))
    with pytest.raises(BadInputError, match=r"start: got 2 regressors and .* in 2 components"):
        climb(rows(2, kinds=1), start=climb(rows(2)))


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e8])
def test_a_column_constant_within_groups_is_dropped_whatever_its_size(size: float) -> None:
    for seed in range(20):
        w = world(seed=seed)
        x = np.column_stack([w.x, size * np.random.default_rng(seed).normal(size=99)[w.group]])
        assert fit_poisson(w.y, x, w.group, weeks=w.week).dropped_columns == (2,)


def test_other_layouts_of_the_arrays_given_change_nothing() -> None:
    w = world(seed=7)
    y, x, group = w.y.copy(), np.asfortranarray(w.x), w.group.copy()
    for array in (y, x, group):
        array.setflags(write=False)
    strided = np.column_stack([w.week, w.week])[:, 0]
    fit = fit_poisson(y, x, group, weeks=strided, clusters=w.store, offset=w.offset)
    assert fit.coefficients.tolist() == w.fit().coefficients.tolist()


def in_order() -> dict[str, np.ndarray]:
    """Return whole pairs, store by store, all of which sold every week; codes in another order."""
    w = world(seed=13, products=5)
    given = {"y": 1.0 + w.y, "x": w.x, "groups": w.group, "weeks": w.week, "offset": w.offset}
    order = np.lexsort([w.week, w.group.max() - w.group, w.store])
    return {name: array[order].copy() for name, array in (given | {"clusters": w.store}).items()}


@pytest.mark.parametrize("sold", [True, False])
def test_rows_that_come_sorted_are_not_copied(sold: bool) -> None:
    given = in_order()
    # Without sales of one pair in the middle there is a gap.
    given["y"][given["groups"] == given["groups"][100]] *= sold
    panel = used_rows(checked(**given))
    assert isinstance(panel.order, slice) is sold
    assert not panel.moved
    for name in ("y", "x", "offset"):
        assert np.shares_memory(getattr(panel, name), given[name])
    assert (np.diff(panel.layout.cluster) >= 0).all()


def test_a_fit_changes_nothing_that_was_given() -> None:
    given, before = in_order(), in_order()
    fit = fit_poisson(**given)
    fit.mean[:] = 0.0
    for name, array in before.items():
        np.testing.assert_array_equal(given[name], array)


@pytest.mark.parametrize("columns", [2, 5, 16])
@pytest.mark.parametrize("block", [40, 1 << 15])
def test_sorted_and_shuffled_rows_give_one_fit(
    columns: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poisson_blocks, "BLOCK_ROWS", block)
    given = in_order()
    given["y"][given["groups"] == given["groups"][100]] = 0.0
    random = np.random.default_rng(columns)
    given["x"] = random.normal(3.0, 0.3, (given["y"].size, columns))
    order = random.permutation(given["y"].size)
    fit = fit_poisson(**given)
    shuffled = fit_poisson(**{name: array[order] for name, array in given.items()})
    # The maximum is found to 1e-9 of a standard error or better.
    np.testing.assert_allclose(shuffled.coefficients, fit.coefficients, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(shuffled.covariance, fit.covariance, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(shuffled.group_effects, fit.group_effects, rtol=1e-9)
    np.testing.assert_allclose(shuffled.mean, fit.mean[order], rtol=1e-9)


def test_a_negligible_step_is_taken_without_another_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = rows(4)
    peak = climb(panel)
    passes = []

    def noted(*place: object) -> Moments:
        passes.append(place)
        return moments(*place)

    monkeypatch.setattr("offtake.models.kernels.poisson_climb.moments", noted)
    again = climb(panel, start=peak)
    assert (len(passes), again.steps, again.converged) == (1, 1, True)
    assert again.slopes == pytest.approx(peak.slopes, rel=1e-12)


def test_log_factorials_of_counts_and_amounts() -> None:
    y = np.array([0.0, 1.0, 2.0, 7.0, 255.0, 256.0, 1e6, 0.5, 2.5, 1e19])
    found = compiled(poisson_pass.log_factorials)(y, gammaln(np.arange(256) + 1.0))
    assert found == pytest.approx(gammaln(y + 1).sum(), rel=1e-14)


def test_scores_are_pooled_by_cluster() -> None:
    by_cluster = np.zeros((2, 3))
    compiled(poisson_pass.pooled)(np.arange(9.0).reshape(3, 3), np.array([1, 0, 1]), by_cluster)
    assert by_cluster.tolist() == [[3, 4, 5], [6, 8, 10]]


def test_far_from_the_maximum_nothing_overflows() -> None:
    panel = rows(2)
    effects = [np.zeros(weeks) for weeks in panel.layout.weeks]
    far = moments(panel, np.array([5000.0, -5000.0]), effects)
    assert np.isfinite(far.height)
    assert np.isfinite(far.curvature).all()
    shifted = replace(panel, offset=np.full(panel.y.size, 900.0))
    assert np.isfinite(moments(shifted, np.zeros(2), effects).height)


def test_loops_compile_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """As after a read-only installation without a home: no folder for the cache can be made."""
    source = tmp_path / "loop.py"
    source.write_text("def double(x):\n    return 2 * x\n", encoding="utf-8")
    program = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "from loop import double\n"
        "from offtake.models.kernels.compiled import compiled\n"
        "print(compiled(double)(4.0))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "8.0\n"), done.stderr


def test_loops_are_not_compiled_before_they_run() -> None:
    assert poisson_pass.LANES == 4
    program = "import sys, offtake.models.kernels.poisson; print('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
