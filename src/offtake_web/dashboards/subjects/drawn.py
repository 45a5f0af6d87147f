"""Exhibits of the library with what a page of the workspace needs to draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from offtake.report.exhibits import Exhibit, Group
from offtake.report.figures import Tile
from offtake_web.common.markets import Market
from offtake_web.dashboards.charts import figures_in, for_page


@dataclass(frozen=True, slots=True)
class Drawn:
    """An exhibit, the JSON of its chart, the figures in it, and where its picture is."""

    exhibit: Exhibit
    spec: SafeString | str = ""
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    picture: str = ""

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
    market: Market, subject: str, exhibits: Iterable[Exhibit], specs: Mapping[str, str]
) -> tuple[Drawn, ...]:
    """Return exhibits with their charts; a chart without a table beside it brings its own."""
    return tuple(_drawn(market, subject, each, specs) for each in exhibits)


def _drawn(market: Market, subject: str, exhibit: Exhibit, specs: Mapping[str, str]) -> Drawn:
    text = specs.get(exhibit.chart)
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
    )


def subject_of(market: Market, page: str, group: Group, specs: Mapping[str, str]) -> Subject:
    exhibits = drawn(market, page, group.exhibits, specs)
    return Subject(group.key, group.title, group.sentence, group.tiles, exhibits)
