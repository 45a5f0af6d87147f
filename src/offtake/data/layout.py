"""How a store is laid out: its schemas and the SQL that makes its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Literal, get_args

from offtake.data.contracts.contract import SQL_TYPES, Column, Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.simulated import LABEL_COLUMNS, SIMULATED_PREFIX, labelled
from offtake.data.expressions import literal, name
from offtake.errors import UnknownNameError

Schema = Literal["main", "twin"]
"""Real data, or simulated data; a row of one is never a row of the other."""

LAYOUT = 2
"""Raised where tables that a store already has must change. A new contract does not raise it: its
tables are added when the store is next opened for writing, and until then they read as empty."""
SCHEMAS: tuple[Schema, ...] = get_args(Schema)
_HISTORY: Mapping[Schema, str] = MappingProxyType({"main": "history", "twin": "twin_history"})
_CONTRACTS: Mapping[Schema, Mapping[str, Contract]] = MappingProxyType(
    {
        "main": CONTRACTS,
        "twin": MappingProxyType({key: labelled(one) for key, one in CONTRACTS.items()}),
    }
)
_META_DDL = (
    "CREATE SCHEMA meta",
    "CREATE TABLE meta.layout (version INTEGER)",
    f"INSERT INTO meta.layout VALUES ({LAYOUT})",
    """CREATE TABLE meta.loads (
        load_id INTEGER, "schema" VARCHAR, contract VARCHAR, file VARCHAR, file_hash VARCHAR,
        profile VARCHAR, profile_hash VARCHAR, source VARCHAR, rows_in BIGINT, loaded BIGINT,
        replaced BIGINT, set_aside BIGINT, duplicate BIGINT, combined BIGINT,
        unused_columns VARCHAR[], unchecked_references VARCHAR[], dialect VARCHAR,
        started TIMESTAMP, seconds DOUBLE, code_version VARCHAR)""",
    """CREATE TABLE meta.set_aside (
        load_id INTEGER, "schema" VARCHAR, entry BIGINT, contract VARCHAR, file VARCHAR,
        "row" BIGINT, "column" VARCHAR, "value" VARCHAR, reason VARCHAR,
        faults STRUCT("column" VARCHAR, "value" VARCHAR, reason VARCHAR)[],
        raw VARCHAR, resolved_by INTEGER, place BIGINT, origin_load INTEGER,
        origin_entry BIGINT)""",
)


def known_schema(schema: str) -> Schema:
    """Return the schema of that name.

    Raises
    ------
    UnknownNameError
        For any other name.

    Examples
    --------
    >>> known_schema("twin")
    'twin'
    """
    for known in SCHEMAS:
        if schema == known:
            return known
    raise UnknownNameError("schema", schema, SCHEMAS)


def contracts_of(schema: Schema) -> Mapping[str, Contract]:
    """Return the contracts of a schema by name; those of ``twin`` have the label columns too.

    Examples
    --------
    >>> contracts_of("twin")["store"].column_names[-3:]
    ('source', 'seed', 'version')
    """
    return _CONTRACTS[schema]


def current_table(catalog: str, schema: Schema, contract: str) -> str:
    """Return the SQL name of the table that holds a contract's current rows.

    The catalogue is always named: a store in the file ``twin.duckdb`` is a catalogue ``twin``,
    and ``twin.sales`` could then mean two things.

    Examples
    --------
    >>> current_table("offtake", "twin", "sales")
    '"offtake".twin.sales'
    """
    return f"{name(catalog)}.{schema}.{contract}"


def history_table(catalog: str, schema: Schema, contract: str) -> str:
    """Return the SQL name of the table that holds the rows a later file replaced.

    Examples
    --------
    >>> history_table("offtake", "twin", "sales")
    '"offtake".twin_history.sales'
    """
    return f"{name(catalog)}.{_HISTORY[schema]}.{contract}"


def history_schema(schema: Schema) -> str:
    """Return the name of the schema with the history of `schema`."""
    return _HISTORY[schema]


def empty_table(schema: Schema, contract: str, *ledger: str) -> str:
    """Return SQL that stands for a contract's table in a store that was made before it.

    Parameters
    ----------
    schema, contract
        Which table.
    ledger
        Columns of the ledger at its end, such as ``load_id``.

    Examples
    --------
    >>> empty_table("main", "campaign_contact", "load_id")  # doctest: +ELLIPSIS
    '(SELECT NULL::VARCHAR AS "campaign_id", ... NULL::INTEGER AS "load_id" WHERE false)'
    """
    types = {c.name: SQL_TYPES[c.type] for c in contracts_of(schema)[contract].columns}
    types |= dict.fromkeys(ledger, "INTEGER")
    columns = ", ".join(f"NULL::{kind} AS {name(column)}" for column, kind in types.items())
    return f"(SELECT {columns} WHERE false)"


def creation(catalog: str) -> Iterator[str]:
    """Give the statements that make every table of a new store."""
    yield from _META_DDL
    for schema in SCHEMAS:
        if schema != "main":  # every file has that one
            yield f"CREATE SCHEMA {name(schema)}"
        yield f"CREATE SCHEMA {name(_HISTORY[schema])}"
    yield from addition(catalog, CONTRACTS)


def addition(catalog: str, contracts: Iterable[str]) -> Iterator[str]:
    """Give the statements that make the tables of some contracts, in every schema."""
    for schema, contract in product(SCHEMAS, contracts):
        columns = ", ".join(_column(c) for c in _CONTRACTS[schema][contract].columns)
        current = current_table(catalog, schema, contract)
        history = history_table(catalog, schema, contract)
        yield f"CREATE TABLE {current} ({columns}, load_id INTEGER)"
        yield f"CREATE TABLE {history} ({columns}, load_id INTEGER, replaced_by INTEGER)"


def _column(column: Column) -> str:
    # Intake sees to what is required; only the label is worth a second lock.
    lock = " NOT NULL" if column in LABEL_COLUMNS else ""
    return f"{name(column.name)} {SQL_TYPES[column.type]}{lock}"


def calendar_filling(catalog: str, schema: Schema, relation: str) -> str:
    """Return the statement that copies the generated calendar into a schema, as load 0."""
    values = {"source": literal(f"{SIMULATED_PREFIX}: calendar"), "seed": "0", "version": "'1'"}
    columns = ", ".join(
        name(column) if column in CONTRACTS["calendar"].column_names else values[column]
        for column in _CONTRACTS[schema]["calendar"].column_names
    )
    table = current_table(catalog, schema, "calendar")
    return f"INSERT INTO {table} SELECT {columns}, 0 FROM {relation}"
