"""What the library says of runs, measures, steps and loads, in Serbian."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from offtake.data import setting_aside, sources
from offtake.data.checks import checks_of
from offtake.data.contracts.contract import Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.simulated import labelled
from offtake.data.expressions import Source
from offtake.data.profile import ColumnRule, FileOptions
from offtake.measures.catalogue import CATALOGUE
from offtake.measures.measure import Measure
from offtake.pipeline import modelled, refresh
from offtake.pipeline.derived import DERIVED
from offtake.pipeline.models import MODELS
from offtake.pipeline.run import published_id
from offtake.pipeline.scoreboard import questions
from offtake.report import availability_terms, promotion_terms
from offtake.report.promotion_terms import Term
from offtake.report.shoppers import terms as shopper_terms
from offtake.units import UNITS, unit_label
from offtake_web.common.said import said, worded
from offtake_web.dashboards import reading
from tests.web import board, market_runs
from tests.web.words import is_known, nothing_english, texts_of

built = market_runs.built
TERMS = (*promotion_terms.TERMS, *availability_terms.TERMS, *shopper_terms.TERMS)
TABLES = (*DERIVED, *(table for model in MODELS for table in model.tables))


@pytest.fixture(autouse=True)
def _serbian() -> Iterator[None]:
    reading.forget()
    with translation.override("sr-latn"):
        yield


def _all_said(*texts: str) -> None:
    for text in filter(None, texts):
        assert said(text) is not None, text


@pytest.mark.parametrize("measure", CATALOGUE.values(), ids=lambda measure: measure.id)
def test_every_measure_is_told_in_serbian(measure: Measure) -> None:
    _all_said(measure.title, measure.definition, measure.formula, measure.trap, measure.additivity)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_that_is_no_measure_is_told_in_serbian(table: modelled.ModelTable) -> None:
    _all_said(table.title, table.definition, table.formula, table.caveat, table.additivity)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.key)
def test_every_term_is_told_in_serbian(term: Term) -> None:
    _all_said(term.title, term.meaning, term.formula)


def test_every_unit_and_question_is_told_in_serbian() -> None:
    _all_said(*(unit_label(unit) for unit in UNITS))
    for question in (*questions("previous"), *questions("year-ago")):
        assert worded(question.name.replace("_", " ")) != question.name, question.name


@pytest.mark.parametrize("module", [modelled, refresh], ids=lambda module: module.__name__)
def test_every_reason_of_a_gap_is_in_a_template(module: ModuleType) -> None:
    assert {text for text in texts_of(module) if not is_known(text)} == set()


@pytest.mark.parametrize(
    ("english", "serbian"),
    [
        (
            "stock_cover needs stock, sales; nothing has been loaded into stock. Load it with: "
            "offtake load FILE --as stock",
            "Za stock_cover su potrebni podaci stock, sales; u stock ništa nije učitano. Učitajte "
            "ih komandom: offtake load FILE --as stock",
        ),
        ("the promotion model needs sales", "za model promotion potrebni su podaci sales"),
        ("Stock of items needs stock", "Zaliha artikala: potrebni su podaci stock"),
        ("BAG SNACKS: lost sales", "BAG SNACKS: izgubljena prodaja"),
        ("weekly sales", "prodaja po nedeljama"),
    ],
)
def test_names_of_tables_stay_in_a_translated_reason(english: str, serbian: str) -> None:
    assert said(english) == serbian


def _checked(contract: Contract) -> set[str]:
    """Every reason for which the intake can set a row of a contract aside."""
    options = (FileOptions(), FileOptions(decimal=","), FileOptions(date_format="%d.%m.%Y"))
    filled = {name: f"main.{name}" for name in CONTRACTS}
    return {
        check.reason
        for each in options
        for by_hand in (False, True)
        for check in checks_of(contract, _sources(contract, each), filled, by_hand=by_hand)
    }


def _sources(contract: Contract, options: FileOptions) -> dict[str, Source]:
    return {
        column.name: Source(
            ColumnRule(column=column.name, week_ends="sunday" if column.form == "monday" else None),
            "VARCHAR",
            options,
        )
        for column in contract.columns
    }


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.name)
def test_every_reason_to_set_a_row_aside_is_told_in_serbian(contract: Contract) -> None:
    reasons = _checked(labelled(contract))
    assert reasons
    for reason in reasons:
        assert said(reason) is not None, reason


READERS = sorted(Path(sources.__file__ or "").parent.rglob("*.py"))
REASON = re.compile(r"; expected|is not read|; kept | of store |; the (file|message) has|not a ")


def _faults(path: Path) -> Iterator[str]:
    """Give the texts of a reader of files that say what is wrong with a record."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pieces = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
        for part in node.values
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in pieces:
            text = _filled(node)
            if REASON.search(text) and not text.strip().endswith("."):
                yield text


def _filled(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_filled(each) for each in node.values)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "X7"


@pytest.mark.parametrize("path", READERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_fault_of_a_record_is_told_in_serbian(path: Path) -> None:
    lacking = {
        text
        for text in _faults(path)
        if said(text) is None and said(f"{text}X7") is None
    }  # fmt: skip
    assert lacking == set()


def test_every_reason_of_rows_that_contradict_each_other_is_told_in_serbian() -> None:
    _all_said(
        "stands already with days = 7; store_id, product_id, week would count twice in sales",
        "the key (store_id, week) already stands in row 7 of this file with other values; the "
        "first row was kept",
    )
    for text in texts_of(setting_aside):
        quoted = re.findall(r"' ?([^']{9,})", text) or [text]
        assert all(map(is_known, quoted)), text


# --- and so does every page

PAGES = (
    "scoreboard/", "glossary/", "tables/", "runs/", "loads/", "jobs/",
    "tables/own_sales/", "passports/measures/sales_value/", "passports/promotions/roi_net/",
    "passports/availability/lost/", "passports/shoppers/norm/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_refreshed_run_has_no_english_in_serbian(
    built: Path, tmp_path: Path, signed_in: Client, settings: Settings, page: str
) -> None:
    settings.OFFTAKE_MARKETS = (market_runs.copied(built, tmp_path),)
    nothing_english(signed_in, f"/main/{page}")


@pytest.mark.parametrize("page", ["", "changes/"])
def test_a_run_has_no_english_in_serbian(
    built: Path, tmp_path: Path, signed_in: Client, settings: Settings, page: str
) -> None:
    market = market_runs.copied(built, tmp_path)
    settings.OFFTAKE_MARKETS = (market,)
    nothing_english(signed_in, f"/main/runs/{published_id(market.runs)}/{page}")


def test_the_ends_of_a_range_in_a_table_are_written_as_the_reader_does(
    runs: Path, signed_in: Client
) -> None:
    board.write_run(runs, "one")
    signed_in.cookies[settings.LANGUAGE_COOKIE_NAME] = "sr-latn"
    text = signed_in.get("/main/tables/shopper_trends/").content.decode()
    assert '<span class="interval">60,0 do 95,0</span>' in text
