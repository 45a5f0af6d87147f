"""Hidden states, held to the sum over all paths, and drawn paths to the probabilities."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.errors import BadInputError
from offtake.models.kernels.hidden_states import Chain, drawn, smoothed


def world(seed: int, states: int, lengths: list[int]) -> tuple[np.ndarray, np.ndarray, Chain]:
    random = np.random.default_rng(seed)
    move = random.dirichlet(np.ones(states), states)
    chain = Chain(random.dirichlet(np.ones(states)), move)
    first = np.concatenate([[0], np.cumsum(lengths)])
    return random.normal(0, 3, (first[-1], states)) - 500.0, first, chain


def by_paths(seen: np.ndarray, chain: Chain) -> tuple[float, np.ndarray, np.ndarray]:
    """Return log likelihood, (T, K) probabilities and (K, K) moves by adding up all paths."""
    steps, states = seen.shape
    base = seen.max()
    weights, paths = [], list(product(range(states), repeat=steps))
    for path in paths:
        weight = chain.start[path[0]]
        for one, other in pairwise(path):
            weight *= chain.move[one, other]
        weights.append(weight * np.exp(sum(seen[t, k] - base for t, k in enumerate(path))))
    total = np.sum(weights)
    chance, moves = np.zeros((steps, states)), np.zeros((states, states))
    for path, weight in zip(paths, weights, strict=True):
        for step, state in enumerate(path):
            chance[step, state] += weight / total
        for one, other in pairwise(path):
            moves[one, other] += weight / total
    return float(np.log(total) + steps * base), chance, moves


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 3), st.lists(st.integers(1, 5), min_size=1, max_size=4)
)
def test_it_is_the_sum_over_all_paths(seed: int, states: int, lengths: list[int]) -> None:
    seen, first, chain = world(seed, states, lengths)
    found = smoothed(seen, first, chain)
    total, moves, starts = 0.0, np.zeros((states, states)), np.zeros(states)
    for begin, end in pairwise(first):
        log, chance, moved = by_paths(seen[begin:end], chain)
        # Some hundred roundings of 1e-16 relative.
        np.testing.assert_allclose(found.all[begin:end], chance, atol=1e-12)
        np.testing.assert_allclose(found.now[end - 1], chance[-1], atol=1e-12)
        total, moves, starts = total + log, moves + moved, starts + chance[0]
    assert found.log_likelihood == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(found.moves, moves, atol=1e-12)
    np.testing.assert_allclose(found.starts, starts, atol=1e-12)


def test_what_is_known_at_a_step_does_not_look_ahead() -> None:
    seen, first, chain = world(1, 3, [6])
    found = smoothed(seen, first, chain)
    cut = smoothed(seen[:4], np.array([0, 4]), chain)
    assert found.now[:4].tobytes() == cut.now.tobytes()


def test_a_state_that_cannot_be_left_is_not_left() -> None:
    chain = Chain(np.array([1.0, 0.0]), np.array([[0.9, 0.1], [0.0, 1.0]]))
    seen = np.log([[0.9, 0.1], [0.01, 0.99], [0.99, 0.01]])
    found = smoothed(seen, np.array([0, 3]), chain)
    assert (np.diff(found.all[:, 1]) >= -1e-12).all()


def test_drawn_paths_are_as_frequent_as_they_are_likely() -> None:
    seen, first, chain = world(3, 3, [5, 4])
    found = smoothed(seen, first, chain)
    random = np.random.default_rng(5)
    count = 4000
    paths = np.stack([drawn(found.now, first, chain, random.random(9)) for _ in range(count)])
    share = np.stack([(paths == state).mean(axis=0) for state in range(3)], axis=1)
    # Standard error at most .5 / sqrt(4000) = .008; five of them.
    np.testing.assert_allclose(share, found.all, atol=0.04)
    both = np.zeros((3, 3))
    for begin, end in pairwise(first):
        np.add.at(both, (paths[:, begin : end - 1].ravel(), paths[:, begin + 1 : end].ravel()), 1)
    np.testing.assert_allclose(both / count, found.moves, atol=0.1)


def test_compiled_and_plain_loops_agree() -> None:
    from offtake.models.kernels import hidden_states

    seen, first, chain = world(7, 4, [3, 8, 1])
    found = smoothed(seen, first, chain)
    likelihood = np.exp(seen - seen.max(axis=1, keepdims=True))
    now, every, moves = np.empty(seen.shape), np.empty(seen.shape), np.zeros((4, 4))
    hidden_states._forward(likelihood, first, chain.start, chain.move, now)
    hidden_states._backward(likelihood, first, chain.move, now, every, moves)
    np.testing.assert_allclose(now, found.now, rtol=1e-12)
    np.testing.assert_allclose(every, found.all, rtol=1e-12)
    np.testing.assert_allclose(moves, found.moves, rtol=1e-12)
    uniform = np.random.default_rng(1).random(len(seen))
    path = np.empty(len(seen), np.int64)
    hidden_states._draw(now, first, chain.move, uniform, path)
    assert path.tolist() == drawn(found.now, first, chain, uniform).tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": np.array([0, 3])}, "ascending places"),
        ({"first": np.array([0, 4, 4])}, "ascending places"),
        ({"log_likelihood": np.zeros((4, 3))}, r"allowed: \(N, 2\)"),
        ({"log_likelihood": np.full((4, 2), np.nan)}, "NaN"),
        ({"log_likelihood": np.full((4, 2), -np.inf)}, "impossible"),
    ],
)
def test_wrong_input_is_refused(change: dict[str, np.ndarray], words: str) -> None:
    chain = Chain(np.array([0.5, 0.5]), np.eye(2))
    given = {"log_likelihood": np.zeros((4, 2)), "first": np.array([0, 4])} | change
    with pytest.raises(BadInputError, match=words):
        smoothed(given["log_likelihood"], given["first"], chain)


@pytest.mark.parametrize("move", [np.eye(3), np.array([[0.5, 0.6], [0.5, 0.5]]), -np.eye(2)])
def test_a_chain_is_of_distributions(move: np.ndarray) -> None:
    with pytest.raises(BadInputError, match="allowed"):
        Chain(np.array([0.5, 0.5]), move)
