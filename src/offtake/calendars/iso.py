"""ISO weeks: Monday to Sunday, named by the Monday.

Reference: ISO 8601-1:2019, week dates.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal, get_args

from offtake.errors import BadInputError, UnknownNameError

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
"""The last day of a retailer's week; in the order of :meth:`datetime.date.weekday`."""

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_ISO_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


def week_of(day: date) -> date:
    """Monday of the ISO week that holds ``day``.

    Examples
    --------
    >>> week_of(date(2017, 1, 1))
    datetime.date(2016, 12, 26)
    """
    return day - timedelta(days=day.weekday())


def require_monday(day: date) -> date:
    """Return ``day`` when it is a Monday.

    Raises
    ------
    BadInputError
        ``day`` is another weekday.

    Examples
    --------
    >>> require_monday(date(2017, 1, 30))
    datetime.date(2017, 1, 30)
    """
    if day.weekday() != 0:
        raise BadInputError(
            f"week {day.isoformat()} is a {WEEKDAYS[day.weekday()]}; a week is named by its Monday "
            f"({week_of(day).isoformat()})."
        )
    return day


def iso_week_name(monday: date) -> str:
    """ISO name of the week that starts on ``monday``.

    Raises
    ------
    BadInputError
        ``monday`` is not a Monday.

    Examples
    --------
    >>> iso_week_name(date(2017, 1, 30))
    '2017-W05'
    """
    year, week, _ = require_monday(monday).isocalendar()
    return f"{year:04d}-W{week:02d}"


def parse_iso_week(text: str) -> date:
    """Monday of the week that an ISO name stands for; undoes :func:`iso_week_name`.

    Raises
    ------
    BadInputError
        ``text`` is not of the form ``YYYY-Www``, or that year has no such week.

    Examples
    --------
    >>> parse_iso_week("2017-W05")
    datetime.date(2017, 1, 30)
    """
    match = _ISO_WEEK.fullmatch(text)
    if match is None:
        raise BadInputError(f"ISO week {text!r} is not of the form YYYY-Www, as in 2017-W05.")
    year, week = int(match[1]), int(match[2])
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        raise BadInputError(
            f"ISO week {text!r} does not exist; weeks run from 01 to 52, or 53 in a long year."
        ) from None


def iso_weeks_in_year(year: int) -> int:
    """Number of ISO weeks in ISO year ``year``: 52 or 53.

    Examples
    --------
    >>> iso_weeks_in_year(2017), iso_weeks_in_year(2020)
    (52, 53)
    """
    return date(year, 12, 28).isocalendar().week


def iso_week_of_retail_week(last_day: date, week_ends: Weekday) -> date:
    """Monday of the ISO week that holds the middle (fourth) day of a retailer's week.

    Parameters
    ----------
    last_day
        Last day of the retailer's seven-day week.
    week_ends
        Weekday on which that retailer's weeks end.

    Raises
    ------
    BadInputError
        ``last_day`` does not fall on ``week_ends``, or ``week_ends`` is not a weekday.

    Notes
    -----
    The ISO week with the middle day is the one that shares at least four of the seven days, so
    successive retail weeks always fall on successive ISO weeks.

    Examples
    --------
    >>> iso_week_of_retail_week(date(2017, 2, 4), "saturday")
    datetime.date(2017, 1, 30)
    """
    if week_ends not in WEEKDAYS:
        raise UnknownNameError("weekday", week_ends, WEEKDAYS)
    if WEEKDAYS[last_day.weekday()] != week_ends:
        raise BadInputError(
            f"week-ending day {last_day.isoformat()} is a {WEEKDAYS[last_day.weekday()]}; "
            f"this supplier's weeks end on a {week_ends}."
        )
    return week_of(last_day - timedelta(days=3))
