from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from offtake_web.accounts.access import may, needs, signed_in
from offtake_web.common.markets import Market
from offtake_web.common.paging import paged
from offtake_web.jobs import actions, queries
from offtake_web.jobs.actions import JobStateError
from offtake_web.jobs.kinds import kind_named
from offtake_web.jobs.models import Job


@needs("feeds.view")
@never_cache
@require_safe
def job_list(request: HttpRequest, market: Market) -> HttpResponse:
    page = paged(request, queries.jobs_of(market))
    some_under_way = any(job.under_way for job in page)
    template = "jobs/list_rows.html" if _polls(request) else "jobs/list.html"
    lines = [(job, kind_named(job.kind)) for job in page]
    context = {"page": page, "lines": lines, "some_under_way": some_under_way}
    return render(request, template, context)


@needs("feeds.view")
@never_cache
@require_safe
def job(request: HttpRequest, market: Market, job_id: int) -> HttpResponse:
    found = _job(market, job_id)
    if _polls(request) and request.GET.get("seen") == seen(found):
        return HttpResponse(status=204)  # nothing new: nothing is read out again
    template = "jobs/state.html" if _polls(request) else "jobs/job.html"
    return render(request, template, _about(request, found))


def seen(job: Job) -> str:
    """Return what a reader who has the page has seen of a job."""
    return f"{job.attempt}.{job.state_now}.{job.step}.{job.share:.0f}"


def _about(request: HttpRequest, found: Job) -> dict[str, object]:
    kind = kind_named(found.kind)
    return {
        "job": found,
        "kind": kind,
        "seen": seen(found),
        "waits_for": queries.in_front_of(found),
        "may_act": may(signed_in(request), kind.permission),
        "can_restart": found.can_restart and kind.restartable(found.arguments),
    }


@needs("feeds.view")
@require_POST
def stop(request: HttpRequest, market: Market, job_id: int) -> HttpResponse:
    found = _job(market, job_id)
    try:
        actions.stop_job(found, by=signed_in(request))
        messages.success(request, _("The job was asked to stop."))
    except JobStateError as error:
        messages.error(request, str(error))
    return redirect("job", market=market, job_id=job_id)


@needs("feeds.view")
@require_POST
def restart(request: HttpRequest, market: Market, job_id: int) -> HttpResponse:
    found = _job(market, job_id)
    try:
        actions.restart_job(found, by=signed_in(request))
    except JobStateError as error:
        messages.error(request, str(error))
    return redirect("job", market=market, job_id=job_id)


def _job(market: Market, job_id: int) -> Job:
    found = queries.job_named(market, job_id)
    if found is None:
        raise Http404
    return found


def _polls(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
