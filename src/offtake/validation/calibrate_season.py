"""Season and holidays of one category, from its units by week with promotion taken out.

The week effects of the regression would not do: it uses only weeks between a pair's first and
last sale, which leaves out the first and the last week of the year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

HARMONICS = 3
YEAR = 365.25
SEASON_WEEKS = 52
HOLIDAYS: Mapping[str, date] = MappingProxyType(
    {
        "Super Bowl": date(2017, 2, 5),
        "Easter": date(2017, 4, 16),
        "Memorial Day": date(2017, 5, 29),
        "Independence Day": date(2017, 7, 4),
        "Labor Day": date(2017, 9, 4),
        "Thanksgiving": date(2017, 11, 23),
        "Christmas": date(2017, 12, 25),
    }
)


@dataclass(frozen=True, slots=True)
class Season:
    """Shape of the year.

    Parameters
    ----------
    index
        (52,) log index with mean 0, by number of whole weeks since 1 January.
    holidays, before
        Log uplift over the smooth curve in the week of a holiday, and in the week before it;
        only holidays within the weeks given.
    """

    index: Floats
    holidays: dict[str, float]
    before: dict[str, float]


def week_effects(units: Floats, lift: Floats, week: Integers, level: Floats) -> Floats:
    """Return log units by week, less the mean lift of what was on sale, (W,).

    Parameters
    ----------
    units, lift, week
        (N,) units sold, what price and support do to the log mean, and week codes.
    level
        (N,) usual rate of the row's pair, the weight of its lift.

    Examples
    --------
    >>> lift, week = np.log([1.0, 2.0]), np.array([0, 1])
    >>> week_effects(np.array([4.0, 8.0]), lift, week, np.ones(2)).round(6).tolist()
    [1.386294, 1.386294]
    """
    sold = np.bincount(week, units)
    multiplier = np.bincount(week, level * np.exp(lift)) / np.bincount(week, level)
    with np.errstate(divide="ignore"):
        effects: Floats = np.log(sold) - np.log(multiplier)
    return effects


def season(effects: Floats, mondays: Days, weights: Floats) -> Season:
    """Fit three harmonics to week effects, holidays left out, and read the holidays off.

    Parameters
    ----------
    effects
        (W,) log week effects; not finite where nothing sold.
    mondays
        (W,) Mondays.
    weights
        (W,) units behind each effect.

    Examples
    --------
    >>> mondays = np.datetime64("2017-01-02") + 7 * np.arange(52)
    >>> flat = season(np.where(mondays == np.datetime64("2017-11-20"), 0.3, 0.0), mondays,
    ...               np.ones(52))
    >>> round(flat.holidays["Thanksgiving"], 6), bool(np.abs(flat.index).max() < 1e-9)
    (0.3, True)
    """
    known = np.isfinite(effects)
    special = _special(mondays)
    root = np.sqrt(np.where(known & ~special, weights, 0.0))
    waves = _waves(_thursday(mondays))
    safe = np.where(known, effects, 0.0)
    curve = np.linalg.lstsq(waves * root[:, None], safe * root, rcond=None)[0]
    days = 7 * np.arange(SEASON_WEEKS, dtype=np.float64) + 6
    index = _waves(days) @ curve
    uplift = np.where(known, safe - waves @ curve, np.nan)
    return Season(index - index.mean(), _uplifts(uplift, mondays, 0), _uplifts(uplift, mondays, -7))


def _thursday(mondays: Days) -> Floats:
    january = mondays.astype("datetime64[Y]").astype("datetime64[D]")
    since: Floats = (mondays.astype("datetime64[D]") - january).astype(np.float64)
    return since + 3.0


def _waves(day: Floats) -> Floats:
    """(n, 7) constant, sines and cosines of the day of the year."""
    angle: Floats = 2 * np.pi * day[:, None] / YEAR * np.arange(1.0, HARMONICS + 1)
    return np.hstack([np.ones((day.size, 1)), np.sin(angle), np.cos(angle)])


def _special(mondays: Days) -> Bools:
    """Mark the weeks of holidays and the weeks before those that fall on a Monday."""
    marked = np.zeros(mondays.size, dtype=bool)
    for holiday in HOLIDAYS.values():
        for shift in (0, -7) if holiday.weekday() == 0 else (0,):
            marked |= mondays == _monday(holiday) + shift
    return marked


def _monday(day: date) -> np.datetime64:
    return np.datetime64(day, "D") - day.weekday()


def _uplifts(uplift: Floats, mondays: Days, shift: int) -> dict[str, float]:
    found = {}
    for name, holiday in HOLIDAYS.items():
        values = uplift[mondays == _monday(holiday) + shift]
        if values.size and np.isfinite(values[0]):
            found[name] = float(values[0])
    return found
