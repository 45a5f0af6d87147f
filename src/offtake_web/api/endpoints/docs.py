"""The description of the API: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from offtake_web.accounts.access import needs
from offtake_web.api.endpoints.service import description
from offtake_web.api.frame.problems import KINDS, Problem, answer
from offtake_web.api.frame.reading import chapters
from offtake_web.api.frame.signin import sign_in
from offtake_web.api.frame.versions import keep_private, mark


@needs("account.own")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the description of the API for people."""
    context = {
        "description": description(),
        "chapters": chapters(description()),
        "problems": KINDS.items(),
    }
    return render(request, "api/docs.html", context)


@login_not_required
@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the description of the API for programs."""
    try:
        sign_in(request)
    except Problem as problem:
        return keep_private(answer(request, problem))
    return keep_private(mark(request, JsonResponse(description())))


openapi.permission = "account.own"  # type: ignore[attr-defined]  # programs sign in with a token
