"""Rows of a table as an address asks for them: which, in which order, and on which page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

Row = dict[str, Any]
NONE = "-"
"""What asks for rows that have no value in a column."""
_COMPARED = re.compile(r"\s*(>=|<=|>|<|=)?\s*(.+?)\s*")
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": pc.greater_equal, "<=": pc.less_equal, ">": pc.greater, "<": pc.less, "=": pc.equal,
    "": pc.equal,
}  # fmt: skip
_YES, _NO = ("yes", "true", "1", "da"), ("no", "false", "0", "ne")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a table.

    Parameters
    ----------
    where
        Wishes by column: a part of a text or the whole of it after ``=``; a number or day, one
        after ``>=``, ``>``, ``<=`` or ``<``, or two with ``..`` between; yes or no; ``-`` for rows
        without a value.
    sort
        A column, falling with a minus in front; empty leaves the order of the table.
    """

    where: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that were asked for, and which wishes were not understood."""

    table: pa.Table
    errors: tuple[str, ...] = ()


class Rows(Sequence[Row]):
    """A table as a list of rows, read as far as a page shows them."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, int):
            rows: list[Row] = self.table.slice(place, 1).to_pylist()
            return rows[0]
        first, last, _step = place.indices(len(self))
        found: list[Row] = self.table.slice(first, max(last - first, 0)).to_pylist()
        return found


def find(table: pa.Table, asked: Asked) -> Found:
    """Return the rows of a table that meet every wish, in the order wished for."""
    errors = []
    for column, wish in asked.where.items():
        if not wish.strip() or column not in table.column_names:
            continue
        try:
            table = table.filter(pc.fill_null(_mask(table[column], wish.strip()), fill_value=False))
        except ValueError:
            errors.append(_complaint(table.schema.field(column), wish))
    return Found(_sorted(table, asked.sort), tuple(errors))


def _complaint(column: pa.Field, wish: str) -> str:
    """Say what was not understood, and what would be."""
    return _("%(column)s: “%(wish)s” is not understood. Allowed: %(allowed)s.") % {
        "column": column.name,
        "wish": wish,
        "allowed": allowed(column.type),
    }


def allowed(kind: pa.DataType) -> str:
    """Say which wishes a column of a kind understands."""
    if pa.types.is_boolean(kind):
        return _("yes, no")
    if _is_number(kind):
        return "12, >=12, <12, 10..20"
    if _is_day(kind):
        return "2025-03-24, >=2025-03-24, 2025-01-01..2025-03-31"
    return _("a part of the text, or = and the whole of it")


def _mask(column: pa.ChunkedArray, wish: str) -> Any:  # noqa: ANN401  # Arrow's own
    kind = column.type
    if wish == NONE:
        return pc.is_null(column)
    if pa.types.is_boolean(kind):
        return pc.equal(column, _truth(wish))
    if _is_number(kind) or _is_day(kind):
        read = _day if _is_day(kind) else _number
        return _compared(column, wish, read)
    texts = column if pa.types.is_string(kind) else _as_text(column)
    if wish.startswith("="):
        return pc.equal(texts, wish[1:])
    return pc.match_substring(texts, wish, ignore_case=True)


def _compared(column: pa.ChunkedArray, wish: str, read: Callable[[str], Any]) -> Any:  # noqa: ANN401
    low, two, high = wish.partition("..")
    if two:
        ends = [pc.greater_equal(column, read(low))] if low.strip() else []
        ends += [pc.less_equal(column, read(high))] if high.strip() else []
        if not ends:
            raise ValueError(wish)
        return ends[0] if len(ends) == 1 else pc.and_(*ends)
    sign, value = _parted(wish)
    return _COMPARE[sign](column, read(value))


def _parted(wish: str) -> tuple[str, str]:
    match = _COMPARED.fullmatch(wish)
    if match is None:
        raise ValueError(wish)
    return match[1] or "", match[2]


def _truth(wish: str) -> bool:
    if wish.lower() not in (*_YES, *_NO):
        raise ValueError(wish)
    return wish.lower() in _YES


def _number(text: str) -> float:
    return float(text.strip().replace("\N{MINUS SIGN}", "-").removesuffix("%"))


def _day(text: str) -> date:
    return date.fromisoformat(text.strip())


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if each is None else str(each) for each in column.to_pylist()])


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_day(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind))


def _sorted(table: pa.Table, sort: str) -> pa.Table:
    column = sort.removeprefix("-")
    if column not in table.column_names or pa.types.is_nested(table.schema.field(column).type):
        return table
    order = "descending" if sort.startswith("-") else "ascending"
    places = pc.sort_indices(table, sort_keys=[(column, order, "at_end")])
    return table.take(places)


def choices(table: pa.Table, column: str, most: int = 200) -> list[str]:
    """Return the texts of a column to choose from, in order; none where there are too many."""
    if column not in table.column_names:
        return []
    found = sorted(str(each) for each in table[column].unique().to_pylist() if each)
    return found if len(found) <= most else []


def sums(table: pa.Table, columns: Sequence[str]) -> dict[str, float | None]:
    """Add up columns; None where a column has no value at all."""
    return {name: _sum(table, name) for name in columns if name in table.column_names}


def _sum(table: pa.Table, name: str) -> float | None:
    value = pc.sum(table[name]).as_py()
    return None if value is None else float(value)


def wishes(
    query: Mapping[str, str], columns: Sequence[str], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Return what an address wishes of some columns."""
    for column in columns:
        wish = query.get(f"{prefix}{column}", "").strip()
        if wish:
            yield column, wish
