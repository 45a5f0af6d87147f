"""Poisson regression of more rows than memory holds: they wait in a scratch folder.

Rows come once, in chunks, and are written down as they come, without the groups that sold nothing.
Then it is known what hangs together (:mod:`.poisson_ties`), and they are written anew in the order
in which they are gone through. Memory grows with groups and weeks, not with rows.

Numbers are kept in 64 bits: with 32, log prices would be rounded by 1e-8, and columns that follow
from others could no longer be told from those that do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.poisson import PoissonEstimates, estimates
from offtake.models.kernels.poisson_arrivals import Arrivals, Register
from offtake.models.kernels.poisson_blocks import Block, Layout, Slab
from offtake.models.kernels.poisson_chunks import whole_groups
from offtake.models.kernels.poisson_climb import climb, scores
from offtake.models.kernels.poisson_rows import Given, dense, week_codes
from offtake.models.kernels.poisson_ties import (
    Components,
    Places,
    components,
    held,
    pushes_of,
)


def fit_poisson_chunks(chunks: Iterable[Given], *, folder: Path | None = None) -> PoissonEstimates:
    """Fit rows that come in chunks, as :func:`.poisson.fit_poisson` fits rows in memory.

    Parameters
    ----------
    chunks
        Of :func:`.poisson.checked`, with any number of rows. The rows of a group must come one
        after another; a chunk may end within a group. Groups and clusters may come in any order,
        but if those of a cluster come together there is less to seek on the disk.
    folder
        Where the scratch folder is made and removed again; without it, where the system keeps
        temporary files. At its largest it holds each row twice, 8 bytes a number.

    Returns
    -------
    PoissonEstimates
        In the order of the columns and codes given. It holds no means of rows: that of any row is
        the exponential of its two effects, slopes and offset, and 0 in a separated row.

    Raises
    ------
    BadInputError
        When chunks differ in what they hold, a group comes again after another one or lies in two
        clusters, or nothing sold at all.

    Examples
    --------
    Each promotion sells twice what the same shop sells without it.

    >>> from offtake.models.kernels.poisson import checked
    >>> one = checked([1, 2, 5], [[0], [1], [0]], [0, 0, 1])
    >>> other = checked([10, 0, 0], [[1], [0], [1]], [1, 2, 2])
    >>> fit = fit_poisson_chunks([one, other])
    >>> np.round(np.exp(fit.coefficients), 6).tolist(), fit.dropped_groups, fit.rows
    ([2.0], 1, 4)
    """
    with rows_on_disk(chunks, folder=folder) as rows:
        peak = climb(rows)
        return estimates(rows, peak, scores(rows, peak))


@contextmanager
def rows_on_disk(chunks: Iterable[Given], *, folder: Path | None = None) -> Iterator[RowsOnDisk]:
    """Write rows to a scratch folder that lasts as long as the context.

    Parameters
    ----------
    chunks, folder
        As in :func:`fit_poisson_chunks`; the same errors.

    Yields
    ------
    RowsOnDisk
        For :func:`.poisson_climb.climb` and :func:`.poisson_jackknife.jackknife`.

    Examples
    --------
    >>> from offtake.models.kernels.poisson import checked
    >>> with rows_on_disk([checked([1, 2], [[0], [1]], [0, 0])]) as rows:
    ...     rows.layout.rows
    2
    """
    with (
        TemporaryDirectory(prefix="offtake-rows-", dir=folder) as name,
        _opened(Path(name) / "sorted") as final,
    ):
        with _opened(Path(name) / "arrived") as arrived:
            rows = _sorted(_taken_in(chunks, arrived), arrived, final)
        yield rows


@dataclass(frozen=True, slots=True)
class RowsOnDisk:
    """Rows used, sorted by component and cluster, in files.

    Parameters
    ----------
    layout
        How they stand.
    centre
        (K,) means of x.
    files
        The rows.
    """

    layout: Layout
    centre: Floats
    files: Files

    @property
    def columns(self) -> int:
        """Number of regressors."""
        return int(self.centre.size)

    def blocks(self) -> Iterator[Block]:
        """Give every block once."""
        return self.layout.blocks(self._slab, self.centre)

    def _slab(self, at: slice) -> Slab:
        return self.files.read(at, self.columns)


@dataclass(frozen=True, slots=True)
class Files:
    """One file for each array of rows: y, x, offset (empty where there is none) and week."""

    y: FileIO
    x: FileIO
    offset: FileIO
    week: FileIO

    def write(self, first: int, rows: Slab) -> None:
        """Write rows from a place on."""
        _put(self.y, first, rows.y)
        _put(self.x, first, rows.x)
        _put(self.week, first, rows.week)
        if rows.offset is not None:
            _put(self.offset, first, rows.offset)

    def read(self, at: slice, columns: int) -> Slab:
        """Read rows from one to another."""
        offset = _got(self.offset, at, np.float64)
        return Slab(
            y=_got(self.y, at, np.float64),
            x=_got(self.x, at, np.float64, columns).reshape(at.stop - at.start, columns),
            offset=offset if offset.size else None,
            week=self.weeks(at),
        )

    def weeks(self, at: slice) -> Places:
        """Read the weeks of rows from one to another."""
        codes: Places = _got(self.week, at, np.int32)
        return codes


@contextmanager
def _opened(folder: Path) -> Iterator[Files]:
    """Make a folder of files; at the end they are closed, and their room on the disk is free."""
    folder.mkdir()
    paths = [folder / name for name in Files.__slots__]
    with ExitStack() as kept:
        yield Files(*(kept.enter_context(path.open("w+b", buffering=0)) for path in paths))
    for path in paths:
        path.unlink()


def _put(file: FileIO, first: int, values: NDArray[Any]) -> None:
    file.seek(first * values.itemsize * (values.shape[1] if values.ndim == 2 else 1))
    np.ascontiguousarray(values).tofile(file)


def _got(file: FileIO, at: slice, kind: type, columns: int = 1) -> NDArray[Any]:
    file.seek(at.start * np.dtype(kind).itemsize * columns)
    return np.fromfile(file, kind, (at.stop - at.start) * columns)


def _taken_in(chunks: Iterable[Given], into: Files) -> Arrivals:
    """Write down the rows of the groups that sold, as they come."""
    register, done = Register(), 0
    for batch in whole_groups(chunks):
        rows = register.add(batch)
        into.write(done, rows)
        done += rows.y.size
    return register.arrivals()


def _sorted(known: Arrivals, arrived: Files, into: Files) -> RowsOnDisk:
    """Write the rows used anew, by component and cluster."""
    move = _plan(known, arrived)
    for groups in known.batches():
        _moved(known, move, groups, (arrived, into))
    return RowsOnDisk(_layout(known, move), known.centre, into)


@dataclass(frozen=True, slots=True)
class _Move:
    """Where the rows go.

    weeks: by component, None without weeks; component: (G,) of every group as they came; used:
    (G,) how many of its rows are used; separated: how many rows that could be are not; order: (G,)
    groups in their new order; place: (G,) new first row.
    """

    weeks: Components | None
    component: Integers
    used: Integers
    separated: int
    order: Integers
    place: Integers


def _plan(known: Arrivals, arrived: Files) -> _Move:
    weeks = _components(known, arrived)
    component = np.zeros(known.groups.codes.size, np.int64)
    used, separated = known.groups.sizes, 0
    if weeks is not None:
        component = weeks.of_week[known.groups.anchor]
        used, separated = _used(known, arrived, weeks.of_week)
    # Of one cluster those that came first stand first: rows that came sorted are hardly moved.
    order = np.lexsort([known.groups.clusters, component])
    place = np.empty(order.size, np.int64)
    place[order] = np.cumsum(used[order]) - used[order]
    return _Move(weeks, component, used, separated, order, place)


def _components(known: Arrivals, arrived: Files) -> Components | None:
    if not known.label.size:
        return None
    label = known.label
    if np.unique(label[known.weeks_sold]).size > 1:
        label = held(_pushes(known, arrived), label)
    return components(label, known.weeks_sold)


def _pushes(known: Arrivals, arrived: Files) -> Integers:
    """Return each pair of labels that a row without sales lies between; see :func:`pushes_of`."""
    found, label = np.zeros(0, np.int64), known.label
    for one, week in _ends(known, arrived, label):
        some = known.weeks_sold[week]
        new = pushes_of(one[some], label[week[some]], label.size)
        found = np.union1d(found, new)
    return found


def _used(known: Arrivals, arrived: Files, of_week: Integers) -> tuple[Integers, int]:
    """Return how many rows of each group are used, and how many are not though their week sold."""
    if of_week.min() == of_week.max():
        return known.groups.sizes, 0
    counts, separated = [], 0
    for (one, week), groups in zip(_ends(known, arrived, of_week), known.batches(), strict=True):
        same = one == of_week[week]
        sizes = known.groups.sizes[groups]
        counts.append(np.add.reduceat(same, np.cumsum(sizes) - sizes, dtype=np.int64))
        separated += int(known.weeks_sold[week].sum() - same.sum())
    return np.concatenate(counts), separated


def _ends(known: Arrivals, arrived: Files, label: Integers) -> Iterator[tuple[Integers, Places]]:
    """Give for every batch the label of each row's group, and its week."""
    starts = known.starts
    for groups in known.batches():
        one = label[known.groups.anchor[groups]]
        at = slice(int(starts[groups.start]), int(starts[groups.stop]))
        yield np.repeat(one, known.groups.sizes[groups]), arrived.weeks(at)


def _layout(known: Arrivals, move: _Move) -> Layout:
    order = move.order
    return Layout(
        starts=np.append(0, np.cumsum(move.used[order])),
        totals=known.groups.totals[order],
        cluster=dense(known.groups.clusters)[order],
        component=move.component[order],
        group_codes=known.groups.codes[order],
        week_codes=week_codes(move.weeks),
        groups_seen=known.groups_seen,
        weeks_seen=known.weeks_seen,
        separated=move.separated,
    )


def _moved(known: Arrivals, move: _Move, groups: slice, files: tuple[Files, Files]) -> None:
    """Write one batch to its new places."""
    arrived, into = files
    starts = known.starts[groups.start : groups.stop + 1]
    rows = arrived.read(slice(int(starts[0]), int(starts[-1])), known.centre.size)
    ranked = np.argsort(move.place[groups])
    at = _ranges((starts[:-1] - starts[0])[ranked], np.diff(starts)[ranked])
    if move.weeks is not None:
        component = np.repeat(move.component[groups], np.diff(starts))
        at = at[move.weeks.of_week[rows.week[at]] == component[at]]
        rows = replace(rows, week=move.weeks.place[rows.week])
    _spread(rows.part(at), move.place[groups][ranked], move.used[groups][ranked], into)


def _ranges(first: Integers, sizes: Integers) -> Integers:
    """Return numbers that rise by one, in runs with these first numbers and sizes."""
    ends = np.cumsum(sizes)
    return np.repeat(first - ends + sizes, sizes) + np.arange(int(ends[-1]))


def _spread(rows: Slab, place: Integers, sizes: Integers, into: Files) -> None:
    """Write groups, with places that rise; those that stand together at one go."""
    ends = np.cumsum(sizes)
    cuts = np.flatnonzero(place[1:] != (place + sizes)[:-1]) + 1
    firsts, lasts = np.append(0, cuts), np.append(cuts, place.size) - 1
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        at = slice(int(ends[first] - sizes[first]), int(ends[last]))
        into.write(int(place[first]), rows.part(at))
