"""Periods as people write them: ``2017-Q3``, ``NRF2017-M05``, ``latest 13 weeks``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from offtake.calendars.iso import (
    iso_week_name,
    iso_weeks_in_year,
    parse_iso_week,
    require_monday,
    week_of,
)
from offtake.calendars.nrf import iso_week_of_nrf_week, nrf_month_weeks, nrf_weeks_in_year
from offtake.calendars.period import Period, week_range_label
from offtake.errors import BadInputError

PERIOD_FORMS: tuple[str, ...] = (
    "2017",
    "2017-Q3",
    "2017-05",
    "2017-P05",
    "2017-W05",
    "2017-W05..2017-W12",
    "2017-03-01..2017-05-31",
    "NRF2017",
    "NRF2017-Q2",
    "NRF2017-M05",
    "NRF2017-W18",
    "ytd",
    "2017-ytd",
    "latest 4 weeks",
    "13w",
    "all",
)
"""One example of every form that :func:`parse_period` reads."""

_Weeks = tuple[date, date]
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_YEARS = range(1900, 2201)


def parse_period(text: str, *, loaded: tuple[date, date] | None) -> Period:
    """Read a period written in one of the allowed forms, in either case.

    Parameters
    ----------
    text
        ======================  =================================================================
        form                    weeks
        ======================  =================================================================
        2017, 2017-Q3, 2017-05  calendar year, quarter, month: the weeks whose Sunday falls in it
        2017-P05                fifth four-week period of the ISO year; P13 takes week 53 too
        2017-W05                ISO week
        A..B                    from the first week of A to the last week of B, two of the forms
                                above or below that name a year
        2017-03-01..2017-05-31  the weeks whose Sunday falls on one of these days
        NRF2017, NRF2017-Q2,    retail year, quarter, month, week: each Sunday-to-Saturday week is
        NRF2017-M05,            put on the ISO week that holds its Wednesday
        NRF2017-W18
        ytd                     calendar year of the latest loaded week, up to that week
        2017-ytd                as many weeks of 2017 as ``ytd`` has
        latest 4 weeks, 4w      the last weeks loaded, any number
        all                     first to last loaded week
        ======================  =================================================================
    loaded
        First and last loaded Monday; None when nothing is loaded.

    Raises
    ------
    BadInputError
        The text is in none of the forms, names weeks that do not exist, holds no whole week, needs
        loaded weeks and there are none, or asks for more weeks than are loaded.

    Examples
    --------
    >>> parse_period("2017-Q1", loaded=None)
    ... # doctest: +NORMALIZE_WHITESPACE
    Period(first_week=datetime.date(2016, 12, 26), last_week=datetime.date(2017, 3, 20),
           label='2017-Q1')
    >>> parse_period("latest 4 weeks", loaded=(date(2016, 12, 26), date(2017, 12, 25))).label
    'latest 4 weeks, to 2017-W52'
    """
    name = " ".join(text.split()).upper()
    try:
        return _fixed_period(name) or _loaded_period(name, loaded) or _not_understood()
    except BadInputError as error:
        raise BadInputError(
            f"period {text!r}: {error} Allowed forms: {', '.join(PERIOD_FORMS)}."
        ) from None


def _not_understood() -> Period:
    raise BadInputError("this form is not known.")


def _fixed_period(name: str) -> Period | None:
    start, dots, end = (part.strip() for part in name.partition(".."))
    if not dots:
        weeks = _fixed_weeks(name)
        return Period(*weeks, name) if weeks else None
    weeks = _date_range(start, end) or _form_range(start, end)
    return Period(*weeks, f"{start}..{end}") if weeks else None


def _form_range(start: str, end: str) -> _Weeks | None:
    first, last = _fixed_weeks(start), _fixed_weeks(end)
    return (first[0], last[1]) if first and last else None


def _date_range(start: str, end: str) -> _Weeks | None:
    if not (_DATE.fullmatch(start) and _DATE.fullmatch(end)):
        return None
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as error:
        raise BadInputError(f"not a date ({error}).") from None
    _check_year(first.year)
    _check_year(last.year)
    if last < first:
        raise BadInputError(f"{end} is before {start}.")
    weeks = _weeks_ending_in(first, last)
    if weeks[1] < weeks[0]:
        raise BadInputError("no week ends (on a Sunday) on one of these days.")
    return weeks


def _weeks_ending_in(first: date, last: date) -> _Weeks:
    return week_of(first), week_of(last + _DAY) - _WEEK


def _fixed_weeks(name: str) -> _Weeks | None:
    for pattern, weeks in _FIXED_FORMS:
        match = pattern.fullmatch(name)
        if match:
            numbers = [int(group) for group in match.groups()]
            _check_year(numbers[0])
            return weeks(*numbers)
    return None


def _check_year(year: int) -> None:
    if year not in _YEARS:
        raise BadInputError(f"year {year} is not from {_YEARS[0]} to {_YEARS[-1]}.")


def _check_number(kind: str, number: int, last: int) -> None:
    if not 1 <= number <= last:
        raise BadInputError(f"there is no {kind} {number:02d}; {kind}s run from 01 to {last}.")


def _months(year: int, first: int, last: int) -> _Weeks:
    following = date(year + last // 12, last % 12 + 1, 1)
    return _weeks_ending_in(date(year, first, 1), following - _DAY)


def _year(year: int) -> _Weeks:
    return _months(year, 1, 12)


def _quarter(year: int, quarter: int) -> _Weeks:
    _check_number("quarter", quarter, 4)
    return _months(year, 3 * quarter - 2, 3 * quarter)


def _month(year: int, month: int) -> _Weeks:
    _check_number("month", month, 12)
    return _months(year, month, month)


def _four_weeks(year: int, number: int) -> _Weeks:
    _check_number("four-week period", number, 13)
    last = iso_weeks_in_year(year) if number == 13 else 4 * number
    return date.fromisocalendar(year, 4 * number - 3, 1), date.fromisocalendar(year, last, 1)


def _week(year: int, week: int) -> _Weeks:
    monday = parse_iso_week(f"{year:04d}-W{week:02d}")
    return monday, monday


def _nrf_weeks(year: int, first: int, last: int) -> _Weeks:
    return iso_week_of_nrf_week(year, first), iso_week_of_nrf_week(year, last)


def _nrf_year(year: int) -> _Weeks:
    return _nrf_weeks(year, 1, nrf_weeks_in_year(year))


def _nrf_quarter(year: int, quarter: int) -> _Weeks:
    _check_number("NRF quarter", quarter, 4)
    first, _ = nrf_month_weeks(year, 3 * quarter - 2)
    _, last = nrf_month_weeks(year, 3 * quarter)
    return _nrf_weeks(year, first, last)


def _nrf_month(year: int, month: int) -> _Weeks:
    _check_number("NRF month", month, 12)
    return _nrf_weeks(year, *nrf_month_weeks(year, month))


def _nrf_week(year: int, week: int) -> _Weeks:
    return _nrf_weeks(year, week, week)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


_DATE = _pattern(r"\d{4}-\d{2}-\d{2}")
_YEAR_TO_DATE = _pattern(r"(?:(\d{4})-)?YTD")
_LATEST = _pattern(r"LATEST (\d{1,4}) WEEKS?|(\d{1,4})W")

_FIXED_FORMS: tuple[tuple[re.Pattern[str], Callable[..., _Weeks]], ...] = (
    (_pattern(r"(\d{4})"), _year),
    (_pattern(r"(\d{4})-Q(\d)"), _quarter),
    (_pattern(r"(\d{4})-(\d{2})"), _month),
    (_pattern(r"(\d{4})-P(\d{2})"), _four_weeks),
    (_pattern(r"(\d{4})-W(\d{2})"), _week),
    (_pattern(r"NRF(\d{4})"), _nrf_year),
    (_pattern(r"NRF(\d{4})-Q(\d)"), _nrf_quarter),
    (_pattern(r"NRF(\d{4})-M(\d{2})"), _nrf_month),
    (_pattern(r"NRF(\d{4})-W(\d{2})"), _nrf_week),
)


def _loaded_period(name: str, loaded: _Weeks | None) -> Period | None:
    to_date, latest = _YEAR_TO_DATE.fullmatch(name), _LATEST.fullmatch(name)
    if to_date:
        return _year_to_date(to_date[1], _require_loaded(loaded))
    if latest:
        return _latest(int(latest[1] or latest[2]), _require_loaded(loaded))
    if name == "ALL":
        first, last = _require_loaded(loaded)
        return Period(first, last, f"all weeks, {week_range_label(first, last)}")
    return None


def _require_loaded(loaded: _Weeks | None) -> _Weeks:
    if loaded is None:
        raise BadInputError("this form needs loaded weeks, and nothing is loaded.")
    return require_monday(loaded[0]), require_monday(loaded[1])


def _year_to_date(year_text: str | None, loaded: _Weeks) -> Period:
    latest = loaded[1]
    latest_year = (latest + 6 * _DAY).year
    year = int(year_text) if year_text else latest_year
    _check_year(year)
    if year > latest_year:
        raise BadInputError(f"the latest loaded week, {iso_week_name(latest)}, is before {year}.")
    first, end = _year(year)
    last = min(first + (latest - _year(latest_year)[0]), end)
    return Period(first, last, f"{year} to date, to {iso_week_name(last)}")


def _latest(weeks: int, loaded: _Weeks) -> Period:
    first, last = loaded
    held = (last - first) // _WEEK + 1
    if not 1 <= weeks <= held:
        raise BadInputError(
            f"{weeks} weeks asked for; from 1 to {held} can be, as "
            f"{week_range_label(first, last)} is loaded."
        )
    noun = "week" if weeks == 1 else f"{weeks} weeks"
    return Period(last - (weeks - 1) * _WEEK, last, f"latest {noun}, to {iso_week_name(last)}")
