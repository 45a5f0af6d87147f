"""Plans as a workbook: typed cells, allowed values as lists, and a sheet that explains it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.exchange_cells import Cell, Column, storable
from offtake_web.plans.exchange_columns import PLAN_COLUMNS, PROMISE_COLUMNS, SHEETS
from offtake_web.plans.models import Commitment, Plan

SPARE_ROWS = 200
"""Empty rows below the last that have their lists of allowed values too."""
_FORMATS = {"day": "yyyy-mm-dd", "whole": "0"}
_FIXED = PatternFill("solid", fgColor="FFEDEFEE")
_WIDTHS = {"name": 34, "text": 30, "names": 26, "day": 12, "what": 40}


@dataclass(frozen=True, slots=True)
class Exported:
    """What goes into a workbook: plans with what the rules say of them, and the promises."""

    plans: Sequence[tuple[Plan, Entry]]
    promises: Sequence[Commitment]
    currency: str = ""
    facts: Sequence[tuple[str, str]] = ()


def workbook(given: Exported) -> bytes:
    """Write plans and promises as an Excel workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    plans = [_plan_values(plan, entry) for plan, entry in given.plans]
    promises = [_promise_values(each) for each in given.promises]
    _sheet(book, "plans", plans, given.currency)
    _sheet(book, "promises", promises, given.currency)
    _about(book.create_sheet(_("About")), given)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _plan_values(plan: Plan, entry: Entry) -> dict[str, Any]:
    told = {"light": entry.light, "conflicts": entry.conflicts}
    gain = entry.gain or (None, None, None)
    told |= dict(zip(("gain", "gain_low", "gain_high"), gain, strict=True))
    return {column.name: told.get(column.name, getattr(plan, column.name, None))
            for column in PLAN_COLUMNS}  # fmt: skip


def _promise_values(promise: Commitment) -> dict[str, Any]:
    told = {"plan_name": promise.plan.name, "owner": promise.owner.get_username()}
    return {column.name: told.get(column.name, getattr(promise, column.name, None))
            for column in PROMISE_COLUMNS}  # fmt: skip


def _sheet(book: Workbook, key: str, rows: Sequence[Mapping[str, Any]], currency: str) -> None:
    title, columns = SHEETS[key]
    sheet: Worksheet = book.create_sheet(str(title))
    for place, column in enumerate(columns, start=1):
        head = sheet.cell(1, place)
        _put(head, column.head(currency))
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        width = _WIDTHS.get(column.name) or _WIDTHS.get(column.form, 13)
        sheet.column_dimensions[get_column_letter(place)].width = width
        _allow(sheet, place, column, last=len(rows) + 1 + SPARE_ROWS)
    for number, values in enumerate(rows, start=2):
        for place, column in enumerate(columns, start=1):
            cell = sheet.cell(number, place)
            _put(cell, column.write(values[column.name]))
            _shape(cell, column)
    sheet.freeze_panes = "F2" if key == "plans" else "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"


def _put(cell: SheetCell | MergedCell, value: Cell) -> None:
    """Fill a cell; a text stays a text, also one that looks like a formula."""
    if isinstance(value, str):
        cell.value = storable(value)
        cell.data_type = "s"
        cell.quotePrefix = storable(value)[:1] in ("=", "+", "-", "@", "\t")
    else:
        cell.value = value


def _shape(cell: SheetCell | MergedCell, column: Column) -> None:
    if column.form == "number":
        cell.number_format = "#,##0" + ("." + "0" * column.places if column.places else "")
    elif column.form in _FORMATS:
        cell.number_format = _FORMATS[column.form]
    if column.fixed or column.name in ("pk", "version"):
        cell.fill = _FIXED


def _allow(sheet: Worksheet, place: int, column: Column, *, last: int) -> None:
    rule = _rule(column)
    if rule is not None:
        rule.error, rule.errorTitle = column.allowed()[:250], str(column.label)[:30]
        rule.add(f"{get_column_letter(place)}2:{get_column_letter(place)}{last}")
        sheet.add_data_validation(rule)


def _rule(column: Column) -> DataValidation | None:
    if column.choices is not None:
        words = ",".join(str(label) for label in column.choices.labels)
        return DataValidation("list", formula1=f'"{words}"', allow_blank=True)
    if column.form == "flag":
        return DataValidation("list", formula1='"TRUE,FALSE"', allow_blank=True)
    if column.form == "day":
        earliest = (date(1990, 1, 1) - date(1899, 12, 30)).days
        return DataValidation(
            "date", operator="greaterThan", formula1=str(earliest), allow_blank=True
        )
    if column.form == "number":
        return DataValidation(
            "decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True
        )
    return None


def _about(sheet: Worksheet, given: Exported) -> None:
    rows = [*_words(given), ("", "", "", ""), *_columns(given.currency)]
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            _put(cell, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCD", (16, 30, 70, 16), strict=True):
        sheet.column_dimensions[letter].width = width


def _words(given: Exported) -> Iterator[tuple[str, ...]]:
    yield from ((name, value) for name, value in given.facts)
    yield (
        _("How to use it"),
        _(
            "Change cells or add rows below the last, and bring the workbook back on the page "
            "Import. A row without a key becomes a new plan. Leave key and version as they are: "
            "they tell whether somebody else has changed the plan meanwhile. Grey cells only "
            "inform. Deleting a row changes nothing."
        ),
    )


def _columns(currency: str) -> Iterable[tuple[str, ...]]:
    yield _("Sheet"), _("Column"), _("Allowed"), _("Only informs")
    for title, columns in SHEETS.values():
        for column in columns:
            told = column.fixed or column.name in ("pk", "version")
            yield str(title), column.head(currency), column.allowed(), _("yes") if told else ""
