"""The folder of a twin: parts written one by one, then sealed by a manifest.

Layout::

    DIR/
      manifest.json                        what it is; written last, so that a folder without one
                                           is not finished
      tables/<contract>/part-00003.parquet rows of a contract, each labelled
      truth/<name>/part-00003.parquet      truth, read through offtake.twin.truth only
      .work/                               while it is being made: which parts are done

A part is written under a temporary name and renamed. A build that was stopped goes on where it
was; the same spec gives the same bytes whether or not it was stopped.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from offtake.data.ledger import hash_file
from offtake.data.lock import held
from offtake.errors import BadInputError, UnreadableFileError
from offtake.twin.arrays import Floats
from offtake.twin.label import Label
from offtake.twin.tables import Made

MANIFEST = "manifest.json"
TABLES, TRUTH, WORK = "tables", "truth", ".work"
FORMAT = 1
ROW_GROUP = 1 << 20


@dataclass(frozen=True, slots=True)
class TwinFolder:
    """A folder being filled.

    Parameters
    ----------
    path
        The folder.
    label
        Written on every row.
    """

    path: Path
    label: Label

    def write(self, part: int, made: Made, sales: Floats | None = None) -> None:
        """Write the rows of a part, then note that it is done.

        Parameters
        ----------
        part
            Its number.
        made
            Its rows; a contract's table without rows is not written, one of the truth is.
        sales
            (Q, T) our sales by territory and week, kept for the targets.
        """
        for kind, tables in ((TABLES, made.tables), (TRUTH, made.truth)):
            for name, table in tables.items():
                if table.num_rows or kind == TRUTH:
                    self._write_table(self.path / kind / name, part, table)
        self._note(part, sales)

    def _write_table(self, folder: Path, part: int, table: pa.Table) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"part-{part:05d}.parquet"
        draft = target.with_suffix(".draft")
        pq.write_table(
            labelled_rows(table, self.label), draft, compression="zstd", row_group_size=ROW_GROUP
        )
        draft.replace(target)

    def _note(self, part: int, sales: Floats | None) -> None:
        target = self.path / WORK / f"{part:05d}.npy"
        draft = target.with_suffix(".draft.npy")
        np.save(draft, np.zeros((0, 0)) if sales is None else sales)
        draft.replace(target)

    def done(self) -> frozenset[int]:
        """Return the numbers of the parts that are complete."""
        names = [path.stem for path in (self.path / WORK).glob("*.npy")]
        return frozenset(int(name) for name in names if name.isdigit())

    def sales(self, parts: int) -> Floats:
        """Return our sales by territory and week, added up over the parts in their order."""
        kept = [np.load(self.path / WORK / f"{part:05d}.npy") for part in range(parts)]
        total: Floats = np.sum([each for each in kept if each.size], axis=0)
        return total

    def seal(self, words: Mapping[str, object]) -> dict[str, Any]:
        """Write the manifest, and remove what was only needed on the way."""
        found = {
            "format": FORMAT,
            "source": self.label.source,
            "version": self.label.version,
            "seed": self.label.seed,
            **words,
            TABLES: _inventory(self.path / TABLES),
            TRUTH: _inventory(self.path / TRUTH),
        }
        draft = self.path / f"{MANIFEST}.draft"
        draft.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        draft.replace(self.path / MANIFEST)
        shutil.rmtree(self.path / WORK)
        return found


def labelled_rows(table: pa.Table, label: Label) -> pa.Table:
    """Return a table with source, seed and version on every row."""
    rows = table.num_rows
    zeros = pa.array(np.zeros(rows, dtype=np.int32))
    table = table.append_column(
        "source", pa.DictionaryArray.from_arrays(zeros, pa.array([label.source]))
    )
    table = table.append_column("seed", pa.array(np.full(rows, label.seed, dtype=np.int64)))
    return table.append_column(
        "version", pa.DictionaryArray.from_arrays(zeros, pa.array([label.version]))
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold a folder for writing, made where it is absent, for the length of a block.

    Raises
    ------
    BadInputError
        When it cannot be made or written to.
    StoreBusyError
        When another process is at work in it.
    """
    lock = path.parent / f".{path.name}.lock"
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        raise BadInputError(f"out: got {path}, allowed: a folder to write to ({error})") from error
    with held(lock):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def open_folder(path: Path, label: Label, words: Mapping[str, object]) -> TwinFolder | None:
    """Prepare a folder to be filled; None where this very twin is complete there.

    Parameters
    ----------
    path
        The folder, made where it is absent.
    label, words
        What is to be made; a folder that holds something else is refused.

    Raises
    ------
    BadInputError
        When the folder holds another twin, or files that are no twin's.
    """
    if (path / MANIFEST).is_file():
        found = read_manifest(path)
        if _same(found, label, words):
            return None
        raise BadInputError(
            f"{path} holds another twin (seed {found['seed']}, {found['spec']}, made by "
            f"{found.get('code', 'other code')}); name another folder, or remove it"
        )
    _demand_ours(path, label, words)
    return TwinFolder(path, label)


def _same(found: Mapping[str, Any], label: Label, words: Mapping[str, object]) -> bool:
    mine = {"source": label.source, "version": label.version, "seed": label.seed, **words}
    return all(found.get(key) == value for key, value in mine.items())


def _demand_ours(path: Path, label: Label, words: Mapping[str, object]) -> None:
    """Refuse a folder with other things in it; begin anew where another twin was begun."""
    begun = path / WORK / "spec.json"
    wanted = json.dumps([label.source, label.version, label.seed, dict(words)], sort_keys=True)
    if path.exists() and any(path.iterdir()):
        strangers = {each.name for each in path.iterdir()} - {WORK}
        if not begun.is_file() and strangers:
            raise BadInputError(f"{path} is not empty and holds no twin; name an empty folder")
        if begun.is_file() and begun.read_text(encoding="utf-8") == wanted:
            return
        for name in (TABLES, TRUTH, WORK):
            shutil.rmtree(path / name, ignore_errors=True)
    (path / WORK).mkdir(parents=True)
    draft = begun.with_suffix(".draft")
    draft.write_text(wanted, encoding="utf-8")
    draft.replace(begun)


def read_manifest(path: Path | str) -> dict[str, Any]:
    """Return the manifest of a complete twin.

    Raises
    ------
    UnreadableFileError
        When the folder holds no complete twin.
    """
    file = Path(path) / MANIFEST
    if not file.is_file():
        raise UnreadableFileError(
            f"{path} holds no complete twin; make one with: offtake twin build --out {path}"
        )
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _inventory(folder: Path) -> dict[str, Any]:
    """Return the rows and the files, with their checksums, of every table in a folder."""
    found: dict[str, Any] = {}
    for table in sorted(folder.iterdir()) if folder.is_dir() else ():
        files = sorted(table.glob("part-*.parquet"))
        found[table.name] = {
            "rows": sum(pq.read_metadata(file).num_rows for file in files),
            "files": {file.name: hash_file(file) for file in files},
        }
    return found
