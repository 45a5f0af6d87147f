"""The one reader of a twin's truth. Models must not import it: they would know the answer.

``.importlinter`` holds who may: the twin itself, and the harness that measures recovery.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from offtake.data.contracts.simulated import Origin
from offtake.errors import UnknownNameError
from offtake.twin.output.event_truth import COUNTED
from offtake.twin.output.folder import TRUTH, read_manifest

SUMMED = {"event": frozenset(COUNTED), "effect": frozenset(("units",))}
"""Tables of which every block of stores has its part, and the columns that add up."""


def truth_tables(folder: Path | str) -> dict[str, int]:
    """Return the truth tables of a twin with their rows.

    Raises
    ------
    UnreadableFileError
        When the folder holds no complete twin.
    """
    return {name: each["rows"] for name, each in read_manifest(folder)[TRUTH].items()}


def origin_of(folder: Path | str) -> Origin:
    """Return what made a twin: source, seed and version."""
    found = read_manifest(folder)
    return Origin(found["source"], found["seed"], found["version"])


def read_truth(folder: Path | str, name: str) -> pa.Table:
    """Return one truth table of a twin.

    Parameters
    ----------
    folder
        Where the twin is.
    name
        Which: ``item``, ``event``, ``outage`` ...; see :func:`truth_tables`.

    Raises
    ------
    UnknownNameError
        When the twin has no such table.
    UnreadableFileError
        When the folder holds no complete twin.

    Examples
    --------
    >>> import tempfile
    >>> from offtake.twin.build import build
    >>> from offtake.twin.spec import TwinSpec
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     spec = TwinSpec(stores=5, weeks=12, categories=("COFFEE",), households=20)
    ...     _ = build(spec, folder)
    ...     read_truth(folder, "item").num_rows
    12
    """
    tables = truth_tables(folder)
    if name not in tables:
        raise UnknownNameError("truth table", name, tables)
    parts = sorted((Path(folder) / TRUTH / name).glob("part-*.parquet"))
    whole = pa.concat_tables([pq.read_table(part) for part in parts], promote_options="default")
    return _summed(whole, SUMMED[name]) if name in SUMMED else whole.combine_chunks()


def _summed(table: pa.Table, added: frozenset[str]) -> pa.Table:
    """Add up the parts of rows that several blocks of stores have; the others are keys."""
    keys = [name for name in table.column_names if name not in added]
    sums = [name for name in table.column_names if name in added]
    total = (
        table.unify_dictionaries()
        .group_by(keys, use_threads=False)
        .aggregate([(name, "sum") for name in sums])
    )
    return total.rename_columns([*keys, *sums])
