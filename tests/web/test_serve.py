"""The workspace as it is started: demonstration, server, worker, backup; and a worker killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.pipeline.refresh import refresh
from offtake.pipeline.run import list_runs, read_run
from tests.library import small_twin
from tests.web.conftest import Manage
from tests.web.market_runs import built

__all__ = ["built"]
ROLES = ("admin", "marketing", "sales_lead", "key_account", "rep", "analyst", "viewer")


def environment(folder: Path) -> dict[str, str]:
    return {
        "OFFTAKE_WEB_MODE": "development",
        "OFFTAKE_WEB_DATABASE_URL": f"sqlite:///{folder}/web.sqlite3",
        "OFFTAKE_STORE": str(folder / "offtake.duckdb"),
        "OFFTAKE_RUNS": str(folder / "runs"),
        "OFFTAKE_WEB_UPLOADS": str(folder / "uploads"),
    }


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Path:
    """A folder as ``offtake demo`` leaves it, of the small market."""
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copy(built / "offtake.duckdb", folder)
    shutil.copytree(built / "runs", folder / "runs")
    return folder


@pytest.mark.slow
def test_the_demonstration_is_prepared_twice_and_stays_the_same(manage: Manage, demo: Path) -> None:
    first = manage({}, "demo", "--folder", str(demo), "--no-serve")
    assert first.returncode == 0, first.stderr
    assert all(name in first.stdout for name in ROLES)
    second = manage({}, "demo", "--folder", str(demo), "--no-serve")
    assert second.stdout == first.stdout
    assert (demo / "password.txt").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(demo / "workspace.sqlite3")) as database:
        people = database.execute("SELECT username, role, is_superuser FROM accounts_user")
        assert sorted(row[0] for row in people) == sorted(ROLES)
        loads = database.execute("SELECT count(*) FROM feeds_loadrecord").fetchone()
    with Store(demo / "offtake.duckdb", read_only=True) as store:
        assert loads == store.fetch("SELECT count(*) FROM meta.loads")[0]
    markets = (demo / "markets.toml").read_text(encoding="utf-8")
    assert 'key = "groceries"' in markets
    assert "alder" not in markets


def test_the_demonstration_is_refused_where_it_must_not_run(
    manage: Manage, production: dict[str, str], tmp_path: Path
) -> None:
    refused = manage(production, "demo", "--folder", str(tmp_path), "--no-serve")
    assert refused.returncode == 2
    assert "does not run with OFFTAKE_WEB_MODE=production" in refused.stderr
    empty = manage({}, "demo", f"--folder={tmp_path}", "--no-serve")
    assert empty.returncode == 2
    assert "make the data with: offtake demo" in empty.stderr
    assert list(tmp_path.glob("*.toml")) == []


def test_serving_asks_for_a_database_that_is_up_to_date(manage: Manage, tmp_path: Path) -> None:
    refused = manage(environment(tmp_path), "serve")
    assert refused.returncode == 1
    assert "serve --prepare" in refused.stderr


@contextmanager
def started(environ: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of our commands; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "offtake_web", *words], env=os.environ | environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.slow
@pytest.mark.enable_socket
def test_the_workspace_is_served_with_its_worker_and_ends_with_one_word(
    manage: Manage, tmp_path: Path
) -> None:
    port = free_port()
    words = ("serve", "--port", str(port))
    with started(environment(tmp_path), *words, "--prepare") as process:
        assert process.stdout is not None
        said = ""
        while "Offtake is at" not in said:
            said += process.stdout.readline()
            assert process.poll() is None, said
        assert f"http://127.0.0.1:{port}/" in said
        taken = manage(environment(tmp_path), *words)
        assert taken.returncode == 1
        assert f"port {port} of 127.0.0.1 is taken" in taken.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    with closing(socket.socket()) as again:
        again.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_a_backup_is_whole_and_takes_no_ones_place(manage: Manage, tmp_path: Path) -> None:
    here = environment(tmp_path)
    assert manage(here, "migrate", "--verbosity", "0").returncode == 0
    done = manage(here, "backup", str(tmp_path / "copy.sqlite3"))
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    again = manage(here, "backup", str(tmp_path / "copy.sqlite3"))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert list(tmp_path.glob("*.part")) == []


ASK = """
from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.runs.actions import ask_for_refresh
from offtake.pipeline.view import View
vesna, _ = User.objects.get_or_create(username="vesna", role="analyst")
view = View(category="COFFEE", manufacturer="Alder", models=("availability",))
print(ask_for_refresh(markets()[0], view, by=vesna).pk)
"""
AGAIN = """
from offtake_web.accounts.models import User
from offtake_web.jobs.models import Job
from offtake_web.jobs.actions import restart_job
restart_job(Job.objects.get(), by=User.objects.get())
"""


def state(folder: Path) -> tuple[str, float, int, str]:
    with closing(sqlite3.connect(folder / "web.sqlite3", timeout=20)) as database:
        (row,) = database.execute("SELECT state, share, attempt, error FROM jobs_job")
    return row


@pytest.fixture
def twin(tmp_path: Path, manage: Manage) -> dict[str, str]:
    """The environment of a workspace on a small twin."""
    markets = tmp_path / "markets.toml"
    markets.write_text(
        '[[market]]\nkey = "twin"\nstore = "offtake.duckdb"\nruns = "runs"\nsimulated = true\n',
        encoding="utf-8",
    )
    with Store(tmp_path / "offtake.duckdb", "twin") as store:
        small_twin.fill_twin(store, tmp_path)
    here = environment(tmp_path) | {"OFFTAKE_WEB_MARKETS": str(markets)}
    assert manage(here, "migrate", "--verbosity", "0").returncode == 0
    return here


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_refresh_loses_nothing(
    manage: Manage, twin: dict[str, str], tmp_path: Path
) -> None:
    asked = manage(twin, "shell", "--verbosity", "0", "--command", ASK)
    assert asked.returncode == 0, asked.stderr
    with started(twin, "worker") as worker:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("runs/.draft-*/done.jsonl")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        worker.send_signal(signal.SIGKILL)
    assert state(tmp_path)[0] == "running"
    assert list_runs(tmp_path / "runs") == ()
    (journal,) = tmp_path.glob("runs/.draft-*/done.jsonl")
    finished = len(journal.read_text(encoding="utf-8").splitlines())
    assert finished > 0
    with closing(sqlite3.connect(tmp_path / "web.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE jobs_job SET heartbeat = '2026-01-01 00:00:00'")
    assert manage(twin, "worker", "--once").returncode == 0
    assert state(tmp_path)[0] == "lost"
    assert manage(twin, "shell", "--verbosity", "0", "--command", AGAIN).returncode == 0
    done = manage(twin, "worker", "--once")
    assert done.returncode == 0, done.stderr
    assert state(tmp_path) == ("done", 100.0, 2, "")
    run = read_run(tmp_path / "runs")
    assert run.manifest.frame.simulated
    assert list(tmp_path.glob("runs/.draft-*")) == []
    with Store(tmp_path / "offtake.duckdb", "twin", read_only=True) as store:
        view = small_twin.VIEW
        assert refresh(store, tmp_path / "elsewhere", view).entry("own_sales").sha256 == (
            run.entry("own_sales").sha256
        )


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_stops_its_job_in_good_order(
    manage: Manage, twin: dict[str, str], tmp_path: Path
) -> None:
    assert manage(twin, "shell", "--verbosity", "0", "--command", ASK).returncode == 0
    with started(twin, "worker") as worker:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("runs/.draft-*/done.jsonl")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        worker.terminate()
        assert worker.wait(60) == 0
    assert state(tmp_path)[0] == "stopped"
    assert len(list(tmp_path.glob("runs/.draft-*/done.jsonl"))) == 1
    with Store(tmp_path / "offtake.duckdb") as store:  # its lock was given up
        file = tmp_path / "s.csv"
        file.write_text("store_id,retailer\nS1,Maxi\n", encoding="utf-8")
        assert load_file(store, file, as_contract="store").loaded == 1
