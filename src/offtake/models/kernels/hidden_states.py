"""Hidden states of many series: how likely each is at every step, and paths drawn from them.

A series is in one of K states at each step, and moves between them by chance. What is seen at a
step depends on the state alone. The forward pass gives what is known at a step from everything up
to it; the backward pass adds what came after.

References
----------
Rabiner, L. R. (1989). A tutorial on hidden Markov models and selected applications in speech
recognition. Proceedings of the IEEE 77, 257-286.
Fruehwirth-Schnatter, S. (2006). Finite Mixture and Markov Switching Models. Springer, ch. 11.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.compiled import compiled

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Chain:
    """How states follow each other.

    Parameters
    ----------
    start
        (K,) probabilities at the first step of a series.
    move
        (K, K) probabilities of the next state, by row.

    Raises
    ------
    BadInputError
        When shapes disagree or a row is no distribution.
    """

    start: Floats
    move: Floats

    def __post_init__(self) -> None:
        if self.move.shape != (self.start.size, self.start.size):
            raise BadInputError(
                f"chain: got {self.start.shape} and {self.move.shape}, allowed: (K,) and (K, K)"
            )
        rows = np.vstack([self.start, self.move])
        if np.any(rows < 0) or np.any(np.abs(rows.sum(axis=1) - 1) > TOLERANCE):
            raise BadInputError("chain: got rows that are no distribution, allowed: sums of 1")


@dataclass(frozen=True, slots=True)
class Smoothed:
    """What is known of the states of N steps.

    Parameters
    ----------
    now
        (N, K) probabilities given everything up to the step.
    all
        (N, K) probabilities given the whole series.
    starts
        (K,) expected number of series by first state.
    moves
        (K, K) expected number of moves.
    log_likelihood
        Of everything seen.
    """

    now: Floats
    all: Floats
    starts: Floats
    moves: Floats
    log_likelihood: float


def smoothed(log_likelihood: Floats, first: Integers, chain: Chain) -> Smoothed:
    """Work out the probabilities of all states.

    Parameters
    ----------
    log_likelihood
        (N, K) log density of what is seen at each step by state, up to a constant of the step.
    first
        (S + 1,) place of the first step of every series, and N.
    chain
        How states follow each other.

    Raises
    ------
    BadInputError
        When shapes disagree, or a step is impossible in every state.

    Examples
    --------
    >>> chain = Chain(np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> found = smoothed(np.log([[0.5, 0.5], [0.9, 0.1]]), np.array([0, 2]), chain)
    >>> found.all.round(3).tolist()
    [[0.759, 0.241], [0.917, 0.083]]
    """
    _checked(log_likelihood, first, chain)
    most = log_likelihood.max(axis=1, keepdims=True)
    likelihood = log_likelihood - np.where(np.isfinite(most), most, 0.0)
    np.exp(likelihood, out=likelihood)
    now, every = np.empty_like(likelihood), np.empty_like(likelihood)
    moves = np.zeros_like(chain.move)
    total = compiled(_forward)(likelihood, first, chain.start, chain.move, now)
    if not np.isfinite(total):
        raise BadInputError(
            "log_likelihood: got a step that is impossible in every state it can be in, allowed: "
            "at least one possible state"
        )
    compiled(_backward)(likelihood, first, chain.move, now, every, moves)
    starts: Floats = every[first[:-1]].sum(axis=0)
    return Smoothed(now, every, starts, moves, float(total + most.sum()))


def drawn(now: Floats, first: Integers, chain: Chain, uniform: Floats) -> Integers:
    """Draw one path of every series from its states given everything seen.

    Parameters
    ----------
    now
        (N, K) of :class:`Smoothed`.
    first
        (S + 1,) place of the first step of every series, and N.
    chain
        How states follow each other.
    uniform
        (N,) numbers between 0 and 1, independent.

    Returns
    -------
    array
        (N,) states.
    """
    path = np.empty(len(now), np.int64)
    compiled(_draw)(now, first, chain.move, uniform, path)
    return path


def _checked(log_likelihood: Floats, first: Integers, chain: Chain) -> None:
    states = chain.start.size
    if log_likelihood.ndim != 2 or log_likelihood.shape[1] != states:
        raise BadInputError(
            f"log_likelihood: got shape {log_likelihood.shape}, allowed: (N, {states})"
        )
    if np.any(np.isnan(log_likelihood)):
        raise BadInputError("log_likelihood: got NaN, allowed: numbers; -inf for the impossible")
    if first.size < 1 or first[0] != 0 or first[-1] != len(log_likelihood) or np.any(
        np.diff(first) < 1
    ):  # fmt: skip
        raise BadInputError(
            f"first: got {first[:3]} ... {first[-1:]}, allowed: ascending places from 0 to "
            f"{len(log_likelihood)}"
        )


def _forward(
    likelihood: Floats, first: Integers, start: Floats, move: Floats, now: Floats
) -> float:  # fmt: skip
    """Fill in what is known up to each step; return the log likelihood, NaN if impossible."""
    states = start.size
    total = 0.0
    for series in range(first.size - 1):
        for step in range(first[series], first[series + 1]):
            scale = 0.0
            for state in range(states):
                chance = start[state]
                if step > first[series]:
                    chance = 0.0
                    for last in range(states):
                        chance += now[step - 1, last] * move[last, state]
                now[step, state] = chance * likelihood[step, state]
                scale += now[step, state]
            if not scale > 0.0:
                return np.nan
            for state in range(states):
                now[step, state] /= scale
            total += np.log(scale)
    return total


def _backward(
    likelihood: Floats, first: Integers, move: Floats, now: Floats, every: Floats, moves: Floats
) -> None:
    """Fill in what is known from the whole series, and add up expected moves."""
    states = now.shape[1]
    ahead = np.empty(states)
    seen = np.empty(states)
    for series in range(first.size - 1):
        last = first[series + 1] - 1
        every[last] = now[last]
        ahead[:] = 1.0
        for step in range(last - 1, first[series] - 1, -1):
            for state in range(states):
                seen[state] = likelihood[step + 1, state] * ahead[state]
            scale = largest = 0.0
            for state in range(states):
                ahead[state] = 0.0
                for target in range(states):
                    ahead[state] += move[state, target] * seen[target]
                scale += now[step, state] * ahead[state]
                largest = max(largest, ahead[state])
            for state in range(states):
                every[step, state] = now[step, state] * ahead[state] / scale
                for target in range(states):
                    chance = now[step, state] * move[state, target] * seen[target]
                    moves[state, target] += chance / scale
                ahead[state] /= largest


def _draw(now: Floats, first: Integers, move: Floats, uniform: Floats, path: Integers) -> None:
    """Draw the last state of every series, and then backwards."""
    states = now.shape[1]
    weight = np.empty(states)
    for series in range(first.size - 1):
        begin, end = first[series], first[series + 1]
        for step in range(end - 1, begin - 1, -1):
            total = 0.0
            for state in range(states):
                weight[state] = now[step, state]
                if step < end - 1:
                    weight[state] *= move[state, path[step + 1]]
                total += weight[state]
            level = uniform[step] * total
            chosen = 0
            reached = weight[0]
            while reached < level and chosen < states - 1:
                chosen += 1
                reached += weight[chosen]
            path[step] = chosen
