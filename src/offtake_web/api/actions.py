"""Answers kept for repeated requests: a key is taken before the work, and the answer kept after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from offtake_web.accounts.models import User
from offtake_web.api.models import Answer

KEPT = timedelta(days=1)
GIVEN_UP = timedelta(minutes=2)
"""Work that has not answered for so long died with its process; its key may be taken again."""


def take_key(key: str, fingerprint: str, *, by: User) -> tuple[Answer, bool]:
    """Take a key for a request.

    Returns
    -------
    tuple[Answer, bool]
        The row of the key, and whether it is ours to work for; else another request had it.
    """
    now = timezone.now()
    forget_answers()
    Answer.objects.filter(user=by, key=key, status=None, created__lt=now - GIVEN_UP).delete()
    try:
        with transaction.atomic():
            fresh = Answer.objects.create(user=by, key=key, fingerprint=fingerprint, created=now)
    except IntegrityError:
        taken = Answer.objects.filter(user=by, key=key).first()
    else:
        return fresh, True
    # It may have been given back between the two looks, by a request that failed.
    return take_key(key, fingerprint, by=by) if taken is None else (taken, False)


def keep_answer(answer: Answer, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
    mine = Answer.objects.filter(pk=answer.pk)
    mine.update(status=status, headers=dict(headers), body=body)


def give_back_key(answer: Answer) -> None:
    """Let a request that failed be tried again under its key."""
    Answer.objects.filter(pk=answer.pk).delete()


def forget_answers() -> int:
    """Remove the answers that are too old to be said again; return how many."""
    return Answer.objects.filter(created__lt=timezone.now() - KEPT).delete()[0]
