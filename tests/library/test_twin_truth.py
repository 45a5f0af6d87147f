"""What is stored as truth is what the rows of the twin show."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offtake.data.lock import held
from offtake.data.store import Store
from offtake.errors import BadInputError, StoreBusyError
from offtake.measures.ask import ask
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.market import shelf as shelves
from offtake.twin.market.world import make_world
from offtake.twin.spec import EFFECTS, TwinSpec
from offtake.twin.truth import read_truth

SPEC = TwinSpec(
    stores=40, weeks=40, seed=21, items=8, categories=("BAG SNACKS", "COFFEE"), households=100,
    respondents=40, stock_weeks=6, truth="rows",
)  # fmt: skip
OFF = replace(SPEC, without=frozenset(EFFECTS))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin") / "on"
    # Several blocks to a retailer, so that what adds up over blocks is added up.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelves, "CELLS", 4 * SPEC.items * SPEC.weeks)
        build(SPEC, folder)
    return folder


@pytest.fixture(scope="module")
def off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin") / "off"
    build(OFF, folder)
    return folder


def rows(folder: Path, table: str) -> list[dict[str, object]]:
    files = sorted((folder / "tables" / table).iterdir())
    return pa.concat_tables(
        [pq.read_table(f) for f in files], promote_options="default"
    ).to_pylist()


def test_a_display_is_agreed_with_the_stores_that_have_it_in_their_plan(twin: Path) -> None:
    planned, seen = set(), defaultdict(dict)
    for row in rows(twin, "promotion"):
        key = (row["promotion_id"], row["store_id"])
        if row["status"] == "planned" and row["display"]:
            planned.add(key)
        if row["status"] == "observed" and row["display"]:
            week = seen[key]
            week[row["week"]] = max(week.get(row["week"], 0), row["display_days"])
    told = {
        (r["promotion_id"], r["store_id"]): r for r in read_truth(twin, "execution").to_pylist()
    }
    assert set(told) == planned
    assert {key for key, row in told.items() if row["reached"]} == set(seen)
    for key, row in told.items():
        # An item delisted before the display came down leaves days that nobody sees.
        assert row["days_stood"] >= sum(seen[key].values())
        assert row["days_stood"] <= row["days_agreed"]
    whole = [row["days_stood"] == sum(seen[key].values()) for key, row in told.items()]
    assert np.mean(whole) > 0.97


def test_an_event_counts_the_stores_it_was_agreed_with(twin: Path) -> None:
    stores, shown = defaultdict(set), defaultdict(set)
    for row in rows(twin, "promotion"):
        if row["status"] == "planned":
            stores[row["promotion_id"]].add(row["store_id"])
        elif row["display"]:
            shown[row["promotion_id"]].add(row["store_id"])
    told = read_truth(twin, "event").to_pylist()
    assert len({row["promotion_id"] for row in told}) == len(told), "one row for each"
    for row in told:
        assert row["stores"] == len(stores[row["promotion_id"]])
        assert row["stores_displayed"] == len(shown[row["promotion_id"]])


def test_truth_that_blocks_share_has_one_row_for_each_key(twin: Path) -> None:
    told = read_truth(twin, "effect").to_pylist()
    keys = [(row["effect"], row["region"], row["product_id"]) for row in told]
    assert len(set(keys)) == len(keys)


def test_outages_of_a_shelf_neither_overlap_nor_pass_the_end(twin: Path) -> None:
    by_shelf = defaultdict(list)
    for row in read_truth(twin, "outage").to_pylist():
        start = (row["start"] - SPEC.first_week).days + row["start_share_of_day"]
        by_shelf[row["store_id"], row["product_id"]].append((start, start + row["days"]))
    assert by_shelf
    for runs in by_shelf.values():
        runs.sort()
        assert runs[-1][1] <= 7 * SPEC.weeks + 1e-9
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(runs))


def test_wrong_records_are_those_where_the_record_lies(twin: Path) -> None:
    wrong = {
        (row["store_id"], row["product_id"], row["date"])
        for row in read_truth(twin, "wrong_record").to_pylist()
    }
    empty = [row for row in rows(twin, "stock") if row["hours_available"] == 0]
    assert empty
    for row in empty:
        phantom = row["on_hand"] > 0
        assert phantom == ((row["store_id"], row["product_id"], row["date"]) in wrong)


def test_what_was_reached_is_what_was_sold(twin: Path) -> None:
    own = {row["product_id"] for row in rows(twin, "product") if row["manufacturer"] == "Alder"}
    sold = sum(row["value"] for row in rows(twin, "sales") if row["product_id"] in own)
    actual = sum(row["actual"] for row in rows(twin, "target") if row["level"] == "company")
    assert actual == pytest.approx(sold, rel=1e-9)  # the same cents in another order


def test_a_world_without_effects_claims_none(off: Path) -> None:
    assert max(read_truth(off, "media")["log_effect"].to_pylist(), default=0) == 0
    assert max(read_truth(off, "media_channel")["coefficient"].to_pylist(), default=0) == 0
    assert set(read_truth(off, "pull")["value"].to_pylist()) == {0.0}
    calendar = read_truth(off, "calendar")
    assert set(calendar["season"].to_pylist()) == set(calendar["holidays"].to_pylist()) == {0.0}
    items = read_truth(off, "item")
    for name in ("elasticity_regular", "elasticity_promoted", "display", "feature", "trend"):
        assert set(np.abs(items[name].to_numpy())) == {0.0}, name
    brands = np.array(read_truth(off, "event")["brand"].to_pylist())
    assert all(brand.startswith("Alder") for brand in brands)
    assert set(np.abs(read_truth(off, "effect")["units"].to_numpy())) == {0.0}


def test_leaving_competitors_out_does_not_touch_our_out_of_stocks() -> None:
    without = replace(SPEC, without=frozenset({"competitor_actions"}))
    assert np.array_equal(make_world(SPEC).outage_hazard, make_world(without).outage_hazard)


def test_two_twins_are_not_mixed_in_one_store(twin: Path, off: Path) -> None:
    with Store(":memory:", schema="twin") as store:
        load_twin(store, twin)
        first = store.run(ask(store.tables(), "sales_units"))["value"][0].as_py()
        with pytest.raises(BadInputError, match="holds another simulation"):
            load_twin(store, off)
        assert store.run(ask(store.tables(), "sales_units"))["value"][0].as_py() == first
        load_twin(store, off, replace="others")
        sold = sum(row["units"] for row in rows(off, "sales"))
        assert store.run(ask(store.tables(), "sales_units"))["value"][0].as_py() == sold


def test_two_builds_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with held(tmp_path / ".busy.lock"), pytest.raises(StoreBusyError, match="another process"):
        build(SPEC, tmp_path / "busy")


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(BadInputError, match="allowed: a folder to write to"):
        build(SPEC, tmp_path / "file" / "deeper")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"categories": ("COFFEE", "COFFEE")}, "each once"),
        (
            {"first_week": SPEC.first_week.replace(year=2060, month=1, day=5), "weeks": 60},
            "weeks from",
        ),
        ({"first_week": SPEC.first_week.replace(year=9998, month=1, day=5)}, "weeks from"),
    ],
)
def test_a_world_that_could_not_be_loaded_is_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        replace(SPEC, **given)  # type: ignore[arg-type]  # whatever is given
