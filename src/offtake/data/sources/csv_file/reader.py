"""CSV and TSV files, plain or gzipped, in any encoding Python knows."""

from __future__ import annotations

import codecs
import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

import pyarrow as pa

from offtake.data.expressions import name
from offtake.data.profile import FileOptions
from offtake.data.sources.csv_file.header import Header, read_header
from offtake.data.sources.csv_file.numbered import stage_numbered
from offtake.data.sources.csv_file.scan import columns_sql, drop_rejects, scan_sql
from offtake.data.sources.staging import STAGED, Staged, nothing_unreadable, staged_name
from offtake.data.store import Store
from offtake.errors import UnreadableFileError

_CHUNK = 1 << 22
_PLAIN = ("utf-8", "utf8", "utf-8-sig", "utf_8", "utf_8_sig", "ascii", "us-ascii")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def staged_csv(store: Store, path: Path, options: FileOptions) -> Iterator[Staged]:
    """Make a CSV file visible to the engine, every value as text.

    The engine reads the file as it is; where it keeps one record for each line, nothing more is
    needed. Otherwise (a record that does not fit, a broken quote, a line break in a cell, an empty
    line) the file is read again with every line numbered, so that no line goes missing and every
    record knows its row. Records that do not fit the header are returned as unreadable. Rows are
    counted as a spreadsheet counts them; rows without any content are left out.

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
        When the file is empty, or not in the stated encoding.
    BadInputError
        When two columns have the same name.
    """
    with tempfile.TemporaryDirectory(prefix="offtake-") as temporary:
        folder = Path(temporary)
        try:
            readable = _as_utf8(path, options.encoding, folder)
            with _open_text(readable) as lines:
                header = read_header(lines, path, options)
            unreadable = _stage(store, readable, header, folder)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(f"{path} is not a whole gzip file: {error}") from error
        try:
            _drop_blank_rows(store, header)
            yield Staged(STAGED, unreadable, by_hand=True)
        finally:
            store.execute(f"DROP TABLE IF EXISTS {STAGED}")


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # GzipFile reads as IO[bytes]
    return path.open("rb")


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    """Open as UTF-8 lines; bytes that are not UTF-8 pass through unharmed."""
    with _open(path) as handle:
        yield io.TextIOWrapper(handle, encoding="utf-8", errors="surrogateescape", newline=None)


def _as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return the path of the file in UTF-8; bytes outside the encoding stay what they are."""
    if encoding.lower() in _PLAIN:
        _demand_no_utf16(path, encoding)
        return path
    target = folder / "transcoded.csv"
    try:
        decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        with (
            _open(path) as source,
            target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
        ):
            while chunk := source.read(_CHUNK):
                out.write(decoder.decode(chunk))
            out.write(decoder.decode(b"", final=True))
    except (LookupError, UnicodeError) as error:
        raise UnreadableFileError(f"{path} cannot be read as {encoding}: {error}") from error
    return target


def _demand_no_utf16(path: Path, encoding: str) -> None:
    with _open(path) as handle:
        start = handle.read(2)
    if start in _BYTE_ORDER_MARKS:
        raise UnreadableFileError(
            f"{path} is UTF-16, not {encoding}; put encoding = 'utf-16' in the profile's [file]"
        )


def _stage(store: Store, readable: Path, header: Header, folder: Path) -> pa.Table:
    if _staged_whole(store, readable, header):
        return nothing_unreadable()
    store.execute(f"DROP TABLE IF EXISTS {STAGED}")
    with _open_text(readable) as lines:
        return stage_numbered(store, lines, header, folder)


def _staged_whole(store: Store, readable: Path, header: Header) -> bool:
    """Stage the file as it is; say whether each of its lines became one row."""
    import duckdb

    if header.last_line != header.first_line:
        return False
    skipped = header.last_line
    columns = [staged_name(column) for column in header.names]
    cells = ", ".join(name(column) for column in columns)
    scan = scan_sql(readable, columns_sql(columns), header, skip=skipped)
    try:
        rows = store.fetch(
            f"CREATE OR REPLACE TEMP TABLE {STAGED} AS SELECT row_number() OVER () AS _id, "
            f"row_number() OVER () + {skipped} AS _row, {cells} FROM {scan}"
        )[0][0]
        rejected = store.fetch("SELECT 1 FROM csv_rejects LIMIT 1")
    except duckdb.InvalidInputException:
        return False
    finally:
        drop_rejects(store)
    return not rejected and rows == _count_lines(readable) - skipped


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with _open(path) as handle:
        while chunk := handle.read(_CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")


def _drop_blank_rows(store: Store, header: Header) -> None:
    cells = ", ".join(name(staged_name(column)) for column in header.names)
    store.execute(f"DELETE FROM {STAGED} WHERE coalesce({cells}) IS NULL")
