"""Every address of the workspace says who may open it, and is closed to everybody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import URLPattern, URLResolver, get_resolver

from offtake_web.accounts.access import GRANTS, PERMISSIONS, SIDES, demand, may, scope_of
from offtake_web.accounts.models import Role, User

OPEN = {
    "account_inactive",
    "account_login",
    "health",
    "login",
    "mfa_authenticate",
    "openid_connect_callback",
    "openid_connect_login",
    "plan-feed",
    "set-password",
    "set_language",
    "set_theme",
    "socialaccount_login_cancelled",
}
GUARDED_BY_OTHERS = {"admin"}
"""Django's own administration, which only its site administrators open."""


def our_views() -> Iterator[tuple[str, str, object]]:
    def views(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str, object]]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield str(pattern.name), str(pattern.pattern), pattern.callback
            elif pattern.namespace not in GUARDED_BY_OTHERS:
                yield from views(pattern.url_patterns)

    return views(get_resolver().url_patterns)


@pytest.mark.parametrize(("name", "address", "view"), list(our_views()))
def test_every_view_states_its_permission(name: str, address: str, view: object) -> None:
    stated = getattr(view, "permission", None)
    if name in OPEN:
        assert stated == "open"
    else:
        assert stated in PERMISSIONS, f"{name} ({address}) says {stated!r}: use access.needs"


def test_every_role_has_its_grants_and_only_known_ones() -> None:
    assert GRANTS.keys() == set(Role)
    assert set.union(*map(set, GRANTS.values())) == set(PERMISSIONS)
    assert SIDES.keys() < set(Role)


def test_each_side_agrees_for_itself_alone() -> None:
    for role, granted in GRANTS.items():
        sides = {name for name in granted if name.startswith("plan.agree_")}
        assert sides == ({f"plan.agree_{SIDES[role]}"} if sides else set()), role


def test_a_stranger_may_nothing() -> None:
    assert not any(may(AnonymousUser(), permission) for permission in PERMISSIONS)
    with pytest.raises(PermissionDenied, match=r"stranger may not do this \(plan\.view\)"):
        demand(AnonymousUser(), "plan.view")


def test_a_closed_account_may_nothing(ana: User) -> None:
    ana.is_active = False
    assert not any(may(ana, permission) for permission in PERMISSIONS)


def test_an_empty_scope_holds_everything(ana: User, jelena: User) -> None:
    assert scope_of(ana).everything
    assert scope_of(ana).has_retailer("anything")
    assert scope_of(jelena).has_retailer("Korner")
    assert not scope_of(jelena).has_retailer("Dis")
    assert scope_of(jelena).has_brand("anything")
