"""Merging checked rows into the store: repeats in the file, rows already known, restatements."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.data.contracts.contract import Contract
from offtake.data.expressions import name
from offtake.data.store import Store


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows whose key already stood earlier in the same file.

    Parameters
    ----------
    same
        Rows that repeat the first one word for word.
    conflicting
        Rows that contradict the first one; they are set aside.
    combined
        Rows that are further parts of the first one, where the contract combines parts.
    """

    same: int
    conflicting: int
    combined: int


@dataclass(frozen=True, slots=True)
class Merged:
    """How the rows of a file met the rows of the store: new or changed, of these changed, known."""

    loaded: int
    replaced: int
    known: int


def find_repeats(store: Store, contract: Contract) -> Repeats:
    """Find the rows of view ``good`` whose key stands more than once, into table ``repeats``.

    A 64-bit hash of the key narrows millions of rows to the few that may repeat; those few are
    then compared exactly.
    """
    keys = _listed(contract.key)
    store.execute(
        "CREATE OR REPLACE TEMP TABLE repeated_hash AS SELECT h FROM "
        f"(SELECT hash({keys}) AS h FROM good) GROUP BY h HAVING count(*) > 1"
    )
    if not store.fetch("SELECT 1 FROM repeated_hash LIMIT 1"):
        return Repeats(0, 0, 0)
    store.execute(
        "CREATE OR REPLACE TEMP TABLE repeats AS WITH r AS ("
        "SELECT *, row_number() OVER w AS place, first_value(_id) OVER w AS first_id, "
        f"count(*) OVER (PARTITION BY {keys}) AS times FROM good "
        f"WHERE hash({keys}) IN (SELECT h FROM repeated_hash) "
        f"WINDOW w AS (PARTITION BY {keys} ORDER BY _id)) "
        "SELECT r._id, r._row, r.place, f._row AS first_row, "
        f"({_same(contract, 'r', 'f')}) AS same "
        "FROM r JOIN r AS f ON f._id = r.first_id WHERE r.times > 1"
    )
    same, differing = store.fetch(
        "SELECT count(*) FILTER (same), count(*) FILTER (NOT same) FROM repeats WHERE place > 1"
    )[0]
    if contract.combine:
        return Repeats(same, 0, differing)
    return Repeats(same, differing, 0)


def merge_rows(
    store: Store, contract: Contract, load_id: int, *, repeats: Repeats, keep_newer: bool
) -> Merged:
    """Write the rows of view ``good``, one per key, into the contract's table.

    Parameters
    ----------
    store, contract, load_id
        Where to, as what, and under which number.
    repeats
        What :func:`find_repeats` found.
    keep_newer
        Leave rows with a known key as they are: the file was loaded before, so what differs was
        restated since.
    """
    source = _one_per_key(contract, repeats)
    columns = _listed(contract.column_names)
    table = f"main.{contract.name}"
    if not store.fetch(f"SELECT 1 FROM {table} LIMIT 1"):
        loaded = store.fetch(
            f"INSERT INTO {table} SELECT {columns}, {load_id} FROM ({source})"
        )[0][0]
        return Merged(loaded, 0, 0)
    _match(store, contract, source, keep_newer=keep_newer)
    return _write_matched(store, contract, load_id)


def _match(store: Store, contract: Contract, source: str, *, keep_newer: bool) -> None:
    on = " AND ".join(f"i.{name(k)} = t.{name(k)}" for k in contract.key)
    known = "true" if keep_newer else _same(contract, "i", "t")
    columns = ", ".join(f"i.{name(c)}" for c in contract.column_names)
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE matched AS SELECT {columns}, t.rowid AS old, "
        f"(t.rowid IS NOT NULL AND ({known})) AS known "
        f"FROM ({source}) i LEFT JOIN main.{contract.name} t ON {on}"
    )


def _write_matched(store: Store, contract: Contract, load_id: int) -> Merged:
    columns, table = _listed(contract.column_names), f"main.{contract.name}"
    old = "rowid IN (SELECT old FROM matched WHERE old IS NOT NULL AND NOT known)"
    replaced = store.fetch(
        f"INSERT INTO history.{contract.name} "
        f"SELECT {columns}, load_id, {load_id} FROM {table} WHERE {old}"
    )[0][0]
    store.execute(f"DELETE FROM {table} WHERE {old}")
    loaded = store.fetch(
        f"INSERT INTO {table} SELECT {columns}, {load_id} FROM matched WHERE NOT known"
    )[0][0]
    known = store.fetch("SELECT count(*) FROM matched WHERE known")[0][0]
    return Merged(loaded, replaced, known)


def _one_per_key(contract: Contract, repeats: Repeats) -> str:
    columns = _listed(contract.column_names)
    if not (repeats.same or repeats.conflicting or repeats.combined):
        return f"SELECT {columns} FROM good"
    if not repeats.combined:
        return (
            f"SELECT {columns} FROM good "
            "WHERE _id NOT IN (SELECT _id FROM repeats WHERE place > 1)"
        )
    aggregates = dict(contract.combine)
    parts = ", ".join(
        name(c) if c in contract.key else f"{_aggregate(aggregates[c], c)} AS {name(c)}"
        for c in contract.column_names
    )
    return (
        f"SELECT {columns} FROM good WHERE _id NOT IN (SELECT _id FROM repeats) UNION ALL "
        f"SELECT {parts} FROM good WHERE _id IN (SELECT _id FROM repeats) "
        f"GROUP BY {_listed(contract.key)}"
    )


def _aggregate(kind: str, column: str) -> str:
    quoted = name(column)
    if kind == "join":
        return f"string_agg(DISTINCT {quoted}, '+' ORDER BY {quoted})"
    return f"{kind}({quoted})"


def _same(contract: Contract, left: str, right: str) -> str:
    if not contract.values:
        return "true"
    return " AND ".join(
        f"{left}.{name(c)} IS NOT DISTINCT FROM {right}.{name(c)}" for c in contract.values
    )


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(name(column) for column in columns)
