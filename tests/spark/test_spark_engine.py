"""Spark as a person meets it: on the command line, beside a session, with wrong folders."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from offtake.cli.main import app
from offtake.data.export import export_tables
from offtake.data.intake import load_file
from offtake.data.spark import SparkEngine
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError
from offtake.measures.ask import ask
from tests.spark.conftest import Both
from tests.spark.settings import MARKS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = MARKS


def on_spark_with(folder: str) -> dict[str, str]:
    return {"OFFTAKE_ENGINE": "spark", "OFFTAKE_SPARK_DATA": folder}


def offtake(*words: str, engine: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from offtake.cli.main import main; main()", *words],
        env={**os.environ, "OFFTAKE_ENGINE": engine},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_the_same_on_both_engines(world: Both, tmp_path: Path) -> None:
    shop = ("measure", "buyers", "--by", "brand,year", "--format", "csv", "--store")
    store = tmp_path / "shop.duckdb"
    copy = world.store.path
    assert isinstance(copy, Path)
    world.store.execute("CHECKPOINT")
    store.write_bytes(copy.read_bytes())
    here = offtake(*shop, str(store), engine="duckdb")
    there = offtake(*shop, str(store), engine="local[2]")
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    assert here.stdout.count("\n") > 10
    # Java itself announces a module that Spark asks it for; Spark adds nothing.
    said = [line for line in there.stderr.splitlines() if "incubator modules" not in line]
    assert said == []
    assert (tmp_path / "shop.tables" / "export.json").exists()


def test_tables_exported_before_need_no_store(world: Both, tmp_path: Path) -> None:
    folder = world.spark.folder.removeprefix("file://")
    words = ["measure", "sales_units", "--format", "json", "--store", str(tmp_path / "none")]
    done = CliRunner().invoke(app, words, env=on_spark_with(folder))
    units = world.store.run(ask(world.store.tables(), "sales_units"))["value"][0].as_py()
    assert f'"value": {units}' in done.stdout, done
    # Spark was running already, so the command has not stopped it.
    assert world.spark.run(world.spark.tables()["store"].count().as_table()).num_rows == 1


def test_a_folder_without_tables_is_bad_input(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["measure", "sales_units"], env=on_spark_with(str(tmp_path)))
    assert isinstance(done.exception, UnreadableFileError)
    assert str(done.exception).startswith(f"no exported tables in {tmp_path}")


def test_an_address_is_read_by_spark_itself(world: Both, session: SparkSession) -> None:
    engine = SparkEngine(world.spark.folder, session=session)
    assert engine.folder.startswith("file:///")
    assert engine.export == world.spark.export


def test_an_address_without_tables_is_named(session: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=f"no exported tables in file://{tmp_path}"):
        SparkEngine(tmp_path.as_uri(), session=session)


def test_tables_have_the_contents_and_types_of_the_store(world: Both) -> None:
    ours, theirs = world.store.tables(), world.spark.tables()
    assert set(theirs.by_name) == set(ours.by_name)
    assert (theirs.filled, theirs.span) == (ours.filled, ours.span)
    for name in ours.by_name:
        assert theirs[name].schema().to_pyarrow() == ours[name].schema().to_pyarrow(), name


def test_a_folder_may_have_spaces_and_accents_in_its_name(
    session: SparkSession, tmp_path: Path
) -> None:
    with Store(":memory:") as store:
        export_tables(store, tmp_path / "Märkte 2017")
    engine = SparkEngine(tmp_path / "Märkte 2017", session=session)
    counted = engine.run(engine.tables()["calendar"].count().as_table())
    assert counted.column(0).to_pylist() == [engine.export.rows["calendar"]]


def test_an_unknown_table_is_a_key_error(world: Both) -> None:
    with pytest.raises(KeyError, match="sails"):
        world.spark.tables()["sails"]


def test_the_session_given_is_left_as_it_was(
    session: SparkSession, on_spark: Callable[[Store], SparkEngine]
) -> None:
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    with Store(":memory:") as store, on_spark(store) as engine:
        weeks = engine.run(engine.tables()["calendar"].count().as_table())
        assert weeks.column(0).to_pylist()[0] > 3_000
    assert session.conf.get("spark.sql.session.timeZone") == "America/New_York"
    assert not session.catalog.tableExists("calendar")
    assert session.range(3).count() == 3


def test_moments_do_not_shift(world: Both) -> None:
    query = [engine.tables()["visit"].order_by("visit_id") for engine in (world.store, world.spark)]
    ours, theirs = world.store.run(query[0]), world.spark.run(query[1])
    assert ours["started"].type == pa.timestamp("us")
    assert theirs.equals(ours)


def test_a_number_that_overflows_is_an_error_on_both(world: Both) -> None:
    from duckdb import OutOfRangeException
    from pyspark.errors import ArithmeticException

    def doubled(engine: Store | SparkEngine) -> pa.Table:
        days = engine.tables()["sales"].days
        return engine.run((days * 9_000_000_000_000_000_000).name("n").as_table())

    with pytest.raises(OutOfRangeException):
        doubled(world.store)
    with pytest.raises(ArithmeticException):
        doubled(world.spark)


def test_simulated_tables_carry_their_label_and_no_other_column(
    session: SparkSession, tmp_path: Path
) -> None:
    file = tmp_path / "stores.csv"
    file.write_text("store_id,source,seed,version\nS1,offtake.twin,7,1\n")
    with Store(":memory:", "twin") as store:
        load_file(store, file, as_contract="store")
        export_tables(store, tmp_path / "tables")
        columns = store.tables()["store"].columns
    engine = SparkEngine(tmp_path / "tables", session=session, schema="twin")
    assert engine.tables().label == "simulated: offtake.twin, seed 7, version 1"
    stores = engine.run(engine.tables()["store"])
    assert (stores.column_names, stores["store_id"].to_pylist()) == (list(columns), ["S1"])
    for folder in (tmp_path / "tables", f"file://{tmp_path}/tables"):
        with pytest.raises(BadInputError, match=r"are simulated .* asked for: real"):
            SparkEngine(folder, session=session)
