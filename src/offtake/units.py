"""Units of measures, and how a value in each unit is written for people.

Percentages are numbers from 0 to 100, not fractions: a measure that is one quarter has the value
``25.0`` and the unit ``percent``. Differences between percentages are ``points``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from offtake.errors import UnknownNameError

Unit = Literal[
    "units",
    "money",
    "money_per_unit",
    "percent",
    "points",
    "index",
    "ratio",
    "score",
    "per_store_week",
    "per_point",
    "per_million",
    "per_household",
    "count",
    "products",
    "stores",
    "households",
    "persons",
    "trips",
    "rows",
    "hours",
    "days",
    "weeks",
]
"""Closed list of units; :func:`check_unit` is its validator."""

UNITS: tuple[Unit, ...] = get_args(Unit)
"""All units."""

MISSING = "\N{EN DASH}"
"""What is written where there is no value."""


@dataclass(frozen=True, slots=True)
class _Style:
    label: str
    decimals: int
    suffix: str = ""


_STYLES: dict[Unit, _Style] = {
    "units": _Style("units", 0),
    "money": _Style("money", 2),
    "money_per_unit": _Style("money per unit", 2),
    "percent": _Style("%", 1, "%"),
    "points": _Style("points", 1),
    "index": _Style("index (100 = par)", 0),
    "ratio": _Style("ratio", 2),
    "score": _Style("score", 1),
    "per_store_week": _Style("units per store-week", 2),
    "per_point": _Style("per point of distribution", 1),
    "per_million": _Style("per million of all-commodity value", 1),
    "per_household": _Style("per buying household", 2),
    "count": _Style("count", 0),
    "products": _Style("products", 0),
    "stores": _Style("stores", 0),
    "households": _Style("households", 0),
    "persons": _Style("persons", 0),
    "trips": _Style("trips", 0),
    "rows": _Style("rows", 0),
    "hours": _Style("hours", 1),
    "days": _Style("days", 1),
    "weeks": _Style("weeks", 0),
}
_IN_CURRENCY = ("money", "money_per_unit")


def check_unit(name: str) -> Unit:
    """Return ``name`` when it is a unit.

    Raises
    ------
    UnknownNameError
        It is not one.

    Examples
    --------
    >>> check_unit("percent")
    'percent'
    """
    for unit in UNITS:
        if unit == name:
            return unit
    raise UnknownNameError("unit", name, UNITS)


def unit_label(unit: Unit, *, currency: str = "") -> str:
    """Words for a unit, for a column head or an axis.

    Parameters
    ----------
    unit
        One of :data:`Unit`.
    currency
        Sign or code that takes the place of the word money.

    Raises
    ------
    UnknownNameError
        ``unit`` is not a unit.

    Examples
    --------
    >>> unit_label("per_store_week"), unit_label("money_per_unit", currency="$")
    ('units per store-week', '$ per unit')
    """
    label = _STYLES[check_unit(unit)].label
    return label.replace("money", currency) if currency and unit in _IN_CURRENCY else label


def format_value(
    value: float | None, unit: Unit, *, currency: str = "", decimals: int | None = None
) -> str:
    """Write a value for people: comma for thousands, point for decimals.

    Parameters
    ----------
    value
        The number; percentages run from 0 to 100. None, NaN and infinities are no value.
    unit
        One of :data:`Unit`.
    currency
        Sign (``"$"``) or code (``"USD"``) written before amounts of money; ignored for others.
    decimals
        Decimals to write; None takes the unit's own (percent 1, money 2, counts 0).

    Returns
    -------
    str
        The text, an en dash when there is no value.

    Raises
    ------
    UnknownNameError
        ``unit`` is not a unit.

    Examples
    --------
    >>> format_value(1234567.2, "units"), format_value(25, "percent")
    ('1,234,567', '25.0%')
    >>> format_value(-1234.5, "money", currency="$")
    '-$1,234.50'
    >>> format_value(None, "money") == MISSING
    True
    """
    style = _STYLES[check_unit(unit)]
    if value is None or not math.isfinite(value):
        return MISSING
    places = style.decimals if decimals is None else decimals
    text = f"{abs(value):,.{places}f}"
    sign = "-" if value < 0 and text.strip("0.,") else ""
    prefix = _currency_prefix(currency) if unit in _IN_CURRENCY else ""
    return f"{sign}{prefix}{text}{style.suffix}"


def _currency_prefix(currency: str) -> str:
    return f"{currency} " if currency.isalpha() else currency
