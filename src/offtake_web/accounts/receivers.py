"""What happens when somebody signs in, by whichever door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from offtake_web.accounts import queries
from offtake_web.accounts.middleware import DUE
from offtake_web.accounts.models import User
from offtake_web.accounts.sessions import BROWSER, STARTED, browser_words


def connect() -> None:
    # Django's own way saves the whole person, which would write history of nothing.
    user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
    user_logged_in.connect(note_sign_in, dispatch_uid="offtake_note_sign_in")


def note_sign_in(request: HttpRequest, user: User, **more: Any) -> None:
    now = timezone.now()
    User.objects.filter(pk=user.pk).update(last_login=now)
    user.last_login = now
    request.session[STARTED] = now.isoformat()
    request.session[BROWSER] = browser_words(request.META.get("HTTP_USER_AGENT", ""))
    if not _by_company(request) and queries.owes_second_factor(user):
        request.session[DUE] = True


def _by_company(request: HttpRequest) -> bool:
    """Whether the company's own sign-in vouches for somebody, with its own second factor."""
    records = request.session.get("account_authentication_methods") or [{}]
    return bool(records[-1].get("method") == "socialaccount")
