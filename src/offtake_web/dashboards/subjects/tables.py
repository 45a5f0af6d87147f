"""Every table of a run: what there is, and the rows of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from offtake.report.against import beside
from offtake.report.figures import Shown
from offtake_web.common.paging import paged
from offtake_web.common.said import worded
from offtake_web.dashboards.cells import Seen, cells_of, is_number, shown_columns
from offtake_web.dashboards.listing import Asked, Found, Rows, find, wishes
from offtake_web.dashboards.reading import Context, Reading, thing
from offtake_web.dashboards.scoped import ScopedRun

PREFIX = "where."
MOST_COMPARED = 20_000


def tables(reading: Reading) -> Context:
    run = reading.run
    words = reading.request.GET.get("words", "").casefold().split()
    found = [(entry, run.manifest.passports.get(entry.measure)) for entry in run.manifest.tables]
    return {
        "tables": [
            (entry, passport)
            for entry, passport in found
            if all(word in _spoken(entry.name, passport) for word in words)
        ],
        "gaps": run.manifest.gaps,
        "words": " ".join(words),
    }


def _spoken(name: str, passport: Any) -> str:  # noqa: ANN401  # a passport or none
    title = passport.title if passport else ""
    return f"{name} {title} {worded(title)}".casefold()


def rows_of(reading: Reading, name: str) -> Found:
    """Return the rows of a table that an address asks for."""
    query, table = reading.request.GET, reading.run.table(name)
    where = dict(wishes(query, table.column_names, PREFIX))
    return find(table, Asked(where, query.get("sort", "")))


def table(reading: Reading, name: str) -> Context | None:
    """Return a page of a table; None where the run has no such table."""
    run = reading.run
    if name not in run.table_names:
        return None
    entry, found = run.entry(name), rows_of(reading, name)
    schema = found.table.schema
    columns = shown_columns(schema)
    page = paged(reading.request, Rows(found.table))
    lines = cells_of(page, schema, columns)
    compared = reading.against is not None and name in reading.against.table_names
    if compared:
        lines = _beside(reading, name, page, columns, lines)
    return {
        "entry": entry,
        "passport": run.manifest.passports.get(entry.measure),
        "seen": Seen(schema, columns, lines),
        "wishes": {each: reading.request.GET.get(f"{PREFIX}{each}", "") for each in columns},
        "page": page,
        "count": found.table.num_rows,
        "whole": not reading.scope.everything and not run.narrows(name),
        "errors": found.errors,
        "compared": compared,
    }


def _beside(
    reading: Reading,
    name: str,
    page: Any,  # noqa: ANN401  # rows
    columns: Sequence[str],
    lines: list[list[Shown]],
) -> list[list[Shown]]:
    """Set the figures of rows beside those of the other run with the same words in them."""
    if reading.against is None:
        return lines
    then, keys = _by_key(reading.against, name, reading.run)
    return [
        [
            _set(cell, column, then.get(tuple(row[each] for each in keys)))
            for column, cell in zip(columns, line, strict=True)
        ]
        for row, line in zip(page, lines, strict=True)
    ]


def _set(now: Shown, column: str, then: dict[str, Shown] | None) -> Shown:
    if now.value is None or (then is not None and column not in then):
        return now
    before = then[column] if then else None
    return beside(replace(now, unit="ratio"), before)


Key = tuple[Any, ...]


def _by_key(
    run: ScopedRun, name: str, now: ScopedRun
) -> tuple[dict[Key, dict[str, Shown]], tuple[str, ...]]:
    """Return the figures of a table by what tells its rows apart, and the columns of that."""
    table = run.table(name)
    keys = _keys(table.schema, now.table(name).schema)
    if table.num_rows > MOST_COMPARED:
        return {}, keys
    return thing(run, f"{name} by {keys}", lambda: _figures(table, keys)), keys


def _figures(table: pa.Table, keys: Sequence[str]) -> dict[Key, dict[str, Shown]]:
    columns = [each.name for each in table.schema if is_number(each.type)]
    rows = table.to_pylist()
    return {
        tuple(row[each] for each in keys): {
            name: replace(cell, unit="ratio") for name, cell in zip(columns, cells, strict=True)
        }
        for row, cells in zip(rows, cells_of(rows, table.schema, columns), strict=True)
    }


def _keys(then: pa.Schema, now: pa.Schema) -> tuple[str, ...]:
    """Return the columns of words and days: what tells rows apart."""
    return tuple(
        each.name for each in now if each.name in then.names and not is_number(each.type)
        and not pa.types.is_nested(each.type)
    )  # fmt: skip
