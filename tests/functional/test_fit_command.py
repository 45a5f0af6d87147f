"""``offtake fit promotion``: tables for people and programs, one promotion in words, files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from offtake.cli.main import app
from offtake.data.store import Store
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.tables import promotion_tables
from offtake.pipeline.model_promotion import PROMOTION
from tests.library.small_twin import fill_twin


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    with Store(folder / "twin.duckdb", "twin") as opened:
        fill_twin(opened, folder)
    return folder / "twin.duckdb"


def run(store: Path, *words: str) -> Result:
    base = ["fit", "promotion", "--category", "COFFEE", "--simulated", "--store", str(store)]
    return CliRunner().invoke(app, [*base, *words])


def test_people_get_a_table_that_says_it_is_simulated(store: Path) -> None:
    done = run(store, "--limit", "3")
    assert done.exit_code == 0, done.output
    assert "simulated" in done.output
    for head in ("extra", "planned", "executed", "fully", "verdict", "grade"):
        assert head in done.output
    assert "--limit shows more" in done.output


def test_programs_get_every_column_and_row(store: Path) -> None:
    rows = json.loads(run(store, "--format", "json").stdout)
    assert {"incremental", "incremental_low", "roi_net_if_fully_executed", "label"} <= rows[
        0
    ].keys()
    assert [row["incremental"] for row in rows] == sorted(
        (row["incremental"] for row in rows), reverse=True
    )
    lines = list(csv.DictReader(io.StringIO(run(store, "--format", "csv").stdout)))
    assert len(lines) == len(rows)


def test_one_manufacturer_added_up(store: Path) -> None:
    rows = json.loads(
        run(store, "--by", "retailer", "--manufacturer", "Alder", "--format", "json").stdout
    )
    assert {row["dimension"] for row in rows} == {"retailer"}
    alone = json.loads(run(store, "--manufacturer", "Alder", "--format", "json").stdout)
    assert sum(row["events"] for row in rows) == len(alone)
    assert {row["manufacturer"] for row in alone} == {"Alder"}


def test_weeks_before_can_be_asked_for(store: Path, tmp_path: Path) -> None:
    done = run(store, "--leads", "1", "--out", str(tmp_path / "out"), "--page",
               str(tmp_path / "p.html"))  # fmt: skip
    assert done.exit_code == 0, done.output
    shared = pq.read_table(tmp_path / "out" / "promotion_category.parquet")
    assert "dip_before_1_weeks" in shared["parameter"].to_pylist()
    assert "Dip 1 week before" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_one_promotion_in_words(store: Path) -> None:
    first = json.loads(run(store, "--format", "json").stdout)[0]["promotion_id"]
    done = run(store, "--explain", first)
    assert done.exit_code == 0
    assert "units" in done.stdout
    assert "Grade" in done.stdout


def test_page_and_tables_are_written(store: Path, tmp_path: Path) -> None:
    done = run(store, "--page", str(tmp_path / "p.html"), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "<!doctype html>" in (tmp_path / "p.html").read_text(encoding="utf-8")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    told = [each.name for each in PROMOTION.tables if not each.name.startswith("planning_")]
    assert names == sorted(f"{name}.parquet" for name in told)
    table = pq.read_table(tmp_path / "out" / "promotion_events.parquet")
    assert b"simulated" in (table.schema.metadata or {})


def test_tables_are_built_once_for_all_that_is_written(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[PromotionFit] = []

    def counted(fit: PromotionFit) -> Mapping[str, pa.Table]:
        built.append(fit)
        return promotion_tables(fit)

    monkeypatch.setattr("offtake.models.promotion.tables.promotion_tables", counted)
    run(store, "--page", str(tmp_path / "p.html"), "--out", str(tmp_path / "out"))
    assert len(built) == 1


def test_nothing_is_written_when_what_is_asked_for_is_not_there(
    store: Path, tmp_path: Path
) -> None:
    page, out = tmp_path / "p.html", tmp_path / "out"
    done = run(store, "--page", str(page), "--out", str(out), "--manufacturer", "Nobody")
    assert "Nobody" in str(done.exception)
    assert not page.exists()
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--manufacturer", "Nobody"), "Nobody"),
        (("--explain", "E999999"), "E999999"),
        (("--margin-share", "2"), "margin_share"),
        (("--selection-sd", "7"), "selection_sd"),
    ],
)
def test_wrong_input_is_named(store: Path, words: tuple[str, ...], said: str) -> None:
    done = run(store, *words)
    assert done.exit_code != 0
    assert said in str(done.exception)
