"""A file made visible to the engine, before any contract is applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from offtake.data.expressions import name
from offtake.data.sources.extract import Extract
from offtake.data.store import Store

STAGED = "staged"
UNREADABLE_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.string()),
    ]
)
_RESERVED = ("_id", "_row", "_line")
_OF_THE_FILE = " (of the file)"


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows of one file as a relation of the engine.

    Parameters
    ----------
    relation
        SQL name. Columns ``_id`` (unique), ``_row`` (place in the file), then the file's own.
    unreadable
        Records that could not be read as rows: ``row``, ``column``, ``value``, ``reason`` and,
        where they can be mended, ``raw`` (JSON of the cells).
    by_hand
        Whether cells may hold what a spreadsheet or a stray quote leaves behind.
    """

    relation: str
    unreadable: pa.Table
    by_hand: bool = False


def nothing_unreadable() -> pa.Table:
    """Return the empty table of unreadable records."""
    return UNREADABLE_SCHEMA.empty_table()


def staged_name(column: str) -> str:
    """Return the name under which a file's column is staged, clear of the engine's own names.

    Examples
    --------
    >>> staged_name("units"), staged_name("_ID")
    ('units', '_ID (of the file)')
    """
    return column + _OF_THE_FILE if column.strip().lower() in _RESERVED else column


def original_name(column: str) -> str:
    """Return what the file calls a staged column.

    Examples
    --------
    >>> original_name("_ID (of the file)")
    '_ID'
    """
    original = column.removesuffix(_OF_THE_FILE)
    return original if original.strip().lower() in _RESERVED else column


def source_columns(store: Store, relation: str) -> dict[str, str]:
    """Return the columns of a relation with the engine's types."""
    return {row[0]: row[1] for row in store.fetch(f"DESCRIBE {relation}")}


@contextmanager
def staged_extract(store: Store, extract: Extract, *, by_hand: bool = False) -> Iterator[Staged]:
    """Make the rows that a reader returned visible to the engine for the length of a block."""
    columns = ", ".join(name(c) for c in extract.rows.column_names)
    with store.registered("extracted_rows", extract.rows):
        store.execute(
            f"CREATE OR REPLACE TEMP TABLE {STAGED} AS "
            f"SELECT row_number() OVER () AS _id, {columns} FROM extracted_rows"
        )
    try:
        yield Staged(STAGED, extract.unreadable, by_hand)
    finally:
        store.execute(f"DROP TABLE IF EXISTS {STAGED}")
