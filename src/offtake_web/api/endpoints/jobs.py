from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from offtake_web.accounts.access import signed_in
from offtake_web.accounts.models import User
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Window, link_pages, page_of
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.jobs import JobShown, JobState
from offtake_web.feeds.actions import ask_for_ledger
from offtake_web.jobs import actions, queries
from offtake_web.jobs.kinds import kind_named
from offtake_web.jobs.models import Job
from offtake_web.plans.actions_data import ask_for_plans

group = Group("Work under way")


class JobsAsked(Window):
    state: JobState | None = Field(None, description="Only jobs that were last seen in it.")
    kind: str | None = Field(None, max_length=40, description="Only jobs of one kind.")


@group.get("/markets/{market}/jobs", "feeds.view", gives=Page[JobShown])
def list_jobs(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    asked: Annotated[JobsAsked, Query()],
) -> dict[str, Any]:
    """The work of a market, newest first."""
    wishes = {"state": asked.state, "kind": asked.kind}
    found = queries.jobs_of(market_at(market)).filter(
        **{name: wish for name, wish in wishes.items() if wish}
    )
    total = found.count()
    link_pages(request, response, total, asked)
    return page_of(found, total, asked, job_shown)


@group.get("/markets/{market}/jobs/{job_id}", "feeds.view", gives=JobShown)
def get_job(request: HttpRequest, market: Key, job_id: Number) -> dict[str, Any]:
    """One job: how far it is, and what came of it."""
    return job_shown(_job(market, job_id))


@group.post("/markets/{market}/jobs/{job_id}/stop", "feeds.view", gives=JobShown,
            problems=("conflict",))  # fmt: skip
def stop_job(request: HttpRequest, market: Key, job_id: Number) -> dict[str, Any]:
    """Ask a job to stop.

    It ends as soon as its step allows, keeps what is finished, and can be started again. Needs the
    permission of its kind as well.
    """
    return job_shown(actions.stop_job(_job(market, job_id), by=signed_in(request)))


@group.post("/markets/{market}/jobs/{job_id}/restart", "feeds.view", gives=JobShown,
            problems=("conflict",))  # fmt: skip
def restart_job(request: HttpRequest, market: Key, job_id: Number) -> dict[str, Any]:
    """Start a job again that ended early.

    It goes on from what is finished. Needs the permission of its kind as well.
    """
    return job_shown(actions.restart_job(_job(market, job_id), by=signed_in(request)))


@group.post("/markets/{market}/ledger", "feeds.load", gives=JobShown, status=201)
def read_ledger(request: HttpRequest, response: HttpResponse, market: Key) -> dict[str, Any]:
    """Have the ledger of the store read again.

    Loads that were made with the command line are then listed here too.
    """
    return job_started(response, market, ask_for_ledger(market_at(market), by=signed_in(request)))


@group.post("/markets/{market}/plan-loads", "feeds.load", gives=JobShown, status=201)
def take_in_plans(request: HttpRequest, response: HttpResponse, market: Key) -> dict[str, Any]:
    """Have the firm plans taken into the data, as planned promotions with their costs.

    The same plans again change nothing; what is planned no more is withdrawn.
    """
    return job_started(response, market, ask_for_plans(market_at(market), by=signed_in(request)))


def job_started(response: HttpResponse, market: str, job: Job) -> dict[str, Any]:
    """Return a job that was just put in the queue, and say where it can be watched."""
    response["Location"] = f"/api/v1/markets/{market}/jobs/{job.pk}"
    return job_shown(job)


def _job(market: str, job_id: int) -> Job:
    found = queries.job_named(market_at(market), job_id)
    if found is None:
        raise Http404
    return found


_SAME = (
    "kind", "title", "step", "share", "attempt", "can_stop", "created", "started", "ended",
    "error", "outcome",
)  # fmt: skip


def job_shown(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk,
        **{name: getattr(job, name) for name in _SAME},
        "state": job.state_now.value,
        "can_restart": job.can_restart and kind_named(job.kind).restartable(job.arguments),
        "started_by": who(job.started_by),
        "stopped_by": who(job.stopped_by),
    }


def who(user: User | None) -> dict[str, str] | None:
    return None if user is None else {"username": user.get_username(), "name": str(user)}
