"""Forecasts: parts add up, the base is the facts' alone, and nothing is said that is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.decisions.planning.activity import KINDS, Activity
from offtake.decisions.planning.facts import PlanningFacts, planning_facts
from offtake.decisions.planning.forecast import (
    Estimate,
    Forecast,
    Line,
    NotKnown,
    Outcome,
    expected_base,
    forecast,
)
from tests.library.small_plans import (
    DIPS,
    LEVERS,
    MONDAY,
    OWN_PULL,
    RIVAL_PULL,
    facts,
    plan,
    tables,
)

FACTS = facts()
WEEK = plan(last_day=MONDAY + timedelta(days=6))
UNITS = (
    "base", "incremental", "from_own_other_items", "from_competitors", "from_other_weeks",
    "category_growth",
)  # fmt: skip


def known(activity: Activity, by: PlanningFacts = FACTS) -> Forecast:
    found = forecast(activity, by)
    assert isinstance(found, Forecast)
    return found


def test_one_item_in_one_week_by_hand() -> None:
    """What the formulas at the head of the module say, worked out apart."""
    found = known(WEEK).planned
    gain = LEVERS[0] * np.log(0.8)
    assert found.base.value == 100
    assert found.incremental.value == pytest.approx(100 * np.expm1(gain))
    lost = [100 * -np.expm1(-dip * gain) for dip in DIPS]
    assert found.from_other_weeks.value == pytest.approx(sum(lost))
    mates = 50 * -np.expm1(-OWN_PULL * 2.0 * gain)
    rivals = 200 * -np.expm1(-RIVAL_PULL * 0.75 * gain)
    assert found.from_own_other_items.value == pytest.approx(mates)
    assert found.from_competitors.value == pytest.approx(rivals)
    margin = 100 * np.expm1(gain) - sum(lost) - mates
    assert found.incremental_margin is not None
    assert found.incremental_margin.value == pytest.approx(margin)
    assert found.roi_net is not None
    assert found.roi_net.value == pytest.approx(margin / 50 - 1)


def test_usual_execution_mixes_stores_that_do_and_stores_that_do_not() -> None:
    display = plan(kind="display", price_cut=0.0, display=True, last_day=WEEK.last_day)
    found = known(display, facts(ratio=0.5))
    all_do = 100 * np.expm1(LEVERS[1])
    assert found.usual.incremental.value == pytest.approx(0.6 * all_do)
    assert found.usual.subsidised.value == pytest.approx(60)
    # The 40 % that do not would have half the response.
    assert found.planned.incremental.value == pytest.approx(0.6 * all_do + 0.4 * 0.5 * all_do)
    assert found.planned.incremental.value > found.usual.incremental.value


def test_items_of_one_brand_promoted_together_take_from_each_other() -> None:
    both = known(replace(WEEK, product_ids=("A1", "A2"))).planned
    alone = sum(known(replace(WEEK, product_ids=(item,))).planned.incremental.value
                for item in ("A1", "A2"))  # fmt: skip
    assert both.incremental.value < alone
    assert both.from_own_other_items.value == 0


def test_a_store_that_is_a_quarter_of_the_retailer_sells_a_quarter() -> None:
    whole, part = known(WEEK).planned, known(replace(WEEK, store_ids=("Maxi-1",))).planned
    for name in UNITS:
        assert getattr(part, name).value == pytest.approx(getattr(whole, name).value / 4)


def test_season_moves_base_and_what_comes_on_top_alike() -> None:
    week = MONDAY.isocalendar().week
    high = replace(FACTS, season=dict.fromkeys(range(1, 54), 1.0) | {week: 1.5})
    plain, more = known(WEEK).planned, known(WEEK, high).planned
    assert more.base.value == pytest.approx(1.5 * plain.base.value)
    assert more.incremental.value == pytest.approx(1.5 * plain.incremental.value)


def test_costs_by_the_unit_are_paid_on_all_that_is_sold_on_it() -> None:
    found = known(replace(WEEK, cost=10.0, cost_per_unit=0.5)).planned
    assert found.cost is not None
    assert found.cost.value == pytest.approx(10 + 0.5 * found.units.value)


@st.composite
def deals(draw: st.DrawFn) -> Activity:
    first = MONDAY + timedelta(days=draw(st.integers(0, 13)))
    items = draw(st.sets(st.sampled_from(("A1", "A2", "B1")), min_size=1))
    where = draw(st.sets(st.sampled_from(("Maxi", "Mini")), min_size=1))
    return plan(
        first_day=first, last_day=first + timedelta(days=draw(st.integers(0, 40))),
        product_ids=tuple(sorted(items)), retailers=tuple(sorted(where)),
        price_cut=draw(st.floats(1, 60)), display=draw(st.booleans()),
        store_ids=draw(st.sampled_from((None, ("Maxi-0", "Mini-1", "Mini-2")))),
    )  # fmt: skip


def parts(outcome: Outcome | Line) -> float:
    return sum(getattr(outcome, name).value for name in UNITS[2:])


@given(deals())
def test_parts_add_up_to_totals_by_line_and_in_all(activity: Activity) -> None:
    for outcome in (known(activity).planned, known(activity).usual):
        assert parts(outcome) == pytest.approx(outcome.incremental.value)
        for line in outcome.lines:
            assert parts(line) == pytest.approx(line.incremental.value)
        for name in UNITS:
            lines = sum(getattr(line, name).value for line in outcome.lines)
            assert lines == pytest.approx(getattr(outcome, name).value)
        assert outcome.units.value == pytest.approx(outcome.base.value + outcome.incremental.value)


def intervals(outcome: Outcome) -> list[Estimate]:
    return [getattr(outcome, name) for name in UNITS]


@given(deals())
def test_intervals_hold_their_estimate(activity: Activity) -> None:
    for each in intervals(known(activity).planned):
        assert each.low <= each.value <= each.high


@given(deals(), st.floats(1, 60), st.booleans(), st.floats(0, 1e6))
def test_no_plan_changes_the_base(
    activity: Activity, price_cut: float, display: bool, cost: float
) -> None:
    other = replace(activity, price_cut=price_cut, display=display, cost=cost, kind="display")
    assert expected_base(activity, FACTS) == expected_base(other, FACTS)
    one, two = known(activity), known(other)
    assert one.planned.base == two.planned.base == one.usual.base
    for line in one.planned.lines:
        pair = line.product_id, line.retailer
        assert line.base.value == pytest.approx(expected_base(activity, FACTS)[pair])


def test_a_cost_that_is_hardly_one_has_no_return() -> None:
    """The smallest number above zero: what is divided by it is no number any more."""
    tiny = known(replace(WEEK, cost=5e-324)).planned
    assert tiny.incremental_margin is not None
    assert (tiny.roi_gross, tiny.roi_net) == (None, None)


@given(deals())
def test_a_deeper_cut_sells_more(activity: Activity) -> None:
    deeper = replace(activity, price_cut=activity.price_cut + 10)
    assert known(deeper).planned.incremental.value > known(activity).planned.incremental.value


def test_more_uncertain_facts_give_wider_intervals() -> None:
    narrow = known(WEEK, facts(base_common=0.0, event=0.0)).planned.incremental
    wide = known(WEEK, facts(base_common=0.4, event=0.3)).planned.incremental
    assert wide.high - wide.low > narrow.high - narrow.low
    assert wide.value == narrow.value


def test_what_the_others_sell_without_it_is_uncertain_too() -> None:
    by = facts(base_common=0.0)
    sure, unsure = (
        replace(by, base={
            pair: base if pair[0] in WEEK.product_ids else replace(base, log_sd=log_sd)
            for pair, base in by.base.items()
        })
        for log_sd in (0.0, 1.0)
    )  # fmt: skip
    narrow, wide = (known(WEEK, each).planned for each in (sure, unsure))
    for name in ("from_own_other_items", "from_competitors", "category_growth"):
        one, other = getattr(narrow, name), getattr(wide, name)
        assert other.high - other.low > 1.1 * (one.high - one.low)
        assert other.value == one.value
    assert wide.incremental == narrow.incremental


def test_the_same_question_has_the_same_answer() -> None:
    assert forecast(WEEK, FACTS) == forecast(WEEK, facts())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "launch"}, "No model tells what a launch sells"),
        ({"kind": "price_move"}, "No model tells what a price move sells"),
        ({"price_cut": 0.0}, "Neither a price cut, a display nor a leaflet"),
        ({"product_ids": ()}, "No item or no retailer is named yet"),
        ({"retailers": ()}, "No item or no retailer is named yet"),
        ({"feature": True}, "The data do not tell what a leaflet does"),
        ({"product_ids": ("N1",)}, "N1 does not sell at Maxi now"),
        ({"retailers": ("Other",)}, "Alder A1 does not sell at Other now"),
        ({"store_ids": ("Mini-1",)}, "None of the stores chosen is of Maxi"),
    ],
)
def test_what_is_not_known_is_said(changes: dict[str, Any], words: str) -> None:
    found = forecast(plan(**changes), FACTS)
    assert isinstance(found, NotKnown)
    assert words in str(found.reason)


def test_every_kind_without_a_model_is_not_known() -> None:
    kinds = {kind for kind in KINDS if isinstance(forecast(plan(kind=kind), FACTS), NotKnown)}
    assert kinds == {"campaign", "launch", "listing", "activation", "price_move"}


def test_without_a_fitted_model_nothing_is_known() -> None:
    found = forecast(WEEK, PlanningFacts())
    assert isinstance(found, NotKnown)
    assert "No promotion model was fitted" in str(found.reason)


def test_what_is_left_out_is_named() -> None:
    found = known(replace(WEEK, product_ids=("A1", "N1")))
    assert len(found.planned.lines) == 1
    assert "N1 does not sell at Maxi now, so what it would sell is not known." in [
        str(each) for each in found.caveats
    ]


def test_no_margin_gives_no_money_and_no_cost_gives_no_return() -> None:
    birch = known(replace(WEEK, product_ids=("B1",))).planned
    assert (birch.incremental_margin, birch.roi_net) == (None, None)
    free = known(replace(WEEK, cost=None)).planned
    assert free.incremental_margin is not None
    assert (free.cost, free.roi_gross, free.roi_net) == (None, None, None)


def test_facts_of_an_empty_run_are_empty() -> None:
    found = planning_facts({})
    assert (found.items, found.cover, found.response, found.last_week) == ({}, None, None, None)


def test_facts_hold_what_the_tables_say() -> None:
    found = planning_facts(tables())
    assert found.last_week == date(2025, 12, 29)
    assert found.retailers == ("Maxi", "Mini")
    assert found.items["A1"].own
    assert not found.items["B1"].own
    assert found.response is not None
    assert found.response.known == (True, True, False, False)
    assert found.response.other_weeks == pytest.approx(sum(DIPS))
