"""The labels of a week: the time dimensions that measures can be grouped by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from offtake.calendars.iso import require_monday
from offtake.calendars.nrf import NrfWeek, comparable_week, nrf_week_of_iso_week
from offtake.errors import BadInputError

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One ISO week and where it falls in each calendar.

    Text labels are periods that :func:`offtake.calendars.parse_period` understands.

    Attributes
    ----------
    week, week_end
        Monday and Sunday.
    iso_year, iso_week
        ISO year and week number (1 to 53).
    year, quarter, month
        Calendar year (2017), quarter ("2017-Q3") and month ("2017-05") of the Sunday.
    period_4w
        Four-week period of the ISO year ("2017-P05"); P13 takes week 53 too.
    nrf_year, nrf_quarter, nrf_month, nrf_week
        Retail year (2017), quarter ("NRF2017-Q2"), month ("NRF2017-M05") and week number
        (1 to 53).
    comparable_week
        Monday of the restated comparable week of the year before.
    days
        Days in the week, 7.

    Examples
    --------
    >>> calendar_row(date(2017, 5, 29)).days
    7
    """

    week: date
    week_end: date
    iso_year: int
    iso_week: int
    year: int
    quarter: str
    month: str
    period_4w: str
    nrf_year: int
    nrf_quarter: str
    nrf_month: str
    nrf_week: int
    comparable_week: date
    days: int = 7


def calendar_row(monday: date) -> CalendarRow:
    """Labels of the week that starts on ``monday``.

    Raises
    ------
    BadInputError
        ``monday`` is not a Monday.

    Examples
    --------
    >>> row = calendar_row(date(2017, 5, 29))
    >>> row.quarter, row.month, row.period_4w, row.nrf_month
    ('2017-Q2', '2017-06', '2017-P06', 'NRF2017-M05')
    """
    sunday = require_monday(monday) + timedelta(days=6)
    iso = monday.isocalendar()
    nrf = nrf_week_of_iso_week(monday)
    return CalendarRow(
        week=monday,
        week_end=sunday,
        iso_year=iso.year,
        iso_week=iso.week,
        year=sunday.year,
        quarter=f"{sunday.year:04d}-Q{(sunday.month + 2) // 3}",
        month=f"{sunday.year:04d}-{sunday.month:02d}",
        period_4w=f"{iso.year:04d}-P{_four_week_period(iso.week):02d}",
        nrf_year=nrf.year,
        nrf_quarter=_nrf_quarter(nrf),
        nrf_month=_nrf_month(nrf),
        nrf_week=nrf.week_of_year,
        comparable_week=comparable_week(monday, "restated"),
    )


def calendar_rows(first: date, last: date) -> list[CalendarRow]:
    """Labels of every week from ``first`` to ``last``, Mondays, both included.

    Raises
    ------
    BadInputError
        Either is not a Monday, or ``last`` is before ``first``.

    Examples
    --------
    >>> [row.iso_week for row in calendar_rows(date(2016, 12, 26), date(2017, 1, 9))]
    [52, 1, 2]
    """
    weeks = (require_monday(last) - require_monday(first)) // _WEEK + 1
    if weeks < 1:
        raise BadInputError(
            f"calendar from {first.isoformat()} to {last.isoformat()}: the last week must not be "
            "before the first."
        )
    return [calendar_row(first + number * _WEEK) for number in range(weeks)]


def _four_week_period(iso_week: int) -> int:
    return min((iso_week + 3) // 4, 13)


def _nrf_quarter(week: NrfWeek) -> str:
    return f"NRF{week.year:04d}-Q{week.quarter}"


def _nrf_month(week: NrfWeek) -> str:
    return f"NRF{week.year:04d}-M{week.month:02d}"
