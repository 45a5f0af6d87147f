"""Simulated rows have tables of their own, a label on every row, and never meet real ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from offtake.data.contracts.contract import Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.simulated import LABEL_NAMES, Origin, ledger_label, state_label
from offtake.data.engine import EXPORTS_SUFFIXES, open_engine
from offtake.data.export import demand_schema, export_tables, read_export
from offtake.data.intake import load_file
from offtake.data.layout import LAYOUT, contracts_of
from offtake.data.ledger import export_set_aside, loads, set_aside_rows
from offtake.data.profile import ColumnRule, Profile
from offtake.data.store import Schema, Store
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError
from offtake.measures.ask import ask
from tests.library.intake_files import whole_store, write_csv, write_excel, write_parquet

LABEL = ("offtake.twin", 7, "1")
SEVEN = "simulated: offtake.twin, seed 7, version 1"
COLUMNS = ("store_id", "product_id", "week", "units", "value")
LABELLED = (*COLUMNS, *LABEL_NAMES)
Row = tuple[object, ...]


def sale(store: str, units: int, week: str = "2024-01-01") -> Row:
    return (store, "P1", week, units, 2 * units)


def simulated(folder: Path, *rows: Row, file: str = "twin.csv", label: Row = LABEL) -> Path:
    return write_csv(folder / file, LABELLED, [(*row, *label) for row in rows])


def real(folder: Path, *rows: Row, file: str = "real.csv") -> Path:
    return write_csv(folder / file, COLUMNS, rows)


def units(store: Store, *, as_of: int | None = None) -> dict[str, float]:
    answer = store.run(ask(store.tables(as_of=as_of), "sales_units", by=["store_id"]))
    return {row["store_id"]: row["value"] for row in answer.to_pylist()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with one real and two simulated rows of the same keys."""
    path = tmp_path / "both.duckdb"
    with Store(path) as store:
        load_file(store, real(tmp_path, sale("S1", 1)), as_contract="sales")
    with Store(path, "twin") as store:
        file = simulated(tmp_path, sale("S1", 10), sale("S2", 20))
        load_file(store, file, as_contract="sales")
    return path


@pytest.fixture
def twin() -> Iterator[Store]:
    with Store(":memory:", "twin") as store:
        yield store


def test_real_and_simulated_rows_of_one_file_do_not_meet(path: Path) -> None:
    with Store(path, read_only=True) as store:
        assert units(store) == {"S1": 1.0}
        assert store.tables().label == ""
    with Store(path, schema="twin", read_only=True) as store:
        assert units(store) == {"S1": 10.0, "S2": 20.0}
        assert store.tables().label == SEVEN


def test_loads_have_one_sequence_and_each_schema_its_own_ledger(path: Path) -> None:
    with Store(path, read_only=True) as store:
        assert [(one.load_id, one.schema, one.source) for one in loads(store)] == [
            (1, "main", "real.csv")
        ]
    with Store(path, "twin", read_only=True) as store:
        assert [(one.load_id, one.schema, one.source) for one in loads(store)] == [
            (2, "twin", "offtake.twin (simulated), seed 7, version 1")
        ]


def test_a_profile_may_name_the_source_of_simulated_rows(twin: Store, tmp_path: Path) -> None:
    profile = Profile(name="p", contract="sales", source="twin of May")
    done = load_file(twin, simulated(tmp_path, sale("S1", 1)), profile=profile)
    assert done.source == "twin of May"
    assert twin.tables().label == SEVEN


@pytest.mark.parametrize("name", ["twin", "history", "twin_history", "offtake"])
def test_the_name_of_the_file_does_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.duckdb"
    file = simulated(tmp_path, sale("S1", 10))
    restated = simulated(tmp_path, sale("S1", 11), file="restated.csv")
    with Store(path, "twin") as store:
        load_file(store, file, as_contract="sales")
        load_file(store, restated, as_contract="sales")
        assert (units(store), units(store, as_of=1)) == ({"S1": 11.0}, {"S1": 10.0})
    with Store(path, read_only=True) as store:
        assert store.tables().filled == {"calendar"}


@pytest.mark.parametrize("one", contracts_of("twin").values(), ids=lambda one: one.name)
def test_every_simulated_table_ends_in_the_label(twin: Store, one: Contract) -> None:
    real_columns = CONTRACTS[one.name].column_names
    assert one.column_names == (*real_columns, *LABEL_NAMES)
    assert all(one.column(name).required for name in LABEL_NAMES)
    for table in (twin.table(one.name), twin.history(one.name)):
        stored = [row[0] for row in twin.fetch(f"DESCRIBE {table}")]
        assert stored[: len(one.columns)] == list(one.column_names)
    assert twin.tables()[one.name].columns == real_columns


def test_an_empty_simulated_store_still_says_what_it_is(twin: Store) -> None:
    assert twin.tables().label == "simulated: no rows"
    assert twin.tables().filled == {"calendar"}
    weeks = [store.fetch(f"SELECT count(*) FROM {store.table('calendar')}")
             for store in (twin, Store(":memory:"))]  # fmt: skip
    assert weeks[0] == weeks[1]


def test_labels_of_several_seeds_are_all_named(twin: Store, tmp_path: Path) -> None:
    for seed in (8, 7):
        file = simulated(
            tmp_path, sale(f"S{seed}", seed), file=f"{seed}.csv", label=("offtake.twin", seed, "1")
        )
        load_file(twin, file, as_contract="sales")
    assert twin.tables().label == f"{SEVEN}; offtake.twin, seed 8, version 1"
    assert twin.tables(as_of=1).label == "simulated: offtake.twin, seed 8, version 1"


def test_very_many_seeds_are_counted() -> None:
    origins = [Origin("offtake.twin", seed, "1") for seed in range(8)]
    for label in (state_label(origins), ledger_label(origins)):
        assert label.count("seed") == 5
        assert label.endswith("; and 3 more")


@pytest.mark.parametrize("source", ["offtake.twin", "offtake.twin.placebo", ' "Offtake.Twin'])
@pytest.mark.parametrize("write", [write_csv, write_excel])
def test_simulated_rows_are_refused_among_real_ones(
    tmp_path: Path, source: str, write: Callable[..., Path]
) -> None:
    suffix = "csv" if write is write_csv else "xlsx"
    rows = [(*sale("S1", 1), "scanner"), (*sale("S2", 2), source)]
    file = write(tmp_path / f"mixed.{suffix}", (*COLUMNS, " Source"), rows)
    said = rf"^mixed\.{suffix}: column ' ?Source', row 3: got .*--simulated"
    with Store(":memory:") as store:
        before = whole_store(store)
        with pytest.raises(BadInputError, match=said) as refusal:
            load_file(store, file, as_contract="sales")
        assert whole_store(store) == before
    assert source.strip() in str(refusal.value)


def test_no_profile_gets_simulated_parquet_into_real_tables(tmp_path: Path) -> None:
    cells = [*sale("S1", 1), *LABEL]
    file = write_parquet(
        tmp_path / "t.parquet", {n: [c] for n, c in zip(LABELLED, cells, strict=True)}
    )
    rules = {name: ColumnRule(column=name) for name in COLUMNS}
    profile = Profile(name="p", contract="sales", source="scanner", columns=rules)
    for dry_run in (True, False):
        with Store(":memory:") as store:
            before = whole_store(store)
            with pytest.raises(BadInputError, match=r"'source', row 2: got 'offtake\.twin'"):
                load_file(store, file, profile=profile, dry_run=dry_run)
            assert whole_store(store) == before


@pytest.mark.parametrize("source", ["scanner", "", "not offtake.twin", "offtake"])
def test_a_real_file_may_have_a_column_source(tmp_path: Path, source: str) -> None:
    rows = [(*sale("S1", 1), source, 7, "1")]
    with Store(":memory:") as store:
        file = write_csv(tmp_path / "real.csv", LABELLED, rows)
        done = load_file(store, file, as_contract="sales")
        assert (done.loaded, done.unused_columns) == (1, LABEL_NAMES)


@pytest.mark.parametrize(
    ("label", "column", "value"),
    [
        (("", 7, "1"), "source", None),
        (("scanner", 7, "1"), "source", "scanner"),
        (("offtake.twin", "", "1"), "seed", None),
        (("offtake.twin", "x", "1"), "seed", "x"),
        (("offtake.twin", 7, ""), "version", None),
    ],
)
def test_a_row_without_its_label_is_set_aside(
    twin: Store, tmp_path: Path, label: Row, column: str, value: str | None
) -> None:
    done = load_file(twin, simulated(tmp_path, sale("S1", 1), label=label), as_contract="sales")
    assert (done.loaded, done.set_aside) == (0, 1)
    (fault,) = set_aside_rows(twin)
    assert (fault.column, fault.value) == (column, value)
    assert twin.tables().filled == {"calendar"}


def test_a_real_file_is_refused_among_simulated_rows(twin: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="'source', 'seed', 'version', which contract 'sales'"):
        load_file(twin, real(tmp_path, sale("S1", 1)), as_contract="sales")


def test_the_engine_itself_refuses_a_row_without_a_label(twin: Store) -> None:
    import duckdb

    with pytest.raises(duckdb.ConstraintException, match="NOT NULL"):
        twin.execute(f"INSERT INTO {twin.table('store')} (store_id) VALUES ('S1')")


def test_restated_simulated_rows_stay_readable(path: Path, tmp_path: Path) -> None:
    label = ("offtake.twin", 8, "2")
    with Store(path, "twin") as store:
        again = simulated(tmp_path, sale("S1", 11), file="again.csv", label=label)
        done = load_file(store, again, as_contract="sales")
        assert (done.load_id, done.replaced) == (3, 1)
        assert units(store) == {"S1": 11.0, "S2": 20.0}
        assert store.tables().label == f"{SEVEN}; offtake.twin, seed 8, version 2"
        assert units(store, as_of=2) == {"S1": 10.0, "S2": 20.0}
        assert store.tables(as_of=2).label == SEVEN
    with Store(path, read_only=True) as store:
        assert units(store) == units(store, as_of=2) == {"S1": 1.0}


def test_a_file_is_known_in_its_own_schema_only(path: Path, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "odd.csv", LABELLED, [(*sale("S9", 1), "scanner", 7, "1")])
    with Store(path) as store:
        assert load_file(store, file, as_contract="sales").loaded == 1
    with Store(path, "twin") as store:
        done = load_file(store, file, as_contract="sales")
        assert (done.already_loaded, done.set_aside) == (None, 1)


def test_references_are_checked_among_rows_of_the_same_kind(path: Path, tmp_path: Path) -> None:
    with Store(path) as store:
        load_file(store, write_csv(tmp_path / "s.csv", ["store_id"], [["S1"]]), as_contract="store")
    file = simulated(tmp_path, sale("S3", 3), file="more.csv")
    with Store(path, "twin") as store:
        done = load_file(store, file, as_contract="sales")
        assert (done.loaded, done.unchecked_references) == (1, ("product", "store"))
        stores = [("S3", *LABEL)]
        masters = write_csv(tmp_path / "ts.csv", ["store_id", *LABEL_NAMES], stores)
        load_file(store, masters, as_contract="store")
        unknown = simulated(tmp_path, sale("S1", 1, "2024-01-08"), file="unknown.csv")
        done = load_file(store, unknown, as_contract="sales")
        assert (done.set_aside, done.unchecked_references) == (1, ("product",))


def test_rows_set_aside_are_mended_in_their_own_schema(path: Path, tmp_path: Path) -> None:
    bad = simulated(tmp_path, sale("S5", -1), sale("S6", 6, "2024-01-09"), file="bad.csv")
    mend = tmp_path / "mend.csv"
    with Store(path, "twin") as store:
        load = load_file(store, bad, as_contract="sales").load_id
        export_set_aside(store, load, mend)
    with Store(path) as store:
        assert set_aside_rows(store) == []
        with pytest.raises(BadInputError, match=f"there is no load {load}; see: offtake loads$"):
            export_set_aside(store, load, mend)
        with pytest.raises(BadInputError, match="--simulated"):
            load_file(store, mend, as_contract="sales")
    mend.write_text(mend.read_text("utf-8-sig").replace("2024-01-09", "2024-01-08"))
    with Store(path, "twin") as store:
        with pytest.raises(BadInputError, match="no load 1 of simulated data"):
            export_set_aside(store, 1, mend)
        assert load_file(store, mend, as_contract="sales").loaded >= 1
        assert all(fault.row != 3 for fault in set_aside_rows(store))


def test_parts_of_one_simulated_fact_are_combined(twin: Store, tmp_path: Path) -> None:
    columns = ("store_id", "product_id", "week", "display", "feature", *LABEL_NAMES)
    row = ("S1", "P1", "2024-01-01", "true", "false")
    rows = [(*row, *LABEL), (*row[:3], "false", "true", *LABEL)]
    done = load_file(twin, write_csv(tmp_path / "p.csv", columns, rows), as_contract="promotion")
    assert done.combined == 1
    assert twin.tables().label == SEVEN


def test_an_export_keeps_the_label_in_files_and_beside_them(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with Store(path, "twin", read_only=True) as store:
        export = export_tables(store, folder)
    assert read_export(folder) == export
    assert (export.schema, export.label, export.rows["sales"]) == ("twin", SEVEN, 2)
    table = pq.read_table(folder / export.state / "sales.parquet")
    assert table.column_names[-3:] == list(LABEL_NAMES)
    assert table["source"].to_pylist() == ["offtake.twin"] * 2
    with Store(path) as store, pytest.raises(BadInputError, match="--simulated"):
        load_file(store, folder / export.state / "sales.parquet", as_contract="sales")


def test_an_export_of_real_rows_says_nothing(path: Path, tmp_path: Path) -> None:
    with Store(path, read_only=True) as store:
        export = export_tables(store, tmp_path / "out")
    assert (export.schema, export.label, export.rows["sales"]) == ("main", "", 1)
    assert pq.read_schema(
        tmp_path / "out" / export.state / "sales.parquet"
    ).names == list(CONTRACTS["sales"].column_names)  # fmt: skip


def test_tables_of_the_other_kind_are_refused_on_spark(path: Path, tmp_path: Path) -> None:
    kinds: tuple[Schema, ...] = ("main", "twin")
    for schema, other in (kinds, kinds[::-1]):
        with Store(path, schema, read_only=True) as store:
            export = export_tables(store, tmp_path / schema)
        demand_schema(export, schema, place="here")
        with pytest.raises(BadInputError, match=r"the tables in here are .*--simulated"):
            demand_schema(export, other, place="here")
    assert len(set(EXPORTS_SUFFIXES.values())) == 2


def test_an_engine_is_opened_on_one_schema(path: Path) -> None:
    with open_engine(path, schema="twin") as engine:
        assert engine.tables().label == SEVEN


def test_another_schema_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown schema 'meta'\. Allowed: main, twin"):
        Store(":memory:", "meta")  # type: ignore[arg-type]  # that is the point


def test_a_store_of_the_layout_before_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    with Store(path) as store:
        store.execute(f"UPDATE meta.layout SET version = {LAYOUT - 1}")
    said = re.escape("has store layout 1; this Offtake reads layout 2")
    with pytest.raises(UnreadableFileError, match=said):
        Store(path, "twin")
