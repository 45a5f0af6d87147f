"""Rows of a Poisson regression in memory: which are used, and in which order.

Rows that come sorted are taken where they stand, past those that are not used. Others are copied in
order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_blocks import Block, Layout, Slab
from offtake.models.kernels.poisson_order import counted, differing, marked, met
from offtake.models.kernels.poisson_ties import (
    Components,
    Links,
    Places,
    components,
    held,
    pushes_of,
)

Order = Integers | slice

CENTRE_ROWS = 1 << 15
"""Rows, about, of which the centre of the regressors is the mean."""

SPLIT = "clusters: got a group in two clusters, allowed: each group in one"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows used, sorted by component and cluster, whole groups, in memory.

    Parameters
    ----------
    layout
        How they stand.
    y, x, offset
        (n,), (n, K), and (n,) or None; all N rows as given unless they are `moved`.
    week
        (n,) code within the component.
    centre
        (K,) what is taken off x.
    order
        (n,) places in the arrays given, or a slice of all.
    moved
        Whether the rows had to be copied in order.
    """

    layout: Layout
    y: Floats
    x: Floats
    offset: Floats | None
    week: Places
    centre: Floats
    order: Order
    moved: bool

    @property
    def columns(self) -> int:
        """Number of regressors."""
        return int(self.x.shape[1])

    def blocks(self) -> Iterator[Block]:
        """Give every block once."""
        return self.layout.blocks(self._slab, self.centre)

    def _slab(self, at: slice) -> Slab:
        here: Order = at
        if not (self.moved or isinstance(self.order, slice)):
            here = _run(self.order[at])
        offset = None if self.offset is None else self.offset[here]
        return Slab(self.y[here], self.x[here], offset, self.week[at])


def _run(places: Integers) -> Order:
    """Return rising places as a slice where none is left out: that takes no copy."""
    first, last = int(places[0]), int(places[-1]) + 1
    return slice(first, last) if last - first == places.size else places


def with_regressors(rows: Rows, x: Floats, offset: Floats) -> Rows:
    """Return the same rows with other regressors, (N, K), and offset, (N,), in the order given."""
    order = rows.order if rows.moved else slice(None)
    centre = _centre(x, rows.order)
    return replace(rows, x=_ordered(x, order), offset=_ordered(offset, order), centre=centre)


def _ordered(values: Floats, order: Order) -> Floats:
    """Return rows in order; a copy only where they must be moved."""
    if isinstance(order, slice):
        # Loops are compiled for arrays of one layout that can be written to.
        return np.require(values, requirements=("C", "W"))
    return values.take(order, axis=0)


def _centre(x: Floats, order: Order) -> Floats:
    """Return the (K,) means of rows used, spread evenly: close enough to save digits."""
    count = len(x) if isinstance(order, slice) else order.size
    spread = np.arange(0, count, 1 + count // CENTRE_ROWS)
    centre: Floats = x[spread if isinstance(order, slice) else order[spread]].mean(axis=0)
    return centre


@dataclass(frozen=True, slots=True)
class Given:
    """Arrays as the caller gave them, checked: N rows.

    Parameters
    ----------
    y, x, group
        (N,), (N, K), (N,).
    week, offset, cluster
        (N,) or None.
    """

    y: Floats
    x: Floats
    group: Integers
    week: Integers | None
    offset: Floats | None
    cluster: Integers | None


@dataclass(frozen=True, slots=True)
class _Groups:
    """What there is to know of groups, by code.

    totals: (G,) sums of y; first: (G,) first row, -1 where there is none; cluster: (G,); whole:
    whether the rows of each stand together.
    """

    totals: Floats
    first: Integers
    cluster: Integers
    whole: bool


@dataclass(frozen=True, slots=True)
class _Ties:
    """What hangs together.

    used: (N,) rows whose mean is above 0 at the maximum; of_group: (group codes,) component, -1
    where nothing is used; weeks: by component, None without weeks; weeks_seen: (week codes,)
    whether there is a row; separated: how many rows.
    """

    used: Flags
    of_group: Integers
    weeks: Components | None
    weeks_seen: Flags
    separated: int


def used_rows(given: Given) -> Rows:
    """Sort the rows, and leave out those whose mean is exactly 0 at the maximum.

    Raises
    ------
    BadInputError
        When nothing sold at all, or a group lies in two clusters.
    """
    groups = _groups(given)
    ties = _without_weeks(given, groups) if given.week is None else _ties(given, given.week, groups)
    ranked = _ranked(groups, ties)
    order, ends = _order(given.group, ranked, ties.used, groups)
    moved = not _sorted(groups, ranked)
    copied = order if moved else slice(None)
    return Rows(
        layout=_layout(groups, ties, ranked, ends),
        y=_ordered(given.y, copied),
        x=_ordered(given.x, copied),
        offset=None if given.offset is None else _ordered(given.offset, copied),
        week=_places(given, ties, order),
        centre=_centre(given.x, order),
        order=order,
        moved=moved,
    )


def _groups(given: Given) -> _Groups:
    size = int(given.group.max(initial=-1)) + 1
    totals, first, cluster = np.zeros(size), np.full(size, -1), np.arange(size)
    of_row = given.group if given.cluster is None else given.cluster
    runs, split = compiled(met)(given.y, given.group, of_row, totals, first, cluster)
    refuse_nothing(given.y.size, totals)
    if split:
        raise BadInputError(SPLIT)
    return _Groups(totals, first, cluster, runs == np.count_nonzero(first >= 0))


def refuse_nothing(rows: int, totals: Floats) -> None:
    """Refuse groups that all sold nothing."""
    if not np.any(totals > 0):
        raise BadInputError(f"y: got {rows} rows without a count above 0, allowed: at least one")


def refuse_split(of_group: Integers, cluster: Integers) -> None:
    """Refuse a row whose cluster is not that of its group."""
    if np.any(of_group != cluster):
        raise BadInputError(SPLIT)


def dense(codes: Integers) -> Integers:
    """Return codes 0, 1, ... in the order of the codes given."""
    found: Integers = np.unique(codes, return_inverse=True)[1]
    return found


def _layout(groups: _Groups, ties: _Ties, ranked: Integers, ends: Integers) -> Layout:
    return Layout(
        starts=np.append(0, ends),
        totals=groups.totals[ranked],
        cluster=dense(groups.cluster[ranked]),
        component=ties.of_group[ranked],
        group_codes=ranked,
        week_codes=week_codes(ties.weeks),
        groups_seen=groups.first >= 0,
        weeks_seen=ties.weeks_seen,
        separated=ties.separated,
    )


def week_codes(weeks: Components | None) -> tuple[Integers, ...]:
    """Return the week codes of every component; one empty component without weeks."""
    return (np.zeros(0, np.int64),) if weeks is None else weeks.codes


def _places(given: Given, ties: _Ties, order: Order) -> Places:
    if given.week is None or ties.weeks is None:
        return np.zeros(np.count_nonzero(ties.used), np.int32)
    return ties.weeks.place.take(given.week)[order]


def _without_weeks(given: Given, groups: _Groups) -> _Ties:
    live = groups.totals > 0
    return _Ties(live[given.group], np.where(live, 0, -1), None, np.zeros(0, bool), 0)


def _ties(given: Given, week: Integers, groups: _Groups) -> _Ties:
    """Find components, and rows without sales that nothing holds up."""
    seen = np.zeros(int(week.max()) + 1, np.bool_)
    compiled(marked)(week, seen)
    links = Links(
        anchor=np.full(groups.totals.size, -1),
        sold=np.zeros(seen.size, np.bool_),
        label=np.arange(seen.size),
    )
    links.add(given.y, given.group, week)
    live, open_, anchor, label = groups.totals > 0, links.sold, links.anchor, links.label
    apart = np.flatnonzero(_apart(given, week, np.where(live, label[anchor], -1), label))
    apart = apart[live[given.group[apart]] & open_[week[apart]]]
    if apart.size:
        one, other = label[anchor[given.group[apart]]], label[week[apart]]
        label = held(pushes_of(one, other, label.size), label)
    weeks = components(label, open_)
    of_group = np.where(live, weeks.of_week[anchor], -1)
    used = ~_apart(given, week, of_group, np.where(open_, weeks.of_week, -2))
    return _Ties(used, of_group, weeks, seen, int(np.count_nonzero(~used[apart])))


def _apart(given: Given, week: Integers, of_group: Integers, of_week: Integers) -> Flags:
    """Return in which rows group and week differ."""
    apart = np.zeros(week.size, np.bool_)
    both = np.append(of_group, of_week)
    if both.min() < both.max():
        compiled(differing)(given.group, week, of_group, of_week, apart)
    return apart


def _ranked(groups: _Groups, ties: _Ties) -> Integers:
    """Return the groups used by component and cluster; of one cluster, the first to come first."""
    live = np.flatnonzero(ties.of_group >= 0)
    keys = [groups.first[live], groups.cluster[live], ties.of_group[live]]
    ranked: Integers = live[np.lexsort(keys)]
    return ranked


def _sorted(groups: _Groups, ranked: Integers) -> bool:
    """Return whether the rows of the groups stand in order."""
    first = groups.first[ranked]
    return groups.whole and bool(np.all(first[1:] > first[:-1]))


def _order(
    group: Integers, ranked: Integers, used: Flags, groups: _Groups
) -> tuple[Order, Integers]:
    """Sort the rows used by the rank of their group; each group has some.

    Returns
    -------
    tuple
        Their places, or a slice where they are all, in order; and where each group ends.
    """
    if used.all() and _sorted(groups, ranked):
        return slice(None), np.append(groups.first[ranked[1:]], group.size)
    rank = np.zeros(groups.first.size, np.int64)
    rank[ranked] = np.arange(ranked.size)
    ends, order = np.zeros(ranked.size, np.int64), np.empty(np.count_nonzero(used), np.int64)
    compiled(counted)(group, rank, used, ends, order)
    return order, ends
