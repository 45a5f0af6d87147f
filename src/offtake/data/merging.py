"""Merging checked rows into the store: repeats in the file, rows already known, restatements."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.data.contracts.contract import Contract, Exclusive
from offtake.data.expressions import name, names
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


NO_REPEATS = Repeats(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Merged:
    """How the rows of a file met the rows of the store: new or changed, of these changed, known."""

    loaded: int
    replaced: int
    known: int


def hash_keys(store: Store, contract: Contract) -> int:
    """Check every row of view ``checked`` and note which keys may stand more than once.

    One pass does both. A 64-bit hash of the key narrows millions of rows to the few that may
    repeat; table ``repeated_hash`` keeps those.

    Returns
    -------
    int
        How many rows are bad.
    """
    hashed = f"CASE WHEN NOT _bad THEN hash({names(contract.key)}) END"
    store.execute(
        "CREATE OR REPLACE TEMP TABLE repeated_hash AS SELECT h, count(*) AS times FROM "
        f"(SELECT {hashed} AS h FROM checked) GROUP BY h HAVING count(*) > 1 OR h IS NULL"
    )
    bad = store.fetch("SELECT coalesce(sum(times), 0) FROM repeated_hash WHERE h IS NULL")[0][0]
    store.execute("DELETE FROM repeated_hash WHERE h IS NULL")
    return int(bad)


def find_overlaps(store: Store, contract: Contract) -> int:
    """Find the rows of view ``good`` that state a fact in a second way, into table ``second_ways``.

    The way in which the store, or else the first row of the file, states a fact is the one that
    counts; see :class:`offtake.data.contracts.contract.Exclusive`.

    Returns
    -------
    int
        How many rows there are.
    """
    rule = contract.exclusive
    if rule is None or not _differ(store, contract.name, rule):
        return 0
    group, column = names(rule.group), name(rule.column)
    store.execute(
        "CREATE OR REPLACE TEMP TABLE second_ways AS WITH "
        f"mine AS MATERIALIZED (SELECT _id, _row, {group}, {column} FROM good), "
        f"first AS (SELECT {group}, arg_min({column}, _id) AS way FROM mine GROUP BY {group}), "
        f"held AS (SELECT {group}, any_value({column}) AS way FROM {store.table(contract.name)} "
        f"SEMI JOIN first USING ({group}) GROUP BY {group}) "
        f"SELECT mine._id, mine._row, mine.{column} AS stated, coalesce(held.way, first.way) AS way"
        f" FROM mine JOIN first USING ({group}) LEFT JOIN held USING ({group}) "
        f"WHERE mine.{column} <> coalesce(held.way, first.way)"
    )
    return int(store.fetch("SELECT count(*) FROM second_ways")[0][0])


def _differ(store: Store, contract: str, rule: Exclusive) -> bool:
    """Say cheaply whether file and store together state facts in more than one way."""
    column = name(rule.column)
    low, high = store.fetch(
        f"SELECT min(low), max(high) FROM (SELECT min({column}) AS low, max({column}) AS high "
        f"FROM mapped UNION ALL SELECT min({column}), max({column}) FROM {store.table(contract)})"
    )[0]
    return bool(low != high)


def find_twins(store: Store, contract: Contract) -> bool:
    """Find the rows of view ``good`` that :func:`hash_keys` has noted, into table ``twin_ids``.

    Returns
    -------
    bool
        Whether there are any.
    """
    if not store.fetch("SELECT 1 FROM repeated_hash LIMIT 1"):
        return False
    store.execute(
        "CREATE OR REPLACE TEMP TABLE twin_ids AS SELECT _id FROM good "
        f"WHERE hash({names(contract.key)}) IN (SELECT h FROM repeated_hash)"
    )
    return True


def find_repeats(store: Store, contract: Contract, twins: str) -> Repeats:
    """Find the rows whose key stands more than once in the file, into table ``repeats``.

    Parameters
    ----------
    store, contract
        Where and what.
    twins
        SQL for the rows that may: few enough to compare exactly. They are kept in table ``twins``.
    """
    keys = names(contract.key)
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE twins AS SELECT _id, _row, {names(contract.column_names)} "
        f"FROM ({twins})"
    )
    store.execute(
        "CREATE OR REPLACE TEMP TABLE repeats AS WITH r AS ("
        "SELECT *, row_number() OVER w AS place, first_value(_id) OVER w AS first_id, "
        f"count(*) OVER (PARTITION BY {keys}) AS times FROM twins "
        f"WINDOW w AS (PARTITION BY {keys} ORDER BY _id)) "
        "SELECT r._id, r._row, r.place, f._row AS first_row, "
        f"({_same(contract, 'r', 'f')}) AS same "
        "FROM r JOIN twins AS f ON f._id = r.first_id WHERE r.times > 1"
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
        Where to, as what, and under which number; 0 only counts.
    repeats
        What :func:`find_repeats` found.
    keep_newer
        Leave rows with a known key as they are: the file was loaded before, so what differs was
        restated since.
    """
    source = _one_per_key(contract, repeats)
    if not store.fetch(f"SELECT 1 FROM {store.table(contract.name)} LIMIT 1"):
        return Merged(_fill(store, contract, load_id, source), 0, 0)
    _match(store, contract, source, keep_newer=keep_newer)
    loaded, replaced, known = store.fetch(
        "SELECT count(*) FILTER (NOT known), count(*) FILTER (NOT known AND old IS NOT NULL), "
        "count(*) FILTER (known) FROM matched"
    )[0]
    if load_id and loaded:
        _write_matched(store, contract, load_id)
    return Merged(loaded, replaced, known)


def _fill(store: Store, contract: Contract, load_id: int, source: str) -> int:
    """Write into an empty table; return how many rows."""
    if not load_id:
        return int(store.fetch(f"SELECT count(*) FROM ({source})")[0][0])
    columns = names(contract.column_names)
    return int(
        store.fetch(
            f"INSERT INTO {store.table(contract.name)} SELECT {columns}, {load_id} FROM ({source})"
        )[0][0]
    )


def _match(store: Store, contract: Contract, source: str, *, keep_newer: bool) -> None:
    on = " AND ".join(f"i.{name(k)} = t.{name(k)}" for k in contract.key)
    known = "true" if keep_newer else _same(contract, "i", "t")
    columns = ", ".join(f"i.{name(c)}" for c in contract.column_names)
    store.execute(
        f"CREATE OR REPLACE TEMP TABLE matched AS SELECT {columns}, t.rowid AS old, "
        f"(t.rowid IS NOT NULL AND ({known})) AS known "
        f"FROM ({source}) i LEFT JOIN {store.table(contract.name)} t ON {on}"
    )


def _write_matched(store: Store, contract: Contract, load_id: int) -> None:
    columns, table = names(contract.column_names), store.table(contract.name)
    old = "rowid IN (SELECT old FROM matched WHERE old IS NOT NULL AND NOT known)"
    store.execute(
        f"INSERT INTO {store.history(contract.name)} "
        f"SELECT {columns}, load_id, {load_id} FROM {table} WHERE {old}"
    )
    store.execute(f"DELETE FROM {table} WHERE {old}")
    store.execute(f"INSERT INTO {table} SELECT {columns}, {load_id} FROM matched WHERE NOT known")


def _one_per_key(contract: Contract, repeats: Repeats) -> str:
    columns = names(contract.column_names)
    if not (repeats.same or repeats.conflicting or repeats.combined):
        return f"SELECT {columns} FROM good"
    if not repeats.combined:
        return (
            f"SELECT {columns} FROM good "
            "ANTI JOIN (SELECT _id FROM repeats WHERE place > 1) USING (_id)"
        )
    aggregates = dict(contract.combine)
    parts = ", ".join(
        name(c) if c in contract.key else f"{_aggregate(aggregates[c], c)} AS {name(c)}"
        for c in contract.column_names
    )
    return (
        f"SELECT {columns} FROM good ANTI JOIN repeats USING (_id) UNION ALL "
        f"SELECT {parts} FROM twins SEMI JOIN repeats USING (_id) "
        f"GROUP BY {names(contract.key)}"
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
