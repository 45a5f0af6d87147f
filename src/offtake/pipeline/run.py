"""Runs: immutable folders, each sealed before it is named, one of them published.

Layout of a runs folder::

    runs/
      published                      text file naming the published run
      20260105T083000000Z-1a2b3c4d/  a run
        manifest.json
        tables/<name>.parquet
        charts/<name>.json
        scoreboard.html
      .draft-...                     a run being made, or one that was cut short

A draft becomes a run by one rename, and is published by replacing the pointer: whenever the
process is killed, ``published`` names the last run that was complete.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offtake.data.ledger import hash_file
from offtake.data.lock import held
from offtake.errors import (
    BadInputError,
    OfftakeError,
    StoppedError,
    UnknownNameError,
    UnreadableFileError,
)
from offtake.report.manifest import Manifest, TableEntry, from_json, table_entry, to_json
from offtake.report.run import MANIFEST, Run

if TYPE_CHECKING:
    import pyarrow as pa

POINTER = "published"
DRAFT = ".draft-"
_DONE = "done.jsonl"


@dataclass(frozen=True, slots=True)
class Draft:
    """A run being made.

    Parameters
    ----------
    run_id
        The name it will have.
    created
        When it was begun.
    folder
        Where its files are written until it is sealed.
    runs_dir
        The runs folder.
    leftovers
        Finished tables of drafts that were cut short, by fingerprint, with where their file is.
    """

    run_id: str
    created: datetime
    folder: Path
    runs_dir: Path
    leftovers: Mapping[str, tuple[TableEntry, Path]]

    def table_path(self, name: str) -> Path:
        """Return where a table's file goes."""
        return self.folder / "tables" / f"{name}.parquet"

    def write_table(self, name: str, table: pa.Table) -> str:
        """Write a table and return the SHA-256 of its file."""
        import pyarrow.parquet as pq

        path = self.table_path(name)
        pq.write_table(table, path, compression="zstd")
        return hash_file(path)

    def copy_table(self, entry: TableEntry, source: Path) -> bool:
        """Copy a table's file from elsewhere; False where that file is not what `entry` says."""
        if not source.is_file() or hash_file(source) != entry.sha256:
            return False
        shutil.copyfile(source, self.table_path(entry.name))
        return True

    def done(self, entry: TableEntry) -> None:
        """Note that a table is finished, so that a later refresh can go on from here."""
        line = json.dumps(asdict(entry), ensure_ascii=False)
        with (self.folder / _DONE).open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a page or a chart under its path in the run."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def other_files(self) -> dict[str, str]:
        """Return the SHA-256 of every file that is not a table, by path."""
        return {
            path.relative_to(self.folder).as_posix(): hash_file(path)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.parent.name != "tables" and path.name != _DONE
        }


@contextmanager
def start_run(runs_dir: Path, inputs_hash: str) -> Iterator[Draft]:
    """Begin a run; what is not published when the block ends is removed.

    Where the block ends with :class:`StoppedError`, the finished tables are kept, as they are when
    the process is killed: the next run that is begun goes on from there.

    Parameters
    ----------
    runs_dir
        The runs folder, made where it is absent. Drafts that were cut short are cleared from it.
    inputs_hash
        Hash of what goes into the run; its first eight digits end the run's id.

    Yields
    ------
    Draft
        To write to, and to give to :func:`publish`.

    Raises
    ------
    StoreBusyError
        When another process is making a run in the same folder.
    """
    runs_dir.mkdir(parents=True, exist_ok=True)
    with held(runs_dir / ".lock"):
        abandoned = sorted(runs_dir.glob(f"{DRAFT}*"))
        draft = _draft(runs_dir, inputs_hash, _leftovers(abandoned))
        over = [*abandoned, draft.folder]
        try:
            yield draft
        except StoppedError:
            _inherit(draft)
            over.remove(draft.folder)
            raise
        finally:
            for folder in over:
                shutil.rmtree(folder, ignore_errors=True)


def _inherit(draft: Draft) -> None:
    """Take over the tables of drafts before this one that it has not come to."""
    for entry, path in draft.leftovers.values():
        if not draft.table_path(entry.name).exists() and draft.copy_table(entry, path):
            draft.done(entry)


def _draft(
    runs_dir: Path, inputs_hash: str, leftovers: Mapping[str, tuple[TableEntry, Path]]
) -> Draft:
    now = datetime.now(UTC)
    stamp = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z"
    run_id = f"{stamp}-{inputs_hash[:8]}"
    folder = runs_dir / f"{DRAFT}{run_id}"
    (folder / "tables").mkdir(parents=True)
    return Draft(run_id, now, folder, runs_dir, leftovers)


def _leftovers(abandoned: list[Path]) -> dict[str, tuple[TableEntry, Path]]:
    found: dict[str, tuple[TableEntry, Path]] = {}
    for folder in abandoned:
        for entry in _finished(folder / _DONE):
            found[entry.fingerprint] = (entry, folder / "tables" / f"{entry.name}.parquet")
    return found


def _finished(journal: Path) -> Iterator[TableEntry]:
    if not journal.is_file():
        return
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            yield table_entry(json.loads(line))
        except (ValueError, TypeError):
            return  # the line that was being written when the process was killed


def publish(draft: Draft, manifest: Manifest) -> Run:
    """Seal a draft and make it the published run.

    Parameters
    ----------
    draft
        With all its tables, charts and pages written.
    manifest
        What it says about itself.

    Returns
    -------
    Run
        The run, under its final name.
    """
    (draft.folder / _DONE).unlink(missing_ok=True)
    (draft.folder / MANIFEST).write_text(to_json(manifest), encoding="utf-8")
    for path in draft.folder.rglob("*"):
        _flush(path)
    _flush(draft.folder)
    folder = draft.runs_dir / draft.run_id
    draft.folder.rename(folder)
    _flush(draft.runs_dir)
    _point_to(draft.runs_dir, draft.run_id)
    return Run(folder, manifest)


def republish(runs_dir: Path | str, run_id: str) -> Run:
    """Make an earlier run the published one again.

    Parameters
    ----------
    runs_dir
        The runs folder.
    run_id
        Which run.

    Returns
    -------
    Run
        The run, now published.

    Raises
    ------
    UnknownNameError
        When there is no run of that id.
    BadInputError
        When it is simulated and the published one is of real data, or the other way round.
    OfftakeError
        When its files have been changed.
    StoreBusyError
        When another process is making a run in the same folder.
    """
    runs_dir = Path(runs_dir)
    run = read_run(runs_dir, run_id)
    demand_whole(run)
    with held(runs_dir / ".lock"):
        _demand_kind_of_published(runs_dir, run)
        _point_to(runs_dir, run.run_id)
    return run


def _demand_kind_of_published(runs_dir: Path, run: Run) -> None:
    now = published_id(runs_dir)
    if now not in run_ids(runs_dir):
        return
    simulated = [bool(each.manifest.frame.simulated) for each in (run, _read(runs_dir, now))]
    if simulated[0] != simulated[1]:
        kinds = ["simulated" if each else "real" for each in simulated]
        raise BadInputError(
            f"run {run.run_id} is of {kinds[0]} data and {runs_dir} shows {kinds[1]} data; "
            "one would take the place of the other unseen"
        )


def _point_to(runs_dir: Path, run_id: str) -> None:
    part = runs_dir / f"{DRAFT}{POINTER}"
    part.write_text(f"{run_id}\n", encoding="utf-8")
    _flush(part)
    part.replace(runs_dir / POINTER)
    _flush(runs_dir)


def _flush(path: Path) -> None:
    """Make sure that a file or folder has reached the disk before the next step relies on it."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def published_id(runs_dir: Path) -> str | None:
    """Return the id of the published run, None where nothing has been published."""
    pointer = runs_dir / POINTER
    return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def list_runs(runs_dir: Path | str) -> tuple[Run, ...]:
    """Return every complete run, newest first.

    Examples
    --------
    >>> list_runs("no/such/folder")
    ()
    """
    return tuple(_read(Path(runs_dir), name) for name in run_ids(runs_dir))


def run_ids(runs_dir: Path | str) -> tuple[str, ...]:
    """Return the id of every complete run, newest first.

    Examples
    --------
    >>> run_ids("no/such/folder")
    ()
    """
    names = [path.parent.name for path in Path(runs_dir).glob(f"*/{MANIFEST}")]
    return tuple(sorted((name for name in names if not name.startswith(".")), reverse=True))


def read_run(runs_dir: Path | str, run_id: str | None = None) -> Run:
    """Return a run.

    Parameters
    ----------
    runs_dir
        The runs folder.
    run_id
        Which; None is the published one.

    Raises
    ------
    UnreadableFileError
        When nothing has been published there, or the manifest cannot be read.
    UnknownNameError
        When there is no run of that id.
    """
    runs_dir = Path(runs_dir)
    wanted = run_id or published_id(runs_dir)
    if wanted is None:
        raise UnreadableFileError(
            f"no run has been published in {runs_dir}; make one with: offtake refresh"
        )
    names = run_ids(runs_dir)
    if wanted not in names:
        raise UnknownNameError("run", wanted, names)
    return _read(runs_dir, wanted)


def _read(runs_dir: Path, name: str) -> Run:
    folder = runs_dir / name
    return Run(folder, from_json((folder / MANIFEST).read_text(encoding="utf-8")))


def damaged_files(run: Run) -> tuple[str, ...]:
    """Return the paths of the files of a run that are not what its manifest says.

    Parameters
    ----------
    run
        The run to check.

    Returns
    -------
    tuple of str
        Paths in the run's folder; empty where all is well.
    """
    wanted = {f"tables/{entry.name}.parquet": entry.sha256 for entry in run.manifest.tables}
    wanted |= dict(run.manifest.files)
    return tuple(
        path
        for path, checksum in wanted.items()
        if not (run.folder / path).is_file() or hash_file(run.folder / path) != checksum
    )


def demand_whole(run: Run) -> None:
    """Refuse a run whose files have been changed.

    Raises
    ------
    OfftakeError
        Naming the files.
    """
    damaged = damaged_files(run)
    if damaged:
        raise OfftakeError(f"run {run.run_id} has been changed: {', '.join(damaged)}")
