"""The engine's own CSV scan: every cell as text, records that do not fit kept aside."""

from __future__ import annotations

from pathlib import Path

from offtake.data.expressions import literal
from offtake.data.sources.csv_file.header import Header
from offtake.data.store import Store

LONGEST_LINE = 4 * 1024 * 1024
REJECTS, _SCANS = "csv_rejects", "csv_rejects_scan"


def columns_sql(columns: list[str], *, first: str = "") -> str:
    """Return the scan's column list; `first` goes before the text columns."""
    texts = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    return "{" + first + texts + "}"


def scan_sql(
    path: Path, columns: str, header: Header, *, skip: int = 0, in_parallel: bool = True
) -> str:
    """Return SQL for the records of a file under a header."""
    quote = literal(header.quote)
    wildcards = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return (
        f"read_csv({literal(wildcards)}, columns = {columns}, auto_detect = false, "
        f"header = false, skip = {skip}, delim = {literal(header.delimiter)}, quote = {quote}, "
        f"escape = {quote}, max_line_size = {LONGEST_LINE}, parallel = {str(in_parallel).lower()}, "
        f"store_rejects = true, rejects_table = '{REJECTS}', rejects_scan = '{_SCANS}')"
    )


def drop_rejects(store: Store) -> None:
    """Forget the records that the last scan kept aside."""
    for table in (REJECTS, _SCANS):
        store.execute(f"DROP TABLE IF EXISTS {table}")
