"""Load a twin into a store, through the ordinary intake and into its own schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.discard import discard_other_simulations, loaded_files
from offtake.data.intake import Progress, load_file
from offtake.data.ledger import Load, hash_file
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.twin.output.folder import TABLES, read_manifest

Replace = Literal["nothing", "others"]


def load_twin(
    store: Store,
    folder: Path | str,
    *,
    contracts: tuple[str, ...] = (),
    replace: Replace = "nothing",
    progress: Callable[[str], Progress | None] | None = None,
) -> list[Load]:
    """Load every table of a twin, file by file, masters first.

    A load that was cut short is completed by calling this again: files already in the store are
    recognised by their hash and left alone. Truth stays in the folder.

    Parameters
    ----------
    store
        A store opened on schema ``twin``.
    folder
        Where the twin is.
    contracts
        Only these; empty loads all of them.
    replace
        ``others`` empties the simulated tables first where they hold another simulation.
    progress
        Called with the contract about to be loaded; returns what to report its steps to.

    Returns
    -------
    list of Load
        One per file.

    Raises
    ------
    BadInputError
        When the store is open on the schema of real data, holds another simulation, or a file is
        not what the manifest says.
    UnreadableFileError
        When the folder holds no complete twin.
    """
    if store.schema != "twin":
        raise BadInputError(
            f"schema: got {store.schema!r}, allowed: 'twin'; simulated rows never go among "
            "real ones"
        )
    held = read_manifest(folder)[TABLES]
    _demand_alone(
        store, {file for each in held.values() for file in each["files"].values()}, replace
    )
    wanted = contracts or tuple(held)
    return [
        load
        for name in CONTRACTS
        if name in held and name in wanted
        for load in _load(store, Path(folder), name, held[name]["files"], progress)
    ]


def _demand_alone(store: Store, files: set[str], replace: Replace) -> None:
    """Keep two simulations apart: side by side they would be a market that neither of them is."""
    if replace == "others":
        discard_other_simulations(store, files)
    elif not loaded_files(store) <= files:
        raise BadInputError(
            f"{store.path} holds another simulation, and two of them in one store would be a "
            "market that neither is. Give this one its own store, or replace the other: "
            "--replace others"
        )


def _load(
    store: Store,
    folder: Path,
    name: str,
    files: dict[str, str],
    progress: Callable[[str], Progress | None] | None,
) -> list[Load]:
    report = progress(name) if progress else None
    done = []
    for place, (file, checksum) in enumerate(sorted(files.items())):
        path = folder / TABLES / name / file
        _demand_whole(path, checksum)
        done.append(load_file(store, path, as_contract=name))
        if report is not None:
            report(f"{place + 1} of {len(files)} files", 100 * (place + 1) / len(files))
    return done


def _demand_whole(path: Path, checksum: str) -> None:
    if not path.is_file() or hash_file(path) != checksum:
        raise BadInputError(
            f"{path} is not the file that the twin's manifest names (absent or changed); "
            "make the twin again"
        )
