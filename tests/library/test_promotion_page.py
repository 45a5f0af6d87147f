"""The promotion page: its sentences, what it says when data are missing, how it stands alone."""

from __future__ import annotations

import json
import re

import pytest

from offtake.report.promotion import PromotionAnswer, render_promotions, sentence
from offtake.report.promotion_answer import SHOWN
from offtake.report.promotion_grids import event_columns
from offtake.report.promotion_picture import expanded, pictures
from offtake.report.promotion_terms import TERMS
from offtake.report.promotion_words import break_even
from tests.library.promotion_rows import answer, event, shared
from tests.library.reading import Page

HOSTILE = "</script><img src=x onerror=alert(1)>"


def seen(given: PromotionAnswer) -> Page:
    return Page(render_promotions(given))


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("paid", "It paid off: net return +0.30 (+0.25 to +0.35), all of the range above 0."),
        ("badly_executed", "in every store agreed it would have paid, net return +0.25"),
        ("bad_idea", "A bad idea: even in every store agreed it would have lost money"),
        ("open", "The data do not tell whether it paid"),
        (
            "no_cost",
            "It brought $900 ($860 to $940) of margin before its cost: worth it if it cost less "
            "than that. Whether it paid is not known: its cost is not loaded (promotion_cost).",
        ),
        (
            "no_margin",
            "Whether it paid is not known: what a unit of it earns is not loaded (unit_margin).",
        ),
    ],
)
def test_each_verdict_has_its_sentence(verdict: str, said: str) -> None:
    text = sentence(event("E1", verdict), "$")
    assert text.startswith(
        "Acme P1 at Maxi, 4 March to 17 March 2024 (2 weeks): price cut of 20.0% and display. "
        "It gained 1,200 units (1,100 to 1,300); 2,000 would have sold anyway"
    )
    assert said in text
    assert "3 stores agreed to it, and 2 executed it." in text


def test_without_a_plan_a_bad_idea_is_not_said_of_other_stores() -> None:
    text = sentence(event("E1", "bad_idea", stores_agreed=0), "")
    assert "no plan is known" in text
    assert "every store agreed" not in text


def test_a_promotion_that_lost_units_is_not_said_to_gain() -> None:
    text = sentence(event("E1", incremental=-30.0, incremental_low=-50, incremental_high=-10), "")
    assert "It gained nothing that could be seen: \N{MINUS SIGN}30 units" in text


def test_the_headline_says_what_all_came_to() -> None:
    words = seen(answer([event("E1", "badly_executed"), event("E2")])).words
    assert "Acme ran 2 promotions in Snacks. They sold 5,000 extra units (4,900 to 5,100)" in words
    assert "62.5% of what was promoted would have sold anyway" in words
    assert "besides, promotion brought 50 to other weeks" in words
    assert "badly executed, not a bad idea" in words


def test_break_even_names_what_is_counted_with() -> None:
    given = answer([event("E1")])
    assert "at least 0.63 times as strongly as counted with" in break_even(given)
    assert "0.80 times (0.70 to 0.90)" in break_even(given)
    doubtful = answer([event("E1")], tables={**given.tables, "promotion_category": shared(False)})
    assert "which the data hardly tell" in break_even(doubtful)
    assert "hardly told by the data" in seen(doubtful).words


def test_without_plan_and_cost_it_says_what_to_load() -> None:
    words = seen(answer([event("E1", "no_margin", stores_agreed=0)])).words
    assert "the three results are one and the same" in words
    assert "No promotion has a margin" in words
    for name in ("promotion", "promotion_cost", "unit_margin"):
        assert f"offtake load FILE --as {name}" in words


def test_without_a_cost_it_says_what_each_was_worth() -> None:
    page = seen(answer([event("E1", "no_cost")]))
    assert "Margins are known, but not what promotions cost" in page.words
    assert "offtake load FILE --as promotion_cost" in page.words
    assert "offtake load FILE --as unit_margin" not in page.words
    assert "They brought $900 ($860 to $940) of margin before their cost: worth it" in page.words
    assert "No cost loaded" in page.words
    given = answer([event("E1", "no_cost")])
    facts = dict(pictures(given)["pictures"]["E1"]["facts"])
    assert facts["Incremental margin"] == "$900 ($860 to $940)"
    assert not {"Cost", "Net return as planned"} & facts.keys()
    assert [each.heading for each in event_columns(given)][-1] == "Incremental margin"


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((-90.0, -50.0, -10.0), "not worth it at any cost."),
        ((-90.0, -10.0, 70.0), "hardly worth it at any cost, and surely not above $70."),
        ((-20.0, 30.0, 80.0), "worth it if it cost less than that, but perhaps not at any cost."),
    ],
)
def test_a_margin_that_may_be_nothing_is_not_called_a_worth(
    ends: tuple[float, float, float], said: str
) -> None:
    names = ("incremental_margin_low", "incremental_margin", "incremental_margin_high")
    changes = dict(zip(names, ends, strict=True))
    assert said in sentence(event("E1", "no_cost", **changes), "$")


def test_without_promotions_it_says_so() -> None:
    page = seen(answer([]))
    assert "No promotions of Acme in Snacks are known." in page.words
    assert "offtake load FILE --as promotion" in page.words
    assert "picture" not in page.ids


def test_simulated_data_carry_their_label_on_page_and_charts() -> None:
    page = render_promotions(answer([event("E1")], simulated="simulated: offtake.twin, seed 7"))
    assert "Simulated data: offtake.twin, seed 7. Not evidence" in Page(page).words
    specs = json.loads(_inlined(page, "charts"))
    assert set(specs) == {"weeks", "sources", "stores"}
    assert all(json.loads(each)["title"]["text"] == "Simulated data" for each in specs.values())


def _inlined(page: str, name: str) -> str:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page)
    assert found is not None
    return found[1]


def test_hostile_names_stay_text() -> None:
    changes = {"brand": HOSTILE, "retailer": HOSTILE, "product_id": HOSTILE}
    page = render_promotions(answer([event(HOSTILE, **changes), event("E2")], source=HOSTILE))
    found = Page(page)
    assert "img" not in found.tags
    assert HOSTILE in found.words
    assert HOSTILE in json.loads(_inlined(page, "pictures"))["pictures"].popitem()[1]["title"] or (
        HOSTILE in _inlined(page, "pictures").replace("\\u003c", "<")
    )


def test_it_stands_alone_and_its_links_lead_somewhere() -> None:
    page = render_promotions(answer([event("E1"), event("week 2: a/b")]))
    found = Page(page)
    assert "default-src 'none'" in page
    assert all(link.startswith("#") for link in found.addresses)
    assert len(set(found.ids)) == len(found.ids)
    assert {f"passport-{each.key}" for each in TERMS} <= set(found.ids)
    passports = {link[1:] for link in found.links if link.startswith("#passport-")}
    assert passports <= set(found.ids)


def test_the_largest_gain_comes_first_and_at_most_so_many_are_listed() -> None:
    many = [event(f"E{place}", incremental=float(place)) for place in range(SHOWN + 5)]
    given = answer(many)
    page = seen(given)
    assert sum(name.startswith("promotion-E") for name in page.ids) == SHOWN
    assert f"The {SHOWN} with the largest gain of {SHOWN + 5} promotions" in page.words
    assert next(iter(pictures(given)["pictures"])) == f"E{SHOWN + 4}"


def test_it_says_how_retailers_differ_the_largest_first() -> None:
    page = seen(answer([event("E1")]))
    assert "How retailers differ from their mean" in page.words
    told = page.words[page.words.index("How retailers differ from their mean") :]
    assert told.index("Maxi") < told.index("Corner")
    assert "the small ones together" in told
    assert "+4.0%" in told
    assert "\N{MINUS SIGN}2.0% to +10.0%" in told
    given = answer([event("E1")])
    alone = answer([event("E1")], tables={**given.tables, "promotion_retailers": []})
    assert "How retailers differ from their mean" not in seen(alone).words


def test_only_the_manufacturers_promotions_are_shown() -> None:
    given = answer([event("E1"), event("E2", manufacturer="Rival")])
    assert list(pictures(given)["pictures"]) == ["E1"]


def test_numbers_of_the_picture_are_those_of_the_tables() -> None:
    given = answer([event("E1")])
    found = pictures(given)
    rows = expanded(found, found["pictures"]["E1"])
    assert [row["units"] for row in rows["weeks"]] == [
        row["units"] for row in given.rows("promotion_weeks")
    ]
    assert [row["phase"] for row in rows["weeks"]] == ["before"] * 4 + ["promotion"] * 2 + [
        "after"
    ] * 3
    parts = [row["value"] for row in rows["sources"]]
    assert parts[:-1] == [150.0, 600.0, -50.0, 500.0]
    assert sum(parts[:-1]) == parts[-1] == 1200.0
    told = {row["store"]: (row["units"], row["status"]) for row in rows["stores"]}
    assert told == {
        "S0": (100.0, "agreed and executed"),
        "S1": (101.0, "agreed and executed"),
        "S2": (102.0, "agreed, not executed"),
        "S3": (103.0, "neither"),
    }
    places = [(row["column"], row["row"]) for row in (*rows["stores"],)]
    assert len(set(places)) == len(places)


def test_every_figure_of_a_listed_promotion_is_in_the_table() -> None:
    words = seen(answer([event("E1")])).words
    for text in ("1,200 1,100 to 1,300", "60.0% 55.0% to 65.0%", "+0.30 +0.25 to +0.35", "2 / 3"):
        assert text in words
    assert "wide range and few stores" in words
    assert "Few stores took part: run it in more" in words


def test_without_a_plan_the_headline_says_nothing_of_execution() -> None:
    words = seen(answer([event("E1", "bad_idea", stores_agreed=0)])).words
    assert "As they ran they lost money." in words
    assert "even in every store agreed" not in words.split("Three results")[0]
