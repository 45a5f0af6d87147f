"""Every change of people and of their access: who may, in one transaction, with its history."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from offtake_web.accounts.access import SCOPES, Permission, demand, scopes_of
from offtake_web.accounts.links import path_of_link
from offtake_web.accounts.models import Role, Session, SignInRules, Token, User
from offtake_web.accounts.queries import (
    fingerprint,
    is_administrator,
    owes_second_factor,
    person_named,
)

LONGEST_TOKEN = 366
LINK_RESTS_ON = ("password", "links", "is_active")
"""What has to stay as it was for a link to set a password to stay good."""


class StaleVersionError(ValueError):
    """Somebody else changed the row meanwhile; ``current`` is how it is now."""

    def __init__(self, current: User | SignInRules) -> None:
        super().__init__(_("Somebody else changed this meanwhile."))
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an administrator says of a person; an empty part of the scope means all of it."""

    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    role: str = Role.VIEWER
    retailers: list[str] = field(default_factory=list)
    territories: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)


def _fields(details: Details) -> dict[str, Any]:
    """Return the fields of a person; the order in which names were ticked means nothing."""
    given = asdict(details)
    return {
        name: sorted(value) if isinstance(value, list) else value for name, value in given.items()
    }


def _save(person: User, kind: str, by: User | None) -> User:
    person._history_user = by  # type: ignore[attr-defined]
    person._change_reason = kind  # type: ignore[attr-defined]
    person.version += 1
    person.save()
    return person


def _locked(person: User) -> User:
    """Hold a person against other changes, yet let others' history name them meanwhile."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _held(by: User, also: Q | None = None) -> dict[int, User]:
    """Hold all administrators, who makes a change, and whom they change; return them as they are.

    Always in the same order: two who change each other at once would otherwise each wait for the
    row that the other holds. And ``by`` may have become less than they were when they asked.
    """
    them = Q(pk=by.pk) | Q(role=Role.ADMINISTRATOR) | (also or Q())
    found = User.objects.select_for_update(no_key=True).filter(them).order_by("pk")
    rows = {row.pk: row for row in found}  # as they are once held, which the filter may not know
    rows[by.pk].limited_to = by.limited_to
    demand(rows[by.pk], "people.manage")
    return rows


def _held_with(person: User, by: User) -> User:
    return _held(by, Q(pk=person.pk))[person.pk]


def _held_unless_last(person: User, by: User) -> User:
    """Hold a person whom the office can do without: another administrator stays."""
    rows = _held(by, Q(pk=person.pk))
    now = rows.pop(person.pk)
    if is_administrator(now) and not any(is_administrator(row) for row in rows.values()):
        raise ValidationError(
            {"role": _("This is the last administrator; make another one first.")}
        )
    return now


def _save_checked(person: User, kind: str, by: User | None) -> User:
    person.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            return _save(person, kind, by)
    except IntegrityError:  # somebody got the name or the address since it was looked up
        person.full_clean(exclude=["password"])
        raise


@transaction.atomic
def make_person(details: Details, *, by: User) -> tuple[User, str]:
    """Make an account, and return it with the path of the link that sets its password.

    Raises
    ------
    PermissionDenied
        If ``by`` does not manage people.
    ValidationError
        By field, such as a name that is taken.
    """
    _held(by)
    person = User(**_fields(details), links=1, version=0)
    person.set_unusable_password()
    return _save_checked(person, "made", by), path_of_link(person)


@transaction.atomic
def change_person(person: User, details: Details, *, version: int, by: User) -> User:
    """Change who somebody is and what their account is for.

    Raises
    ------
    StaleVersionError
        If somebody else changed the person after ``version``.
    ValidationError
        By field; and where the last administrator would be one no more.
    """
    stays = details.role == Role.ADMINISTRATOR
    now = (_held_with if stays else _held_unless_last)(person, by)
    if now.version != version:
        raise StaleVersionError(now)
    promoted = details.role != now.role
    if details.email.lower() != now.email.lower():
        EmailAddress.objects.filter(user=now).delete()
    for name, value in _fields(details).items():
        setattr(now, name, value)
    if details.role != Role.ADMINISTRATOR:
        now.is_staff = now.is_superuser = False  # Django's own pages are for administrators only
    if promoted and owes_second_factor(now):  # which sign-in leads them to set up
        Session.objects.filter(user=now).delete()
    return _save_checked(now, "changed", by)


@transaction.atomic
def close_account(person: User, *, by: User) -> User:
    """Let somebody in no more: sessions end at once, tokens and links are worth nothing."""
    now = _held_unless_last(person, by)
    now.is_active = False
    Session.objects.filter(user=now).delete()
    return _save(now, "closed", by)


@transaction.atomic
def reopen_account(person: User, *, by: User) -> User:
    now = _held_with(person, by)
    now.is_active = True
    return _save(now, "reopened", by)


@transaction.atomic
def make_link(person: User, *, by: User) -> str:
    """Return the path of a new link to set a password; older ones are worth nothing from now."""
    now = _held_with(person, by)
    if not now.is_active:
        raise ValidationError(_("A closed account gets no link; reopen it first."))
    now.links += 1
    _save(now, "link", by)
    return path_of_link(now)


@transaction.atomic
def set_password(person: User, password: str) -> User:
    """Set the password of somebody who came by a link; every session of theirs ends.

    Raises
    ------
    ValidationError
        If the link has been used, or made worthless, since it was looked at.
    """
    now = _locked(person)
    if any(getattr(now, name) != getattr(person, name) for name in LINK_RESTS_ON):
        raise ValidationError(
            _(
                "This link is no longer valid: it was used, a newer one was made, or three days "
                "have passed. An administrator can make another."
            )
        )
    now.set_password(password)
    Session.objects.filter(user=now).delete()
    return _save(now, "password", now)


@transaction.atomic
def change_own_password(password: str, *, by: User) -> User:
    """Set one's own password; sessions begun with the old one end, but for this."""
    demand(by, "account.own")
    now = _locked(by)  # what was read when the request began may be closed, or less, by now
    now.set_password(password)
    by.password = now.password
    return _save(now, "password", now)


@transaction.atomic
def reset_second_factor(person: User, *, by: User) -> User:
    """Take the second factor off an account whose owner has lost it; their sessions end."""
    now = _held_with(person, by)
    Authenticator.objects.filter(user=now).delete()
    Session.objects.filter(user=now).delete()
    return _save(now, "second factor", by)


@transaction.atomic
def end_sessions(person: User, *, by: User, keep: str = "") -> User:
    """Sign somebody out everywhere, except in the session named ``keep``."""
    demand(by, "account.own" if person.pk == by.pk else "people.manage")
    now = _locked(by) if person.pk == by.pk else _held_with(person, by)
    Session.objects.filter(user=now).exclude(session_key=keep).delete()
    return _save(now, "sessions", by)


@transaction.atomic
def change_own_details(*, by: User, first_name: str, last_name: str, language: str) -> User:
    demand(by, "account.own")
    now = _locked(by)
    now.first_name, now.last_name, now.language = first_name, last_name, language
    if language and language not in dict(settings.LANGUAGES):
        allowed = ", ".join(dict(settings.LANGUAGES))
        raise ValidationError({"language": _("Choose from: %(allowed)s.") % {"allowed": allowed}})
    now.full_clean(exclude=["password"])
    return _save(now, "changed", by)


@transaction.atomic
def demand_second_factor(roles: Collection[str], *, version: int, by: User) -> SignInRules:
    """Demand a second factor of some roles; those who have none set it up at their next sign-in.

    Whoever of them is signed in without one is signed out now, except ``by``.
    """
    _held(by, Q(role__in=roles))  # those whose sessions may end; and one such change at a time
    now = SignInRules.objects.first() or SignInRules(pk=1)
    if now.version != version:
        raise StaleVersionError(now)
    unknown = sorted(set(roles) - set(Role))
    if unknown:
        raise ValidationError(_("Unknown roles: %(roles)s.") % {"roles": ", ".join(unknown)})
    now.second_factor_for = [role for role in Role.values if role in roles]
    now._history_user = by  # type: ignore[attr-defined]
    now.version += 1
    now.save()
    protected = Authenticator.objects.values("user")
    owing = User.objects.filter(role__in=now.second_factor_for).exclude(pk__in=protected)
    Session.objects.filter(user__in=owing).exclude(user=by).delete()
    return now


@transaction.atomic
def welcome(person: User, *, role: str) -> User:
    """Give the account that the company's sign-in has made its role."""
    person.role = role
    return _save(person, "company", person)


@transaction.atomic
def appoint(username: str, *, email: str = "") -> tuple[User, str]:
    """Make somebody an administrator from the server's command line, and return the link.

    It needs no ``by``: whoever may run commands on the server may do anything there.
    """
    person = person_named(username)
    person = _locked(person) if person else User(username=username, email=email, version=0)
    if person.version == 0:
        person.set_unusable_password()
    person.role, person.is_active = Role.ADMINISTRATOR, True
    person.links += 1
    return _save_checked(person, "appointed", None), path_of_link(person)


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


def forget_sessions() -> int:
    """Remove the sessions that have run out; return how many."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
