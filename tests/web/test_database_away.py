"""The database is started anew in the middle of things, or does not answer for a while."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.test import Client

from offtake_web.accounts.models import User
from offtake_web.jobs import actions, kinds, reporter, tasks
from offtake_web.jobs.kinds import Kind, Outcome, Work
from offtake_web.jobs.management.commands import worker
from offtake_web.jobs.models import Job, State
from offtake_web.jobs.reporter import Reporter
from tests.web.api_cast import MAIN, caller
from tests.web.test_api_frame import problem
from tests.web.work import small_kinds, started, work

pytestmark = pytest.mark.django_db(transaction=True)
postgres = pytest.mark.postgres
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")


def lose_connections() -> None:
    """Cut every connection to the database, as a server does that is started anew."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"

    def cut() -> None:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")

    thread = threading.Thread(target=cut)
    thread.start()
    thread.join()


@postgres
def test_the_next_page_is_shown(signed_in: Client) -> None:
    assert signed_in.get("/main/").status_code == 200
    lose_connections()
    close_old_connections()  # as each request does when it begins
    assert signed_in.get("/main/").status_code == 200


@postgres
def test_a_job_is_done_all_the_same(vesna: User) -> None:
    def lose(work: Work) -> Outcome:
        lose_connections()
        return {"lost": True}

    with small_kinds():
        kinds.add_kind(Kind(name="lose", label="lose", permission="feeds.load", run=lose))
        job, after = started(vesna, "lose"), started(vesna)
        work()
    job.refresh_from_db()
    after.refresh_from_db()
    assert (job.state, job.outcome, after.state) == ("done", {"lost": True}, "done")


@postgres
def test_progress_is_told_on(vesna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.02)
    with small_kinds():
        job = actions.claim(started(vesna).pk)
    assert job is not None
    with Reporter(job) as progress:
        progress("counting", 10.0)
        comes_to(job, 10.0)
        lose_connections()
        close_old_connections()
        progress("counting", 60.0)
        comes_to(job, 60.0)


def comes_to(job: Job, share: float) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        job.refresh_from_db()
        if job.share == share:
            return
        time.sleep(0.02)
    pytest.fail(f"the progress stays at {job.share}")


def away(times: int, error: type[Exception]) -> Callable[..., None]:
    """Return the end of a job that a database refuses so many times."""
    left, end_job = [error("the connection is closed")] * times, actions.end_job

    def end(job: Job, state: State, **more: object) -> None:
        if left:
            raise left.pop()
        end_job(job, state, **more)  # type: ignore[arg-type]  # as they came

    return end


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_how_a_job_ended_is_kept_once_the_database_answers(
    vesna: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(tasks, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(actions, "end_job", away(2, error))
    with small_kinds():
        job = started(vesna)
        work()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("done", {"counted": 3})


def test_a_database_that_stays_away_is_not_asked_for_ever(
    vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PATIENCE", (0.0, 0.0))
    monkeypatch.setattr(actions, "end_job", away(3, OperationalError))
    with small_kinds():
        job = actions.claim(started(vesna).pk)
        assert job is not None
        with pytest.raises(OperationalError):
            tasks.do(job)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_person_is_told_to_try_again(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Here already the question who is signed in is not answered."""
    signed_in.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", refusing(error))
    answer = signed_in.get("/main/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The database does not answer just now" in answer.content.decode()
    assert signed_in.get("/healthz").status_code == 503


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_program_is_told_to_try_again(
    ana: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    token = caller(ana)
    monkeypatch.setattr(connection, "cursor", refusing(error))
    answer = token.get(f"{MAIN}/plans")
    problem(answer, "away")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_another_fault_of_ours_is_not_worth_another_try(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", refusing(ZeroDivisionError))
    answer = signed_in.get("/main/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert "The database" not in answer.content.decode()


def refusing(error: type[Exception]) -> Callable[[], None]:
    def refuse() -> None:
        raise error("the connection is closed")

    return refuse


@pytest.fixture
def impatient() -> Iterator[None]:
    """Who waits for the one writer of SQLite gives up soon."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    yield
    connection.close()  # the next one is patient again


@only_sqlite
def test_a_database_that_somebody_else_writes_for_too_long_is_away(
    signed_in: Client, impatient: None
) -> None:
    """SQLite has one writer; whoever has waited for it long enough is told to try again."""
    signed_in.raise_request_exception = False
    body = {"name": "mine", "address": "/main/"}
    place = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert signed_in.get("/main/").status_code == 200  # who reads does not wait
        assert signed_in.post("/main/views/new/", body).status_code == 503
        other.execute("ROLLBACK")
    assert signed_in.post("/main/views/new/", body).status_code == 302


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_worker_looks_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    def fail() -> None:
        raise error("the connection is closed")

    monkeypatch.setattr(actions, "sweep", fail)
    worker._look(worker.JobWorker())
    assert "trying again" in caplog.text
