"""``offtake twin verify`` as a person types it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from offtake.twin.label import VERSION

SIZE = ("--stores", "30", "--weeks", "40", "--items", "8", "--replicates", "2", "--seed", "5")
LABEL = f"simulated: offtake.twin, seed 5, version {VERSION}"


def verify(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = "from offtake.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "twin", "verify", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which promotion-response was verified on two small worlds."""
    path = tmp_path_factory.mktemp("verified")
    done = verify(path, "promotion-response", *SIZE, "--workers", "1")
    assert done.returncode == 0, done.stderr
    return path


def test_without_a_model_the_trials_are_listed(tmp_path: Path) -> None:
    done = verify(tmp_path, "--format", "json")
    listed = {row["trial"]: row for row in json.loads(done.stdout)}
    assert set(listed) >= {"promotion-response", "promotion-planned", "promotion-plain"}
    assert "truth table item" in listed["promotion-plain"]["held to the truth"]
    assert "simulated" in verify(tmp_path).stdout


def test_the_table_says_what_it_is(folder: Path) -> None:
    done = verify(folder, "promotion-response", *SIZE)
    assert done.returncode == 0, done.stderr
    assert f"Simulated data: offtake.twin, seed 5, version {VERSION}." in done.stdout
    assert "2 worlds (30 stores, 40 weeks, 8 items a category)" in done.stdout
    for words in ("display_feature, COFFEE", "bias error", "rmse", "80 %", "width 95 %"):
        assert words in done.stdout


@pytest.mark.parametrize("form", ["csv", "json"])
def test_csv_and_json_give_everything(folder: Path, form: str) -> None:
    done = verify(folder, "promotion-response", *SIZE, "--format", form)
    assert done.returncode == 0, done.stderr
    rows = (
        json.loads(done.stdout)
        if form == "json"
        else list(csv.DictReader(io.StringIO(done.stdout)))
    )
    assert len(rows) == 10
    for row in rows:
        assert (int(row["worlds"]), int(row["estimates"]), int(row["failed"])) == (2, 2, 0)
        assert float(row["coverage_80_low"]) <= float(row["coverage_80"])
        assert str(row["nominal_95_inside"]) in ("True", "False")
        assert float(row["wall_seconds"]) > 0
        assert row["label"] == LABEL


def test_the_picture_is_labelled_and_has_its_marks(folder: Path) -> None:
    here = folder / "verify-promotion-response"
    assert sorted(path.name for path in here.iterdir()) == [
        "recovery.json", "recovery.png", "recovery.svg", "replicates.jsonl",
    ]  # fmt: skip
    svg = (here / "recovery.svg").read_text()
    assert svg.count('aria-roledescription="point"') == 2 * 10 + 3 * 10
    assert "offtake.twin, seed 5" in svg
    assert "Not evidence about any market." in svg
    spec = json.loads((here / "recovery.json").read_text())
    assert spec["title"]["text"] == "Simulated data: promotion-response"
    assert (here / "recovery.png").read_bytes()[:4] == b"\x89PNG"


def test_an_unknown_model_is_bad_input(tmp_path: Path) -> None:
    done = verify(tmp_path, "promotion-respons")
    assert done.returncode == 2
    assert "Did you mean 'promotion-response'?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_seed_in_the_same_folder_is_bad_input(folder: Path) -> None:
    done = verify(folder, "promotion-response", *SIZE[:-1], "6")
    assert done.returncode == 2
    assert "seed: got 6, held 5" in done.stderr
