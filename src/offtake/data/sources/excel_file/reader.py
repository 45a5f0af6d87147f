"""Excel workbooks (xlsx, xlsm, xls, xlsb, ods): one sheet, every cell as text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from offtake.data.profile import FileOptions
from offtake.data.sources.extract import Extract
from offtake.data.sources.staging import nothing_unreadable
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError


def read(path: Path, options: FileOptions) -> Extract:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        The workbook.
    options
        Sheet (the first one when empty) and rows to skip above the header.

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
        names = book.sheet_names
        sheet = options.sheet or names[0]
        if sheet not in names:
            raise UnknownNameError(f"sheet of {path.name}", sheet, names)
        loaded = book.load_sheet(
            sheet, header_row=options.skip_rows, dtypes="string", skip_whitespace_tail_rows=True
        )
        table = pa.table(loaded.to_arrow())
    except fastexcel.FastExcelError as error:
        raise UnreadableFileError(f"{path} is not an Excel workbook: {error}") from error
    return Extract(_numbered(table, path, options.skip_rows), nothing_unreadable())


def _numbered(table: pa.Table, path: Path, skip_rows: int) -> pa.Table:
    if not table.num_columns:
        raise UnreadableFileError(f"{path} has no header in row {skip_rows + 1}")
    lowered = [column.lower() for column in table.column_names]
    if len(set(lowered)) != len(lowered):
        raise BadInputError(f"{path.name}: two columns of the header have the same name")
    first = skip_rows + 2
    rows = pa.array(range(first, first + table.num_rows), pa.int64())
    return table.add_column(0, "_row", rows)
