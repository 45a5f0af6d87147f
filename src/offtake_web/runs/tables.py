"""Tables of runs as pages read them: from memory where there is room; a run never changes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from offtake.errors import UnreadableFileError
from offtake.report.run import Run
from offtake_web.common.kept import Kept

MOST_BYTES = 256 * 2**20
"""What one process keeps, of all runs together."""


class TableCache:
    """The tables that were read last, as many as there is room for.

    Parameters
    ----------
    most_bytes
        How much is kept; a table that is larger than all of it is read anew each time.
    """

    def __init__(self, most_bytes: int) -> None:
        self._kept: Kept[pa.Table] = Kept(most_bytes, size=lambda table: int(table.nbytes))

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        return self._kept.used

    def table(self, run: Run, name: str) -> pa.Table:
        return self._kept.get((run.folder, name), lambda: _read(run, name))


_CACHE = TableCache(MOST_BYTES)


def table(run: Run, name: str) -> pa.Table:
    """Return a table of a run; it is shared, as all Arrow tables it cannot be changed.

    Raises
    ------
    UnknownNameError
        When the run has no such table.
    UnreadableFileError
        When its file is gone or damaged.
    """
    return _CACHE.table(run, name)


def _read(run: Run, name: str) -> pa.Table:
    try:
        return run.table(name)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(run, name, error) from error


def column_names(run: Run, name: str) -> list[str]:
    """Return the names of a table's columns without reading its rows.

    Raises
    ------
    UnknownNameError
        When the run has no such table.
    UnreadableFileError
        When its file is gone or damaged.
    """
    path = run.folder / "tables" / f"{run.entry(name).name}.parquet"
    try:
        names: list[str] = pq.read_schema(path).names
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(run, name, error) from error
    return names


def _unreadable(run: Run, name: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(f"table {name} of run {run.run_id} cannot be read: {error}")
