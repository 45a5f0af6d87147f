"""Numbers and periods in words: signs, units, weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from offtake.calendars.period import week_range_label
from offtake.data.contracts.simulated import warning
from offtake.report.manifest import Frame
from offtake.units import MISSING, Unit, format_value

Direction = Literal["up", "down", "flat", ""]

MINUS = "\N{MINUS SIGN}"
_WHOLE_FROM = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is shown: its text and where it points."""

    text: str
    direction: Direction


NO_CHANGE = Change("", "")


def amount(value: float | None, unit: Unit, currency: str = "", *, scale: float = 0.0) -> str:
    """Write a value; large amounts of money lose their decimals.

    Parameters
    ----------
    value, unit, currency
        As in :func:`offtake.units.format_value`.
    scale
        The size of what stands beside it: a part is written like the whole.

    Examples
    --------
    >>> amount(26623.16, "money", "$"), amount(3.129, "money", "$"), amount(2.5, "percent")
    ('$26,623', '$3.13', '2.5%')
    """
    large = value is not None and max(abs(value), abs(scale)) >= _WHOLE_FROM and unit == "money"
    text = format_value(value, unit, currency=currency, decimals=0 if large else None)
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def signed(value: float | None, unit: Unit, currency: str = "", *, scale: float = 0.0) -> str:
    """Write a difference with its sign; `scale` as in :func:`amount`.

    Examples
    --------
    >>> signed(1200.0, "money", "$"), signed(3.14, "points"), signed(0.0, "points")
    ('+$1,200', '+3.1', '0.0')
    """
    text = amount(value, unit, currency, scale=scale)
    return f"+{text}" if value is not None and value > 0 and _says_something(text) else text


def _says_something(text: str) -> bool:
    return any(digit in text for digit in "123456789")


def change(row: dict[str, float | None], unit: Unit) -> Change:
    """Write the change of a compared figure: points for percentages, per cent for the rest.

    Parameters
    ----------
    row
        With ``change`` and ``change_percent``.
    unit
        Of the figure.

    Examples
    --------
    >>> change({"change": 1.5, "change_percent": 2.4}, "percent")
    Change(text='+1.5 pts', direction='up')
    """
    in_points = unit in ("percent", "index", "points")
    value = row.get("change" if in_points else "change_percent")
    if value is None:
        return NO_CHANGE
    text = signed(value, "points" if in_points else "percent")
    if not _says_something(text):
        return Change("no change", "flat")
    return Change(f"{text} pts" if in_points else text, "up" if value > 0 else "down")


def weeks_label(first: str, last: str) -> str:
    """Name the weeks between two Mondays.

    Examples
    --------
    >>> weeks_label("2017-07-03", "2017-12-25")
    '2017-W27 to 2017-W52'
    """
    label = week_range_label(date.fromisoformat(first), date.fromisoformat(last))
    return label.replace("..", " to ")


def days_label(first: str, last: str) -> str:
    """Name the days from a Monday to the Sunday of the last week.

    Examples
    --------
    >>> days_label("2017-07-03", "2017-12-25")
    '3 July to 31 December 2017'
    """
    return span_label(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=6))


def span_label(first: date, last: date) -> str:
    """Name the days from one to another.

    Examples
    --------
    >>> monday = date(2017, 7, 3)
    >>> span_label(monday, date(2017, 7, 4)), span_label(monday, monday)
    ('3 July to 4 July 2017', '3 July 2017')
    """
    if first == last:
        return f"{last.day} {last:%B %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%B}{year} to {last.day} {last:%B %Y}"


def moment_label(stamp: str) -> str:
    """Write a point in time.

    Examples
    --------
    >>> moment_label("2026-11-23T14:45:34+00:00")
    '23 November 2026, 14:45 UTC'
    """
    if not stamp:
        return MISSING
    day = date.fromisoformat(stamp[:10])
    return f"{day.day} {day:%B %Y}, {stamp[11:16]} UTC"


def against_label(frame: Frame) -> str:
    """Name what the period is compared with.

    Examples
    --------
    >>> from offtake.report.manifest import EXAMPLE
    >>> from dataclasses import replace
    >>> against_label(replace(EXAMPLE.frame, weeks=26, against="previous"))
    'the 26 weeks before'
    """
    weeks = f"{frame.weeks} weeks" if frame.weeks > 1 else "week"
    return f"the {weeks} before" if frame.against == "previous" else f"the same {weeks} a year ago"


def simulated_warning(frame: Frame) -> str:
    """Say that all of a run is simulated; nothing for real data.

    Examples
    --------
    >>> from offtake.report.manifest import EXAMPLE
    >>> simulated_warning(EXAMPLE.frame)
    ''
    """
    return warning(frame.simulated)


def name_of(manufacturer: str) -> str:
    """Name a manufacturer, of which some sources know a number only.

    Examples
    --------
    >>> name_of("544"), name_of("Acme")
    ('Manufacturer 544', 'Acme')
    """
    return f"Manufacturer {manufacturer}" if manufacturer.isdigit() else manufacturer
