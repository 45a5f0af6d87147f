"""ISO weeks, the NRF 4-5-4 calendar and the labels of a week."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.calendars import (
    Basis,
    NrfWeek,
    Weekday,
    calendar_row,
    calendar_rows,
    comparable_week,
    iso_week_name,
    iso_week_of_retail_week,
    nrf_week,
    nrf_week_start,
    nrf_weeks_in_year,
    nrf_year_start,
    parse_iso_week,
    parse_period,
    week_of,
)
from offtake.calendars.iso import WEEKDAYS, iso_weeks_in_year
from offtake.calendars.nrf import iso_week_of_nrf_week, nrf_month_weeks, nrf_week_of_iso_week
from offtake.errors import BadInputError, UnknownNameError

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

days = st.dates(date(1901, 1, 1), date(2199, 12, 31))
mondays = days.map(week_of)
years = st.integers(1901, 2199)

# First and last days of retail years, from the calendars the NRF published.
PUBLISHED_YEARS = {
    2016: (date(2016, 1, 31), date(2017, 1, 28)),
    2017: (date(2017, 1, 29), date(2018, 2, 3)),
    2018: (date(2018, 2, 4), date(2019, 2, 2)),
    2019: (date(2019, 2, 3), date(2020, 2, 1)),
    2020: (date(2020, 2, 2), date(2021, 1, 30)),
    2021: (date(2021, 1, 31), date(2022, 1, 29)),
    2022: (date(2022, 1, 30), date(2023, 1, 28)),
    2023: (date(2023, 1, 29), date(2024, 2, 3)),
    2024: (date(2024, 2, 4), date(2025, 2, 1)),
}
LONG_YEARS = [2000, 2006, 2012, 2017, 2023, 2028, 2034, 2040, 2045]


# ISO weeks


@given(days)
def test_week_of_is_the_monday_on_or_before_the_day(day: date) -> None:
    monday = week_of(day)
    assert monday.weekday() == 0
    assert timedelta(0) <= day - monday < WEEK


@given(mondays)
def test_an_iso_week_name_reads_back(monday: date) -> None:
    assert parse_iso_week(iso_week_name(monday)) == monday


@pytest.mark.parametrize("text", ["2017-05", "2017-W5", "2017W05", "17-W05", "", "2017-W05 "])
def test_an_iso_week_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="not of the form YYYY-Www"):
        parse_iso_week(text)


@pytest.mark.parametrize("text", ["2017-W53", "2017-W00", "2020-W54"])
def test_an_iso_week_the_year_lacks_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match=rf"'{text}' does not exist"):
        parse_iso_week(text)


def test_a_week_is_named_by_its_monday_only() -> None:
    with pytest.raises(BadInputError, match=r"2017-02-01 is a wednesday.*\(2017-01-30\)"):
        iso_week_name(date(2017, 2, 1))


@given(years)
def test_iso_years_tile(year: int) -> None:
    start, following = date.fromisocalendar(year, 1, 1), date.fromisocalendar(year + 1, 1, 1)
    assert start + iso_weeks_in_year(year) * WEEK == following


# A retailer's week on another day


@given(days)
def test_a_retail_week_goes_to_the_iso_week_that_shares_most_days(last_day: date) -> None:
    monday = iso_week_of_retail_week(last_day, WEEKDAYS[last_day.weekday()])
    shared = [last_day - n * DAY for n in range(7) if week_of(last_day - n * DAY) == monday]
    assert len(shared) >= 4


@pytest.mark.parametrize(
    ("last_day", "week_ends", "expected"),
    [
        (date(2017, 2, 5), "sunday", date(2017, 1, 30)),
        (date(2017, 2, 4), "saturday", date(2017, 1, 30)),
        (date(2017, 2, 2), "thursday", date(2017, 1, 30)),
        (date(2017, 2, 1), "wednesday", date(2017, 1, 23)),
        (date(2017, 1, 30), "monday", date(2017, 1, 23)),
    ],
)
def test_retail_weeks_by_hand(last_day: date, week_ends: Weekday, expected: date) -> None:
    assert iso_week_of_retail_week(last_day, week_ends) == expected


def test_a_retail_week_that_ends_on_the_wrong_day_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"2017-02-05 is a sunday; .* end on a saturday"):
        iso_week_of_retail_week(date(2017, 2, 5), "saturday")


def test_an_unknown_weekday_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'saturday'"):
        iso_week_of_retail_week(date(2017, 2, 4), "saterday")  # type: ignore[arg-type]


# NRF 4-5-4


@pytest.mark.parametrize("year", PUBLISHED_YEARS)
def test_retail_years_start_and_end_as_published(year: int) -> None:
    last_day = nrf_year_start(year) + nrf_weeks_in_year(year) * WEEK - DAY
    assert (nrf_year_start(year), last_day) == PUBLISHED_YEARS[year]


def test_the_long_years_are_the_published_ones() -> None:
    assert [year for year in range(2000, 2047) if nrf_weeks_in_year(year) == 53] == LONG_YEARS


@given(years)
def test_a_retail_year_ends_on_the_saturday_closest_to_31_january(year: int) -> None:
    last_day = nrf_year_start(year) - DAY
    target = date(year, 1, 31)
    around = [target + n * DAY for n in range(-6, 7)]
    saturdays = [day for day in around if day.weekday() == 5]
    assert last_day == min(saturdays, key=lambda day: abs(day - target))


@given(years)
def test_retail_years_have_52_or_53_weeks(year: int) -> None:
    assert nrf_weeks_in_year(year) in {52, 53}


@given(days)
def test_every_day_belongs_to_exactly_one_retail_week(day: date) -> None:
    week = nrf_week(day)
    start = nrf_week_start(week.year, week.week_of_year)
    assert start.weekday() == 6
    assert start <= day < start + WEEK


@given(years)
def test_the_weeks_of_a_retail_year_run_4_5_4(year: int) -> None:
    weeks = nrf_weeks_in_year(year)
    rows = [nrf_week(nrf_week_start(year, number)) for number in range(1, weeks + 1)]
    assert [row.week_of_year for row in rows] == list(range(1, weeks + 1))
    lengths = [sum(row.month == month for row in rows) for month in range(1, 13)]
    assert lengths == [4, 5, 4] * 3 + [4, 5, 4 + weeks - 52]
    for row, following in pairwise(rows):
        next_in_month = following.week_of_month == row.week_of_month + 1
        first_of_month = (following.week_of_month, following.month) == (1, row.month + 1)
        assert next_in_month or first_of_month
    assert all(row.quarter == (row.month - 1) // 3 + 1 for row in rows)


@given(years, st.integers(1, 12))
def test_a_retail_month_holds_the_weeks_that_say_so(year: int, month: int) -> None:
    first, last = nrf_month_weeks(year, month)
    numbers = range(1, nrf_weeks_in_year(year) + 1)
    inside = [n for n in numbers if nrf_week(nrf_week_start(year, n)).month == month]
    assert inside == list(range(first, last + 1))


@pytest.mark.parametrize("month", [0, 13])
def test_a_retail_month_that_does_not_exist_is_refused(month: int) -> None:
    with pytest.raises(BadInputError, match="run from 1 to 12"):
        nrf_month_weeks(2017, month)


def test_the_53rd_week_belongs_to_retail_january() -> None:
    assert nrf_week(date(2018, 2, 3)) == NrfWeek(2017, 12, 53, 5, 4)


@pytest.mark.parametrize(("year", "week"), [(2017, 0), (2017, 54), (2018, 53)])
def test_a_retail_week_the_year_lacks_is_refused(year: int, week: int) -> None:
    with pytest.raises(BadInputError, match=f"NRF year {year} has no week {week}"):
        nrf_week_start(year, week)


@given(mondays)
def test_iso_and_retail_weeks_match_one_to_one(monday: date) -> None:
    week = nrf_week_of_iso_week(monday)
    assert iso_week_of_nrf_week(week.year, week.week_of_year) == monday
    assert week == nrf_week(monday)


# Comparable weeks


def restated_week_of_last_year(week: NrfWeek) -> tuple[int, int]:
    """The published rule: a 53-week year gives up its first week for the year after."""
    return week.year - 1, week.week_of_year + (nrf_weeks_in_year(week.year - 1) == 53)


@given(mondays)
def test_restated_follows_the_published_rule(monday: date) -> None:
    week = nrf_week_of_iso_week(monday)
    if week.week_of_year <= 52:
        expected = iso_week_of_nrf_week(*restated_week_of_last_year(week))
    else:  # the 53rd week has no place in the year before
        expected = iso_week_of_nrf_week(week.year, 1)
    assert comparable_week(monday, "restated") == expected


@given(mondays)
def test_restated_is_364_days_as_year_ago_is(monday: date) -> None:
    expected = monday - timedelta(days=364)
    assert comparable_week(monday, "restated") == expected
    assert comparable_week(monday, "year-ago") == expected


@given(mondays)
def test_the_same_retail_week_keeps_its_number(monday: date) -> None:
    week = nrf_week_of_iso_week(monday)
    if week.week_of_year == 53:
        with pytest.raises(BadInputError, match=f"is week 53 of NRF {week.year}"):
            comparable_week(monday, "nrf-week")
    else:
        before = nrf_week_of_iso_week(comparable_week(monday, "nrf-week"))
        assert (before.year, before.week_of_year) == (week.year - 1, week.week_of_year)


@pytest.mark.parametrize(
    ("basis", "expected"),
    [("restated", date(2017, 2, 6)), ("nrf-week", date(2017, 1, 30))],
)
def test_the_first_week_of_2018_as_published(basis: Basis, expected: date) -> None:
    """Sunday 2018-02-04 meets 2017-02-05 restated and 2017-01-29 not restated."""
    assert comparable_week(date(2018, 2, 5), basis) == expected


def test_thanksgiving_2018_meets_thanksgiving_2017_when_restated() -> None:
    assert comparable_week(week_of(date(2018, 11, 22)), "restated") == week_of(date(2017, 11, 23))


def test_an_unknown_basis_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Allowed: nrf-week, restated, year-ago"):
        comparable_week(date(2018, 2, 5), "fiscal")  # type: ignore[arg-type]


def test_a_comparable_week_starts_from_a_monday() -> None:
    with pytest.raises(BadInputError, match="2018-02-04 is a sunday"):
        comparable_week(date(2018, 2, 4), "restated")


# The labels of a week


def test_the_labels_of_a_week_across_new_year() -> None:
    row = calendar_row(date(2016, 12, 26))
    assert (row.week_end, row.iso_year, row.iso_week) == (date(2017, 1, 1), 2016, 52)
    assert (row.year, row.quarter, row.month) == (2017, "2017-Q1", "2017-01")
    assert row.period_4w == "2016-P13"
    assert (row.nrf_year, row.nrf_quarter, row.nrf_month) == (2016, "NRF2016-Q4", "NRF2016-M11")
    assert (row.nrf_week, row.comparable_week, row.days) == (48, date(2015, 12, 28), 7)


@given(mondays)
def test_every_label_is_a_period_that_holds_the_week(monday: date) -> None:
    row = calendar_row(monday)
    labels = [row.quarter, row.month, row.period_4w, row.nrf_quarter, row.nrf_month]
    named = [str(row.year), f"NRF{row.nrf_year}", f"NRF{row.nrf_year}-W{row.nrf_week:02d}"]
    assert all(monday in parse_period(text, loaded=None) for text in labels + named)


def test_calendar_rows_are_successive_weeks() -> None:
    rows = calendar_rows(date(2016, 12, 26), date(2017, 12, 25))
    assert len(rows) == 53
    assert {row.year for row in rows} == {2017}
    assert all(after.week - before.week == WEEK for before, after in pairwise(rows))


def test_calendar_rows_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(BadInputError, match="must not be before the first"):
        calendar_rows(date(2017, 1, 9), date(2017, 1, 2))


def test_calendar_rows_start_on_mondays() -> None:
    with pytest.raises(BadInputError, match="2017-01-03 is a tuesday"):
        calendar_rows(date(2017, 1, 3), date(2017, 1, 9))
