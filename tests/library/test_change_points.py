"""The best cut of a series: held to every cut there is, and to ruptures."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.change_points import Cost, penalised, with_changes
from tests.effort import examples

few_values = arrays(float, st.integers(6, 9), elements=st.integers(-5, 5).map(float))


def loss(y: np.ndarray, w: np.ndarray, changes: tuple[int, ...], degree: int) -> float:
    total = 0.0
    for start, stop in pairwise((0, *changes, y.size)):
        time, root = np.arange(start, stop), np.sqrt(w[start:stop])
        x = np.vander(time, degree + 1) * root[:, None]
        fitted = x @ np.linalg.lstsq(x, y[start:stop] * root, rcond=None)[0]
        total += float(((y[start:stop] * root - fitted) ** 2).sum())
    return total


def cuts(steps: int, shortest: int) -> list[tuple[int, ...]]:
    return [
        each
        for count in range(steps // shortest)
        for each in combinations(range(1, steps), count)
        if all(stop - start >= shortest for start, stop in pairwise((0, *each, steps)))
    ]


@settings(max_examples=examples(25))
@given(few_values, st.sampled_from(("level", "line")), st.integers(1, 3), st.floats(0.1, 20))
def test_no_cut_is_better_than_the_one_found(
    y: np.ndarray, cost: Cost, shortest: int, penalty: float
) -> None:
    w = 1 + np.arange(y.size) % 3
    degree = 0 if cost == "level" else 1
    least = max(shortest, degree + 1)
    every = {each: loss(y, w, each, degree) for each in cuts(y.size, least)}
    found = penalised(y[None], penalty, weights=w, shortest=shortest, cost=cost)
    best = min(value + penalty * len(each) for each, value in every.items())
    assert found.loss[0] + penalty * found.count[0] == pytest.approx(best, abs=1e-8)
    for count in range(y.size // least):
        told = with_changes(y[None], count, weights=w, shortest=shortest, cost=cost)
        best = min(value for each, value in every.items() if len(each) == count)
        assert told.loss[0] == pytest.approx(best, abs=1e-8)
        assert told.count[0] == count


# What ruptures 1.1.10 (Pelt and Dynp, jump=1) gives for these series: changes by penalty and
# shortest segment, of three levels, and of two lines.
RUPTURES = [
    (40, 0, {(5, 3): [12, 21], (15, 4): [12], (40, 5): [12]}, [12, 15, 20], [12, 21]),
    (40, 1, {(5, 3): [11, 15, 20], (15, 4): [11], (40, 5): [11]}, [11, 15, 20], [11, 20]),
    (52, 2, {(5, 3): [17, 27], (15, 4): [17], (40, 5): [17]}, [17, 27, 40], [17, 27]),
]


@pytest.mark.parametrize(("steps", "shift", "by_penalty", "levels", "lines"), RUPTURES)
def test_cuts_are_those_of_ruptures(
    steps: int,
    shift: int,
    by_penalty: dict[tuple[int, int], list[int]],
    levels: list[int],
    lines: list[int],
) -> None:
    t = np.arange(steps)
    up, down = 3 * (t >= steps // 3), 2 * (t >= steps // 2 + shift)
    y = np.round(2 * np.sin(1.7 * t + shift) + up - down + 0.05 * t, 6)[None]
    for (penalty, shortest), expected in by_penalty.items():
        assert penalised(y, penalty, shortest=shortest).changes[0].tolist() == expected
    assert with_changes(y, 3, shortest=3).changes[0].tolist() == levels
    assert with_changes(y, 2, shortest=4, cost="line").changes[0].tolist() == lines


def test_series_have_their_own_penalties_and_numbers_of_changes() -> None:
    y = np.array([[0, 0, 5, 5, 0, 0.0], [0, 0, 5, 5, 0, 0.0]])
    assert penalised(y, [1.0, 1e3]).count.tolist() == [2, 0]
    told = with_changes(y, [0, 2])
    assert told.changes.tolist() == [[-1, -1], [2, 4]]
    assert told.fitted[1].tolist() == y[1].tolist()


def test_a_series_that_never_moves_is_not_cut() -> None:
    assert penalised(np.zeros((1, 20)), 1e-6).count[0] == 0
    assert penalised(np.zeros((0, 20)), 1.0).changes.shape == (0, 0)


def test_what_cannot_be_cut_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="cost of a segment"):
        penalised([[1.0, 2.0]], 1.0, cost="curve")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="penalty: got -1"):
        penalised([[1.0, 2.0]], -1.0)
    with pytest.raises(BadInputError, match="count: got 2 to 2"):
        with_changes([[1.0, 2.0]], 2)
    with pytest.raises(BadInputError, match="series: got shape"):
        penalised([[1.0, 2.0]], 1.0, shortest=3)
    with pytest.raises(BadInputError, match="weights"):
        penalised([[1.0, 2.0]], 1.0, weights=[1.0, 0.0])
