"""Six kinds of conflict: one table of cases each, the same from both sides, and by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.decisions.planning.activity import (
    Activity,
    Kind,
    days_between,
    share_stores,
    shared_days,
    weeks_of,
)
from offtake.decisions.planning.conflicts import MEANING, Conflict, conflicts
from offtake.decisions.planning.facts import PlanningFacts
from tests.library.small_plans import MONDAY, facts, plan, with_stock

FACTS = facts()
BARE = PlanningFacts()
PLAN = plan(cost=None)


def later(days: int, **changes: Any) -> Activity:
    """Return another plan like `PLAN` that starts so many days after it does."""
    shift = timedelta(days=days)
    return replace(
        PLAN, key="2", name="Other deal", first_day=PLAN.first_day + shift,
        last_day=PLAN.last_day + shift, **changes,
    )  # fmt: skip


def kinds(found: Sequence[Conflict]) -> list[str]:
    return [each.kind for each in found]


def campaign(**changes: Any) -> Activity:
    given = replace(
        PLAN, key="3", name="Spring campaign", kind="campaign", price_cut=0.0, retailers=(),
        message="Taste of home", touchpoints=("Television",), audience="families",
    )  # fmt: skip
    return replace(given, **changes)


def test_overlap_on_one_item_names_days_items_and_places() -> None:
    (found,) = conflicts(PLAN, [later(7)], BARE)
    assert (found.kind, found.severity, found.other, found.acts) == (
        "own_overlap", "serious", "2", "sales",
    )  # fmt: skip
    assert (found.first_day, found.last_day) == (date(2026, 3, 9), date(2026, 3, 15))
    assert (found.product_ids, found.retailers) == (("A1",), ("Maxi",))
    assert str(found.reason) == (
        "Spring deal and Other deal promote A1 at the same time, 2026-03-09 to 2026-03-15."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["own_overlap"]),
        ({"product_ids": ("A2",)}, []),
        ({"retailers": ("Mini",)}, []),
        ({"store_ids": ("Maxi-1",)}, ["own_overlap"]),
        ({"state": "draft"}, []),
        ({"state": "cancelled"}, []),
        ({"kind": "campaign"}, []),
        ({"kind": "display", "price_cut": 0.0, "display": True}, ["own_overlap"]),
    ],
)
def test_overlap_needs_items_places_and_days_in_common(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(conflicts(PLAN, [later(0, **changes)], BARE)) == expected


def test_stores_apart_do_not_overlap() -> None:
    one, other = replace(PLAN, store_ids=("Maxi-1",)), later(0, store_ids=("Maxi-2",))
    assert conflicts(one, [other], BARE) == ()


@pytest.mark.parametrize(
    ("items", "expected", "severity"),
    [(("A2",), ["cannibalising"], "warning"), (("B1",), [], ""), (("A2", "B1"), ["cannibalising"],
                                                                 "warning")],
)  # fmt: skip
def test_neighbours_of_one_brand_take_from_each_other_as_the_model_says(
    items: tuple[str, ...], expected: list[str], severity: str
) -> None:
    found = conflicts(PLAN, [later(0, product_ids=items)], FACTS)
    assert kinds(found) == expected
    for each in found:
        assert each.severity == severity
        assert "20% of what one gains" in str(each.reason)


def test_neighbours_that_hardly_take_are_no_conflict_and_those_that_take_much_are_serious() -> None:
    response = FACTS.response
    assert response is not None
    for pull, expected in ((0.01, []), (0.3, ["serious"])):
        own = np.full_like(response.own_pulls, pull)
        known = replace(FACTS, response=replace(response, own_pulls=own))
        found = conflicts(PLAN, [later(0, product_ids=("A2",))], known)
        assert [each.severity for each in found] == expected


def test_without_a_model_neighbours_are_named_and_the_size_is_not() -> None:
    known = replace(FACTS, response=None, cover=None)
    (found,) = conflicts(PLAN, [later(0, product_ids=("A2",))], known)
    assert str(found.reason).endswith("how much they take from each other is not known.")


@pytest.mark.parametrize(
    ("gap", "share"), [(0, 15), (6, 15), (7, 5), (13, 5), (14, None), (40, None)]
)
def test_too_soon_by_what_later_weeks_still_lose(gap: int, share: int | None) -> None:
    found = conflicts(PLAN, [later(14 + gap)], FACTS)
    assert kinds(found) == ([] if share is None else ["too_soon"])
    for each in found:
        assert f"hold back {share}% of its gain" in str(each.reason)
        assert f"{gap} days after" in str(each.reason)
        assert each.first_day == PLAN.first_day + timedelta(days=14 + gap)


@pytest.mark.parametrize(("gap", "expected"), [(27, ["too_soon"]), (28, [])])
def test_too_soon_by_the_usual_four_weeks_where_the_model_does_not_tell(
    gap: int, expected: list[str]
) -> None:
    assert kinds(conflicts(PLAN, [later(14 + gap)], BARE)) == expected


def test_supply_that_lasts_for_one_deal_and_not_for_two() -> None:
    display = later(0, kind="display", price_cut=0.0, display=True)
    alone = conflicts(PLAN, [], with_stock(FACTS, 180.0))
    both = conflicts(PLAN, [display], with_stock(FACTS, 180.0))
    assert "missing_supply" not in kinds(alone)
    assert [each.other for each in both if each.kind == "missing_supply"] == ["2"]


@pytest.mark.parametrize(("on_hand", "severity"), [(1000.0, None), (120.0, "warning"),
                                                   (50.0, "serious")])  # fmt: skip
def test_supply_that_does_not_last_for_one_deal(on_hand: float, severity: str | None) -> None:
    found = conflicts(PLAN, [], with_stock(FACTS, on_hand))
    assert [each.severity for each in found] == ([] if severity is None else [severity])
    for each in found:
        assert (each.kind, each.other, each.acts) == ("missing_supply", None, "sales")


def test_stock_of_unknown_size_is_no_conflict() -> None:
    assert conflicts(PLAN, [], replace(FACTS, cover=None)) == ()


@pytest.mark.parametrize(
    ("kind", "days", "items", "expected"),
    [
        ("listing", 7, ("A1",), ["media_before_listing"]),
        ("launch", 7, ("A1",), ["media_before_listing"]),
        ("listing", 0, ("A1",), []),
        ("listing", -7, ("A1",), []),
        ("listing", 7, ("B1",), []),
        ("activation", 7, ("A1",), []),
    ],
)
def test_media_that_start_before_the_listing(
    kind: Kind, days: int, items: tuple[str, ...], expected: list[str]
) -> None:
    listing = later(days, kind=kind, product_ids=items, price_cut=0.0)
    found = conflicts(campaign(), [listing], BARE)
    assert kinds(found) == expected
    assert kinds(conflicts(listing, [campaign(state="agreed")], BARE)) == expected
    for each in found:
        assert (each.severity, each.acts) == ("serious", "marketing")
        assert each.last_day == listing.first_day - timedelta(days=1)


@pytest.mark.parametrize(
    ("weighted", "severity"), [(100.0, None), (50.0, None), (49.0, "warning"), (0.0, "serious")]
)
def test_media_for_what_few_stores_sell(weighted: float, severity: str | None) -> None:
    thin = {pair: replace(each, weighted=weighted) for pair, each in FACTS.distribution.items()}
    found = conflicts(campaign(), [], replace(FACTS, distribution=thin))
    assert [each.severity for each in found] == ([] if severity is None else [severity])


def test_media_for_a_brand_look_at_all_our_items_of_it() -> None:
    gone = {pair: each for pair, each in FACTS.distribution.items() if pair[0] != "A2"}
    brand = campaign(product_ids=(), brands=("Alder",))
    (found,) = conflicts(brand, [], replace(FACTS, distribution=gone))
    assert found.product_ids == ("A2",)


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"message": "Crunch like no other"}, "serious"),
        ({"message": " taste  OF home "}, None),
        ({"message": ""}, None),
        ({"message": "Crunch", "touchpoints": ("Radio",)}, None),
        ({"message": "Crunch", "touchpoints": ("television", "Radio")}, "serious"),
        ({"message": "Crunch", "audience": "students"}, "warning"),
        ({"message": "Crunch", "brands": ("Birch",), "product_ids": ("B1",)}, None),
        ({"message": "Crunch", "first_day": date(2026, 3, 16), "last_day": date(2026, 3, 20)},
         None),
    ],
)  # fmt: skip
def test_messages_that_contradict(changes: dict[str, Any], severity: str | None) -> None:
    other = campaign(key="4", name="Other campaign", **changes)
    found = conflicts(campaign(), [other], BARE)
    assert [each.severity for each in found] == ([] if severity is None else [severity])


def test_every_kind_has_its_meaning() -> None:
    assert len(MEANING) == 6


def test_a_cancelled_plan_collides_with_nothing() -> None:
    assert conflicts(replace(PLAN, state="cancelled"), [later(0)], FACTS) == ()


DAYS = st.integers(0, 60).map(lambda day: MONDAY + timedelta(days=day))
SUBSETS = st.sets(st.sampled_from(("A1", "A2", "B1")), min_size=1).map(lambda x: tuple(sorted(x)))
PLACES = st.sets(st.sampled_from(("Maxi", "Mini"))).map(lambda x: tuple(sorted(x)))


@st.composite
def activities(draw: st.DrawFn, key: str) -> Activity:
    first = draw(DAYS)
    kind = draw(st.sampled_from(("promotion", "display", "campaign", "listing", "launch")))
    return plan(
        key=key, name=f"plan {key}", kind=kind, first_day=first,
        last_day=first + timedelta(days=draw(st.integers(0, 30))),
        product_ids=draw(SUBSETS), retailers=draw(PLACES), display=kind == "display",
        price_cut=20.0 if kind == "promotion" else 0.0,
        message=draw(st.sampled_from(("", "Taste", "Crunch"))), touchpoints=("Television",),
        state=draw(st.sampled_from(("proposed", "agreed", "locked", "executed"))),
    )  # fmt: skip


def seen(one: Activity, other: Activity, known: PlanningFacts) -> set[tuple[Any, ...]]:
    return {
        (each.kind, each.severity, each.first_day, each.last_day, each.product_ids, each.retailers,
         each.acts)
        for each in conflicts(one, [other], known)
        if each.other is not None
    }  # fmt: skip


@given(one=activities("1"), other=activities("2"))
def test_a_conflict_of_two_plans_is_the_same_from_both_sides(
    one: Activity, other: Activity
) -> None:
    known = with_stock(FACTS, 250.0)
    assert seen(one, other, known) == seen(other, one, known)


def cells(activity: Activity) -> set[tuple[date, str, str]]:
    """Return every day, item and retailer of a deal; one of no retailer is at both."""
    where = activity.retailers or ("Maxi", "Mini")
    return {
        (activity.first_day + timedelta(days=day), item, place)
        for day in range(activity.days)
        for item in activity.product_ids
        for place in where
    }


@given(one=activities("1"), other=activities("2"))
def test_overlaps_are_those_that_counting_days_finds(one: Activity, other: Activity) -> None:
    both = cells(one) & cells(other)
    deals = {one.kind, other.kind} <= {"promotion", "display"}
    found = [each for each in conflicts(one, [other], BARE) if each.kind == "own_overlap"]
    assert bool(found) == (deals and bool(both))
    for each in found:
        assert (each.first_day, each.last_day) == (min(both)[0], max(both)[0])
        assert set(each.product_ids) == {item for _, item, _ in both}


@given(one=activities("1"), other=activities("2"))
def test_days_are_those_that_counting_finds(one: Activity, other: Activity) -> None:
    mine, theirs = ({day for day, _, _ in cells(each)} for each in (one, other))
    days = shared_days(one, other)
    assert (days is None) == (not mine & theirs)
    if days is None:
        first, second = sorted((mine, theirs), key=min)
        assert days_between(one, other) == (min(second) - max(first)).days - 1
    assert sum(round(7 * share) for _, share in weeks_of(one)) == len(mine)


@given(places=st.tuples(PLACES, PLACES))
def test_places_in_common_do_not_depend_on_the_order(
    places: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    one, other = plan(retailers=places[0]), plan(retailers=places[1])
    assert share_stores(one, other) == share_stores(other, one)
