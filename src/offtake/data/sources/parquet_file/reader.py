"""Parquet files: read in place, column by column, with their own types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offtake.data.expressions import literal, name
from offtake.data.sources.staging import STAGED, Staged, nothing_unreadable, staged_name
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError

_ROW_NUMBER = "file_row_number"


@contextmanager
def staged_parquet(store: Store, path: Path) -> Iterator[Staged]:
    """Make a Parquet file visible to the engine for the length of a block.

    Rows are counted from 2, as a spreadsheet with a header would show them.

    Raises
    ------
    UnreadableFileError
        When the file is not Parquet.
    BadInputError
        When two columns have the same name, or one has the engine's name for the row number.
    """
    import duckdb

    scan = f"read_parquet({literal(_exact(path))}, binary_as_string = true"
    try:
        columns = [row[0] for row in store.fetch(f"DESCRIBE SELECT * FROM {scan})")]
    except duckdb.Error as error:
        raise UnreadableFileError(f"{path} is not a Parquet file: {error}") from error
    _check_names(columns, path)
    kept = ", ".join(f"{name(column)} AS {name(staged_name(column))}" for column in columns)
    store.execute(
        f"CREATE OR REPLACE TEMP VIEW {STAGED} AS SELECT {_ROW_NUMBER} AS _id, "
        f"{_ROW_NUMBER} + 2 AS _row, {kept} FROM {scan}, {_ROW_NUMBER} = true)"
    )
    try:
        yield Staged(STAGED, nothing_unreadable())
    finally:
        store.execute(f"DROP VIEW IF EXISTS {STAGED}")


def _exact(path: Path) -> str:
    """Return the path with the engine's wildcards taken literally."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _check_names(columns: list[str], path: Path) -> None:
    import pyarrow.parquet as pq

    # The engine renames what differs in case only; the file itself tells.
    lowered = [column.lower() for column in pq.read_schema(path).names]
    twice = sorted({column for column in lowered if lowered.count(column) > 1})
    if twice:
        raise BadInputError(
            f"{path.name}: more than one column is called {', '.join(map(repr, twice))} "
            "(capitals do not count); give each its own name"
        )
    if _ROW_NUMBER in (column.lower() for column in columns):
        raise BadInputError(f"{path.name}: rename column {_ROW_NUMBER!r}; the engine uses it")
