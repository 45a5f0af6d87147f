"""The promotion model in a run: fitted once, copied while nothing changes, absent with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.pipeline import modelled
from offtake.pipeline.model_promotion import PROMOTION
from offtake.pipeline.refresh import refresh
from offtake.report.run import Run
from tests.library.small_market import VIEW as MARKET_VIEW
from tests.library.small_market import fill
from tests.library.small_twin import VIEW, fill_twin

WITH_MODEL = replace(VIEW, models=("promotion",))
NAMES = {table.name for table in PROMOTION.tables}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modelled")
    with Store(folder / "twin.duckdb", "twin") as opened:
        fill_twin(opened, folder)
    return folder / "twin.duckdb"


@pytest.fixture(scope="module")
def runs(store: Path) -> Path:
    return store.parent / "runs"


@pytest.fixture(scope="module")
def run(store: Path, runs: Path) -> Run:
    with Store(store, "twin", read_only=True) as opened:
        return refresh(opened, runs, WITH_MODEL)


def test_a_run_holds_every_table_with_its_passport(run: Run) -> None:
    assert set(run.table_names) >= NAMES
    assert set(run.manifest.passports) >= NAMES
    assert run.rows("promotion_events")
    assert not NAMES & {gap.name for gap in run.manifest.gaps}


def test_the_page_stands_beside_the_scoreboard_and_is_sealed(run: Run) -> None:
    page = (run.folder / "promotions.html").read_text(encoding="utf-8")
    assert "promotions.html" in run.manifest.files
    assert "Not evidence about any market" in page
    board = (run.folder / "scoreboard.html").read_text(encoding="utf-8")
    assert 'href="promotions.html"' in board
    assert 'href="scoreboard.html"' in page


def test_a_second_refresh_fits_nothing(
    store: Path, runs: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr("offtake.models.promotion.fit.fit_promotions", never)
    with Store(store, "twin", read_only=True) as opened:
        again = refresh(opened, runs, WITH_MODEL)
        kept = refresh(opened, runs, WITH_MODEL, keep=True)
    mine = [entry for entry in again.manifest.tables if entry.name in NAMES]
    assert {entry.reused_from for entry in mine} == {run.run_id}
    assert {entry.sha256 for entry in mine} == {run.entry(name).sha256 for name in NAMES}
    assert kept.run_id == again.run_id


def test_without_promotions_the_tables_are_missing_with_a_reason(tmp_path: Path) -> None:
    view = replace(MARKET_VIEW, models=("promotion",))
    with fill(Store(tmp_path / "m.duckdb"), tmp_path, without=["promotion"]) as opened:
        run = refresh(opened, tmp_path / "runs", view)
        kept = refresh(opened, tmp_path / "runs", view, keep=True)
    gaps = {gap.name: gap for gap in run.manifest.gaps}
    assert gaps["promotion_events"].load == ("promotion",)
    assert not NAMES & set(run.table_names)
    assert not (run.folder / "promotions.html").exists()
    assert 'href="promotions.html"' not in (run.folder / "scoreboard.html").read_text("utf-8")
    assert kept.run_id == run.run_id


def test_a_model_that_does_not_exist_is_refused(store: Path, tmp_path: Path) -> None:
    view = replace(VIEW, models=("weather",))
    with (
        Store(store, "twin", read_only=True) as opened,
        pytest.raises(BadInputError, match="promo"),
    ):
        refresh(opened, tmp_path / "runs", view)


def test_models_that_are_not_installed_are_said(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelled, "installed", lambda: False)
    from offtake.pipeline.refresh import _ground

    with Store(store, "twin", read_only=True) as opened:
        gaps = PROMOTION.gaps(_ground(opened, VIEW))
    assert {gap.name for gap in gaps} == NAMES
    assert "pip install 'offtake[models]'" in gaps[0].reason
