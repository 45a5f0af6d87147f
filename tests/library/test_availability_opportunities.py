"""Opportunities: what a visit is worth, each store-item once; what shoppers do instead, loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.models.availability.answer import availability_answer
from offtake.models.availability.opportunities import missed_ahead
from offtake.models.availability.recovery import Recovery, loaded_recovery
from offtake.models.availability.shelf import EMPTY, GONE, LEVELS, Shelf, watch
from offtake.models.availability.specification import AvailabilitySpec
from offtake.twin.build import build
from offtake.twin.load import load_twin
from tests.library.small_promotions import SPEC, TABLES
from tests.library.small_shelves import world
from tests.library.test_availability_tables import Spells, daily, steady

ASKED = AvailabilitySpec(draws=40, seed=2)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    folder = build(SPEC, tmp_path_factory.mktemp("visits") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=(*TABLES, "person", "visit", "audit_line"))
        return availability_answer(store, store.tables(), "COFFEE", spec=ASKED)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return watch(world(5, count=30, days=60).series(), ASKED)


def test_what_is_missed_ahead_is_that_of_every_path(shelf: Shelf) -> None:
    at = np.arange(0, shelf.series.size, 97)
    loss = np.append(1 - LEVELS[:GONE], 0.0)
    # Where it is gone, a visit is taken to find what it finds at a full shelf.
    move, now = shelf.chain.move.copy(), shelf.states.all[at].copy()
    move[GONE], full = move[0], np.eye(GONE + 1)[0]
    wanted = np.zeros(at.size)
    for ahead in range(1, 15):
        step = np.linalg.matrix_power(move, ahead)
        wanted += (now @ step - full @ step) @ loss
    np.testing.assert_allclose(missed_ahead(shelf, at, 14), np.maximum(wanted, 0.0), atol=1e-12)


def test_the_surer_a_shelf_is_empty_the_more_is_missed(shelf: Shelf) -> None:
    order = np.argsort(shelf.empty)
    empty, full = missed_ahead(shelf, order[[-1, 0]], 14)
    # An empty shelf stays so for some days.
    assert 0.5 < empty < 10
    assert full == pytest.approx(0.0, abs=0.01)


def test_a_chance_that_it_is_gone_takes_nothing_from_what_else_is_missed(shelf: Shelf) -> None:
    states = np.zeros((3, GONE + 1))
    states[0, EMPTY] = states[2, GONE] = 1.0
    states[1, [EMPTY, GONE]] = 0.8, 0.2
    told = replace(shelf, states=replace(shelf.states, all=states))
    empty, both, gone = missed_ahead(told, np.arange(3), 91)
    assert gone == 0.0
    assert both == pytest.approx(0.8 * empty)
    assert both > 0.5


def test_what_an_item_usually_sells_is_that_of_whole_weeks_without_promotion(
    tmp_path: Path,
) -> None:
    # Weekends sell three times as much; whatever day the data end on, a week is a week.
    week = [8, 8, 8, 8, 8, 24, 24]
    told = []
    for end in (68, 70, 72):
        sold = {f"S{n:02d}": [week[day % 7] + (n + day) % 3 for day in range(end)]
                for n in range(12)}  # fmt: skip
        sold["S03"][-6:] = [0] * 6
        folder = tmp_path / str(end)
        folder.mkdir()
        spells: Spells = [(name, 0, None) for name in sold]
        with daily(folder, end, sold, spells=spells) as store:
            found = availability_answer(store, store.tables(), "Milk", spec=ASKED)
        told += [row["units"] for row in found["availability_opportunities"].to_pylist()]
    assert len(told) == 3
    np.testing.assert_allclose(told, 95, rtol=0.12)  # 88 units a week, and 1 a day on average


def test_every_store_item_is_told_once_and_a_gap_as_a_gap(answer: dict[str, pa.Table]) -> None:
    rows = answer["availability_opportunities"].to_pylist()
    pairs = [(row["store_id"], row["product_id"]) for row in rows]
    assert len(pairs) == len(set(pairs))
    gaps = {(row["store_id"], row["product_id"]): row
            for row in answer["availability_gaps"].to_pylist()}  # fmt: skip
    of_gaps = [row for row in rows if row["source"] == "gap"]
    assert {(row["store_id"], row["product_id"]) for row in of_gaps} == set(gaps)
    for row in of_gaps:
        gap = gaps[row["store_id"], row["product_id"]]
        assert row["recoverable"] == gap["recoverable_over_horizon"]
        assert row["reason"] == gap["reason"]
    alarms = {(row["store_id"], row["product_id"]): row
              for row in answer["availability_alerts"].to_pylist()
              if row["listed"] and row["ongoing"]}  # fmt: skip
    of_alarms = [row for row in rows if row["source"] == "alarm"]
    assert of_alarms
    assert {(row["store_id"], row["product_id"]) for row in of_alarms} == set(alarms) - set(gaps)
    for row in of_alarms:
        assert row["since"] == alarms[row["store_id"], row["product_id"]]["first_day"]


def test_visits_add_up_what_is_to_be_seen_to(answer: dict[str, pa.Table]) -> None:
    rows = answer["availability_opportunities"].to_pylist()
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    visits: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for row in rows:
        key = row["store_id"], row["manufacturer"], row["valued_at"]
        visits.setdefault(key, []).append(row)
    for ours in visits.values():
        worth = sum(row["recoverable"] for row in ours)  # type: ignore[misc]  # all are numbers
        for row in ours:
            assert row["recoverable_per_visit"] == pytest.approx(worth)
            assert row["opportunities_per_visit"] == len(ours)
    for valued_at in ("margin", "retail_value"):
        worths = [round(row["recoverable"], 2) for row in rows if row["valued_at"] == valued_at]
        assert worths == sorted(worths, reverse=True)
    # What has a known margin comes first.
    known = [row["valued_at"] == "margin" for row in rows]
    assert known == sorted(known, reverse=True)


def test_without_shelves_there_are_gaps_but_no_opportunities(tmp_path: Path) -> None:
    folder = build(replace(SPEC, stores=10), tmp_path / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        found = availability_answer(store, store.tables(), "COFFEE", shelves=False)
    assert set(found) == {"availability_gaps", "availability_builds", "availability_delistings"}


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], None),
        (["Tea,100,0,0,0,0"], None),
        (["all,20,20,20,20,20"], Recovery(
            same_brand=0.2, other_brand=0.2, other_store=0.2, later=0.2, given_up=0.2)),
        (["all,20,20,20,20,20", "Milk,0,0,0,100,0"], Recovery(
            same_brand=0.0, other_brand=0.0, other_store=0.0, later=1.0, given_up=0.0)),
    ],
)  # fmt: skip
def test_a_category_is_taken_before_all(
    tmp_path: Path, lines: list[str], wanted: Recovery | None
) -> None:
    head = "category,same_brand,other_brand,other_store,later,given_up"
    file = tmp_path / "response.csv"
    with Store(":memory:") as store:
        if lines:
            file.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
            load_file(store, file, as_contract="stockout_response")
        assert loaded_recovery(store, store.tables(), "Milk") == wanted


def test_what_is_loaded_counts_in_lost_sales_and_in_what_a_visit_wins_back(
    tmp_path: Path,
) -> None:
    sold = steady(5)
    sold["S03"][-6:] = [0] * 6
    found = []
    for shares in ("20,20,20,20,20", "100,0,0,0,0"):
        (tmp_path / shares).mkdir()
        file = tmp_path / shares / "response.csv"
        head = "category,same_brand,other_brand,other_store,later,given_up"
        file.write_text(f"{head}\nMilk,{shares}\n", encoding="utf-8")
        spells: Spells = [(name, 0, None) for name in sold]
        with daily(tmp_path / shares, 60, sold, spells=spells) as store:
            load_file(store, file, as_contract="stockout_response")
            found.append(availability_answer(store, store.tables(), "Milk", spec=ASKED))
    for answer, kept in zip(found, (0.4, 0.0), strict=True):
        whole = next(row for row in answer["availability_totals"].to_pylist()
                     if (row["dimension"], row["manufacturer"]) == ("category", ""))  # fmt: skip
        assert whole["lost_value"] > 0
        assert whole["lost_to_brand"] == pytest.approx(kept * whole["lost_value"])
        visits = answer["availability_opportunities"].to_pylist()
        assert [row["store_id"] for row in visits] == ["S03"]
        assert (visits[0]["recoverable"] > 0) is (kept > 0)


def test_shares_that_do_not_add_up_are_set_aside_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "response.csv"
    file.write_text(
        "category,same_brand,other_brand,other_store,later,given_up\n"
        "Milk,19,26,31,15,19\nTea,33.3,33.3,33.3,0,0.05\n",
        encoding="utf-8",
    )
    with Store(":memory:") as store:
        load = load_file(store, file, as_contract="stockout_response")
        assert (load.loaded, load.set_aside) == (1, 1)
        found = loaded_recovery(store, store.tables(), "Tea")
    assert found is not None
    # A tenth of a percent may have been rounded away; shares add up to 1 all the same.
    assert found.same_brand == pytest.approx(33.3 / 99.95)
