"""Five gates, each with what makes it green, amber and red; and limits that need a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.decisions.planning.activity import GATES, Activity, GateName
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown, forecast
from offtake.decisions.planning.guardrails import RULES, Guardrail, Rule, broken
from offtake.decisions.planning.readiness import (
    DUE,
    STATUSES,
    Confirmation,
    Gate,
    Readiness,
    readiness,
)
from offtake.decisions.planning.sentence import Sentence
from offtake.errors import BadInputError, UnknownNameError
from tests.library.small_plans import MONDAY, facts, plan, with_stock

FACTS = facts()
PLAN = plan()
EARLY = MONDAY - timedelta(days=60)
LATE = MONDAY - timedelta(days=1)
SAID = Confirmation(by="Ana", on=date(2026, 1, 7))
EVERYTHING: dict[GateName, Confirmation] = dict.fromkeys(
    ("brief_acknowledged", "material_delivered", "slot_confirmed"), SAID
)


def ready(
    activity: Activity = PLAN, known: PlanningFacts = FACTS, *, today: date = EARLY, **said: Any
) -> Readiness:
    return readiness(
        activity, known, EVERYTHING | said, today=today, forecast=forecast(activity, known)
    )


def gate(name: GateName, *args: Any, **more: Any) -> Gate:
    return ready(*args, **more).by_name[name]


def spread(**changes: Any) -> PlanningFacts:
    """Return the facts with every item's distribution changed."""
    there = {pair: replace(each, **changes) for pair, each in FACTS.distribution.items()}
    return replace(FACTS, distribution=there)


def test_all_is_green_where_all_is_met() -> None:
    found = ready()
    assert [each.name for each in found.gates] == list(GATES)
    assert {each.status for each in found.gates} == {"green"}
    assert found.overall == "green"


@pytest.mark.parametrize("name", list(EVERYTHING))
def test_what_people_confirm_is_amber_until_due_and_red_after(name: GateName) -> None:
    due = MONDAY - timedelta(days=DUE[name])
    for today, status in ((due, "amber"), (due + timedelta(days=1), "red")):
        found = readiness(PLAN, FACTS, {}, today=today, forecast=NotKnown(Sentence("?")))
        assert found.by_name[name].status == status
        assert found.by_name[name].due == due
        assert str(due) in str(found.by_name[name].reason)
    met = gate(name, today=LATE)
    assert met.status == "green"
    assert "Ana" in str(met.reason)
    assert "2026-01-07" in str(met.reason)


@pytest.mark.parametrize(
    ("changes", "today", "status", "words"),
    [
        ({}, EARLY, "green", "sells in 100% of the stores of Maxi that list it; 85% are asked"),
        ({"selling": 3}, EARLY, "amber", "sells in 75% of the stores"),
        ({"selling": 3}, LATE, "red", "sells in 75% of the stores"),
        ({"listed": None, "weighted": 79.0}, EARLY, "amber", "with 79% of the category's sales"),
        ({"listed": None, "weighted": 80.0}, EARLY, "green", "80% are asked for"),
        ({"listed": 0, "weighted": 0.0, "selling": 0}, LATE, "red", "with 0% of the category"),
    ],
)
def test_distribution(changes: dict[str, Any], today: date, status: str, words: str) -> None:
    found = gate("distribution", PLAN, spread(**changes), today=today)
    assert found.status == status
    assert words in str(found.reason)
    assert found.owner == "sales"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"listed": 2}, "green", "listed in 50% of the stores of Maxi"),
        ({"listed": 1, "listed_later": 1}, "green", "listed in 50% of the stores of Maxi"),
        ({"listed": 1}, "amber", "listed in 25% of the stores of Maxi"),
        ({"listed": None}, "amber", "load the distribution list"),
    ],
)
def test_a_launch_must_be_listed(changes: dict[str, Any], status: str, words: str) -> None:
    launch = plan(kind="launch", price_cut=0.0)
    found = gate("distribution", launch, spread(selling=0, **changes))
    assert found.status == status
    assert words in str(found.reason)


def test_a_launch_that_no_store_lists_says_so() -> None:
    launch = plan(kind="launch", price_cut=0.0, product_ids=("N1",))
    found = gate("distribution", launch)
    assert (found.status, str(found.reason)) == (
        "amber", "N1 is not on the list of any store of Maxi."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on_hand", "today", "status"),
    [(500.0, LATE, "green"), (150.0, EARLY, "amber"), (150.0, LATE, "red")],
)
def test_stock_is_held_against_base_and_the_high_end_of_what_comes_on_top(
    on_hand: float, today: date, status: str
) -> None:
    found = gate("stock_cover", PLAN, with_stock(FACTS, on_hand), today=today)
    assert found.status == status
    known = forecast(PLAN, FACTS)
    assert isinstance(known, Forecast)
    (line,) = known.planned.lines
    base, on_top = ceil(line.base.value / 2), ceil(line.incremental.high / 2)
    assert f"needs {base + on_top} units from 2026-03-02 to 2026-03-08" in str(found.reason)
    assert f"{base} that sell anyway and up to {on_top} on top" in str(found.reason)
    assert f"{on_hand:.0f} were on hand" in str(found.reason)


@pytest.mark.parametrize(("units", "status"), [(200.0, "green"), (5.0, "red")])
def test_units_that_somebody_confirmed_are_coming_count(units: float, status: str) -> None:
    coming = replace(SAID, units=units)
    found = gate("stock_cover", PLAN, with_stock(FACTS, 150.0), today=LATE, stock_cover=coming)
    assert found.status == status


def test_stock_of_some_stores_is_their_part_of_it() -> None:
    some = plan(store_ids=("Maxi-0",))
    found = gate("stock_cover", some, with_stock(FACTS, 500.0))
    assert found.status == "green"
    assert " 125 were on hand" in str(found.reason)


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("distribution", replace(FACTS, distribution={}), "load sales by store"),
        ("stock_cover", replace(FACTS, cover=None), "load stock"),
        ("stock_cover", replace(FACTS, cover={}), "Stock of Alder A1 at Maxi is not known"),
        ("stock_cover", replace(FACTS, base={}), "will sell at Maxi is not known"),
    ],
)
def test_what_is_not_known_is_amber_and_says_what_to_load(
    name: GateName, known: PlanningFacts, words: str
) -> None:
    for today in (EARLY, LATE):
        found = gate(name, PLAN, known, today=today, stock_cover=replace(SAID, units=9e9))
        assert found.status == "amber"
        assert words in str(found.reason)


@pytest.mark.parametrize("name", ["distribution", "stock_cover"])
def test_a_plan_without_items_is_not_ready(name: GateName) -> None:
    assert gate(name, plan(product_ids=())).status == "amber"
    assert gate(name, plan(product_ids=()), today=LATE).status == "red"


@given(st.lists(st.sampled_from(STATUSES), min_size=5, max_size=5))
def test_the_whole_is_as_ready_as_its_worst_gate(statuses: list[Any]) -> None:
    gates = tuple(
        Gate(name, status, Sentence("?"), "sales", MONDAY)
        for name, status in zip(GATES, statuses, strict=True)
    )
    worst = next(each for each in ("red", "amber", "green") if each in statuses)
    assert Readiness(gates).overall == worst


@given(st.integers(0, 120), st.integers(0, 120))
def test_a_gate_never_gets_better_by_waiting(one: int, other: int) -> None:
    first, second = (MONDAY - timedelta(days=each) for each in sorted((one, other), reverse=True))
    for name in GATES:
        statuses = [
            readiness(PLAN, with_stock(FACTS, 150.0), {}, today=day,
                      forecast=NotKnown(Sentence("?"))).by_name[name].status
            for day in (first, second)
        ]  # fmt: skip
        assert STATUSES.index(statuses[0]) <= STATUSES.index(statuses[1])


def rule(name: Rule, limit: float, **more: Any) -> Guardrail:
    return Guardrail(rule=name, limit=limit, approver="Sales lead", **more)


OTHER = plan(key="2", name="Other deal", first_day=date(2026, 3, 23), last_day=date(2026, 3, 29))


@pytest.mark.parametrize(
    ("name", "met", "passed", "words"),
    [
        ("most_cost", 50.0, 49.0, "It costs 50; more than 49 needs a yes."),
        ("deepest_price_cut", 20.0, 19.0, "The price cut is 20%; more than 19% needs a yes."),
        ("least_roi", -0.5, 99.0, "less than 9,900% needs a yes."),
        ("least_weeks_between", 1.0, 2.0, "There are 7 days between it and Other deal"),
        ("least_lead_days", 60.0, 61.0, "It starts in 60 days; fewer than 61 need a yes."),
        ("most_days", 14.0, 13.0, "It lasts 14 days; more than 13 need a yes."),
        ("most_store_share", 50.0, 49.0, "It runs in 50% of all stores; more than 49% needs"),
    ],
)
def test_limits(name: Rule, met: float, passed: float, words: str) -> None:
    known = forecast(PLAN, FACTS)

    def of(limit: float) -> tuple[Any, ...]:
        rules = [rule(name, limit)]
        return broken(PLAN, known, rules, today=EARLY, facts=FACTS, others=[OTHER])

    assert of(met) == ()
    (found,) = of(passed)
    assert words in str(found.reason)
    assert found.approver == "Sales lead"


def test_every_rule_is_tested_and_refuses_what_is_not_one() -> None:
    assert len(RULES) == 7
    with pytest.raises(UnknownNameError, match="unknown guardrail"):
        rule("cheapest", 1.0)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(BadInputError, match="somebody to approve"):
        Guardrail(rule="most_cost", limit=1.0, approver="")


def test_a_return_that_is_not_known_needs_a_yes() -> None:
    found = broken(PLAN, NotKnown(Sentence("?")), [rule("least_roi", 0.0)], today=EARLY)
    assert [str(each.reason) for each in found] == [
        "Its return is not known; 0% or more is asked for."
    ]


def test_a_rule_for_other_kinds_is_not_broken() -> None:
    rules = [rule("most_cost", 1.0, kinds=("campaign",))]
    assert broken(PLAN, forecast(PLAN, FACTS), rules, today=EARLY) == ()
