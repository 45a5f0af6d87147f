"""The scoreboard: what moved for both, for marketing and for sales."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from offtake.report import story
from offtake.report.against import section_beside, tiles_beside
from offtake.report.exhibits import absent, absent_words
from offtake.report.figures import Shown, Tile
from offtake.report.figures import tiles as library_tiles
from offtake.report.sections import BOTH, MARKETING, SALES, Section, sections
from offtake_web.accounts.access import side_of
from offtake_web.dashboards.reading import Context, Reading, thing
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.dashboards.subjects.behind import Charts, charts_behind
from offtake_web.dashboards.subjects.drawn import Drawn, Subject, drawn, subject_of

PARTS = ("both", "marketing", "sales")
OF_SIDE = {"marketing": (*BOTH, *MARKETING), "sales": (*BOTH, *SALES)}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the scoreboard, with its charts drawn."""

    section: Section
    drawn: tuple[Drawn, ...]
    subjects: tuple[Subject, ...]


def scoreboard(reading: Reading) -> Context:
    wanted = reading.request.GET.get("for", "")
    charts = charts_behind(reading, charts_of)
    found = [part for part in seen(reading) if wanted not in PARTS or part.key == wanted]
    return {
        "headline": headline(reading.run),
        "parts": [_part(reading, part, charts) for part in found],
        "wanted": wanted if wanted in PARTS else "",
        "absent": absent(reading.run),
        "absent_words": absent_words(reading.run),
    }


def charts_of(run: ScopedRun) -> dict[str, str]:
    """Return the charts kept in a run; they are of the whole market."""
    found: dict[str, str] = thing(run, "charts", run.charts)
    return found


def titles_of(run: ScopedRun) -> dict[str, str]:
    """Return what the page calls each chart."""
    return {
        each.chart: each.title
        for section in _sections(run)
        for exhibits in (section.exhibits, *(group.exhibits for group in section.groups))
        for each in exhibits
        if each.chart
    }


def headline(run: ScopedRun) -> str:
    return story.headline(run) if "own_sales" in run.table_names else ""


def seen(reading: Reading) -> tuple[Section, ...]:
    """Return the parts of the scoreboard, beside those of another run where one is named."""
    now = _sections(reading.run)
    if reading.against is None:
        return now
    then = _sections(reading.against)
    return tuple(
        section_beside(one, other, reading.currency) for one, other in zip(now, then, strict=True)
    )


def _sections(run: ScopedRun) -> tuple[Section, ...]:
    found: tuple[Section, ...] = thing(
        run, "sections", lambda: sections(run, tuple(charts_of(run)))
    )
    return found


def _part(reading: Reading, section: Section, charts: Charts) -> Part:
    market = reading.market
    return Part(
        section,
        drawn(market, "scoreboard", section.exhibits, charts),
        tuple(subject_of(market, "scoreboard", each, charts) for each in section.groups),
    )


def tiles_for(reading: Reading) -> tuple[Tile, ...]:
    """Return the first figures of somebody's side; those of both for who speaks for neither."""
    specs = OF_SIDE.get(side_of(reading.request.user) or "", BOTH)
    now = library_tiles(reading.run, specs)
    if reading.against is None:
        return now
    return tiles_beside(now, library_tiles(reading.against, specs), reading.currency)


def as_table(reading: Reading) -> pa.Table:
    """Return every figure of the page as a row, for a file."""
    wanted = reading.request.GET.get("for", "")
    rows = [
        row
        for part in seen(reading)
        if wanted not in PARTS or part.key == wanted
        for row in _rows(part)
    ]
    names = ("part", "subject", "line", "figure", "unit", "value", "shown", "change", "interval")
    kinds = [pa.float64() if name == "value" else pa.string() for name in names]
    return pa.table(
        {
            name: pa.array([row[place] for row in rows], kind)
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )


def _rows(part: Section) -> list[tuple[str | float | None, ...]]:
    tiles = [("", tile) for tile in part.tiles]
    tiles += [(group.title, tile) for group in part.groups for tile in group.tiles]
    exhibits = [("", each) for each in part.exhibits]
    exhibits += [(group.title, each) for group in part.groups for each in group.exhibits]
    found = [_row(part.title, subject, "", tile.heading, tile.shown) for subject, tile in tiles]
    found += [
        _row(part.title, subject or exhibit.title, line.name, heading.text, cell)
        for subject, exhibit in exhibits
        if exhibit.grid
        for line in exhibit.grid.lines
        for heading, cell in zip(exhibit.grid.headings, line.cells, strict=True)
        if cell.text
    ]
    return found


def _row(
    part: str, subject: str, line: str, heading: str, shown: Shown
) -> tuple[str | float | None, ...]:
    value = None if shown.value is None else float(shown.value)
    return (
        part, subject, line, heading, shown.unit or "", value, shown.text, shown.change.text,
        shown.interval,
    )  # fmt: skip
