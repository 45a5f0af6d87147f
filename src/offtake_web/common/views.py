from __future__ import annotations

import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from offtake_web.common import queries
from offtake_web.common.markets import markets
from offtake_web.common.showcase import showcase
from offtake_web.common.themes import keep_theme


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


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie and go back."""
    back = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(back, request.get_host(), request.is_secure())
    response = redirect(back if allowed else "front")
    keep_theme(response, request.POST.get("theme", ""))
    return response


set_theme.permission = "open"  # type: ignore[attr-defined]  # as above


def failed(request: HttpRequest) -> HttpResponse:
    """Say that we failed; where the database does not answer, that it is worth another try."""
    away = isinstance(sys.exc_info()[1], queries.AWAY)
    page = render_to_string("500.html", {"away": away})
    response = HttpResponse(page, status=503 if away else 500)
    if away:
        response["Retry-After"] = str(queries.AGAIN_IN)
    return response


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Show every component once, for those who work on the workspace."""
    if not settings.OFFTAKE_DEVELOPMENT:
        raise Http404
    return render(request, "common/style.html", showcase(request))


style.permission = "account.own"  # type: ignore[attr-defined]  # as above
