"""How buyers were won: triggers, what came after, and sums that must add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.measures.ask import ask
from offtake.models.shoppers.won_rows import won_rows
from offtake.models.shoppers.won_spec import WonSpec
from offtake.models.shoppers.won_tables import EVERY, won_tables
from offtake.models.shoppers.won_triggers import TRIGGERS, triggers
from tests.effort import examples
from tests.library.small_purchases import PRODUCTS, Purchase, Support, fill_panel

TRIED = 100
"""A day after the washout of 91 days, followed for 91 more in a panel of 52 weeks."""
WEEK = TRIED // 7
Row = dict[str, Any]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened


def answer(store: Store, **spec: Any) -> dict[str, list[Row]]:
    found = won_tables(store, store.tables(), "SNACKS", spec=WonSpec(**spec))
    return {name: table.to_pylist() for name, table in found.items()}


def triggers_of(store: Store, purchases: list[Purchase], support: list[Support]) -> Counter[str]:
    fill_panel(store, purchases, support)
    rows = won_rows(store, store.tables(), "SNACKS")
    return Counter(TRIGGERS[each] for each in triggers(rows).trigger)


SHOWN = Support("A1", WEEK, display=True)
PRINTED = Support("A1", WEEK, feature=True)


@pytest.mark.parametrize(
    ("bought", "support", "trigger"),
    [
        ({"coupon": 0.5, "off": 1.0}, [SHOWN], "coupon"),
        ({"off": 1.0}, [Support("A1", WEEK, display=True, feature=True)], "display"),
        ({"off": 1.0}, [PRINTED], "leaflet"),
        ({"off": 1.0}, [Support("B1", WEEK, display=True)], "deal"),
        ({}, [SHOWN], "display"),
        ({}, [Support("A1", WEEK + 1, display=True)], "full price"),
        ({"off": 0.05}, [Support("B1", WEEK)], "full price"),
    ],
)
def test_the_first_of_several_triggers_counts(
    store: Store, bought: dict[str, float], support: list[Support], trigger: str
) -> None:
    assert triggers_of(store, [Purchase("H1", "A1", TRIED, **bought)], support) == {trigger: 1}


def test_no_report_is_not_no_display(store: Store) -> None:
    """A store whose promotions nobody reports says nothing of displays."""
    elsewhere = [
        Purchase("H1", "A1", TRIED, store="S2"),
        Purchase("H2", "A1", TRIED, off=1.0, store="S2"),
        Purchase("H3", "A1", TRIED, coupon=0.5, store="S2"),
    ]
    found = answer(fill_panel(store, elsewhere, [SHOWN]))
    told = {row["trigger"]: row["first_time_buyers"] for row in found["shopper_won"]}
    assert told == {"not known": 2, "coupon": 1}
    assert any("66.7 % of first purchases" in row["note"] for row in found["shopper_won_notes"])


def test_without_any_promotions_loaded_deals_and_full_prices_are_told(store: Store) -> None:
    bought = [Purchase("H1", "A1", TRIED), Purchase("H2", "A1", TRIED, off=1.0)]
    found = answer(fill_panel(store, bought))
    told = {row["trigger"]: row["first_time_buyers"] for row in found["shopper_won"]}
    assert told == {"full price": 1, "deal": 1}
    assert any("No promotions are loaded" in row["note"] for row in found["shopper_won_notes"])


def test_a_coupon_handed_in_counts_without_a_discount_on_the_receipt(store: Store) -> None:
    fill_panel(store, [Purchase("H1", "A1", TRIED), Purchase("H1", "B1", TRIED)], [PRINTED])
    store.execute(
        "INSERT INTO main.redemption (campaign_id, household_id, coupon_id, date, line, week, "
        "load_id) SELECT 'C', 'H1', 'K', date, 1, week, 1 FROM main.basket_line "
        "WHERE household_id = 'H1' LIMIT 1"
    )
    store.execute(
        "INSERT INTO main.coupon (campaign_id, coupon_id, product_id, load_id) "
        "VALUES ('C', 'K', 'B1', 1)"
    )
    told = {row["name"]: row["trigger"] for row in answer(store)["shopper_won"]}
    assert told == {"A": "leaflet", "B": "coupon"}


def test_what_came_after_is_counted_by_hand(store: Store) -> None:
    bought = [
        Purchase("H1", "A1", TRIED, off=1.0),
        Purchase("H1", "A2", TRIED + 10, units=2, off=2.0),
        Purchase("H1", "A1", TRIED + 91, units=1),
        Purchase("H1", "B1", TRIED + 20, units=3),
        Purchase("H1", "A1", TRIED + 92, units=9),  # after the follow-up
        Purchase("H2", "A1", TRIED, off=1.0),
    ]
    deal = next(
        row for row in answer(fill_panel(store, bought, [Support("B1", 0)]))["shopper_won"]
        if row["name"] == "A"
    )  # fmt: skip
    assert (deal["trigger"], deal["first_time_buyers"], deal["followed"]) == ("deal", 2, 2)
    assert (deal["repeaters"], deal["repeat"]) == (1, 50.0)
    assert deal["further_days"] == 1.0
    assert deal["twice_or_more"] == 50.0
    assert deal["scr"] == pytest.approx(100 * 3 / 6)
    assert deal["deal_share"] == pytest.approx(100 * 2 / 3)
    assert deal["value_per_buyer"] == pytest.approx((2.0 + 2.0) / 2)
    assert deal["margin_per_buyer"] is None
    assert deal["difference"] is None  # nobody was won at full price


def test_curves_go_on_where_the_measure_must_wait(store: Store) -> None:
    """Buyers not yet followed count in the curve for as long as they are watched."""
    late = 52 * 7 - 30
    bought = [Purchase(f"H{each}", "A1", TRIED) for each in range(3)]
    bought += [Purchase("H0", "A1", TRIED + 7)]
    bought += [Purchase(f"L{each}", "A1", late) for each in range(2)]
    bought += [Purchase("L0", "A1", late + 7)]
    found = answer(fill_panel(store, bought, [SHOWN]), least=2)
    won = {row["trigger"]: row for row in found["shopper_won"]}
    assert won["full price"]["not_yet_followed"] == 2
    curve = {
        row["weeks_since_trial"]: row
        for row in found["shopper_won_curves"]
        if row["trigger"] == "full price" and row["name"] == "A"
    }
    assert curve[1]["bought_again"] == pytest.approx(50.0)
    assert curve[13]["still_watched"] == 0
    assert {row["name"] for row in found["shopper_won_curves"]} == {"A", EVERY}


def test_kinds_of_buyers_follow_their_rules(store: Store) -> None:
    days = range(100, 260, 20)
    loyal = [Purchase("loyal", "A1", day) for day in days]
    deals = [Purchase("deals", "A1", day, off=1.0) for day in days]
    deals += [Purchase("deals", "B1", day + 3, units=3) for day in days]
    some = [Purchase("some", "A1", day) for day in days]
    some += [Purchase("some", "B1", day + 9, units=2) for day in days]
    once = [Purchase("once", "A1", 120)]
    new = [Purchase("new", "A1", 300), Purchase("new", "A1", 320)]
    # Every second time on deal: three packs, and six weeks until the next; else one, and two weeks.
    loads, day = [], 0
    for turn in range(10):
        loads.append(Purchase("loads", "A1", day, units=3 - 2 * (turn % 2), off=1.0 - turn % 2))
        day += 14 if turn % 2 else 42
    found = answer(fill_panel(store, loyal + deals + some + once + new + loads))
    told = {
        row["type"]: row["households"] for row in found["shopper_buyer_types"] if row["name"] == "A"
    }
    assert told == dict.fromkeys(
        ("new", "once", "pantry loader", "deal only", "loyal", "switcher"), 1
    )
    loader = next(r for r in found["shopper_buyer_types"] if r["type"] == "pantry loader"
                  and r["name"] == "A")  # fmt: skip
    assert 0 <= loader["by_chance"] < 0.5
    assert loader["deal_share"] == pytest.approx(100 * 15 / 20)


purchases = st.lists(
    st.builds(
        Purchase,
        household=st.sampled_from(("H1", "H2", "H3", "H4")),
        product=st.sampled_from(sorted(PRODUCTS)),
        day=st.integers(0, 363),
        units=st.integers(0, 3),
        off=st.sampled_from((0.0, 0.05)),
        coupon=st.sampled_from((0.0, 0.01)),
        store=st.sampled_from(("S1", "S2")),
    ),
    min_size=1,
    max_size=30,
)
supports = st.lists(
    st.builds(
        Support,
        product=st.sampled_from(sorted(PRODUCTS)),
        week=st.integers(0, 51),
        display=st.booleans(),
        feature=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda each: (each.product, each.week),
)


@settings(max_examples=examples(5), deadline=None)
@given(bought=purchases, support=supports)
def test_parts_add_up_whatever_was_bought(
    store: Store, bought: list[Purchase], support: list[Support]
) -> None:
    assume(any(each.units for each in bought))
    found = answer(fill_panel(store, bought, support), shuffles=2)
    measure = ask(
        store.tables(), "repeat_rate_first_time_buyers_who_rebuy", by=["brand"],
        where=["category=SNACKS"],
    )  # fmt: skip
    expected = {row["brand"]: row for row in store.run(measure).to_pylist()}
    won: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found["shopper_won"]:
        for name in ("first_time_buyers", "followed", "not_yet_followed", "repeaters"):
            won[row["name"]][name] += row[name]
    for brand, row in expected.items():
        sums = won[brand]
        assert sums["repeaters"] == row["rebuyers"]
        assert sums["followed"] == row["first_time_buyers"]
        assert sums["not_yet_followed"] == row["not_yet_followed"]
        assert sums["first_time_buyers"] == sums["followed"] + sums["not_yet_followed"]
    trials = sum(each["first_time_buyers"] for each in won.values())
    for name in ("shopper_won_category", "shopper_won_combinations"):
        assert sum(row["first_time_buyers"] for row in found[name]) == trials
    assert [row["trigger"] for row in found["shopper_won_category"]] == list(TRIGGERS)
    types = found["shopper_buyer_types"]
    assert sum(row["units"] for row in types) == sum(each.units for each in bought)
    for brand in {row["name"] for row in types}:
        mine = [row for row in types if row["name"] == brand]
        for share in ("share_of_households", "share_of_units"):
            assert sum(row[share] for row in mine) == pytest.approx(100)
    for row in (row for table in found.values() for row in table):
        assert not any(isinstance(value, float) and np.isnan(value) for value in row.values())


def test_shares_and_differences_lie_in_their_intervals(store: Store) -> None:
    rng = np.random.default_rng(2)
    bought = [
        Purchase(f"H{home}", product, int(day), off=float(rng.integers(0, 2)))
        for home in range(120)
        for product in ("A1", "B1", "C1")
        for day in np.unique(rng.integers(0, 364, 4))
    ]
    found = answer(fill_panel(store, bought, [SHOWN]))
    told = [row for row in found["shopper_won"] if row["difference"] is not None]
    assert told
    for row in found["shopper_won"] + found["shopper_won_category"]:
        for name in ("repeat", "difference", "scr", "deal_share", "own_difference"):
            if row.get(name) is not None:
                assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    again = answer(store)
    assert again == found


def test_a_category_nobody_bought_and_empty_stores_are_refused(store: Store) -> None:
    with Store(":memory:") as empty, pytest.raises(MissingContractError, match="basket_line"):
        answer(empty)
    fill_panel(store, [])
    with pytest.raises(BadInputError, match="category: got 'SNACKS'"):
        answer(store)
    with pytest.raises(UnknownNameError, match="grouping of items"):
        WonSpec(by="product_id")
    with pytest.raises(BadInputError, match="loyal: got 2"):
        WonSpec(loyal=2)


def test_weeks_too_few_for_a_washout_leave_honest_tables(store: Store) -> None:
    found = answer(fill_panel(store, [Purchase("H1", "A1", 3)], weeks=6))
    assert found["shopper_won"] == []
    assert found["shopper_won_curves"] == []
    assert sum(row["households"] for row in found["shopper_buyer_types"]) == 1
    assert "Nobody bought for the first time" in found["shopper_won_notes"][0]["note"]
