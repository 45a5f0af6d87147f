"""``offtake twin``: build, load, look at the truth, as a user types it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = (
    "--stores", "8", "--weeks", "20", "--seed", "5", "--items", "6", "--category", "COFFEE",
    "--households", "40", "--respondents", "30", "--stock-weeks", "2", "--workers", "1",
)  # fmt: skip


def offtake(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from offtake.cli.main import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin") / "dir"
    done = offtake("twin", "build", *SMALL, "--out", str(folder), "--format", "json")
    counts = {row["table"]: row["rows"] for row in json.loads(done.stdout) if row["kind"] == "data"}
    assert counts["store"] == 8
    assert counts["product"] == 6
    assert "Simulated, seed 5" in done.stderr
    return folder


def test_a_twin_is_loaded_and_asked_with_its_label(twin: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "twin.duckdb")
    rows = list(
        csv.DictReader(
            io.StringIO(
                offtake("twin", "load", str(twin), "--store", store, "--format", "csv").stdout
            )
        )
    )
    assert {row["set_aside"] for row in rows} == {"0"}
    asked = ("measure", "sales_units", "--simulated", "--store", store, "--format", "json")
    (answer,) = json.loads(offtake(*asked).stdout)
    assert answer["value"] > 0
    assert "seed 5" in answer["label"]
    real = ("measure", "sales_units", "--store", store)
    assert "nothing has been loaded into sales" in offtake(*real, code=2).stderr


def test_the_truth_is_listed_and_shown(twin: Path) -> None:
    listed = json.loads(offtake("twin", "truth", str(twin), "--format", "json").stdout)
    assert {"item", "event", "outage", "note"} <= {row["truth"] for row in listed}
    shown = offtake("twin", "truth", str(twin), "item", "--limit", "2", "--format", "json")
    assert len(json.loads(shown.stdout)) == 2


def test_a_truth_table_with_many_columns_stays_readable_and_says_what_it_is(twin: Path) -> None:
    shown = offtake("twin", "truth", str(twin), "event", "--limit", "2").stdout
    assert "Simulated data: offtake.twin, seed 5" in shown
    assert re.search(r"promotion_id +E\d{6} +E\d{6}", shown)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stores", "2"), "stores: got 2, allowed: 5 to 200000"),
        (("--first-week", "2024-01-02"), "allowed: a Monday"),
        (("--first-week", "soon"), "first_week: got 'soon'"),
        (("--without", "gravity"), "unknown effect 'gravity'"),
        (("--category", "TEA"), "unknown calibrated category 'TEA'"),
        (("--truth", "all"), "unknown truth 'all'"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_reason(
    words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    done = offtake("twin", "build", "--out", str(tmp_path / "x"), *words, code=2)
    assert told in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_truth_file_is_no_data(twin: Path, tmp_path: Path) -> None:
    file = next((twin / "truth" / "item").iterdir())
    store = str(tmp_path / "s.duckdb")
    done = offtake("load", str(file), "--as", "product", "--store", store, code=2)
    assert "simulated" in done.stderr
