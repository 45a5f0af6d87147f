"""Fit a model on many simulated worlds and hold it to their truth."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.code_version import code_version
from offtake.data.contracts.simulated import Origin, state_label
from offtake.errors import BadInputError, OfftakeError
from offtake.twin.label import VERSION
from offtake.twin.randomness import stream
from offtake.validation.journal import DECIDING, Replicate, append, open_journal
from offtake.validation.scores import Estimates, Score, score
from offtake.validation.trial import Trial

Progress = Callable[[str, float], None]

Floats = NDArray[np.float64]

DIGITS = 10
"""Significant digits that are kept of an estimate."""
JOURNAL = "replicates.jsonl"
WORLDS = "worlds"


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """A model held to the truth of R simulated worlds.

    Parameters
    ----------
    trial
        What was fitted, on which kind of world.
    seed
        From which the seeds of the worlds follow.
    replicates
        (R,) what was estimated on each, in their order.
    scores
        (K,) one per quantity.
    folder
        Where the journal is.
    """

    trial: Trial
    seed: int
    replicates: tuple[Replicate, ...]
    scores: tuple[Score, ...]
    folder: Path

    @property
    def label(self) -> str:
        """Which simulation it is."""
        return state_label([Origin(self.trial.source, self.seed, VERSION)])

    @property
    def cpu(self) -> float:
        """Mean processor seconds of a fit."""
        return float(np.mean([each.cpu for each in self.replicates]))

    @property
    def wall(self) -> float:
        """Mean seconds of a fit on the clock."""
        return float(np.mean([each.wall for each in self.replicates]))


def verify(
    trial: Trial,
    *,
    replicates: int,
    seed: int,
    out: Path | str,
    workers: int = 1,
    progress: Progress | None = None,
) -> Verification:
    """Fit a model on simulated worlds; a verification that was stopped goes on where it was.

    Parameters
    ----------
    trial
        What to fit, on which kind of world.
    replicates
        R, how many worlds. A larger number later adds to those already done.
    seed
        The seed of world r follows from it and r alone.
    out
        Folder of the journal; each world is in it while it is fitted, and then removed.
    workers
        Processes; the estimates do not depend on their number.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    BadInputError
        When the folder holds a verification of another trial, world, seed or code.
    OfftakeError
        When a fit fails; the message names the world.
    """
    if replicates < 1:
        raise BadInputError(f"replicates: got {replicates}, allowed: 1 or more")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / JOURNAL
    done = open_journal(journal, _belongs(trial, seed))
    todo = [number for number in range(replicates) if number not in done]
    _report(progress, replicates - len(todo), replicates)
    for count, each in enumerate(_each(trial, seed, folder, todo=todo, workers=workers), start=1):
        append(journal, each, source=trial.source)
        done[each.number] = each
        _report(progress, replicates - len(todo) + count, replicates)
    shutil.rmtree(folder / WORLDS, ignore_errors=True)
    kept = tuple(done[number] for number in range(replicates))
    return Verification(trial, seed, kept, score([each.estimates for each in kept]), folder)


def world_seed(seed: int, number: int) -> int:
    """Return the seed of a replicate's world.

    Examples
    --------
    >>> world_seed(7, 0) == world_seed(7, 0) != world_seed(7, 1)
    True
    """
    return int(stream(seed, "verify", number).integers(0, 2**63 - 1))


def _belongs(trial: Trial, seed: int) -> dict[str, object]:
    spec = {name: value for name, value in trial.spec.as_words().items() if name != "seed"}
    return {
        "trial": trial.name,
        "source": trial.source,
        "seed": seed,
        "version": VERSION,
        "code": code_version(*DECIDING),
        "spec": spec,
    }


def _each(
    trial: Trial, seed: int, folder: Path, *, todo: list[int], workers: int
) -> Iterable[Replicate]:
    if workers == 1 or len(todo) < 2:
        return (_one(trial, seed, folder, number) for number in todo)
    from joblib import Parallel, delayed

    jobs = (delayed(_one)(trial, seed, folder, number) for number in todo)
    pool = Parallel(n_jobs=min(workers, len(todo)), return_as="generator_unordered")
    done: Iterable[Replicate] = pool(jobs)
    return done


def _one(trial: Trial, seed: int, folder: Path, number: int) -> Replicate:
    own = world_seed(seed, number)
    world = folder / WORLDS / f"{number:05d}"
    try:
        trial.make(replace(trial.spec, seed=own), world)
        clock, processor = time.perf_counter(), time.process_time()
        estimates = trial.fit(world, own)
        cpu, wall = time.process_time() - processor, time.perf_counter() - clock
    except OfftakeError as error:
        raise OfftakeError(
            f"{trial.name}, replicate {number} (world of seed {own}): {error}"
        ) from (error)
    finally:
        shutil.rmtree(world, ignore_errors=True)
    return Replicate(number, own, _settled(estimates), cpu, wall)


def _settled(estimates: Estimates) -> Estimates:
    """Return estimates without their floating-point noise, which differs with the threads used."""
    return replace(
        estimates,
        estimate=_rounded(estimates.estimate),
        lower=_rounded(estimates.lower),
        upper=_rounded(estimates.upper),
    )


def _rounded(values: Floats) -> Floats:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.ravel()]).reshape(
        values.shape
    )


def _report(progress: Progress | None, done: int, all_of_them: int) -> None:
    if progress is not None:
        progress(f"world {done} of {all_of_them}", 100 * done / all_of_them)
