"""What a contract is: one table of facts, its columns, key, units and what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from offtake.errors import UnknownNameError

ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
Form = Literal["gtin", "gln", "monday", "simulated"]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

WEEKS = (date(1990, 1, 1), date(2060, 12, 27))
"""First and last Monday of the calendar; a week outside would fall out of every measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a contract.

    Parameters
    ----------
    name, type, meaning
        What it is called, what it holds, and what that means in the trade.
    unit
        Unit of a number (``units``, ``money``, ``percent``, ``hours`` ...); empty for the rest.
    required
        Whether a row without it is set aside.
    default
        SQL expression over the other columns that fills an empty value.
    needs
        Columns of which the file must give at least one for `default` to fill anything; empty
        means those that `default` names.
    low, high
        Smallest and largest value allowed, both inclusive.
    allowed
        The closed list of values of a text column.
    form
        ``gtin`` and ``gln`` check the check digit; ``monday`` wants the first day of an ISO week
        of the calendar; ``simulated`` the name of a simulation.
    references
        Contract whose single key this column must be found in, once that contract holds rows.
    """

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""
    required: bool = False
    default: str | None = None
    needs: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    form: Form | None = None
    references: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check over several columns of one row: ``condition`` (SQL) must not be false."""

    column: str
    condition: str
    allowed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusive:
    """A fact that may be stated in one way only, so that it is not counted twice.

    Parameters
    ----------
    group
        Columns that say which fact a row belongs to; all of them are required columns.
    column
        Column that must be the same in every row of a group. The row that arrives first decides;
        a later one that differs is set aside.
    """

    group: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One table of facts that every source must deliver in the same shape.

    Parameters
    ----------
    name, title, meaning
        Identifier, heading and plain description.
    grain
        What one row stands for, in words.
    key
        Columns that identify a row; a later file replaces a row by its key.
    columns
        In the order in which they are stored.
    rules
        Checks that look at more than one column.
    combine
        Column to SQL aggregate, for contracts where two rows of one file with the same key are
        two parts of one fact (two displays of one item in one week) rather than a contradiction.
    exclusive
        Which rows would count the same fact twice.
    """

    name: str
    title: str
    meaning: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    combine: tuple[tuple[str, str], ...] = ()
    exclusive: Exclusive | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in stored order."""
        return tuple(column.name for column in self.columns)

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the columns outside the key."""
        return tuple(name for name in self.column_names if name not in self.key)

    def column(self, name: str) -> Column:
        """Return the column called `name`.

        Raises
        ------
        UnknownNameError
            When the contract has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownNameError(f"column of contract {self.name!r}", name, self.column_names)


def text(name: str, meaning: str, **more: object) -> Column:
    """Return a text column; `more` are further fields of :class:`Column`."""
    return Column(name=name, type="text", meaning=meaning, **more)  # type: ignore[arg-type]  # forwarded as they are


def number(name: str, meaning: str, unit: str, **more: object) -> Column:
    """Return a number column with its unit; `more` are further fields of :class:`Column`."""
    return Column(name=name, type="number", meaning=meaning, unit=unit, **more)  # type: ignore[arg-type]  # forwarded as they are


def flag(name: str, meaning: str, **more: object) -> Column:
    """Return a yes/no column; `more` are further fields of :class:`Column`."""
    return Column(name=name, type="boolean", meaning=meaning, **more)  # type: ignore[arg-type]  # forwarded as they are


def day(name: str, meaning: str, **more: object) -> Column:
    """Return a date column; `more` are further fields of :class:`Column`."""
    return Column(name=name, type="date", meaning=meaning, **more)  # type: ignore[arg-type]  # forwarded as they are


def moment(name: str, meaning: str, **more: object) -> Column:
    """Return a timestamp column; `more` are further fields of :class:`Column`."""
    return Column(name=name, type="timestamp", meaning=meaning, **more)  # type: ignore[arg-type]  # forwarded as they are


def week_of(date: str) -> Column:
    """Return the column `week`, filled from `date` (SQL) where the file gives none."""
    return Column(
        name="week",
        type="date",
        meaning="Monday of the ISO week",
        required=True,
        default=f"date_trunc('week', {date})::DATE",
        form="monday",
    )


STORE_ID = text("store_id", "the store", required=True, references="store")
PRODUCT_ID = text("product_id", "the item", required=True, references="product")
HOUSEHOLD_ID = text("household_id", "the household", required=True, references="household")
WEEK = Column(
    name="week", type="date", meaning="Monday of the ISO week", required=True, form="monday"
)
