"""One column of a workbook of plans: what its cells hold, and values to cells and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal

from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Cell = str | int | float | bool | date | None
Form = Literal["whole", "text", "choice", "day", "flag", "number", "names"]
Words = str | Promise
MOST_LETTERS = 2000
MOST_IN_CELL = 32_000
SEPARATOR = ";"
_NOT_HELD = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")


class CellError(ValueError):
    """A cell holds what its column does not take; the text says what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        Of the field; also understood as a head.
    label
        Head for people, without the unit.
    form
        What its cells hold.
    unit
        Of its numbers; ``money`` stands for the market's currency.
    choices
        Closed list of a ``choice``.
    places, most
        Decimals of a ``number``; most letters of a ``text``.
    fixed
        Whether it only informs: a change of it is not taken over.
    needed
        Whether a new row must fill it.
    """

    name: str
    label: Words
    form: Form
    unit: str = ""
    choices: type[TextChoices] | None = None
    places: int = 0
    most: int = MOST_LETTERS
    fixed: bool = False
    needed: bool = False

    def head(self, currency: str) -> str:
        unit = {"money": currency, "": ""}.get(self.unit, self.unit)
        return f"{self.label} [{_(unit)}]" if unit else str(self.label)

    def allowed(self) -> str:
        """Say what its cells may hold."""
        if self.choices is not None:
            return ", ".join(str(label) for label in self.choices.labels)
        return str(_ALLOWED[self.form]) % {"most": self.most}

    def write(self, value: Any) -> Cell:  # noqa: ANN401  # whatever a field of a plan holds
        """Return a value of the field as its cell holds it."""
        if value is None or value == "":
            return None
        if self.choices is not None:
            return str(self.choices(value).label)
        if self.form == "names":
            return _joined(value)
        return float(value) if self.form == "number" else _plain(value)

    def read(self, cell: Cell) -> Any:  # noqa: ANN401  # as above
        """Return the value of the field that a cell holds.

        Raises
        ------
        CellError
            Saying what is allowed.
        """
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return self._nothing()
        return _READ[self.form](self, cell)

    def _nothing(self) -> object:
        if self.needed:
            raise CellError(_("Needed: %(allowed)s.") % {"allowed": self.allowed()})
        if self.name == "store_ids":
            return None
        empty: dict[str, object] = {"text": "", "names": [], "flag": False}
        return Decimal(0) if self.name == "price_cut" else empty.get(self.form)

    def same(self, cell: Cell, value: Any) -> bool:  # noqa: ANN401  # as above
        """Whether a cell says what the field already holds."""
        if self.choices is not None:
            # Whatever the language it went out in.
            return _meanings(self).get(str(cell or "").strip().casefold(), "") == (value or "")
        mine = self.write(value)
        if isinstance(mine, bool) or isinstance(cell, bool):
            return bool(mine) == bool(cell) and not isinstance(cell, str)
        if isinstance(mine, float) and isinstance(cell, int | float):
            return abs(mine - cell) < 10**-9
        return _filled(cell) == _filled(mine)


def _joined(names: Sequence[str]) -> Cell:
    text = f"{SEPARATOR} ".join(map(_doubled, names))
    if len(text) > MOST_IN_CELL:
        # A cell holds no more; unchanged it leaves the plan's names as they are.
        return _("%(count)s names, too many for a cell") % {"count": len(names)}
    return text or None


def _filled(value: Cell) -> Cell:
    plain: Cell = _plain(value)
    return None if plain == "" else plain


def _doubled(name: str) -> str:
    return name.replace(SEPARATOR, SEPARATOR * 2)


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a cell holds
    """Return a value as a workbook gives it back."""
    if isinstance(value, str):
        return storable(value)
    return value.date() if isinstance(value, datetime) else value


def storable(text: str) -> str:
    """Return a text as a workbook can hold it: one kind of line end, no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\t\n" or not _NOT_HELD.match(each))


def _read_text(column: Column, cell: Cell) -> str:
    text = str(_plain(cell)).strip()
    if isinstance(cell, bool | date) or len(text) > column.most:
        raise CellError(column.allowed())
    return text


def _read_whole(column: Column, cell: Cell) -> int:
    number = _decimal(column, cell)
    if number != number.to_integral_value():
        raise CellError(column.allowed())
    return int(number)


def _read_choice(column: Column, cell: Cell) -> str:
    found = _meanings(column).get(str(cell).strip().casefold())
    if found is None:
        raise CellError(column.allowed())
    return found


def _read_day(column: Column, cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(str(cell).strip())
    except ValueError:
        raise CellError(column.allowed()) from None


def _read_flag(column: Column, cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    found = _FLAGS.get(str(cell).strip().casefold())
    if found is None:
        raise CellError(column.allowed())
    return found


def _read_number(column: Column, cell: Cell) -> Decimal:
    return _decimal(column, cell).quantize(Decimal(1).scaleb(-column.places))


def _decimal(column: Column, cell: Cell) -> Decimal:
    if isinstance(cell, bool | date):
        raise CellError(column.allowed())
    try:
        number = Decimal(str(cell).strip())
    except InvalidOperation:
        raise CellError(column.allowed()) from None
    if not number.is_finite() or abs(number) >= 10**12:
        raise CellError(column.allowed())
    return number


def _read_names(column: Column, cell: Cell) -> list[str]:
    if isinstance(cell, bool | date):
        raise CellError(column.allowed())
    # A number typed for an item's code is its digits.
    parts = str(_plain(cell)).replace(SEPARATOR * 2, "\0").split(SEPARATOR)
    names = (part.replace("\0", SEPARATOR).strip() for part in parts)
    return list(dict.fromkeys(name for name in names if name))


_READ = MappingProxyType(
    {
        "whole": _read_whole,
        "text": _read_text,
        "choice": _read_choice,
        "day": _read_day,
        "flag": _read_flag,
        "number": _read_number,
        "names": _read_names,
    }
)
_FLAGS = MappingProxyType(
    {
        "true": True, "yes": True, "1": True, "x": True, "da": True, "tačno": True,
        "false": False, "no": False, "0": False, "ne": False, "netačno": False,
    }
)  # fmt: skip
_ALLOWED: Mapping[Form, Words] = MappingProxyType(
    {
        "whole": gettext_lazy("a whole number"),
        "text": gettext_lazy("text of at most %(most)s letters"),
        "day": gettext_lazy("a date, or text like 2026-01-31"),
        "flag": gettext_lazy("TRUE or FALSE"),
        "number": gettext_lazy("a number"),
        "names": gettext_lazy("names with ; between them, empty for all or none"),
    }
)


def _meanings(column: Column) -> dict[str, str]:
    """Return what the words of a closed list mean, in every language of the workspace."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for value, label in column.choices.choices if column.choices else ():
                found[value.casefold()] = found[str(label).casefold()] = value
    return found
