"""A store made before a contract existed: it reads as empty, and gains the tables on writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.export import export_tables
from offtake.data.intake import load_file
from offtake.data.layout import SCHEMAS, Schema
from offtake.data.store import Store
from tests.library.intake_files import whole_store, write_csv

NEWER = ("promotion_cost", "unit_margin", "stockout_response", "message_recall")


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A store without the newer tables, with a row of each kind in those it has."""
    path = tmp_path / "before.duckdb"
    with Store(path) as store:
        file = write_csv(tmp_path / "p.csv", ["product_id"], [["P1"]])
        load_file(store, file, as_contract="product")
        for schema in ("main", "history", "twin", "twin_history"):
            for name in NEWER:
                store.execute(f"DROP TABLE {schema}.{name}")
    return path


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("as_of", [None, 1])
def test_it_is_read_as_if_they_were_empty(before: Path, schema: Schema, as_of: int | None) -> None:
    with Store(before, schema, read_only=True) as store:
        tables = store.tables(as_of=as_of)
        assert set(tables.by_name) == set(CONTRACTS)
        assert not tables.filled & set(NEWER)
        for name in NEWER:
            assert tables[name].columns == CONTRACTS[name].column_names
            assert store.run(tables[name]).num_rows == 0


def test_an_expression_may_join_what_is_not_there(before: Path) -> None:
    with Store(before, read_only=True) as store:
        tables = store.tables()
        asked = tables["product"].left_join(tables["unit_margin"], "product_id")
        assert store.run(asked.select("product_id", "margin")).to_pylist() == [
            {"product_id": "P1", "margin": None}
        ]


def test_it_can_be_exported(before: Path, tmp_path: Path) -> None:
    with Store(before, read_only=True) as store:
        export = export_tables(store, tmp_path / "out")
    assert {export.rows[name] for name in NEWER} == {0}
    assert (tmp_path / "out" / export.state / "unit_margin.parquet").is_file()


def test_reading_leaves_the_file_alone_and_writing_adds_the_tables(
    before: Path, tmp_path: Path
) -> None:
    with Store(before, read_only=True) as store:
        held = whole_store(store)
    assert not {name for name in held if name.endswith(NEWER)}
    with Store(before) as store:
        file = write_csv(tmp_path / "c.csv", ["promotion_id", "fixed_cost"], [["E1", "5"]])
        assert load_file(store, file, as_contract="promotion_cost").loaded == 1
    with Store(before, "twin", read_only=True) as store:
        assert store.fetch(f"SELECT count(*) FROM {store.table('promotion_cost')}") == [(0,)]
        now = whole_store(store)
    assert set(now) - set(held) == {
        f"{schema}.{name}"
        for schema in ("main", "history", "twin", "twin_history")
        for name in NEWER
    }
    assert {name for name in held if held[name] != now[name]} == {"meta.loads"}
