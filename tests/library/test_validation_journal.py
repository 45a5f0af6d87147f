"""A stopped verification goes on where it was, and gives what an uninterrupted one gives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.errors import BadInputError, OfftakeError
from offtake.twin.label import VERSION
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation import harness
from offtake.validation.harness import JOURNAL, WORLDS, Verification, verify, world_seed
from offtake.validation.scores import Estimates, estimates_from_errors
from offtake.validation.trial import Trial

SMALL = TwinSpec(
    stores=5, weeks=8, items=6, categories=("COFFEE",), households=0, respondents=0, stock_weeks=1
)


def noisy_display(folder: Path, seed: int) -> Estimates:
    """The true mean display response with normal noise; no estimate in some worlds."""
    truth = float(np.mean(read_truth(folder, "item")["display"].to_numpy()))
    noise = np.random.default_rng(seed).normal()
    estimate = np.nan if noise > 1.2 else truth + 0.1 * noise
    return estimates_from_errors(["display"], [truth], [estimate], [0.1])


TRIAL = Trial("noisy", "the truth with noise", "mean display response", SMALL, noisy_display)


class StoppedError(Exception):
    """Stands in for the power going out."""


def nothing(_spec: TwinSpec, folder: Path) -> None:
    """Stands in for the build: what is tested is what is kept of a world."""
    folder.mkdir(parents=True)


def drawn(_folder: Path, seed: int) -> Estimates:
    random = np.random.default_rng(seed)
    return estimates_from_errors(["a", "b"], [0.0, 1.0], random.normal(size=2), [1.0, 1.0])


DRAWN = replace(TRIAL, fit=drawn, make=nothing)


def numbers(found: Verification) -> list[object]:
    return [
        (each.number, each.seed, *(getattr(each.estimates, n).tolist() for n in ("truth", "lower")))
        for each in found.replicates
    ]


def run(folder: Path, *, trial: Trial = DRAWN, replicates: int = 6, seed: int = 7) -> Verification:
    return verify(trial, replicates=replicates, seed=seed, out=folder)


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_stopped_and_gone_on_with_gives_the_same(tmp_path: Path, cut: int) -> None:
    whole = run(tmp_path / "whole")
    worlds = iter(range(3))

    def stops(folder: Path, seed: int) -> Estimates:
        if next(worlds, None) is None:
            raise StoppedError
        return drawn(folder, seed)

    with pytest.raises(StoppedError):
        run(tmp_path / "part", trial=replace(DRAWN, fit=stops))
    journal = tmp_path / "part" / JOURNAL
    assert len(journal.read_text().splitlines()) == 1 + 3
    journal.write_bytes(journal.read_bytes()[: -cut or None])  # cut > 0: a line written half
    again = run(tmp_path / "part")
    assert numbers(again) == numbers(whole)
    assert again.scores == whole.scores
    assert len(journal.read_text().splitlines()) == 1 + 6


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    first = run(tmp_path)

    def never(_folder: Path, _seed: int) -> Estimates:
        raise AssertionError

    again = run(tmp_path, trial=replace(DRAWN, fit=never))
    assert again.scores == first.scores
    assert (again.cpu, again.wall) == (first.cpu, first.wall)
    assert numbers(run(tmp_path, replicates=4)) == numbers(first)[:4]
    assert numbers(run(tmp_path, replicates=8))[:6] == numbers(first)


def test_a_damaged_line_in_the_middle_is_done_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    journal = tmp_path / JOURNAL
    lines = journal.read_text().splitlines(keepends=True)
    lines[2] = lines[2][:30] + "\n"
    journal.write_text("".join(lines))
    assert numbers(run(tmp_path)) == numbers(first)


def test_a_first_line_written_half_is_begun_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    journal = tmp_path / JOURNAL
    journal.write_bytes(journal.read_bytes()[:50])
    assert numbers(run(tmp_path)) == numbers(first)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"seed": 8}, "seed: got 8, held 7"),
        ({"trial": DRAWN.sized(weeks=9)}, "spec: got"),
        ({"trial": replace(DRAWN, name="another")}, "trial: got 'another', held 'noisy'"),
    ],
)
def test_another_verification_is_refused(
    tmp_path: Path, other: dict[str, Trial | int], words: str
) -> None:
    run(tmp_path)
    before = (tmp_path / JOURNAL).read_bytes()
    with pytest.raises(BadInputError, match=words):
        run(tmp_path, **other)  # type: ignore[arg-type]  # one of two options by name
    assert (tmp_path / JOURNAL).read_bytes() == before


def test_another_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path)
    monkeypatch.setattr(harness, "code_version", lambda *_: "0.0.0+other")
    with pytest.raises(BadInputError, match="code: got"):
        run(tmp_path)


@pytest.mark.parametrize("text", ["my notes\n", "my notes", "3\n"])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / JOURNAL).write_text(text)
    with pytest.raises(BadInputError, match="no journal"):
        run(tmp_path)
    assert (tmp_path / JOURNAL).read_text() == text


def test_every_line_says_that_it_is_simulated(tmp_path: Path) -> None:
    found = run(tmp_path)
    head, *lines = map(json.loads, (tmp_path / JOURNAL).read_text().splitlines())
    assert (head["source"], head["seed"], head["version"]) == ("offtake.twin", 7, VERSION)
    assert [line["source"] for line in lines] == ["offtake.twin"] * 6
    assert [line["seed"] for line in lines] == [world_seed(7, number) for number in range(6)]
    assert found.label == f"simulated: offtake.twin, seed 7, version {VERSION}"


def test_a_fit_that_fails_names_its_world(tmp_path: Path) -> None:
    def fails(_folder: Path, _seed: int) -> Estimates:
        raise BadInputError("nothing sold")

    with pytest.raises(OfftakeError, match=rf"replicate 0 \(world of seed {world_seed(7, 0)}\)"):
        run(tmp_path, trial=replace(DRAWN, fit=fails))
    assert not list((tmp_path / WORLDS).iterdir())


def test_a_world_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="replicates: got 0"):
        run(tmp_path, replicates=0)


def test_worlds_are_built_fitted_and_removed(tmp_path: Path) -> None:
    found = verify(TRIAL, replicates=4, seed=1, out=tmp_path / "one")
    both = verify(TRIAL, replicates=4, seed=1, out=tmp_path / "two", workers=2)
    assert numbers(both) == numbers(found)
    assert len({each.estimates.truth[0] for each in found.replicates}) == 4
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == [JOURNAL]
