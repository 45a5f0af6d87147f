"""A workbook of plans as rows of cells: bounded, without formulas, each fault with its place."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from offtake_web.plans.exchange_cells import Cell, Column
from offtake_web.plans.exchange_columns import SHEETS, heads, sheet_named

MOST_BYTES = 4 * 2**20
MOST_UNPACKED = 64 * 2**20
MOST_ROWS = 2000
MOST_COLUMNS = 100
SHOWN_LETTERS = 80
BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError,
    LookupError, ValueError, ArithmeticError, SyntaxError, TypeError, AttributeError,
)  # fmt: skip
"""What comes of reading a workbook that is damaged, encrypted or made to do harm."""


class WorkbookError(ValueError):
    """The file is no workbook that is read here; the text says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one cell or row.

    Parameters
    ----------
    file, sheet, row, column
        Where it stands; row 0 is the sheet itself.
    got, reason
        What stands there, and what is wrong with it or allowed.
    """

    file: str
    sheet: str
    row: int
    column: str
    got: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is filled.

    Parameters
    ----------
    sheet, title
        Which of the sheets it is in, and what that is called in the file.
    number
        Its number there.
    cells
        By column; those of columns that the sheet lacks are absent: what is not there stays.
    faults
        What is wrong with its cells.
    """

    sheet: str
    title: str
    number: int
    cells: Mapping[str, Cell]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a workbook, and what is wrong with its sheets."""

    file: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = field(default=())


def shown(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 3] + "..."


def read_workbook(source: IO[bytes], file: str) -> Rows:
    """Read the sheets of plans and promises.

    Raises
    ------
    WorkbookError
        When it is no Excel workbook, too large, or has neither sheet.
    """
    _check_size(source)
    try:
        book = load_workbook(source, read_only=True, data_only=False, keep_links=False)
    except BROKEN as error:
        raise WorkbookError(_not_a_workbook()) from error
    try:
        return _read(book, file)
    except WorkbookError:
        raise
    except BROKEN as error:
        raise WorkbookError(_not_a_workbook()) from error
    finally:
        book.close()


def _not_a_workbook() -> str:
    return _("This is no Excel workbook (.xlsx) that can be read.")


def _check_size(source: IO[bytes]) -> None:
    """Refuse what is large, packed or unpacked, before it is unpacked."""
    size = source.seek(0, 2)
    source.seek(0)
    if size > MOST_BYTES:
        most = {"most": MOST_BYTES // 2**20}
        raise WorkbookError(_("The file is larger than %(most)s MB.") % most)
    try:
        with zipfile.ZipFile(source) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except BROKEN as error:
        raise WorkbookError(_not_a_workbook()) from error
    if unpacked > MOST_UNPACKED:
        most = {"most": MOST_UNPACKED // 2**20}
        raise WorkbookError(_("The file unpacks to more than %(most)s MB.") % most)
    source.seek(0)


def _read(book: Any, file: str) -> Rows:  # noqa: ANN401  # openpyxl's workbook has two unrelated types
    rows: list[Row] = []
    faults: list[Fault] = []
    known = [(sheet, key) for sheet in book.worksheets if (key := sheet_named(sheet.title))]
    if not known:
        names = ", ".join(str(label) for label, _columns in SHEETS.values())
        raise WorkbookError(_("No sheet is named as one of: %(names)s.") % {"names": names})
    for sheet, key in known:
        cells = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
        reader = _Sheet(file, sheet.title, key)
        found = list(reader.rows(cells))
        rows += found
        faults += reader.faults
    return Rows(file, tuple(rows), tuple(faults))


class _Sheet:
    """Reads one sheet; keeps what is wrong with the whole of it."""

    def __init__(self, file: str, title: str, key: str) -> None:
        self.file, self.title, self.key = file, title, key
        self.faults: list[Fault] = []

    def rows(self, lines: Iterator[Sequence[Any]]) -> Iterator[Row]:
        columns = self._columns(next(lines, ()))
        if self.faults:
            return
        for number, line in enumerate(lines, start=2):
            if number > MOST_ROWS + 1:
                reason = _("The sheet has more than %(most)s rows.") % {"most": MOST_ROWS}
                self.faults.append(self._fault(number, "", "", reason))
                return
            row = self._row(number, line, columns)
            if row.cells:
                yield row

    def _columns(self, line: Sequence[Any]) -> dict[int, Column]:
        known = heads(SHEETS[self.key][1])
        found: dict[int, Column] = {}
        for place, cell in enumerate(line):
            head = str(cell.value or "").partition("[")[0].strip().casefold()
            column = known.get(head)
            if column is not None and column not in found.values():
                found[place] = column
            elif head:
                twice = _("The column is there twice.")
                unknown = _("No such column; allowed: %(names)s.") % {"names": self._names()}
                letter = get_column_letter(place + 1)
                reason = unknown if column is None else twice
                self.faults.append(self._fault(1, letter, shown(cell.value), reason))
        return found

    def _names(self) -> str:
        return ", ".join(str(column.label) for column in SHEETS[self.key][1])

    def _row(self, number: int, line: Sequence[Any], columns: Mapping[int, Column]) -> Row:
        cells: dict[str, Cell] = {}
        faults = []
        for place, column in columns.items():
            cell = line[place] if place < len(line) else None
            value = None if cell is None else cell.value
            if cell is not None and cell.data_type in ("f", "e"):
                where = f"{get_column_letter(place + 1)} {column.label}"
                reason = _("A formula or an error; allowed: its value.")
                faults.append(self._fault(number, where, shown(value), reason))
            cells[column.name] = _cell(value)
        filled = faults or any(value not in (None, "") for value in cells.values())
        return Row(self.key, self.title, number, cells if filled else {}, tuple(faults))

    def _fault(self, row: int, column: str, got: str, reason: str) -> Fault:
        return Fault(
            file=self.file, sheet=self.title, row=row, column=column, got=got, reason=reason
        )


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else value.isoformat(" ")
    if value is None or isinstance(value, str | int | float | bool | date):
        return value
    return str(value)
