"""Loads the Complete Journey data set, table by table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from offtake.data.intake import Progress, load_relation
from offtake.data.ledger import Load, hash_file
from offtake.data.profile import Profile
from offtake.data.sources.completejourney.queries import QUERIES, Query
from offtake.data.sources.completejourney.source import LABEL, data_folder, staged_query
from offtake.data.store import Store


def load_completejourney(
    store: Store,
    *,
    folder: Path | None = None,
    progress: Callable[[str], Progress | None] | None = None,
) -> list[Load]:
    """Load every table of Complete Journey, each in its own transaction.

    A load that was cut short is completed by calling this again: tables already in the store are
    recognised by their files' hash and left alone.

    Parameters
    ----------
    store
        The store to fill.
    folder
        Where the Parquet files are; by default in the installed package.
    progress
        Called with the contract about to be loaded; returns what to report its steps to.

    Returns
    -------
    list of Load
        One per contract.

    Raises
    ------
    MissingExtraError
        When the package is not installed.
    """
    where = data_folder() if folder is None else folder
    hashes = {file: hash_file(where / f"{file}.parquet") for file in _files()}
    return [
        _load(store, query, where, hashes, progress(query.contract) if progress else None)
        for query in QUERIES
    ]


def _files() -> list[str]:
    return sorted({file for query in QUERIES for file in query.files})


def _load(
    store: Store, query: Query, where: Path, hashes: dict[str, str], progress: Progress | None
) -> Load:
    profile = Profile(
        name=f"completejourney: {query.contract}", contract=query.contract, source=LABEL
    )
    digest = hashlib.sha256(
        "".join([query.sql, *(hashes[file] for file in query.files)]).encode()
    ).hexdigest()
    name = " + ".join(f"{file}.parquet" for file in query.files)
    staging = staged_query(store, query, where)
    return load_relation(store, staging, profile, file=name, file_hash=digest, progress=progress)
