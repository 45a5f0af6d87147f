"""What the library says of promotions and availability, in Serbian: sentences, notes, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from django.test import Client
from django.utils import translation

from offtake.models.availability import causes, fit, gap_spec
from offtake.models.promotion import grade, notes
from offtake.report import availability, promotion, promotion_words
from offtake.report.promotion_answer import PromotionAnswer
from offtake.report.promotion_picture import counts, texts
from offtake_web.accounts.models import User
from offtake_web.common.said import said, value_said
from offtake_web.dashboards import reading
from tests.library import promotion_rows, test_availability_page
from tests.library.promotion_rows import event
from tests.web import market_runs
from tests.web.board import HOSTILE, SIMULATED, write_run
from tests.web.conftest import Visit
from tests.web.words import english_of, is_known, page_of, sentences_of, texts_of

built = market_runs.built
TWO_WORDS = re.compile(r"[a-z]{2,} [a-z']{2,}")
PAGES = (
    "", "promotions/", "promotions/?whose=all", "promotions/E1/", "promotions/week%203:%20a/b/",
    "availability/", "availability/alarms/", "availability/opportunities/", "availability/gaps/",
)  # fmt: skip
NOT_OF_THE_LIBRARY = {
    "A note.": "made up by the test's run",
    "7 alarms in all.": "made up by the test's run",
    "English": "how readers of English call their language",
}
NOT_OF_MY_PAGES = re.compile(r"sold .* of .* in the period|share of the category")
"""The headline of the scoreboard, which home shows too."""


@pytest.fixture
def serbian() -> Iterator[None]:
    with translation.override("sr-latn"):
        yield


# --- whatever the library can write has a template


MODULES: Mapping[ModuleType, set[str]] = {
    promotion_words: set(),
    promotion: {
        # the library's own page says it, which is in English
        "with the largest gain of", "promotions; all of them are in the table promotion_events",
    },
    notes: set(),
    grade: set(),
    causes: set(),
    gap_spec: set(),
    availability: {
        # lists of the library's own page
        "with the largest loss of", "alarms; the table has all",
        "Gaps, the best visit first",
    },
}  # fmt: skip


@pytest.mark.usefixtures("serbian")
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_text_of_the_library_is_in_a_template(module: ModuleType) -> None:
    lacking = {text for text in texts_of(module) if not is_known(text)}
    assert lacking == MODULES[module], "add to dashboards/sentences, and to the catalogue"


# --- whatever it does write fits one


def _events() -> Iterator[dict[str, object]]:
    support = ({"levers": ""}, {"levers": "display, feature", "price_cut": None}, {})
    where = ({"retailer": "", "stores_agreed": 0}, {"retailer": "Dr. Max d.o.o."})
    gains: tuple[dict[str, object], ...] = (
        {}, {"incremental": None}, {"incremental": -3.0}, {"lift_in_promoted_stores": None},
    )  # fmt: skip
    for verdict, some, place, gain in product(promotion_words.VERDICTS, support, where, gains):
        yield event("E1", verdict, **(some | place | gain))
    for value, low, high in ((900.0, 860.0, 940.0), (90.0, -9.0, 99.0), (-1.0, -2.0, 1.0),
                             (-3.0, -4.0, -2.0)):  # fmt: skip
        yield event("E1", "no_cost", incremental_margin=value, incremental_margin_low=low,
                    incremental_margin_high=high)  # fmt: skip
    free = {
        f"roi_net{end}{of}": None for end in promotion_rows.VIEWS for of in ("", "_low", "_high")
    }
    for verdict in ("paid", "bad_idea", "badly_executed", "open"):
        yield event("E1", verdict, **free)
    yield event(
        "E1", weeks=1, product_id="P1, P2, P3, P4, P5", stores_agreed=1, category_growth=-5.0
    )


@pytest.mark.usefixtures("serbian")
def test_a_promotion_is_told_in_serbian_whatever_came_of_it() -> None:
    for row in _events():
        told = texts(row, "EUR")
        for text in (told["sentence"], told["origin"]):
            assert said(text) is not None, text


@pytest.mark.usefixtures("serbian")
@pytest.mark.parametrize("reason", grade.REASONS)
def test_what_holds_a_grade_down_is_told_in_serbian(reason: str) -> None:
    told = texts(event("E1", reasons=reason), "EUR")
    assert said(told["advice"][0]) is not None


@pytest.mark.usefixtures("serbian")
def test_a_list_of_words_is_told_in_serbian() -> None:
    row = event("E1", levers="price cut, display, feature", reasons="wide no_plan derived")
    assert value_said(promotion_words.support(row)) == (
        "sniženje cene od 20,0%, dodatna pozicija i letak"
    )
    assert said(counts(promotion_rows.stores("E1", 4))) == (
        "Prodavnica ukupno 4: 2 dogovoreno i izvršeno, 1 dogovoreno, a nije izvršeno, "
        "1 ni jedno ni drugo."
    )


def _answers() -> Iterator[PromotionAnswer]:
    yield promotion_rows.answer([])
    yield promotion_rows.answer([], manufacturer="")
    for verdict in promotion_words.VERDICTS:
        for agreed in (0, 3):
            one = promotion_rows.answer([event("E1", verdict, stores_agreed=agreed)])
            yield one
            yield replace(one, manufacturer="544", tables=one.tables | {"promotion_totals": [
                row | {"name": "544"} for row in one.rows("promotion_totals")]})  # fmt: skip
            yield _with_total(one, events=2.0, from_competitors=-4.0, category_growth=-2.0)
            yield _with_total(one, break_even_ratio=0.0, roi_net=None)
            yield _with_total(one, break_even_ratio=None)
    known = promotion_rows.answer([event("E1")])
    yield replace(known, tables=known.tables | {"promotion_category": promotion_rows.shared(False)})


def _with_total(answer: PromotionAnswer, **changes: object) -> PromotionAnswer:
    totals = [row | changes for row in answer.rows("promotion_totals")]
    return replace(answer, tables=answer.tables | {"promotion_totals": totals})


@pytest.mark.usefixtures("serbian")
def test_promotions_together_are_told_in_serbian() -> None:
    for answer in _answers():
        told = [
            promotion_words.headline(answer),
            *(each.text for each in promotion.missing(answer)),
        ]
        if answer.total:
            told.append(promotion_words.break_even(answer))
        for text in told:
            assert said(text) is not None, text


@pytest.mark.usefixtures("serbian")
@pytest.mark.parametrize(
    "changes",
    [{}, {"ongoing": 1.0}, {"ongoing": 1204.0}, {"lost_value": None}],
)
def test_what_empty_shelves_cost_is_told_in_serbian(changes: dict[str, object]) -> None:
    answer = test_availability_page.answer([])
    total = availability.total_of(answer) | changes
    assert said(availability.headline(answer, total)) is not None
    assert said(availability.headline(answer, {})) is not None


def _fit(**changes: object) -> SimpleNamespace:
    """As much of a fit as is told in notes."""
    series = SimpleNamespace(
        share=np.array([np.nan, 1.0]), seen=np.array([True, True]), may_end=np.array([True]),
        of=np.array([0, 0]), units=np.array([0.1, 0.1]), first=np.array([0, 2]), days=7,
    )  # fmt: skip
    rows = SimpleNamespace(series=series, reported=("flags",), silent=1200)
    found = {
        "outages": SimpleNamespace(listed=np.ones(1200), false_alarms=120.0), "rows": rows,
        "lost": SimpleNamespace(unseen=0.043), "spec": SimpleNamespace(usual=0.08, form=0.15),
        "shelf": SimpleNamespace(converged=False),
    }  # fmt: skip
    found = SimpleNamespace(**found)
    for name, value in changes.items():
        setattr(series if hasattr(series, name) else rows, name, value)
    return found


@pytest.mark.usefixtures("serbian")
@pytest.mark.parametrize("changes", [{}, {"reported": ()}, {"days": 1}])
def test_every_note_on_availability_is_told_in_serbian(changes: dict[str, object]) -> None:
    told = fit.notes(_fit(**changes))
    assert len(told) == 7
    for text in told:
        assert said(text) is not None, text


# --- and so does every page


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    reading.forget()
    with translation.override("en"):  # what a page was read in does not outlive the test
        yield


def _nothing_english(client: Client, page: str) -> None:
    # A promotion of another's retailer is not there for everybody.
    statuses = (404,) if "promotions/" in page else ()
    there, here = (
        page_of(client, f"/main/{page}", language, *statuses) for language in ("en", "sr-latn")
    )
    left = english_of(here) | (sentences_of(there) & sentences_of(here))
    left = {each for each in left if HOSTILE not in each and not NOT_OF_MY_PAGES.search(each)}
    assert left - NOT_OF_THE_LIBRARY.keys() - {"offtake load FILE --as"} == set(), page


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_english_in_serbian(
    runs: Path, cast: dict[str, User], client_of: Visit, page: str
) -> None:
    write_run(runs, "one", simulated=SIMULATED)
    for user in cast.values():
        _nothing_english(client_of(user), page)


@pytest.mark.parametrize("page", ["promotions/", "promotions/?whose=all"])
def test_a_page_of_a_refreshed_run_has_no_english_in_serbian(
    built: Path, tmp_path: Path, signed_in: Client, page: str, settings: object
) -> None:
    settings.OFFTAKE_MARKETS = (market_runs.copied(built, tmp_path),)  # type: ignore[attr-defined]  # Django's
    _nothing_english(signed_in, page)
