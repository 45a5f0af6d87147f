"""Availability at its edges: breaks between listings, unknown prices, records, what looks gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from offtake.errors import BadInputError
from offtake.models.availability.answer import availability_answer
from offtake.models.availability.fit import AvailabilityFit, fit_availability
from offtake.models.availability.recovery import drawn_share
from offtake.models.availability.rows import availability_rows
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.availability.tables import availability_tables
from offtake.report.answer import Answer, parts_outside
from offtake.report.availability import render_availability
from tests.library.test_availability_tables import FIRST, Spells, daily, steady

ASKED = AvailabilitySpec(draws=40, seed=2)


def listed(sold: dict[str, list[int]]) -> Spells:
    return [(name, 0, None) for name in sold]


def total(tables: dict[str, pa.Table]) -> dict[str, float]:
    rows = tables["availability_totals"].to_pylist()
    return next(r for r in rows if (r["dimension"], r["manufacturer"]) == ("category", ""))


def fitted(folder: Path, sold: dict[str, list[int]], spells: Spells) -> AvailabilityFit:
    with daily(folder, 70, sold, spells=spells) as store:
        return fit_availability(store, store.tables(), "Milk", spec=ASKED)


def test_between_two_listings_nothing_is_wanted_nor_recorded(tmp_path: Path) -> None:
    sold = steady(7, days=70)
    spells = listed(sold)
    for name in list(sold)[:6]:
        sold[name][20:50] = [0] * 30
        spells = [each for each in spells if each[0] != name]
        spells += [(name, 0, 19), (name, 50, None)]
    fit = fitted(tmp_path, sold, spells)
    tables = dict(availability_tables(fit))
    assert total(tables)["recorded"] == 0.0
    assert {row["recorded"] for row in tables["availability_weeks"].to_pylist()} == {0.0}
    offered = fit.rows.series.seen
    demand, missing = fit.shelf.demand.mean[offered], fit.shelf.missing[offered]
    wanted = demand * (1 - fit.shelf.states.all[offered, -1])
    there = 100 * (1 - (demand * missing).sum() / wanted.sum())
    assert total(tables)["availability"] == pytest.approx(there)
    assert any(
        "No shelf flags" in note for note in tables["availability_notes"]["note"].to_pylist()
    )


def test_a_price_is_that_of_the_units_whose_value_is_known(tmp_path: Path) -> None:
    sold = steady(3, days=60)
    with daily(tmp_path, 60, sold, spells=listed(sold), valued=30) as store:
        rows = availability_rows(store, store.tables(), "Milk")
        gaps = availability_answer(store, store.tables(), "Milk", spec=ASKED)
    np.testing.assert_allclose(rows.price, 2.0)
    assert {row["valued_at"] for row in gaps["availability_opportunities"].to_pylist()} <= {
        "retail_value"
    }


def test_without_any_value_the_page_stands_and_worth_is_empty(tmp_path: Path) -> None:
    sold = steady(5, days=60)
    sold["S03"][-6:] = [0] * 6
    with daily(tmp_path, 60, sold, spells=listed(sold), valued=0) as store:
        tables = availability_answer(store, store.tables(), "Milk", spec=ASKED)
    rows = tables["availability_opportunities"].to_pylist()
    assert [row["store_id"] for row in rows] == ["S03"]
    assert rows[0]["recoverable"] is None
    assert rows[0]["recoverable_per_visit"] is None
    parts = parts_outside(tables, category="Milk", manufacturer=None, label="")
    assert "S03" in render_availability(Answer(**parts))


def test_what_looks_gone_is_still_worth_a_visit(tmp_path: Path) -> None:
    sold = steady(5, days=60)
    sold["S03"][-9:] = [0] * 9
    with daily(tmp_path, 60, sold) as store:
        tables = availability_answer(store, store.tables(), "Milk", spec=ASKED)
    (alarm,) = [row for row in tables["availability_alerts"].to_pylist()
                if row["listed"] and row["ongoing"]]  # fmt: skip
    assert alarm["cause"] == "gone"
    (visit,) = tables["availability_opportunities"].to_pylist()
    assert (visit["store_id"], visit["reason"]) == ("S03", "gone")
    assert visit["recoverable"] >= 0


def test_a_store_alone_is_no_supply_failure_where_others_have_given_the_item_up(
    tmp_path: Path,
) -> None:
    sold = steady(4, days=70)
    for name in ("S00", "S01", "S02", "S04", "S05"):
        sold[name][30:] = [0] * 40
    sold["S09"][52:57] = [0] * 5
    with daily(tmp_path, 70, sold) as store:
        tables = availability_answer(store, store.tables(), "Milk", spec=ASKED)
    begun = FIRST + timedelta(52)
    alarms = [row for row in tables["availability_alerts"].to_pylist()
              if row["store_id"] == "S09" and row["first_day"] == begun]  # fmt: skip
    assert [row["cause"] for row in alarms] == ["store"]


def test_the_last_record_within_an_alarm_tells_phantom_stock(tmp_path: Path) -> None:
    sold = steady(6, days=60)
    sold["S03"][-6:] = [0] * 6
    # Counted on all days but the last.
    stock: list[dict[str, object]] = [
        {"store_id": "S03", "product_id": "P1", "date": FIRST + timedelta(day), "on_hand": 12}
        for day in range(54, 59)
    ]
    with daily(tmp_path, 60, sold, spells=listed(sold), stock=stock) as store:
        tables = availability_answer(store, store.tables(), "Milk", spec=ASKED)
    (alarm,) = [row for row in tables["availability_alerts"].to_pylist() if row["ongoing"]]
    assert (alarm["on_hand"], alarm["phantom_stock"], alarm["cause"]) == (12, True, "phantom_stock")


def test_what_is_lost_to_the_brand_is_less_sure_than_what_is_lost(tmp_path: Path) -> None:
    sold = steady(5, days=60)
    sold["S03"][-6:] = [0] * 6
    whole = total(dict(availability_tables(fitted(tmp_path, sold, listed(sold)))))
    assert whole["lost_to_brand"] == pytest.approx(0.35 * whole["lost_value"])

    def reach(name: str) -> float:
        return (whole[f"{name}_high"] - whole[f"{name}_low"]) / whole[name]

    assert reach("lost_to_brand") > reach("lost_value")


def test_a_share_that_is_none_or_all_is_known() -> None:
    random = np.random.default_rng(1)
    assert drawn_share(0.0, 0.1, random, 5).tolist() == [0.0] * 5
    assert drawn_share(1.0, 0.1, random, 5).tolist() == [1.0] * 5


def test_a_seed_below_nought_is_refused() -> None:
    with pytest.raises(BadInputError, match="seed: got -1"):
        AvailabilitySpec(seed=-1)
