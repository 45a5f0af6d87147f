"""Simulated data on the command line: apart from real data, and labelled wherever they show."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.functional.test_command_line import offtake
from tests.library.small_market import LABEL, TABLES, WEEKS

LABEL_TEXT = "simulated: offtake.twin, seed 7, version 1"
WARNING = "Simulated data: offtake.twin, seed 7, version 1. Not evidence about any market."
REAL = "store_id,product_id,week,units,value\nS1,P1,2017-01-02,3,9\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that holds one real row and a whole simulated market."""
    path = tmp_path_factory.mktemp("twin")
    (path / "real.csv").write_text(REAL)
    assert offtake(path, "load", "real.csv", "--as", "sales").returncode == 0
    for contract, make in TABLES.items():
        rows = [row | LABEL for row in make()]
        with (path / f"{contract}.csv").open("w", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        done = offtake(path, "load", f"{contract}.csv", "--as", contract, "--simulated")
        assert done.returncode == 0, done.stderr
    return path


def test_simulated_rows_are_refused_without_the_option(folder: Path) -> None:
    before = offtake(folder, "loads", "--format", "json").stdout
    done = offtake(folder, "load", "sales.csv", "--as", "sales")
    assert (done.returncode, done.stdout) == (2, "")
    assert "sales.csv: column 'source', row 2: got 'offtake.twin'" in done.stderr
    assert "--simulated" in done.stderr
    assert offtake(folder, "loads", "--format", "json").stdout == before


def test_real_rows_are_refused_with_the_option(folder: Path) -> None:
    done = offtake(folder, "load", "real.csv", "--as", "sales", "--simulated")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no column for 'source', 'seed', 'version'" in done.stderr


def test_the_ledger_shows_the_schema(folder: Path) -> None:
    real = json.loads(offtake(folder, "loads", "--format", "json").stdout)
    assert [(one["load_id"], one["schema"]) for one in real] == [(1, "main")]
    twin = csv.DictReader(
        io.StringIO(offtake(folder, "loads", "--simulated", "--format", "csv").stdout)
    )
    assert {one["schema"] for one in twin} == {"twin"}


def test_set_aside_rows_are_apart(folder: Path, tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "a.duckdb"))
    bad = folder / "unlabelled.csv"
    bad.write_text("store_id,source,seed,version\nS1,scanner,7,1\n")
    done = offtake(folder, "load", bad.name, "--as", "store", "--simulated", *store)
    assert "allowed: a source that starts with offtake.twin" in done.stderr
    assert "offtake set-aside --load 1 --simulated" in done.stderr
    for option, count in ((("--simulated",), 1), ((), 0)):
        listed = offtake(folder, "set-aside", *option, *store, "--format", "json")
        assert len(json.loads(listed.stdout)) == count


def test_a_measure_carries_the_label(folder: Path) -> None:
    ask = ("measure", "sales_units", "--by", "store_id", "--simulated")
    table = offtake(folder, *ask).stdout
    assert table.splitlines()[0] == LABEL_TEXT
    rows = list(csv.DictReader(io.StringIO(offtake(folder, *ask, "--format", "csv").stdout)))
    assert list(rows[0])[-1] == "label"
    records = json.loads(offtake(folder, *ask, "--format", "json").stdout)
    assert list(records[0])[-1] == "label"
    assert {row["label"] for row in (*rows, *records)} == {LABEL_TEXT}
    assert len(rows) == len(records) == 6


def test_a_measure_of_real_data_has_no_label(folder: Path) -> None:
    done = offtake(folder, "measure", "sales_units", "--format", "json")
    assert json.loads(done.stdout) == [{"value": 3.0}]
    assert "imulated" not in offtake(folder, "measure", "sales_units").stdout


def test_a_run_says_that_it_is_simulated(folder: Path) -> None:
    done = offtake(
        folder, "refresh", "--category", "Snacks", "--manufacturer", "Acme", "--simulated"
    )
    assert done.returncode == 0, done.stderr
    assert WARNING in done.stderr
    (run,) = json.loads(offtake(folder, "runs", "--format", "json").stdout)
    assert (run["published"], run["simulated"]) == (True, LABEL_TEXT)
    again = offtake(folder, "runs", "--publish", run["run"], "--format", "json")
    assert json.loads(again.stdout) == [run]
    assert offtake(folder, "runs", "--publish", "gone").returncode == 2
    manifest = json.loads((folder / run["folder"] / "manifest.json").read_text())
    assert all(one["source"].startswith("offtake.twin") for one in manifest["loads"])
    assert manifest["frame"]["data_first_week"] == "2017-01-02"
    assert WEEKS == 9


def test_real_data_without_a_market_do_not_borrow_one(folder: Path) -> None:
    done = offtake(folder, "refresh", "--category", "Snacks", "--manufacturer", "Acme")
    assert done.returncode == 2
    assert "Snacks" in done.stderr or "weeks" in done.stderr
