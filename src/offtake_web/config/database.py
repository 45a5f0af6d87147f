"""Turn one database address into Django's description of a database."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ALLOWED = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME"

#: Readers never wait for the writer, a transaction takes the write lock when it begins (so two
#: writers queue instead of failing half-way), and a waiting writer gives up after 20 seconds.
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}


def database(url: str) -> dict[str, Any]:
    """Describe the database at ``url``.

    Messages never repeat the address: it may hold a password.

    Raises
    ------
    ImproperlyConfigured
        If the scheme is not one of the two allowed, or the address names no database.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"the database address cannot be read; use {ALLOWED}") from None
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(parts, port)
    raise ImproperlyConfigured(
        f"the database address starts with {parts.scheme!r}, which is not supported; use {ALLOWED}"
    )


def _sqlite(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path).removeprefix("/")
    if parts.netloc or not name:
        raise ImproperlyConfigured(
            "the SQLite address must be sqlite:///relative/path or sqlite:////absolute/path"
        )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": dict(SQLITE_OPTIONS),
    }


def _postgresql(parts: SplitResult, port: int | None) -> dict[str, Any]:
    name = unquote(parts.path).removeprefix("/")
    if not name:
        raise ImproperlyConfigured(f"the PostgreSQL address names no database; use {ALLOWED}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
