"""One-time links with which somebody sets a password: valid three days, and only the newest."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from offtake_web.accounts.models import User


class LinkTokens(PasswordResetTokenGenerator):
    """A password set, a newer link and a closed account each make a link worthless."""

    key_salt = "offtake_web.accounts.links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        made = super()._make_hash_value(user, timestamp)
        return f"{made}{user.links}{user.is_active}"


TOKENS = LinkTokens()


def path_of_link(person: User) -> str:
    whose = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("set-password", kwargs={"uidb64": whose, "token": TOKENS.make_token(person)})
