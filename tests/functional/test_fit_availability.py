"""``offtake fit availability``: alarms for people and programs, sums, files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from offtake.cli.fit_availability import AvailabilityBy
from offtake.cli.main import app
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.models.availability.groupings import DIMENSIONS
from offtake.pipeline.model_availability import AVAILABILITY
from tests.library.small_twin import fill_twin


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("availability")
    with Store(folder / "twin.duckdb", "twin") as opened:
        fill_twin(opened, folder)
    return folder / "twin.duckdb"


def run(store: Path, *words: str) -> Result:
    base = ["fit", "availability", "--category", "COFFEE", "--simulated", "--store", str(store)]
    return CliRunner().invoke(app, [*base, *words])


def test_people_get_alarms_that_say_they_are_simulated(store: Path) -> None:
    done = run(store, "--past", "--limit", "3")
    assert done.exit_code == 0, done.output
    assert "simulated" in done.output
    for head in ("since", "sure", "guess", "lost"):
        assert head in done.output
    assert "of which" in done.output
    assert "false, expected" in done.output


def test_programs_get_every_column_and_listed_alarms_only(store: Path) -> None:
    rows = json.loads(run(store, "--past", "--format", "json").stdout)
    assert rows
    assert all(row["listed"] for row in rows)
    assert "label" in rows[0]
    ongoing = json.loads(run(store, "--format", "json").stdout)
    assert [row for row in rows if row["ongoing"]] == ongoing
    lines = list(csv.DictReader(io.StringIO(run(store, "--past", "--format", "csv").stdout)))
    assert len(lines) == len(rows)


@pytest.mark.parametrize("by", ["cause", "territory", "item"])
def test_sums_are_printed(store: Path, by: str) -> None:
    rows = json.loads(run(store, "--by", by, "--format", "json").stdout)
    assert rows
    assert [row["lost_units"] for row in rows] == sorted(
        (row["lost_units"] for row in rows), reverse=True
    )


def test_one_manufacturer_can_be_asked_for(store: Path) -> None:
    rows = json.loads(run(store, "--past", "--manufacturer", "Alder", "--format", "json").stdout)
    assert {row["manufacturer"] for row in rows} == {"Alder"}
    sums = run(store, "--by", "retailer", "--manufacturer", "Alder", "--format", "json").stdout
    assert {row["manufacturer"] for row in json.loads(sums)} == {"Alder"}
    wrong = run(store, "--manufacturer", "Aldr")
    assert wrong.exit_code != 0
    assert "Alder" in str(wrong.exception)


def test_gaps_need_no_shelves_that_can_be_watched(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("watched")

    monkeypatch.setattr("offtake.models.availability.answer.fit_availability", never)
    assert run(store, "--by", "gap").exit_code == 0


def test_all_dimensions_can_be_asked_for() -> None:
    one_by_one = {"alarm", "gap", "new-item", "delisting", "cause", "week", "visit"}
    assert {each.value for each in AvailabilityBy} == one_by_one | set(DIMENSIONS)


def test_gaps_come_in_the_order_of_their_worth(store: Path) -> None:
    rows = json.loads(run(store, "--by", "gap", "--format", "json").stdout)
    assert rows
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    table = run(store, "--by", "gap", "--limit", "2")
    assert "win back" in table.output


def test_visits_come_store_by_store_the_best_first(store: Path) -> None:
    rows = json.loads(run(store, "--by", "visit", "--format", "json").stdout)
    assert {row["source"] for row in rows} <= {"gap", "alarm"}
    assert len(rows) > 5
    for valued_at in ("margin", "retail_value"):
        worth = [row["recoverable_per_visit"] for row in rows if row["valued_at"] == valued_at]
        assert worth == sorted(worth, reverse=True)
    one = [row for row in rows if row["manufacturer"] == "Alder"]
    ours = json.loads(
        run(store, "--by", "visit", "--manufacturer", "Alder", "--format", "json").stdout
    )
    assert [row["rank"] for row in ours] == [row["rank"] for row in one]
    assert "the best visit first" in run(store, "--by", "visit").output


def test_weeks_are_printed_the_latest_first(store: Path) -> None:
    rows = json.loads(run(store, "--by", "week", "--format", "json").stdout)
    weeks = [row["week"] for row in rows]
    assert weeks == sorted(set(weeks), reverse=True)
    assert "there" in run(store, "--by", "week").output


@pytest.mark.parametrize("by", ["new-item", "delisting"])
def test_new_and_ended_items_are_printed(store: Path, by: str) -> None:
    done = run(store, "--by", by)
    assert done.exit_code == 0, done.output
    keys = [(row["product_id"], row["retailer"]) for row in
            json.loads(run(store, "--by", by, "--format", "json").stdout)]  # fmt: skip
    assert by != "new-item" or len(keys) == len(set(keys))


def test_tables_are_written_with_their_label(store: Path, tmp_path: Path) -> None:
    done = run(store, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(f"{table.name}.parquet" for table in AVAILABILITY.tables)
    table = pq.read_table(tmp_path / "out" / names[0])
    assert b"simulated" in (table.schema.metadata or {})


def test_a_page_is_written_with_its_label(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "shelves.html"
    done = run(store, "--page", str(page), "--manufacturer", "Alder")
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert "Not evidence about any market" in text
    assert "of demand did not find its item" in text


def test_a_wrong_share_and_an_unknown_category_are_refused(store: Path) -> None:
    done = run(store, "--false-alarms", "2")
    assert done.exit_code != 0
    assert "false_alarms: got 2.0, allowed: 0.001 to 0.9" in str(done.exception)
    other = CliRunner().invoke(
        app, ["fit", "availability", "--category", "TEA", "--simulated", "--store", str(store)]
    )
    assert other.exit_code != 0
    assert "TEA" in str(other.exception)


def test_a_page_that_cannot_be_written_is_refused_before_the_fit(
    store: Path, tmp_path: Path
) -> None:
    done = run(store, "--page", str(tmp_path / "nowhere" / "page.html"))
    assert isinstance(done.exception, BadInputError)
    assert "a file in a folder that exists" in str(done.exception)
