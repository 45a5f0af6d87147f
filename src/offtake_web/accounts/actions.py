"""Every change of people and of their access: who may, in one transaction, with its history."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from offtake_web.accounts.access import SCOPES, Permission, demand, scopes_of
from offtake_web.accounts.models import Token, User
from offtake_web.accounts.queries import fingerprint

LONGEST_TOKEN = 366


def make_token(
    name: str,
    scopes: Collection[str],
    *,
    by: User,
    days: int = 90,
    within: frozenset[Permission] | None = None,
) -> tuple[Token, str]:
    """Make a token for oneself and return it with its text, which cannot be had again.

    Parameters
    ----------
    name
        What it is for.
    scopes
        Names of :data:`~offtake_web.accounts.access.SCOPES`.
    by
        Whose it is.
    days
        How long it is valid.
    within
        What the maker may do where a token makes a token; it cannot give what it lacks.

    Raises
    ------
    PermissionDenied
        If a scope is beyond the person, or beyond the token that asks.
    ValidationError
        If the name is empty, no scope is named, or the days are out of range.
    """
    demand(by, "account.own")
    _check_token(name, scopes, days)
    if not set(scopes) <= set(scopes_of(by)):
        raise PermissionDenied(_("A token cannot do more than its owner."))
    given = frozenset[Permission]().union(*(SCOPES[each] for each in scopes))
    if within is not None and not given <= within:
        raise PermissionDenied(_("A token cannot make a token that may do more."))
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    raw = f"offtake_{prefix}_{secret}"
    token = Token.objects.create(
        user=by,
        name=name.strip(),
        scopes=[each for each in SCOPES if each in scopes],
        prefix=prefix,
        digest=fingerprint(raw),
        expires=timezone.now() + timedelta(days=days),
    )
    return token, raw


def _check_token(name: str, scopes: Collection[str], days: int) -> None:
    if not name.strip() or len(name) > 80:
        raise ValidationError({"name": _("A name of 1 to 80 characters is needed.")})
    if not scopes or not set(scopes) <= SCOPES.keys():
        allowed = ", ".join(SCOPES)
        raise ValidationError({"scopes": _("Choose from: %(allowed)s.") % {"allowed": allowed}})
    if not 1 <= days <= LONGEST_TOKEN:
        most = _("1 to %(most)s days.") % {"most": LONGEST_TOKEN}
        raise ValidationError({"days": most})


def revoke_token(token: Token, *, by: User) -> None:
    """Make a token worthless: one's own, or anybody's where one manages people."""
    demand(by, "account.own" if token.user_id == by.pk else "people.manage")
    Token.objects.filter(pk=token.pk, revoked=None).update(revoked=timezone.now())
