"""Excel workbooks (xlsx, xlsm, xls, xlsb, ods): one sheet, every cell as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from offtake.data.profile import FileOptions
from offtake.data.sources.csv_file.header import checked_names
from offtake.data.sources.extract import Extract
from offtake.data.sources.staging import nothing_unreadable, staged_name
from offtake.errors import UnknownNameError, UnreadableFileError

if TYPE_CHECKING:
    import fastexcel

_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read(
    path: Path, options: FileOptions, date_formats: Mapping[str, str] | None = None
) -> Extract:
    """Read one sheet of a workbook.

    Numbers and dates of a workbook have no notation of their own; they come out as the profile
    says this file writes them, so that they stand beside cells typed as text, and so that rows
    set aside can be mended as CSV under the same profile. Rows without any content are left out.

    Parameters
    ----------
    path
        The workbook.
    options
        Sheet (the first one when empty), rows to skip above the header, decimal, date format.
    date_formats
        Column (lower case) to the format of its dates, over that of `options`.

    Raises
    ------
    UnreadableFileError
        When the file is not a workbook or the sheet has no header.
    UnknownNameError
        When the workbook has no such sheet; the message lists its sheets.
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(str(path))
        sheet = _sheet(book, path, options.sheet)
        table = _texts(book, sheet)
        head = _header_row(table, path, options.skip_rows)
        names = _names(table, head, path)
        known = date_formats or {}
        formats = [known.get(n.lower(), options.date_format) for n in names]
        columns = list(_notated(book, sheet, table, formats, options.decimal))
    except fastexcel.FastExcelError as error:
        raise UnreadableFileError(f"{path} is not an Excel workbook: {error}") from error
    rows = pa.array(range(1, table.num_rows + 1), pa.int64())
    cells = pa.table([rows, *columns], names=["_row", *(staged_name(n) for n in names)])
    return Extract(_not_blank(cells.slice(head + 1)), nothing_unreadable())


def _sheet(book: fastexcel.ExcelReader, path: Path, wanted: str | None) -> str:
    names = book.sheet_names
    if not names:
        raise UnreadableFileError(f"{path} has no sheet")
    if wanted is not None and wanted not in names:
        raise UnknownNameError(f"sheet of {path.name}", wanted, names)
    return wanted or names[0]


def _load(book: fastexcel.ExcelReader, sheet: str, kind: Any) -> Any:  # noqa: ANN401  # a literal of an untyped module
    # Without a header and with nothing skipped, rows stand where the spreadsheet counts them.
    return book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind)


def _texts(book: fastexcel.ExcelReader, sheet: str) -> pa.Table:
    loaded, errors = _load(book, sheet, "string").to_arrow_with_errors()
    table = pa.table(loaded)
    words: dict[int, dict[int, str]] = {}
    for error in errors.errors if errors is not None else ():
        row, column = error.position
        words.setdefault(column, {})[row] = _error_word(error.detail)
    for column, cells in words.items():
        table = _with_cells(table, column, cells)
    return table


def _with_cells(table: pa.Table, place: int, words: Mapping[int, str]) -> pa.Table:
    """Return the table with other words in some cells of one column."""
    mask = np.zeros(table.num_rows, dtype=bool)
    mask[list(words)] = True
    replacements = pa.array([words[row] for row in sorted(words)], pa.string())
    cells = table.column(place).combine_chunks()
    changed = pc.replace_with_mask(cells, pa.array(mask), replacements)
    return table.set_column(place, table.column_names[place], changed)


def _error_word(detail: str) -> str:
    found = [word for kind, word in _ERRORS.items() if f"({kind})" in detail]
    return found[0] if found else "#VALUE!"


def _header_row(table: pa.Table, path: Path, skip_rows: int) -> int:
    """Return where the header is: the first row with content below the skipped ones."""
    for place in range(skip_rows, table.num_rows):
        if any(cell.strip() for cell in _cells(table, place)):
            return place
    raise UnreadableFileError(f"{path} has no header in row {skip_rows + 1} or below")


def _cells(table: pa.Table, row: int) -> list[str]:
    return [cell or "" for cell in table.slice(row, 1).to_pylist()[0].values()]


def _names(table: pa.Table, head: int, path: Path) -> list[str]:
    return checked_names([cell.strip() for cell in _cells(table, head)], path)


def _notated(
    book: fastexcel.ExcelReader,
    sheet: str,
    table: pa.Table,
    formats: Sequence[str | None],
    decimal: str,
) -> Iterator[pa.ChunkedArray]:
    """Give the columns with numbers and dates in the profile's notation."""
    if decimal == "." and not any(formats):
        yield from table.columns
        return
    # A cell reads as yes/no where it holds a number or a truth value, never text or a date.
    numbers = pa.table(_load(book, sheet, "boolean").to_arrow())
    days = pa.table(_load(book, sheet, "datetime").to_arrow()) if any(formats) else None
    for place, shape in enumerate(formats):
        cells, number = table.column(place), numbers.column(place).is_valid()
        if decimal != ".":
            cells = pc.if_else(number, pc.replace_substring(cells, ".", decimal), cells)
        if shape is not None and days is not None:
            day = days.column(place)
            is_day = pc.and_(day.is_valid(), pc.invert(number))
            # Padded or not is one and the same to who reads the text; Arrow knows padded only.
            text = pc.strftime(day.cast(pa.timestamp("s")), shape.replace("%-", "%"))
            cells = pc.if_else(is_day, text, cells)
        yield cells


def _not_blank(table: pa.Table) -> pa.Table:
    """Leave out the rows whose cells are all empty; the others keep their numbers."""
    seen = pa.array(np.zeros(table.num_rows, dtype=bool))
    for column in table.columns[1:]:
        filled = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
        seen = pc.or_(seen, pc.fill_null(filled, fill_value=False))
    return table.filter(seen)
