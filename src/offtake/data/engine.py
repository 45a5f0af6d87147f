"""Engines: what evaluates an expression, and how one is named.

The store's own engine is DuckDB. The same expressions run on Spark, for tables that outgrow one
machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from offtake.data.layout import Schema
from offtake.data.store import Store, Tables
from offtake.errors import BadInputError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

DUCKDB = "duckdb"
ALLOWED = "duckdb, spark, local, local[N], spark://HOST:PORT"
EXPORTS_SUFFIXES: Mapping[Schema, str] = MappingProxyType(
    {"main": ".tables", "twin": ".twin.tables"}
)
_HERE = re.compile(r"local(\[(\*|[1-9]\d*)\])?")
_CLUSTER = re.compile(r"spark://[^\s/:,]+:\d+(,[^\s/:,]+:\d+)*")


class Engine(Protocol):
    """Tables of one state, and the evaluation of expressions over them."""

    def tables(self) -> Tables:
        """Return the contracts as Ibis tables."""

    def run(self, expression: ir.Table) -> pa.Table:
        """Evaluate an expression over :meth:`tables`."""

    def close(self) -> None:
        """Give up what the engine holds."""

    def __enter__(self) -> Self:
        """Return the engine itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine."""


def spark_master(name: str) -> str | None:
    """Return the Spark master that an engine's name stands for; None is DuckDB.

    Parameters
    ----------
    name
        ``duckdb``; ``spark`` or ``local`` for Spark on all cores of this machine; ``local[N]``
        for N of them; ``spark://HOST:PORT`` for a cluster.

    Raises
    ------
    BadInputError
        For any other name.

    Examples
    --------
    >>> spark_master("duckdb"), spark_master("spark"), spark_master("local[2]")
    (None, 'local[*]', 'local[2]')
    """
    if name == DUCKDB:
        return None
    if name in ("spark", "local"):
        return "local[*]"
    if _HERE.fullmatch(name) or _CLUSTER.fullmatch(name):
        return name
    raise BadInputError(f"engine: got {name!r}, allowed: {ALLOWED}")


def open_engine(
    store: Path | str,
    *,
    name: str = DUCKDB,
    spark_data: str | None = None,
    schema: Schema = "main",
) -> Engine:
    """Open a store for reading, on the engine of that name.

    Parameters
    ----------
    store
        File of the store.
    name
        As :func:`spark_master` reads it.
    spark_data
        Folder or address of tables exported before, which Spark reads as they are: the store is
        then not opened at all. Without it Spark reads an export beside the store, which is brought
        up to date first.
    schema
        Which tables: ``main`` for real data, ``twin`` for simulated data.

    Returns
    -------
    Engine
        To be closed after use; a ``with`` block does it.

    Raises
    ------
    BadInputError
        When no engine has that name, or the exported tables are of the other schema.
    MissingExtraError
        When Spark is asked for and PySpark or Java is not installed.
    UnreadableFileError
        When there is no such store or export.
    """
    master = spark_master(name)
    if master is None:
        return Store(store, schema, read_only=True)
    from offtake.data.spark import SparkEngine, demand_spark

    demand_spark()
    folder = spark_data or str(_exported(Path(store), schema))
    return SparkEngine(folder, master=master, schema=schema)


def _exported(store: Path, schema: Schema) -> Path:
    from offtake.data.export import export_tables

    folder = store.with_suffix(EXPORTS_SUFFIXES[schema])
    with Store(store, schema, read_only=True) as opened:
        export_tables(opened, folder)
    return folder
