"""Intake: a file becomes rows of a contract; what is wrong with it is set aside, never lost.

One load is one transaction. Its steps are set-based: stage the file, map and check it, find
repeated keys, compare with what the store holds, write, and enter the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from offtake.data.checks import Mapped, fault_list, is_bad, map_columns, unchecked_references
from offtake.data.contracts.contract import Contract
from offtake.data.contracts.registry import contract as find_contract
from offtake.data.expressions import literal, name
from offtake.data.ledger import (
    Load,
    earlier_load,
    hash_file,
    next_load_id,
    open_entries,
    write_load,
)
from offtake.data.merging import find_repeats, merge_rows
from offtake.data.profile import Profile, plain_profile
from offtake.data.sources.open_file import staged_file
from offtake.data.sources.staging import Staged, source_columns
from offtake.data.store import Store
from offtake.errors import OfftakeError, UnreadableFileError

Progress = Callable[[str, float], None]
MENDED_COLUMNS = ("_load_id", "_entry")


def load_file(
    store: Store,
    path: Path | str,
    *,
    as_contract: str | None = None,
    profile: Profile | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Load:
    """Load a file into the store.

    Parameters
    ----------
    store
        The store to write to.
    path
        CSV, TSV, Excel, Parquet, X12 852 or EANCOM SLSRPT.
    as_contract
        Contract to read the file as; may be left out where `profile` names it.
    profile
        How the file maps to the contract; without one the file's columns must be called as the
        contract's.
    dry_run
        Check and count, then leave the store as it was.
    progress
        Called with what is being done and how far it is (0 to 100).

    Returns
    -------
    Load
        The counts, which always balance.

    Raises
    ------
    UnreadableFileError
        When the file is absent or not in its format.
    BadInputError
        When a column that the contract needs is not in the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(":memory:") as store:
    ...     file = Path(folder) / "stores.csv"
    ...     _ = file.write_text("store_id,retailer\\nS1,Maxi\\nS2,Lidl\\n,Lidl\\n")
    ...     done = load_file(store, file, as_contract="store")
    >>> done.rows_in, done.loaded, done.set_aside
    (3, 2, 1)
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFileError(f"there is no file at {path}")
    job = _job(store, profile or plain_profile(as_contract or ""), path.name, hash_file(path))
    if job.nothing_new():
        return job.unchanged()
    report(progress, "reading", 0)
    with store.watched(_part(progress, "reading")), staged_file(store, path, job.profile) as staged:
        return run_job(job, staged, dry_run=dry_run, progress=progress)


def load_relation(
    store: Store,
    staged: Staged,
    profile: Profile,
    *,
    file: str,
    file_hash: str,
    progress: Progress | None = None,
) -> Load:
    """Load rows that a source has already staged in the engine.

    Parameters
    ----------
    store, profile, progress
        As in :func:`load_file`.
    staged
        The rows.
    file, file_hash
        What to enter in the ledger; the same hash again changes nothing.
    """
    job = _job(store, profile, file, file_hash)
    if job.nothing_new():
        return job.unchanged()
    return run_job(job, staged, dry_run=False, progress=progress)


@dataclass(frozen=True, slots=True)
class _Job:
    """One file on its way into one contract."""

    store: Store
    contract: Contract
    profile: Profile
    file: str
    file_hash: str
    before: Load | None

    def nothing_new(self) -> bool:
        """Whether this very file was loaded before and nothing of it waits to be mended."""
        return self.before is not None and open_entries(self.store, self.before.load_id) == 0

    def unchanged(self) -> Load:
        """Return the counts of a load that found every row already in the store."""
        assert self.before is not None  # noqa: S101  # nothing_new() has just said so
        rows = self.before.rows_in
        return replace(
            self.before, load_id=0, loaded=0, replaced=0, set_aside=0, combined=0, duplicate=rows
        )


def _job(store: Store, profile: Profile, file: str, file_hash: str) -> _Job:
    before = earlier_load(store, profile.contract, file_hash, profile)
    return _Job(store, find_contract(profile.contract), profile, file, file_hash, before)


class _UndoError(Exception):
    """Unwinds the transaction of a load that must leave no trace."""


def run_job(job: _Job, staged: Staged, *, dry_run: bool, progress: Progress | None) -> Load:
    """Check and write what was staged, in one transaction."""
    load: Load | None = None
    try:
        with job.store.transaction():
            load = _write(job, staged, progress)
            if dry_run or (job.before is not None and load.loaded == 0):
                raise _UndoError
    except _UndoError:
        load = None if load is None else replace(load, load_id=0)
    finally:
        _drop_work(job.store)
    assert load is not None  # noqa: S101  # _write either returned or raised something else
    report(progress, "done", 100)
    return load


def _write(job: _Job, staged: Staged, progress: Progress | None) -> Load:
    clock, started = time.monotonic(), datetime.now(UTC).replace(tzinfo=None)
    mapped = _mapped(job, staged)
    load_id = next_load_id(job.store)
    _create_views(job.store, mapped)
    with job.store.watched(_part(progress, "checking")):
        repeats = find_repeats(job.store, job.contract)
        aside = _set_aside(job, mapped, staged, load_id, conflicts=repeats.conflicting)
    with job.store.watched(_part(progress, "writing")):
        merged = merge_rows(
            job.store, job.contract, load_id, repeats=repeats, keep_newer=job.before is not None
        )
    _resolve(job, staged, load_id)
    load = Load(
        load_id=load_id,
        contract=job.contract.name,
        file=job.file,
        source=job.profile.source or job.file,
        profile=job.profile.name,
        rows_in=_count(job.store, staged.relation) + staged.unreadable.num_rows,
        loaded=merged.loaded,
        replaced=merged.replaced,
        set_aside=aside,
        duplicate=repeats.same + merged.known,
        combined=repeats.combined,
        unused_columns=mapped.unused,
        unchecked_references=unchecked_references(job.contract, job.store.filled()),
        started=started,
        seconds=time.monotonic() - clock,
        already_loaded=None if job.before is None else job.before.load_id,
    )
    _demand_balance(load)
    write_load(job.store, load, file_hash=job.file_hash, profile=job.profile)
    return load


def _demand_balance(load: Load) -> None:
    parts = load.loaded + load.set_aside + load.duplicate + load.combined
    if parts != load.rows_in:
        raise OfftakeError(
            f"{load.file}: counts do not balance ({load.rows_in} in, {parts} accounted for); "
            "nothing was written. This is a fault in Offtake: please report it."
        )


def _mapped(job: _Job, staged: Staged) -> Mapped:
    kinds = source_columns(job.store, staged.relation)
    return map_columns(
        job.profile,
        job.contract,
        staged.relation,
        {column: kind for column, kind in kinds.items() if column not in ("_id", "_row")},
        filled=job.store.filled(),
        file=job.file,
    )


def _create_views(store: Store, mapped: Mapped) -> None:
    columns = ", ".join(name(c) for c in mapped.contract.column_names)
    bad = is_bad(mapped.checks)
    store.execute(f"CREATE OR REPLACE TEMP VIEW mapped AS {mapped.view}")
    store.execute(f"CREATE OR REPLACE TEMP VIEW checked AS SELECT *, ({bad}) AS _bad FROM mapped")
    store.execute(
        "CREATE OR REPLACE TEMP VIEW good AS "
        f"SELECT _id, _row, {columns} FROM checked WHERE NOT _bad"
    )


def _count(store: Store, relation: str) -> int:
    return int(store.fetch(f"SELECT count(*) FROM {relation}")[0][0])


def _set_aside(job: _Job, mapped: Mapped, staged: Staged, load_id: int, *, conflicts: int) -> int:
    """Keep every bad row with its faults and its own words; return how many there are."""
    raw = f"JOIN {staged.relation} s USING (_id)"
    parts = [
        "SELECT row AS _id, row AS _row, "
        "[{'column': \"column\", 'value': \"value\", 'reason': reason}] AS faults, "
        "NULL::VARCHAR AS raw FROM unreadable_rows",
        "SELECT _id, c._row, c.faults, to_json(s)::VARCHAR FROM (SELECT _id, _row, "
        f"{fault_list(mapped.checks)} AS faults FROM checked WHERE _bad) c {raw}",
    ]
    if conflicts:
        parts.append(
            f"SELECT _id, r._row, [{_conflict(job.contract)}], to_json(s)::VARCHAR "
            f"FROM repeats r JOIN good g USING (_id) {raw} WHERE r.place > 1 AND NOT r.same"
        )
    with job.store.registered("unreadable_rows", staged.unreadable):
        return int(job.store.fetch(_set_aside_sql(job, load_id, parts))[0][0])


def _set_aside_sql(job: _Job, load_id: int, parts: list[str]) -> str:
    return (
        'INSERT INTO meta.set_aside (load_id, contract, file, entry, "row", "column", "value", '
        "reason, faults, raw) "
        f"SELECT {load_id}, {literal(job.contract.name)}, {literal(job.file)}, "
        "row_number() OVER (ORDER BY _row, _id), _row, faults[1].\"column\", "
        'faults[1]."value", faults[1].reason, faults, raw '
        f"FROM ({' UNION ALL '.join(parts)})"
    )


def _conflict(contract: Contract) -> str:
    shown = " || ', ' || ".join(f"CAST(g.{name(key)} AS VARCHAR)" for key in contract.key)
    reason = (
        f"{literal('the key (' + ', '.join(contract.key) + ') already stands in row ')} || "
        "r.first_row || ' of this file with other values; the first row was kept'"
    )
    return f"{{'column': {literal(contract.key[0])}, 'value': {shown}, 'reason': {reason}}}"


def _resolve(job: _Job, staged: Staged, load_id: int) -> None:
    """Close the entries that this load has dealt with: mended rows, and an earlier try."""
    if job.before is not None:
        job.store.execute(
            "UPDATE meta.set_aside SET resolved_by = ? "
            "WHERE resolved_by IS NULL AND load_id IN (SELECT load_id FROM meta.loads "
            "WHERE contract = ? AND file_hash = ? AND profile_hash = ?)",
            [load_id, job.contract.name, job.file_hash, job.profile.fingerprint()],
        )
    columns = source_columns(job.store, staged.relation)
    if set(MENDED_COLUMNS) <= set(columns):
        job.store.execute(
            f"UPDATE meta.set_aside SET resolved_by = {load_id} WHERE contract = "
            f"{literal(job.contract.name)} AND resolved_by IS NULL AND load_id < {load_id} "
            "AND (load_id, entry) IN (SELECT (TRY_CAST(s._load_id AS INTEGER), "
            f"TRY_CAST(s._entry AS BIGINT)) FROM {staged.relation} s JOIN good USING (_id))"
        )


def _drop_work(store: Store) -> None:
    for view in ("good", "checked", "mapped"):
        store.execute(f"DROP VIEW IF EXISTS {view}")
    for table in ("repeated_hash", "repeats", "matched"):
        store.execute(f"DROP TABLE IF EXISTS temp.{table}")


def report(progress: Progress | None, step: str, share: float) -> None:
    """Tell `progress`, if there is one, which step has come how far."""
    if progress is not None:
        progress(step, share)


def _part(progress: Progress | None, step: str) -> Callable[[float], None] | None:
    return None if progress is None else lambda share: progress(step, share)
