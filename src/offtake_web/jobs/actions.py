"""Every change of a job: asked for by a person, or made by the worker that does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from offtake.errors import BadInputError
from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.jobs.kinds import kind_named
from offtake_web.jobs.models import AT_WORK, CAN_RESTART, Job, State
from offtake_web.jobs.queries import next_waiting, silent
from offtake_web.jobs.queue import enqueue

FULL = 100.0
TASKS_KEPT = timedelta(days=14)


class JobStateError(BadInputError):
    """A job is not where it would have to be for what is asked of it."""


def start_job(
    market: Market, kind: str, title: str, *, arguments: Mapping[str, Any], by: User
) -> Job:
    """Put a job in the queue of its market's store."""
    demand(by, kind_named(kind).permission)
    with transaction.atomic():
        job = Job.objects.create(
            market=market.key,
            store=str(market.store),
            kind=kind,
            title=title[:300],
            arguments=dict(arguments),
            started_by=by,
        )
        hand_over()
    return job


def stop_job(job: Job, *, by: User) -> Job:
    """Ask for a job to end: at once where it waits, else as soon as its step allows.

    Raises
    ------
    JobStateError
        When it is not under way.
    """
    demand(by, kind_named(job.kind).permission)
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk)
    with transaction.atomic():
        changed = mine.filter(state=State.WAITING).update(
            state=State.STOPPED, ended=now, stopped_by=by
        ) or mine.filter(state=State.RUNNING).update(state=State.STOPPING, stopped_by=by)
    job.refresh_from_db()
    if not changed and job.state not in (State.STOPPING, State.STOPPED):
        raise JobStateError(_("This job is over; there is nothing to stop."))
    return job


def restart_job(job: Job, *, by: User) -> Job:
    """Put a job that ended early back in the queue; it goes on from what is finished.

    Raises
    ------
    JobStateError
        When it has not ended early, or what it needs is gone.
    """
    kind = kind_named(job.kind)
    demand(by, kind.permission)
    if not kind.restartable(job.arguments):
        raise JobStateError(_("What this job needs is no longer there; please start a new one."))
    with transaction.atomic():
        mark_lost()
        changed = Job.objects.filter(pk=job.pk, state__in=CAN_RESTART).update(
            state=State.WAITING, started_by=by, stopped_by=None, created=timezone.now(),
            started=None, ended=None, heartbeat=None, error="", step="", share=0.0,
        )  # fmt: skip
        if not changed:
            raise JobStateError(_("This job is under way, or done; it cannot be started again."))
        hand_over()
    job.refresh_from_db()
    return job


def hand_over() -> None:
    """Give the jobs whose turn it is to the workers."""
    for job_id in next_waiting():
        enqueue(job_id)


def mark_lost() -> int:
    """Note which jobs have lost their worker; return how many."""
    return Job.objects.filter(silent()).update(state=State.LOST, ended=timezone.now())


def sweep() -> None:
    """Note lost jobs, and hand over what waits: what a worker does when it has nothing to do."""
    with transaction.atomic():
        mark_lost()
        hand_over()


def claim(job_id: int) -> Job | None:
    """Take a waiting job; None where it no longer waits, or its store is being worked on."""
    now = timezone.now()
    job = Job.objects.filter(pk=job_id, state=State.WAITING).first()
    if job is None:
        return None
    mine = Job.objects.filter(pk=job_id, state=State.WAITING, attempt=job.attempt)
    try:
        with transaction.atomic():
            taken = mine.update(
                state=State.RUNNING, attempt=job.attempt + 1, started=now, heartbeat=now, ended=None
            )
    except IntegrityError:  # another job of the store is at work, and hands this one over later
        return None
    job.refresh_from_db()
    return job if taken else None


def report(job: Job, step: str, share: float) -> bool:
    """Write how far a job is; say whether it is to go on."""
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=AT_WORK)
    mine.update(step=step[:200], share=share, heartbeat=timezone.now())
    return goes_on(job)


def goes_on(job: Job) -> bool:
    """Say whether this attempt is still the one, and nobody has asked to stop it."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=State.RUNNING).exists()


def end_job(
    job: Job, state: State, *, error: str = "", outcome: Mapping[str, Any] | None = None
) -> None:
    """Note how an attempt ended, unless another has taken its place, and hand over the next."""
    changes: dict[str, Any] = {"state": state, "ended": timezone.now(), "error": error}
    if state == State.DONE:
        changes |= {"share": FULL, "outcome": dict(outcome or {})}
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=AT_WORK).update(**changes)
        hand_over()


def forget_tasks() -> int:
    """Remove what the queue remembers of work done long ago; the jobs themselves stay."""
    old = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - TASKS_KEPT)
    return old.delete()[0]
