"""The ledger of loads: what came from which file, when, and how the counts balance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from offtake.data.expressions import names
from offtake.data.layout import Schema
from offtake.data.mending import write_open_rows
from offtake.data.profile import ColumnRule, Profile
from offtake.data.store import Store

_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One load of one file into one contract.

    ``rows_in = loaded + set_aside + duplicate + combined`` always holds.

    Parameters
    ----------
    load_id
        Number of the load; 0 while nothing has been written (dry run, file loaded before).
    contract, file, source, profile
        What was loaded, from where, under which label and mapping.
    schema
        Where to: ``main`` for real data, ``twin`` for simulated data.
    rows_in
        Records found in the file, those that could not be read included.
    loaded
        Rows now in the contract's table that came from this file.
    replaced
        Of `loaded`, those that took the place of an older row with the same key.
    set_aside
        Bad rows, kept with their reason.
    duplicate
        Rows that said nothing new: repeated in the file, or already in the store.
    combined
        Rows merged into another row of the same key, where the contract says they are parts.
    unused_columns
        Columns of the file that nothing reads.
    unchecked_references
        Contracts that rows refer to but that held nothing to check against.
    already_loaded
        The load that brought in this very file before, if there was one.
    """

    load_id: int
    contract: str
    file: str
    source: str
    profile: str
    rows_in: int
    loaded: int
    replaced: int
    set_aside: int
    duplicate: int
    combined: int
    unused_columns: tuple[str, ...] = ()
    unchecked_references: tuple[str, ...] = ()
    started: datetime
    seconds: float = 0.0
    already_loaded: int | None = None
    schema: Schema = "main"


@dataclass(frozen=True, slots=True)
class SetAside:
    """One fault of one row that was set aside."""

    load_id: int
    entry: int
    contract: str
    file: str
    row: int
    column: str
    value: str | None
    reason: str


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def next_load_id(store: Store) -> int:
    """Return the number that the next load will get."""
    return int(store.fetch("SELECT coalesce(max(load_id), 0) + 1 FROM meta.loads")[0][0])


def write_load(store: Store, load: Load, *, file_hash: str, profile: Profile) -> None:
    """Enter a load into the ledger; part of the transaction that writes its rows."""
    from offtake import __version__

    store.execute(
        """INSERT INTO meta.loads (load_id, contract, file, file_hash, profile, profile_hash,
            source, rows_in, loaded, replaced, set_aside, duplicate, combined, unused_columns,
            unchecked_references, dialect, started, seconds, code_version, "schema")
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            load.load_id,
            load.contract,
            load.file,
            file_hash,
            profile.name,
            profile.fingerprint(),
            load.source,
            load.rows_in,
            load.loaded,
            load.replaced,
            load.set_aside,
            load.duplicate,
            load.combined,
            list(load.unused_columns),
            list(load.unchecked_references),
            json.dumps(asdict(profile.file)),
            load.started,
            load.seconds,
            __version__,
            load.schema,
        ],
    )


_LOAD_COLUMNS = tuple(f.name for f in fields(Load) if f.name != "already_loaded")


def loads(store: Store) -> list[Load]:
    """Return every load into the store's schema, oldest first."""
    rows = store.fetch(
        f'SELECT {names(_LOAD_COLUMNS)} FROM meta.loads WHERE "schema" = ? ORDER BY load_id',
        [store.schema],
    )
    return [_load(dict(zip(_LOAD_COLUMNS, row, strict=True))) for row in rows]


def _load(row: Mapping[str, object]) -> Load:
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Load(**known)  # type: ignore[arg-type]  # the table's columns are the fields


def earlier_load(store: Store, contract: str, file_hash: str, profile: Profile) -> Load | None:
    """Return the last load of the very same file under the very same mapping."""
    ids = store.fetch(
        "SELECT max(load_id) FROM meta.loads "
        'WHERE "schema" = ? AND contract = ? AND file_hash = ? AND profile_hash = ?',
        [store.schema, contract, file_hash, profile.fingerprint()],
    )[0][0]
    if ids is None:
        return None
    found = next(load for load in loads(store) if load.load_id == ids)
    return replace(found, already_loaded=found.load_id)


def open_entries(store: Store, load_id: int) -> int:
    """Return how many rows that a load set aside still wait to be mended."""
    count = store.fetch(
        "SELECT count(*) FROM meta.set_aside WHERE load_id = ? AND resolved_by IS NULL", [load_id]
    )[0][0]
    return int(count)


def waiting(store: Store) -> dict[str, int]:
    """Return how many rows of the store's schema wait to be mended, by contract."""
    rows = store.fetch(
        "SELECT contract, count(*) FROM meta.set_aside "
        'WHERE "schema" = ? AND resolved_by IS NULL GROUP BY contract ORDER BY contract',
        [store.schema],
    )
    return {str(contract): int(count) for contract, count in rows}


def set_aside_rows(
    store: Store, *, load_id: int | None = None, limit: int | None = None
) -> list[SetAside]:
    """Return the rows of the store's schema waiting to be mended, one line per fault.

    Parameters
    ----------
    store
        The store.
    load_id
        Only those of one load.
    limit
        At most so many lines.
    """
    where = "" if load_id is None else f"AND load_id = {int(load_id)}"
    last = "" if limit is None else f"LIMIT {int(limit)}"
    rows = store.fetch(
        'SELECT load_id, entry, contract, file, "row", f."column", f."value", f.reason FROM ('
        "  SELECT *, unnest(faults) AS f, generate_subscripts(faults, 1) AS place "
        f'  FROM meta.set_aside WHERE "schema" = ? AND resolved_by IS NULL {where}'
        f") ORDER BY load_id, entry, place {last}",
        [store.schema],
    )
    return [SetAside(*row) for row in rows]


def export_set_aside(store: Store, load_id: int, target: Path) -> int:
    """Write the rows a load set aside to a CSV that can be mended and loaded again.

    The file has the source's own columns, written as its profile says, and three more in front:
    ``_load_id`` and ``_entry``, by which the mended row is recognised, and ``_problem``. Cells
    that a broken row has too many stand in ``_more``. It is loaded under the same profile.

    Parameters
    ----------
    store
        The store.
    load_id
        The load.
    target
        Where to write; must end in ``.csv``.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    BadInputError
        When the load is unknown, has nothing that can be mended as a row, or `target` is not a
        CSV.
    """
    return write_open_rows(store, load_id, target)


def rule_text(rule: ColumnRule) -> str:
    """Return in words where a column comes from, for a dry run."""
    if rule.constant is not None:
        return f"always {rule.constant!r}"
    extras = [f"x {rule.scale:g}"] if rule.scale != 1.0 else []
    extras += [f"week ends {rule.week_ends}"] if rule.week_ends else []
    extras += ["translated"] if rule.values else []
    return ", ".join([f"column {rule.column!r}", *extras])
