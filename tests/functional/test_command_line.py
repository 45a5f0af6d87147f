"""The commands as a person types them: output, errors, exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

SALES = (
    "store_id,product_id,week,units,value\n"
    "S1,P1,2017-01-02,3,9\n"
    "S1,P2,2017-01-02,1,3\n"
    "S2,P1,2017-01-09,2,6\n"
    "S2,P1,2017-01-10,2,6\n"
)
PRODUCTS = "product_id,brand,category\nP1,Crisp,Snacks\nP2,Crunch,Snacks\n"


def offtake(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from offtake.cli.main import main; main()", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in which four sales rows were loaded, one of them bad."""
    path = tmp_path_factory.mktemp("shop")
    (path / "sales.csv").write_text(SALES)
    (path / "products.csv").write_text(PRODUCTS)
    assert offtake(path, "load", "products.csv", "--as", "product").returncode == 0
    assert offtake(path, "load", "sales.csv", "--as", "sales").returncode == 0
    return path


def test_help_names_every_command(folder: Path) -> None:
    done = offtake(folder, "--help")
    assert done.returncode == 0
    for command in ("load", "loads", "set-aside", "contracts", "measures", "measure", "demo"):
        assert f"\n  {command} " in done.stdout


def test_load_counts_and_explains(folder: Path, tmp_path: Path) -> None:
    done = offtake(
        folder, "load", "sales.csv", "--as", "sales", "--store", str(tmp_path / "new.duckdb"),
        "--format", "json",
    )  # fmt: skip
    (counts,) = json.loads(done.stdout)
    assert (counts["rows_in"], counts["loaded"], counts["set_aside"]) == (4, 3, 1)
    assert "row 5, week: got '2017-01-10'" in done.stderr
    assert "allowed: a Monday" in done.stderr
    assert "offtake set-aside --load 1" in done.stderr


def test_loading_again_says_nothing_changed(folder: Path) -> None:
    done = offtake(folder, "load", "products.csv", "--as", "product")
    assert "is load 1 already: nothing changed" in done.stderr


def test_dry_run_leaves_no_rows(folder: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "dry.duckdb")
    assert (
        "nothing was written"
        in offtake(
            folder, "load", "sales.csv", "--as", "sales", "--dry-run", "--store", store
        ).stderr
    )
    assert json.loads(offtake(folder, "loads", "--store", store, "--format", "json").stdout) == []


def test_measure_as_csv_gives_full_values(folder: Path) -> None:
    done = offtake(
        folder, "measure", "value_share", "--by", "brand", "--where", "category=Snacks",
        "--format", "csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(r["brand"], float(r["value"])) for r in rows] == [
        ("Crisp", pytest.approx(100 * 15 / 18)),
        ("Crunch", pytest.approx(100 * 3 / 18)),
    ]


def test_measure_as_table_shows_definition_unit_and_period(folder: Path) -> None:
    done = offtake(folder, "measure", "value_share", "--by", "brand", "--period", "2017-W01")
    assert "Value share (%)" in done.stdout
    assert "value sales / market value sales x 100" in done.stdout
    assert "1 weeks, 2017-01-02 to 2017-01-02" in done.stdout
    assert "75.0%" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "penetratio"), "Did you mean 'penetration'?"),
        (("measure", "penetration"), "nothing has been loaded into basket_line"),
        (("measure", "sales_value", "--by", "colour"), "unknown grouping 'colour'"),
        (("measure", "sales_value", "--by", "income"), "unknown grouping for sales_value"),
        (("measure", "sales_value", "--where", "brand"), "allowed: dimension=value"),
        (("measure", "sales_value", "--period", "2017-X"), "2017-X"),
        (("measure", "sales_value", "--against", "previous"), "needs a period"),
        (
            ("measure", "average_price", "--by", "brand", "--sum-over", "brand"),
            "average_price cannot be summed over brand",
        ),
        (("load", "nowhere.csv", "--as", "sales"), "nowhere.csv does not exist"),
        (("load", "sales.csv"), "say what the file holds"),
        (("load", "sales.csv", "--as", "sails"), "Did you mean 'sales'?"),
        (("load", "products.csv", "--as", "store"), "no column for 'store_id'"),
        (("measures", "x"), "unknown measure 'x'"),
        (("set-aside", "--export", "x.csv"), "--export needs --load"),
        (("loads", "--store", "none.duckdb"), "there is no store at none.duckdb"),
        (("measure", "sales_value", "--format", "pdf"), "pdf"),
    ],
)
def test_bad_input_exits_2_and_says_what_is_allowed(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = offtake(folder, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_set_aside_rows_come_back_mended(folder: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "mend.duckdb")
    offtake(folder, "load", "sales.csv", "--as", "sales", "--store", store)
    mend = tmp_path / "mend.csv"
    offtake(folder, "set-aside", "--load", "1", "--export", str(mend), "--store", store)
    mend.write_text(mend.read_text().replace("S2,P1,2017-01-10", "S2,P1,2017-01-16"))
    done = offtake(folder, "load", str(mend), "--as", "sales", "--store", store)
    assert done.returncode == 0
    left = offtake(folder, "set-aside", "--store", store, "--format", "json")
    assert json.loads(left.stdout) == []
    units = offtake(folder, "measure", "sales_units", "--store", store, "--format", "json")
    assert json.loads(units.stdout) == [{"value": 8.0}]


def test_contracts_lists_columns(folder: Path) -> None:
    done = offtake(folder, "contracts", "sales", "--format", "json")
    columns = {row["column"]: row for row in json.loads(done.stdout)}
    assert columns["units"]["needed"] == "yes"
    assert columns["store_id"]["needed"] == "key"
