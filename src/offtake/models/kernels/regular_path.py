"""The regular price week by week: where it is found, carried and moved.

A regular price is always one that was charged, so a path says for every week in which week the
regular price was charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.medians import starts_of_groups
from offtake.models.kernels.regular_windows import (
    REACH,
    Line,
    modes,
    price_line,
    upper_quartiles,
)

STATED, MODAL, HIGH, CARRIED, ONLY, NOWHERE = range(6)
# Weeks, and share of the weeks with a price, that must charge the modal price.
SUPPORT, SHARE = 3, 1 / 3


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks with evidence, by series and week.

    Parameters
    ----------
    key
        (C,) series times `span` plus week, ascending.
    price
        (C,) price above zero.
    stated
        (C,) whether it is the regular price, stated.
    first, last
        (C,) numbers of the first and the last of the weeks of the series.
    span
        More than any code of a week.
    """

    key: Integers
    price: Floats
    stated: Flags
    first: Integers
    last: Integers
    span: int


@dataclass(frozen=True, slots=True)
class Path:
    """The regular price of every week.

    Parameters
    ----------
    at
        (C,) number of a week that charges it; -1 while it is not known.
    basis
        (C,) where it is from, as in ``RegularPrice``.
    """

    at: Integers
    basis: Integers


def by_week(key: Integers, price: Floats, stated: Flags, span: int) -> Weeks:
    """Find where the series of sorted weeks begin and end; shapes as in `Weeks`."""
    starts = starts_of_groups(key // span)
    counts = np.diff(starts, append=key.size)
    return Weeks(
        key, price, stated, np.repeat(starts, counts), np.repeat(starts + counts - 1, counts), span
    )


def regular_path(weeks: Weeks, tolerance: float) -> Path:
    """Find the regular price of every week with evidence.

    Parameters
    ----------
    weeks
        As `by_week` gives them.
    tolerance
        Two prices that differ by no more than this share are the same.

    Returns
    -------
    Path
        With a price in every week.

    Examples
    --------
    >>> weeks = by_week(np.arange(5), np.array([4.0, 4, 3, 4, 4]), np.zeros(5, bool), 9)
    >>> weeks.price[regular_path(weeks, 0.01).at].tolist()
    [4.0, 4.0, 4.0, 4.0, 4.0]
    """
    first = weeks.first == np.arange(weeks.key.size)
    line = price_line(weeks.price, weeks.key % weeks.span, first, tolerance)
    return _aligned(_carried(_anchors(line, weeks), weeks), line, weeks)


def _anchors(line: Line, weeks: Weeks) -> Path:
    """Find the weeks whose own window, or source, gives the regular price."""
    found, own = modes(line), np.arange(weeks.key.size)
    usual = (found.support >= SUPPORT) & (found.support >= SHARE * found.size)
    charged = _same(line, own, found.week) | (own == weeks.first)
    options = [weeks.stated, usual & charged, ~usual & (found.size > 1)]
    high = np.flatnonzero(options[2])
    quartile = own.copy()
    quartile[high] = upper_quartiles(line, high)
    return Path(
        np.select(options, [own, found.week, quartile], -1),
        np.select(options, [STATED, MODAL, HIGH], CARRIED),
    )


def _same(line: Line, one: Integers, other: Integers) -> Flags:
    """Whether two weeks, by their numbers, charge the same price, (M,)."""
    same: Flags = np.abs(line.steps[one] - line.steps[other]) <= line.limit
    return same


def _carried(path: Path, weeks: Weeks) -> Path:
    """Give the other weeks the price of the week before; the first ones that of the first found."""
    own = np.arange(path.at.size)
    known = path.at >= 0
    before = np.maximum.accumulate(np.where(known, own, -1))
    after = np.minimum.accumulate(np.where(known, own, own.size)[::-1])[::-1]
    source = np.where(before >= weeks.first, before, after)
    nothing = source > weeks.last
    source[nothing] = own[nothing]
    at = np.where(nothing, own, path.at[source])
    return Path(at, np.where(nothing, ONLY, path.basis))


def _aligned(path: Path, line: Line, weeks: Weeks) -> Path:
    """Move changes of the regular price to where the price charged changes, at most a window far.

    Where the regular price changes from one week to the next and the price charged does not, the
    one of the two weeks in which both agree is right, and the other gets its regular price.
    """
    at, basis = path.at.copy(), path.basis.copy()
    own = np.arange(at.size)
    inside = own[own > weeks.first]
    still = inside[_same(line, inside, inside - 1)]
    for _ in range(REACH):
        moved = still[~_same(line, at[still], at[still - 1])]
        if not moved.size:
            break
        now, before = (_same(line, week, at[week]) for week in (moved, moved - 1))
        later, earlier = moved[now & ~before], moved[before & ~now]
        targets = np.concatenate([later - 1, earlier])
        values = np.concatenate([at[later], at[earlier - 1]])
        free = ~weeks.stated[targets]
        at[targets[free]] = values[free]
        basis[targets[free]] = CARRIED
    return Path(at, basis)
