"""Trial and repeat, week by week and repeat by repeat, against counting one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.measures.trial import DEEPEST
from tests.library.small_panel import Line, Panel, few, panels, weeks

MANY = tuple(f"H{number}" for number in range(1, 7))
BRANDS = st.sampled_from("ABC")


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        yield Panel(store)


def days_of(rows: list[Line], home: str, brand: str) -> list[int]:
    return sorted(
        {row.day for row in rows if row.household == home and row.brand == brand and row.units}
    )


@few
@given(rows=panels(84, homes=MANY), brand=BRANDS)
def test_trial_and_repeat_since_launch_agree_with_counting(
    panel: Panel, rows: list[Line], brand: str
) -> None:
    panel.load(rows)
    days = {home: days_of(rows, home, brand) for home in MANY}
    homes = len({row.household for row in rows})
    firsts = [bought[0] // 7 for bought in days.values() if bought]
    expected = {}
    if firsts:
        last_loaded = max(row.day for row in rows) // 7
        for week in range(min(firsts), last_loaded + 1):
            for depth in range(DEEPEST + 1):
                reached = sum(
                    len(bought) > depth and bought[depth] // 7 <= week for bought in days.values()
                )
                expected[week - min(firsts) + 1, depth] = reached
    answer = panel.ask("trial_repeat", where=[f"brand={brand}"], by=["brand"])
    assert expected == {(r["weeks_since_launch"], r["depth"]): r["reached"] for r in answer}
    assert all(r["value"] == pytest.approx(100 * r["reached"] / homes) for r in answer)


@few
@given(rows=panels(84, homes=MANY))
def test_a_period_picks_weeks_of_the_curve_and_changes_none(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    whole = panel.ask("trial_repeat", by=["brand"])
    some = panel.ask("trial_repeat", by=["brand"], period=weeks(3, 5))
    assert [row for row in whole if row in some] == some
    launch = {
        brand: min(row.day // 7 for row in rows if row.brand == brand and row.units)
        for brand in {row["brand"] for row in whole}
    }
    assert some == [
        row for row in whole if 3 <= launch[row["brand"]] + row["weeks_since_launch"] - 1 <= 5
    ]


@few
@given(rows=panels(84, homes=MANY))
def test_each_depth_is_reached_by_some_of_the_depth_before_and_more_every_week(
    panel: Panel, rows: list[Line]
) -> None:
    panel.load(rows)
    reached = {
        (r["brand"], r["weeks_since_launch"], r["depth"]): r["reached"]
        for r in panel.ask("trial_repeat", by=["brand"])
    }
    for (brand, week, depth), count in reached.items():
        assert count <= reached.get((brand, week, depth - 1), count)
        assert count >= reached.get((brand, week - 1, depth), 0)


def test_the_curve_ends_with_the_baskets_though_sales_go_on(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1), Line("H2", "P3", "S1", 20, 1, 1)])
    panel.store.execute(
        "INSERT INTO main.sales (store_id, product_id, week, units, value, load_id) "
        "VALUES ('S1', 'P1', '2017-06-05', 1, 1, 1)"
    )
    try:
        answer = panel.ask("trial_repeat", by=["brand"], where=["brand=A"])
    finally:
        panel.store.execute("DELETE FROM main.sales")
    assert max(row["weeks_since_launch"] for row in answer) == 3


def a_year() -> st.SearchStrategy[list[Line]]:
    """Draw a year in which many come back after whole weeks to the day."""
    return panels(364, homes=MANY).map(
        lambda rows: [replace(row, day=row.day // 7 * 7) if row.units > 1 else row for row in rows]
    )


def repeated(rows: list[Line], brand: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Count, by weeks since trial and depth, who repeated and who was followed that long."""
    start, end = min(row.day for row in rows), max(row.day for row in rows)
    homes = [days_of(rows, home, brand) for home in MANY]
    homes = [days for days in homes if days and days[0] >= start + 91]
    found = {}
    for week in range(1, 54):
        followed = [days for days in homes if days[0] + 7 * week <= end]
        for depth in range(1, DEEPEST + 1):
            again = sum(len(d) > depth and d[depth] <= d[0] + 7 * week for d in followed)
            if followed:
                found[week, depth] = (again, len(followed))
    return found


@few
@given(rows=a_year(), brand=BRANDS)
def test_repeat_by_weeks_since_trial_agrees_with_counting(
    panel: Panel, rows: list[Line], brand: str
) -> None:
    panel.load(rows)
    answer = panel.ask("repeat_per_trier", where=[f"brand={brand}"])
    assert repeated(rows, brand) == {
        (r["weeks_since_trial"], r["depth"]): (r["repeaters"], r["followed"]) for r in answer
    }


@few
@given(rows=a_year())
def test_after_13_weeks_it_is_the_repeat_rate_of_first_time_buyers(
    panel: Panel, rows: list[Line]
) -> None:
    panel.load(rows)
    curve = panel.ask("repeat_per_trier", by=["brand", "quarter"])
    rates = panel.ask("repeat_rate_first_time_buyers_who_rebuy", by=["brand", "quarter"])
    assert {
        (r["brand"], r["quarter"]): (r["repeaters"], r["followed"], r["value"])
        for r in curve
        if (r["weeks_since_trial"], r["depth"]) == (13, 1)
    } == {
        (r["brand"], r["quarter"]): (r["rebuyers"], r["first_time_buyers"], r["value"])
        for r in rates
        if r["first_time_buyers"]
    }
