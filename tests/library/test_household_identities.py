"""What must hold for measures of households whatever the baskets hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.measures.switching import PARTS
from tests.library.small_panel import (
    AGREES,
    GROUPINGS,
    HOMES,
    Line,
    Panel,
    Row,
    lines,
    quick,
    some_groupings,
    weeks,
)


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        store.execute(
            "INSERT INTO main.household (household_id, income, load_id) "
            "VALUES ('H1', 'high', 1), ('H2', 'low', 1), ('H3', NULL, 1)"
        )
        yield Panel(store)


@pytest.mark.parametrize(
    ("identity", "sales"),
    [
        ("household_identity", "household_sales_units"),
        ("household_identity_value", "household_sales_value"),
    ],
)
@quick
@given(rows=lines(), by=some_groupings)
def test_sales_are_households_times_penetration_times_buy_rate(
    panel: Panel, identity: str, sales: str, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    parts = panel.ask(identity, by=by)
    for row in parts:
        if row["penetration"]:
            product = row["households"] * row["penetration"] * row["buy_rate"]
            assert product == pytest.approx(row["value"], **AGREES)
    assert [row["value"] for row in parts] == [row["value"] for row in panel.ask(sales, by=by)]


@quick
@given(rows=lines(), by=some_groupings)
def test_sales_add_up_over_any_grouping(panel: Panel, rows: list[Line], by: list[str]) -> None:
    panel.load(rows)
    for measure in ("household_sales_units", "household_sales_value"):
        groups, (whole,) = panel.ask(measure, by=by), panel.ask(measure)
        assert sum(row["value"] for row in groups) == pytest.approx(whole["value"])


@quick
@given(rows=lines())
def test_units_are_buyers_times_frequency_times_units_per_trip(
    panel: Panel, rows: list[Line]
) -> None:
    panel.load(rows)
    bought = [row for row in rows if row.units > 0]
    homes: dict[str, set[str]] = defaultdict(set)
    baskets: dict[str, set[str]] = defaultdict(set)
    for row in bought:
        homes[row.brand].add(row.household)
        baskets[row.brand].add(row.basket)
    frequency = panel.ask("purchase_frequency", by=["brand"])
    assert {row["brand"]: (row["trips"], row["buyers"]) for row in frequency} == {
        brand: (len(baskets[brand]), len(homes[brand])) for brand in homes
    }


@quick
@given(rows=lines(), by=some_groupings)
def test_penetration_lies_between_0_and_100_and_weights_of_1_change_nothing(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    plain, weighted = panel.ask("penetration", by=by), panel.ask("penetration_weighted", by=by)
    assert all(0 <= row["value"] <= 100 for row in plain)
    assert [row["value"] for row in plain] == [row["value"] for row in weighted]


@quick
@given(rows=lines())
def test_penetration_grows_with_the_period_while_the_households_stay_the_same(
    panel: Panel, rows: list[Line]
) -> None:
    always = [Line(home, "P5", "S1", 0, 1, 1) for home in HOMES]
    panel.load([*rows, *always])
    values = []
    for last in range(4):
        (answer,) = panel.ask("penetration", where=["brand=A"], period=weeks(0, last))
        values.append(answer["value"])
    assert values == sorted(values)


@quick
@given(rows=lines(), by=some_groupings)
def test_share_of_requirements_lies_between_0_and_100(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    for measure in ("scr", "scr_value"):
        answer = panel.ask(measure, by=by, where=["category=X"])
        values = [row["value"] for row in answer if row["value"] is not None]
        assert all(-1e-9 <= value <= 100 + 1e-9 for value in values)


@quick
@given(rows=lines())
def test_a_market_of_one_brand_has_all_requirements(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    for row in panel.ask("scr", by=["brand"], where=["category=Y"]):
        assert row["value"] == 100.0


@quick
@given(rows=lines(), brand=st.sampled_from("ABC"))
def test_share_of_requirements_is_the_same_grouped_and_filtered(
    panel: Panel, rows: list[Line], brand: str
) -> None:
    panel.load(rows)
    grouped = panel.ask("scr", by=["brand"], where=["category=X"])
    (alone,) = panel.ask("scr", where=["category=X", f"brand={brand}"])
    assert [row["value"] for row in grouped if row["brand"] == brand] == (
        [alone["value"]] if alone["buyers"] else []
    )


@quick
@given(rows=lines())
def test_duplication_agrees_with_counting_sets(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    homes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.units > 0 and row.brand != "D":
            homes[row.brand].add(row.household)
    answer = panel.ask("duplication_of_purchase", by=["brand"], where=["category=X"])
    assert {(row["brand"], row["also_bought"]): row["both"] for row in answer} == {
        (one, other): len(homes[one] & homes[other])
        for one in homes
        for other in homes
        if one != other
    }
    mean_value = sum(row["value"] for row in answer)
    assert sum(row["expected"] for row in answer) == pytest.approx(mean_value)


@pytest.mark.parametrize("by", [[], ["store_id"], ["brand", "category"], ["week"]])
def test_duplication_wants_one_grouping_of_items(panel: Panel, by: list[str]) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1)])
    if by == ["brand", "category"]:
        assert panel.ask("duplication_of_purchase", by=by) == []
    else:
        with pytest.raises(BadInputError, match="exactly one of"):
            panel.ask("duplication_of_purchase", by=by)


def two_weeks() -> st.SearchStrategy[list[Line]]:
    """Draw lines over two weeks, with something bought in each so that both are loaded."""
    ends = [Line("H1", "P5", "S1", 0, 1, 1), Line("H1", "P5", "S1", 13, 1, 1)]
    return lines(14).map(lambda rows: [*rows, *ends])


def switching(panel: Panel, by: list[str], where: list[str]) -> list[Row]:
    return panel.ask("switching", by=by, where=where, period=weeks(1, 1))


some_levels = st.lists(
    st.sampled_from([name for name in GROUPINGS if name != "week"]), unique=True, max_size=3
)
some_filters = st.sampled_from([[], ["category=X"], ["category=X", "brand=A"], ["brand!=A"]])


@quick
@given(rows=two_weeks(), by=some_levels, where=some_filters)
def test_parts_of_switching_add_up_to_the_change_at_every_level(
    panel: Panel, rows: list[Line], by: list[str], where: list[str]
) -> None:
    panel.load(rows)
    for row in switching(panel, by, where):
        assert sum(row[part] for part in PARTS) == pytest.approx(row["value"], **AGREES)
    units = panel.ask(
        "household_sales_units", by=by, where=where, period=weeks(1, 1), against="previous"
    )
    changes = {tuple(row[b] for b in by): row["change"] for row in units if row["change"]}
    found = switching(panel, by, where)
    assert {
        tuple(row[b] for b in by): row["value"] for row in found if row["value"]
    } == pytest.approx(changes)


@quick
@given(rows=two_weeks(), by=some_levels)
def test_switching_turns_round_when_the_periods_are_swapped(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    forward = switching(panel, by, [])
    panel.load([replace(row, day=(row.day + 7) % 14) for row in rows])
    backward = switching(panel, by, [])
    gained, lost, more, less, net = PARTS
    for one, other in zip(forward, backward, strict=True):
        for here, there in ((gained, lost), (more, less), (net, net)):
            assert one[here] == pytest.approx(-other[there], **AGREES)


@quick
@given(rows=two_weeks(), by=st.sampled_from(["brand", "product_id"]))
def test_switching_between_all_brands_of_a_market_comes_to_nought(
    panel: Panel, rows: list[Line], by: str
) -> None:
    panel.load(rows)
    brands = switching(panel, [by], ["category=X"])
    (whole,) = switching(panel, [], ["category=X"])
    assert whole["net_switching"] == pytest.approx(0, **AGREES)
    for part in PARTS:
        assert sum(row[part] for row in brands) == pytest.approx(whole[part], **AGREES)


def test_switching_wants_two_loaded_periods(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1), Line("H1", "P1", "S1", 20, 1, 1)])
    with pytest.raises(BadInputError, match="got no period"):
        panel.ask("switching", by=["brand"])
    with pytest.raises(BadInputError, match="loaded: 2017-01-02 to 2017-01-16"):
        panel.ask("switching", by=["brand"], period=weeks(1, 2))
    with pytest.raises(BadInputError, match="2016-W02"):
        panel.ask("switching_year_ago", by=["brand"], period=weeks(1, 1))


def rebuyers(rows: list[Line], brand: str) -> tuple[int, int, int]:
    """Count rebuyers, followed and not yet followed first-time buyers, one by one."""
    start, end = min(row.day for row in rows), max(row.day for row in rows)
    found = [0, 0, 0]
    for home in HOMES:
        days = sorted({r.day for r in rows if r.household == home and r.brand == brand and r.units})
        if not days or days[0] < start + 91:
            continue
        if days[0] + 91 > end:
            found[2] += 1
            continue
        found[1] += 1
        found[0] += any(days[0] < day <= days[0] + 91 for day in days)
    return found[0], found[1], found[2]


@quick
@given(rows=lines(364))
def test_repeat_of_first_time_buyers_agrees_with_counting(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    measure = "repeat_rate_first_time_buyers_who_rebuy"
    for brand in "ABCD":
        (row,) = panel.ask(measure, where=[f"brand={brand}"])
        counts = row["rebuyers"], row["first_time_buyers"], row["not_yet_followed"]
        assert counts == rebuyers(rows, brand)
    by_week = panel.ask(measure, by=["week"], where=["brand=A"])
    (whole,) = panel.ask(measure, where=["brand=A"])
    assert sum(row["first_time_buyers"] for row in by_week) == whole["first_time_buyers"]
