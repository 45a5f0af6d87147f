"""The journal of a verification: one line per simulated world, so that a stopped one goes on.

The first line says what the journal belongs to. Every line is flushed to the disk when its world
is done; a line that was written half is cut off, and its world is done again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError
from offtake.twin.label import VERSION
from offtake.validation.scores import Estimates

Floats = NDArray[np.float64]

ARRAYS = ("truth", "estimate", "lower", "upper")
DECIDING = ("data", "measures", "models", "twin", "validation")
"""Folders of the library whose code decides what a replicate gives."""


@dataclass(frozen=True, slots=True, eq=False)
class Replicate:
    """One simulated world and what was estimated on it.

    Parameters
    ----------
    number
        From 0.
    seed
        Of the world.
    estimates
        Beside the truth.
    cpu, wall
        Seconds that reading the world and fitting took: of processors, and on the clock.
    """

    number: int
    seed: int
    estimates: Estimates
    cpu: float
    wall: float


def open_journal(path: Path, belongs: Mapping[str, object]) -> dict[int, Replicate]:
    """Return what a journal holds by number, and make it ready for more lines.

    Parameters
    ----------
    path
        Its file; begun where it is absent.
    belongs
        What it must belong to, as JSON can carry it.

    Raises
    ------
    BadInputError
        When the file belongs to something else, or is no journal.
    """
    head = _written(belongs)
    whole, end, _ = path.read_bytes().rpartition(b"\n") if path.is_file() else (b"", b"", b"")
    if not end:
        _begin(path, head)
        return {}
    first, *lines = whole.decode(errors="replace").split("\n")
    if first != head:
        _refuse(path, first, belongs)
    os.truncate(path, len(whole) + len(end))
    found = (_read(line) for line in lines)
    return {each.number: each for each in found if each is not None}


def _begin(path: Path, head: str) -> None:
    """Write the first line, also over one that was written half, but over nothing else."""
    held = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if not head.startswith(held):
        raise BadInputError(f"{path} is no journal of a verification; name another folder")
    path.write_text(f"{head}\n", encoding="utf-8")


def _written(record: Mapping[str, object]) -> str:
    return json.dumps(dict(record), ensure_ascii=False, allow_nan=False)


def _refuse(path: Path, first: str, belongs: Mapping[str, object]) -> None:
    try:
        held = dict(json.loads(first))
    except (ValueError, TypeError):
        raise BadInputError(
            f"{path} is no journal of a verification; name another folder"
        ) from None
    other = [
        f"{name}: got {wanted!r}, held {held.get(name)!r}"
        for name, wanted in belongs.items()
        if held.get(name) != wanted
    ]
    raise BadInputError(
        f"{path} belongs to another verification ({'; '.join(other)}); name another folder with "
        "--out, or remove this one"
    )


def append(path: Path, replicate: Replicate, *, source: str) -> None:
    """Add a line and see it to the disk."""
    values = {name: _plain(getattr(replicate.estimates, name)) for name in ARRAYS}
    line = {
        "replicate": replicate.number,
        "source": source,
        "seed": replicate.seed,
        "version": VERSION,
        "cpu": replicate.cpu,
        "wall": replicate.wall,
        "quantities": list(replicate.estimates.quantities),
        **values,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{_written(line)}\n")
        file.flush()
        os.fsync(file.fileno())


def _plain(values: Floats) -> list[Any]:
    """Return numbers as JSON has them: what is not finite becomes null."""
    written: NDArray[Any] = values.astype(object)
    written[~np.isfinite(values)] = None
    found: list[Any] = written.tolist()
    return found


def _read(line: str) -> Replicate | None:
    """Return the replicate of a line; None where the line is damaged, so that it is done again."""
    try:
        found = json.loads(line)
        arrays = [np.array(found[name], dtype=np.float64) for name in ARRAYS]
        estimates = Estimates(tuple(found["quantities"]), *arrays)
        number, seed = int(found["replicate"]), int(found["seed"])
        return Replicate(number, seed, estimates, found["cpu"], found["wall"])
    except (ValueError, KeyError, TypeError):
        return None
