"""Naming an engine, and exporting a store for the second one; Spark itself is not needed here."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.engine import open_engine, spark_master
from offtake.data.export import MANIFEST, export_tables, read_export
from offtake.data.intake import load_file
from offtake.data.spark import demand_spark
from offtake.data.store import Store
from offtake.errors import BadInputError, MissingExtraError, UnreadableFileError

SALES = "store_id,product_id,week,units,value\n"


def load_sales(store: Store, folder: Path, *lines: str) -> None:
    file = folder / "sales.csv"
    file.write_text(SALES + "".join(f"{line}\n" for line in lines))
    load_file(store, file, as_contract="sales")


def states(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != MANIFEST}


@pytest.mark.parametrize(
    ("name", "master"),
    [
        ("duckdb", None),
        ("spark", "local[*]"),
        ("local", "local[*]"),
        ("local[*]", "local[*]"),
        ("local[4]", "local[4]"),
        ("spark://head:7077", "spark://head:7077"),
        ("spark://a:7077,b:7077", "spark://a:7077,b:7077"),
    ],
)
def test_an_engine_has_a_name(name: str, master: str | None) -> None:
    assert spark_master(name) == master


@pytest.mark.parametrize(
    "name",
    ["", "Spark", "sparc", "local[0]", "local[]", "spark://head", "spark:7077", "http://a:1"],
)
def test_another_name_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(BadInputError, match="allowed: duckdb, spark, local, ") as refusal:
        spark_master(name)
    assert repr(name) in str(refusal.value)


def test_duckdb_opens_the_store_itself(tmp_path: Path) -> None:
    Store(tmp_path / "a.duckdb").close()
    with open_engine(tmp_path / "a.duckdb") as engine:
        assert isinstance(engine, Store)
        assert engine.tables().filled == {"calendar"}


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'offtake\[spark\]'"):
        demand_spark()


def test_without_java_it_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingExtraError, match=f"Java 17 or newer.*{tmp_path.name}"):
        demand_spark()


def test_an_export_holds_every_contract_with_its_columns(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_sales(store, tmp_path, "S1,P1,2017-01-02,3,9", "S1,P1,2017-01-16,1,3")
        export = export_tables(store, tmp_path / "tables")
    assert export == read_export(tmp_path / "tables")
    assert export.span == (date(2017, 1, 2), date(2017, 1, 16))
    assert export.filled == {"calendar", "sales"}
    for name, contract in CONTRACTS.items():
        file = pq.ParquetFile(tmp_path / "tables" / export.state / f"{name}.parquet")
        assert tuple(file.schema_arrow.names) == contract.column_names
        assert file.metadata.num_rows == export.rows[name]
        file.close()


def test_an_unchanged_store_is_not_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    with Store(":memory:") as store:
        load_sales(store, tmp_path, "S1,P1,2017-01-02,3,9")
        first = export_tables(store, folder)
        written = (folder / MANIFEST).stat().st_mtime_ns
        assert export_tables(store, folder) == first
    assert (folder / MANIFEST).stat().st_mtime_ns == written
    assert states(folder) == {first.state}


def test_a_new_state_keeps_the_last_one_for_its_readers_and_removes_older_ones(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "tables"
    seen = []
    with Store(":memory:") as store:
        for week in ("2017-01-02", "2017-01-09", "2017-01-16"):
            load_sales(store, tmp_path, f"S1,P1,{week},3,9")
            seen.append(export_tables(store, folder).state)
    assert len(set(seen)) == 3
    assert states(folder) == set(seen[1:])
    assert read_export(folder).state == seen[2]


def test_a_failed_export_leaves_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tables"
    with Store(":memory:") as store:
        load_sales(store, tmp_path, "S1,P1,2017-01-02,3,9")
        good = export_tables(store, folder)
        load_sales(store, tmp_path, "S1,P1,2017-01-09,3,9")
        with monkeypatch.context() as broken:
            broken.setattr(Path, "rename", _no_space)
            with pytest.raises(BadInputError, match="cannot write tables for Spark"):
                export_tables(store, folder)
        assert read_export(folder) == good
        assert states(folder) == {good.state}
        assert export_tables(store, folder) == read_export(folder) != good


def _no_space(self: Path, target: Path) -> Path:
    raise OSError(28, os.strerror(28))


def test_two_stores_with_as_many_loads_are_two_states(tmp_path: Path) -> None:
    found = set()
    for value in (9, 10):
        with Store(":memory:") as store:
            load_sales(store, tmp_path, f"S1,P1,2017-01-02,3,{value}")
            found.add(export_tables(store, tmp_path / "tables").state)
    assert len(found) == 2


def test_a_folder_without_an_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=f"no exported tables in .*{tmp_path.name}"):
        read_export(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[:-3], "is not an export"),
        (lambda text: "[]", "is not an export"),
        (lambda text: text.replace('"state"', '"stat"'), "is not an export"),
        (lambda text: text.replace('"regular_price"', '"list_price"'), "another version"),
        (lambda text: json.dumps({**json.loads(text), "layout": 0}), "another version"),
    ],
)
def test_a_manifest_that_is_damaged_or_of_another_version_is_refused(
    tmp_path: Path, change: object, words: str
) -> None:
    with Store(":memory:") as store:
        export_tables(store, tmp_path)
    manifest = tmp_path / MANIFEST
    assert callable(change)
    manifest.write_text(change(manifest.read_text()))
    with pytest.raises(UnreadableFileError, match=words):
        read_export(tmp_path)
