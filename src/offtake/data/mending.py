"""Exports rows that were set aside as a CSV file, to be mended and loaded again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offtake.data.profile import FileOptions
from offtake.data.store import Store
from offtake.errors import BadInputError

ENTRY_MARK = (
    "('r' || e.entry || '-' || left(md5(concat_ws('/', e.load_id, e.entry, e.contract, e.raw)), 8))"
)
"""SQL for the mark by which a mended row is recognised: no column of a supplier holds it."""

_HEAD = ("_load_id", "_entry", "_problem")
_CHUNK = 50_000
_SPREADSHEET_UTF8 = "utf-8-sig"


def write_open_rows(store: Store, load_id: int, target: Path) -> int:
    """Write the open rows of a load; see :func:`offtake.data.ledger.export_set_aside`."""
    if target.suffix.lower() != ".csv":
        raise BadInputError(f"{target}: rows set aside are exported as .csv")
    options = _options(store, load_id)
    last = _last_entry(store, load_id)
    columns = _columns(store, load_id)
    part = target.with_name(target.name + ".part")
    count = 0
    with part.open("w", encoding=_encoding(options), errors="replace", newline="") as handle:
        for _ in range(options.skip_rows):
            handle.write("\r\n")
        writer = csv.writer(handle, **_dialect(options))
        writer.writerow(_plain(cell, options) for cell in (*_HEAD, *columns))
        for record in _records(store, load_id, columns, last):
            writer.writerow(_plain(cell, options) for cell in record)
            count += 1
    part.replace(target)
    return count


def _options(store: Store, load_id: int) -> FileOptions:
    found = store.fetch(
        'SELECT dialect FROM meta.loads WHERE load_id = ? AND "schema" = ?',
        [load_id, store.schema],
    )
    if not found:
        which, option = (
            ("", "") if store.schema == "main" else (" of simulated data", " --simulated")
        )
        raise BadInputError(f"there is no load {load_id}{which}; see: offtake loads{option}")
    known: dict[str, Any] = json.loads(found[0][0])
    known["null_values"] = tuple(known["null_values"])
    return FileOptions(**known)


def _last_entry(store: Store, load_id: int) -> int:
    """Return the last entry that can be mended as a row."""
    open_rows, last = store.fetch(
        "SELECT count(*), max(entry) FILTER (raw IS NOT NULL) FROM meta.set_aside "
        "WHERE load_id = ? AND resolved_by IS NULL",
        [load_id],
    )[0]
    if not open_rows:
        raise BadInputError(f"load {load_id} has no rows waiting to be mended")
    if last is None:
        raise BadInputError(
            f"load {load_id}: none of what was set aside can be mended as a row; ask the sender "
            "for a whole file"
        )
    return int(last)


def _columns(store: Store, load_id: int) -> list[str]:
    """Return the source's columns; the one for cells too many only where there are some."""
    found = store.fetch(
        "SELECT json_keys(raw) AS names, min(entry), "
        "bool_or(json_extract_string(raw, '$._more') IS NOT NULL) FROM meta.set_aside "
        "WHERE load_id = ? AND resolved_by IS NULL AND raw IS NOT NULL GROUP BY 1 ORDER BY 2",
        [load_id],
    )
    columns = dict.fromkeys(name for names, _, _ in found for name in names)
    if not any(has_more for _, _, has_more in found):
        columns.pop("_more", None)
    return list(columns)


def _records(
    store: Store, load_id: int, columns: list[str], last: int
) -> Iterator[list[str | None]]:
    """Give the rows chunk by chunk: a load with a wrong profile may have set millions aside."""
    for start in range(0, last + 1, _CHUNK):
        rows = store.fetch(
            f"SELECT {ENTRY_MARK}, e.raw, list_transform(e.faults, lambda f: "
            "coalesce(f.\"column\", '') || ': got ' || coalesce(f.\"value\", 'nothing') || '; ' "
            "|| f.reason) FROM meta.set_aside e WHERE e.load_id = ? AND e.resolved_by IS NULL "
            "AND e.raw IS NOT NULL AND e.entry BETWEEN ? AND ? ORDER BY e.entry",
            [load_id, start, start + _CHUNK - 1],
        )
        for mark, raw, problems in rows:
            cells = json.loads(raw)
            yield [str(load_id), mark, " | ".join(problems), *(cells.get(c) for c in columns)]


def _encoding(options: FileOptions) -> str:
    """Return the encoding to write: UTF-8 gets the mark by which spreadsheets know it."""
    is_utf8 = options.encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "us-ascii")
    return _SPREADSHEET_UTF8 if is_utf8 else options.encoding


def _dialect(options: FileOptions) -> dict[str, Any]:
    if not options.quote:
        return {"delimiter": options.delimiter or ",", "quoting": csv.QUOTE_NONE, "quotechar": None}
    return {"delimiter": options.delimiter or ",", "quotechar": options.quote}


def _plain(cell: str | None, options: FileOptions) -> str:
    """Return a cell as it can be written: a file without quotes has no room for line breaks."""
    text = cell or ""
    if options.quote:
        return text
    return " ".join(text.replace(options.delimiter or ",", " ").splitlines())
