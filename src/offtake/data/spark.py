"""The second engine: Spark reads exported tables and runs the same expressions."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from offtake.data.contracts.contract import ColumnType
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.export import MANIFEST, Export, demand_schema, parse_export, read_export
from offtake.data.layout import Schema
from offtake.data.store import Tables
from offtake.errors import BadInputError, MissingExtraError, UnreadableFileError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.pyspark import Backend
    from pyspark.sql import SparkSession

LOOPBACK = "127.0.0.1"
SPARK_TYPES: dict[ColumnType, str] = {
    "text": "STRING",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP_NTZ",
}
# What decides about values, whatever the machine or the cluster prefers: no time zone but UTC,
# and an error, as in DuckDB, where a number overflows or a text is not a number.
_VALUES: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}


class SparkEngine:
    """Spark over the tables that ``export_tables`` wrote.

    Only answers come back to this process; all tables stay with Spark.

    Parameters
    ----------
    folder
        Folder of exports, or its address (``hdfs://...``, ``s3a://...``) where Spark can read it.
    master
        ``local[N]`` or ``spark://HOST:PORT``; not used when Spark runs in this process already.
    session
        A session to work beside, with its cluster and credentials. It is neither changed nor
        stopped.
    settings
        Further Spark settings, e.g. ``{"spark.driver.memory": "8g"}``.
    schema
        Which tables the folder must hold: ``main`` for real data, ``twin`` for simulated data.

    Raises
    ------
    MissingExtraError
        When PySpark or Java is not installed.
    UnreadableFileError
        When the folder holds no export.
    BadInputError
        When Spark cannot be started, or the tables are of the other schema.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        master: str = "local[*]",
        session: SparkSession | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        schema: Schema = "main",
    ) -> None:
        demand_spark()
        local = None if "://" in str(folder) else read_export(folder)
        if local is not None:
            demand_schema(local, schema, place=str(folder))
        self._stops = session is None and not _running()
        root = session or start_spark(master, settings)
        self._session: SparkSession = root.newSession()
        for key, value in _VALUES.items():
            self._session.conf.set(key, value)
        # Not as_uri(): Spark would take %20 for three letters.
        self.folder = str(folder) if local is None else f"file://{Path(folder).resolve()}"
        self.export: Export = local or _read_remote(self._session, self.folder)
        demand_schema(self.export, schema, place=self.folder)
        self._backend = _connect(self._session)
        self._tables = Tables(
            _Views(self._read),
            self.export.filled,
            self.export.span,
            self.export.label,
            self.export.basket_span,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop Spark, unless it was running before this engine was made."""
        if self._stops:
            self._session.stop()

    def tables(self) -> Tables:
        """Return the contracts as Ibis tables of the exported state."""
        return self._tables

    def run(self, expression: ir.Table) -> pa.Table:
        """Evaluate an Ibis table expression over :meth:`tables`.

        Parameters
        ----------
        expression
            Any expression that a measure, the panel or a caller builds.

        Returns
        -------
        pyarrow.Table
            The rows of the expression, with the types that the expression states.
        """
        table = self._session.sql(self.sql(expression)).toArrow()
        return table.cast(expression.schema().to_pyarrow())

    def sql(self, expression: ir.Table) -> str:
        """Return the SQL that :meth:`run` would execute."""
        return str(self._backend.compile(expression))

    def _read(self, name: str) -> ir.Table:
        columns = CONTRACTS[name].columns
        schema = ", ".join(f"`{c.name}` {SPARK_TYPES[c.type]}" for c in columns)
        file = f"{self.folder}/{self.export.state}/{name}.parquet"
        self._session.read.schema(schema).parquet(file).createOrReplaceTempView(name)
        return self._backend.table(name)


class _Views(Mapping[str, "ir.Table"]):
    """The contracts, each found by Spark when it is first asked for: most questions need few."""

    def __init__(self, read: Callable[[str], ir.Table]) -> None:
        self._read, self._known = read, dict[str, "ir.Table"]()

    def __getitem__(self, name: str) -> ir.Table:
        if name not in CONTRACTS:
            raise KeyError(name)
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(CONTRACTS)

    def __len__(self) -> int:
        return len(CONTRACTS)


def demand_spark() -> None:
    """Make sure that PySpark and Java are there.

    Raises
    ------
    MissingExtraError
        When one of them is not; the message says how to get it.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise MissingExtraError(
            "the Spark engine needs PySpark, which is not installed: pip install 'offtake[spark]'"
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise MissingExtraError(f"the Spark engine needs Java 17 or newer; there is none {where}")


def _running() -> bool:
    from pyspark import SparkContext

    return SparkContext._active_spark_context is not None


def start_spark(
    master: str = "local[*]", settings: Mapping[str, str] = MappingProxyType({})
) -> SparkSession:
    """Start Spark, or return the session of the Spark that runs in this process as it is.

    Parameters
    ----------
    master
        ``local[N]`` or ``spark://HOST:PORT``.
    settings
        Further Spark settings.

    Raises
    ------
    BadInputError
        When Spark cannot be started.
    """
    from pyspark.sql import SparkSession

    if _running():
        return SparkSession.builder.getOrCreate()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("offtake")
    for key, value in {**_defaults(master), **settings}.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise BadInputError(f"Spark could not be started at {master}: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """Return what Java said, in one line; of its errors Python's own line says only where."""
    said = str(error).strip().split("\n: ", maxsplit=1)[-1]
    return said.partition("\n")[0]


def _defaults(master: str) -> dict[str, str]:
    """Return the settings of a fresh Spark: quiet, and on this machine it keeps to loopback."""
    quiet = Path(__file__).with_name("spark_log4j2.properties").as_uri()
    common = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={quiet}",
    }
    if not master.startswith("local"):
        return common
    return {
        **common,
        # The default of 200 suits a cluster; here each part is a file and a task for nothing.
        "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.host": LOOPBACK,
    }


def _connect(session: SparkSession) -> Backend:
    import ibis

    from offtake.data.spark_sql import SparkSql

    backend: Any = ibis.pyspark.connect(session)
    backend.compiler = SparkSql()
    return backend


def _read_remote(session: SparkSession, folder: str) -> Export:
    from pyspark.errors import PySparkException

    try:
        rows = session.read.text(f"{folder}/{MANIFEST}", wholetext=True).collect()
    except PySparkException as error:
        raise UnreadableFileError(f"no exported tables in {folder}: {error}") from error
    return parse_export(rows[0][0], place=folder)
