"""Where plans stand: in lanes across weeks, or in the weeks of a month. Days in, places out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from offtake_web.plans.calendar_entry import Entry

Rows = Literal["account", "brand"]
WEEK = 7
MOST_WEEKS = 160
"""Three years: a wider table helps nobody."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a lane.

    Parameters
    ----------
    span
        How many columns it is wide.
    entry
        The plan in it; None where nothing is planned.
    starts, ends
        Days of the first column before the plan, and of the last column after it.
    """

    span: int
    entry: Entry | None = None
    starts: int = 0
    ends: int = 0


Lane = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The lanes of one account or brand; no title for plans that are for all of them."""

    title: str
    lanes: tuple[Lane, ...]
    plans: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Weeks across and groups down.

    Parameters
    ----------
    weeks
        Their Mondays.
    months
        First days of the months above them, each with its number of weeks.
    this_week
        Which of the weeks is now; None where none is.
    outside
        Plans that stand outside the weeks shown.
    """

    weeks: tuple[date, ...]
    months: tuple[tuple[date, int], ...]
    groups: tuple[Group, ...]
    this_week: int | None
    outside: int


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def names_of(entry: Entry, rows: Rows) -> tuple[str, ...]:
    """Return the rows a plan stands in; the empty name is the row of what is for all."""
    return (entry.retailers if rows == "account" else entry.brands) or ("",)


def timeline(entries: Sequence[Entry], rows: Rows, today: date) -> Timeline:
    """Lay plans out across the weeks they are in."""
    weeks = _weeks(entries, today)
    end = weeks[-1] + timedelta(days=WEEK)
    shown = [each for each in entries if each.first_day < end and each.last_day >= weeks[0]]
    names = sorted({name for each in shown for name in names_of(each, rows)})
    groups = []
    for name in names:
        mine = [each for each in shown if name in names_of(each, rows)]
        groups.append(Group(name, lanes(mine, weeks[0], len(weeks), step=WEEK), len(mine)))
    months = tuple(
        (first, len(list(same))) for first, same in groupby(weeks, lambda day: day.replace(day=1))
    )
    now = (monday(today) - weeks[0]).days // WEEK
    this_week = now if 0 <= now < len(weeks) else None
    return Timeline(weeks, months, tuple(groups), this_week, len(entries) - len(shown))


def _weeks(entries: Sequence[Entry], today: date) -> tuple[date, ...]:
    first = monday(min((each.first_day for each in entries), default=today))
    last = monday(max((each.last_day for each in entries), default=today))
    count = (last - first).days // WEEK + 1
    if count > MOST_WEEKS:
        first = max(first, min(monday(today) - timedelta(days=WEEK * 53), last))
        count = min(MOST_WEEKS, (last - first).days // WEEK + 1)
    return tuple(first + timedelta(days=WEEK * each) for each in range(count))


def lanes(entries: Iterable[Entry], first: date, columns: int, *, step: int) -> tuple[Lane, ...]:
    """Put plans into as few rows of cells as hold them, none over another.

    Parameters
    ----------
    entries
        Plans of which each has a day in the columns.
    first
        First day of the first column.
    columns, step
        How many columns there are, and the days of each.
    """
    last = first + timedelta(days=columns * step - 1)
    rows: list[list[tuple[int, int, Entry]]] = []
    for entry in sorted(entries, key=lambda each: (each.first_day, -each.days, each.pk)):
        start = (max(entry.first_day, first) - first).days // step
        stop = (min(entry.last_day, last) - first).days // step
        row = next((row for row in rows if row[-1][1] < start), None)
        if row is None:
            rows.append(row := [])
        row.append((start, stop, entry))
    return tuple(tuple(_cells(row, first, columns, step)) for row in rows)


def _cells(
    row: Sequence[tuple[int, int, Entry]], first: date, columns: int, step: int
) -> Iterator[Cell]:
    at = 0
    for start, stop, entry in row:
        if start > at:
            yield Cell(start - at)
        starts = (entry.first_day - first).days - start * step
        ends = (stop + 1) * step - 1 - (entry.last_day - first).days
        yield Cell(stop - start + 1, entry, max(0, starts), max(0, ends))
        at = stop + 1
    if at < columns:
        yield Cell(columns - at)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a month: its days, and lanes of seven columns."""

    days: tuple[date, ...]
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks that hold a month's days.

    Parameters
    ----------
    first
        Its first day.
    inside
        Plans with a day in the weeks shown.
    """

    first: date
    weeks: tuple[Week, ...]
    inside: int

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)


def month(entries: Sequence[Entry], first: date) -> Month:
    """Lay plans out on the weeks of the month that begins with a day."""
    start, last = monday(first), (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    stop = monday(last) + timedelta(days=WEEK - 1)
    shown = [each for each in entries if each.first_day <= stop and each.last_day >= start]
    weeks = []
    while start <= last:
        end = start + timedelta(days=WEEK - 1)
        mine = [each for each in shown if each.first_day <= end and each.last_day >= start]
        days = tuple(start + timedelta(days=each) for each in range(WEEK))
        weeks.append(Week(days, lanes(mine, start, WEEK, step=1)))
        start += timedelta(days=WEEK)
    return Month(first, tuple(weeks), len(shown))
