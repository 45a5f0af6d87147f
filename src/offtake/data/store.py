"""The only door to the engine: a DuckDB file with one table per contract.

Schema ``main`` holds the current rows of every contract, ``history`` the rows that a later file
replaced; ``twin`` and ``twin_history`` hold simulated rows in the same way, and an open store sees
one pair only. ``meta`` holds the ledger of loads and the rows set aside, ``temp`` what a load is
working on. Everything above this layer speaks Ibis expressions and gets Arrow tables back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import ibis
import pyarrow as pa

from offtake.calendars import calendar_rows
from offtake.data.contracts.contract import WEEKS, Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.registry import contract as find_contract
from offtake.data.contracts.simulated import LABEL_NAMES, Origin, state_label
from offtake.data.layout import (
    LAYOUT,
    SCHEMAS,
    Schema,
    addition,
    calendar_filling,
    contracts_of,
    creation,
    current_table,
    empty_table,
    history_schema,
    history_table,
    known_schema,
)
from offtake.errors import BadInputError, StoreBusyError, UnreadableFileError

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

DEFAULT_STORE = Path("offtake.duckdb")
MEMORY = ":memory:"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Ibis tables by contract name, as one state of the store.

    Parameters
    ----------
    by_name
        Contract name to Ibis table.
    filled
        Names of the contracts that hold at least one row.
    span
        First and last loaded Monday over sales and basket lines; None in an empty store.
    label
        Which simulation the rows come from; empty for real data.
    basket_span
        First and last loaded Monday of basket lines; None where there are none.
    """

    by_name: Mapping[str, ir.Table]
    filled: frozenset[str]
    span: tuple[date, date] | None
    label: str = ""
    basket_span: tuple[date, date] | None = None

    def __getitem__(self, name: str) -> ir.Table:
        return self.by_name[name]


def _span(store: Store, as_of: int | None, *names: str) -> tuple[date, date] | None:
    """Return the first and last Monday of some contracts; None where they hold nothing."""
    spans = " UNION ALL ".join(
        f"SELECT min(week) AS a, max(week) AS b FROM {part}"
        for name in names
        for part in store.parts(name, as_of)
    )
    first, last = store.fetch(f"SELECT min(a), max(b) FROM ({spans})")[0]
    return None if first is None else (first, last)


class Store:
    """A DuckDB file holding every contract, its history and the ledger of loads.

    Parameters
    ----------
    path
        File of the store; ``":memory:"`` keeps it in memory only.
    schema
        Which tables to work on: ``main`` for real data, ``twin`` for simulated data.
    read_only
        Open without taking the write lock: several readers may share a store.
    memory_limit
        Memory the engine may take before it spills to disk, e.g. ``"3GB"``.

    Raises
    ------
    StoreBusyError
        When another process holds the store for writing.
    UnreadableFileError
        When the file is not a store, or was laid out by another version.
    UnknownNameError
        When there is no such schema.

    Examples
    --------
    >>> with Store(":memory:") as store:
    ...     store.run(store.tables()["sales"].count().as_table()).num_rows
    1
    """

    def __init__(
        self,
        path: Path | str = DEFAULT_STORE,
        schema: Schema = "main",
        *,
        read_only: bool = False,
        memory_limit: str | None = None,
    ) -> None:
        self.path = path if path == MEMORY else Path(path)
        self.schema = known_schema(schema)
        if read_only and self.path != MEMORY and not Path(self.path).exists():
            raise UnreadableFileError(
                f"there is no store at {self.path}; load data first: offtake load FILE --as sales"
            )
        self.backend = _connect(self.path, read_only=read_only)
        self._con: duckdb.DuckDBPyConnection = self.backend.con
        self._catalog = str(self.fetch("SELECT current_database()")[0][0])
        self._settings(memory_limit)
        try:
            self._prepare(read_only=read_only)
        except BaseException:
            self.close()  # else the file stays open, and locked, for as long as the error lives
            raise

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
        """Close the file and give up its lock."""
        self.backend.disconnect()

    def _settings(self, memory_limit: str | None) -> None:
        self._con.execute("SET TimeZone = 'UTC'")
        self._con.execute("SET autoinstall_known_extensions = false")
        self._con.execute("SET enable_progress_bar = true")  # counted, not printed
        self._con.execute("SET enable_progress_bar_print = false")
        if memory_limit is not None:
            self._limit_memory(memory_limit)

    def _limit_memory(self, memory_limit: str) -> None:
        import duckdb

        try:
            self._con.execute("SET memory_limit = ?", [memory_limit])
        except duckdb.Error as error:
            self.close()
            raise BadInputError(
                f"memory_limit: got {memory_limit!r}, allowed: a size such as '3GB'"
            ) from error

    def _prepare(self, *, read_only: bool) -> None:
        known = self.fetch(
            "SELECT 1 FROM information_schema.tables "
            "WHERE table_schema = 'meta' AND table_name = 'layout'"
        )
        if not known and read_only:
            raise UnreadableFileError(f"{self.path} is a DuckDB file but not an Offtake store")
        if not known:
            self._create()
        version = self.fetch("SELECT version FROM meta.layout")[0][0]
        if version != LAYOUT:
            raise UnreadableFileError(
                f"{self.path} has store layout {version}; this Offtake reads layout {LAYOUT}"
            )
        self._absent = self._complete(read_only=read_only)

    def _complete(self, *, read_only: bool) -> frozenset[str]:
        """Add the tables of contracts newer than the store; return the contracts still absent."""
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        newer = frozenset(CONTRACTS) - {row[0] for row in self.fetch(query)}
        if read_only or not newer:
            return newer
        with self.transaction():
            self._con.execute("; ".join(addition(self._catalog, sorted(newer))))
        return frozenset()

    def _create(self) -> None:
        if self.fetch("SELECT 1 FROM information_schema.tables LIMIT 1"):
            raise UnreadableFileError(f"{self.path} is a DuckDB file but not an Offtake store")
        with self.transaction():
            for statement in creation(self._catalog):
                self._con.execute(statement)
            self._fill_calendar()

    def _fill_calendar(self) -> None:
        rows = calendar_rows(*WEEKS)
        names = CONTRACTS["calendar"].column_names
        table = pa.table({name: [getattr(row, name) for row in rows] for name in names})
        with self.registered("generated_calendar", table):
            for schema in SCHEMAS:
                self._con.execute(calendar_filling(self._catalog, schema, "generated_calendar"))

    def contract(self, name: str) -> Contract:
        """Return the contract called `name` as this store's schema keeps it.

        Raises
        ------
        UnknownNameError
            When there is no such contract.
        """
        return contracts_of(self.schema)[find_contract(name).name]

    def table(self, name: str) -> str:
        """Return the SQL name of the table with the current rows of a contract."""
        if name in self._absent:
            return empty_table(self.schema, name, "load_id")
        return current_table(self._catalog, self.schema, name)

    def history(self, name: str) -> str:
        """Return the SQL name of the table with the rows of a contract that were replaced."""
        if name in self._absent:
            return empty_table(self.schema, name, "load_id", "replaced_by")
        return history_table(self._catalog, self.schema, name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block in one transaction: all of it is kept, or nothing."""
        self._con.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        self._con.execute("COMMIT")

    @contextmanager
    def registered(self, name: str, table: pa.Table) -> Iterator[None]:
        """Let SQL see an Arrow table under `name` for the length of a block."""
        import duckdb

        self._con.register(name, table)
        try:
            yield
        finally:
            # In a failed transaction the engine refuses even this; the rollback does it instead.
            with suppress(duckdb.TransactionException):
                self._con.unregister(name)

    def execute(self, sql: str, parameters: object = None) -> None:
        """Run one SQL statement of the data layer; other layers use :meth:`run`."""
        self._con.execute(sql, parameters)

    def fetch(self, sql: str, parameters: object = None) -> list[Row]:
        """Run one SQL query of the data layer and return its rows."""
        return self._con.execute(sql, parameters).fetchall()

    def fetch_arrow(self, sql: str, parameters: object = None) -> pa.Table:
        """Run one SQL query of the data layer and return an Arrow table."""
        return self._con.sql(sql, params=parameters).to_arrow_table()

    def run(self, expression: ir.Table) -> pa.Table:
        """Evaluate an Ibis table expression.

        Parameters
        ----------
        expression
            Any expression over :meth:`tables`.

        Returns
        -------
        pyarrow.Table
            The rows of the expression.
        """
        table = self._con.sql(self.sql(expression)).to_arrow_table()
        return table.cast(expression.schema().to_pyarrow())

    def sql(self, expression: ir.Table) -> str:
        """Return the SQL that :meth:`run` would execute."""
        return str(self.backend.compile(expression))

    def tables(self, *, as_of: int | None = None) -> Tables:
        """Return the contracts as Ibis tables.

        Parameters
        ----------
        as_of
            Load id: the state right after that load. None is the current state.

        Raises
        ------
        BadInputError
            When `as_of` is not the id of a load.
        """
        if as_of is not None:
            self._check_load(as_of)
        by_name = {name: self._table(name, as_of) for name in CONTRACTS}
        filled = self.filled(as_of=as_of)
        label = self._label(filled, as_of)
        return Tables(
            MappingProxyType(by_name),
            filled,
            _span(self, as_of, "sales", "basket_line"),
            label,
            _span(self, as_of, "basket_line"),
        )

    def _check_load(self, load_id: int) -> None:
        last = self.fetch("SELECT coalesce(max(load_id), 0) FROM meta.loads")[0][0]
        if not 0 <= load_id <= last:
            raise BadInputError(f"as_of: got load {load_id}, allowed: 0 to {last}")

    def _table(self, name: str, as_of: int | None) -> ir.Table:
        hidden = ("load_id", *(() if self.schema == "main" else LABEL_NAMES))
        if name in self._absent:
            rows = f"SELECT * FROM {self.table(name)}"
            schema = ibis.Schema.from_pyarrow(self.fetch_arrow(rows).schema)
            return self.backend.sql(rows, schema=schema).drop(*hidden)
        current = self.backend.table(name, database=(self._catalog, self.schema))
        if as_of is None:
            return current.drop(*hidden)
        old = self.backend.table(name, database=(self._catalog, history_schema(self.schema)))
        seen = old.filter(old.load_id <= as_of, old.replaced_by > as_of).drop("replaced_by")
        return current.filter(current.load_id <= as_of).union(seen).drop(*hidden)

    def filled(self, *, as_of: int | None = None) -> frozenset[str]:
        """Return the names of the contracts that hold, or held after a load, at least one row."""
        probes = " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {part})"
            for name in CONTRACTS
            for part in self.parts(name, as_of)
        )
        return frozenset(row[0] for row in self.fetch(probes))

    def _label(self, filled: frozenset[str], as_of: int | None) -> str:
        if self.schema == "main":
            return ""
        # Load 0 is the calendar, which everybody has.
        origins = " UNION ".join(
            f"SELECT source, seed, version FROM (FROM {part}) WHERE load_id > 0"
            for name in sorted(filled)
            for part in self.parts(name, as_of)
        )
        return state_label([Origin(*row) for row in self.fetch(f"{origins} ORDER BY ALL")])

    def parts(self, name: str, as_of: int | None) -> list[str]:
        """Return SQL for the parts of a table that hold its rows right after a load."""
        if as_of is None:
            return [self.table(name)]
        return [
            f"{self.table(name)} WHERE load_id <= {as_of}",
            f"{self.history(name)} WHERE load_id <= {as_of} AND replaced_by > {as_of}",
        ]

    @contextmanager
    def watched(self, report: Callable[[float], None] | None) -> Iterator[None]:
        """Report the engine's own progress (0 to 100) to `report` while a block runs.

        What `report` raises ends the statement that is running, and then the block.
        """
        if report is None:
            yield
            return
        watch = _Watch(self._con, report)
        watch.start()
        try:
            yield
        finally:
            watch.done.set()
            watch.join()
            if watch.refusal is not None:
                raise watch.refusal


class _Watch(threading.Thread):
    """Reports how far the engine is, until it is done or told to stop."""

    def __init__(self, con: duckdb.DuckDBPyConnection, report: Callable[[float], None]) -> None:
        super().__init__(daemon=True)
        self.con, self.report = con, report
        self.done = threading.Event()
        self.refusal: BaseException | None = None

    def run(self) -> None:
        furthest = 0.0
        # A step is several statements, each of which starts at 0 again.
        while not self.done.wait(0.2):
            furthest = max(furthest, min(self.con.query_progress(), 100.0))
            try:
                self.report(furthest)
            except BaseException as error:  # noqa: BLE001  # raised again where the block ends
                self.refusal = error
                break
        while self.refusal is not None and not self.done.wait(0.05):
            self.con.interrupt()


def _connect(path: Path | str, *, read_only: bool) -> Backend:
    import duckdb

    try:
        return ibis.duckdb.connect(path, read_only=read_only and path != MEMORY)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise StoreBusyError(
                f"{path} is being written by another process; wait for it to finish, "
                "or stop it, and try again"
            ) from error
        raise UnreadableFileError(f"{path} is not a DuckDB file: {error}") from error
