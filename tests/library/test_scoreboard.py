"""The scoreboard: its figures, its words, what it says when data are missing, and its page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from offtake.data.sources.completejourney.source import LABEL
from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError
from offtake.measures.catalogue import CATALOGUE
from offtake.pipeline.notes import PANEL_LABEL
from offtake.pipeline.refresh import refresh
from offtake.pipeline.scoreboard import questions
from offtake.pipeline.view import View, framed
from offtake.report.run import Run
from offtake.report.scoreboard import render_scoreboard
from offtake.report.text import summary
from tests.library.reading import Page
from tests.library.small_market import VIEW, Rows, baskets, fill, load_rows, sales

AA = 4.5
NOW = range(5, 9)
BEFORE = range(1, 5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("scoreboard")
    with fill(Store(":memory:"), folder) as store:
        return refresh(store, folder / "runs", VIEW)


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return (run.folder / "scoreboard.html").read_text(encoding="utf-8")


def test_every_question_can_be_asked() -> None:
    for against in ("previous", "year-ago"):
        asked = questions(against)
        assert len({question.name for question in asked}) == len(asked)
        for question in asked:
            assert set(question.by) <= CATALOGUE[question.measure].dimensions


def test_sales_are_those_of_the_rows(run: Run) -> None:
    rows = [line for line in baskets() if line["product_id"] in ("P1", "P2")]
    now, before = (
        sum(float(str(line["value"])) for line in rows if _week(line) in weeks)
        for weeks in (NOW, BEFORE)
    )
    assert run.rows("own_sales") == [
        {
            "value": pytest.approx(now),
            "value_against": pytest.approx(before),
            "change": pytest.approx(now - before),
            "change_percent": pytest.approx((now / before - 1) * 100),
        }
    ]


def _week(line: dict[str, object]) -> int:
    return int(str(line["basket_id"]).removeprefix("B").partition("-")[0])


@pytest.mark.parametrize("table", ["households_decomposition", "stores_decomposition"])
def test_the_parts_sum_to_the_change(run: Run, table: str) -> None:
    rows, sold = run.rows(table), run.rows("own_sales")[0]
    assert abs(sold["change"]) > 1
    assert sum(row["part"] for row in rows) == pytest.approx(sold["change"], abs=1e-9)
    assert rows[0]["total_before"] == pytest.approx(sold["value_against"], rel=1e-12)
    assert rows[0]["total_after"] == pytest.approx(sold["value"], rel=1e-12)


def test_voids_are_the_stores_that_sell_the_category_without_us(run: Run) -> None:
    there = [
        float(str(line["value"]))
        for line in baskets()
        if line["store_id"] == "S6" and line["product_id"] != "P9" and _week(line) in NOW
    ]
    assert run.rows("voids_by_store") == [
        {"store_id": "S6", "category_sales": pytest.approx(sum(there))}
    ]


def test_the_page_shows_what_the_tables_hold(run: Run, page: str) -> None:
    words = Page(page).words
    sold = run.rows("own_sales")[0]
    assert f"Acme sold ${sold['value']:,.0f} of Snacks in the period" in words
    for row in run.rows("penetration"):
        assert f"{row['value']:.1f}%" in words
    assert "6 February to 5 March 2017 (4 weeks, 2017-W06 to 2017-W09)" in words
    assert "against the 4 weeks before (9 January to 5 February 2017)" in words
    assert "1 store sold the category without it" in words


def test_the_page_stands_alone(page: str) -> None:
    found = Page(page)
    assert all(address.startswith("#") for address in found.addresses)
    assert "@import" not in page.partition("</style>")[0]
    assert "default-src 'none'" in page
    assert len(page.encode()) < 3_000_000


def test_every_figure_has_its_passport(run: Run, page: str) -> None:
    found = Page(page)
    assert len(set(found.ids)) == len(found.ids)
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    shown = {f"passport-{name}" for name in found.passports}
    assert shown <= set(found.ids)
    assert {"passport-penetration", "passport-stores_decomposition"} <= shown
    for passport in run.manifest.passports.values():
        for text in (passport.definition, passport.formula):
            assert " ".join(text.split()) in found.words


def test_the_run_keeps_the_charts_of_the_page(run: Run, page: str) -> None:
    kept = run.charts()
    inlined = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page)
    assert inlined is not None
    assert json.loads(inlined[1]) == kept
    assert set(kept) == {
        "gain_loss", "households_decomposition", "items", "stores_decomposition",
        "weekly_price", "weekly_sales", "weekly_support",
    }  # fmt: skip
    for spec in kept.values():
        assert json.loads(spec)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_the_same_run_gives_the_same_page(run: Run, page: str) -> None:
    assert render_scoreboard(run) == page


def test_the_terminal_says_the_same(run: Run) -> None:
    text = summary(run)
    assert text.startswith("Acme in Snacks: 6 February to 5 March 2017 (2017-W06 to 2017-W09)\n")
    assert "For marketing:" in text
    assert "Source: small.csv." in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 88


def test_a_panel_is_not_taken_for_all_sales(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Amounts of a panel of households never stand for those of stores."""
    same = Page(render_scoreboard(run)).words
    assert "The same change, the other way round." in same
    rows = Run.rows

    def of_a_panel(run: Run, name: str) -> list[dict[str, float]]:
        scale = 0.25 if name == "households_decomposition" else 1.0
        money = ("part", "change", "total_before", "total_after")
        return [
            {key: value * scale if key in money else value for key, value in row.items()}
            for row in rows(run, name)
        ]

    monkeypatch.setattr(Run, "rows", of_a_panel)
    words = Page(render_scoreboard(run)).words
    assert "The same change" not in words
    assert "whose purchases come to 25.0% of the sales in stores" in words
    assert "Seen through the households of the panel, what counted most" in words


def test_without_households_it_says_what_to_load(tmp_path: Path) -> None:
    with fill(Store(":memory:"), tmp_path, without=["basket_line", "promotion"]) as store:
        run = refresh(store, tmp_path / "runs", VIEW)
    gaps = {gap.name: gap.load for gap in run.manifest.gaps}
    assert gaps["penetration"] == gaps["households_decomposition"] == ("basket_line",)
    assert gaps["fair_share_index"] == ("promotion",)
    assert "stores_decomposition" not in gaps
    words = Page((run.folder / "scoreboard.html").read_text(encoding="utf-8")).words
    assert "offtake load FILE --as basket_line" in words
    assert "offtake load FILE --as promotion" in words
    assert "Sales change through stores" in words
    assert "Penetration, Purchase frequency" in words
    assert "gain_loss" not in run.charts()
    assert "offtake load FILE --as basket_line" in " ".join(summary(run).split())


def test_the_source_is_named_with_its_warning(tmp_path: Path, page: str) -> None:
    assert PANEL_LABEL not in page
    with fill(Store(":memory:"), tmp_path, source=LABEL) as store:
        run = refresh(store, tmp_path / "runs", VIEW)
    words = Page((run.folder / "scoreboard.html").read_text(encoding="utf-8")).words
    figures = words.count("Source: ")
    assert figures > 8
    assert words.count(f"Source: {LABEL} \N{MIDDLE DOT} {PANEL_LABEL}") == figures
    assert "totals of a store are what the panel bought there" in words
    assert PANEL_LABEL in summary(run).replace("\n", " ")


def test_names_from_the_data_cannot_break_out(tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    with Store(":memory:") as store:
        fill(store, tmp_path, without=["product"])
        rows: Rows = [
            {"product_id": item, "category": "Snacks", "manufacturer": maker, "subcategory": evil}
            for item, maker in (("P1", evil), ("P2", "Acme"), ("P3", "Bolt"))
        ]
        load_rows(store, "product", rows, tmp_path)
        run = refresh(store, tmp_path / "runs", replace(VIEW, manufacturer=evil))
    text = (run.folder / "scoreboard.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text
    assert "</script><img" not in text
    assert evil in Page(text).words


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fill(Store(":memory:"), tmp_path_factory.mktemp("view")) as store:
        yield store


def test_an_unknown_category_lists_the_largest(store: Store) -> None:
    with pytest.raises(
        BadInputError,
        match=r"unknown category 'snack'\. Did you mean 'Snacks'\? The largest are: Snacks, Milk",
    ):
        framed(store, store.tables(), replace(VIEW, category="snack"))


def test_an_unknown_manufacturer_lists_the_largest_of_the_category(store: Store) -> None:
    with pytest.raises(
        BadInputError, match=r"manufacturer in Snacks 'Dairy'.*The largest are: Acme, Cove, Bolt\."
    ):
        framed(store, store.tables(), replace(VIEW, manufacturer="Dairy"))


@pytest.mark.parametrize("weeks", [0, 5, 9, -1])
def test_a_period_needs_as_many_weeks_before_it(store: Store, weeks: int) -> None:
    with pytest.raises(BadInputError, match=r"weeks: got .*, allowed: 1 to 4"):
        framed(store, store.tables(), replace(VIEW, weeks=weeks))


def test_a_period_of_two_weeks(store: Store) -> None:
    view = framed(store, store.tables(), replace(VIEW, weeks=2, competitors=1))
    assert (view.now.weeks, view.before.last_week < view.now.first_week) == (2, True)
    assert view.frame.competitors == ("Cove",)
    assert view.frame.against == "previous"


def test_an_empty_store_says_what_to_load() -> None:
    with Store(":memory:") as empty, pytest.raises(MissingContractError, match="--as sales"):
        framed(empty, empty.tables(), View())


def test_with_a_year_before_it_a_period_is_set_against_the_same_season(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        fill(store, tmp_path, without=["sales", "basket_line", "promotion"])
        row = sales()[0]
        rows: Rows = [row | {"week": week} for week in ("2016-01-04", "2017-01-30")]
        load_rows(store, "sales", rows, tmp_path)
        view = framed(store, store.tables(), replace(VIEW, weeks=4))
    assert view.frame.against == "year-ago"
    assert (view.now.first_week - view.before.first_week).days == 52 * 7


def palettes() -> dict[str, dict[str, str]]:
    import offtake.report

    folder = Path(offtake.report.__file__).parent / "templates"
    blocks = re.findall(r":root \{(.*?)\}", (folder / "scoreboard.css").read_text(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks[:2])
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("front", ["text", "soft", "marketing", "sales"])
@pytest.mark.parametrize("back", ["page", "card", "tint"])
def test_text_stands_out(scheme: str, front: str, back: str) -> None:
    palette = palettes()[scheme]
    assert contrast(palette[front], palette[back]) >= AA


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_warnings_and_marks_stand_out(scheme: str) -> None:
    palette = palettes()[scheme]
    assert contrast(palette["warn"], palette["warn-tint"]) >= AA
    assert contrast(palette["neutral"], palette["card"]) >= 3  # graphics need no more


def test_the_charts_use_the_colours_of_the_page() -> None:
    from offtake.report.drawing import COLOURS

    assert palettes()["light"].items() >= COLOURS.items()
