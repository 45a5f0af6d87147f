"""Rows of a Poisson regression in memory: which are used, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_blocks import Block, Layout, Slab
from offtake.models.kernels.poisson_order import centred, counted, differing
from offtake.models.kernels.poisson_ties import (
    Components,
    Places,
    components,
    held,
    joined,
    pushes_of,
)

Order = Integers | slice


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows used, sorted by component, cluster and group, in memory.

    Parameters
    ----------
    layout
        How they stand.
    y, x, offset
        (n,), (n, K) less `centre`, and (n,) or None.
    week
        (n,) code within the component.
    centre
        (K,) means that were taken off x.
    order
        (n,) places in the arrays given, or a slice of all.
    """

    layout: Layout
    y: Floats
    x: Floats
    offset: Floats | None
    week: Places
    centre: Floats
    order: Order

    @property
    def columns(self) -> int:
        """Number of regressors."""
        return int(self.x.shape[1])

    def blocks(self) -> Iterator[Block]:
        """Give every block once."""
        return self.layout.blocks(self._slab)

    def _slab(self, at: slice) -> Slab:
        offset = None if self.offset is None else self.offset[at]
        return Slab(self.y[at], self.x[at], offset, self.week[at])


def with_regressors(rows: Rows, x: Floats, offset: Floats) -> Rows:
    """Return the same rows with other regressors, (N, K), and offset, (N,), in the order given."""
    ordered, centre = _centred(x, rows.order)
    return replace(rows, x=ordered, offset=offset[rows.order], centre=centre)


def _centred(x: Floats, order: Order) -> tuple[Floats, Floats]:
    """Return a copy of x in order, less its (K,) means, and these."""
    copied = x.copy(order="C") if isinstance(order, slice) else x.take(order, axis=0)
    centre = np.empty(x.shape[1])
    compiled(centred)(copied, centre)
    return copied, centre


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
class _Ties:
    """What hangs together.

    used: (N,) rows whose mean is above 0 at the maximum; of_group: (group codes,) component, -1
    where nothing is used; weeks: by component, None without weeks; separated: how many rows.
    """

    used: Flags
    of_group: Integers
    weeks: Components | None
    separated: int


def used_rows(given: Given) -> Rows:
    """Sort the rows, and leave out those whose mean is exactly 0 at the maximum.

    Raises
    ------
    BadInputError
        When nothing sold at all, or a group lies in two clusters.
    """
    totals = np.bincount(given.group, given.y if given.y.size else None).astype(np.float64)
    refuse_nothing(given.y.size, totals)
    cluster_of = _nested(given)
    ties = _one_component(given, totals) if given.week is None else _ties(given, given.week, totals)
    ranked = np.lexsort([cluster_of, ties.of_group])
    ranked = ranked[ties.of_group[ranked] >= 0]
    order, ends = _order(given.group, ranked, ties.used)
    y = given.y[order]
    x, centre = _centred(given.x, order)
    return Rows(
        layout=_layout(given, cluster_of, ties, (ranked, ends, y)),
        y=y,
        x=x,
        offset=None if given.offset is None else given.offset[order],
        week=_places(given, ties, order),
        centre=centre,
        order=order,
    )


def refuse_nothing(rows: int, totals: Floats) -> None:
    """Refuse groups that all sold nothing."""
    if not np.any(totals > 0):
        raise BadInputError(f"y: got {rows} rows without a count above 0, allowed: at least one")


def dense(codes: Integers) -> Integers:
    """Return codes 0, 1, ... in the order of the codes given."""
    found: Integers = np.unique(codes, return_inverse=True)[1]
    return found


def _nested(given: Given) -> Integers:
    """Return the cluster of every group."""
    of_group = np.arange(int(given.group.max(initial=0)) + 1)
    if given.cluster is not None:
        of_group[given.group] = given.cluster
        refuse_split(of_group[given.group], given.cluster)
    return of_group


def refuse_split(of_group: Integers, cluster: Integers) -> None:
    """Refuse a row whose cluster is not that of its group."""
    if np.any(of_group != cluster):
        raise BadInputError("clusters: got a group in two clusters, allowed: each group in one")


def _layout(
    given: Given, cluster_of: Integers, ties: _Ties, ordered: tuple[Integers, Integers, Floats]
) -> Layout:
    codes, ends, y = ordered
    starts = np.append(0, ends)
    return Layout(
        starts=starts,
        totals=np.add.reduceat(y, starts[:-1]),
        cluster=dense(cluster_of[codes]),
        component=ties.of_group[codes],
        group_codes=codes,
        week_codes=week_codes(ties.weeks),
        groups_seen=_seen(given.group),
        weeks_seen=np.zeros(0, bool) if given.week is None else _seen(given.week),
        separated=ties.separated,
    )


def _seen(codes: Integers) -> Flags:
    seen = np.zeros(int(codes.max()) + 1, bool)
    seen[codes] = True
    return seen


def week_codes(weeks: Components | None) -> tuple[Integers, ...]:
    """Return the week codes of every component; one empty component without weeks."""
    return (np.zeros(0, np.int64),) if weeks is None else weeks.codes


def _places(given: Given, ties: _Ties, order: Order) -> Places:
    if given.week is None or ties.weeks is None:
        return np.zeros(given.y[order].size, np.int32)
    return ties.weeks.place.take(given.week)[order]


def _one_component(given: Given, totals: Floats) -> _Ties:
    return _Ties((totals > 0)[given.group], np.where(totals > 0, 0, -1), None, 0)


def _ties(given: Given, week: Integers, totals: Floats) -> _Ties:
    """Find components, and rows without sales that nothing holds up."""
    sold = np.flatnonzero(given.y > 0)
    group_sold, week_sold = given.group[sold], week[sold]
    anchor = np.zeros(totals.size, np.int64)
    anchor[group_sold] = week_sold
    live, open_ = totals > 0, np.bincount(week_sold, minlength=int(week.max()) + 1) > 0
    label = joined(anchor[group_sold], week_sold, np.arange(open_.size))
    apart = np.flatnonzero(_apart(given, week, np.where(live, label[anchor], -1), label))
    apart = apart[live[given.group[apart]] & open_[week[apart]]]
    if apart.size:
        one, other = label[anchor[given.group[apart]]], label[week[apart]]
        label = held(pushes_of(one, other, label.size), label)
    weeks = components(label, open_)
    of_group = np.where(live, weeks.of_week[anchor], -1)
    used = ~_apart(given, week, of_group, np.where(open_, weeks.of_week, -2))
    return _Ties(used, of_group, weeks, int(np.count_nonzero(~used[apart])))


def _apart(given: Given, week: Integers, of_group: Integers, of_week: Integers) -> Flags:
    """Return in which rows group and week differ."""
    apart = np.empty(week.size, np.bool_)
    compiled(differing)(given.group, week, of_group, of_week, apart)
    return apart


def _order(group: Integers, ranked: Integers, used: Flags) -> tuple[Order, Integers]:
    """Sort the rows used by the rank of their group; each group has some.

    Returns
    -------
    tuple
        Their places, or a slice where they are all, in order; and where each group ends.
    """
    rank = np.zeros(int(group.max()) + 1, np.int64)
    rank[ranked] = np.arange(ranked.size)
    ends, order = np.zeros(ranked.size, np.int64), np.empty(np.count_nonzero(used), np.int64)
    compiled(counted)(group, rank, used, ends, order)
    whole = order.size == group.size and bool(np.all(order[1:] > order[:-1]))
    return slice(None) if whole else order, ends
