"""Rows of a Poisson regression, sorted and cut into blocks of whole groups.

Two weeks can be compared when a group sold in both, so weeks and groups fall into components that
share nothing: with an effect for every category and week, the categories. The information on the
week effects is block-diagonal by component, and each block is small enough to be solved exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from offtake.errors import BadInputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Places = NDArray[np.int32]
Order = Integers | slice

BLOCK_ROWS = 1 << 15
"""Rows of a block, about: small enough to stay in the processor's cache."""
BLOCK_CELLS = 1 << 22
"""Cells of the table of groups by weeks that a block spreads out at most."""


@dataclass(frozen=True, slots=True)
class Block:
    """n rows of G whole groups of one component.

    Parameters
    ----------
    component
        Its number.
    y
        (n,) counts.
    x
        (n, K) regressors, less their mean over all rows.
    offset
        (n,) known part of the log mean; None where there is none.
    week
        (n,) week codes within the component.
    starts
        (G + 1,) first row of each group, and n.
    totals
        (G,) sums of y.
    cluster
        (G,) codes of the clusters.
    """

    component: int
    y: Floats
    x: Floats
    offset: Floats | None
    week: Places
    starts: Places
    totals: Floats
    cluster: Integers


class Panel(Protocol):
    """Blocks that can be gone through again and again, from memory or from disk."""

    @property
    def columns(self) -> int:
        """Number of regressors."""

    @property
    def weeks(self) -> Sequence[int]:
        """Number of weeks of every component, at least 1; the first is the reference."""

    def blocks(self) -> Iterator[Block]:
        """Give every block once, always in the same order."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows used, sorted by component, cluster and group, in memory.

    Parameters
    ----------
    y, x, offset
        (n,), (n, K) and (n,) or None, as given.
    week
        (n,) code within the component.
    starts, totals, cluster
        (G + 1,), (G,) and (G,) as in :class:`Block`.
    component
        (G,) of every group, not falling.
    centre
        (K,) means that are taken off x.
    order
        (n,) places in the arrays given, or a slice of all.
    group_codes
        (G,) codes given.
    week_codes
        Of every component the (W,) week codes given; an empty one without weeks.
    separated
        Rows left out because their mean is exactly 0 at the maximum though group and week sold.
    """

    y: Floats
    x: Floats
    offset: Floats | None
    week: Places
    starts: Integers
    totals: Floats
    cluster: Integers
    component: Integers
    centre: Floats
    order: Order
    group_codes: Integers
    week_codes: tuple[Integers, ...]
    separated: int

    @property
    def columns(self) -> int:
        """Number of regressors."""
        return int(self.x.shape[1])

    @property
    def weeks(self) -> Sequence[int]:
        """Number of weeks of every component, at least 1."""
        return [max(1, codes.size) for codes in self.week_codes]

    def blocks(self) -> Iterator[Block]:
        """Give every block once."""
        weeks = self.weeks
        for groups in cut(self.starts, self.component, weeks):
            yield self._block(groups)

    def _block(self, groups: slice) -> Block:
        at = slice(int(self.starts[groups.start]), int(self.starts[groups.stop]))
        starts = self.starts[groups.start : groups.stop + 1] - at.start
        return Block(
            component=int(self.component[groups.start]),
            y=self.y[at],
            x=self.x[at] - self.centre,
            offset=None if self.offset is None else self.offset[at],
            week=self.week[at],
            starts=starts.astype(np.int32),
            totals=self.totals[groups],
            cluster=self.cluster[groups],
        )


def with_regressors(rows: Rows, x: Floats, offset: Floats) -> Rows:
    """Return the same rows with other regressors, (N, K), and offset, (N,), in the order given."""
    ordered = x[rows.order]
    centre = np.asarray(ordered.mean(axis=0), dtype=np.float64)
    return replace(rows, x=ordered, offset=offset[rows.order], centre=centre)


def cut(starts: Integers, component: Integers, weeks: Sequence[int]) -> Iterator[slice]:
    """Give the groups of every block: of one component, with about `BLOCK_ROWS` rows."""
    ends = np.flatnonzero(np.diff(component, append=-1)) + 1
    first = 0
    for end in ends.tolist():
        most = max(1, BLOCK_CELLS // weeks[int(component[first])])
        while first < end:
            wanted = int(starts[first]) + BLOCK_ROWS
            last = int(np.searchsorted(starts, wanted, side="right")) - 1
            last = min(max(last, first + 1), first + most, end)
            yield slice(first, last)
            first = last


@dataclass(frozen=True, slots=True)
class Given:
    """Arrays as the caller gave them, checked: N rows.

    Parameters
    ----------
    y, x, group
        (N,), (N, K), (N,).
    week, offset
        (N,) or None.
    cluster_of
        (largest group code + 1,) cluster of every group.
    """

    y: Floats
    x: Floats
    group: Integers
    week: Integers | None
    offset: Floats | None
    cluster_of: Integers


@dataclass(frozen=True, slots=True)
class _Ties:
    """What hangs together.

    used: (N,) rows whose mean is above 0 at the maximum; of_group: (group codes,) component, -1
    where nothing is used; place: (week codes,) within the component; week_codes: of each of them.
    """

    used: NDArray[np.bool_]
    of_group: Integers
    place: Places
    week_codes: tuple[Integers, ...]


def used_rows(given: Given) -> Rows:
    """Sort the rows, and leave out those whose mean is exactly 0 at the maximum.

    Raises
    ------
    BadInputError
        When nothing sold at all.
    """
    weights = given.y if given.y.size else None
    totals = np.bincount(given.group, weights).astype(np.float64)
    if not np.any(totals > 0):
        raise BadInputError(
            f"y: got {given.y.size} rows without a count above 0, allowed: at least one"
        )
    ties = _one_component(given, totals) if given.week is None else _ties(given, given.week, totals)
    ranked = np.lexsort([given.cluster_of, ties.of_group])
    ranked = ranked[ties.of_group[ranked] >= 0]
    order = _order(given.group, ranked, ties)
    group = given.group[order]
    starts = np.append(np.flatnonzero(np.diff(group, prepend=-1)), group.size)
    codes = group[starts[:-1]]
    y, x = given.y[order], given.x[order]
    week = np.zeros(group.size, np.int32) if given.week is None else ties.place[given.week[order]]
    return Rows(
        y=y,
        x=x,
        offset=None if given.offset is None else given.offset[order],
        week=week,
        starts=starts,
        totals=np.add.reduceat(y, starts[:-1]),
        cluster=np.unique(given.cluster_of[codes], return_inverse=True)[1],
        component=ties.of_group[codes],
        centre=np.asarray(x.mean(axis=0), dtype=np.float64),
        order=order,
        group_codes=codes,
        week_codes=ties.week_codes,
        separated=_separated(given, totals, ties),
    )


def _one_component(given: Given, totals: Floats) -> _Ties:
    used = (totals > 0)[given.group]
    of_group = np.where(totals > 0, 0, -1)
    return _Ties(used, of_group, np.zeros(0, np.int32), (np.zeros(0, np.int64),))


def _ties(given: Given, week: Integers, totals: Floats) -> _Ties:
    """Find components, and rows without sales that nothing holds up.

    Groups and weeks that sold together can move only in opposite directions. A row without sales
    whose group and week did not may have its mean pushed to 0, unless other such rows push back: it
    stays when its ends are strongly connected by rows without sales (Correia, Guimaraes and Zylkin
    2019, for two sets of effects).
    """
    groups, weeks = totals.size, int(week.max()) + 1
    sold = given.y > 0
    linked = _graph(given.group[sold], groups + week[sold], groups + weeks)
    _, label = connected_components(linked, directed=False)
    one, other = label[given.group], label[groups + week]
    across = one != other
    if across.any():
        pushes = _graph(one[across], other[across], int(label.max()) + 1)
        _, strong = connected_components(pushes, directed=True, connection="strong")
        label = strong[label]
        across = label[given.group] != label[groups + week]
    return _named(~across, label[:groups], label[groups:], np.unique(week[~across]))


def _named(
    used: NDArray[np.bool_], of_group: Integers, of_week: Integers, codes: Integers
) -> _Ties:
    """Number the components in the order of their first week code."""
    _, first, dense = np.unique(of_week[codes], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))[dense]
    number = np.full(int(max(of_group.max(), of_week.max())) + 1, -1)
    number[of_week[codes]] = rank
    by_component = np.split(
        codes[np.argsort(rank, kind="stable")], np.cumsum(np.bincount(rank))[:-1]
    )
    place = np.zeros(of_week.size, np.int32)
    for members in by_component:
        place[members] = np.arange(members.size)
    return _Ties(used, number[of_group], place, tuple(by_component))


def _graph(one: Integers, other: Integers, nodes: int) -> csr_array:
    edges = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(nodes, nodes))
    return edges.tocsr()


def _order(group: Integers, ranked: Integers, ties: _Ties) -> Order:
    """Return the places of the rows used, by the rank of their group; a slice where all are."""
    rank = np.zeros(ties.of_group.size, np.int64)
    rank[ranked] = np.arange(ranked.size)
    keys = rank[group]
    whole = bool(ties.used.all())
    if whole and np.all(keys[:-1] <= keys[1:]):
        return slice(None)
    rows = np.flatnonzero(ties.used)
    # A table of ranks by rows, written down by rank, is a sort that counts.
    counted = coo_array(
        (np.ones(rows.size, np.int8), (keys[rows], np.arange(rows.size))),
        shape=(ranked.size, rows.size),
    ).tocsr()
    found: Integers = rows[counted.indices]
    return found


def _separated(given: Given, totals: Floats, ties: _Ties) -> int:
    left = ~ties.used & (totals > 0)[given.group]
    if given.week is not None:
        left &= (np.bincount(given.week, given.y) > 0)[given.week]
    return int(left.sum())
