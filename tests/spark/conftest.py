"""One Spark for all tests of the second engine: starting it costs more than all they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offtake.data.export import export_tables
from offtake.data.spark import SparkEngine, start_spark
from offtake.data.store import Store
from tests.spark.world import build_world

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The tables are tiny: compiling, by Spark and by Java, would take most of the time.
SETTINGS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}


@dataclass(frozen=True, slots=True)
class Both:
    """One state of one store on both engines."""

    store: Store
    spark: SparkEngine


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    """Start Spark once."""
    started = start_spark("local[2]", SETTINGS)
    yield started
    started.stop()


@pytest.fixture
def on_spark(session: SparkSession, tmp_path: Path) -> Callable[[Store], SparkEngine]:
    """Return a function that opens the present state of a store on Spark."""

    def opened(store: Store) -> SparkEngine:
        export_tables(store, tmp_path / "tables")
        return SparkEngine(tmp_path / "tables", session=session)

    return opened


@pytest.fixture(scope="session")
def world(session: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The made-up market on both engines."""
    folder = tmp_path_factory.mktemp("world")
    with Store(folder / "world.duckdb") as store:
        build_world(store, folder)
        export_tables(store, folder / "tables")
        yield Both(store, SparkEngine(folder / "tables", session=session))
