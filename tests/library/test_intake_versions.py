"""Loading again, restated files, and the vintages that stay readable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import loads
from offtake.data.profile import Profile
from offtake.data.store import Store
from tests.library.intake_files import (
    SALES,
    WEEK,
    demand_balance,
    faults,
    load_masters,
    whole_store,
    write_csv,
    write_parquet,
)

FIRST = [("S1", "P1", WEEK, 1, 1.5), ("S2", "P1", WEEK, 2, 2.5), ("S3", "P1", WEEK, "x", 1)]
SECOND = [("S1", "P1", WEEK, 10, 1.5), ("S2", "P1", WEEK, 2, 2.5), ("S4", "P1", WEEK, 4, 4)]
THIRD = [("S1", "P1", WEEK, 100, 1.5)]


def units(store: Store, *, as_of: int | None = None) -> dict[str, float]:
    rows = store.run(store.tables(as_of=as_of)["sales"]).to_pylist()
    assert len({row["store_id"] for row in rows}) == len(rows)
    return {row["store_id"]: row["units"] for row in rows}


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", SALES, FIRST)
    with Store(tmp_path / "s.duckdb") as store:
        load_file(store, file, as_contract="sales")
        before = whole_store(store)
        again = load_file(store, file, as_contract="sales")
        assert (again.load_id, again.already_loaded, again.loaded) == (0, 1, 0)
        demand_balance(again)
        assert whole_store(store) == before


def test_the_same_rows_under_another_name_are_duplicates(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", SALES, FIRST[:2])
    other = write_csv(tmp_path / "b.csv", SALES[::-1], [row[::-1] for row in FIRST[:2]])
    copy = Path(shutil.copy(file, tmp_path / "copy.csv"))
    with Store(":memory:") as store:
        load_file(store, file, as_contract="sales")
        assert load_file(store, copy, as_contract="sales").duplicate == 2
        done = load_file(store, other, as_contract="sales")
        assert (done.duplicate, done.loaded, done.replaced) == (2, 0, 0)
        assert store.fetch("SELECT count(*) FROM history.sales") == [(0,)]


def test_restated_rows_replace_by_key_and_old_vintages_stay(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        for number, rows in enumerate((FIRST, SECOND, THIRD), start=1):
            file = write_csv(tmp_path / f"{number}.csv", SALES, rows)
            done = load_file(store, file, as_contract="sales")
            demand_balance(done)
        assert (done.loaded, done.replaced) == (1, 1)
        assert [load.replaced for load in loads(store)] == [0, 1, 1]
        assert units(store, as_of=0) == {}
        assert units(store, as_of=1) == {"S1": 1, "S2": 2}
        assert units(store, as_of=2) == {"S1": 10, "S2": 2, "S4": 4}
        assert units(store, as_of=3) == units(store) == {"S1": 100, "S2": 2, "S4": 4}


def test_a_vintage_knows_what_it_held_when_all_of_it_was_replaced(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST[:1]), as_contract="sales")
        load_file(store, write_csv(tmp_path / "2.csv", SALES, THIRD), as_contract="sales")
        old = store.tables(as_of=1)
        assert "sales" in old.filled
        assert old.span is not None
        assert store.tables(as_of=0).span is None


def test_the_older_file_again_does_not_undo_a_restatement(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "1.csv", SALES, FIRST)
    with Store(":memory:") as store:
        load_file(store, first, as_contract="sales")
        load_file(store, write_csv(tmp_path / "2.csv", SALES, SECOND), as_contract="sales")
        before = whole_store(store)
        assert load_file(store, first, as_contract="sales").loaded == 0
        assert whole_store(store) == before


def test_rows_that_waited_for_masters_are_picked_up(tmp_path: Path) -> None:
    rows = [("S1", "P1", WEEK, 1, 1), ("S70", "P1", WEEK, 7, 7), ("S71", "P1", WEEK, "x", 7)]
    file = write_csv(tmp_path / "a.csv", SALES, rows)
    with Store(":memory:") as store:
        load_masters(store, tmp_path, stores=50)
        assert load_file(store, file, as_contract="sales").set_aside == 2
        load_masters(store, tmp_path, stores=71)
        again = load_file(store, file, as_contract="sales")
        demand_balance(again)
        assert (again.loaded, again.duplicate, again.set_aside) == (1, 1, 1)
        assert units(store) == {"S1": 1, "S70": 7}
        assert faults(store) == [(4, "store_id", "S71"), (4, "units", "x")]
        load_masters(store, tmp_path, stores=72)
        before = whole_store(store)
        assert load_file(store, file, as_contract="sales").load_id == 0
        assert whole_store(store) == before


def test_another_mapping_of_the_same_file_is_another_load(tmp_path: Path) -> None:
    from offtake.data.profile import ColumnRule

    file = write_csv(tmp_path / "a.csv", SALES, FIRST[:1])
    thousands = Profile(
        name="t", contract="sales", columns={"units": ColumnRule(column="units", scale=1000)}
    )
    with Store(":memory:") as store:
        load_file(store, file, as_contract="sales")
        assert load_file(store, file, profile=thousands).replaced == 1
        assert units(store) == {"S1": 1000}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_many_rows_restated(tmp_path: Path, kind: str) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    n = 200_000
    ids = np.arange(n)
    columns = {
        "store_id": np.char.add("S", (ids % 1000).astype(str)),
        "product_id": np.char.add("P", (ids // 1000).astype(str)),
        "week": np.full(n, WEEK),
        "units": ids % 9,
    }

    def file(name: str) -> Path:
        path = tmp_path / f"{name}.{kind}"
        if kind == "parquet":
            return write_parquet(path, columns)
        pa.csv.write_csv(pa.table({k: pa.array(v) for k, v in columns.items()}), path)
        return path

    with Store(tmp_path / "s.duckdb") as store:
        done = load_file(store, file("a"), as_contract="sales")
        assert (done.rows_in, done.loaded) == (n, n)
        columns["units"] = np.where(ids % 10 == 0, 77, columns["units"])
        again = load_file(store, file("b"), as_contract="sales")
        assert (again.replaced, again.duplicate) == (n // 10, n - n // 10)
        found = store.fetch("SELECT count(*), sum(units) FROM sales")
        assert found == [(n, columns["units"].sum())]


PARTS = ("store_id", "product_id", "week", "display", "feature", "display_location")


def test_parts_of_one_fact_are_combined_and_stay_known(tmp_path: Path) -> None:
    rows = [
        ("S1", "P1", WEEK, "true", "false", "rear"),
        ("S2", "P1", WEEK, "true", "false", "rear"),
        ("S1", "P1", WEEK, "true", "true", "front"),
        ("S1", "P1", WEEK, "true", "false", "rear"),
    ]
    with Store(":memory:") as store:
        done = load_file(store, write_csv(tmp_path / "a.csv", PARTS, rows), as_contract="promotion")
        demand_balance(done)
        assert (done.loaded, done.combined, done.duplicate) == (2, 1, 1)
        again = load_file(
            store, write_csv(tmp_path / "b.csv", PARTS, rows[::-1]), as_contract="promotion"
        )
        demand_balance(again)
        assert (again.loaded, again.replaced, again.set_aside) == (0, 0, 0)
        restated = write_csv(tmp_path / "c.csv", PARTS, rows[:1])
        assert load_file(store, restated, as_contract="promotion").replaced == 1
        wanted = "SELECT feature, display_location FROM {} WHERE store_id = 'S1'"
        assert store.fetch(wanted.format("main.promotion")) == [(False, "rear")]
        assert store.fetch(wanted.format("history.promotion")) == [(True, "front+rear")]
