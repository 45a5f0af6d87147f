"""Everybody's own account: details, language, second factor, sessions and tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from offtake_web.accounts import actions, queries
from offtake_web.accounts.access import needs, scope_of, signed_in
from offtake_web.accounts.adapters import remember_language
from offtake_web.accounts.forms import SCOPE_WORDS, OwnForm, TokenForm
from offtake_web.accounts.models import Token
from offtake_web.accounts.signin import fresh


def _account(request: HttpRequest, **more: Any) -> HttpResponse:
    me = signed_in(request)
    own = {name: getattr(me, name) for name in ("first_name", "last_name", "language")}
    shown = {
        "own_form": OwnForm(initial=own),
        "token_form": TokenForm(user=me),
        "second_factor": queries.has_second_factor(me),
        "sessions": queries.open_sessions(me),
        "here": request.session.session_key,
        "tokens": [(token, _words(token)) for token in queries.tokens_of(me)],
        "scope": scope_of(me),
    }
    return render(request, "accounts/account.html", shown | more)


def _words(token: Token) -> list[str]:
    return [str(SCOPE_WORDS[name]) for name in token.scopes if name in SCOPE_WORDS]


@needs("account.own")
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _account(request)
    form = OwnForm(request.POST)
    if not form.is_valid():
        return _account(request, own_form=form)
    me = actions.change_own_details(by=signed_in(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    response = redirect("account")
    if me.language:
        remember_language(response, me.language)
    return response


@needs("account.own")
@never_cache
@require_POST
@fresh
def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token and show its text, this once."""
    form = TokenForm(request.POST, user=signed_in(request))
    if not form.is_valid():
        return _account(request, token_form=form)
    given = form.cleaned_data
    token, raw = actions.make_token(
        given["name"], given["scopes"], days=given["days"], by=signed_in(request)
    )
    return render(request, "accounts/token.html", {"token": token, "raw": raw})


@needs("account.own")
@require_POST
def token_revoke(request: HttpRequest, number: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=number, user=signed_in(request))
    actions.revoke_token(token, by=signed_in(request))
    messages.success(request, _("The token is revoked."))
    return redirect("account")


@needs("account.own")
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End one's sessions in all other browsers."""
    actions.end_sessions(
        signed_in(request), by=signed_in(request), keep=request.session.session_key or ""
    )
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("account")
