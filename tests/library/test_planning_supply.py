"""One amount needed on hand, worked out by hand, and the same for the gate and the conflict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.decisions.planning.activity import Activity, GateName
from offtake.decisions.planning.conflicts import Conflict, conflicts
from offtake.decisions.planning.facts import Base, Cover, PlanningFacts
from offtake.decisions.planning.forecast import Estimate, Forecast, Line, NotKnown, forecast
from offtake.decisions.planning.readiness import Confirmation, Gate, readiness
from offtake.decisions.planning.sentence import Sentence
from offtake.decisions.planning.supply import Supply, supply
from tests.library.small_plans import MONDAY, facts, plan

FACTS = facts()
UNKNOWN = NotKnown(Sentence("?"))
SAID = Confirmation(by="Ana", on=date(2026, 1, 7))
FIRST = plan(key="1", name="Spring deal")
SECOND = plan(key="2", name="Display", first_day=MONDAY + timedelta(days=5),
              last_day=MONDAY + timedelta(days=8))  # fmt: skip


def known(on_hand: float | None, **base: float) -> PlanningFacts:
    """A1 sells 70 a week at Maxi, 10 a day, and so much of everything is on hand."""
    pairs = {("A1", "Maxi"): 70.0} | {(item, "Maxi"): units for item, units in base.items()}
    day = date(2026, 2, 27)
    return replace(
        FACTS,
        base={pair: Base(units=units, stores=4) for pair, units in pairs.items()},
        cover=None if on_hand is None else {pair: Cover(on_hand, 4, day) for pair in pairs},
    )


def at_most(high: float, *items: str) -> Forecast:
    """A forecast of so many units on top at most, of each item at Maxi over the whole plan."""
    found = forecast(FIRST, FACTS)
    assert isinstance(found, Forecast)
    none = Estimate(0.0, 0.0, 0.0)
    lines = tuple(
        Line(product_id=item, retailer="Maxi", base=none,
             incremental=Estimate(high / 2, 0.0, high), from_own_other_items=none,
             from_competitors=none, from_other_weeks=none, category_growth=none)
        for item in items or ("A1",)
    )  # fmt: skip
    return replace(found, planned=replace(found.planned, lines=lines))


DEAL, DISPLAY = at_most(28.0), at_most(12.0)
"""Two units a day on top in the 14 days of the first plan, three in the four of the second."""
FORECASTS = {"1": DEAL, "2": DISPLAY}


def alone(on_hand: float = 60.0, coming: float = 0.0) -> Supply:
    return supply([FIRST], known(on_hand), [DEAL], [coming])


def both(on_hand: float = 60.0, *coming: float) -> Supply:
    return supply([FIRST, SECOND], known(on_hand), [DEAL, DISPLAY], coming)


def stock(found: PlanningFacts, coming: float = 0.0, activity: Activity = FIRST) -> Gate:
    said: dict[GateName, Confirmation] = {"stock_cover": replace(SAID, units=coming)}
    today = activity.first_day - timedelta(days=60)
    return readiness(
        activity, found, said, today=today, forecast=FORECASTS[activity.key]
    ).by_name["stock_cover"]  # fmt: skip


def missing(activity: Activity, found: PlanningFacts, *others: Activity,
            **coming: float) -> list[Conflict]:  # fmt: skip
    units = {key.removeprefix("of_"): each for key, each in coming.items()}
    all_of_them = conflicts(activity, others, found, forecasts=FORECASTS, coming=units)
    return [each for each in all_of_them if each.kind == "missing_supply"]


def test_a_plan_alone_by_hand() -> None:
    """Seven days at 10 + 2 are 84; 60 of them last 60 / 12 = 5 days, and 24 are short."""
    found = alone()
    (need,) = found.needs
    assert (need.base, need.on_top, need.units) == (70, 14, 84)
    assert (found.first_day, found.days) == (MONDAY, 7)
    assert (need.on_hand, need.short, found.short, found.lasts(need)) == (60, 24, 24, 5)
    assert str(found.reason(need, FACTS)) == (
        "Alder A1 at Maxi needs 84 units from 2026-03-02 to 2026-03-08: 70 that sell anyway and up "
        "to 14 on top. On 2026-02-27 60 were on hand; days covered: 5 of 7. In all 24 are short."
    )


def test_two_plans_by_hand() -> None:
    """Seven days at 10 + 2, and four of them at 3 more, are 96: what sells anyway, once."""
    found = both()
    (need,) = found.needs
    assert (need.base, need.on_top, need.units) == (70, 14 + 12, 96)
    assert (found.first_day, found.days) == (MONDAY + timedelta(days=5), 7)
    assert (found.short, found.lasts(need)) == (36, 4)
    assert str(found.reason(need, FACTS)).startswith(
        "Display, Spring deal together need 96 units of Alder A1 at Maxi from 2026-03-07 to "
        "2026-03-13: 70 that sell anyway and up to 26 on top."
    )


def test_units_on_their_way_are_said_with_what_is_short() -> None:
    found = alone(coming=20.5)
    assert (found.coming, found.missing) == (20, 4)
    assert str(found.reason(found.needs[0], FACTS)).endswith(
        "days covered: 5 of 7. In all 24 are short, and 20 are on their way."
    )
    assert alone(coming=24).missing == 0
    met = alone(84.0, coming=24)
    assert str(met.reason(met.needs[0], FACTS)).endswith("84 were on hand; days covered: 7 of 7.")


def test_what_is_on_its_way_for_other_items_first_is_not_counted_twice() -> None:
    """Of 50 for the first plan, its other item takes the 40 that it lacks."""
    wide = replace(FIRST, product_ids=("A1", "A2"))
    there = known(60.0, A2=100.0)
    found = supply([wide, SECOND], there, [DEAL, DISPLAY], [50.0, 6.0])
    assert [need.product_id for need in found.needs] == ["A1"]
    assert (found.coming, found.short, found.missing) == (10 + 6, 36, 20)


@pytest.mark.parametrize(
    ("forecasts", "words"),
    [
        ([UNKNOWN, UNKNOWN], "70 that sell anyway; what comes on top is not known."),
        ([UNKNOWN, DISPLAY], "70 that sell anyway and up to 12 on top, as far as that is known."),
    ],
)
def test_what_is_not_known_is_said(forecasts: list[Any], words: str) -> None:
    found = supply([FIRST, SECOND], known(60.0), forecasts)
    assert words in str(found.reason(found.needs[0], FACTS))


@pytest.mark.parametrize(("on_hand", "lasts"), [(83.9, 6), (84.0, 7), (500.0, 7), (0.0, 0)])
def test_days_are_never_said_to_be_enough_where_a_unit_is_short(on_hand: float, lasts: int) -> None:
    found = alone(on_hand)
    assert found.lasts(found.needs[0]) == lasts
    assert (found.short == 0) == (lasts == found.days)


def test_a_short_plan_needs_its_own_days_only() -> None:
    found = supply([SECOND], known(60.0), [DISPLAY])
    assert (found.days, found.needs[0].units) == (4, 40 + 12)


def test_some_stores_need_and_have_their_part() -> None:
    found = supply([replace(FIRST, store_ids=("Maxi-0",))], known(60.0), [UNKNOWN])
    assert (found.needs[0].base, found.needs[0].on_hand) == (18, 15)


@pytest.mark.parametrize("coming", [0.0, 5.0, 24.0])
@pytest.mark.parametrize("on_hand", [0.0, 41.0, 42.0, 60.0, 83.0, 84.0, 200.0])
def test_the_gate_and_the_conflict_say_one_amount(on_hand: float, coming: float) -> None:
    gate = stock(known(on_hand), coming)
    found = missing(FIRST, known(on_hand), of_1=coming)
    assert (gate.status == "green") == (not found)
    assert [each.reason for each in found] == [gate.reason] * len(found)


def test_units_on_their_way_end_the_conflict_of_two() -> None:
    there = known(84.0)
    (found,) = missing(FIRST, there, SECOND)
    assert (found.other, found.severity) == ("2", "warning")
    assert missing(FIRST, there, SECOND, of_1=5.0, of_2=6.0)
    assert not missing(FIRST, there, SECOND, of_1=6.0, of_2=6.0)
    assert not missing(SECOND, there, FIRST, of_1=6.0, of_2=6.0)


@pytest.mark.parametrize(("on_hand", "severity"), [(42.0, "warning"), (41.0, "serious")])
def test_more_than_half_missing_is_serious(on_hand: float, severity: str) -> None:
    assert [each.severity for each in missing(FIRST, known(on_hand))] == [severity]


@given(st.floats(0, 200), st.floats(0, 100), st.floats(0, 100))
def test_two_plans_are_the_same_from_both_sides(on_hand: float, one: float, other: float) -> None:
    there, units = known(on_hand), {"of_1": one, "of_2": other}
    mine = [each.reason for each in missing(FIRST, there, SECOND, **units) if each.other]
    theirs = [each.reason for each in missing(SECOND, there, FIRST, **units) if each.other]
    assert mine == theirs


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_more_stock_never_leaves_more_missing(one: float, other: float) -> None:
    less, more = sorted((one, other))
    for found in (alone, both):
        assert found(more).missing <= found(less).missing
