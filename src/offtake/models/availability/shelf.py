"""Whether the item was there: states of the shelf behind what sold.

A shelf is full, partly or wholly empty, or the item is gone for good. Each state lets a share of
demand through, and what sells is a count around that share, more variable than Poisson. Empty
shelves last for some days and are gone from one day to the next; what a stock record or a visit
says counts as evidence that is right as often as it turns out to be.

References
----------
Fisher, M. and Raman, A. (2010). The New Science of Retailing. Harvard Business Press, ch. 4.
DeHoratius, N. and Raman, A. (2008). Inventory record inaccuracy: an empirical analysis. Management
Science 54, 627-641.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.availability.demand import LEAST, Demand, expected
from offtake.models.availability.series import Bools, Floats, Series, blocks
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.hidden_states import Chain, Smoothed, smoothed
from offtake.models.kernels.threads import one_thread

LEVELS = np.array([1.0, 0.7, 0.4, 0.15, 0.02, LEAST])
"""Share of demand that finds the item, by state; the last is gone for good."""
EMPTY = 3
"""States from here on count as empty; those before it, but for the first, as partly empty."""
GONE = 5
DAILY = np.array([
    [0.9396, 0.02, 0.015, 0.015, 0.01, 0.0004],
    [0.5, 0.299, 0.1, 0.05, 0.05, 0.001],
    [0.45, 0.149, 0.2, 0.1, 0.1, 0.001],
    [0.4, 0.098, 0.15, 0.2, 0.15, 0.002],
    [0.3, 0.046, 0.05, 0.1, 0.5, 0.004],
    [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
])  # fmt: skip
"""Moves from day to day to begin with, by judgement; with enough series the data overrule them."""
WEEKLY = np.array([
    [0.88, 0.06, 0.035, 0.015, 0.008, 0.002],
    [0.68, 0.18, 0.08, 0.035, 0.02, 0.005],
    [0.58, 0.16, 0.13, 0.07, 0.05, 0.01],
    [0.45, 0.14, 0.13, 0.13, 0.13, 0.02],
    [0.3, 0.1, 0.1, 0.12, 0.35, 0.03],
    [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
])  # fmt: skip
START = np.array([0.85, 0.05, 0.04, 0.03, 0.03, 0.0])
TAUGHT = (0, 4)
"""States whose moves are learned: how shelves empty, and how long empty ones stay so. A shelf that
is partly empty for long is none: the item sells less, and its level has to say so."""
PRIOR_SHARE = 0.05
"""Steps that the moves to begin with count for, as a share of all."""
FLAG_SD = 0.1
"""How far a recorded share on the shelf may be from the state's."""
BLOCK = 500_000
"""Steps whose states are worked out at a time."""
SETTLED = 1e-3
"""Mean change of the share on the shelf, and relative change of demand, below which rounds end."""
LEARNED = 2_000
"""Store-items from which it is learned how shelves behave."""
FINISHING = 3
"""Rounds over all store-items once that is learned."""
REPORT_PRIOR = 20.0
"""Reports that the first guess of how often one is right counts for."""
RIGHT = {"on_hand": np.array([0.98, 0.95, 0.85, 0.6, 0.4, 0.3]),
         "audit": np.array([0.97, 0.75, 0.5, 0.2, 0.04, 0.03])}  # fmt: skip
"""First guess of how often a report says that the item is there, by state."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of the shelf at N steps.

    Parameters
    ----------
    series
        What sold.
    demand
        What would have sold.
    chain
        How states follow each other, as learned.
    states
        Probabilities of the states.
    told
        Chance by state that a report says that the item is there, by kind of report, as learned.
    rounds, converged
        Of estimating demand and states in turn.
    """

    series: Series
    demand: Demand
    chain: Chain
    states: Smoothed
    told: dict[str, Floats]
    rounds: int
    converged: bool

    @property
    def empty(self) -> Floats:
        """(N,) probability that the shelf was empty in most of the step, given everything."""
        found: Floats = self.states.all[:, EMPTY:].sum(axis=1)
        return found

    @property
    def empty_now(self) -> Floats:
        """(N,) the same given what was known up to the step: what an alarm of the day rests on."""
        found: Floats = self.states.now[:, EMPTY:].sum(axis=1)
        return found

    @property
    def missing(self) -> Floats:
        """(N,) share of the step's shopping that missed an item that is still for sale."""
        found: Floats = self.states.all[:, :GONE] @ (1 - LEVELS[:GONE])
        recorded = (1 - self.series.share) * (1 - self.states.all[:, GONE])
        return np.where(np.isfinite(self.series.share), recorded, found)

    @property
    def share(self) -> Floats:
        """(N,) share of the step's shopping that found the item, expected."""
        return share_on_shelf(self.series, self.states)


def watch(series: Series, spec: AvailabilitySpec) -> Shelf:
    """Find demand and states of the shelf, in turn, until they agree.

    How shelves behave is learned from at most `LEARNED` store-items, spread evenly over all; then
    all are worked out with it.

    Parameters
    ----------
    series
        What sold and what was reported.
    spec
        How shelves are watched.

    Raises
    ------
    BadInputError
        When nothing sold at all.
    """
    move = DAILY if series.days == 1 else WEEKLY
    told = {name: RIGHT[name] for name in RIGHT if np.isfinite(getattr(series, name)).any()}
    begin = _Behaviour(Chain(START, move), told)
    with one_thread():
        return _learned_and_done(series, spec, begin)


def _learned_and_done(series: Series, spec: AvailabilitySpec, begin: _Behaviour) -> Shelf:
    if series.count <= LEARNED:
        return _alternate(series, spec, begin, spec.rounds)
    every = -(-series.count // LEARNED)
    some = _alternate(series.only(slice(None, None, every)), spec, begin, spec.rounds)
    found = _alternate(series, spec, _Behaviour(some.chain, some.told), FINISHING)
    return replace(found, converged=some.converged)


@dataclass(frozen=True, slots=True)
class _Behaviour:
    """How shelves behave: how states follow each other, and how often reports are right."""

    chain: Chain
    told: dict[str, Floats]


def _alternate(series: Series, spec: AvailabilitySpec, begin: _Behaviour, rounds: int) -> Shelf:
    """Estimate demand and states in turn, at most so many rounds."""
    move = DAILY if series.days == 1 else WEEKLY
    prior = PRIOR_SHARE * series.size * _long_run(move)[:, None] * move
    chain, told = begin.chain, begin.told
    on_shelf = np.where(np.isfinite(series.share), series.share, 1.0)
    demand, done = None, 0
    while True:
        last, demand = demand, expected(series, on_shelf, demand, spec)
        states = _states(series, demand, told, chain)
        before, on_shelf, done = on_shelf, share_on_shelf(series, states), done + 1
        moved = max(float(np.abs(on_shelf - before).mean()), _changed(last, demand))
        if done == rounds or moved < SETTLED:
            return Shelf(series, demand, chain, states, told, done, moved < SETTLED)
        chain = _learned(states, prior)
        told = {name: _right(series, states, name) for name in told}
        del states


def _changed(last: Demand | None, demand: Demand) -> float:
    """Return how much of demand changed in a round, as a share of all of it."""
    if last is None:
        return np.inf
    return float(np.abs(demand.mean - last.mean).sum() / demand.mean.sum())


def share_on_shelf(series: Series, states: Smoothed) -> Floats:
    """Return the share of shopping that found the item, as recorded or else expected, (N,)."""
    return np.where(np.isfinite(series.share), series.share, states.all @ LEVELS)


def emission(units: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return the log probability of units in every state over that of a full shelf, (N, K).

    Units are negative binomial with the mean of the state; what all states share cancels out.

    Examples
    --------
    >>> emission(np.array([0.0]), np.array([2.0]), np.array([1e6]))[0].round(2).tolist()
    [0.0, 0.6, 1.2, 1.7, 1.96, 2.0]
    """
    found = np.zeros((units.size, LEVELS.size))
    tried = units + dispersion
    for state, level in enumerate(LEVELS[1:], start=1):
        less = (dispersion + mean * level) / (dispersion + mean)
        found[:, state] = units * np.log(level) - tried * np.log(less)
    return found


def _states(series: Series, demand: Demand, told: dict[str, Floats], chain: Chain) -> Smoothed:
    """Work out the states of all steps, some store-items at a time: evidence takes much room."""
    now, every = (np.empty((series.size, LEVELS.size)) for _ in range(2))
    starts, moves, total = np.zeros(LEVELS.size), np.zeros((LEVELS.size, LEVELS.size)), 0.0
    for begin, end in blocks(series.first, BLOCK):
        first = series.first[begin : end + 1]
        some = slice(int(first[0]), int(first[-1]))
        stays = np.repeat(~series.may_end[begin:end], np.diff(first))
        found = smoothed(_evidence(series, demand, told, some, stays), first - first[0], chain)
        now[some], every[some] = found.now, found.all
        starts, moves = starts + found.starts, moves + found.moves
        total += found.log_likelihood
    return Smoothed(now, every, starts, moves, total)


def _evidence(
    series: Series, demand: Demand, told: dict[str, Floats], some: slice, stays: Bools
) -> Floats:
    """Return the log probability of what is seen at some steps, by state, (n, K).

    Where the item stays, it cannot be gone for good.
    """
    found = demand.alone * emission(series.units[some], demand.mean[some], demand.dispersion[some])
    found[~series.seen[some]] = 0.0
    flagged = np.isfinite(series.share[some])
    gap = series.share[some][flagged, None] - LEVELS[None, :GONE]
    found[flagged, :GONE] = -0.5 * (gap / FLAG_SD) ** 2
    found[flagged, GONE] = found[flagged, GONE - 1]
    found[stays, GONE] = -np.inf
    for name, chance in told.items():
        report = getattr(series, name)[some]
        yes, no = report > 0, np.isfinite(report) & (report <= 0)
        found[yes] += np.log(chance)
        found[no] += np.log1p(-chance)
    return found


def _learned(states: Smoothed, prior: Floats) -> Chain:
    start = states.starts + PRIOR_SHARE * states.starts.sum() * START
    start[GONE] = 0.0
    move = prior / prior.sum(axis=1, keepdims=True)
    for state in TAUGHT:
        found = states.moves[state] + prior[state]
        move[state] = found / found.sum()
    return Chain(start / start.sum(), move)


def _right(series: Series, states: Smoothed, name: str) -> Floats:
    """Return how often a kind of report says that the item is there, by state, (K,)."""
    report = getattr(series, name)
    known = np.isfinite(report)
    chance = states.all[known]
    said = chance[report[known] > 0].sum(axis=0)
    found: Floats = (said + REPORT_PRIOR * RIGHT[name]) / (chance.sum(axis=0) + REPORT_PRIOR)
    return found


def _long_run(move: Floats) -> Floats:
    """Return how often a shelf is in each state in the long run, (K,); gone as often as empty."""
    inner = move[:GONE, :GONE] / move[:GONE, :GONE].sum(axis=1, keepdims=True)
    share = np.linalg.matrix_power(inner, 200)[0]
    return np.append(share, share[-1])
