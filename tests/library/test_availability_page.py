"""The availability page: its headline, what it lists, and that it stands alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from offtake.report.answer import Answer
from offtake.report.availability import SHOWN, alarms, render_availability
from offtake.report.availability_terms import TERMS
from offtake.report.availability_weeks import week_charts
from tests.library.promotion_rows import estimate
from tests.library.reading import Page

Row = dict[str, Any]
FIRST = date(2024, 3, 4)
HOSTILE = "</script><img src=x onerror=alert(1)>"


def alert(store: str, **changes: object) -> Row:
    row: Row = {
        "store_id": store, "product_id": "P1", "brand": "Acme", "manufacturer": "Acme",
        "retailer": "Maxi", "region": "North", "territory": "North 1", "first_day": FIRST,
        "last_day": FIRST + timedelta(13), "days": 14, "kind": "empty", "cause": "store",
        "ongoing": True, "probability": 97.0, "listed": True, "on_hand": None,
        "phantom_stock": False,
    }  # fmt: skip
    return row | estimate("lost_units", 40.0, 5.0) | estimate("lost_value", 80.0, 10.0) | changes


def total(dimension: str, name: str, manufacturer: str = "Acme") -> Row:
    row: Row = {"dimension": dimension, "name": name, "manufacturer": manufacturer,
                "store_items": 10, "units": 900.0, "availability": 94.0, "alarms": 7,
                "ongoing": 2.0}  # fmt: skip
    for each, value in (("lost_units", 60.0), ("lost_value", 120.0), ("lost_to_brand", 42.0),
                        ("lost_to_retailer", 48.0)):  # fmt: skip
        row |= estimate(each, value, 10.0)
    return row


def cause(manufacturer: str, guess: str, *, alarms: int, lost: float) -> Row:
    row: Row = {"dimension": "category", "name": "Snacks", "manufacturer": manufacturer,
                "cause": guess, "alarms": alarms, "ongoing": 1}  # fmt: skip
    return row | estimate("lost_units", lost, 1.0) | estimate("lost_value", 2 * lost, 2.0)


def answer(alerts: list[Row], **changes: Any) -> Answer:
    given: dict[str, Any] = {
        "tables": {
            "availability_alerts": alerts,
            "availability_totals": [
                total("category", "Snacks"), total("category", "Snacks", ""),
                total("retailer", "Maxi"), total("retailer", "Mini"),
                total("territory", "North 1"),
            ],
            "availability_causes": [
                cause("Acme", "phantom_stock", alarms=3, lost=30.0),
                cause("Bolt", "gone", alarms=9, lost=5.0),
                cause("", "phantom_stock", alarms=3, lost=30.0),
                cause("", "gone", alarms=9, lost=5.0),
            ],
            "availability_weeks": [
                {"manufacturer": maker, "week": FIRST + timedelta(7 * week), "units": 100.0,
                 "availability": 95.0 - week, "recorded": 80.0 if week > 2 else 0.0, "alarms": 1,
                 "ongoing": 0}
                | estimate("lost_units", 5.0 + week, 2.0) | estimate("lost_value", 9.0, 3.0)
                for maker in ("", "Acme") for week in range(4)
            ],
            "availability_opportunities": [
                {"rank": rank, "store_id": store, "store_name": "", "retailer": "Maxi",
                 "territory": "North 1", "product_id": "P2", "brand": "Acme",
                 "manufacturer": "Acme", "source": source, "reason": reason,
                 "recoverable": worth, "recoverable_per_visit": visit, "valued_at": valued_at}
                for rank, store, source, reason, worth, visit, valued_at in (
                    (1, "S9", "gap", "listed_never_sold", 160.0, 200.0, "margin"),
                    (2, "S8", "alarm", "phantom_stock", 90.0, 90.0, "margin"),
                    (3, "S9", "alarm", "store", 40.0, 200.0, "margin"),
                    (4, "S7", "gap", "void", 900.0, 900.0, "retail_value"),
                )
            ],
            "availability_gaps": [
                {"store_id": "S9", "retailer": "Maxi", "product_id": "P2", "brand": "Acme",
                 "manufacturer": "Acme", "reason": "listed_never_sold", "probability": 92.0,
                 "similar_stores_selling": 74.0, "recoverable_over_horizon": 160.0,
                 "recoverable_per_visit": 200.0, "valued_at": "margin"}
                | estimate("units", 34.0, 10.0),
            ],
            "availability_builds": [
                {"product_id": "P3", "brand": "Acme", "manufacturer": "Acme", "retailer": "Maxi",
                 "launched": FIRST, "week": FIRST + timedelta(7 * week), "stores_listed": 10,
                 "stores_selling": 3 + week, "numeric_distribution": 30.0 + week,
                 "weighted_distribution_category": 35.0, "points_behind_plan": 40.0 - week}
                for week in range(3)
            ],
            "availability_delistings": [
                {"scope": scope, "product_id": "P4", "brand": "Acme", "manufacturer": "Acme",
                 "retailer": "Mini", "stopped": FIRST, "stopped_low": FIRST,
                 "stopped_high": FIRST + timedelta(7), "probability": 97.0, "stores_before": 12,
                 "units": 3.5}
                for scope in ("retailer", "store")
            ],
            "availability_notes": [{"note": "7 alarms in all."}],
        },
        "category": "Snacks", "manufacturer": "Acme", "currency": "$", "simulated": "",
        "source": "small.csv", "created": "2026-11-26T15:00:00+00:00", "run_id": "r1",
    }  # fmt: skip
    return Answer(**(given | changes))


def seen(given: Answer) -> Page:
    return Page(render_availability(given))


def words(page: Page) -> str:
    return page.words


def test_the_headline_says_what_it_costs_and_how_many_are_empty() -> None:
    said = words(seen(answer([alert("S1")])))
    assert "6.0% of demand did not find its item." in said
    assert "That cost $120 ($110 to $130), of which $42.00 is lost to the brand for good." in said
    assert "2 shelves are likely empty or low now." in said


def test_without_prices_the_headline_counts_units() -> None:
    given = answer([])
    rows = [row | {"lost_value": None} for row in given.tables["availability_totals"]]
    bare = answer([], tables={**given.tables, "availability_totals": rows})
    assert "That cost 60 (50 to 70) units." in words(seen(bare))


def test_only_what_goes_on_is_listed_and_ours_in_the_order_of_the_table() -> None:
    given = answer([
        alert("S1"), alert("S2", ongoing=False), alert("S3", listed=False),
        alert("S4", manufacturer="Bolt"), alert("S5", kind="low"),
    ])  # fmt: skip
    assert [each.store for each in alarms(given)] == ["S1", "S5"]


def test_at_most_so_many_are_listed_and_that_is_said() -> None:
    page = seen(answer([alert(f"S{place}") for place in range(SHOWN + 3)]))
    assert f"The {SHOWN} with the largest loss of {SHOWN + 3} alarms" in words(page)


def test_sums_stand_where_there_is_more_than_one() -> None:
    page = seen(answer([alert("S1")]))
    assert "By retailer" in words(page)
    assert "By territory" not in words(page)
    assert "phantom stock" in words(page)
    assert "the item stopped selling for good" not in words(page)
    assert "7 alarms in all." in words(page)


def test_gaps_new_and_ended_items_are_told() -> None:
    said = words(seen(answer([alert("S1")])))
    gaps = said[said.index("Gaps, the best visit first") :]
    assert "listed never sold" in gaps
    assert "92.0%" in gaps
    new = said[said.index("New items Item Retailer") :]
    # The latest week alone.
    assert "32.0%" in new
    assert "31.0%" not in new
    assert new.count("Acme P4") == 1


def test_without_alarms_it_says_so() -> None:
    assert "No alarm is on the list" in words(seen(answer([])))


def test_without_anything_it_still_stands() -> None:
    page = seen(answer([], tables={}))
    assert "Nothing sold that can be watched." in words(page)


def test_hostile_names_stay_text() -> None:
    page = seen(answer([alert(HOSTILE, brand=HOSTILE, territory=HOSTILE)]))
    assert "img" not in page.tags


def test_simulated_data_carry_their_label() -> None:
    page = seen(answer([alert("S1")], simulated="simulated: offtake.twin, seed 7, version 1"))
    assert "Not evidence about any market" in words(page)


def test_it_stands_alone_and_its_links_lead_somewhere() -> None:
    page = seen(answer([alert("S1")]))
    assert all(each.startswith("#") or each.endswith(".html") for each in page.addresses)
    for link in page.links:
        assert link.endswith(".html") or link[1:] in page.ids
    assert {f"passport-{term.key}" for term in TERMS} <= set(page.ids)
    used = {name for name in page.passports if name}
    assert used <= {term.key for term in TERMS}
    # The charts' library names namespaces; nothing of it is fetched.
    own = render_availability(answer([alert("S1")], tables={"availability_alerts": [alert("S1")]}))
    assert not re.search(r"https?://", own)


def test_weeks_are_drawn_with_their_figures() -> None:
    given = answer([alert("S1")])
    charts = week_charts(given)
    assert set(charts) == {"lost", "found"}
    assert '"value":9.0,"low":6.0,"high":12.0' in charts["lost"]
    assert "From sales: no short gaps" in charts["lost"]
    assert "Not evidence" in week_charts(answer([], simulated="simulated: x, seed 7"))["found"]
    said = words(seen(given))
    assert "Lost value by week" in said
    assert "By week, the latest first" in said
    few = {"availability_weeks": given.tables["availability_weeks"][:2]}
    assert week_charts(answer([], tables=few)) == {}
    assert "Better or worse" not in words(seen(answer([], tables=few)))


def test_without_prices_weeks_count_units() -> None:
    rows = [row | {"lost_value": None} for row in answer([]).tables["availability_weeks"]]
    bare = answer([], tables={"availability_weeks": rows})
    assert "Lost units by week" in words(seen(bare))
    assert '"value":5.0,' in week_charts(bare)["lost"]


def test_visits_are_told_store_by_store_known_margins_first() -> None:
    said = words(seen(answer([alert("S1")])))
    visits = said[said.index("Visits and calls, the best first") :]
    assert visits.index("S9") < visits.index("S8") < visits.index("S7")
    assert "Acme P2: listed never sold; Acme P2: store" in visits
    assert "$200" in visits


def test_a_visit_is_that_of_one_manufacturers_people() -> None:
    rows = answer([]).tables["availability_opportunities"]
    other = {"manufacturer": "Best", "recoverable": 70.0, "recoverable_per_visit": 70.0}
    rows = [*rows, rows[0] | other]
    everybody = replace(answer([], tables={"availability_opportunities": rows}), manufacturer="")
    said = words(seen(everybody))
    visits = said[said.index("Visits and calls, the best first") :]
    assert "S9 Maxi, North 1 Acme 2 $200" in visits
    assert "S9 Maxi, North 1 Best 1 $70" in visits


def test_the_period_is_that_of_the_data_and_not_of_the_alarms() -> None:
    said = words(seen(answer([alert("S1")])))
    weeks = answer([]).tables["availability_weeks"]
    assert f"({len({row['week'] for row in weeks})} weeks)" in said
