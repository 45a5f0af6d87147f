from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from offtake_web.common.markets import Market
from offtake_web.jobs.models import AT_WORK, SILENCE, Job, State


def jobs_of(market: Market) -> QuerySet[Job]:
    """Return the jobs of a market, newest first."""
    return Job.objects.filter(market=market.key).select_related("started_by", "stopped_by")


def job_named(market: Market, job_id: int) -> Job | None:
    return jobs_of(market).filter(pk=job_id).first()


def silent() -> Q:
    """Return what finds the jobs whose worker has said nothing for too long."""
    last = timezone.now() - SILENCE
    return Q(state__in=AT_WORK) & (Q(heartbeat__lt=last) | Q(heartbeat=None))


def next_waiting() -> list[int]:
    """Return the ids of the jobs whose turn it is: one for each store that nobody works on."""
    busy = Job.objects.filter(state__in=AT_WORK).values("store")
    waiting = Job.objects.filter(state=State.WAITING).exclude(store__in=busy).order_by("pk")
    first: dict[str, int] = {}
    for pk, store in waiting.values_list("pk", "store"):
        first.setdefault(store, pk)
    return list(first.values())


def in_front_of(job: Job) -> Job | None:
    """Return the job of the same store that this one waits for."""
    if job.state != State.WAITING:
        return None
    earlier = Job.objects.filter(store=job.store).exclude(pk=job.pk)
    at_work = earlier.filter(state__in=AT_WORK).exclude(silent())
    waiting = earlier.filter(state=State.WAITING, pk__lt=job.pk)
    return at_work.first() or waiting.order_by("pk").first()
