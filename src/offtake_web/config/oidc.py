"""The company's own sign-in (OpenID Connect), where the environment names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "OFFTAKE_WEB_OIDC_"
NEEDED = ("ISSUER", "CLIENT", "SECRET")
OPTIONAL = ("NAME", "ROLE")
# Everybody the company's sign-in knows must not become an administrator.
ROLES = ("marketing", "sales_lead", "key_account_manager", "rep", "analyst", "viewer")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PROVIDER = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Where people sign in who have an account with the company.

    Parameters
    ----------
    url
        The issuer, without its ``/.well-known`` part.
    client, secret
        How the issuer knows this workspace.
    name
        What people call it.
    role
        Of the accounts that a first sign-in makes; empty: it makes none.
    """

    url: str
    client: str
    secret: str
    name: str
    role: str = ""


def read_issuer(environ: Mapping[str, str], *, production: bool) -> Issuer | None:
    """Read the company's sign-in; None where nothing is said of it.

    Raises
    ------
    ImproperlyConfigured
        Naming the variable, what is wrong with it and what is allowed; never the secret.
    """
    given = {name: environ.get(PREFIX + name, "").strip() for name in (*NEEDED, *OPTIONAL)}
    if not any(given.values()):
        return None
    missing = [PREFIX + name for name in NEEDED if not given[name]]
    if missing:
        raise ImproperlyConfigured(
            f"{', '.join(missing)} not set; the company's sign-in needs "
            f"{', '.join(PREFIX + name for name in NEEDED)}, or none of {PREFIX}*"
        )
    if given["ROLE"] and given["ROLE"] not in ROLES:
        raise ImproperlyConfigured(
            f"{PREFIX}ROLE is {given['ROLE']!r}; allowed: {', '.join(ROLES)}, or nothing"
        )
    host = _host(given["ISSUER"], production=production)
    return Issuer(
        url=given["ISSUER"].rstrip("/"),
        client=given["CLIENT"],
        secret=given["SECRET"],
        name=given["NAME"] or host,
        role=given["ROLE"],
    )


def _host(url: str, *, production: bool) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (
        parts.scheme == "http" and host in LOOPBACK and not production
    )
    if not host or not secure or parts.query or parts.username:
        raise ImproperlyConfigured(
            f"{PREFIX}ISSUER is {url!r}; needed: https://HOST/PATH without name, password or "
            "question mark (http only for this machine, in development)"
        )
    return host


def providers(issuer: Issuer | None) -> dict[str, Any]:
    """Describe the issuer as django-allauth wants it."""
    if issuer is None:
        return {}
    app = {
        "provider_id": PROVIDER,
        "name": issuer.name,
        "client_id": issuer.client,
        "secret": issuer.secret,
        "settings": {"server_url": issuer.url},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
