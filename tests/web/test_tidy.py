"""What nobody needs any more is removed once a day."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from offtake_web.accounts.models import Session, User
from offtake_web.api.models import Answer
from offtake_web.common import tidying
from offtake_web.feeds import uploads
from offtake_web.jobs.management.commands import worker
from offtake_web.jobs.models import Job
from tests.web.work import small_kinds, started, work

OLD = timezone.now() - timedelta(days=30)


@pytest.fixture
def leftovers(client: Client, ana: User, vesna: User) -> None:
    """Of everything one that is old and one that is not."""
    for user in (ana, vesna):
        client.force_login(user)
        client.cookies.clear()
    Session.objects.filter(user=ana).update(expire_date=OLD)
    for key, when in (("old", OLD), ("new", timezone.now())):
        Answer.objects.create(user=ana, key=key, fingerprint="", created=when)
    with small_kinds():
        for _ in range(2):
            started(vesna)
            work()
    first = DBTaskResult.objects.finished().order_by("finished_at")[0]
    DBTaskResult.objects.filter(pk=first.pk).update(finished_at=OLD)
    for name in ("old.part", "new.part", uploads.MEND):
        (uploads.folder() / name).touch()
    for name in ("old.part", uploads.MEND):
        os.utime(uploads.folder() / name, (time.time() - 30 * 86400,) * 2)


@pytest.mark.django_db(transaction=True)
def test_what_is_old_is_removed_and_nothing_else(
    leftovers: None, ana: User, vesna: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("tidy")
    assert capsys.readouterr().out.splitlines() == [
        "ended sessions: 1 removed",
        "old task results: 1 removed",
        "stale uploads: 1 removed",
        "old answers of the API: 1 removed",
    ]
    assert [session.user_id for session in Session.objects.all()] == [vesna.pk]
    assert [answer.key for answer in Answer.objects.all()] == ["new"]
    assert DBTaskResult.objects.count() == 1
    assert Job.objects.count() == 2
    assert {path.name for path in uploads.folder().iterdir()} == {"new.part", uploads.MEND}


def _broken() -> int:
    raise OSError("no such disk")


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_keeps_no_other_from_being_done(
    leftovers: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tidying, "_SWEEPS", {"dust": _broken, **tidying._SWEEPS})
    with pytest.raises(CommandError, match="the log says why"):
        call_command("tidy")
    assert "dust: not removed" in capsys.readouterr().out
    assert "no such disk" in caplog.text
    assert not (uploads.folder() / "old.part").exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_tidies_up_when_it_starts(
    leftovers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The signals of this process are not its own to take.
    monkeypatch.setattr(worker.JobWorker, "configure_signals", lambda worker: None)
    call_command("worker", "--once")
    assert not Session.objects.filter(expire_date__lt=timezone.now()).exists()
    assert not (uploads.folder() / "old.part").exists()


def test_a_worker_tidies_up_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter([0.0, 0.5, 1.0, 1.4, 2.1])
    clock, done = worker.Daily(lambda: next(days) * 86400), []
    monkeypatch.setattr(worker, "tidy", lambda: done.append(clock.last))
    for _ in range(5):
        clock.look()
    assert done == [0.0, 86400.0, 2.1 * 86400]
