from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from offtake_web.accounts import actions
from offtake_web.accounts.access import permissions_of, signed_in
from offtake_web.accounts.models import Token
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of
from offtake_web.api.schemas.base import Number
from offtake_web.api.schemas.tokens import TokenMade, TokenSent, TokenShown

group = Group("Your tokens")


@group.get("/tokens", "account.own", gives=Page[TokenShown])
def list_tokens(request: HttpRequest, response: HttpResponse, window: Paged) -> dict[str, Any]:
    """Your tokens, newest first."""
    found = signed_in(request).tokens.all()
    total = found.count()
    link_pages(request, response, total, window)
    return page_of(found, total, window, _shown)


@group.post("/tokens", "account.own", gives=TokenMade, status=201, secret=True, sensitive=True)
def make_token(request: HttpRequest, response: HttpResponse, sent: TokenSent) -> dict[str, Any]:
    """Make a token for yourself.

    A token cannot make one that may do more than itself.
    """
    user = signed_in(request)
    within = None if user.limited_to is None else permissions_of(user)
    token, raw = actions.make_token(sent.name, sent.scopes, by=user, days=sent.days, within=within)
    response["Cache-Control"] = "private, no-store"
    return {**_shown(token), "token": raw}


@group.delete("/tokens/{token_id}", "account.own", status=204)
def revoke_token(request: HttpRequest, token_id: Number) -> None:
    """Make one of your tokens worthless."""
    user = signed_in(request)
    token = user.tokens.filter(pk=token_id).first()
    if token is None:
        raise Http404
    actions.revoke_token(token, by=user)


def _shown(token: Token) -> dict[str, Any]:
    names = ("name", "scopes", "prefix", "created", "expires", "last_used", "revoked")
    return {"id": token.pk, **{name: getattr(token, name) for name in names}}
