"""Availability from the store: which steps there are, tables that add up, causes, a run."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.intake import load_file
from offtake.data.profile import Profile
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.models.availability import lost
from offtake.models.availability.causes import CAUSES
from offtake.models.availability.fit import AvailabilityFit, fit_availability, run_of_steps
from offtake.models.availability.groupings import CAUSED, DIMENSIONS
from offtake.models.availability.recovery import Recovery
from offtake.models.availability.rows import availability_rows
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.availability.tables import availability_tables, total_table
from offtake.pipeline.model_availability import AVAILABILITY
from offtake.pipeline.refresh import refresh
from offtake.twin.build import build
from offtake.twin.load import load_twin
from tests.library.small_promotions import SPEC, TABLES
from tests.library.small_twin import VIEW, fill_twin

ASKED = AvailabilitySpec(draws=40, seed=2)
FIRST = date(2024, 3, 4)


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> AvailabilityFit:
    folder = build(SPEC, tmp_path_factory.mktemp("shelves") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=(*TABLES, "person", "visit", "audit_line"))
        return fit_availability(store, store.tables(), "COFFEE", spec=ASKED)


@pytest.fixture(scope="module")
def tables(fit: AvailabilityFit) -> dict[str, pa.Table]:
    return dict(availability_tables(fit))


def by(fit: AvailabilityFit, dimension: str, name: str) -> list[dict[str, Any]]:
    """Return the sums of all manufacturers together by a dimension."""
    return [
        row
        for row in total_table(fit).to_pylist()
        if (row["dimension"], row["name"], row["manufacturer"]) == (dimension, name, "")
    ]


Spells = list[tuple[str, int, int | None]]


def daily(
    folder: Path,
    days: int,
    sold: dict[str, list[int]],
    *,
    spells: Spells | None = None,
    stock: list[dict[str, object]] | None = None,
    others: int = 0,
    valued: int | None = None,
) -> Store:
    """Return a store with daily sales of one item by store, and of others that always sell.

    What was paid for the item is known for the first `valued` days, or for all.
    """
    files: dict[str, list[dict[str, object]]] = {
        "product": [
            {"product_id": f"P{item + 1}", "category": "Bread" if item else "Milk",
             "brand": "Dairy"}
            for item in range(1 + others)
        ],
        "store": [{"store_id": name, "retailer": "Corner"} for name in sold],
        "sales": [
            {"store_id": name, "product_id": "P1", "date": FIRST + timedelta(place), "days": 1,
             "units": units, "value": 2.0 * units if valued is None or place < valued else ""}
            for name, series in sold.items()
            for place, units in enumerate(series[:days])
            if units
        ] + [
            {"store_id": name, "product_id": f"P{item + 2}", "date": FIRST + timedelta(place),
             "days": 1, "units": 3, "value": 3.0}
            for name, series in sold.items()
            for place in range(len(series[:days]))
            for item in range(others)
        ],
    }  # fmt: skip
    if spells is not None:
        files["distribution_list"] = [
            {"store_id": name, "product_id": "P1", "listed_from": FIRST + timedelta(begin),
             "listed_to": "" if end is None else FIRST + timedelta(end)}
            for name, begin, end in spells
        ]  # fmt: skip
    if stock is not None:
        files["stock"] = stock
    opened = Store(":memory:")
    for contract, rows in files.items():
        path = folder / f"{contract}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        load_file(opened, path, profile=Profile(name=contract, contract=contract))
    return opened


def test_daily_sales_give_days_up_to_the_end_of_the_data(tmp_path: Path) -> None:
    sold = {"S1": [0, 2, 3, 0, 1, 0, 0, 0], "S2": [1, 1, 1, 1, 1, 1, 1, 2], "S3": [1] + [0] * 7}
    with daily(tmp_path, 8, sold) as store:
        rows = availability_rows(store, store.tables(), "Milk")
    assert rows.series.days == 1
    # S3 sells too little to be watched; S1 begins with its first sale and runs to the end.
    assert rows.stores[rows.store].tolist() == ["S1", "S2"]
    assert rows.series.units.tolist() == [2, 3, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]
    assert rows.series.step.tolist() == [1, 2, 3, 4, 5, 6, 7, *range(8)]
    assert rows.day(np.array([1]))[0] == np.datetime64(FIRST + timedelta(1))
    assert rows.price.tolist() == [2.0, 2.0]
    assert rows.reported == ()


def test_an_item_that_sells_too_slowly_is_refused_with_the_reason(tmp_path: Path) -> None:
    with (
        daily(tmp_path, 8, {"S1": [1] + [0] * 7, "S2": [0] * 7 + [1]}) as store,
        pytest.raises(BadInputError, match="too few to tell an empty shelf") as caught,
    ):
        availability_rows(store, store.tables(), "Cheese")
    assert "Cheese" in str(caught.value)


@pytest.mark.parametrize("listed", [True, False])
def test_a_shelf_that_ran_empty_is_an_alarm(tmp_path: Path, listed: bool) -> None:
    rng = np.random.default_rng(1)
    sold = {f"S{place}": (1 + rng.poisson(6, 60)).tolist() for place in range(12)}
    sold["S3"][50:] = [0] * 10
    spells: Spells | None = [(name, 0, None) for name in sold] if listed else None
    with daily(tmp_path, 60, sold, spells=spells) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    alerts = availability_tables(found)["availability_alerts"].to_pylist()
    alarm = max(alerts, key=lambda row: row["probability"])
    assert (alarm["store_id"], alarm["kind"], alarm["ongoing"]) == ("S3", "empty", True)
    assert alarm["first_day"] == FIRST + timedelta(50)
    assert alarm["days"] == 10
    assert alarm["probability"] > 99
    # Whether the item was taken off the range cannot be told from sales; the list tells.
    assert alarm["cause"] == ("store" if listed else "gone")
    if listed:
        assert alarm["lost_units"] == pytest.approx(70, rel=0.25)


def steady(seed: int, days: int = 60, stores: int = 12) -> dict[str, list[int]]:
    rng = np.random.default_rng(seed)
    return {f"S{place:02}": (1 + rng.poisson(6, days)).tolist() for place in range(stores)}


def test_what_is_on_no_list_may_be_gone_though_others_are_listed(tmp_path: Path) -> None:
    sold = steady(4)
    sold["S01"][40:] = sold["S02"][40:] = [0] * 20
    spells: Spells = [(name, 0, None) for name in sold if name != "S01"]
    with daily(tmp_path, 60, sold, spells=spells) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    alerts = {row["store_id"]: row for row in
              availability_tables(found)["availability_alerts"].to_pylist()
              if row["probability"] > 99}  # fmt: skip
    assert alerts["S01"]["cause"] == "gone"
    assert alerts["S02"]["cause"] == "store"
    assert alerts["S02"]["lost_units"] > 3 * alerts["S01"]["lost_units"]


def test_between_two_listings_nothing_is_missing(tmp_path: Path) -> None:
    sold = steady(5)
    sold["S03"][20:40] = [0] * 20
    spells: Spells = [(name, 0, None) for name in sold if name != "S03"]
    with daily(tmp_path, 60, sold, spells=[*spells, ("S03", 0, 19), ("S03", 40, None)]) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    rows = availability_tables(found)["availability_alerts"].to_pylist()
    assert not [row for row in rows if row["store_id"] == "S03" and row["probability"] > 90]
    (mine,) = by(found, "store", "S03")
    assert mine["lost_units"] < 10


def test_an_alarm_at_the_end_of_an_ended_listing_is_over(tmp_path: Path) -> None:
    sold = steady(6)
    sold["S04"][35:] = [0] * 25
    spells: Spells = [(name, 0, 40 if name == "S04" else None) for name in sold]
    with daily(tmp_path, 60, sold, spells=spells) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    rows = availability_tables(found)["availability_alerts"].to_pylist()
    (mine,) = [row for row in rows if row["store_id"] == "S04" and row["probability"] > 90]
    assert mine["last_day"] == FIRST + timedelta(40)
    assert not mine["ongoing"]


def test_a_store_whose_data_stop_has_no_empty_shelves_and_that_is_said(tmp_path: Path) -> None:
    sold = steady(7)
    sold["S05"] = sold["S05"][:45]
    with daily(tmp_path, 60, sold, others=5) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    tables = availability_tables(found)
    assert "S05" not in [row["store_id"] for row in tables["availability_alerts"].to_pylist()
                         if row["ongoing"]]  # fmt: skip
    notes = " ".join(row["note"] for row in tables["availability_notes"].to_pylist())
    assert "1 stores sold nothing at all at the end of the data" in notes


def test_a_gone_item_with_flags_loses_nothing_more(tmp_path: Path) -> None:
    sold = steady(8)
    sold["S06"][30:] = [0] * 30
    stock: list[dict[str, object]] = [
        {"store_id": name, "product_id": "P1", "date": FIRST + timedelta(day), "hours_open": 10,
         "hours_available": 0 if name == "S06" and day >= 30 else 10}
        for name in sold for day in range(60)
    ]  # fmt: skip
    with daily(tmp_path, 60, sold, stock=stock) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    (row,) = by(found, "store", "S06")
    assert 0 <= row["availability"] <= 100
    assert row["lost_units"] < 0.4 * 30 * 7


def test_the_last_record_of_a_week_counts_and_not_its_mean(tmp_path: Path) -> None:
    sold = steady(9, days=28)
    stock: list[dict[str, object]] = [
        {"store_id": "S07", "product_id": "P1", "date": FIRST + timedelta(day),
         "on_hand": 20 if day % 7 == 0 else 0}
        for day in range(28)
    ]  # fmt: skip
    with daily(tmp_path, 28, sold, stock=stock) as store:
        rows = availability_rows(store, store.tables(), "Milk")
    mine = rows.stores[rows.store][rows.series.of] == "S07"
    wanted = [20.0 if day % 7 == 0 else 0.0 for day in range(28)]
    assert rows.series.on_hand[mine].tolist() == wanted


def test_drawn_and_expected_losses_agree(fit: AvailabilityFit) -> None:
    drawn = fit.lost.units["category 0"][:, 0]
    error = drawn.std(ddof=1) / np.sqrt(drawn.size)
    assert fit.lost.expected.sum() == pytest.approx(drawn.mean(), abs=5 * error)


def test_steps_are_those_on_the_list_without_gaps(fit: AvailabilityFit) -> None:
    series = fit.rows.series
    assert series.days == 7
    assert set(fit.rows.reported) == {"flags", "stock", "audits"}
    assert ((series.share >= 0) & (series.share <= 1) | np.isnan(series.share)).all()
    assert series.units.sum() > 0
    for name in ("retailers", "territories", "brands"):
        assert (getattr(fit.rows, name) != "").all()


@pytest.mark.parametrize("name", [*sorted(DIMENSIONS), "week"])
def test_parts_add_up_whatever_they_are_by(
    fit: AvailabilityFit, tables: dict[str, pa.Table], name: str
) -> None:
    if name == "week":
        every = tables["availability_weeks"].to_pylist()
    else:
        every = [row for row in tables["availability_totals"].to_pylist()
                 if row["dimension"] == name]  # fmt: skip
    parts = [row for row in every if row["manufacturer"] == ""]
    (whole,) = by(fit, "category", "COFFEE")
    makers = {row["manufacturer"] for row in every} - {""}
    assert makers == set(fit.rows.makers)
    sums = () if name == "week" else ("store_items",)
    for column in (*sums, "units", "alarms", "ongoing", "lost_units", "lost_value",
                   "lost_to_brand", "lost_to_retailer"):  # fmt: skip
        assert sum(row[column] for row in parts) == pytest.approx(whole[column])
        of_makers = sum(row[column] for row in every if row["manufacturer"])
        assert of_makers == pytest.approx(whole[column])
    for row in every:
        assert 0 <= row["availability"] <= 100
        assert row["lost_units_low"] <= row["lost_units_high"]


def test_alarms_say_what_they_rest_on(fit: AvailabilityFit, tables: dict[str, pa.Table]) -> None:
    alerts = tables["availability_alerts"].to_pylist()
    assert len(alerts) == fit.outages.count
    for row in alerts:
        assert row["first_day"] < row["last_day"] + timedelta(1)
        assert row["days"] == (row["last_day"] - row["first_day"]).days + 1
        assert row["cause"] in CAUSES
        assert not row["phantom_stock"] or row["on_hand"] > 0
    assert sum(row["listed"] for row in alerts) == fit.outages.listed.sum()


@pytest.mark.parametrize("dimension", CAUSED)
def test_causes_add_up_to_the_listed_alarms(tables: dict[str, pa.Table], dimension: str) -> None:
    rows = [row for row in tables["availability_causes"].to_pylist()
            if row["dimension"] == dimension]  # fmt: skip
    listed = [row for row in tables["availability_alerts"].to_pylist() if row["listed"]]
    missed = sum(row["lost_units"] for row in listed)
    for ours in ([row for row in rows if not row["manufacturer"]],
                 [row for row in rows if row["manufacturer"]]):  # fmt: skip
        assert sum(row["alarms"] for row in ours) == len(listed)
        assert sum(row["lost_units"] for row in ours) == pytest.approx(missed)
        assert {row["cause"] for row in ours} <= set(CAUSES)


def test_sums_do_not_depend_on_how_many_are_drawn_at_a_time(
    fit: AvailabilityFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "BLOCK", fit.rows.series.size // 5)
    run = run_of_steps(fit.outages, fit.rows.series.size)
    other = lost.lost_sales(fit.shelf, run, fit.groupings.sums(fit.rows.price), fit.spec)
    for name, draws in fit.lost.units.items():
        mean, again = draws.sum(axis=1), other.units[name].sum(axis=1)
        # Other random numbers, the same distribution: means within five standard errors.
        error = np.sqrt((mean.var() + again.var()) / mean.size)
        assert again.mean() == pytest.approx(mean.mean(), abs=5 * error)
    np.testing.assert_allclose(other.mean.sum(), fit.lost.mean.sum(), rtol=0.2)
    assert other.expected.tobytes() == fit.lost.expected.tobytes()


def test_many_stores_empty_at_once_point_to_supply(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    sold = {f"S{place:02}": (1 + rng.poisson(6, 60)).tolist() for place in range(12)}
    for place in range(6):
        sold[f"S{place:02}"][30:36] = [0] * 6
    sold["S11"][10:16] = [0] * 6
    with daily(tmp_path, 60, sold) as store:
        found = fit_availability(store, store.tables(), "Milk", spec=ASKED)
    alerts = availability_tables(found)["availability_alerts"].to_pylist()
    sure = {row["store_id"]: row["cause"] for row in alerts if row["probability"] > 95}
    assert {sure[f"S{place:02}"] for place in range(6)} == {"supply"}
    assert sure["S11"] == "store"


def test_recovery_is_an_assumption_that_can_be_changed(fit: AvailabilityFit) -> None:
    loyal = Recovery(same_brand=0.0, other_brand=0.0, other_store=1.0, later=0.0, given_up=0.0)
    other = replace(fit, spec=replace(ASKED, recovery=loyal))
    (row,) = by(other, "category", "COFFEE")
    assert row["lost_to_brand"] == 0
    assert row["lost_to_retailer"] == pytest.approx(row["lost_value"])
    with pytest.raises(BadInputError, match="add up to"):
        Recovery(later=0.5)
    with pytest.raises(BadInputError, match="0 to 1"):
        Recovery(later=-0.1, given_up=0.34)


def test_a_run_holds_the_tables_with_their_passports(tmp_path: Path) -> None:
    names = {table.name for table in AVAILABILITY.tables}
    view = replace(VIEW, models=("availability",))
    with Store(tmp_path / "twin.duckdb", "twin") as opened:
        fill_twin(opened, tmp_path)
        run = refresh(opened, tmp_path / "runs", view)
    assert set(run.table_names) >= names
    assert set(run.manifest.passports) >= names
    assert {row["dimension"] for row in run.rows("availability_totals")} == set(DIMENSIONS)
