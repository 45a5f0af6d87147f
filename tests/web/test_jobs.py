"""Jobs: one at a time per store, stopped and restarted in good order, never lost in silence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from offtake.errors import StoppedError
from offtake_web.accounts.models import Role, User
from offtake_web.jobs import actions, kinds, queries, reporter
from offtake_web.jobs.actions import JobStateError, claim, end_job, restart_job, stop_job, sweep
from offtake_web.jobs.kinds import Kind, Outcome, Work
from offtake_web.jobs.models import SILENCE, Job, State
from offtake_web.jobs.reporter import Reporter
from tests.web.together import together
from tests.web.work import market, other_market, small_kinds, started, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with small_kinds():
        yield


def now(job: Job) -> Job:
    job.refresh_from_db()
    return job


def silence(job: Job) -> None:
    """Make a job one whose worker was killed a while ago."""
    Job.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - SILENCE - timedelta(seconds=1))


def test_a_job_is_done_and_says_what_came_of_it(vesna: User) -> None:
    job = started(vesna)
    assert (job.state, job.started_by, job.market) == ("waiting", vesna, "main")
    work()
    assert (now(job).state, job.outcome, job.share, job.attempt) == ("done", {"counted": 3}, 100, 1)
    assert job.started is not None
    assert job.ended is not None
    assert job.seconds is not None


def test_what_was_asked_wrongly_is_told_in_its_own_words(vesna: User) -> None:
    job = started(vesna, "refuse")
    work()
    assert (now(job).state, job.error) == ("failed", "week: got <32>, allowed: 1 to 26")


def test_a_fault_of_ours_is_logged_and_not_shown(
    vesna: User, caplog: pytest.LogCaptureFixture
) -> None:
    job = started(vesna, "break")
    work()
    assert now(job).state == "failed"
    assert "a fault of ours" not in job.error
    assert "went wrong on our side" in job.error
    assert "a fault of ours" in caplog.text


def test_the_worker_goes_on_after_a_job_that_failed(vesna: User) -> None:
    first, second = started(vesna, "break"), started(vesna)
    work()
    assert [now(first).state, now(second).state] == ["failed", "done"]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_start_stop_and_restart(cast: dict[str, User], role: Role) -> None:
    allowed = role in (Role.ANALYST, Role.ADMINISTRATOR)
    job = started(cast[Role.ANALYST])
    for do in (lambda by: stop_job(job, by=by), lambda by: restart_job(job, by=by), started):
        if allowed:
            do(cast[role])
        else:
            with pytest.raises(PermissionDenied):
                do(cast[role])
    assert Job.objects.count() == (2 if allowed else 1)


def test_jobs_of_one_store_wait_for_each_other_whatever_their_market(vesna: User) -> None:
    first = started(vesna)
    second = started(vesna, where=other_market())
    assert queries.next_waiting() == [first.pk]
    assert claim(first.pk) is not None
    assert claim(second.pk) is None
    assert queries.in_front_of(now(second)) == first
    end_job(now(first), State.DONE)
    assert queries.in_front_of(now(second)) is None
    assert queries.next_waiting() == [second.pk]
    work()
    assert now(second).state == "done"


def test_jobs_of_two_stores_do_not_wait_for_each_other(vesna: User, tmp_path: Path) -> None:
    first = started(vesna)
    second = started(vesna, where=other_market(tmp_path / "other.duckdb"))
    assert queries.next_waiting() == [first.pk, second.pk]
    assert claim(first.pk) is not None
    assert claim(second.pk) is not None


def test_jobs_are_done_in_the_order_they_were_asked_for(vesna: User) -> None:
    jobs = [started(vesna) for _ in range(3)]
    work()
    begun = [now(job).started for job in jobs]
    assert None not in begun
    assert begun == sorted(begun, key=str)


def test_workers_that_claim_together_get_one_job_each_store_once(vesna: User) -> None:
    jobs = [started(vesna) for _ in range(4)]
    found = together([lambda job=job: claim(job.pk) for job in jobs])
    assert sorted(type(each).__name__ for each in found) == ["Job", *["NoneType"] * 3], found
    assert Job.objects.filter(state="running").count() == 1


def test_a_waiting_job_is_stopped_at_once_and_not_done_later(vesna: User) -> None:
    job = started(vesna)
    assert stop_job(job, by=vesna).state == "stopped"
    assert (job.stopped_by, job.ended is not None) == (vesna, True)
    work()
    assert now(job).state == "stopped"


def test_a_stopped_job_is_restarted(vesna: User, dragan: User) -> None:
    job = stop_job(started(vesna), by=vesna)
    restart_job(job, by=dragan)
    assert (job.state, job.started_by, job.stopped_by) == ("waiting", dragan, None)
    work()
    assert now(job).state == "done"


def test_what_is_over_is_not_stopped_and_what_is_not_is_not_restarted(vesna: User) -> None:
    job = started(vesna)
    with pytest.raises(JobStateError, match="cannot be started again"):
        restart_job(job, by=vesna)
    work()
    with pytest.raises(JobStateError, match="nothing to stop"):
        stop_job(now(job), by=vesna)
    with pytest.raises(JobStateError, match="cannot be started again"):
        restart_job(job, by=vesna)


def test_stopping_twice_is_no_error(vesna: User) -> None:
    job = claim(started(vesna).pk)
    assert job is not None
    assert stop_job(job, by=vesna).state == stop_job(job, by=vesna).state == "stopping"


def test_what_a_job_needs_must_still_be_there(vesna: User) -> None:
    count = kinds.kind_named("count")
    kinds.add_kind(
        Kind(name="count", label="", permission=count.permission, run=count.run,
             restartable=lambda arguments: arguments["to"] > 3)
    )  # fmt: skip
    job = stop_job(started(vesna), by=vesna)
    with pytest.raises(JobStateError, match="no longer there"):
        restart_job(job, by=vesna)


def test_a_running_job_is_told_to_stop_and_stops(
    vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.02)
    told = threading.Event()

    def endless(work: Work) -> Outcome:
        if not told.is_set():
            told.set()
            actions.stop_job(Job.objects.get(pk=work.job_id), by=vesna)
        for place in range(10_000):
            work.progress(f"step {place}", place / 100)
            threading.Event().wait(0.01)
        return {}

    kinds.add_kind(Kind(name="endless", label="", permission="feeds.load", run=endless))
    job = started(vesna, "endless")
    work()
    assert (now(job).state, job.error, job.stopped_by) == ("stopped", "", vesna)
    assert job.share < 99


def test_progress_reaches_the_page_while_the_work_says_nothing(
    vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.02)
    monkeypatch.setattr(reporter, "HEARTBEATS", 2)
    job = claim(started(vesna).pk)
    assert job is not None
    silence(job)
    with Reporter(job) as progress:
        progress("fitting", 42.0)
        for _ in range(500):
            threading.Event().wait(0.01)
            if now(job).step == "fitting" and job.state_now == "running":
                break
        first = job.heartbeat
        for _ in range(500):
            threading.Event().wait(0.01)
            if now(job).heartbeat != first:
                break
    assert (job.step, job.share) == ("fitting", 42.0)
    assert job.heartbeat != first


def test_a_worker_that_is_shut_down_stops_its_job_in_good_order(
    vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutdown = threading.Event()
    shutdown.set()
    monkeypatch.setattr(reporter, "SHUTDOWN", shutdown)
    job = started(vesna)
    work()
    assert now(job).state == "stopped"
    assert job.can_restart


def test_a_worker_cut_off_says_so(vesna: User) -> None:
    def cut_off(work: Work) -> Outcome:
        raise SystemExit(1)

    kinds.add_kind(Kind(name="cut off", label="", permission="feeds.load", run=cut_off))
    job = started(vesna, "cut off")
    work()
    assert (now(job).state, job.error) == ("stopped", "The worker was shut down.")


def test_a_silent_job_is_lost_and_lets_the_next_one_in(vesna: User) -> None:
    first, second = started(vesna), started(vesna)
    assert claim(first.pk) is not None
    work()
    assert now(second).state == "waiting"
    silence(first)
    assert now(first).state_now == "lost"
    assert not first.can_stop
    assert queries.in_front_of(second) is None
    sweep()
    assert now(first).state == "lost"
    work()
    assert now(second).state == "done"
    restart_job(first, by=vesna)
    work()
    assert (now(first).state, first.attempt) == ("done", 2)


def test_a_lost_job_is_restarted_before_anybody_swept(vesna: User) -> None:
    job = started(vesna)
    claim(job.pk)
    silence(job)
    restart_job(now(job), by=vesna)
    assert job.state == "waiting"


def late(progress: Reporter) -> None:
    for _ in range(1000):
        threading.Event().wait(0.01)
        progress("late", 99.0)


def test_an_attempt_thought_lost_neither_goes_on_nor_ends_the_next_one(
    vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.02)
    old = claim(started(vesna).pk)
    assert old is not None
    silence(old)
    sweep()
    again = claim(restart_job(Job.objects.get(pk=old.pk), by=vesna).pk)
    assert again is not None
    with Reporter(old) as progress, pytest.raises(StoppedError):
        late(progress)
    end_job(old, State.DONE, outcome={"late": True})
    assert (now(again).state, again.step, again.outcome) == ("running", "", {})


def test_a_job_whose_task_was_lost_is_handed_over_again(vesna: User) -> None:
    from django_tasks_db.models import DBTaskResult

    job = started(vesna)
    DBTaskResult.objects.all().delete()
    work()
    assert now(job).state == "waiting"
    sweep()
    work()
    assert now(job).state == "done"


def test_a_market_that_is_gone_fails_its_jobs_in_words(vesna: User, tmp_path: Path) -> None:
    from django.conf import settings

    job = started(vesna, where=other_market(tmp_path / "other.duckdb"))
    settings.OFFTAKE_MARKETS = (market(),)
    work()
    assert (now(job).state, "no longer one" in job.error) == ("failed", True)
