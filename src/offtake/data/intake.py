"""Intake: a file becomes rows of a contract; what is wrong with it is set aside, never lost.

One load is one transaction. Its steps are set-based: stage the file, map and check it, find
repeated keys, compare with what the store holds, write, and enter the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from offtake.data.checks import is_bad, unchecked_references
from offtake.data.expressions import names
from offtake.data.job import Job, job_for
from offtake.data.ledger import Load, hash_file, next_load_id, write_load
from offtake.data.mapping import Mapped, map_columns
from offtake.data.merging import (
    NO_REPEATS,
    Repeats,
    find_overlaps,
    find_repeats,
    find_twins,
    hash_keys,
    merge_rows,
)
from offtake.data.profile import Profile, plain_profile
from offtake.data.setting_aside import (
    SetApart,
    collect_bad,
    collect_conflicts,
    collect_overlaps,
    find_lineage,
    keep_aside,
    still_to_do,
)
from offtake.data.simulated import refuse_simulated, source_label
from offtake.data.sources.open_file import staged_file
from offtake.data.sources.staging import Staged, source_columns
from offtake.data.store import Store
from offtake.errors import BadInputError, OfftakeError, UnreadableFileError

Progress = Callable[[str, float], None]
_WORK_VIEWS = ("good", "checked", "mapped", "to_do")
_WORK_TABLES = (
    "repeated_hash", "second_ways", "twin_ids", "twins", "repeats", "matched", "lineage",
    "broken", "aside",
)  # fmt: skip


def load_file(
    store: Store,
    path: Path | str,
    *,
    as_contract: str | None = None,
    profile: Profile | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Load:
    r"""Load a file into the store.

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
        Called with what is being done and how far it is (0 to 100), from another thread while the
        engine is at work. What it raises, such as
        :class:`~offtake.errors.StoppedError`, ends the load, which then leaves no trace.

    Returns
    -------
    Load
        The counts, which always balance.

    Raises
    ------
    UnreadableFileError
        When the file is absent or not in its format.
    BadInputError
        When a column that the contract needs is not in the file, `profile` is for another
        contract, or simulated rows are on their way into the real tables.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(":memory:") as store:
    ...     file = Path(folder) / "stores.csv"
    ...     _ = file.write_text("store_id,retailer\nS1,Maxi\nS2,Lidl\n,Lidl\n")
    ...     done = load_file(store, file, as_contract="store")
    >>> done.rows_in, done.loaded, done.set_aside
    (3, 2, 1)
    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder; name a file in it" if path.is_dir() else "does not exist"
        raise UnreadableFileError(f"{path} {what}")
    with _clear_errors(path.name):
        mapping = _agreed_profile(as_contract, profile)
        job = job_for(store, mapping, file=path.name, file_hash=hash_file(path))
        if job.nothing_new():
            return job.unchanged()
        with ExitStack() as stack:
            with _step(store, progress, "reading"):
                staged = stack.enter_context(staged_file(store, path, mapping))
            return run_job(job, staged, dry_run=dry_run, progress=progress)


def load_relation(
    store: Store,
    staging: AbstractContextManager[Staged],
    profile: Profile,
    *,
    file: str,
    file_hash: str,
    progress: Progress | None = None,
) -> Load:
    """Load rows that a source stages in the engine itself.

    Parameters
    ----------
    store, profile, progress
        As in :func:`load_file`.
    staging
        Stages the rows; entered only when the ledger does not know them yet.
    file, file_hash
        What to enter in the ledger; the same hash again changes nothing.
    """
    with _clear_errors(file):
        job = job_for(store, profile, file=file, file_hash=file_hash)
        if job.nothing_new():
            return job.unchanged()
        with staging as staged:
            return run_job(job, staged, dry_run=False, progress=progress)


def _agreed_profile(as_contract: str | None, profile: Profile | None) -> Profile:
    if profile is None and as_contract is None:
        raise BadInputError("say what the file holds: a contract (--as), or a profile naming one")
    if profile is None:
        return plain_profile(str(as_contract))
    if as_contract is not None and as_contract != profile.contract:
        raise BadInputError(
            f"profile {profile.name!r} is for contract {profile.contract!r}, but {as_contract!r} "
            "is asked for"
        )
    return profile


@contextmanager
def _clear_errors(file: str) -> Iterator[None]:
    """Say in our words what stopped the engine; the transaction has undone what was written."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise OfftakeError(
            f"{file}: not enough memory to load it; raise the store's memory_limit, or make room "
            f"where it spills to disk. Nothing was written. ({error})"
        ) from error
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.DataError) as error:
        raise UnreadableFileError(
            f"{file}: could not be loaded, nothing was written: {error}"
        ) from error
    except duckdb.Error as error:
        raise OfftakeError(
            f"{file}: nothing was written. This is a fault in Offtake: please report it. ({error})"
        ) from error
    except RuntimeError as error:
        # The engine turns Ctrl-C during a statement into this.
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


class _UndoError(Exception):
    """Unwinds the transaction of a load that must leave no trace."""


def run_job(job: Job, staged: Staged, *, dry_run: bool, progress: Progress | None) -> Load:
    """Check and write what was staged, in one transaction."""
    load: Load | None = None
    try:
        with job.store.transaction():
            load, found = _write(job, staged, progress, dry_run=dry_run)
            if dry_run or (job.before is not None and not load.loaded and not found.closed):
                raise _UndoError
    except _UndoError:
        load = None if load is None else replace(load, load_id=0)
    finally:
        _drop_work(job.store)
    assert load is not None  # noqa: S101  # _write either returned or raised something else
    _report(progress, "done", 100)
    return load


def _write(
    job: Job, staged: Staged, progress: Progress | None, *, dry_run: bool
) -> tuple[Load, SetApart]:
    clock, started = time.monotonic(), datetime.now(UTC).replace(tzinfo=None)
    load_id = 0 if dry_run else next_load_id(job.store)
    refuse_simulated(job, staged)
    find_lineage(job, staged)
    to_do = still_to_do(job, staged)
    mapped = _mapped(job, to_do)
    with _step(job.store, progress, "checking"):
        repeats = _check(job, mapped, to_do)
        found = keep_aside(job, mapped, staged, load_id)
    with _step(job.store, progress, "writing"):
        merged = merge_rows(
            job.store, job.contract, load_id, repeats=repeats, keep_newer=job.before is not None
        )
    load = Load(
        load_id=load_id,
        schema=job.store.schema,
        contract=job.contract.name,
        file=job.file,
        source=source_label(job),
        profile=job.profile.name,
        rows_in=_count(job.store, staged.relation) + staged.unreadable.num_rows,
        loaded=merged.loaded,
        replaced=merged.replaced,
        set_aside=found.set_aside,
        duplicate=repeats.same + merged.known + found.mended_before,
        combined=repeats.combined,
        unused_columns=mapped.unused,
        unchecked_references=unchecked_references(job.contract, job.store.filled()),
        started=started,
        seconds=time.monotonic() - clock,
        already_loaded=None if job.before is None else job.before.load_id,
    )
    _demand_balance(load)
    if load_id:
        write_load(job.store, load, file_hash=job.file_hash, profile=job.profile)
    return load, found


def _check(job: Job, mapped: Mapped, staged: Staged) -> Repeats:
    """Check every row, and leave the good ones in view ``good``, the others in ``aside``."""
    store = job.store
    bad = is_bad(mapped.checks)
    store.execute(f"CREATE OR REPLACE TEMP VIEW mapped AS {mapped.view_over(staged.relation)}")
    store.execute(f"CREATE OR REPLACE TEMP VIEW checked AS SELECT *, ({bad}) AS _bad FROM mapped")
    any_bad = hash_keys(store, job.contract) > 0
    collect_bad(job, mapped, none=not any_bad)
    _create_good(job, without_aside=any_bad)
    if find_overlaps(store, job.contract):
        collect_overlaps(job)
        _create_good(job, without_aside=True)
    repeats = _repeats(job, mapped, staged)
    collect_conflicts(job, repeats)
    return repeats


def _repeats(job: Job, mapped: Mapped, staged: Staged) -> Repeats:
    if not find_twins(job.store, job.contract):
        return NO_REPEATS
    # Joined before it is mapped: only these rows' columns are worked out.
    twins = mapped.view_over(f"(FROM {staged.relation} SEMI JOIN twin_ids USING (_id))")
    return find_repeats(job.store, job.contract, twins)


def _create_good(job: Job, *, without_aside: bool) -> None:
    # Where every row is good, the checks need not be worked out again.
    columns = names(job.contract.column_names)
    which = "ANTI JOIN (SELECT _id FROM aside) USING (_id)" if without_aside else ""
    job.store.execute(
        f"CREATE OR REPLACE TEMP VIEW good AS SELECT _id, _row, {columns} FROM mapped {which}"
    )


def _demand_balance(load: Load) -> None:
    parts = load.loaded + load.set_aside + load.duplicate + load.combined
    if parts != load.rows_in:
        raise OfftakeError(
            f"{load.file}: counts do not balance ({load.rows_in} in, {parts} accounted for); "
            "nothing was written. This is a fault in Offtake: please report it."
        )


def _mapped(job: Job, staged: Staged) -> Mapped:
    kinds = source_columns(job.store, staged.relation)
    return map_columns(
        job.profile,
        job.contract,
        staged,
        {column: kind for column, kind in kinds.items() if column not in ("_id", "_row")},
        filled={target: job.store.table(target) for target in job.store.filled()},
        file=job.file,
    )


def _count(store: Store, relation: str) -> int:
    return int(store.fetch(f"SELECT count(*) FROM {relation}")[0][0])


def _drop_work(store: Store) -> None:
    for view in _WORK_VIEWS:
        store.execute(f"DROP VIEW IF EXISTS temp.{view}")
    for table in _WORK_TABLES:
        store.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _report(progress: Progress | None, step: str, share: float) -> None:
    """Tell `progress`, if there is one, which step has come how far."""
    if progress is not None:
        progress(step, share)


@contextmanager
def _step(store: Store, progress: Progress | None, step: str) -> Iterator[None]:
    """Report the start of a step, and how far it is while it runs."""
    _report(progress, step, 0)
    with store.watched(None if progress is None else lambda share: progress(step, share)):
        yield
