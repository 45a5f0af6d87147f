"""Exhibits of the library with what a page of the workspace needs to draw them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from offtake.report.exhibits import Exhibit, Group
from offtake.report.figures import Tile
from offtake_web.common.markets import Market
from offtake_web.dashboards.charts import figures_in, for_page
from offtake_web.dashboards.subjects.behind import Charts


@dataclass(frozen=True, slots=True)
class Drawn:
    """An exhibit, the JSON of its chart, the figures in it, where its picture is, and a note."""

    exhibit: Exhibit
    spec: SafeString | str = ""
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    picture: str = ""
    note: str = ""

    @property
    def place(self) -> str:
        return f"chart-{self.exhibit.chart}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A group of the library, drawn."""

    key: str
    title: str
    sentence: str
    tiles: tuple[Tile, ...]
    drawn: tuple[Drawn, ...]


def drawn(
    market: Market, subject: str, exhibits: Iterable[Exhibit], charts: Charts
) -> tuple[Drawn, ...]:
    """Return exhibits with their charts; a chart without a table beside it brings its own."""
    return tuple(_drawn(market, subject, each, charts) for each in exhibits)


def _drawn(market: Market, subject: str, exhibit: Exhibit, charts: Charts) -> Drawn:
    text = charts.specs.get(exhibit.chart)
    if text is None:
        return Drawn(exhibit)
    columns, lines = ([], []) if exhibit.grid else figures_in(text)
    name = exhibit.chart
    where = {"market": market, "subject": subject, "name": name}
    return Drawn(
        exhibit,
        for_page({name: text})[name],
        tuple(columns),
        tuple(map(tuple, lines)),
        reverse("picture", kwargs=where),
        charts.notes.get(name, ""),
    )


def subject_of(market: Market, page: str, group: Group, charts: Charts) -> Subject:
    exhibits = drawn(market, page, group.exhibits, charts)
    return Subject(group.key, group.title, group.sentence, group.tiles, exhibits)
