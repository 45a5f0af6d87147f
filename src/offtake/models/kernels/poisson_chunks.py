"""Rows of a Poisson regression that come in chunks, put together again into whole groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers
from offtake.models.kernels.poisson_rows import Given, refuse_split

Number = TypeVar("Number", np.float64, np.int64)

BATCH_ROWS = 1 << 18
"""Rows of a batch, about: many enough for long writes, few beside what a machine holds."""


@dataclass(frozen=True, slots=True)
class Batch:
    """n rows of G whole groups, as given.

    Parameters
    ----------
    rows
        The n rows.
    starts
        (G,) first row of each group.
    """

    rows: Given
    starts: Integers

    @property
    def sizes(self) -> Integers:
        """(G,) rows of each group."""
        return np.diff(self.starts, append=self.rows.y.size)

    @property
    def codes(self) -> Integers:
        """(G,) codes of the groups."""
        return self.rows.group[self.starts]

    @property
    def totals(self) -> Floats:
        """(G,) sums of y."""
        totals: Floats = np.add.reduceat(self.rows.y, self.starts)
        return totals

    @property
    def clusters(self) -> Integers:
        """(G,) codes of their clusters: without any, their own."""
        cluster = self.rows.cluster
        if cluster is None:
            return self.codes
        of_group = cluster[self.starts]
        refuse_split(np.repeat(of_group, self.sizes), cluster)
        return of_group


def whole_groups(chunks: Iterable[Given]) -> Iterator[Batch]:
    """Give rows again in batches of about `BATCH_ROWS` rows or more, cut between groups.

    Parameters
    ----------
    chunks
        Rows of a group must come one after another; a chunk may end within a group.

    Raises
    ------
    BadInputError
        When chunks differ in what they hold.
    """
    waiting: list[Given] = []
    fresh = 0
    for chunk in chunks:
        waiting.append(chunk)
        fresh += chunk.y.size
        if fresh >= BATCH_ROWS:
            rows, fresh = _together(waiting), 0
            # The last group may go on in the next chunk.
            last = int(np.flatnonzero(np.diff(rows.group, prepend=-1))[-1])
            waiting = [part(rows, slice(last, None))]
            yield from _batch(part(rows, slice(0, last)))
    if waiting:
        yield from _batch(_together(waiting))


def _batch(rows: Given) -> Iterator[Batch]:
    if rows.y.size:
        yield Batch(rows, np.flatnonzero(np.diff(rows.group, prepend=-1)))


def part(rows: Given, at: slice | Flags) -> Given:
    """Return some of the rows."""
    return Given(
        y=rows.y[at],
        x=rows.x[at],
        group=rows.group[at],
        week=None if rows.week is None else rows.week[at],
        offset=None if rows.offset is None else rows.offset[at],
        cluster=None if rows.cluster is None else rows.cluster[at],
    )


def _together(chunks: Sequence[Given]) -> Given:
    columns = sorted({chunk.x.shape[1] for chunk in chunks})
    if len(columns) > 1:
        raise BadInputError(f"x: got chunks with {columns} columns, allowed: always as many")
    return Given(
        y=np.concatenate([chunk.y for chunk in chunks]),
        x=np.concatenate([chunk.x for chunk in chunks]),
        group=np.concatenate([chunk.group for chunk in chunks]),
        week=_joined("weeks", [chunk.week for chunk in chunks]),
        offset=_joined("offset", [chunk.offset for chunk in chunks]),
        cluster=_joined("clusters", [chunk.cluster for chunk in chunks]),
    )


def _joined(name: str, arrays: Sequence[NDArray[Number] | None]) -> NDArray[Number] | None:
    there = [array for array in arrays if array is not None]
    if there and len(there) < len(arrays):
        raise BadInputError(f"{name}: got chunks with and without, allowed: in all or in none")
    return np.concatenate(there) if there else None
