"""Make a twin: a whole market with known truth, written part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from offtake.data.code_version import code_version
from offtake.twin.field.people import people
from offtake.twin.field.targets import targets
from offtake.twin.market.shelf import blocks_of_stores
from offtake.twin.market.world import World, make_world
from offtake.twin.output.folder import TwinFolder, open_folder, read_manifest, writing
from offtake.twin.output.masters import masters
from offtake.twin.output.part import part_of_stores
from offtake.twin.output.terms import term_rows
from offtake.twin.shoppers.campaigns import Campaigns, campaign_rows, draw_campaigns
from offtake.twin.shoppers.households import Households, draw_households, household_rows
from offtake.twin.shoppers.survey import survey
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import merged

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A complete twin on disk.

    Parameters
    ----------
    folder
        Where it is.
    rows
        Contract to number of rows.
    truth
        Truth table to number of rows.
    new
        False where this very twin was there already.
    """

    folder: Path
    rows: dict[str, int]
    truth: dict[str, int]
    new: bool


def build(
    spec: TwinSpec, out: Path | str, *, workers: int = 1, progress: Progress | None = None
) -> Built:
    """Make a twin.

    Parameters
    ----------
    spec
        What world.
    out
        Folder to write to; what was begun there by the same spec is gone on with.
    workers
        Processes to use; the bytes do not depend on it.
    progress
        Called with what is being done and how far it is (0 to 100).

    Returns
    -------
    Built
        The counts.

    Raises
    ------
    BadInputError
        When the folder holds something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     spec = TwinSpec(stores=5, weeks=12, categories=("COFFEE",), households=20)
    ...     build(spec, folder).rows["store"]
    5
    """
    path = Path(out)
    world = _world(spec)
    words = {"spec": spec.as_words(), "code": code_version("twin")}
    with writing(path):
        folder = open_folder(path, world.label, words)
        if folder is None:
            return _built(path, read_manifest(path), new=False)
        _fill(folder, world, workers, progress)
        return _built(path, folder.seal(words), new=True)


def _fill(folder: TwinFolder, world: World, workers: int, progress: Progress | None) -> None:
    """Write every part that is not there yet."""
    spec, blocks = world.spec, len(blocks_of_stores(world))
    todo = sorted(set(range(blocks)) - folder.done())
    _report(progress, "making stores", 100 * (blocks - len(todo)) / (blocks + 1))
    for done, _ in enumerate(_each(folder, spec, todo, workers), start=1):
        share = (blocks - len(todo) + done) / (blocks + 1)
        _report(progress, f"stores, part {blocks - len(todo) + done} of {blocks}", 100 * share)
    _write_rest(folder, world, blocks)
    _report(progress, "sealing", 99)


def _each(folder: TwinFolder, spec: TwinSpec, todo: list[int], workers: int) -> Iterable[int]:
    if workers == 1 or len(todo) < 2:
        return (_one(folder, spec, part) for part in todo)
    from joblib import Parallel, delayed

    jobs = (delayed(_one)(folder, spec, part) for part in todo)
    done: Iterable[int] = Parallel(n_jobs=workers, return_as="generator_unordered")(jobs)
    return done


def _one(folder: TwinFolder, spec: TwinSpec, part: int) -> int:
    world = _world(spec)
    made, sales = part_of_stores(world, blocks_of_stores(world)[part], *_panel(spec))
    folder.write(part, made, sales)
    return part


@lru_cache(maxsize=1)
def _world(spec: TwinSpec) -> World:
    return make_world(spec)


@lru_cache(maxsize=1)
def _panel(spec: TwinSpec) -> tuple[Households, Campaigns]:
    world = _world(spec)
    households = draw_households(world)
    return households, draw_campaigns(world, households)


def _write_rest(folder: TwinFolder, world: World, blocks: int) -> None:
    """Write what exists once, under the number after the blocks'."""
    households, campaigns = _panel(world.spec)
    folder.write(
        blocks,
        merged(
            [
                masters(world),
                term_rows(world),
                people(world),
                targets(world, folder.sales(blocks)),
                household_rows(world, households),
                campaign_rows(world, households, campaigns),
                survey(world),
            ]
        ),
    )


def _built(path: Path, manifest: dict[str, Any], *, new: bool) -> Built:
    return Built(
        folder=path,
        rows={name: each["rows"] for name, each in manifest["tables"].items()},
        truth={name: each["rows"] for name, each in manifest["truth"].items()},
        new=new,
    )


def _report(progress: Progress | None, step: str, share: float) -> None:
    if progress is not None:
        progress(step, share)
