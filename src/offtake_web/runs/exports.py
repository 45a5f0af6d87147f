"""Tables of a run as files: CSV for programs, Excel for people; Parquet is what the run holds."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from offtake.errors import BadInputError
from offtake.report.run import Run

MOST_CELLS = 250_000
"""An Excel file of more is too slow to make while somebody waits."""
SIMULATED = "simulated"
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def file_name(run: Run, name: str, ending: str) -> str:
    """Return what a table's file is called: what is simulated says so in its name."""
    mark = "simulated-" if run.manifest.frame.simulated else ""
    return f"{mark}{name}-{run.run_id}.{ending}"


def labelled(run: Run, table: pa.Table) -> pa.Table:
    """Add to every row of a simulated run which simulation it is from."""
    label = run.manifest.frame.simulated
    if not label or SIMULATED in table.column_names:
        return table
    return table.append_column(SIMULATED, pa.array([label] * table.num_rows, pa.string()))


def as_csv(table: pa.Table) -> bytes:
    """Return a CSV file; a text that a spreadsheet would work out has an apostrophe before it."""
    target = io.BytesIO()
    pyarrow.csv.write_csv(_harmless(_flat(table)), target)
    return target.getvalue()


def _harmless(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
        if pa.types.is_string(table.schema.field(place).type):
            table = table.set_column(place, field.name, _quoted(table.column(place)))
    return table


def _quoted(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    begins = pc.match_substring_regex(texts, r"^[=+\-@\t\r]")
    number = pc.match_substring_regex(texts, r"^[+-]?[\d.,\s%]*$")
    quoted = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.and_not(begins, number), quoted, texts)


def _flat(table: pa.Table) -> pa.Table:
    """Write lists in cells as JSON."""
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [json.dumps(each.as_py(), default=str) for each in table.column(place)]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def fits_excel(rows: int, columns: int) -> bool:
    return rows * columns <= MOST_CELLS


def as_excel(table: pa.Table, about: dict[str, str]) -> bytes:
    """Return a workbook: the table, and a sheet that says what it is.

    Raises
    ------
    BadInputError
        When the table is too large to be made while somebody waits.
    """
    from openpyxl import Workbook

    if not fits_excel(table.num_rows, table.num_columns):
        raise BadInputError(
            f"{table.num_rows} rows of {table.num_columns} columns: got "
            f"{table.num_rows * table.num_columns} cells, allowed: {MOST_CELLS}"
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Table")
    flat = _flat(table)
    for row in chain([flat.column_names], _rows(flat)):
        sheet.append([_cell(sheet, value) for value in row])
    notes = book.create_sheet("About")
    for pair in about.items():
        notes.append([_cell(notes, value) for value in pair])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _rows(table: pa.Table) -> Iterator[tuple[object, ...]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _cell(sheet: object, value: object) -> object:
    """Return a cell; text stays text, whatever sign it begins with."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    text = _UNWRITABLE.sub(" ", value)
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, value=text)  # type: ignore[arg-type]  # a sheet of openpyxl
    cell.data_type = "s"
    return cell


def about(run: Run, name: str) -> dict[str, str]:
    """Return what a reader of the file needs to know of its figures."""
    facts = {"Table": name, "Run": run.run_id, "Made": run.manifest.created}
    if run.manifest.frame.simulated:
        facts["Simulated"] = run.manifest.frame.simulated
    passport = run.manifest.passports.get(run.entry(name).measure)
    if passport is None:
        return facts
    return facts | {
        "Title": passport.title,
        "Definition": passport.definition,
        "Formula": passport.formula,
        "Unit": passport.unit,
        "Beware": passport.caveat,
        "Sources": "; ".join(passport.sources),
        "Data as of": passport.vintage,
        "Weeks": passport.weeks,
    }
