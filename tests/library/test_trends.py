"""Emerging and fading shares: found where they are, with shares that add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.models.kernels.change_test import autocorrelated
from offtake.models.shoppers.trend_rows import SMALLER
from offtake.models.shoppers.trend_spec import TrendSpec
from offtake.models.shoppers.trend_tables import trend_tables
from offtake.models.shoppers.trends import EMERGING, FADING, ONE_OFF, STABLE, logits, trends

MONDAY = date(2023, 1, 2)
QUICK = TrendSpec(simulated=6000, draws=60)
Row = dict[str, Any]


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened


def fill(
    store: Store, units: dict[str, np.ndarray], *, first: date = MONDAY, table: str = "sales"
) -> Store:
    """Load weekly units of items of SNACKS, 10 g, 20 g ... by turns of two brands."""
    names, weeks = sorted(units), len(next(iter(units.values())))
    insert(store, "product", {
        "product_id": [*names, "Z1"],
        "brand": ["AB"[at % 2] for at in range(len(names))] + ["Z"],
        "category": ["SNACKS"] * len(names) + ["OTHER"],
        "pack_content": [10.0 * (at + 1) for at in range(len(names))] + [None],
        "pack_measure": ["g"] * (len(names) + 1),
        "is_merchandise": [True] * (len(names) + 1),
    })  # fmt: skip
    rows = [
        (name, week, float(amount))
        for name, series in {**units, "Z1": np.full(weeks, 500.0)}.items()
        for week, amount in enumerate(series)
        if amount
    ]
    days = [first + timedelta(weeks=week) for _, week, _ in rows]
    more: dict[str, list[object]] = {"date": days, "days": [7] * len(rows)}
    if table == "basket_line":
        more = {
            "date": days, "basket_id": ["B"] * len(rows), "line": list(range(len(rows))),
            "household_id": ["H"] * len(rows),
        }  # fmt: skip
    insert(store, table, {
        "store_id": ["S1"] * len(rows),
        "product_id": [name for name, _, _ in rows],
        "week": days,
        "units": [amount for _, _, amount in rows],
        "value": [2 * amount for _, _, amount in rows],
        **more,
    })  # fmt: skip
    return store


def insert(store: Store, contract: str, columns: dict[str, list[object]]) -> None:
    size = len(next(iter(columns.values())))
    with store.registered("example", pa.table({**columns, "load_id": [1] * size})):
        store.execute(f"INSERT INTO main.{contract} BY NAME SELECT * FROM example")


def market(seed: int, weeks: int = 60) -> dict[str, np.ndarray]:
    """Draw six items, and a large one, so that what one does hardly moves the others' shares.

    I2 grows from week 40 on, I3 shrinks then; I5 is large for eight weeks.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(weeks)
    mean = {f"I{at}": np.full(weeks, 200.0) for at in range(1, 7)}
    mean["I2"] *= np.where(time >= 40, 1.7, 1.0)
    mean["I3"] *= np.where(time >= 40, 0.3, 1.0)
    mean["I5"] *= np.where((time >= 20) & (time < 28), 1.9, 1.0)
    mean["I7"] = np.full(weeks, 6000.0)
    push = rng.gamma(60, 1 / 60, (len(mean), weeks))
    return {name: rng.poisson(mean[name] * push[at]) for at, name in enumerate(sorted(mean))}


def answer(store: Store, spec: TrendSpec = QUICK) -> dict[str, list[Row]]:
    found = trend_tables(store, store.tables(), "SNACKS", spec=spec)
    return {name: table.to_pylist() for name, table in found.items()}


@pytest.mark.parametrize("table", ["sales", "basket_line"])
def test_what_emerges_fades_and_comes_back_is_found_and_dated(store: Store, table: str) -> None:
    found = answer(fill(store, market(3), table=table))
    packs = {row["name"]: row for row in found["shopper_trends"] if row["dimension"] == "pack_size"}
    assert {name: row["verdict"] for name, row in packs.items()} == {
        "10 g": "stable", "20 g": "emerging", "30 g": "fading", "40 g": "stable",
        "50 g": "one-off", "60 g": "stable", "70 g": "stable",
    }  # fmt: skip
    for name in ("20 g", "30 g"):
        row = packs[name]
        assert abs((row["date"] - MONDAY).days / 7 - 40) <= 1
        assert row["date_low"] <= row["date"] <= row["date_high"]
        assert row["change_low"] <= row["change"] <= row["change_high"]
        assert row["q_value"] <= QUICK.false
        assert f"{row['date']}" in row["reading"]
    assert packs["50 g"]["changes"] == 2
    weeks = [row for row in found["shopper_trend_weeks"] if row["name"] == "20 g"]
    assert len(weeks) == 60
    assert len({round(row["fitted"], 6) for row in weeks}) == packs["20 g"]["changes"] + 1


def test_shares_add_up_in_every_dimension(store: Store) -> None:
    units = market(4)
    units["I9"] = np.full(60, 1.0)
    units["I8"] = np.tile([2.0, 0.0], 30)
    found = answer(fill(store, units))["shopper_trends"]
    dimensions = {row["dimension"] for row in found}
    assert dimensions == {"category", "brand", "pack_size"}
    for dimension in dimensions:
        mine = [row for row in found if row["dimension"] == dimension]
        for share in ("share", "share_first_weeks", "share_last_weeks"):
            assert sum(row[share] for row in mine) == pytest.approx(100)
    assert SMALLER in {row["name"] for row in found if row["dimension"] == "pack_size"}
    assert not any(isinstance(v, float) and np.isnan(v) for row in found for v in row.values())


def test_a_season_of_every_year_is_no_trend(store: Store) -> None:
    rng = np.random.default_rng(6)
    weeks = 130
    summer = 1 + ((np.arange(weeks) % 52 >= 20) & (np.arange(weeks) % 52 < 36))
    units = {
        "I1": rng.poisson(300 * rng.gamma(80, 1 / 80, weeks)),
        "I2": rng.poisson(300 * summer * rng.gamma(80, 1 / 80, weeks)),
        "I3": rng.poisson(300 * np.where(np.arange(weeks) >= 90, 2.0, 1.0)),
        "I4": rng.poisson(9000 * rng.gamma(80, 1 / 80, weeks)),
    }
    packs = {
        row["name"]: row for row in answer(fill(store, units))["shopper_trends"]
        if row["dimension"] == "pack_size"
    }  # fmt: skip
    assert packs["30 g"]["verdict"] == "emerging"
    assert abs((packs["30 g"]["date"] - MONDAY).days / 7 - 90) <= 2
    assert packs["30 g"]["change"] == pytest.approx(100, abs=25)
    assert packs["20 g"]["verdict"] == "stable"


def test_weeks_loaded_in_part_are_left_out(store: Store) -> None:
    units = market(5)
    for series in units.values():
        series[0] //= 10
    found = answer(fill(store, units))
    notes = [row["note"] for row in found["shopper_trend_notes"]]
    assert any(note.startswith("1 week at the beginning or end is left out") for note in notes)
    assert min(row["week"] for row in found["shopper_trend_weeks"]) == MONDAY + timedelta(weeks=1)
    fading = next(row for row in found["shopper_trends"] if row["name"] == "30 g")
    assert abs((fading["date"] - MONDAY).days / 7 - 40) <= 1


def test_too_few_weeks_give_shares_and_no_verdict(store: Store) -> None:
    short = {name: series[:12] for name, series in market(5).items()}
    found = answer(fill(store, short))
    assert {row["verdict"] for row in found["shopper_trends"]} == {"too few weeks"}
    assert found["shopper_trend_weeks"] == []
    assert found["shopper_trend_notes"][0]["note"].startswith("There are 12 whole weeks")
    assert sum(row["share"] for row in found["shopper_trends"]) == pytest.approx(300)


def test_one_item_alone_has_no_share_to_look_at(store: Store) -> None:
    found = answer(fill(store, {"I1": np.full(40, 50.0)}))
    assert {row["dimension"] for row in found["shopper_trends"]} == {"category"}
    assert {row["verdict"] for row in found["shopper_trends"]} == {"stable"}


def test_a_category_that_never_sold_and_empty_stores_are_refused(store: Store) -> None:
    with pytest.raises(MissingContractError, match="trends need sales or basket_line"):
        answer(store)
    fill(store, market(5))
    with pytest.raises(BadInputError, match="category: got 'TEA'"):
        trend_tables(store, store.tables(), "TEA")
    with pytest.raises(UnknownNameError, match="source of trends"):
        TrendSpec(source="visits")
    with pytest.raises(BadInputError, match="false: got 0"):
        TrendSpec(false=0.0)


def test_the_same_seed_gives_the_same_answer(store: Store) -> None:
    fill(store, market(7))
    assert answer(store) == answer(store)


def test_intervals_of_large_changes_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(9)
    size, steps, jump = 200, 52, 0.3
    at = rng.integers(10, steps - 10, size)
    noise = 0.1 * autocorrelated(rng, (size, steps), np.full(size, 0.2))
    found = trends(-2 + noise + jump * (np.arange(steps) >= at[:, None]), QUICK)
    told = found.verdict == EMERGING
    assert told.mean() > 0.9
    truth = (1 + np.exp(2)) / (1 + np.exp(2 - jump))
    ratio = (found.ratio_low <= truth) & (truth <= found.ratio_high)
    week = (found.week_low <= at) & (at <= found.week_high)
    # 80 % intervals; weeks are whole, so that those of dates hold more. Three binomial standard
    # errors of 200 are 8.5 points.
    assert ratio[told].mean() == pytest.approx(0.8, abs=0.085)
    assert week[told].mean() > 0.715


def test_single_weeks_are_no_trend() -> None:
    rng = np.random.default_rng(8)
    amounts = rng.poisson(100, (40, 52)).astype(float)
    amounts[:, 25] *= 6
    whole = np.full((40, 52), 2000.0)
    found = trends(logits(amounts, whole), QUICK)
    assert np.mean(found.verdict == STABLE) >= 0.95
    assert set(found.verdict) <= {STABLE, EMERGING, FADING, ONE_OFF}
