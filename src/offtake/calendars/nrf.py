"""The 4-5-4 retail calendar of the National Retail Federation (NRF).

A retail year runs from a Sunday to the Saturday closest to 31 January, so it holds 52 weeks and
every five or six years 53. Quarters have 13 weeks in months of 4, 5 and 4; a 53rd week belongs to
the last month. Retail year 2017 starts on Sunday 2017-01-29.

Reference: National Retail Federation, "4-5-4 Calendar", nrf.com/resources/4-5-4-calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from offtake.calendars.iso import require_monday, week_of
from offtake.errors import BadInputError, UnknownNameError

Basis = Literal["year-ago", "restated", "nrf-week"]
"""How a week is matched with a week of the year before; see :func:`comparable_week`."""

_WEEK = timedelta(weeks=1)
_FIRST_WEEK_OF_MONTH = (1, 5, 10, 14, 18, 23, 27, 31, 36, 40, 44, 49)
_LAST_START_DAY = 4  # the Saturday closest to 31 January falls on 28 January to 3 February


@dataclass(frozen=True, slots=True)
class NrfWeek:
    """Place of a week in the 4-5-4 calendar.

    Attributes
    ----------
    year
        Retail year; 2017 runs from 2017-01-29 to 2018-02-03.
    month
        1 to 12; month 1 is retail February.
    week_of_year
        1 to 53.
    week_of_month
        1 to 5.
    quarter
        1 to 4.

    Examples
    --------
    >>> NrfWeek(year=2017, month=5, week_of_year=18, week_of_month=1, quarter=2).month
    5
    """

    year: int
    month: int
    week_of_year: int
    week_of_month: int
    quarter: int


def nrf_year_start(year: int) -> date:
    """First day, a Sunday, of retail year ``year``.

    Examples
    --------
    >>> nrf_year_start(2017), nrf_year_start(2018)
    (datetime.date(2017, 1, 29), datetime.date(2018, 2, 4))
    """
    latest = date(year, 2, _LAST_START_DAY)
    return latest - timedelta(days=latest.isoweekday() % 7)


def nrf_weeks_in_year(year: int) -> int:
    """Number of weeks in retail year ``year``: 52 or 53.

    Examples
    --------
    >>> [year for year in range(2006, 2029) if nrf_weeks_in_year(year) == 53]
    [2006, 2012, 2017, 2023, 2028]
    """
    return (nrf_year_start(year + 1) - nrf_year_start(year)) // _WEEK


def nrf_week_start(year: int, week_of_year: int) -> date:
    """First day, a Sunday, of a week of retail year ``year``.

    Raises
    ------
    BadInputError
        The year has no such week.

    Examples
    --------
    >>> nrf_week_start(2017, 53)
    datetime.date(2018, 1, 28)
    """
    weeks = nrf_weeks_in_year(year)
    if not 1 <= week_of_year <= weeks:
        raise BadInputError(
            f"NRF year {year} has no week {week_of_year}; its weeks run from 1 to {weeks}."
        )
    return nrf_year_start(year) + (week_of_year - 1) * _WEEK


def nrf_month_weeks(year: int, month: int) -> tuple[int, int]:
    """First and last week of the year in a retail month (1 to 12).

    Examples
    --------
    >>> nrf_month_weeks(2017, 1), nrf_month_weeks(2017, 12)
    ((1, 4), (49, 53))
    """
    if not 1 <= month <= 12:
        raise BadInputError(f"NRF month {month} does not exist; months run from 1 to 12.")
    last = _FIRST_WEEK_OF_MONTH[month] - 1 if month < 12 else nrf_weeks_in_year(year)
    return _FIRST_WEEK_OF_MONTH[month - 1], last


def nrf_week(day: date) -> NrfWeek:
    """Retail week that holds ``day``.

    Examples
    --------
    >>> nrf_week(date(2017, 5, 28))
    NrfWeek(year=2017, month=5, week_of_year=18, week_of_month=1, quarter=2)
    """
    year = day.year if day >= nrf_year_start(day.year) else day.year - 1
    week = (day - nrf_year_start(year)) // _WEEK + 1
    month = sum(first <= week for first in _FIRST_WEEK_OF_MONTH)
    return NrfWeek(
        year=year,
        month=month,
        week_of_year=week,
        week_of_month=week - _FIRST_WEEK_OF_MONTH[month - 1] + 1,
        quarter=(month + 2) // 3,
    )


def nrf_week_of_iso_week(monday: date) -> NrfWeek:
    """Retail week of an ISO week: the Sunday-to-Saturday week with the same Wednesday.

    Raises
    ------
    BadInputError
        ``monday`` is not a Monday.

    Examples
    --------
    >>> nrf_week_of_iso_week(date(2017, 1, 30)).week_of_year
    1
    """
    return nrf_week(require_monday(monday) + timedelta(days=2))


def iso_week_of_nrf_week(year: int, week_of_year: int) -> date:
    """Monday of the ISO week that holds the Wednesday of a retail week.

    Raises
    ------
    BadInputError
        The year has no such week.

    Examples
    --------
    >>> iso_week_of_nrf_week(2017, 1)
    datetime.date(2017, 1, 30)
    """
    return week_of(nrf_week_start(year, week_of_year) + timedelta(days=3))


def weeks_back(monday: date, basis: Basis) -> int:
    """Weeks between a week and its comparable week of the year before: 52 or 53.

    Raises
    ------
    BadInputError
        As for :func:`comparable_week`.

    Examples
    --------
    >>> weeks_back(date(2018, 2, 5), "restated"), weeks_back(date(2018, 2, 5), "nrf-week")
    (52, 53)
    """
    if basis not in get_args(Basis):
        raise UnknownNameError("comparison basis", basis, get_args(Basis))
    week = nrf_week_of_iso_week(monday)
    if basis != "nrf-week":
        return 52
    if week.week_of_year == 53:
        raise BadInputError(
            f"week {monday.isoformat()} is week 53 of NRF {week.year}; "
            f"NRF {week.year - 1} has no week 53. Allowed for this week: year-ago, restated."
        )
    return nrf_weeks_in_year(week.year - 1)


def comparable_week(week: date, basis: Basis) -> date:
    """Monday of the week of the year before that ``week`` is compared with.

    Parameters
    ----------
    week
        Monday of the week.
    basis
        ``"year-ago"``: 364 days earlier.
        ``"restated"``: the restated NRF calendar, in which a 53-week year gives up its first week,
        so that week 1 of 2018 meets week 2 of 2017 and holidays stay in line. It is 364 days
        for every week: the trade's name for the same comparison. A 53rd week meets week 1 of its
        own year.
        ``"nrf-week"``: the same week number of the retail year before, not restated: 364 days,
        or 371 in the year after a 53-week year.

    Raises
    ------
    BadInputError
        ``week`` is not a Monday, the basis is unknown, or a 53rd week is asked for its
        ``"nrf-week"``.

    References
    ----------
    National Retail Federation, "4-5-4 Calendar": restated and non-restated 2017-2019 calendars.

    Examples
    --------
    >>> comparable_week(date(2018, 2, 5), "restated")
    datetime.date(2017, 2, 6)
    >>> comparable_week(date(2018, 2, 5), "nrf-week")
    datetime.date(2017, 1, 30)
    """
    return week - weeks_back(week, basis) * _WEEK
