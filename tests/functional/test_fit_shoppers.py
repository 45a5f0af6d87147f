"""``offtake fit shoppers``: every view for people and programs, files, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from offtake.cli.fit_shoppers import VIEWS, ShoppersBy
from offtake.cli.main import app
from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError
from offtake.pipeline.model_shoppers import SHOPPERS
from offtake.twin.build import build
from offtake.twin.load import load_twin
from tests.library.small_twin import SPEC


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shoppers")
    data = build(replace(SPEC, households=600), folder / "data").folder
    with Store(folder / "twin.duckdb", "twin") as opened:
        load_twin(opened, data)
    return folder / "twin.duckdb"


def run(store: Path, *words: str) -> Result:
    base = ["fit", "shoppers", "--category", "COFFEE", "--simulated", "--store", str(store)]
    return CliRunner().invoke(app, [*base, *words])


def test_every_view_shows_columns_that_its_table_has(store: Path, tmp_path: Path) -> None:
    done = run(store, "--out", str(tmp_path / "out"), "--page", str(tmp_path / "page.html"))
    assert done.exit_code == 0, done.output
    assert "Simulated" in (tmp_path / "page.html").read_text(encoding="utf-8")
    tables = {file.stem: pq.read_table(file) for file in (tmp_path / "out").glob("*.parquet")}
    assert {table.name for model in SHOPPERS for table in model.tables} <= set(tables)
    assert set(VIEWS) == set(ShoppersBy)
    for view in VIEWS.values():
        shown = {column for column, _ in view.shown.values()}
        assert shown <= set(tables[view.table].column_names), view.table


@pytest.mark.parametrize("by", ["norm", "won", "customer-base"])
def test_people_get_a_table_and_programs_every_column(store: Path, by: str) -> None:
    view = VIEWS[ShoppersBy(by)]
    told = run(store, "--by", by)
    assert told.exit_code == 0, told.output
    assert "simulated" in told.output.lower()
    rows = json.loads(run(store, "--by", by, "--format", "json").stdout)
    assert {column for column, _ in view.shown.values()} <= set(rows[0])
    assert "label" in rows[0]


def test_one_brand_is_picked_and_an_unknown_one_is_refused(store: Path) -> None:
    rows = json.loads(run(store, "--by", "won", "--format", "json").stdout)
    name = rows[0]["name"]
    mine = json.loads(run(store, "--by", "won", "--brand", name, "--format", "json").stdout)
    assert mine == [row for row in rows if row["name"] == name]
    wrong = run(store, "--by", "won", "--brand", "Nobody")
    assert isinstance(wrong.exception, UnknownNameError)


def test_what_is_not_loaded_is_named(tmp_path: Path) -> None:
    with Store(tmp_path / "empty.duckdb"):
        pass
    for by in ("norm", "campaign", "funnel", "trend"):
        done = CliRunner().invoke(
            app, ["fit", "shoppers", "--category", "COFFEE", "--by", by,
                  "--store", str(tmp_path / "empty.duckdb")],
        )  # fmt: skip
        assert isinstance(done.exception, BadInputError)
        assert "offtake load FILE --as" in str(done.exception)


def test_what_is_left_out_is_said_and_the_rest_is_written(tmp_path: Path) -> None:
    data = build(replace(SPEC, households=60), tmp_path / "data").folder
    with Store(tmp_path / "twin.duckdb", "twin") as opened:
        load_twin(opened, data, contracts=("product", "store", "sales", "survey_answer"))
    done = run(tmp_path / "twin.duckdb", "--page", str(tmp_path / "page.html"))
    assert done.exit_code == 0, done.output
    assert "Left out, norms" in done.stderr
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Size and loyalty: " in html
    assert "offtake load FILE --as basket_line" in html
    assert "How the brand stands with people" in html


def test_trends_are_those_that_moved_the_surest_first(store: Path) -> None:
    rows = json.loads(run(store, "--by", "trend", "--format", "json").stdout)
    assert all(row["verdict"] not in ("stable", "too few weeks") for row in rows)
    assert [row["q_value"] for row in rows] == sorted(row["q_value"] for row in rows)
