"""What the parts of the scoreboard are made of: exhibits, groups of them, and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from offtake.report.figures import Grid, Spec, Tile
from offtake.report.run import Run
from offtake.units import Unit

OPTIONAL: Mapping[str, str] = MappingProxyType(
    {
        "media": "media spending",
        "survey_answer": "a brand survey",
        "stock": "stock records",
        "audit_line": "audits",
        "note": "field notes",
        "target": "targets",
        "person": "people",
    }
)
"""Contracts that a scoreboard can do without, in plain words: their absence is said once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A chart or a table, or both, under one heading.

    Parameters
    ----------
    title, text
        Heading, and a line on how to read it.
    chart
        Name of the chart; empty for none.
    measure
        Passport of the chart.
    grid
        The table; shown folded away where there is a chart.
    source
        Where it comes from and what to beware of.
    wide
        Whether it takes the full width.
    """

    title: str
    text: str = ""
    chart: str = ""
    measure: str = ""
    grid: Grid | None = None
    source: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One subject inside a part of the page; left out where nothing was loaded for it.

    Parameters
    ----------
    key, title
        Its place on the page, and its heading.
    sentence
        What it comes to, in plain words; empty where nothing can be said.
    tiles, exhibits
        Its figures.
    """

    key: str
    title: str
    sentence: str
    tiles: tuple[Tile, ...]
    exhibits: tuple[Exhibit, ...]

    @property
    def filled(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.tiles or self.exhibits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """A run and the names of the charts that there are for it."""

    run: Run
    charts: tuple[str, ...] = ()

    def exhibit(
        self,
        title: str,
        tables: Sequence[str],
        *,
        text: str = "",
        chart: str = "",
        grid: Grid | None = None,
        wide: bool = False,
    ) -> Exhibit:
        """Return an exhibit over some tables; without chart and grid it is not kept.

        Parameters
        ----------
        title, text, chart, grid, wide
            As in :class:`Exhibit`; a chart that there is no data for is left out.
        tables
            The tables behind it; the first gives the chart its passport.
        """
        return Exhibit(
            title=title,
            text=text,
            chart=chart if chart in self.charts else "",
            measure=measure_of(self.run, tables[0]),
            grid=grid,
            source=source_line(self.run, tables),
            wide=wide,
        )


def spec(table: str, heading: str, unit: Unit, column: str = "value", style: str = "") -> Spec:
    """Return which column of which table to show, under which heading."""
    return Spec(table=table, heading=heading, unit=unit, column=column, style=style)


def kept(exhibits: Iterable[Exhibit]) -> tuple[Exhibit, ...]:
    """Keep the exhibits that have something to show."""
    return tuple(each for each in exhibits if each.chart or each.grid)


def tables_of(*groups: Iterable[Spec]) -> list[str]:
    """Return the names of the tables that some specs are about, each once."""
    return list(dict.fromkeys(each.table for group in groups for each in group))


def measure_of(run: Run, table: str) -> str:
    """Return the passport of a table; empty where the run lacks it."""
    return run.entry(table).measure if table in run.table_names else ""


def source_line(run: Run, tables: Iterable[str]) -> str:
    """Name the sources of some tables, and what they warn of in a few words."""
    passports = [run.passport(name) for name in tables if name in run.table_names]
    sources = dict.fromkeys(source for each in passports for source in each.sources)
    labels = dict.fromkeys(each.label for each in passports if each.label)
    return " \N{MIDDLE DOT} ".join([*sources, *labels])


def absent(run: Run) -> tuple[str, ...]:
    """Return the optional contracts that nothing has been loaded into, as `OPTIONAL` lists them."""
    wanted = {name for gap in run.manifest.gaps for name in gap.load}
    return tuple(name for name in OPTIONAL if name in wanted)


def absent_words(run: Run) -> str:
    """Name what :func:`absent` found, in plain words; empty where all of it is there."""
    words = [OPTIONAL[name] for name in absent(run)]
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
