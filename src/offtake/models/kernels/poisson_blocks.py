"""Blocks of whole groups, in which the rows of a Poisson regression are gone through.

Weeks and groups fall into components that share nothing (:mod:`.poisson_ties`): with an effect for
every category and week, the categories. The information on the week effects is block-diagonal by
component, and each block is small enough to be solved exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.poisson_ties import Places

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
        (n, K) regressors.
    centre
        (K,) taken off every row of x, so that digits are not lost; all rows share it.
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
    centre: Floats
    offset: Floats | None
    week: Places
    starts: Places
    totals: Floats
    cluster: Integers

    @property
    def centred(self) -> Floats:
        """(n, K) regressors less their centre."""
        return self.x - self.centre


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows stand: whole groups, by component and cluster. Nothing here is as long as the rows.

    Parameters
    ----------
    starts, totals, cluster
        (G + 1,), (G,) and (G,) as in :class:`Block`.
    component
        (G,) of every group, not falling.
    group_codes
        (G,) codes given.
    week_codes
        Of every component the (W,) week codes given; an empty one without weeks.
    groups_seen, weeks_seen
        (group codes,) and (week codes,) whether any row given has the code; (0,) without weeks.
    separated
        Rows left out because their mean is exactly 0 at the maximum though group and week sold.
    """

    starts: Integers
    totals: Floats
    cluster: Integers
    component: Integers
    group_codes: Integers
    week_codes: tuple[Integers, ...]
    groups_seen: Flags
    weeks_seen: Flags
    separated: int

    @property
    def rows(self) -> int:
        """Number of rows used."""
        return int(self.starts[-1])

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def weeks(self) -> Sequence[int]:
        """Number of weeks of every component, at least 1; the first is the reference."""
        return [max(1, codes.size) for codes in self.week_codes]

    def blocks(self, read: Callable[[slice], Slab], centre: Floats) -> Iterator[Block]:
        """Give every block once, of the rows that `read` has, in their order."""
        for groups in cut(self.starts, self.component, self.weeks):
            at = slice(int(self.starts[groups.start]), int(self.starts[groups.stop]))
            slab = read(at)
            starts = self.starts[groups.start : groups.stop + 1] - at.start
            yield Block(
                component=int(self.component[groups.start]),
                y=slab.y,
                x=slab.x,
                centre=centre,
                offset=slab.offset,
                week=slab.week,
                starts=starts.astype(np.int32),
                totals=self.totals[groups],
                cluster=self.cluster[groups],
            )


@dataclass(frozen=True, slots=True)
class Slab:
    """Rows that stand together: (n,), (n, K), (n,) or None, and (n,) as in :class:`Block`."""

    y: Floats
    x: Floats
    offset: Floats | None
    week: Places

    def part(self, at: slice | Integers) -> Slab:
        """Return some of the rows."""
        offset = None if self.offset is None else self.offset[at]
        return Slab(self.y[at], self.x[at], offset, self.week[at])


class Panel(Protocol):
    """Blocks that can be gone through again and again, from memory or from disk."""

    @property
    def columns(self) -> int:
        """Number of regressors."""

    @property
    def layout(self) -> Layout:
        """How the rows stand."""

    @property
    def centre(self) -> Floats:
        """(K,) what is taken off x."""

    def blocks(self) -> Iterator[Block]:
        """Give every block once, always in the same order."""


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
