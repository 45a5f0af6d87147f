from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

DUE = "second_factor_due"
MEANWHILE = frozenset(
    (
        "mfa_activate_totp",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "logout",
        "set_language",
        "health",
    )
)


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in; tells a script, which would take that page for its answer."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,  # noqa: ANN401  # as Django hands it on
        view_kwargs: Any,  # noqa: ANN401  # as above
    ) -> HttpResponseBase | None:
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        script = "HX-Request" in request.headers or not request.accepts("text/html")
        return HttpResponse(status=401) if refusal is not None and script else refusal


class SecondFactorMiddleware:
    """Leads those who still have to set up a second factor there, and nowhere else.

    Costs no query: the session, which sign-in marked, says whether somebody has to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or DUE not in request.session:
            return None
        match = request.resolver_match
        if match is not None and match.url_name in MEANWHILE:
            return None
        if is_mfa_enabled(request.user):
            del request.session[DUE]
            return None
        return redirect("mfa_activate_totp")
