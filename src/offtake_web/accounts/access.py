"""Who may do what: permissions by role, scope by retailer, territory and brand.

Every view and endpoint states its permission with :func:`needs`, or that it is open; a test walks
all addresses and fails where one says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any, Literal, TypeVar, cast, get_args

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from offtake_web.accounts.models import Role, User

Permission = Literal[
    "account.own",
    "figures.view",
    "views.save",
    "plan.view",
    "plan.comment",
    "plan.edit",
    "plan.agree_marketing",
    "plan.agree_sales",
    "plan.commit",
    "plan.lock",
    "plan.execute",
    "plan.approve",
    "plan.rules",
    "feeds.view",
    "feeds.load",
    "runs.refresh",
    "runs.publish",
    "people.manage",
]
"""Closed list of permissions; ``account.own`` is what everybody signed in may do for themselves."""
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
Side = Literal["marketing", "sales"]

_READ: frozenset[Permission] = frozenset(("account.own", "figures.view", "views.save", "plan.view"))
_DATA: frozenset[Permission] = frozenset(
    ("feeds.view", "feeds.load", "runs.refresh", "runs.publish")
)
_PLAN: frozenset[Permission] = frozenset(
    ("plan.comment", "plan.edit", "plan.commit", "plan.lock", "plan.execute")
)

GRANTS: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        # Who sets the guardrails approves nothing that breaks them, and the other way round.
        Role.ADMINISTRATOR: _READ | _DATA | {"people.manage", "plan.comment", "plan.rules"},
        Role.MARKETING: _READ | _PLAN | {"plan.agree_marketing", "plan.approve", "feeds.view"},
        Role.SALES_LEAD: _READ | _PLAN | {"plan.agree_sales", "plan.approve", "feeds.view"},
        Role.KEY_ACCOUNT_MANAGER: _READ | _PLAN | {"plan.agree_sales", "feeds.view"},
        Role.REP: _READ | {"plan.comment", "plan.commit", "plan.execute"},
        Role.ANALYST: _READ | _DATA | {"plan.comment"},
        Role.VIEWER: _READ,
    }
)
SIDES: Mapping[str, Side] = MappingProxyType(
    {
        Role.MARKETING: "marketing",
        Role.SALES_LEAD: "sales",
        Role.KEY_ACCOUNT_MANAGER: "sales",
        Role.REP: "sales",
    }
)
"""Which side a role speaks for; the others speak for neither."""

SCOPES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "read": frozenset(("figures.view", "plan.view", "feeds.view")),
        "plan": frozenset(name for name in PERMISSIONS if name.startswith("plan.")) - {"plan.view"},
        "data": frozenset(("feeds.load", "runs.refresh", "runs.publish")),
        "people": frozenset(("people.manage",)),
        "account": frozenset(("account.own", "views.save")),
    }
)
"""What a token may be given: groups of permissions, each permission in one group."""

View = TypeVar("View", bound=Callable[..., Any])
Anybody = User | AnonymousUser


def may(user: Anybody, permission: Permission) -> bool:
    """Say whether somebody has a permission; a stranger and a switched-off account have none."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.limited_to is not None and permission not in user.limited_to:
        return False
    return permission in GRANTS.get(user.role, frozenset())


def demand(user: Anybody, permission: Permission) -> None:
    """Refuse what somebody may not do.

    Raises
    ------
    PermissionDenied
        Naming the role and the permission.
    """
    if not may(user, permission):
        role = getattr(user, "role", "")
        raise PermissionDenied(
            _("%(role)s may not do this (%(permission)s).")
            % {"role": role or _("a stranger"), "permission": permission}
        )


def permissions_of(user: Anybody) -> frozenset[Permission]:
    """Return all that somebody may do."""
    return frozenset(name for name in PERMISSIONS if may(user, name))


def scopes_of(user: Anybody) -> tuple[str, ...]:
    """Return the groups of permissions of which somebody has at least one."""
    granted = permissions_of(user)
    return tuple(name for name, permissions in SCOPES.items() if permissions & granted)


def side_of(user: Anybody) -> Side | None:
    return SIDES.get(getattr(user, "role", ""))


def needs(permission: Permission) -> Callable[[View], View]:
    """Close a view to those who lack a permission; strangers are sent to sign in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> object:
            demand(request.user, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test that walks all views
        return cast("View", guarded)

    return decorate


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in, in a view that lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101  # needs() has looked
    return request.user


def open_to_all(view: View) -> View:
    """State that a view is open to strangers."""
    opened = login_not_required(view)
    opened.permission = "open"  # type: ignore[attr-defined]  # as above
    return opened


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the business that somebody's account is for; empty parts hold everything."""

    retailers: frozenset[str] = frozenset()
    territories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        return not (self.retailers or self.territories or self.brands)

    def has_retailer(self, name: str) -> bool:
        return not self.retailers or name in self.retailers

    def has_territory(self, name: str) -> bool:
        return not self.territories or name in self.territories

    def has_brand(self, name: str) -> bool:
        return not self.brands or name in self.brands


def demand_everything(user: Anybody) -> None:
    """Refuse what cannot be narrowed to the part of the business that an account is for.

    Raises
    ------
    PermissionDenied
        When the account is for a part only.
    """
    if not scope_of(user).everything:
        raise PermissionDenied(_("This is of the whole business; your account is for a part."))


def scope_of(user: Anybody) -> Scope:
    """Return somebody's scope."""
    if not isinstance(user, User):
        return Scope()
    return Scope(*map(frozenset, (user.retailers, user.territories, user.brands)))
