"""Shoppers in a run: what the data allow is told, what they lack is named, pages hold together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError
from offtake.models.shoppers.answer import LEFT_OUT, SUBJECTS, all_shopper_tables, shopper_tables
from offtake.models.shoppers.grouping import grouping_of
from offtake.pipeline.model_shoppers import SHOPPERS
from offtake.pipeline.refresh import refresh
from offtake.report.run import Run
from offtake.report.shoppers.answer import shoppers_of
from offtake.report.shoppers.page import charts_of, groups_of, render_shoppers
from offtake.report.shoppers.terms import TERMS
from offtake.twin.build import build
from offtake.twin.load import load_twin
from tests.library.reading import Page
from tests.library.small_twin import SPEC, VIEW

WITH_MODELS = replace(VIEW, models=tuple(each.name for each in SHOPPERS))
TABLES = {table.name: table for model in SHOPPERS for table in model.tables}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shoppers")


@pytest.fixture(scope="module")
def data(folder: Path) -> Path:
    return Path(build(replace(SPEC, households=600), folder / "data").folder)


@pytest.fixture(scope="module")
def store(folder: Path, data: Path) -> Path:
    with Store(folder / "twin.duckdb", "twin") as opened:
        load_twin(opened, data)
    return folder / "twin.duckdb"


@pytest.fixture(scope="module")
def run(folder: Path, store: Path) -> Run:
    with Store(store, "twin", read_only=True) as opened:
        return refresh(opened, folder / "runs", WITH_MODELS)


def test_every_model_is_a_subject() -> None:
    assert tuple(each.name for each in SHOPPERS) == tuple(SUBJECTS)


def test_a_run_holds_every_table_with_its_passport(run: Run) -> None:
    assert set(run.table_names) >= set(TABLES)
    assert set(run.manifest.passports) >= set(TABLES)
    assert not set(TABLES) & {gap.name for gap in run.manifest.gaps}


def test_the_page_stands_beside_the_scoreboard_and_its_links_lead_somewhere(run: Run) -> None:
    html = (run.folder / "shoppers.html").read_text(encoding="utf-8")
    assert "Not evidence about any market" in html
    board = (run.folder / "scoreboard.html").read_text(encoding="utf-8")
    assert 'href="shoppers.html"' in board
    page = Page(html)
    known = {f"passport-{term.key}" for term in TERMS}
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert {name for name in inside if name.startswith("passport-")} <= known
    assert inside <= set(page.ids)
    assert not [each for each in page.addresses if "://" in each]


def test_every_subject_is_on_the_page_and_its_charts_are_drawn(run: Run) -> None:
    answer = shoppers_of(run)
    assert answer is not None
    groups = groups_of(answer)
    assert [group.key for group in groups] == list(SUBJECTS)
    wanted = {each.chart for group in groups for each in group.exhibits if each.chart}
    assert wanted <= set(charts_of(answer))
    assert "shopper_customers" not in answer.tables


def test_ours_is_what_the_page_speaks_of(run: Run) -> None:
    answer = shoppers_of(run)
    assert answer is not None
    assert answer.main("shopper_funnel", "brand") in answer.own
    assert answer.main("shopper_won") in answer.own
    assert "Alder" in render_shoppers(answer)


def test_without_a_survey_the_funnel_is_a_gap_and_the_rest_stands(
    data: Path, tmp_path: Path
) -> None:
    with Store(":memory:", "twin") as opened:
        load_twin(
            opened, data,
            contracts=("product", "store", "sales", "basket_line", "household"),
        )  # fmt: skip
        found = refresh(opened, tmp_path / "runs", WITH_MODELS)
        tables = opened.tables()
        told = all_shopper_tables(opened, tables, "COFFEE")
    gaps = {gap.name: gap for gap in found.manifest.gaps}
    assert gaps["shopper_funnel"].load == ("survey_answer",)
    assert set(gaps["shopper_campaigns"].load) == {"campaign", "campaign_contact"}
    assert "shopper_norms" in found.table_names
    reasons = {row["subject"]: row["reason"] for row in told[LEFT_OUT].to_pylist()}
    assert set(reasons) == {"campaigns", "funnel"}
    assert "offtake load FILE --as survey_answer" in reasons["funnel"]


def test_a_table_that_needs_more_than_its_model_is_a_gap_of_its_own(
    data: Path, tmp_path: Path
) -> None:
    with Store(":memory:", "twin") as opened:
        load_twin(opened, data, contracts=("product", "store", "sales", "survey_answer"))
        found = refresh(opened, tmp_path / "runs", replace(VIEW, models=("funnel",)))
        again = refresh(opened, tmp_path / "runs", replace(VIEW, models=("funnel",)), keep=True)
    gaps = {gap.name: gap for gap in found.manifest.gaps if gap.name in TABLES}
    assert {name: gap.load for name, gap in gaps.items()} == {
        "shopper_funnel_panel": ("basket_line",),
        "shopper_messages": ("message_recall",),
        "shopper_message_conflicts": ("message_recall",),
    }
    assert "shopper_funnel" in found.table_names
    assert again.run_id == found.run_id


def test_the_finer_of_brands_and_manufacturers_is_compared(store: Path) -> None:
    with Store(store, "twin", read_only=True) as opened:
        assert grouping_of(opened, opened.tables(), "COFFEE") == "brand"


def test_an_unknown_subject_and_an_unknown_category_are_refused(store: Path) -> None:
    with Store(store, "twin", read_only=True) as opened:
        tables = opened.tables()
        with pytest.raises(UnknownNameError, match="unknown subject 'norm'"):
            shopper_tables(opened, tables, "COFFEE", subject="norm")
        with pytest.raises(BadInputError, match="TEA"):
            all_shopper_tables(opened, tables, "TEA")
