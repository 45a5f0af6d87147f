"""Who asks: a program with a token, or a browser that is signed in."""

from __future__ import annotations

import hashlib

from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
)
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _

from offtake_web.accounts.access import signed_in
from offtake_web.accounts.models import User
from offtake_web.accounts.queries import token_owner
from offtake_web.api.frame.problems import Problem

CHALLENGE = 'Bearer realm="offtake"'


def sign_in(request: HttpRequest) -> str:
    """Make the request that of whom it comes from; return what its rate is counted by.

    Raises
    ------
    Problem
        ``not-signed-in`` for a stranger or a worthless token, ``forged`` for a browser that does
        not send its token against forgery with a change.
    """
    header = request.headers.get("Authorization", "")
    return _with_token(request, header) if header else _with_session(request)


def _with_token(request: HttpRequest, header: str) -> str:
    scheme, _space, raw = header.partition(" ")
    owner = token_owner(raw.strip()) if scheme.lower() == "bearer" else None
    if owner is None:
        raise Problem(
            "not-signed-in",
            _("The token is unknown, ended or revoked."),
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
        )
    user, permissions = owner
    user.limited_to = permissions
    request.user = user
    return hashlib.sha256(raw.strip().encode()).hexdigest()[:32]


def _with_session(request: HttpRequest) -> str:
    if not isinstance(request.user, User) or not request.user.is_active:
        raise Problem("not-signed-in", headers={"WWW-Authenticate": CHALLENGE})
    if _forged(request):
        raise Problem("forged")
    return f"user-{request.user.pk}"


def _forged(request: HttpRequest) -> bool:
    middleware = CsrfViewMiddleware(_no_answer)
    request.csrf_processing_done = False  # type: ignore[attr-defined]  # the view as such is exempt
    middleware.process_request(request)
    return middleware.process_view(request, _no_answer, (), {}) is not None


def _no_answer(_request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError


def demand_proof(request: HttpRequest) -> None:
    """Refuse a browser in which somebody has not proved lately who they are; tokens are proof."""
    if signed_in(request).limited_to is None and is_reauthentication_required(
        request, app="allauth.account"
    ):
        raise Problem("not-allowed", _("Sign in again first: this needs a fresh proof."))
