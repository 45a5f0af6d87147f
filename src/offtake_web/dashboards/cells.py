"""Cells of any table as text: numbers as they are read, with the range they lie in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from offtake.report.figures import Shown
from offtake.units import MISSING

MINUS = "\N{MINUS SIGN}"
ENDS = ("_low", "_high")


@dataclass(frozen=True, slots=True)
class Seen:
    """Some columns of a table as they are shown."""

    schema: pa.Schema
    columns: Sequence[str]
    lines: Sequence[Sequence[Shown]]

    @property
    def heads(self) -> list[tuple[str, str, bool]]:
        """Each column's name, what it is called, and whether it holds numbers."""
        return [
            (name, called(name), is_number(self.schema.field(name).type)) for name in self.columns
        ]


def called(column: str) -> str:
    """Write a column's name for people."""
    return column.removesuffix("_id").replace("_", " ").capitalize()


def is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def shown_columns(schema: pa.Schema) -> list[str]:
    """Return the columns with a place of their own; ends of ranges stand under their figure."""
    names = set(schema.names)
    return [
        name for name in schema.names
        if not any(name.endswith(end) and name.removesuffix(end) in names for end in ENDS)
    ]  # fmt: skip


def cells_of(
    rows: Iterable[Mapping[str, Any]], schema: pa.Schema, columns: Sequence[str]
) -> list[list[Shown]]:
    """Write rows as text."""
    names = set(schema.names)
    ranged = {name for name in columns if {f"{name}{end}" for end in ENDS} <= names}
    return [[_cell(row, name, name in ranged) for name in columns] for row in rows]


def _cell(row: Mapping[str, Any], name: str, ranged: bool) -> Shown:  # noqa: FBT001  # of one place
    value = row[name]
    number = float(value) if isinstance(value, int | float) else None
    return Shown(plain(value), interval=_range(row, name) if ranged else "", value=number)


def _range(row: Mapping[str, Any], name: str) -> str:
    low, high = (row[f"{name}{end}"] for end in ENDS)
    if low is None or high is None:
        return ""
    return f"{plain(low)} to {plain(high)}"


def plain(value: object) -> str:
    """Write any value: large numbers whole, small ones with what can be told apart."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    if isinstance(value, float):
        return _decimal(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _decimal(value: float) -> str:
    size = abs(value)
    places = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 4
    return f"{value:,.{places}f}".replace("-", MINUS)
