"""Runs: whole or not there, the same from the same, and safe from a process killed at any time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from offtake.data.lock import held
from offtake.data.store import Store
from offtake.errors import (
    BadInputError,
    OfftakeError,
    StoppedError,
    StoreBusyError,
    UnknownNameError,
    UnreadableFileError,
)
from offtake.pipeline import refresh as refreshing
from offtake.pipeline.refresh import refresh
from offtake.pipeline.run import (
    damaged_files,
    demand_whole,
    list_runs,
    published_id,
    read_run,
    republish,
    run_ids,
    start_run,
)
from offtake.report.manifest import from_json, to_json
from offtake.report.run import Run
from tests.library.small_market import VIEW, few_questions, fill, load_rows, promotions


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store on disk with the small market."""
    folder = tmp_path_factory.mktemp("market")
    with Store(folder / "market.duckdb") as store:
        fill(store, folder)
    return folder / "market.duckdb"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask few questions: how a run is made and kept does not depend on how many."""
    monkeypatch.setattr(refreshing, "questions", few_questions)


def refreshed(market: Path, runs: Path) -> Run:
    with Store(market, read_only=True) as store:
        return refresh(store, runs, VIEW)


def checksums(run: Run) -> dict[str, str]:
    return {entry.name: entry.sha256 for entry in run.manifest.tables}


def drafts(runs: Path) -> list[Path]:
    return list(runs.glob(".draft-*"))


def test_a_run_is_published_whole(market: Path, runs: Path) -> None:
    run = refreshed(market, runs)
    assert published_id(runs) == run.run_id
    assert read_run(runs) == run == read_run(runs, run.run_id)
    assert damaged_files(run) == ()
    assert drafts(runs) == []
    assert {"manifest.json", "scoreboard.html", "tables", "charts"} == {
        path.name for path in run.folder.iterdir()
    }
    assert run.manifest.gaps == ()


def test_the_manifest_says_where_everything_comes_from(market: Path, runs: Path) -> None:
    run = refreshed(market, runs)
    assert from_json(to_json(run.manifest)) == run.manifest
    assert [load.contract for load in run.manifest.loads][-2:] == ["sales", "promotion"]
    assert all(load.rows_in == load.loaded for load in run.manifest.loads)
    entry = run.entry("penetration")
    assert entry.where == ("category=Snacks", "manufacturer=Acme|Cove|Bolt")
    assert (entry.by, entry.against, entry.rows) == (("manufacturer",), "previous", 3)
    assert entry.inputs == ("basket_line", "product")
    passport = run.passport("penetration")
    assert passport.formula == "buying households / households x 100"
    assert passport.sources == ("small.csv",)
    assert passport.weeks == "2017-W01..2017-W09"
    assert passport.vintage == max(
        load.vintage for load in run.manifest.loads if load.contract in entry.inputs
    )
    assert set(run.manifest.passports) == {entry.measure for entry in run.manifest.tables}


def test_equal_data_give_equal_tables(market: Path, runs: Path, tmp_path: Path) -> None:
    one, other = refreshed(market, runs), refreshed(market, tmp_path / "elsewhere")
    assert checksums(one) == checksums(other)
    assert not any(entry.reused_from for entry in other.manifest.tables)
    assert one.charts() == other.charts()


def test_a_second_refresh_copies_what_is_still_good(market: Path, runs: Path) -> None:
    first, second = refreshed(market, runs), refreshed(market, runs)
    assert first.run_id != second.run_id
    assert published_id(runs) == second.run_id
    assert [run.run_id for run in list_runs(runs)] == [second.run_id, first.run_id]
    assert checksums(first) == checksums(second)
    assert {entry.reused_from for entry in second.manifest.tables} == {first.run_id}


def test_only_what_new_data_touch_is_worked_out_again(runs: Path, tmp_path: Path) -> None:
    with fill(Store(tmp_path / "market.duckdb"), tmp_path, without=["promotion"]) as store:
        refresh(store, runs, VIEW)
        load_rows(store, "promotion", promotions(), tmp_path)
        run = refresh(store, runs, VIEW)
    fresh = {entry.name for entry in run.manifest.tables if not entry.reused_from}
    assert fresh == {"fair_share_index"}


def test_another_view_shares_no_table_with_this_one(market: Path, runs: Path) -> None:
    refreshed(market, runs)
    with Store(market, read_only=True) as store:
        run = refresh(store, runs, replace(VIEW, manufacturer="Bolt"))
    reused = {entry.name for entry in run.manifest.tables if entry.reused_from}
    assert reused == {"category_sales", "category_by_store"}


def test_a_table_that_was_changed_is_noticed_and_not_copied(market: Path, runs: Path) -> None:
    first = refreshed(market, runs)
    (first.folder / "tables" / "penetration.parquet").write_bytes(b"other")
    assert damaged_files(first) == ("tables/penetration.parquet",)
    with pytest.raises(OfftakeError, match=r"tables/penetration\.parquet"):
        demand_whole(first)
    second = refreshed(market, runs)
    assert [e.name for e in second.manifest.tables if not e.reused_from] == ["penetration"]
    assert checksums(first) == checksums(second)
    demand_whole(second)


def test_progress_runs_from_nothing_to_all(market: Path, runs: Path) -> None:
    seen: list[tuple[str, float]] = []
    with Store(market, read_only=True) as store:
        refresh(store, runs, VIEW, progress=lambda step, share: seen.append((step, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert (shares[0], seen[-1]) == (0, ("done", 100))
    assert "penetration" in [step for step, _ in seen]


def test_stopping_leaves_nothing_behind(market: Path, runs: Path) -> None:
    last = refreshed(market, runs)

    def stop(step: str, share: float) -> None:
        if share > 50:
            raise KeyboardInterrupt

    with Store(market, read_only=True) as store, pytest.raises(KeyboardInterrupt):
        refresh(store, runs, VIEW, progress=stop)
    assert drafts(runs) == []
    assert [run.run_id for run in list_runs(runs)] == [last.run_id]
    assert published_id(runs) == last.run_id


def stopped_at(market: Path, runs: Path, name: str) -> None:
    """Refresh until a table's turn comes, and stop there."""

    def stop(step: str, share: float) -> None:
        if step == name:
            raise StoppedError("told to stop")

    with Store(market, read_only=True) as store, pytest.raises(StoppedError):
        refresh(store, runs, VIEW, progress=stop)


def finished(draft: Path) -> list[str]:
    lines = (draft / "done.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["name"] for line in lines]


def test_a_refresh_that_is_told_to_stop_keeps_what_is_finished(market: Path, runs: Path) -> None:
    stopped_at(market, runs, "penetration")
    assert published_id(runs) is None
    (draft,) = drafts(runs)
    kept = finished(draft)
    written = {name: (draft / "tables" / f"{name}.parquet").stat().st_mtime_ns for name in kept}
    assert kept
    run = refreshed(market, runs)
    assert drafts(runs) == []
    demand_whole(run)
    for name in written:  # copied, not worked out again: the seconds are those of the first time
        assert run.entry(name).seconds > 0
    assert not (runs / draft.name).exists()


def test_what_was_finished_outlives_a_second_and_earlier_stop(market: Path, runs: Path) -> None:
    stopped_at(market, runs, "penetration")
    (first,) = drafts(runs)
    kept = finished(first)
    stopped_at(market, runs, "own sales")
    (second,) = drafts(runs)
    assert second != first
    assert sorted(finished(second)) == sorted(kept)
    with start_run(runs, "0123456789") as draft:
        assert len(draft.leftovers) == len(kept)
        for entry, path in draft.leftovers.values():
            assert draft.copy_table(entry, path)


def test_an_earlier_run_is_published_again(market: Path, runs: Path) -> None:
    first, second = refreshed(market, runs), refreshed(market, runs)
    assert run_ids(runs) == (second.run_id, first.run_id)
    assert republish(runs, first.run_id) == first
    assert published_id(runs) == first.run_id
    assert run_ids(runs) == (second.run_id, first.run_id)
    assert republish(runs, second.run_id) == second == read_run(runs)


def test_a_run_is_published_again_where_the_pointer_leads_nowhere(market: Path, runs: Path) -> None:
    run = refreshed(market, runs)
    (runs / "published").write_text("gone\n", encoding="utf-8")
    republish(runs, run.run_id)
    assert published_id(runs) == run.run_id


def test_what_must_not_be_published_is_refused(market: Path, runs: Path) -> None:
    first, second = refreshed(market, runs), refreshed(market, runs)
    with pytest.raises(UnknownNameError, match="unknown run"):
        republish(runs, "../elsewhere")
    with held(runs / ".lock"), pytest.raises(StoreBusyError):
        republish(runs, first.run_id)
    frame = replace(first.manifest.frame, simulated="simulated: offtake.twin, seed 7, version 1")
    simulated = to_json(replace(first.manifest, frame=frame))
    (first.folder / "manifest.json").write_text(simulated, encoding="utf-8")
    with pytest.raises(BadInputError, match="unseen"):
        republish(runs, first.run_id)
    (first.folder / "tables" / "penetration.parquet").write_bytes(b"other")
    with pytest.raises(OfftakeError, match="has been changed"):
        republish(runs, first.run_id)
    assert published_id(runs) == second.run_id


HANG_AT_STEP = """
import sys, time
from pathlib import Path
from offtake.data.store import Store
from offtake.pipeline import refresh
from tests.library.small_market import VIEW, few_questions

market, runs, step, here = sys.argv[1:]
refresh.questions = few_questions

def hang(now, share):
    if now == step:
        Path(here).touch()
        time.sleep(600)

refresh.refresh(Store(market, read_only=True), Path(runs), VIEW, progress=hang)
"""

HANG_BEFORE_POINTER = """
import sys, time
from pathlib import Path
from offtake.data.store import Store
from offtake.pipeline import refresh, run
from tests.library.small_market import VIEW, few_questions

market, runs, step, here = sys.argv[1:]
refresh.questions = few_questions

def hang(runs_dir, run_id):
    Path(here).touch()
    time.sleep(600)

run._point_to = hang
refresh.refresh(Store(market, read_only=True), Path(runs), VIEW)
"""


def kill_when_there(script: str, market: Path, runs: Path, step: str = "") -> None:
    """Start a refresh in a process of its own and kill it at a certain point."""
    here = runs.parent / "here"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(market), str(runs), step, str(here)],
        cwd=Path(__file__).parents[2],
    )
    deadline = time.monotonic() + 120
    while not here.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert here.exists(), "the refresh ended before the point it was to be killed at"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("step", ["own sales", "switching", "writing the scoreboard"])
def test_a_killed_refresh_leaves_the_last_run_and_the_next_goes_on(
    market: Path, runs: Path, tmp_path: Path, step: str
) -> None:
    with fill(Store(tmp_path / "old.duckdb"), tmp_path, without=["promotion"]) as store:
        last = refresh(store, runs, VIEW)
    kill_when_there(HANG_AT_STEP, market, runs, step)
    assert published_id(runs) == last.run_id
    assert [run.run_id for run in list_runs(runs)] == [last.run_id]
    demand_whole(read_run(runs))
    journal = drafts(runs)[0] / "done.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    names = [json.loads(line)["name"] for line in lines]
    assert bool(names) == (step != "own sales")
    run = refreshed(market, runs)
    assert published_id(runs) == run.run_id
    assert drafts(runs) == []
    demand_whole(run)
    worked_out = [entry.name for entry in run.manifest.tables if entry.name not in names]
    assert len(worked_out) == len(run.manifest.tables) - len(names)
    seconds = {entry.name: entry.seconds for entry in run.manifest.tables}
    assert all(seconds[name] > 0 for name in names)


@pytest.mark.slow
def test_a_refresh_killed_before_it_moved_the_pointer(market: Path, runs: Path) -> None:
    last = refreshed(market, runs)
    kill_when_there(HANG_BEFORE_POINTER, market, runs)
    assert read_run(runs).run_id == last.run_id
    run = refreshed(market, runs)
    assert read_run(runs).run_id == run.run_id
    assert drafts(runs) == []


def test_a_journal_cut_off_in_the_middle_of_a_line_is_read_up_to_there(runs: Path) -> None:
    abandoned = runs / ".draft-old"
    (abandoned / "tables").mkdir(parents=True)
    (abandoned / "done.jsonl").write_text('{"name": "penetr', encoding="utf-8")
    with start_run(runs, "0123456789") as draft:
        assert draft.leftovers == {}
        assert draft.run_id.endswith("-01234567")
    assert drafts(runs) == []


def test_two_refreshes_at_once_are_refused(market: Path, runs: Path) -> None:
    runs.mkdir()
    with held(runs / ".lock"), pytest.raises(StoreBusyError, match="another process"):
        refreshed(market, runs)


def test_asking_for_what_is_not_there(market: Path, runs: Path) -> None:
    with pytest.raises(UnreadableFileError, match="offtake refresh"):
        read_run(runs)
    run = refreshed(market, runs)
    with pytest.raises(UnknownNameError, match=run.run_id):
        read_run(runs, "20170101")
    with pytest.raises(UnknownNameError, match="Did you mean"):
        run.table("penetratoin")
    assert run.rows("penetratoin") == []


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99}', "[]"])
def test_what_is_not_a_manifest_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFileError, match="manifest"):
        from_json(text)
