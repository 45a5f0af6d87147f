"""Light, dark, or as the device says: a cookie, so that a page comes in its colours at once."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("light", "dark")
COOKIE = "offtake_theme"
YEAR_S = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the colours that were chosen; empty where the device decides."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


def keep_theme(response: HttpResponse, theme: str) -> None:
    """Remember a choice of colours; anything but a theme forgets it."""
    if theme not in THEMES:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        theme,
        max_age=YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
