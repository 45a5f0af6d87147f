"""Poisson regression of rows that come in chunks: the same answers as in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.errors import BadInputError
from offtake.models.kernels import poisson_blocks, poisson_chunks
from offtake.models.kernels.poisson import PoissonEstimates, checked, fit_poisson
from offtake.models.kernels.poisson_climb import climb
from offtake.models.kernels.poisson_disk import fit_poisson_chunks, rows_on_disk
from offtake.models.kernels.poisson_jackknife import jackknife
from offtake.models.kernels.poisson_rows import Given, used_rows
from tests.library.test_poisson import World, world

# Sums in another order differ in the last digits only.
SAME = 1e-10
OPTIONS = ("weeks", "offset", "clusters")


def panel(w: World, kinds: int = 1, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return arguments of `fit_poisson`; with several kinds of week, as many components."""
    weeks = w.group % kinds * 100 + w.week
    whole = {"weeks": weeks, "offset": w.offset, "clusters": w.store}
    return {"y": w.y, "x": w.x, "groups": w.group} | {
        name: values for name, values in whole.items() if name not in without
    }


def cut(arrays: dict[str, Any], places: list[int]) -> Iterator[Given]:
    """Give the rows in chunks that end at these places."""
    bounds = [0, *sorted(places), len(arrays["y"])]
    for first, last in pairwise(bounds):
        yield checked(**{name: values[first:last] for name, values in arrays.items()})


def close(one: PoissonEstimates, other: PoissonEstimates) -> None:
    for field in fields(PoissonEstimates):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_allclose(ours, theirs, rtol=SAME, atol=SAME, err_msg=field.name)


def agree(arrays: dict[str, Any], places: list[int], folder: Path) -> PoissonEstimates:
    found = fit_poisson_chunks(cut(arrays, places), folder=folder)
    close(found, fit_poisson(**arrays))
    assert list(folder.iterdir()) == []
    return found


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make batches and blocks of few rows, so that a small panel has many."""
    monkeypatch.setattr(poisson_chunks, "BATCH_ROWS", 50)
    monkeypatch.setattr(poisson_blocks, "BLOCK_ROWS", 20)


@pytest.mark.parametrize("kinds", [1, 3])
@pytest.mark.parametrize("without", [(), *((name,) for name in OPTIONS), OPTIONS])
def test_everything_is_as_in_memory(kinds: int, without: tuple[str, ...], tmp_path: Path) -> None:
    for seed in range(5):
        w = world(seed=seed, products=7)
        cuts = np.random.default_rng(seed).integers(0, w.y.size, 12).tolist()
        found = agree(panel(w, kinds, without), cuts, tmp_path)
        assert len(found.dropped_weeks) == (0 if "weeks" in without else kinds - 1)


@st.composite
def sparse(draw: st.DrawFn) -> tuple[dict[str, Any], list[int]]:
    """Draw few sales of groups in weeks, and where chunks end: many rows are separated."""
    groups, weeks = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    size = groups * weeks
    y = draw(st.lists(st.sampled_from([0, 0, 0, 1, 4]), min_size=size, max_size=size))
    there = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    group, week = (each.ravel()[there] for each in np.indices((groups, weeks), dtype=np.int64))
    renamed = np.array(draw(st.permutations(range(groups))))[group]
    arrays = {"y": np.asarray(y, float)[there], "x": np.zeros((group.size, 0)),
              "groups": renamed, "weeks": week}  # fmt: skip
    if draw(st.booleans()):
        arrays["clusters"] = renamed % 2
    return arrays, draw(st.lists(st.integers(0, group.size), max_size=5))


@given(case=sparse())
def test_separated_rows_and_components_are_as_in_memory(
    case: tuple[dict[str, Any], list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    arrays, places = case
    if not arrays["y"].any():
        with pytest.raises(BadInputError, match="rows without a count above 0"):
            fit_poisson_chunks(cut(arrays, places))
        return
    agree(arrays, places, tmp_path_factory.mktemp("rows"))


def test_rows_that_hold_each_other_up_across_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poisson_chunks, "BATCH_ROWS", 1)
    arrays = {
        "y": np.array([3.0, 0, 0, 2, 4, 5]),
        "x": np.zeros((6, 0)),
        "groups": np.array([0, 0, 1, 1, 2, 2]),
        "weeks": np.array([0, 1, 0, 1, 0, 0]),
    }
    assert agree(arrays, [1, 2, 3, 4, 5], tmp_path).separated_rows == 0
    fewer = {name: np.delete(values, 2, axis=0) for name, values in arrays.items()}
    assert agree(fewer, [1, 2, 3, 4], tmp_path).separated_rows == 1


def test_a_group_a_chunk_and_empty_chunks(tmp_path: Path) -> None:
    w = world(seed=1)
    ends = (np.flatnonzero(np.diff(w.group)) + 1).tolist()
    agree(panel(w), [0, 0, *ends, *ends[:3], w.y.size], tmp_path)


def test_a_row_a_chunk(tmp_path: Path) -> None:
    w = world(seed=2, stores=3)
    agree(panel(w, kinds=2), list(range(w.y.size)), tmp_path)


def shuffled(arrays: dict[str, Any]) -> dict[str, Any]:
    """Put the 40 groups into an order in which clusters take turns."""
    mixed = np.argsort(arrays["groups"] * 7 % 40, kind="stable")
    return {name: values[mixed] for name, values in arrays.items()}


def test_clusters_may_come_in_any_order(tmp_path: Path) -> None:
    agree(shuffled(panel(world(seed=3), kinds=2)), [10, 100, 101], tmp_path)


def test_stores_are_left_out_as_in_memory(tmp_path: Path) -> None:
    arrays = shuffled(panel(world(seed=4), kinds=2))
    rows = used_rows(checked(**arrays))
    with rows_on_disk(cut(arrays, [17, 30]), folder=tmp_path) as kept:
        found = jackknife(kept, climb(kept))
    expected = jackknife(rows, climb(rows))
    np.testing.assert_allclose(found.changes, expected.changes, rtol=SAME, atol=SAME)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=SAME, atol=SAME)


def test_dropped_columns_are_as_in_memory(tmp_path: Path) -> None:
    arrays = panel(world(seed=5))
    arrays["x"] = np.column_stack([arrays["x"], arrays["weeks"] ** 2.0, arrays["x"][:, 0]])
    assert agree(arrays, [40, 80], tmp_path).dropped_columns == (2, 3)


def chunks_of(**changed: Any) -> list[Given]:
    """Return two chunks of one group each, the second one changed."""
    first = {"y": [1, 2], "x": [[0], [1]], "groups": [0, 0]}
    second = {"y": [3, 4], "x": [[0], [1]], "groups": [1, 1]}
    return [checked(**first), checked(**(second | changed))]


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([], "y: got 0 rows without a count above 0"),
        (chunks_of()[:1] + chunks_of() + chunks_of()[:1], "groups: got group 0 again after"),
        ([*chunks_of(), *chunks_of()], "groups: got group 0 again after another one"),
        (chunks_of(x=[[0, 1], [1, 0]]), r"x: got chunks with \[1, 2\] columns, allowed: always"),
        (chunks_of(weeks=[0, 1]), "weeks: got chunks with and without, allowed: in all or in none"),
        (chunks_of(offset=[0, 1]), "offset: got chunks with and without"),
        (chunks_of(clusters=[0, 1]), "clusters: got chunks with and without"),
        (chunks_of(clusters=[0, 1])[1:], "clusters: got a group in two clusters"),
        (chunks_of(weeks=[0, 2**40])[1:], f"weeks: got {2**40}, allowed: below {2**31}"),
    ],
)
@pytest.mark.parametrize("batch", [1, 1000])
def test_bad_chunks_are_refused_and_leave_nothing(
    chunks: list[Given],
    message: str,
    batch: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poisson_chunks, "BATCH_ROWS", batch)
    with pytest.raises(BadInputError, match=message):
        fit_poisson_chunks(chunks, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_in_a_chunk_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[Given]:
        yield checked(np.ones(200), np.zeros((200, 1)), np.repeat([0, 1], 100))
        assert [each.name for each in tmp_path.iterdir()]
        yield checked([1.0], [[np.nan]], [2])

    with pytest.raises(BadInputError, match="x: got 1 values that are not finite"):
        fit_poisson_chunks(chunks(), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
