"""Season and holidays: what the time of the year does to a category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from dateutil.easter import easter

from offtake.twin.arrays import Days, Floats
from offtake.twin.calibration import Category
from offtake.twin.spec import TwinSpec


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(last.weekday())


HOLIDAYS: Mapping[str, Callable[[int], date]] = MappingProxyType(
    {
        "Super Bowl": lambda year: _nth(year, 2, 6, 1 if year < 2022 else 2),
        "Easter": easter,
        "Memorial Day": _last_monday_of_may,
        "Independence Day": lambda year: date(year, 7, 4),
        "Labor Day": lambda year: _nth(year, 9, 0, 1),
        "Thanksgiving": lambda year: _nth(year, 11, 3, 4),
        "Christmas": lambda year: date(year, 12, 25),
    }
)
"""Holidays of the market that the twin was calibrated on."""


def weeks_of(spec: TwinSpec) -> Days:
    """Return the Mondays of a world, shape (T,)."""
    first = np.datetime64(spec.first_week, "D")
    mondays: Days = first + 7 * np.arange(spec.weeks)
    return mondays


def season(spec: TwinSpec, category: Category) -> Floats:
    """Return the log seasonal index of every week of a category, holidays apart, shape (T,)."""
    days = (weeks_of(spec) - weeks_of(spec).astype("datetime64[Y]").astype("datetime64[D]")) / 7
    index = np.clip(days.astype(np.int64), 0, 51)
    by_week: Floats = np.asarray(category.season)[index]
    return by_week


def holiday_uplift(spec: TwinSpec, category: Category) -> Floats:
    """Return the log uplift of holidays, in their week and the one before, shape (T,)."""
    weeks = weeks_of(spec)
    uplift = np.zeros(len(weeks))
    years = range(spec.first_week.year, spec.first_week.year + spec.weeks // 52 + 2)
    for name in category.holidays:
        for year in years:
            day = np.datetime64(HOLIDAYS[name](year), "D")
            uplift[(weeks <= day) & (day < weeks + 7)] += category.holidays[name]
            ahead = weeks + 7
            uplift[(ahead <= day) & (day < ahead + 7)] += category.holidays_before[name]
    return uplift
