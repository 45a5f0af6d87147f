"""Heavy and light buyers, buyers who come and go, and weights, against counting one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.measures.weighted import PROJECTED
from tests.library.small_panel import (
    Line,
    Panel,
    Row,
    few,
    panels,
    some_groupings,
    weeks,
)

MANY = tuple(f"H{number}" for number in range(1, 9))
WEIGHTS = {"H1": 2, "H2": 3, "H3": 1}
BY_HOME = st.sampled_from([[], ["brand"], ["brand", "income"], ["category", "store_id"]])


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        store.execute(
            "INSERT INTO main.household (household_id, income, weight, load_id) "
            "VALUES ('H1', 'high', 2, 1), ('H2', 'low', 3, 1), ('H3', NULL, 1, 1)"
        )
        yield Panel(store)


def units_of_buyers(rows: list[Line], brand: str) -> dict[str, int]:
    units: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.brand == brand and row.units:
            units[row.household] += row.units
    return dict(units)


@few
@given(rows=panels(homes=MANY))
def test_thirds_of_buyers_agree_with_sorting_them(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    answer = panel.ask("heavy_medium_light", by=["brand"])
    assert {row["brand"] for row in answer} == {row.brand for row in rows if row.units}
    for brand in {row["brand"] for row in answer}:
        sorted_units = sorted(units_of_buyers(rows, brand).values(), reverse=True)
        one, more = divmod(len(sorted_units), 3)
        ends = [one + (more > 0), 2 * one + (more > 0) + (more > 1), len(sorted_units)]
        found = {r["buyer_group"]: (r["buyers"], r["units"]) for r in answer if r["brand"] == brand}
        start = 0
        for name, end in zip(("heavy", "medium", "light"), ends, strict=True):
            assert found[name] == (end - start, sum(sorted_units[start:end]))
            start = end


@few
@given(rows=panels(homes=MANY), by=some_groupings)
def test_thirds_add_up_to_all_buyers_and_all_units(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    thirds = panel.ask("heavy_medium_light", by=by)
    assert summed(thirds, by, "buyers") == summed(panel.ask("buyers", by=by), by)
    assert summed(thirds, by, "units") == summed(panel.ask("household_sales_units", by=by), by)
    for shares in (summed(thirds, by), summed(thirds, by, "buyers_percent")):
        assert list(shares.values()) == pytest.approx([100.0] * len(shares))


@few
@given(rows=panels(homes=MANY), order=st.randoms(use_true_random=False))
def test_thirds_do_not_depend_on_the_order_of_rows(
    panel: Panel, rows: list[Line], order: Random
) -> None:
    panel.load(rows)
    before = panel.ask("heavy_medium_light", by=["brand", "income"])
    shuffled = list(rows)
    order.shuffle(shuffled)
    panel.load(shuffled)
    assert panel.ask("heavy_medium_light", by=["brand", "income"]) == before


def four_weeks() -> st.SearchStrategy[list[Line]]:
    """Draw lines over four weeks, with something bought in the first and the last."""
    ends = [Line("H1", "P5", "S1", 0, 1, 1), Line("H1", "P5", "S1", 27, 1, 1)]
    return panels(28, homes=MANY).map(lambda rows: [*rows, *ends])


def statuses(rows: list[Line], brand: str) -> dict[str, tuple[int, int, int]]:
    """Count households, units now (week 3) and before (week 2) by what the household did."""
    found = {name: [0, 0, 0] for name in ("new", "returning", "retained", "lapsed")}
    for home in MANY:
        units = [0, 0, 0, 0]
        for row in rows:
            if row.household == home and row.brand == brand:
                units[row.day // 7] += row.units
        if units[3]:
            name = "retained" if units[2] else "returning" if units[0] + units[1] else "new"
        elif units[2]:
            name = "lapsed"
        else:
            continue
        for place, amount in enumerate((1, units[3], units[2])):
            found[name][place] += amount
    return {name: (n, now, before) for name, (n, now, before) in found.items()}


@few
@given(rows=four_weeks())
def test_buyers_who_come_and_go_agree_with_counting(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    answer = panel.ask("buyer_flow", by=["brand"], period=weeks(3, 3))
    for brand in {row["brand"] for row in answer}:
        found = {
            r["buyer_status"]: (r["value"], r["units_now"], r["units_before"])
            for r in answer
            if r["brand"] == brand
        }
        assert found == statuses(rows, brand)


@few
@given(rows=four_weeks(), by=BY_HOME)
def test_buyers_now_and_before_are_made_of_those_who_come_stay_and_go(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    flow = panel.ask("buyer_flow", by=by, period=weeks(3, 3))
    now, before = ("new", "returning", "retained"), ("retained", "lapsed")
    for week, names, units in ((3, now, "units_now"), (2, before, "units_before")):
        some = [row for row in flow if row["buyer_status"] in names]
        period = weeks(week, week)
        assert summed(some, by, "value") == summed(panel.ask("buyers", by=by, period=period), by)
        sold = panel.ask("household_sales_units", by=by, period=period)
        assert summed(some, by, units) == summed(sold, by)


def summed(rows: list[Row], by: list[str], column: str = "value") -> dict[tuple[str, ...], float]:
    """Add up a column by group, leaving out groups of nothing."""
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows:
        sums[tuple(row[name] for name in by)] += row[column] or 0
    return {group: value for group, value in sums.items() if value}


def test_buyer_flow_wants_two_loaded_periods(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1), Line("H1", "P1", "S1", 20, 1, 1)])
    with pytest.raises(BadInputError, match="buyer_flow compares two equal periods: got no period"):
        panel.ask("buyer_flow", by=["brand"])
    with pytest.raises(BadInputError, match="loaded: 2017-01-02 to 2017-01-16"):
        panel.ask("buyer_flow_year_ago", by=["brand"], period=weeks(1, 1))


def copied(rows: list[Line]) -> list[Line]:
    """Put as many like households in the place of each as it stands for."""
    return [
        Line(f"{row.household}{copy * '*'}", row.product, row.store, row.day, row.units, row.value)
        for row in rows
        for copy in range(WEIGHTS.get(row.household, 1))
    ]


@pytest.mark.parametrize("name", PROJECTED)
@few
@given(rows=panels(), by=st.sampled_from([[], ["brand"], ["store_id", "category"], ["week"]]))
def test_a_weight_is_as_many_like_households(
    panel: Panel, name: str, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    weighted = panel.ask(f"{name}_weighted", by=by)
    panel.load(copied(rows))
    for one, other in zip(weighted, panel.ask(name, by=by), strict=True):
        for column, number in one.items():
            wanted = other[column]
            assert number == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)
