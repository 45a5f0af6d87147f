from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from offtake_web.accounts.access import SCOPES, Permission, permissions_of
from offtake_web.accounts.models import Role, Session, SignInRules, Token, User

USE_NOTED = timedelta(minutes=1)
STATES = ("open", "closed")
FIELDS = (
    "username",
    "first_name",
    "last_name",
    "email",
    "role",
    "retailers",
    "territories",
    "brands",
    "language",
    "is_active",
    "is_staff",
    "is_superuser",
)
"""What the history of a person follows."""


def people(*, text: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Return people by name: those who match the text, have the role and are open or closed."""
    found = User.objects.order_by("last_name", "first_name", "username", "pk").annotate(
        second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    )
    for word in text.split():
        found = found.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    if role in Role:
        found = found.filter(role=role)
    return found.filter(is_active=state == "open") if state in STATES else found


def person_named(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def person_with_email(address: str) -> User | None:
    return User.objects.filter(email__iexact=address).first() if address else None


def is_administrator(person: User) -> bool:
    """Return whether somebody is an administrator who can sign in."""
    return person.role == Role.ADMINISTRATOR and person.is_active


def rules() -> SignInRules:
    """Return the rules of signing in; without any, nothing is demanded."""
    return SignInRules.objects.first() or SignInRules()


def has_second_factor(person: User) -> bool:
    return bool(is_mfa_enabled(person))


def demands_second_factor(person: User) -> bool:
    return person.role in rules().second_factor_for


def owes_second_factor(person: User) -> bool:
    return demands_second_factor(person) and not has_second_factor(person)


def open_sessions(person: User) -> QuerySet[Session]:
    return Session.objects.filter(user=person, expire_date__gt=timezone.now()).order_by("-started")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history of a person: who did what when, and each field before and after."""

    at: datetime
    by: str
    kind: str
    changes: tuple[tuple[str, Any, Any], ...]


def history_of(person: User) -> list[Entry]:
    """Return the changes of a person, newest first."""
    rows = list(person.history.select_related("history_user").order_by("history_date", "pk"))
    return list(_entries(rows))[::-1]


def _entries(rows: list[Any]) -> Iterator[Entry]:
    before: Any = None
    for row in rows:
        changes = tuple(
            (name, getattr(before, name, ""), getattr(row, name))
            for name in FIELDS
            if before is not None and getattr(before, name) != getattr(row, name)
        )
        before = row
        kind = row.history_change_reason or ("made" if row.history_type == "+" else "changed")
        if changes or kind != "changed":
            yield Entry(row.history_date, str(row.history_user or ""), kind, changes)


def fingerprint(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def tokens_of(person: User) -> QuerySet[Token]:
    return Token.objects.filter(user=person, revoked=None)


def token_owner(raw: str) -> tuple[User, frozenset[Permission]] | None:
    """Say for whom a token speaks and what it may do; None where it is worth nothing.

    One query, and one write a minute at most, which notes that it was used. A person who has lost
    a permission since the token was made lacks it here too.
    """
    prefix = raw.partition("_")[2].partition("_")[0]
    token = Token.objects.select_related("user").filter(prefix=prefix).first()
    if token is None or not secrets.compare_digest(token.digest, fingerprint(raw)):
        return None
    now = timezone.now()
    if token.revoked or token.expires <= now or not token.user.is_active:
        return None
    _note_use(token, now)
    return token.user, permissions_of(token.user) & _permissions(token)


def _permissions(token: Token) -> frozenset[Permission]:
    return frozenset().union(*(SCOPES.get(name, frozenset()) for name in token.scopes))


def _note_use(token: Token, now: datetime) -> None:
    if token.last_used is None or now - token.last_used > USE_NOTED:
        stale = Q(last_used=None) | Q(last_used__lt=now - USE_NOTED)
        Token.objects.filter(stale, pk=token.pk).update(last_used=now)
