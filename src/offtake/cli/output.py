"""Printing tables for people (table), spreadsheets (csv) and programs (json)."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from offtake.cli.options import Format
from offtake.units import MISSING, Unit, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from offtake.data.intake import Progress

Cell = object
Record = Mapping[str, Cell]
SIGNIFICANT = 6
PIPE_WIDTH = 200


def print_records(
    columns: Sequence[str],
    records: Iterable[Record],
    form: Format,
    *,
    title: str = "",
    units: Mapping[str, Unit] | None = None,
) -> None:
    """Print records to standard output.

    Parameters
    ----------
    columns
        Column names, in order.
    records
        One mapping per line.
    form
        Table, CSV or JSON; the last two give the values in full.
    title, units
        Lines above the table, and units of columns; the table form only.
    """
    if form is Format.json:
        print(json.dumps([dict(r) for r in records], default=str, ensure_ascii=False, indent=2))
    elif form is Format.csv:
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({c: r[c] for c in columns} for r in records)
    else:
        _print_table(columns, list(records), title, units or {})


def _print_table(
    columns: Sequence[str], records: list[Record], title: str, units: Mapping[str, Unit]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        numeric = column in units or any(_is_number(record[column]) for record in records)
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric)
    for record in records:
        table.add_row(*(Text(_cell(record[c], units.get(c))) for c in columns))
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    if title:
        console.print(title, markup=False, highlight=False)
    console.print(table)
    if not records:
        console.print("(no rows)", markup=False)


def _cell(value: Cell, unit: Unit | None) -> str:
    if unit is not None and (value is None or isinstance(value, int | float)):
        return format_value(value, unit)
    return plain(value)


def _is_number(value: Cell) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(value: Cell) -> str:
    """Return a cell as a person reads it.

    Examples
    --------
    >>> plain(1234567), plain(0.123456789), plain(True), plain(["a", "b"])
    ('1,234,567', '0.123457', 'yes', 'a, b')
    """
    if value is None:
        return MISSING
    if isinstance(value, list | tuple):
        return ", ".join(plain(v) for v in value)
    for kind, written in _WRITTEN.items():
        if isinstance(value, kind):
            return written(value)
    return str(value)


def _plain_float(value: float) -> str:
    if not math.isfinite(value):
        return MISSING
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.{SIGNIFICANT}g}"


# In this order: a truth value is also an integer.
_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "yes" if value else "no",
    int: lambda value: f"{value:,}",
    float: _plain_float,
    datetime: lambda value: f"{value:%Y-%m-%d %H:%M}",
}


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Show a bar on standard error while a block runs; a pipe gets none."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=100)

        def show(step: str, share: float) -> None:
            bar.update(task, description=f"{label}: {step}", completed=share)

        yield show


def say(text: str) -> None:
    """Tell the person something that is not the answer: standard error."""
    print(text, file=sys.stderr)


def write_tables(tables: Mapping[str, pa.Table], label: str, folder: Path) -> None:
    """Write tables as Parquet files, each whole or not at all, and say so.

    Parameters
    ----------
    tables
        By name.
    label
        Of simulated data, which goes into the files; empty for real ones.
    folder
        Made if it is not there.
    """
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        part = path.with_name(f".{path.name}.part")
        marks = {"simulated": label} if label else {}
        pq.write_table(table.replace_schema_metadata(marks), part, compression="zstd")
        part.replace(path)
    say(f"Wrote {', '.join(sorted(f'{name}.parquet' for name in tables))}")


def print_shown(
    rows: Sequence[dict[str, Any]],
    shown: Mapping[str, tuple[str, Unit | None]],
    form: Format,
    *,
    title: str,
    label: str,
    limit: int | None = None,
) -> None:
    """Print some columns under short headings for people, and all of them for programs.

    Parameters
    ----------
    rows
        In the order printed.
    shown
        Heading to column, and its unit.
    form
        For whom.
    title
        What people read above the table.
    label
        Of simulated data; empty for real data.
    limit
        Rows at most that people get; all where none is given.
    """
    if form is not Format.table:
        more = {"label": label} if label else {}
        print_records([*rows[0], *more] if rows else [], [row | more for row in rows], form)
        return
    print_records(
        list(shown),
        [{head: row[column] for head, (column, _) in shown.items()} for row in rows[:limit]],
        form,
        title="\n".join(filter(None, (label, title))),
        units={head: unit for head, (_, unit) in shown.items() if unit is not None},
    )
    if limit is not None and len(rows) > limit:
        say(f"The first {limit} of {len(rows):,}; --limit shows more, --format csv all.")


def write_page(path: Path, text: str) -> None:
    """Write a page, whole or not at all, and say so."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    say(f"Wrote {path}")
