"""Weeks, retail calendars and periods.

Every ``week`` in Offtake is the Monday of an ISO week. The parts are
:mod:`offtake.calendars.iso` (ISO weeks), :mod:`offtake.calendars.nrf` (the 4-5-4 retail calendar),
:mod:`offtake.calendars.period` (periods and what they are compared with),
:mod:`offtake.calendars.parse` (periods as people write them) and
:mod:`offtake.calendars.rows` (the labels of a week). Import the names below from here.
"""

from __future__ import annotations

from offtake.calendars.iso import (
    Weekday,
    iso_week_name,
    iso_week_of_retail_week,
    parse_iso_week,
    week_of,
)
from offtake.calendars.nrf import (
    Basis,
    NrfWeek,
    comparable_week,
    nrf_week,
    nrf_week_start,
    nrf_weeks_in_year,
    nrf_year_start,
)
from offtake.calendars.parse import PERIOD_FORMS, parse_period
from offtake.calendars.period import Against, Period, shift_for
from offtake.calendars.rows import CalendarRow, calendar_row, calendar_rows

__all__ = [
    "PERIOD_FORMS",
    "Against",
    "Basis",
    "CalendarRow",
    "NrfWeek",
    "Period",
    "Weekday",
    "calendar_row",
    "calendar_rows",
    "comparable_week",
    "iso_week_name",
    "iso_week_of_retail_week",
    "nrf_week",
    "nrf_week_start",
    "nrf_weeks_in_year",
    "nrf_year_start",
    "parse_iso_week",
    "parse_period",
    "shift_for",
    "week_of",
]
