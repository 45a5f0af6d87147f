"""What differs between two runs, and whether it was the world, the data, the view or the method."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from offtake.measures.catalogue import CATALOGUE
from offtake.report.manifest import LoadEntry
from offtake.report.run import Run
from offtake.units import Unit

Reader = Callable[[Run, str], pa.Table]
MOST_ROWS = 2000
FIGURES_SHOWN = 6
VIEW = ("category", "manufacturer", "weeks", "against", "currency")
WEEKS = ("data_first_week", "data_last_week")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two runs do not have in common: its name, and what it was and is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a table in both runs; None where a run does not have it."""

    label: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that is not the same in both runs.

    Parameters
    ----------
    name, title, unit
        Which, and the unit of its figures.
    rows_before, rows_after
        How many rows it has.
    figures
        Those that moved most; none where the table has no single figure per row.
    """

    name: str
    title: str
    unit: Unit
    rows_before: int
    rows_after: int
    figures: tuple[Figure, ...]

    @property
    def unit_of_change(self) -> Unit:
        """The unit of a difference: that of two percentages is in points."""
        return "points" if self.unit == "percent" else self.unit


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Parameters
    ----------
    view, weeks, code
        In what they were asked for, which weeks their data cover, and by which code they were made.
    loads_new, loads_gone
        Loads that only the later or only the earlier run knows.
    tables
        Tables that are in both and differ.
    tables_new, tables_gone
        Names of tables that only the later or only the earlier run has.
    same
        How many tables are equal, byte for byte.
    """

    view: tuple[Difference, ...]
    weeks: tuple[Difference, ...]
    code: tuple[Difference, ...]
    loads_new: tuple[LoadEntry, ...]
    loads_gone: tuple[LoadEntry, ...]
    tables: tuple[TableChange, ...]
    tables_new: tuple[str, ...]
    tables_gone: tuple[str, ...]
    same: int

    @property
    def restated(self) -> tuple[LoadEntry, ...]:
        """New loads that took the place of what was known before."""
        return tuple(load for load in self.loads_new if load.replaced)

    @property
    def nothing(self) -> bool:
        return not (
            self.view or self.weeks or self.code or self.loads_new or self.loads_gone
            or self.tables or self.tables_new or self.tables_gone
        )  # fmt: skip


def compare(before: Run, after: Run, read: Reader) -> Comparison:
    """Set two runs against each other; `read` returns a table of a run."""
    old = {entry.name: entry.sha256 for entry in before.manifest.tables}
    new = {entry.name: entry.sha256 for entry in after.manifest.tables}
    both = [name for name in new if name in old]
    changed = [name for name in both if new[name] != old[name]]
    loads_before, loads_after = before.manifest.loads, after.manifest.loads
    return Comparison(
        view=tuple(_differences(before, after, VIEW)),
        weeks=tuple(_differences(before, after, WEEKS)),
        code=tuple(_code(before, after)),
        loads_new=tuple(load for load in loads_after if load not in loads_before),
        loads_gone=tuple(load for load in loads_before if load not in loads_after),
        tables=tuple(_table_change(before, after, name, read) for name in changed),
        tables_new=tuple(name for name in new if name not in old),
        tables_gone=tuple(name for name in old if name not in new),
        same=len(both) - len(changed),
    )


def _differences(before: Run, after: Run, names: tuple[str, ...]) -> Iterator[Difference]:
    for name in names:
        was, now = (str(getattr(run.manifest.frame, name)) for run in (before, after))
        if was != now:
            yield Difference(name, was, now)


def _code(before: Run, after: Run) -> Iterator[Difference]:
    was, now = before.manifest.code_version, after.manifest.code_version
    if was != now:
        yield Difference("code_version", was, now)


def _table_change(before: Run, after: Run, name: str, read: Reader) -> TableChange:
    was, now = before.entry(name), after.entry(name)
    passport = after.manifest.passports.get(now.measure)
    small = max(was.rows, now.rows) <= MOST_ROWS
    figures = _figures(read(before, name), read(after, name), now.by) if small else []
    return TableChange(
        name=name,
        title=passport.title if passport else name,
        unit=CATALOGUE[now.measure].unit if now.measure in CATALOGUE else "ratio",
        rows_before=was.rows,
        rows_after=now.rows,
        figures=tuple(figures),
    )


def _figures(before: pa.Table, after: pa.Table, by: tuple[str, ...]) -> list[Figure]:
    """Return the figures that moved most, of tables that have one figure per row."""
    if not all({*by, "value"} <= set(table.column_names) for table in (before, after)):
        return []
    if not by and max(before.num_rows, after.num_rows) > 1:
        return []
    was, now = _by_key(before, by), _by_key(after, by)
    found = [
        Figure(", ".join(map(str, key)), was.get(key), now.get(key))
        for key in {**was, **now}
        if was.get(key) != now.get(key)
    ]
    return sorted(found, key=_size, reverse=True)[:FIGURES_SHOWN]


def _by_key(table: pa.Table, by: tuple[str, ...]) -> dict[tuple[Any, ...], float | None]:
    rows = table.select([*by, "value"]).to_pylist()
    return {tuple(row[name] for name in by): row["value"] for row in rows}


def _size(figure: Figure) -> float:
    """Return how far a figure moved beside its size; what came or went moved furthest."""
    if figure.before is None or figure.after is None:
        return math.inf
    return abs(figure.after - figure.before) / max(abs(figure.before), abs(figure.after), 1e-12)
