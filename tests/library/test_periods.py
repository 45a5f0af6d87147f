"""Periods as people write them, and what they are compared with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.calendars import (
    PERIOD_FORMS,
    Against,
    Period,
    iso_week_name,
    parse_iso_week,
    parse_period,
    shift_for,
    week_of,
)
from offtake.errors import BadInputError, UnknownNameError

WEEK = timedelta(weeks=1)
LOADED = (date(2016, 12, 26), date(2017, 12, 25))

years = st.integers(1901, 2199)
mondays = st.dates(date(1910, 1, 1), date(2189, 12, 31)).map(week_of)


def read(text: str) -> Period:
    return parse_period(text, loaded=None)


def read_loaded(text: str, last: date = LOADED[1]) -> Period:
    return parse_period(text, loaded=(LOADED[0], last))


def names(period: Period) -> str:
    return f"{iso_week_name(period.first_week)} {iso_week_name(period.last_week)}"


# Each form, worked out by hand on a 2017 calendar


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("2017", "2016-W52 2017-W52"),
        ("2018", "2018-W01 2018-W52"),
        ("2017-Q1", "2016-W52 2017-W12"),
        ("2017-Q3", "2017-W26 2017-W38"),
        ("2017-05", "2017-W18 2017-W21"),
        ("2017-12", "2017-W48 2017-W52"),
        ("2017-P01", "2017-W01 2017-W04"),
        ("2017-P05", "2017-W17 2017-W20"),
        ("2017-P13", "2017-W49 2017-W52"),
        ("2020-P13", "2020-W49 2020-W53"),
        ("2017-W05", "2017-W05 2017-W05"),
        ("2017-W05..2017-W12", "2017-W05 2017-W12"),
        ("2017-Q1 .. 2017-Q2", "2016-W52 2017-W25"),
        ("2017-03-01..2017-05-31", "2017-W09 2017-W21"),
        ("2017-03-05..2017-03-05", "2017-W09 2017-W09"),
        ("NRF2017", "2017-W05 2018-W05"),
        ("NRF2018", "2018-W06 2019-W05"),
        ("NRF2017-Q2", "2017-W18 2017-W30"),
        ("NRF2017-Q4", "2017-W44 2018-W05"),
        ("NRF2017-M05", "2017-W22 2017-W26"),
        ("NRF2017-M12", "2018-W01 2018-W05"),
        ("NRF2017-W53", "2018-W05 2018-W05"),
        ("nrf2017-m05", "2017-W22 2017-W26"),
        (" 2017-q3 ", "2017-W26 2017-W38"),
    ],
)
def test_fixed_forms(text: str, weeks: str) -> None:
    assert names(read(text)) == weeks


def test_the_label_of_a_fixed_form_is_its_name_written_well() -> None:
    assert read(" nrf2017-m05").label == "NRF2017-M05"
    assert read("2017-w05 ..2017-w12").label == "2017-W05..2017-W12"


@pytest.mark.parametrize(
    ("text", "weeks", "label"),
    [
        ("ytd", "2016-W52 2017-W26", "2017 to date, to 2017-W26"),
        ("2017-ytd", "2016-W52 2017-W26", "2017 to date, to 2017-W26"),
        ("2016-YTD", "2015-W53 2016-W26", "2016 to date, to 2016-W26"),
        ("latest 4 weeks", "2017-W23 2017-W26", "latest 4 weeks, to 2017-W26"),
        ("Latest  13 Weeks", "2017-W14 2017-W26", "latest 13 weeks, to 2017-W26"),
        ("latest 1 week", "2017-W26 2017-W26", "latest week, to 2017-W26"),
        ("4w", "2017-W23 2017-W26", "latest 4 weeks, to 2017-W26"),
        ("27w", "2016-W52 2017-W26", "latest 27 weeks, to 2017-W26"),
        ("all", "2016-W52 2017-W26", "all weeks, 2016-W52..2017-W26"),
    ],
)
def test_forms_that_need_loaded_weeks(text: str, weeks: str, label: str) -> None:
    period = read_loaded(text, parse_iso_week("2017-W26"))
    assert (names(period), period.label) == (weeks, label)


def test_year_to_date_of_a_shorter_year_ends_with_that_year() -> None:
    assert read_loaded("ytd").weeks == 53
    assert names(read_loaded("2016-ytd")) == "2015-W53 2016-W51"


def test_the_latest_week_is_of_the_year_of_its_sunday() -> None:
    assert names(read_loaded("ytd", LOADED[0])) == "2016-W52 2016-W52"


@pytest.mark.parametrize("form", PERIOD_FORMS)
def test_every_advertised_form_is_read(form: str) -> None:
    assert read_loaded(form).weeks >= 1


# Refusals


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "this form is not known"),
        ("last year", "this form is not known"),
        ("2017-W5", "this form is not known"),
        ("2017-03-01", "this form is not known"),
        ("2017..4w", "this form is not known"),
        ("2017-03-01..2017-W12", "this form is not known"),
        ("2017-13", "there is no month 13; months run from 01 to 12"),
        ("2017-Q5", "there is no quarter 05"),
        ("2017-P14", "there is no four-week period 14"),
        ("2017-W53", "does not exist"),
        ("NRF2017-M13", "there is no NRF month 13"),
        ("NRF2017-Q0", "there is no NRF quarter 00"),
        ("NRF2018-W53", "NRF year 2018 has no week 53"),
        ("1066", "year 1066 is not from 1900 to 2200"),
        ("9999", "year 9999 is not from 1900 to 2200"),
        ("0000-01-01..2017-01-01", "not a date"),
        ("2017-02-30..2017-03-31", "not a date"),
        ("2017-05-31..2017-03-01", "2017-03-01 is before 2017-05-31"),
        ("2017-03-01..2017-03-02", "no week ends"),
        ("2017-W12..2017-W05", "is before its first week"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_with_the_forms(text: str, why: str) -> None:
    with pytest.raises(BadInputError, match=why) as refusal:
        read(text)
    assert repr(text) in str(refusal.value)
    assert all(form in str(refusal.value) for form in PERIOD_FORMS)


@pytest.mark.parametrize("text", ["ytd", "2017-ytd", "latest 4 weeks", "52w", "all"])
def test_a_form_that_needs_data_says_so_when_nothing_is_loaded(text: str) -> None:
    with pytest.raises(BadInputError, match="needs loaded weeks, and nothing is loaded"):
        read(text)


@pytest.mark.parametrize("text", ["54w", "0w", "latest 999 weeks"])
def test_more_weeks_than_are_loaded_are_refused(text: str) -> None:
    with pytest.raises(BadInputError, match=r"from 1 to 53 can be, as 2016-W52\.\.2017-W52"):
        read_loaded(text)


def test_year_to_date_of_a_year_to_come_is_refused() -> None:
    with pytest.raises(BadInputError, match="latest loaded week, 2017-W52, is before 2018"):
        read_loaded("2018-ytd")


def test_a_refusal_reads_as_one_sentence_after_another() -> None:
    with pytest.raises(BadInputError) as refusal:
        read("2017-13")
    assert str(refusal.value).startswith(
        "period '2017-13': there is no month 13; months run from 01 to 12. Allowed forms: 2017, "
    )


# Periods tile


@given(years)
def test_quarters_and_months_tile_the_year(year: int) -> None:
    assert_tile(f"{year}", [f"{year}-Q{n}" for n in range(1, 5)])
    assert_tile(f"{year}", [f"{year}-{n:02d}" for n in range(1, 13)])


@given(years)
def test_retail_quarters_and_months_tile_the_retail_year(year: int) -> None:
    assert_tile(f"NRF{year}", [f"NRF{year}-Q{n}" for n in range(1, 5)])
    assert_tile(f"NRF{year}", [f"NRF{year}-M{n:02d}" for n in range(1, 13)])


@given(years)
def test_years_follow_one_another(year: int) -> None:
    for form in ("{}", "NRF{}", "{}-P01..{}-P13"):
        this = read(form.format(year, year))
        following = read(form.format(year + 1, year + 1))
        assert following.first_week - this.last_week == WEEK


@given(years)
def test_a_year_is_the_weeks_whose_sunday_falls_in_it(year: int) -> None:
    period = read(f"{year}")
    sundays = [period.first_week + timedelta(days=6), period.last_week + timedelta(days=6)]
    assert [day.year for day in sundays] == [year, year]
    assert (sundays[0] - WEEK).year == year - 1
    assert (sundays[1] + WEEK).year == year + 1


def assert_tile(whole: str, parts: list[str]) -> None:
    period, pieces = read(whole), [read(part) for part in parts]
    mondays_in_pieces = [
        piece.first_week + n * WEEK for piece in pieces for n in range(piece.weeks)
    ]
    assert mondays_in_pieces == [period.first_week + n * WEEK for n in range(period.weeks)]


# Period


@given(mondays, st.integers(1, 60), st.integers(-200, 200))
def test_shifting_keeps_the_number_of_weeks(monday: date, weeks: int, shift: int) -> None:
    period = Period(monday, monday + (weeks - 1) * WEEK, "any")
    moved = period.shifted(shift)
    assert moved.weeks == period.weeks == weeks
    assert moved.first_week - period.first_week == shift * WEEK
    assert read(moved.label).first_week == moved.first_week


def test_a_period_holds_its_mondays_and_no_other_day() -> None:
    period = read("2017-W05..2017-W06")
    assert date(2017, 1, 30) in period
    assert date(2017, 2, 6) in period
    assert date(2017, 2, 13) not in period
    assert date(2017, 1, 23) not in period
    assert date(2017, 2, 1) not in period


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2017, 1, 31), date(2017, 2, 6)),
        (date(2017, 1, 30), date(2017, 2, 5)),
        (date(2017, 2, 6), date(2017, 1, 30)),
    ],
)
def test_a_period_of_odd_weeks_is_refused(first: date, last: date) -> None:
    with pytest.raises(BadInputError):
        Period(first, last, "odd")


# What a period is compared with


@pytest.mark.parametrize(
    ("text", "against", "weeks"),
    [
        ("2017-Q3", "previous", 13),
        ("2017", "previous", 53),
        ("2017-Q3", "year-ago", 52),
        ("2017-Q3", "restated", 52),
        ("NRF2017", "restated", 52),
        ("NRF2018-Q1", "restated", 52),
        ("NRF2018-Q1", "nrf-week", 53),
        ("NRF2018", "nrf-week", 53),
        ("NRF2019", "nrf-week", 52),
        ("NRF2017-Q1", "nrf-week", 52),
        ("NRF2019..NRF2022", "nrf-week", 52),
    ],
)
def test_shift(text: str, against: Against, weeks: int) -> None:
    assert shift_for(read(text), against) == weeks


def test_the_previous_period_ends_just_before() -> None:
    period = read("2017-P05")
    assert names(period.shifted(-shift_for(period, "previous"))) == names(read("2017-P04"))


@given(years)
def test_the_same_retail_quarter_of_the_year_before(year: int) -> None:
    period = read(f"NRF{year}-Q2")
    before = period.shifted(-shift_for(period, "nrf-week"))
    assert names(before) == names(read(f"NRF{year - 1}-Q2"))


def test_a_53rd_week_has_no_namesake_in_the_year_before() -> None:
    with pytest.raises(BadInputError, match="week 53 of NRF 2017; NRF 2016 has no week 53"):
        shift_for(read("NRF2017-Q4"), "nrf-week")


def test_retail_years_with_different_shifts_are_not_mixed() -> None:
    with pytest.raises(BadInputError, match=r"'NRF2018\.\.NRF2019' spans NRF years"):
        shift_for(read("NRF2018..NRF2019"), "nrf-week")


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'year-ago'"):
        shift_for(read("2017"), "year_ago")  # type: ignore[arg-type]
