"""Reads a CSV file with every line numbered, so that each of them is accounted for.

The engine skips empty lines, does not say where a record stands, and lets a quote that is never
closed swallow the lines after it. Here each line gets its number as a first cell. What a pass
leaves uncovered (lines swallowed by a broken quote) is read again by the next pass, without the
line that broke it. The passes end because each settles at least one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from offtake.data.expressions import literal, name
from offtake.data.sources.csv_file.header import Header
from offtake.data.sources.csv_file.scan import (
    LONGEST_LINE,
    REJECTS,
    columns_sql,
    drop_rejects,
    scan_sql,
)
from offtake.data.sources.staging import STAGED, UNREADABLE_SCHEMA, staged_name
from offtake.data.store import Store

_FEWEST_CELLS = 4
_BROKEN = "UNQUOTED VALUE"
_OPEN_QUOTE = "a quote opens or closes in the wrong place"
_FAULTS = "numbered_faults"
_COVER, _EXTRA = "numbered_cover", "numbered_extra"
_TABLES = (_FAULTS, _COVER, _EXTRA)
_SHOWN = 10_000
# The engine counts the line number as a cell; the file does not have it.
_FOUND = "(CAST(regexp_extract(message, 'Found: ([0-9]+)', 1) AS INTEGER) - 1)"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Job:
    """One file on its way into the staged table."""

    store: Store
    header: Header
    folder: Path

    @property
    def columns(self) -> list[str]:
        """Staged names of the file's columns."""
        return [staged_name(column) for column in self.header.names]


def stage_numbered(store: Store, lines: TextIO, header: Header, folder: Path) -> pa.Table:
    """Stage the records of a file and return those that cannot be read.

    Parameters
    ----------
    store
        The store whose engine reads the file.
    lines
        The file as text, from its start; bytes that are not UTF-8 as surrogates.
    header
        Its header.
    folder
        Where temporary files may lie.
    """
    job = _Job(store, header, folder)
    whole = folder / "numbered.csv"
    last = _write_numbered(lines, header, whole)
    _create_tables(job)
    try:
        _read_all(job, whole, last)
        _assign_rows(job)
        return _unreadable(job)
    finally:
        for table in _TABLES:
            store.execute(f"DROP TABLE IF EXISTS {table}")


def _write_numbered(lines: TextIO, header: Header, target: Path) -> int:
    """Write the lines below the header, each with its number in front; return the last number."""
    first = header.last_line + 1
    body = islice(lines, header.last_line, None)
    shape = ("{}" + header.delimiter.replace("{", "{{").replace("}", "}}") + "{}").format
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as out:
        counted = _Numbers(first)
        out.writelines(map(shape, counted, body))
    return counted.last


class _Numbers:
    """Counts up from `first`, and knows how far it came."""

    def __init__(self, first: int) -> None:
        self.last = first - 1

    def __iter__(self) -> Iterator[int]:
        while True:
            yield self.last + 1
            self.last += 1


def _create_tables(job: _Job) -> None:
    cells = ", ".join(f"{name(column)} VARCHAR" for column in job.columns)
    job.store.execute(f"CREATE OR REPLACE TEMP TABLE {STAGED} (_line BIGINT, {cells})")
    job.store.execute(f"CREATE OR REPLACE TEMP TABLE {_COVER} (a BIGINT, b BIGINT, broken BOOLEAN)")
    job.store.execute(
        f'CREATE OR REPLACE TEMP TABLE {_FAULTS} (_line BIGINT, lines BIGINT, "column" VARCHAR, '
        "kind VARCHAR, message VARCHAR, text VARCHAR)"
    )


def _read_all(job: _Job, whole: Path, last: int) -> None:
    first = job.header.last_line + 1
    spans: list[Span] = [(first, last)] if last >= first else []
    part = whole
    while spans:
        _read_pass(job, part)
        spans = list(_uncovered(job, whole, last, spans))
        part = job.folder / "swallowed.csv"
        with part.open("wb") as out:
            out.writelines(_lines_of(whole, spans, first))


def _read_pass(job: _Job, part: Path) -> None:
    columns = columns_sql(job.columns, first="'_line': 'BIGINT', ")
    scan = scan_sql(part, columns, job.header, in_parallel=False)
    job.store.execute(f"INSERT INTO {STAGED} SELECT * FROM {scan}")
    _keep_rejects(job)
    drop_rejects(job.store)
    _refuse_swallowed(job)


def _keep_rejects(job: _Job) -> None:
    """Move the scan's rejects among the faults; an empty line is none."""
    sign = literal(job.header.delimiter)
    broken = f"error_type = '{_BROKEN}'"
    csv_line = "rtrim(csv_line, chr(10))"
    job.store.execute(
        f"INSERT INTO {_FAULTS} "
        f"SELECT TRY_CAST(split_part(csv_line, {sign}, 1) AS BIGINT) AS _line, "
        f"CASE WHEN bool_or({broken}) THEN 1 ELSE max(1 + {_breaks(csv_line)}) END, "
        f"arg_min(column_name, column_idx), CASE WHEN bool_or({broken}) THEN '{_BROKEN}' "
        "ELSE arg_min(error_type, column_idx) END, "
        "arg_min(error_message, column_idx), "
        f"CASE WHEN bool_or({broken}) THEN split_part(csv_line, chr(10), 1) ELSE csv_line END "
        f"FROM {REJECTS} WHERE csv_line <> '' GROUP BY csv_line, line_byte_position "
        "HAVING _line IS NOT NULL"
    )


def _breaks(text: str) -> str:
    """Return SQL for the number of line breaks inside a text."""
    return f"(length({text}) - length(replace({text}, chr(10), '')))"


def _refuse_swallowed(job: _Job) -> None:
    """Take back records whose cell holds lines that are records themselves: a quote is missing."""
    if len(job.columns) < _FEWEST_CELLS:
        return
    sign = literal(job.header.delimiter)
    cells = len(job.columns) + 1
    swallowed = " OR ".join(
        f"(contains({c}, chr(10)) AND len(string_split({c}, chr(10))) > 2 "
        f"AND len(list_filter(string_split({c}, chr(10))[2:-2], "
        f"lambda l: len(string_split(l, {sign})) <> {cells})) = 0)"
        for c in map(name, job.columns)
    )
    texts = ", ".join(f"coalesce({name(c)}, '')" for c in job.columns)
    job.store.execute(
        f"INSERT INTO {_FAULTS} SELECT _line, 1, NULL, '{_BROKEN}', '', _line || {sign} || "
        f"split_part(concat_ws({sign}, {texts}), chr(10), 1) FROM {STAGED} WHERE {swallowed}"
    )
    job.store.execute(
        f"DELETE FROM {STAGED} WHERE _line IN (SELECT _line FROM {_FAULTS} WHERE message = '')"
    )


def _uncovered(job: _Job, whole: Path, last: int, read: list[Span]) -> Iterator[Span]:
    """Give the spans of lines that became neither row nor fault, `read` the last time."""
    _cover(job)
    before = job.header.last_line
    gaps = job.store.fetch(
        f"SELECT b + 1, next - 1, broken FROM (SELECT b, broken, lead(a, 1, {last + 1}) OVER "
        f"(ORDER BY a) AS next FROM (FROM {_COVER} UNION ALL SELECT {before}, {before}, false)) "
        "WHERE next > b + 1 ORDER BY b"
    )
    # After a line with a broken quote its victims follow, and are read again as they are.
    # Otherwise, or where nothing came of that, a line that opens a quote for good is to blame.
    blamed = {start for start, _, broken in gaps if not broken}
    if [(start, end) for start, end, _ in gaps] == read:
        blamed.add(gaps[0][0])
    _add_lost(job, whole, sorted(blamed))
    for start, end, _ in gaps:
        begin = start + 1 if start in blamed else start
        if begin <= end:
            yield begin, end


def _cover(job: _Job) -> None:
    """List which lines each row and each fault takes up."""
    texts = f"concat({', '.join(map(name, job.columns))})"
    job.store.execute(
        f"CREATE OR REPLACE TEMP TABLE {_COVER} AS SELECT _line AS a, _line + CASE WHEN "
        f"contains({texts}, chr(10)) THEN {_breaks(texts)} ELSE 0 END AS b, false AS broken "
        f"FROM {STAGED} UNION ALL SELECT _line, _line + lines - 1, kind = '{_BROKEN}' "
        f"FROM {_FAULTS}"
    )


def _add_lost(job: _Job, whole: Path, lines: list[int]) -> None:
    """Enter lines that the engine dropped without a word as broken."""
    spans = [(line, line) for line in lines]
    texts = [line.decode("utf-8", "replace").rstrip("\n")[:_SHOWN] for line in
             _lines_of(whole, spans, job.header.last_line + 1)]  # fmt: skip
    found = pa.table({"line": pa.array(lines, pa.int64()), "text": pa.array(texts, pa.string())})
    with job.store.registered("lost_lines", found):
        job.store.execute(
            f"INSERT INTO {_FAULTS} SELECT line, 1, NULL, '{_BROKEN}', 'lost', text FROM lost_lines"
        )


def _lines_of(whole: Path, spans: list[Span], first: int) -> Iterator[bytes]:
    """Give some of the numbered lines; line `first` is the first of the file."""
    at = first
    with whole.open("rb") as lines:
        for start, end in spans:
            yield from islice(lines, start - at, end + 1 - at)
            at = end + 1


def _assign_rows(job: _Job) -> None:
    """Turn line numbers into rows: a record counts once, however many lines it takes."""
    store, header = job.store, job.header
    sign = literal(header.delimiter)
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE {_EXTRA} AS SELECT a, sum(b - a) OVER (ORDER BY a) "
        f"AS extra FROM {_COVER} WHERE b > a"
    )
    shift = header.last_line - header.first_line
    cells = ", ".join(
        f"CASE WHEN contains({c}, chr(10)) THEN regexp_replace({c}, "
        f"'\\n[0-9]+' || regexp_escape({sign}), chr(10), 'g') ELSE {c} END AS {c}"
        for c in map(name, job.columns)
    )
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE {STAGED} AS SELECT _line AS _id, "
        f"_line - {shift} - coalesce(e.extra, 0) AS _row, {cells} "
        f"FROM {STAGED} s ASOF LEFT JOIN {_EXTRA} e ON s._line > e.a"
    )


def _unreadable(job: _Job) -> pa.Table:
    header = job.header
    sign, quote = literal(header.delimiter), literal(header.quote)
    shift = header.last_line - header.first_line
    text = f"regexp_replace(text, '(^|\\n)[0-9]+' || regexp_escape({sign}), '\\1', 'g')"
    cells = ", ".join(
        f"{literal(column)}, nullif(trim(cells[{place}], {quote}), '')"
        for place, column in enumerate(header.names, start=1)
    )
    more = f"'_more', nullif(array_to_string(cells[{len(header.names) + 1}:], {sign}), '')"
    found = job.store.fetch_arrow(
        f"SELECT _line - {shift} - coalesce(e.extra, 0) AS row, {_column(header)} AS column, "
        f"words AS value, {_reason(header)} AS reason, "
        f"json_object({cells}, {more})::VARCHAR AS raw "
        f"FROM (SELECT *, {text} AS words, string_split({text}, {sign}) AS cells FROM {_FAULTS}) f "
        f"ASOF LEFT JOIN {_EXTRA} e ON f._line > e.a "
        f"WHERE trim(words, ' ' || {sign}) <> '' ORDER BY _line"
    )
    return found.cast(UNREADABLE_SCHEMA)


def _column(header: Header) -> str:
    names = ", ".join(literal(column) for column in header.names)
    return (
        f"CASE WHEN kind = 'MISSING COLUMNS' THEN [{names}][{_FOUND} + 1] "
        f"WHEN kind = 'TOO MANY COLUMNS' THEN {literal(header.names[-1])} "
        f"WHEN kind = '{_BROKEN}' THEN coalesce([{names}][{_place_of_quote(header)}], "
        f'"column", {literal(header.names[0])}) '
        f'ELSE coalesce("column", {literal(header.names[0])}) END'
    )


def _place_of_quote(header: Header) -> str:
    """Return SQL for the first cell whose quote opens and does not close, or has text around it."""
    quote = literal(header.quote)
    whole = f"(c[1] = {quote} AND c[-1] = {quote} AND length(c) > 1)"
    stray = f"lambda c: contains(c, {quote}) AND NOT ({whole} AND NOT contains(c[2:-2], {quote}))"
    return f"list_position(list_transform(cells, {stray}), true)"


def _reason(header: Header) -> str:
    return (
        "CASE WHEN kind IN ('MISSING COLUMNS', 'TOO MANY COLUMNS') THEN "
        f"'has ' || {_FOUND} || ' cells where the header has {len(header.names)}' "
        "WHEN kind = 'INVALID ENCODING' THEN 'holds bytes outside the encoding of the file; name "
        "its encoding in the profile' "
        "WHEN kind = 'LINE SIZE OVER MAXIMUM' THEN "
        f"'is longer than {LONGEST_LINE // 1024 // 1024} MiB; is a quote missing?' "
        f"ELSE '{_OPEN_QUOTE}' END"
    )
