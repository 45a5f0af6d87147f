"""The simulated half of the demonstration: a market with everything that real data lack."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offtake.data.code_version import code_version
from offtake.data.discard import discard_other_simulations, loaded_files
from offtake.data.store import Store
from offtake.errors import MissingExtraError, UnreadableFileError
from offtake.pipeline.refresh import refresh
from offtake.pipeline.view import View
from offtake.report.run import Run
from offtake.twin.spec import TwinSpec

# Fewer categories, and more stores in them: a team is shown from five people upwards, and a
# salesperson has some forty stores.
TWIN = TwinSpec(
    stores=800,
    weeks=104,
    seed=7,
    items=8,
    categories=("BAG SNACKS", "COFFEE"),
    households=1500,
)
TWIN_VIEW = View(category="BAG SNACKS", manufacturer="Alder", currency="EUR")
MEMORY = "3GB"
Progress = Callable[[str], Callable[[str, float], None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMarket:
    """What was done for the simulated half.

    Parameters
    ----------
    run
        Its published run.
    built, loaded
        Whether the market had to be made, and to be loaded.
    rows
        How many rows of data it has.
    """

    run: Run
    built: bool
    loaded: bool
    rows: int


def open_store(path: Path, say: Callable[[str], None]) -> Store:
    """Open the store of the demonstration; one that cannot be read makes room for a new one.

    Parameters
    ----------
    path
        The file. What cannot be read is kept beside it, under a name that ends in ``.old``.
    say
        Called with a sentence where the store had to be started over.
    """
    try:
        return Store(path, memory_limit=MEMORY)
    except UnreadableFileError as error:
        kept = path.with_name(f"{path.name}.old")
        path.replace(kept)
        Path(f"{path}.wal").unlink(missing_ok=True)
        say(f"{error}. The demo starts over; the old file is kept as {kept}.")
    return Store(path, memory_limit=MEMORY)


def simulated_market(
    folder: Path, spec: TwinSpec, view: View, *, workers: int, progress: Progress
) -> SimulatedMarket:
    """Make a twin, load it beside the real data and publish a run of it; what is there stays.

    Parameters
    ----------
    folder
        The demonstration's own folder. The twin goes to ``twin/data``, where it takes the place
        of any other, and into the simulated tables of ``offtake.duckdb``; its runs to
        ``twin/runs``.
    spec, view
        Which world, and whose scoreboard of it.
    workers
        Processes to make it with.
    progress
        Called with what comes next; returns what to report its steps to.

    Returns
    -------
    SimulatedMarket
        What was done.

    Raises
    ------
    MissingExtraError
        When what makes a twin is not installed.
    """
    _demand_twin()
    from offtake.twin.build import build
    from offtake.twin.output.folder import TABLES, read_manifest

    data = folder / "twin" / "data"
    _make_room(data, spec)
    built = build(spec, data, workers=workers, progress=progress("simulated market"))
    files = _files(read_manifest(data)[TABLES])
    with Store(folder / "offtake.duckdb", schema="twin", memory_limit=MEMORY) as store:
        loaded = _load(store, data, files, progress)
        run = refresh(
            store,
            folder / "twin" / "runs",
            view,
            progress=progress("simulated scoreboard"),
            keep=True,
        )
    return SimulatedMarket(run=run, built=built.new, loaded=loaded, rows=sum(built.rows.values()))


def _demand_twin() -> None:
    from offtake.twin.extra import installed

    if not installed():
        raise MissingExtraError(
            "the twin is not installed; install it: pip install 'offtake[twin]', or leave the "
            "simulated market out: offtake demo --no-twin"
        )


def _make_room(data: Path, spec: TwinSpec) -> None:
    """Remove the twin of another world, which an earlier version of the demo may have made."""
    from offtake.twin.label import VERSION
    from offtake.twin.output.folder import MANIFEST, read_manifest

    if not (data / MANIFEST).is_file():
        return
    found = read_manifest(data)
    wanted = (spec.as_words(), VERSION, code_version("twin"))
    if (found.get("spec"), found.get("version"), found.get("code")) != wanted:
        shutil.rmtree(data)


def _files(tables: dict[str, Any]) -> frozenset[str]:
    return frozenset(hashed for table in tables.values() for hashed in table["files"].values())


def _load(store: Store, data: Path, files: frozenset[str], progress: Progress) -> bool:
    from offtake.twin.load import load_twin

    discard_other_simulations(store, files)
    if files <= loaded_files(store):
        return False
    load_twin(store, data, progress=progress)
    return True
