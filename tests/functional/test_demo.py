"""``offtake demo``: real data first, a simulated market beside them, and nothing done twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from offtake.cli.main import app
from offtake.data.ledger import Load, loads
from offtake.data.store import Store
from offtake.pipeline.run import read_run
from tests.library import small_market, small_twin

WARNING = "Simulated data: offtake.twin, seed 5, version"


def load_small_market(store: Store, **_: object) -> list[Load]:
    """Stand in for Complete Journey, which takes its time."""
    if loads(store):
        return [replace(load, loaded=0) for load in loads(store)]
    folder = Path(store.path).parent
    return loads(small_market.fill(store, folder))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offtake.data.completejourney.load_completejourney", load_small_market)
    monkeypatch.setattr("offtake.pipeline.demo.TWIN", small_twin.SPEC)
    monkeypatch.setattr("offtake.pipeline.demo.TWIN_VIEW", small_twin.VIEW)
    monkeypatch.setattr("offtake.cli.demo.WORKERS", 1)
    # Some questions of every kind: what becomes of all of them is for other tests.
    monkeypatch.setattr("offtake.pipeline.refresh.questions", small_market.few_questions)


def demo(folder: Path, *words: str) -> Result:
    view = ("--category", "Snacks", "--manufacturer", "Acme")
    done = CliRunner().invoke(app, ["demo", "--out", str(folder), *view, *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


def seeds(folder: Path) -> set[int]:
    with Store(folder / "offtake.duckdb", "twin", read_only=True) as store:
        return {row[0] for row in store.fetch("SELECT DISTINCT seed FROM twin.sales")}


def test_twice_real_first_and_simulated_beside_it(tmp_path: Path) -> None:
    first = demo(tmp_path)
    real, twin = read_run(tmp_path / "runs"), read_run(tmp_path / "twin" / "runs")
    assert real.manifest.frame.simulated == ""
    assert "offtake.twin, seed 5" in twin.manifest.frame.simulated
    assert first.stdout.index("Acme in Snacks") < first.stdout.index(WARNING)
    assert first.stdout.count("scoreboard.html") == 2
    assert "simulated rows, loaded apart from the real ones" in first.stderr
    before = contents(tmp_path)
    second = demo(tmp_path)
    assert "Made and loaded already" in second.stderr
    assert contents(tmp_path) == before
    with Store(tmp_path / "offtake.duckdb", read_only=True) as store:
        assert {load.schema for load in loads(store)} == {"main"}


def test_the_ledger_shows_what_promotions_cost_and_units_earn(tmp_path: Path) -> None:
    demo(tmp_path)
    store = str(tmp_path / "offtake.duckdb")
    words = ["loads", "--simulated", "--format", "json", "--store", store]
    shown = json.loads(CliRunner().invoke(app, words).stdout)
    rows = {load["contract"]: load["loaded"] for load in shown}
    assert rows["promotion_cost"] > 0
    assert rows["unit_margin"] > 0


def test_without_the_twin(tmp_path: Path) -> None:
    done = demo(tmp_path, "--no-twin")
    assert "imulated" not in done.output
    assert not (tmp_path / "twin").exists()


def test_another_world_takes_the_place_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo(tmp_path)
    real = read_run(tmp_path / "runs").run_id
    other = replace(small_twin.SPEC, seed=6)
    monkeypatch.setattr("offtake.pipeline.demo.TWIN", other)
    done = demo(tmp_path)
    assert "simulated rows, loaded" in done.stderr
    assert seeds(tmp_path) == {6}
    assert "seed 6" in read_run(tmp_path / "twin" / "runs").manifest.frame.simulated
    assert "seed 5" not in read_run(tmp_path / "twin" / "runs").manifest.frame.simulated
    assert read_run(tmp_path / "runs").run_id == real


def test_a_store_of_an_old_layout_is_kept_aside_and_the_demo_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "offtake.duckdb"
    Store(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta.layout SET version = 1")
    done = demo(tmp_path, "--no-twin")
    assert "has store layout 1" in done.stderr
    assert "The demo starts over" in done.stderr
    assert (tmp_path / "offtake.duckdb.old").is_file()
    assert read_run(tmp_path / "runs").manifest.frame.category == "Snacks"
    assert "starts over" not in demo(tmp_path, "--no-twin").stderr
