from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from offtake_web.common import queries
from offtake_web.common.markets import markets


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Go to the first market: what everybody signed in may see."""
    return redirect(f"/{markets()[0]}/")


front.permission = "account.own"  # type: ignore[attr-defined]  # accounts, which checks it, is above us


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


health.permission = "open"  # type: ignore[attr-defined]  # as above
