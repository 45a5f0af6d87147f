"""Who the buyers are: the same by hand from household to household, and intervals that hold."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.measures.proportions import Z_95
from tests.library.small_panel import MONDAY, Line, Panel, Row, few, panels

MANY = tuple(f"H{number}" for number in range(1, 9))
INCOMES = {"H1": "high", "H2": "high", "H3": "low", "H4": "low", "H5": "low", "H6": None}
WEIGHTS = {"H1": 2.0, "H2": 0.5, "H3": 1.0, "H4": 3.0, "H5": 1.5, "H6": 1.0}


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        for home, income in INCOMES.items():
            store.execute(
                "INSERT INTO main.household (household_id, income, weight, load_id) "
                "VALUES (?, ?, ?, 1)",
                [home, income, WEIGHTS[home]],
            )
        yield Panel(store)


def by_hand(rows: list[Line], brand: str, income: str) -> Row:
    """Work out one cell household by household; the index's variance from each one's influence."""
    homes = sorted({row.household for row in rows})
    weight = np.array([WEIGHTS.get(home, 1.0) for home in homes])
    bought = {row.household for row in rows if row.units and row.brand == brand}
    buyer = np.array([home in bought for home in homes], dtype=float)
    band = np.array([(INCOMES.get(h) or "(not stated)") == income for h in homes], dtype=float)
    hits, base = (weight * buyer * band).sum(), (weight * buyer).sum()
    in_band, everybody = (weight * band).sum(), weight.sum()
    share, of_all = hits / base, in_band / everybody
    found: Row = {
        "buyers": int((buyer * band).sum()),
        "effective_sample": base**2 / ((weight * buyer) ** 2).sum(),
        "of_all_households": 100 * of_all,
        "value": 100 * share,
        "index": 100 * share / of_all,
        "index_low": 0.0,
    }
    if hits:
        influence = weight * (buyer * band / hits - buyer / base - band / in_band + 1 / everybody)
        wide = math.exp(Z_95 * math.sqrt((influence**2).sum()))
        found["index_low"] = found["index"] / wide
        found["index_high"] = min(found["index"] * wide, 100 / of_all)  # all buyers are in the band
    return found


@few
@given(rows=panels(homes=MANY))
def test_a_profile_agrees_with_going_from_household_to_household(
    panel: Panel, rows: list[Line]
) -> None:
    panel.load(rows)
    answer = panel.ask("buyer_profile", by=["brand", "income"])
    bands = {INCOMES.get(row.household) or "(not stated)" for row in rows}
    brands = {row.brand for row in rows if row.units}
    assert {(r["brand"], r["income"]) for r in answer} == {(a, b) for a in brands for b in bands}
    for row in answer:
        for name, wanted in by_hand(rows, row["brand"], row["income"]).items():
            assert row[name] == pytest.approx(wanted, rel=1e-9, abs=1e-6), name


@few
@given(rows=panels(homes=MANY))
def test_the_groups_of_a_profile_add_up_to_all_buyers(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    answer = panel.ask("buyer_profile", by=["category", "income"])
    for category in {row["category"] for row in answer}:
        some = [row for row in answer if row["category"] == category]
        assert sum(row["value"] for row in some) == pytest.approx(100)
        for row in some:
            assert row["low"] <= row["value"] <= row["high"]
            assert row["index_low"] <= row["index"] <= row["index_high"]


def test_a_profile_wants_a_grouping_of_households(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1)])
    with pytest.raises(BadInputError, match=r"got \['brand'\], allowed: at least one of age"):
        panel.ask("buyer_profile", by=["brand"])


PANELS, HOMES = 400, 300
YOUNG, BUYING = 0.3, {True: 0.35, False: 0.25}
"""Part of the households that are young, and which part of them and of the others buys."""


def many_panels(random: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Draw panels, one in each store: heavier weights for the young, who buy more."""
    size = PANELS * HOMES
    young = random.random(size) < YOUNG
    weight = np.where(young, 1.5, 0.8) * random.uniform(0.5, 1.5, size)
    buys = random.random(size) < np.where(young, BUYING[True], BUYING[False])
    ids = np.array([f"H{number}" for number in range(size)])
    households = {
        "household_id": ids,
        "age": np.where(young, "young", "old"),
        "weight": weight,
        "load_id": np.ones(size, dtype=int),
    }
    return pa.table(households), _basket_lines(ids, buys)


def _basket_lines(ids: NDArray[np.str_], buys: NDArray[np.bool_]) -> pa.Table:
    number = np.arange(len(ids))
    return pa.table(
        {
            "basket_id": ids,
            "household_id": ids,
            "store_id": np.char.add("S", (number // HOMES).astype(str)),
            "product_id": np.where(buys, "P1", "P5"),
            "line": np.ones(len(ids), dtype=int),
            "date": [MONDAY] * len(ids),
            "week": [MONDAY] * len(ids),
            "units": np.ones(len(ids)),
            "value": np.ones(len(ids)),
            "load_id": np.ones(len(ids), dtype=int),
        }
    )


def truth() -> dict[str, float]:
    """Return the young's part of the buyers and its index in the population of the weights."""
    young = YOUNG * 1.5 / (YOUNG * 1.5 + (1 - YOUNG) * 0.8)
    buyers = young * BUYING[True] + (1 - young) * BUYING[False]
    share = young * BUYING[True] / buyers
    return {"value": 100 * share, "index": 100 * share / young}


@pytest.fixture(scope="module")
def profiles() -> list[Row]:
    households, baskets = many_panels(np.random.default_rng(11))
    with Store(":memory:") as store:
        panel = Panel(store)
        for name, table in (("household", households), ("basket_line", baskets)):
            with store.registered("drawn", table):
                store.execute(f"INSERT INTO main.{name} BY NAME SELECT * FROM drawn")
        answer = panel.ask("buyer_profile", by=["store_id", "age"], where=["brand=A"])
    return [row for row in answer if row["age"] == "young"]


@pytest.mark.parametrize(
    ("name", "low", "high"), [("value", "low", "high"), ("index", "index_low", "index_high")]
)
def test_intervals_of_a_profile_hold_as_often_as_they_say(
    profiles: list[Row], name: str, low: str, high: str
) -> None:
    assert len(profiles) == PANELS
    held = np.mean([row[low] <= truth()[name] <= row[high] for row in profiles])
    # 95 %, and three standard errors of a part of 400 panels either way.
    assert 0.917 <= held <= 0.983
