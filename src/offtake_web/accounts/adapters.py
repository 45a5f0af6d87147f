"""Where django-allauth asks us: who may come in, how, and what is kept of it."""

from __future__ import annotations

import base64
import hashlib
import time
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from offtake_web.accounts import actions, queries
from offtake_web.accounts.models import User

FRESH = 300
SILENT = frozenset(("account/messages/logged_in.txt", "account/messages/logged_out.txt"))


def signed_in_lately(request: HttpRequest) -> bool:
    """Say whether somebody proved who they are in the last five minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < FRESH


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **more: object) -> bool:
        return not signed_in_lately(context.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Where there is a second factor, the password alone is no proof."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [each for each in methods if each["id"] == "mfa_reauthenticate"] or methods

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **more: Any,
    ) -> None:
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **more)

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        if user.language:
            remember_language(response, user.language)
        return response


def remember_language(response: HttpResponse, language: str) -> None:
    secure = settings.LANGUAGE_COOKIE_SECURE
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=secure)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Keeps the secrets of authenticator apps encrypted: a copy of the database is not enough."""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep a second factor on where the role demands one."""
        return not queries.demands_second_factor(authenticator.user)

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    return _box_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    digests = [hashlib.sha256(b"offtake second factor " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """Matches people of the company's own sign-in by the e-mail address that it has verified."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not sociallogin.is_existing:
            person = queries.person_with_email(_verified_email(sociallogin))
            if person is not None:
                sociallogin.connect(request, person)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.OFFTAKE_OIDC_ROLE and _verified_email(sociallogin))

    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: object = None
    ) -> User:
        person = sociallogin.user
        person.email = _verified_email(sociallogin)
        super().save_user(request, sociallogin, form)
        return actions.welcome(person, role=settings.OFFTAKE_OIDC_ROLE)


def _verified_email(sociallogin: SocialLogin) -> str:
    addresses = [each.email for each in sociallogin.email_addresses if each.verified]
    return addresses[0].lower() if addresses else ""
