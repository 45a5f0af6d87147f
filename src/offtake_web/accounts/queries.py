from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from offtake_web.accounts.access import SCOPES, Permission, permissions_of
from offtake_web.accounts.models import Token, User

USE_NOTED = timedelta(minutes=1)


def fingerprint(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


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
    _note_use(token)
    return token.user, permissions_of(token.user) & _permissions(token)


def _permissions(token: Token) -> frozenset[Permission]:
    return frozenset().union(*(SCOPES.get(name, frozenset()) for name in token.scopes))


def _note_use(token: Token) -> None:
    now = timezone.now()
    if token.last_used is None or now - token.last_used > USE_NOTED:
        stale = Q(last_used=None) | Q(last_used__lt=now - USE_NOTED)
        Token.objects.filter(stale, pk=token.pk).update(last_used=now)
