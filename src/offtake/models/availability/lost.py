"""What was not sold because it was not there: draws of lost units, for sums with intervals.

On a day on which the shelf ran empty, demand was likely higher than usual: that is what emptied it.
Where the time on the shelf was recorded, what sold before tells of the day: its push is a gamma
variable with k + units over k + expected, and what was lost is a count around push x expected x
share without the item. So a day that sold much before it ran out lost more than one that sold
little. Where nothing was recorded, the same holds for every state the shelf may have been in.

Errors go together. The level of a store-item is off by as much in all its steps, its level near a
step in neighbouring ones, the answer to promotions in all stores of a retailer; what the model has
wrong, and what gaps too short to show do to demand, in the whole category. Sums are drawn with all
of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from offtake.models.availability.series import Floats, Integers, blocks
from offtake.models.availability.shelf import GONE, LEVELS, Shelf
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.hidden_states import drawn

BLOCK = 1_000_000
"""Steps whose draws are held at a time."""
ENDS = (0.1, 0.9)
RECORDED = 0.07
"""Error of the model's form where time on the shelf is recorded, beside that where it is not: what
is wrong is demand alone. As it was in simulated markets."""


@dataclass(frozen=True, slots=True)
class Groups:
    """What draws are added up by.

    Parameters
    ----------
    of
        Code from 0 of every store-item, run or step; -1 for none.
    count
        Number of groups.
    """

    of: Integers
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Which sums are wanted.

    Parameters
    ----------
    series, runs, steps
        By name: groups of (S,) store-items, of (R,) runs, of (N,) steps.
    price
        (S,) money per unit; NaN where not known, which counts as nothing.
    """

    price: Floats
    series: Mapping[str, Groups] = field(default_factory=dict)
    runs: Mapping[str, Groups] = field(default_factory=dict)
    steps: Mapping[str, Groups] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Mapping[str, Groups], ...]:
        """Groups of store-items, of runs, of steps."""
        return self.series, self.runs, self.steps


@dataclass(frozen=True, slots=True)
class Lost:
    """What was lost.

    Parameters
    ----------
    mean, low, high
        (R,) units lost in every run, with the ends of 80 % intervals.
    units, money
        (D, G) draws of sums by name.
    expected
        (N,) units lost at every step, expected.
    unseen
        Share of shopping that misses the item in steps that look full, where nothing is recorded.
    """

    mean: Floats
    low: Floats
    high: Floats
    units: Mapping[str, Floats]
    money: Mapping[str, Floats]
    expected: Floats
    unseen: float


def lost_sales(shelf: Shelf, run: Integers, wanted: Sums, spec: AvailabilitySpec) -> Lost:
    """Draw what every run and every group lost.

    An item that is gone for good loses nothing more: it is no longer for sale.

    Parameters
    ----------
    shelf
        What is known of the shelf.
    run
        (N,) codes 0 and up of runs of steps, each within a store-item; -1 for none.
    wanted
        Which sums.
    spec
        Number of draws, seed, and how often an item is usually missing.
    """
    size = int(run.max(initial=-1)) + 1
    mean, low, high = (np.zeros(size) for _ in range(3))
    counts = {name: each.count for part in wanted.parts for name, each in part.items()}
    units, money = (
        {name: np.zeros((spec.draws, count)) for name, count in counts.items()} for _ in range(2)
    )
    price = np.nan_to_num(wanted.price)
    for block in _blocks(shelf, run):
        by_run = np.empty((spec.draws, block.runs.size))
        for draw, (at, of, lost) in enumerate(_draws(shelf, block, spec)):
            by_series = _by(of - block.first, lost, block.series.size)
            by_run[draw] = _by(block.run[at - block.begin], lost, block.runs.size)
            places = (
                (block.series, by_series, price[block.series]),
                (block.runs, by_run[draw], price[block.run_series]),
                (at, lost, price[of]),
            )
            for part, (place, lost_there, worth) in zip(wanted.parts, places, strict=True):
                for name, each in part.items():
                    code = each.of[place]
                    units[name][draw] += _by(code, lost_there, each.count)
                    money[name][draw] += _by(code, lost_there * worth, each.count)
        if block.runs.size:
            mean[block.runs] = by_run.mean(axis=0)
            low[block.runs], high[block.runs] = np.quantile(by_run, ENDS, axis=0)
    return Lost(mean, low, high, units, money, expected_loss(shelf, spec), unseen(shelf, spec))


@dataclass(frozen=True, slots=True)
class _Block:
    """Whole store-items that are drawn together.

    Parameters
    ----------
    number
        From 0.
    series
        (s,) their codes; the first is `first`.
    begin, end
        Places of their steps.
    run
        (n,) number within the block of the run of every step; -1 for none.
    runs, run_series
        (r,) codes of its runs, and of the store-items they are of.
    """

    number: int
    series: Integers
    begin: int
    end: int
    run: Integers
    runs: Integers
    run_series: Integers

    @property
    def first(self) -> int:
        return int(self.series[0])


def _blocks(shelf: Shelf, run: Integers) -> Iterator[_Block]:
    first, of = shelf.series.first, shelf.series.of
    for number, (start, stop) in enumerate(blocks(first, BLOCK)):
        begin, end = int(first[start]), int(first[stop])
        inside = np.flatnonzero(run[begin:end] >= 0)
        runs, place, code = np.unique(
            run[begin:end][inside], return_index=True, return_inverse=True
        )
        local = np.full(end - begin, -1)
        local[inside] = code
        yield _Block(
            number, np.arange(start, stop), begin, end, local, runs, of[begin + inside[place]]
        )


def _draws(
    shelf: Shelf, block: _Block, spec: AvailabilitySpec
) -> Iterator[tuple[Integers, Integers, Floats]]:
    """Give draw after draw the steps that lost something, their store-items, the units lost."""
    series, demand = shelf.series, shelf.demand
    some = slice(block.begin, block.end)
    first = series.first[block.first : int(block.series[-1]) + 2] - block.begin
    share, now = series.share[some], shelf.states.now[some]
    known, of = np.isfinite(share), series.of[some]
    rng = np.random.default_rng([spec.seed, 0, block.number])
    for (full, form), answer in zip(_common(shelf, spec), _answers(shelf, spec), strict=True):
        path = drawn(now, first, shelf.chain, rng.random(share.size))
        there = np.where(known, share, LEVELS[path])
        short = np.flatnonzero((there < 1) & (path < GONE))
        at = short + block.begin
        mean = demand.mean[at] * _level(shelf, (at, of[short]), answer, rng, spec)
        shape = demand.dispersion[at]
        sold = np.where(series.seen[at], series.units[at], 0.0)
        met = np.where(series.seen[at], there[short] * mean, 0.0)
        push = rng.gamma(shape + sold) / (shape + met)
        away = np.where(known[short], form**RECORDED, form) * (
            np.where(known[short], 1.0, full) - there[short]
        )
        yield at, of[short], rng.poisson(push * mean * away).astype(np.float64)


def _answers(shelf: Shelf, spec: AvailabilitySpec) -> Iterator[Floats]:
    """Give draw after draw how far the answer of every listing to promotions is off, in errors."""
    count = int(shelf.demand.levels.kind.max(initial=0)) + 1
    for draw in range(spec.draws):
        yield np.random.default_rng([spec.seed, 1, draw]).standard_normal(count)


def _level(
    shelf: Shelf,
    places: tuple[Integers, Integers],
    answer: Floats,
    rng: np.random.Generator,
    spec: AvailabilitySpec,
) -> Floats:
    """Draw by how much levels are off at some steps of store-items, around 1."""
    series, levels = shelf.series, shelf.demand.levels
    at, of = places
    codes, code = np.unique(of, return_inverse=True)
    gap = np.diff(series.step[at], prepend=-1) * series.days / spec.memory
    kept = np.where(np.diff(code, prepend=-1) == 0, np.exp(-gap), 0.0)
    near = np.empty(at.size)
    compiled(_remembered)(rng.standard_normal(at.size), kept, near)
    parts = (
        (shelf.demand.error[of], rng.standard_normal(codes.size)[code]),
        (levels.near[at], near),
        (levels.answer[at], answer[levels.kind[at]]),
    )
    found: Floats = np.exp(sum(error * off - error**2 / 2 for error, off in parts))
    return found


def _remembered(noise: Floats, kept: Floats, found: Floats) -> None:
    """Fill in noise of which each value keeps a part of the one before."""
    last = 0.0
    for step in range(noise.size):
        last = kept[step] * last + np.sqrt(1 - kept[step] ** 2) * noise[step]
        found[step] = last


def unseen(shelf: Shelf, spec: AvailabilitySpec) -> float:
    """Return the share of shopping that misses the item in steps that look full.

    Where nothing is recorded, gaps that are short beside a step do not show: they make demand look
    smaller. What is usual, less what was found, is taken for theirs.
    """
    here = np.isnan(shelf.series.share) & shelf.series.seen
    mean = np.where(here, shelf.demand.mean * (1 - shelf.states.all[:, GONE]), 0.0)
    total = float(mean.sum())
    return max(spec.usual - float(mean @ shelf.missing) / total, 0.0) if total else 0.0


def _common(shelf: Shelf, spec: AvailabilitySpec) -> Floats:
    """Draw what all steps share, (D, 2).

    Demand beside what the unseen leaves of it, where nothing is recorded: that may be nothing, or
    twice as much. And by how much the model is off, around 1.
    """
    rng = np.random.default_rng([spec.seed, 2])
    full = 1 / (1 - 2 * unseen(shelf, spec) * rng.random(spec.draws))
    form = np.exp(spec.form * rng.standard_normal(spec.draws) - spec.form**2 / 2)
    return np.column_stack([full, form])


def expected_loss(shelf: Shelf, spec: AvailabilitySpec) -> Floats:
    """Return the units lost at every step, expected, (N,)."""
    series, states = shelf.series, shelf.states.all
    full = 1 / (1 - unseen(shelf, spec))
    guessed = np.zeros(series.size)
    for state in range(1, GONE):
        guessed += states[:, state] * _missed(shelf, LEVELS[state], full)
    recorded = _missed(shelf, series.share, 1.0) * (1 - states[:, GONE])
    return np.where(np.isfinite(series.share), recorded, guessed)


def _missed(shelf: Shelf, share: Floats | float, full: float) -> Floats:
    """Return units missed, expected, where a share of shopping, (N,) or one for all, found it."""
    series, mean, shape = shelf.series, shelf.demand.mean, shelf.demand.dispersion
    sold = np.where(series.seen, series.units, 0.0)
    met = np.where(series.seen, share * mean, 0.0)
    missed: Floats = (full - share) * mean * (shape + sold) / (shape + met)
    return missed


def imputed(shelf: Shelf, spec: AvailabilitySpec) -> Floats:
    """Return the units of every step had the item been there all the time, expected, (N,).

    What sold and what was missed. For a step whose sales are not known: what is expected of one
    that was full, where it was recorded as full, and of any step elsewhere.
    """
    series, demand = shelf.series, shelf.demand
    full = series.share >= 1
    unknown = demand.mean * np.where(full, demand.when_full, 1.0)
    return np.where(series.seen, series.units + expected_loss(shelf, spec), unknown)


def _by(code: Integers, values: Floats, count: int) -> Floats:
    """Return sums of values by code, (count,); those of code -1 are left out."""
    return np.bincount(code + 1, values, minlength=count + 1)[1:].astype(np.float64)
