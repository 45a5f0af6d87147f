"""The calendar: which week belongs to which period."""

from __future__ import annotations

from offtake.data.contracts.contract import WEEK, Column, Contract, day, text


def _count(name: str, meaning: str, low: int, high: int) -> Column:
    return Column(
        name=name, type="integer", meaning=meaning, required=True, low=low, high=high, unit="count"
    )


CALENDAR = Contract(
    name="calendar",
    title="Calendar",
    meaning="Every week with the periods it belongs to; filled by Offtake for 1990 to 2060.",
    grain="one ISO week",
    key=("week",),
    columns=(
        WEEK,
        day("week_end", "Sunday that closes the week", required=True),
        _count("iso_year", "ISO year", 1900, 2200),
        _count("iso_week", "ISO week number", 1, 53),
        _count("year", "calendar year of the week's Sunday", 1900, 2200),
        text("quarter", "calendar quarter of the week's Sunday, e.g. 2017-Q3", required=True),
        text("month", "calendar month of the week's Sunday, e.g. 2017-05", required=True),
        text("period_4w", "four-week period of the ISO year, e.g. 2017-P05", required=True),
        _count("nrf_year", "NRF 4-5-4 retail year", 1900, 2200),
        text("nrf_quarter", "NRF quarter", required=True),
        text("nrf_month", "NRF month", required=True),
        _count("nrf_week", "week of the NRF year", 1, 53),
        day("comparable_week", "Monday of the comparable week last year, restated", required=True),
    ),
)
