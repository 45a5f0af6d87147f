"""What an address asks for, and where plans stand: the same plans in every view."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from offtake_web.plans.calendar_account import account_year
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.calendar_filters import Filters, plain, read_filters
from offtake_web.plans.calendar_layout import MOST_WEEKS, Lane, lanes, monday, month, timeline
from offtake_web.plans.models import Kind, Side, State
from tests.web.calendar_plans import DAYS, ENTRIES, NAMES

TODAY = date(2026, 3, 4)


def several(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


TEXT = st.text(max_size=40).map(lambda text: " ".join(text.split())[:100].strip())
FILTERS = st.builds(
    Filters,
    kind=several(Kind.values),
    state=several(State.values),
    side=several(Side.values),
    retailer=st.lists(NAMES, unique=True, max_size=2).map(tuple),
    brand=several(["Alder", "Birch"]),
    owner=several(["ana", "milan"]),
    text=TEXT,
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    conflicts=st.booleans(),
    unready=st.booleans(),
)
NARROW = st.builds(
    Filters,
    state=several(State.values),
    retailer=st.lists(NAMES, unique=True, max_size=2).map(tuple),
    since=st.none() | DAYS,
    unready=st.booleans(),
)


def in_lanes(found: tuple[Lane, ...]) -> set[int]:
    return {cell.entry.pk for lane in found for cell in lane if cell.entry}


@given(FILTERS)
def test_an_address_says_its_filters_and_reads_them_again(filters: Filters) -> None:
    assert read_filters(QueryDict(filters.query())) == filters


@given(ENTRIES, NARROW)
def test_each_view_shows_the_same_plans(entries: list[Entry], filters: Filters) -> None:
    asked = read_filters(QueryDict(filters.query())).of(entries)
    wanted = {each.pk for each in asked}
    for rows in ("account", "brand"):
        shown = timeline(asked, rows, TODAY)  # type: ignore[arg-type]  # both are rows
        assert {pk for group in shown.groups for pk in in_lanes(group.lanes)} == wanted
        assert shown.outside == 0
    months, first = set(), date(2025, 6, 1)
    while first < date(2027, 9, 30):
        months |= {pk for week in month(asked, first).weeks for pk in in_lanes(week.lanes)}
        first = month(asked, first).after
    assert months == wanted
    assert accounts(asked) == wanted


def accounts(asked: list[Entry]) -> set[int]:
    first = account_year(asked, {}, ("", ""), TODAY)
    return {
        row.plan.pk
        for name in first.names or ("",)
        for year in range(2025, 2028)
        for shown in [account_year(asked, {}, (name, str(year)), TODAY)]
        if shown.year == year
        for _month, rows in shown.months
        for row in rows
    }


@given(ENTRIES)
def test_no_bar_stands_over_another_and_each_covers_its_days(entries: list[Entry]) -> None:
    shown = timeline(entries, "account", TODAY)
    for group in shown.groups:
        for lane in group.lanes:
            assert sum(cell.span for cell in lane) == len(shown.weeks)
            at = 0
            for cell in lane:
                if cell.entry:
                    starts = shown.weeks[at] + timedelta(days=cell.starts)
                    ends = shown.weeks[at] + timedelta(days=7 * cell.span - 1 - cell.ends)
                    assert (starts, ends) == (cell.entry.first_day, cell.entry.last_day)
                    assert 0 <= cell.starts < 7
                    assert 0 <= cell.ends < 7
                at += cell.span


@given(ENTRIES)
def test_there_are_no_more_lanes_than_plans_at_once(entries: list[Entry]) -> None:
    first = monday(min((each.first_day for each in entries), default=TODAY))
    found = lanes(entries, first, 300, step=7)
    weeks = [
        {first + timedelta(days=7 * week) for week in range(300)
         if monday(each.first_day) <= first + timedelta(days=7 * week) <= each.last_day}
        for each in entries
    ]  # fmt: skip
    busiest = max((sum(day in days for days in weeks) for day in set().union(*weeks)), default=0)
    assert len(found) == busiest


def example(**more: object) -> Entry:
    base = Entry(pk=1, version=1, kind="promotion", state="draft", side="sales", name="Žurka",
                 first_day=date(2026, 3, 2), last_day=date(2026, 3, 8), retailers=("Korner",),
                 people=frozenset({"ana"}), message="Đevreci za sve")  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=zurka", True),
        ("q=ŽURKA+korner", True),
        ("q=djevreci", True),
        ("q=zurka+dis", False),
        ("from=2026-03-08", True),
        ("from=2026-03-09", False),
        ("to=2026-03-02", True),
        ("to=2026-03-01", False),
        ("kind=display&kind=promotion", True),
        ("kind=display", False),
        ("retailer=Dis", False),
        ("retailer=Dis&retailer=Korner", True),
        ("brand=Alder", True),
        ("owner=milan", False),
        ("owner=ana", True),
        ("conflicts=1", False),
        ("unready=1", False),
        ("side=marketing", False),
        ("state=draft&side=sales", True),
    ],
)
def test_what_matches(query: str, found: bool) -> None:
    assert read_filters(QueryDict(query)).matches(example()) is found


def test_what_is_for_all_retailers_matches_each() -> None:
    asked = read_filters(QueryDict("retailer=Dis"))
    assert asked.matches(example(retailers=()))


def test_an_amber_light_and_a_conflict_are_found() -> None:
    asked = read_filters(QueryDict("unready=1&conflicts=1"))
    assert asked.matches(example(light="amber", conflicts=1))
    assert not asked.matches(example(light="green", conflicts=1))
    assert not asked.matches(example(light="red"))


def test_what_is_wrong_in_an_address_is_named_and_asks_for_nothing() -> None:
    asked = read_filters(QueryDict("kind=party&kind=display&from=yesterday&conflicts=maybe"))
    assert asked.kind == ("display",)
    assert asked.since is None
    assert asked.unread == ("kind=party", "from=yesterday")
    assert not asked.conflicts


def test_searching_needs_no_marks() -> None:
    assert plain("Đorđe Šećerlić") == "djordje secerlic"


def test_a_timeline_is_never_wider_than_three_years() -> None:
    far = [example(pk=1, first_day=date(1990, 1, 1), last_day=date(1990, 1, 2)), example(pk=2)]
    shown = timeline(far, "account", TODAY)
    assert len(shown.weeks) <= MOST_WEEKS
    assert shown.outside == 1


def test_a_year_counts_promises_and_money() -> None:
    plans = [example(cost=Decimal(10)), example(pk=2, cost=Decimal(5), state="cancelled")]
    shown = account_year(plans, {}, ("Korner", "2026"), TODAY)
    assert (shown.plans, shown.cost, shown.late, shown.open, shown.done) == (2, 10, 0, 0, 0)


def test_a_plan_over_new_year_stands_in_both_years() -> None:
    plan = example(first_day=date(2025, 12, 29), last_day=date(2026, 1, 11))
    before = account_year([plan], {}, ("Korner", "2025"), TODAY)
    after = account_year([plan], {}, ("Korner", "2026"), TODAY)
    assert before.months[0][0] == date(2025, 12, 1)
    assert after.months[0][0] == date(2026, 1, 1)
