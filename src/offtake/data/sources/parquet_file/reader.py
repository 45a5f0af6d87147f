"""Parquet files: read in place, column by column, with their own types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offtake.data.expressions import literal
from offtake.data.sources.staging import STAGED, Staged, nothing_unreadable
from offtake.data.store import Store
from offtake.errors import UnreadableFileError


@contextmanager
def staged_parquet(store: Store, path: Path) -> Iterator[Staged]:
    """Make a Parquet file visible to the engine for the length of a block.

    Rows are counted from 2, as a spreadsheet with a header would show them.

    Raises
    ------
    UnreadableFileError
        When the file is not Parquet.
    """
    import duckdb

    try:
        store.execute(
            f"CREATE OR REPLACE TEMP VIEW {STAGED} AS SELECT file_row_number AS _id, "
            f"file_row_number + 2 AS _row, * EXCLUDE (file_row_number) "
            f"FROM read_parquet({literal(str(path))}, file_row_number = true)"
        )
    except duckdb.Error as error:
        raise UnreadableFileError(f"{path} is not a Parquet file: {error}") from error
    try:
        yield Staged(STAGED, nothing_unreadable())
    finally:
        store.execute(f"DROP VIEW IF EXISTS {STAGED}")
