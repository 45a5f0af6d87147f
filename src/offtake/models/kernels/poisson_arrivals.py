"""What is remembered of rows that come piece by piece: by group and by week, nothing by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.poisson_blocks import Slab
from offtake.models.kernels.poisson_chunks import Batch, part
from offtake.models.kernels.poisson_rows import Given, refuse_nothing
from offtake.models.kernels.poisson_ties import Links

MOST_WEEKS = 1 << 31
"""Week codes are kept in 32 bits."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """G groups that sold, in the order in which they came.

    Parameters
    ----------
    codes, clusters, sizes, totals
        (G,) codes, codes of clusters, numbers of rows, and sums of y.
    anchor
        (G,) a week code in which each sold; 0 without weeks.
    """

    codes: Integers
    clusters: Integers
    sizes: Integers
    totals: Floats
    anchor: Integers


@dataclass(frozen=True, slots=True)
class Arrivals:
    """All that came.

    Parameters
    ----------
    groups
        Those that sold.
    starts
        (G + 1,) first row of each of them, and the number of rows.
    bounds
        (B + 1,) first group of every batch, and G.
    centre
        (K,) mean of x in their rows.
    groups_seen
        (group codes,) whether any row came.
    weeks_seen, weeks_sold
        (week codes,) whether any row came, and whether any sold; (0,) without weeks.
    label
        (week codes,) the same for weeks that sales link.
    """

    groups: Arrived
    starts: Integers
    bounds: Integers
    centre: Floats
    groups_seen: Flags
    weeks_seen: Flags
    weeks_sold: Flags
    label: Integers

    def batches(self) -> Iterator[slice]:
        """Give the groups of every batch in which any sold."""
        for first, last in pairwise(np.unique(self.bounds).tolist()):
            yield slice(first, last)


class Register:
    """Takes batches in, one after another."""

    def __init__(self) -> None:
        self._groups: list[Arrived] = []
        self._groups_seen, self._weeks_seen, self._weeks_sold = (np.zeros(0, bool),) * 3
        self._label = np.zeros(0, np.int64)
        self._sums = np.zeros(0)
        self._rows = 0

    def add(self, batch: Batch) -> Slab:
        """Remember a batch; return the rows of the groups that sold.

        Raises
        ------
        BadInputError
            When a group came before, or lies in two clusters.
        """
        self._rows += batch.rows.y.size
        self._groups_seen = _come(self._groups_seen, batch.codes)
        live, clusters = batch.totals > 0, batch.clusters
        rows = batch.rows
        sold = rows if live.all() else part(rows, np.repeat(live, batch.sizes))
        sizes = batch.sizes[live]
        new = Arrived(
            codes=batch.codes[live],
            clusters=clusters[live],
            sizes=sizes,
            totals=batch.totals[live],
            anchor=self._anchors(rows, sold, sizes),
        )
        self._groups.append(new)
        self._sums = sold.x.sum(axis=0) + (self._sums if self._sums.size else 0.0)
        return _slab(sold)

    def _anchors(self, rows: Given, sold: Given, sizes: Integers) -> Integers:
        """Return a week in which each group sold, and link it with the others."""
        if rows.week is None or sold.week is None:
            return np.zeros(sizes.size, np.int64)
        if rows.week.max() >= MOST_WEEKS:
            raise BadInputError(f"weeks: got {rows.week.max()}, allowed: below {MOST_WEEKS}")
        self._weeks_seen = _marked(self._weeks_seen, rows.week)
        size = self._weeks_seen.size
        links = Links(
            anchor=np.full(sizes.size, -1),
            sold=_grown(self._weeks_sold, size),
            label=np.append(self._label, np.arange(self._label.size, size)),
        )
        links.add(sold.y, np.repeat(np.arange(sizes.size), sizes), sold.week)
        self._weeks_sold, self._label = links.sold, links.label
        return links.anchor

    def arrivals(self) -> Arrivals:
        """Return what came.

        Raises
        ------
        BadInputError
            When nothing sold at all.
        """
        refuse_nothing(self._rows, np.array([each.totals.sum() for each in self._groups]))
        counts = [each.codes.size for each in self._groups]
        groups = Arrived(
            *(
                np.concatenate([getattr(each, name) for each in self._groups])
                for name in Arrived.__slots__
            )
        )
        return Arrivals(
            groups=groups,
            starts=np.append(0, np.cumsum(groups.sizes)),
            bounds=np.append(0, np.cumsum(counts)),
            centre=self._sums / groups.sizes.sum(),
            groups_seen=self._groups_seen,
            weeks_seen=self._weeks_seen,
            weeks_sold=self._weeks_sold,
            label=self._label,
        )


def _come(seen: Flags, codes: Integers) -> Flags:
    """Mark groups as seen; each may come once."""
    again = codes[_grown(seen, int(codes.max()) + 1)[codes]]
    if not again.size:
        ranked = np.sort(codes)
        again = ranked[1:][ranked[1:] == ranked[:-1]]
    if again.size:
        raise BadInputError(
            f"groups: got group {again[0]} again after another one, "
            "allowed: the rows of a group one after another"
        )
    return _marked(seen, codes)


def _marked(flags: Flags, codes: Integers) -> Flags:
    marked = _grown(flags, int(codes.max(initial=-1)) + 1)
    marked[codes] = True
    return marked


def _grown(flags: Flags, size: int) -> Flags:
    """Return a copy with at least so many places."""
    return np.append(flags, np.zeros(max(0, size - flags.size), bool))


def _slab(rows: Given) -> Slab:
    week = np.zeros(rows.y.size, np.int32) if rows.week is None else rows.week.astype(np.int32)
    return Slab(rows.y, rows.x, rows.offset, week)
