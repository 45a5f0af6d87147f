from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from offtake_web.accounts.access import permissions_of, side_of
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.signin import person
from offtake_web.api.schemas.about import Me

group = Group("About you")


@group.get("/me", "account.own", gives=Me, any_token=True)
def get_me(request: HttpRequest) -> dict[str, Any]:
    """Who you are and what you may do.

    A token narrows the permissions of the person it speaks for.
    """
    user = person(request)
    return {
        "username": user.get_username(),
        "name": str(user),
        "role": user.role,
        "side": side_of(user),
        "part": user,
        "permissions": sorted(permissions_of(user)),
    }
