"""Plans for the tests of the calendar's views, made as people make them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.plans.actions import create
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.models import Kind, Plan, Side, State

MONDAY = date(2026, 3, 2)
CONTENT = {
    "kind": "promotion",
    "name": "Spring crunch",
    "side": "sales",
    "first_day": MONDAY,
    "last_day": MONDAY + timedelta(days=13),
    "retailers": ["Korner"],
    "brands": ["Alder"],
}
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))
NAMES = st.sampled_from(["Korner", "Dis", "Maxi", "Ćoše"])


def planned(by: User, **content: Any) -> Plan:
    return create(markets()[0], CONTENT | content, by=by)


def in_state(plan: Plan, state: str) -> Plan:
    Plan.objects.filter(pk=plan.pk).update(state=state)
    plan.refresh_from_db()
    return plan


@st.composite
def entry(draw: st.DrawFn) -> Entry:
    first = draw(DAYS)
    light = draw(st.sampled_from(["", "green", "amber", "red"]))
    conflicts = draw(st.integers(0, 2))
    return Entry(
        pk=draw(st.integers(1, 10**9)),
        version=draw(st.integers(1, 9)),
        kind=draw(st.sampled_from(Kind.values)),
        state=draw(st.sampled_from(State.values)),
        side=draw(st.sampled_from(Side.values)),
        name=draw(st.sampled_from(["Spring crunch", "Žurka sa đevrecima", "TV"])),
        first_day=first,
        last_day=first + timedelta(days=draw(st.integers(0, 70))),
        retailers=tuple(draw(st.lists(NAMES, unique=True, max_size=3))),
        brands=tuple(draw(st.lists(st.sampled_from(["Alder", "Birch"]), unique=True))),
        people=frozenset(draw(st.lists(st.sampled_from(["ana", "milan"]), min_size=1))),
        light=light,
        conflicts=conflicts,
        serious=draw(st.integers(0, conflicts)),
    )


ENTRIES = st.lists(entry(), max_size=25, unique_by=lambda each: each.pk)
