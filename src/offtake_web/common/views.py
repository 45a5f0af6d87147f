from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from offtake_web.common import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    run = queries.published_run(settings.OFFTAKE_RUNS)
    return render(request, "common/home.html", {"run": run})


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Say whether the workspace can serve pages; open to everybody, tells nothing else."""
    answers = queries.database_answers()
    body = {
        "status": "ok" if answers else "failing",
        "database": "ok" if answers else "unreachable",
    }
    return JsonResponse(body, status=200 if answers else 503)
