"""What the library says of the scoreboard, shoppers and the brand, in Serbian."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client
from django.utils import translation

from offtake.models.shoppers import (
    campaign_grade,
    campaign_notes,
    customer_bases,
    customer_notes,
    customer_trial,
    funnel_answer,
    funnel_draws,
    funnel_steps,
    norm_notes,
    norm_tables,
    norm_words,
    trend_tables,
    won_notes,
    won_tables,
)
from offtake.report import exhibits, field, minds, sections, story
from offtake.report.shoppers import campaigns, customers, funnel, norms, trends, won
from offtake.report.shoppers.page import NAMES
from offtake_web.common.markets import Market
from offtake_web.common.said import said, worded
from offtake_web.dashboards import reading
from offtake_web.dashboards.cells import called, shown_columns
from offtake_web.runs.queries import current
from tests.web import board
from tests.web.board import Rows, compared, write_run
from tests.web.words import is_known, nothing_english, texts_of


@pytest.fixture(autouse=True)
def _serbian(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(board, "charts", lambda run: {})  # a sentence needs fewer rows than those
    with translation.override("sr-latn"):
        yield


MODULES = (

    campaign_grade, campaign_notes, customer_bases, customer_notes, customer_trial,
    funnel_answer, funnel_draws, funnel_steps, norm_notes, norm_tables, norm_words,
    trend_tables, won_notes, won_tables, exhibits, field, minds, sections, story, campaigns,
    customers, funnel, norms, trends, won,
)  # fmt: skip
WHOLE = {"Notes by"}
"""What is half of a heading that is a word of its own, by team or by topic."""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_text_of_the_library_is_in_a_template(module: ModuleType) -> None:
    lacking = {text for text in texts_of(module) - WHOLE if not is_known(text)}
    assert not lacking, "add to dashboards/sentences, and to the catalogue"


CHANGES = ((30.0, 28.0), (28.0, 30.0), (28.0, 28.0))
SPLITS: Mapping[str, str] = {
    **dict.fromkeys(("households", "penetration", "buy_rate"), "households_decomposition"),
    **dict.fromkeys(
        ("stores_in_universe", "distribution_fraction", "rate_of_sale", "weeks", "average_price"),
        "stores_decomposition",
    ),
}


def _of_us(now: float, before: float, **more: float) -> Rows:
    return [{"manufacturer": "Acme"} | compared(now, before) | more]


def _split(factor: str, part: float, total: float) -> Rows:
    one = {"total_before": 90.0, "total_after": total, "change": part, "before": 1.0, "after": 2.0}
    return [one | {"factor": factor, "part": part}, one | {"factor": factor, "part": -part / 2}]


def _markets() -> Iterator[dict[str, Rows]]:
    """Runs in which figures rose, fell and stayed."""
    for now, before in CHANGES:
        yield {
            "own_sales": [compared(now, before)],
            "value_share": _of_us(now, before),
            "penetration": _of_us(now, before),
            "numeric_distribution": _of_us(now, before),
            "rate_of_sale": _of_us(now, before),
            "switching": _of_us(now, before, net_switching=before - now),
            "fair_share_index": _of_us(4 * now, before, share_of_support=20.0, share_of_sales=9.5),
            "voids_by_store": [{"store_id": f"S{n}", "category_sales": 50.0} for n in range(2)],
        }
    yield {
        "own_sales": [compared(5.0, 4.0) | {"change": None, "change_percent": None}],
        "numeric_distribution": [],
        "voids_by_store": [{"store_id": "S1", "category_sales": 50.0}],
        "fair_share_index": _of_us(100.0, 90.0, share_of_support=20.0, share_of_sales=20.0),
    }


@pytest.mark.parametrize("number", range(4))
def test_what_moved_is_told_in_serbian(runs: Path, number: int) -> None:
    run = write_run(runs, "one", list(_markets())[number])
    for text in (story.headline(run), story.marketing(run), story.sales(run)):
        assert not text or said(text) is not None, text


@pytest.mark.parametrize("factor", SPLITS)
@pytest.mark.parametrize("part", [12.0, -12.0])
@pytest.mark.parametrize("panel", [False, True])
def test_through_what_it_moved_is_told_in_serbian(
    runs: Path, factor: str, part: float, panel: bool
) -> None:
    tables = {name: _split(factor, part, 100.0) for name in story.SPLITS if name == SPLITS[factor]}
    if panel:
        tables |= {
            name: _split("weeks", 1.0, 1000.0) for name in story.SPLITS if name not in tables
        }
    run = write_run(runs, "one", tables)
    text = story.through(run, SPLITS[factor])
    assert text
    assert said(text) is not None, text


@pytest.mark.parametrize(
    ("english", "serbian"),
    [
        (
            "Alder: Shares are those of the panel's households.",
            "Alder: Udeli su za domaćinstva iz panela.",
        ),
        (
            "None of them can be told; the data end before its weeks were over.",
            "Nijedna ne može da se oceni; podaci se završavaju pre isteka njenih nedelja.",
        ),
        (
            "More heads or more stores: left out. To have it: offtake load FILE --as sales.",
            "Više glava ili više prodavnica: izostavljeno. Da biste to imali: offtake load FILE "
            "--as sales.",
        ),
        (
            "From 5.2 % to 9 % of units, mostly in the week of 2024-01-01.",
            "Sa 5,2 % na 9 % (komada), uglavnom u nedelji od 1.1.2024..",
        ),
        ("None of them can be told; nobody knows.", None),
        ("Alder: nobody knows.", None),
    ],
)
def test_how_sentences_are_put_together(english: str, serbian: str | None) -> None:
    assert said(english) == serbian


@pytest.mark.parametrize(
    ("english", "serbian"),
    [("About", "O čemu"), ("Search", "Pretraga"), ("Go on", "Ide dalje"), ("Acme", "Acme")],
)
def test_a_heading_has_a_sense_of_its_own(english: str, serbian: str) -> None:
    assert worded(english) == serbian


SAME = {"model", "region", "segment", "period", "panel", "p", "q"}
"""Columns that are called alike in both languages."""
MADE_UP = (
    "BAG SNACKS", "Head office", "Bag Snacks", "value seeker", "as it always was", "for the family",
    "for every day", "new recipe",
)  # fmt: skip
"""Names that the simulated market has."""


@pytest.mark.slow
def test_pages_on_shoppers_have_no_english_in_serbian(company: Market, signed_in: Client) -> None:
    reading.forget()
    for page in ("scoreboard/", "glossary/", "tables/", *(f"shoppers/{key}/" for key in NAMES)):
        nothing_english(signed_in, f"/main/{page}", MADE_UP)


@pytest.mark.slow
def test_tables_have_no_english_heads_in_serbian(company: Market) -> None:
    run = current(company)
    assert run is not None
    columns = {each for name in run.table_names for each in shown_columns(run.table(name).schema)}
    lacking = {each for each in columns if worded(called(each)) == called(each)}
    assert lacking == SAME
