from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from offtake_web.accounts import actions
from offtake_web.accounts.access import permissions_of, side_of, signed_in
from offtake_web.accounts.models import User
from offtake_web.api.frame.group import Group
from offtake_web.api.schemas.about import Me
from offtake_web.api.schemas.people import DetailsSent

group = Group("About you")


@group.get("/me", "account.own", gives=Me, any_token=True)
def get_me(request: HttpRequest) -> dict[str, Any]:
    """Who you are and what you may do.

    A token narrows the permissions of the person it speaks for.
    """
    return _me(signed_in(request))


def _me(user: User) -> dict[str, Any]:
    return {
        "username": user.get_username(),
        "name": str(user),
        "role": user.role,
        "side": side_of(user),
        "part": user,
        "permissions": sorted(permissions_of(user)),
    }


@group.patch("/me", "account.own", gives=Me)
def change_me(request: HttpRequest, sent: DetailsSent) -> dict[str, Any]:
    """Change your own name and language."""
    user = signed_in(request)
    changed = actions.change_own_details(by=user, **sent.dict())
    changed.limited_to = user.limited_to
    return _me(changed)


@group.post("/me/sessions/end", "account.own", status=204)
def end_own_sessions(request: HttpRequest) -> None:
    """Sign yourself out in every browser, but for the one that asks."""
    key = request.session.session_key or ""
    actions.end_sessions(signed_in(request), by=signed_in(request), keep=key)
