"""CSV and TSV files, plain or gzipped, in any encoding Python knows."""

from __future__ import annotations

import codecs
import csv
import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from offtake.data.expressions import literal
from offtake.data.profile import FileOptions
from offtake.data.sources.staging import STAGED, UNREADABLE_SCHEMA, Staged
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 24
_PLAIN = ("utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii")
_LONGEST_LINE = 16 * 1024 * 1024


@contextmanager
def staged_csv(store: Store, path: Path, options: FileOptions) -> Iterator[Staged]:
    """Make a CSV file visible to the engine, every value as text.

    Records that do not fit the header (too few or too many values, broken quotes, bytes outside
    the encoding) are returned as unreadable; the others keep their place in the file.

    Parameters
    ----------
    store
        The store whose engine reads the file.
    path
        File to read; ``.gz`` is unpacked on the way.
    options
        Delimiter, quote, encoding and lines to skip; an empty delimiter is found out.

    Raises
    ------
    UnreadableFileError
        When the file is absent, empty, or not in the stated encoding.
    """
    with tempfile.TemporaryDirectory(prefix="offtake-") as folder:
        readable = _as_utf8(path, options.encoding, Path(folder))
        header, delimiter = _header(readable, path, options)
        try:
            unreadable = _stage(store, readable, header, delimiter, options)
            yield Staged(STAGED, unreadable)
        finally:
            store.execute(f"DROP TABLE IF EXISTS {STAGED}")
            store.execute("DROP TABLE IF EXISTS csv_rejects")
            store.execute("DROP TABLE IF EXISTS csv_rejects_scan")


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # GzipFile reads as IO[bytes]
    return path.open("rb")


def _as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    if encoding.lower() in _PLAIN:
        return path
    target = folder / "transcoded.csv"
    try:
        with _open(path) as source, target.open("w", encoding="utf-8", newline="") as out:
            reader = _decoder(encoding)
            while chunk := source.read(_CHUNK):
                out.write(reader.decode(chunk))
            out.write(reader.decode(b"", final=True))
    except (LookupError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path} cannot be read as {encoding}: {error}") from error
    return target


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)()


def _header(readable: Path, path: Path, options: FileOptions) -> tuple[list[str], str]:
    with _open(readable) as handle:
        for _ in range(options.skip_rows):
            handle.readline(_LONGEST_LINE)
        line = handle.readline(_LONGEST_LINE)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path} is not UTF-8; name its encoding in a profile ([file] encoding)"
        ) from error
    if not text.strip():
        raise UnreadableFileError(f"{path} has no header in row {options.skip_rows + 1}")
    delimiter = options.delimiter or max(_DELIMITERS, key=text.count)
    names = next(csv.reader([text], delimiter=delimiter, quotechar=options.quote))
    return _checked_names([n.strip() for n in names], path), delimiter


def _checked_names(names: list[str], path: Path) -> list[str]:
    lowered = [n.lower() for n in names]
    for place, column in enumerate(lowered, start=1):
        if not column:
            names[place - 1] = f"column {place}"
        elif lowered.index(column) != place - 1:
            raise BadInputError(
                f"{path.name}: column {names[place - 1]!r} stands twice in the header "
                f"(places {lowered.index(column) + 1} and {place}); give each its own name"
            )
    return names


def _stage(
    store: Store, readable: Path, header: list[str], delimiter: str, options: FileOptions
) -> pa.Table:
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in header)
    quote = literal(options.quote)
    skipped = options.skip_rows + 1
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE {STAGED} AS "
        f"SELECT row_number() OVER () AS _id, row_number() OVER () + {skipped} AS _row, * "
        f"FROM read_csv({literal(str(readable))}, columns = {{{columns}}}, auto_detect = false, "
        f"header = false, skip = {skipped}, delim = {literal(delimiter)}, quote = {quote}, "
        f"escape = {quote}, max_line_size = {_LONGEST_LINE}, "
        f"store_rejects = true, rejects_table = 'csv_rejects', rejects_scan = 'csv_rejects_scan')"
    )
    return _rejects(store)


def _rejects(store: Store) -> pa.Table:
    """Return the rejected records, and move the rows after each of them one place down."""
    rejects = store.fetch_arrow(
        "SELECT line::BIGINT AS row, any_value(column_name) AS column, "
        "any_value(csv_line) AS value, any_value(error_type || ': ' || error_message) AS reason "
        "FROM csv_rejects GROUP BY line ORDER BY line"
    )
    if rejects.num_rows:
        # The k-th reject, at line l, stands before every row counted l - k + 1 or later.
        store.execute(
            f"CREATE OR REPLACE TEMP TABLE {STAGED} AS "
            f"SELECT s.* REPLACE (s._row + coalesce(r.earlier, 0) AS _row) FROM {STAGED} s "
            "ASOF LEFT JOIN (SELECT line - row_number() OVER (ORDER BY line) + 1 AS from_row, "
            "row_number() OVER (ORDER BY line) AS earlier "
            "FROM (SELECT DISTINCT line FROM csv_rejects)) r ON s._row >= r.from_row"
        )
    return rejects.cast(UNREADABLE_SCHEMA)

