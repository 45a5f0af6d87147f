"""What the process environment says about this installation, checked before Django starts.

==============================  ===================================================  ==============
variable                        meaning                                              default
==============================  ===================================================  ==============
``OFFTAKE_WEB_MARKETS``         TOML file of the markets to show (see markets.py)    none
``OFFTAKE_STORE``               the store, where no file of markets is named         offtake.duckdb
``OFFTAKE_RUNS``                its runs, where no file of markets is named          ``runs``
``OFFTAKE_WEB_MODE``            ``production`` or ``development``                    production
``OFFTAKE_WEB_DEBUG``           ``1`` shows tracebacks; refused in production        0 (dev: 1)
``OFFTAKE_WEB_SECRET_KEY``      at least 50 varied characters; needed in production  none
``OFFTAKE_WEB_ALLOWED_HOSTS``   host names, by comma; needed in production           none
``OFFTAKE_WEB_BEHIND_PROXY``    ``1`` trusts ``X-Forwarded-Proto`` of your proxy     0
``OFFTAKE_WEB_DATABASE_URL``    ``sqlite:///...`` or ``postgresql://...``            SQLite file
``OFFTAKE_WEB_UPLOADS``         where files wait that were sent to be loaded         ``uploads``
``OFFTAKE_WEB_UPLOAD_MB``       the largest file that may be sent, in megabytes      200
``OFFTAKE_WEB_STATIC_ROOT``     where ``collectstatic`` puts files                   staticfiles
``OFFTAKE_WEB_TIME_ZONE``       time zone of the pages                               UTC
``OFFTAKE_WEB_OIDC_ISSUER``     address of the company's sign-in; turns it on        none
``OFFTAKE_WEB_OIDC_CLIENT``     what the issuer calls this workspace                 none
``OFFTAKE_WEB_OIDC_SECRET``     the secret that goes with it                         none
``OFFTAKE_WEB_OIDC_NAME``       "Sign in with <name>"                                the host
``OFFTAKE_WEB_OIDC_ROLE``       role of people it makes; without it, it makes none   none
``OFFTAKE_WEB_TIMING``          ``1`` tells how long each answer took to make        0
``OFFTAKE_WEB_WARM``            ``0`` leaves a new run to its first reader           1
==============================  ===================================================  ==============
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from offtake_web.common.markets import Market, read_markets
from offtake_web.config.oidc import Issuer, read_issuer

MODES = ("production", "development")
DEVELOPMENT_KEY = "only-for-development-on-this-machine-" * 2
DEVELOPMENT_HOSTS = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_DATABASE = "sqlite:///offtake_web.sqlite3"
SECRET_LENGTH, SECRET_VARIETY = 50, 10


@dataclass(frozen=True, slots=True)
class Environment:
    production: bool
    debug: bool
    secret_key: str
    allowed_hosts: tuple[str, ...]
    behind_proxy: bool
    database_url: str
    static_root: Path
    time_zone: str
    timing: bool
    warm: bool
    markets: tuple[Market, ...]
    uploads: Path
    upload_bytes: int
    issuer: Issuer | None


def read(environ: Mapping[str, str]) -> Environment:
    """Read the settings of this installation; refuse an insecure production.

    Raises
    ------
    ImproperlyConfigured
        Naming the variable, what is wrong with it and what is allowed.
    """
    production = _mode(environ) == "production"
    return Environment(
        production=production,
        debug=_debug(environ, production=production),
        secret_key=_secret_key(environ, production=production),
        allowed_hosts=_allowed_hosts(environ, production=production),
        behind_proxy=_flag(environ, "OFFTAKE_WEB_BEHIND_PROXY", default="0"),
        database_url=environ.get("OFFTAKE_WEB_DATABASE_URL") or DEFAULT_DATABASE,
        static_root=Path(environ.get("OFFTAKE_WEB_STATIC_ROOT") or "staticfiles").absolute(),
        time_zone=environ.get("OFFTAKE_WEB_TIME_ZONE") or "UTC",
        timing=_flag(environ, "OFFTAKE_WEB_TIMING", default="0"),
        warm=_flag(environ, "OFFTAKE_WEB_WARM", default="1"),
        markets=_markets(environ),
        uploads=Path(environ.get("OFFTAKE_WEB_UPLOADS") or "uploads").absolute(),
        upload_bytes=_megabytes(environ, "OFFTAKE_WEB_UPLOAD_MB", default="200"),
        issuer=read_issuer(environ, production=production),
    )


def _megabytes(environ: Mapping[str, str], name: str, *, default: str) -> int:
    value = environ.get(name) or default
    if not value.isdecimal() or int(value) == 0:
        raise ImproperlyConfigured(f"{name} is {value!r}; allowed: a whole number above 0")
    return int(value) * 2**20


def _markets(environ: Mapping[str, str]) -> tuple[Market, ...]:
    named = environ.get("OFFTAKE_WEB_MARKETS")
    if named:
        return read_markets(Path(named).absolute())
    store = Path(environ.get("OFFTAKE_STORE") or "offtake.duckdb").absolute()
    runs = Path(environ.get("OFFTAKE_RUNS") or "runs").absolute()
    return (Market(key="main", title="Offtake", store=store, runs=runs),)


def _mode(environ: Mapping[str, str]) -> str:
    mode = environ.get("OFFTAKE_WEB_MODE") or MODES[0]
    if mode not in MODES:
        raise ImproperlyConfigured(
            f"OFFTAKE_WEB_MODE is {mode!r}; allowed: {', '.join(MODES)} (default {MODES[0]})"
        )
    return mode


def _flag(environ: Mapping[str, str], name: str, *, default: str) -> bool:
    value = environ.get(name) or default
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is {value!r}; allowed: 0, 1")
    return value == "1"


def _debug(environ: Mapping[str, str], *, production: bool) -> bool:
    debug = _flag(environ, "OFFTAKE_WEB_DEBUG", default="0" if production else "1")
    if production and debug:
        raise ImproperlyConfigured(
            "OFFTAKE_WEB_DEBUG=1 would show the program's insides to visitors; "
            "remove it, or set OFFTAKE_WEB_MODE=development on your own machine"
        )
    return debug


def _secret_key(environ: Mapping[str, str], *, production: bool) -> str:
    key = environ.get("OFFTAKE_WEB_SECRET_KEY") or ""
    if not production:
        return key or DEVELOPMENT_KEY
    if not key:
        raise ImproperlyConfigured(
            "OFFTAKE_WEB_SECRET_KEY is not set; production needs one. Make one with "
            "python -c 'import secrets; print(secrets.token_urlsafe(64))', "
            "or set OFFTAKE_WEB_MODE=development to try the workspace on your own machine"
        )
    if len(key) < SECRET_LENGTH or len(set(key)) < SECRET_VARIETY or key == DEVELOPMENT_KEY:
        raise ImproperlyConfigured(
            f"OFFTAKE_WEB_SECRET_KEY is too easy to guess: got {len(key)} characters, "
            f"{len(set(key))} of them different; at least {SECRET_LENGTH} and {SECRET_VARIETY} "
            "are needed, and the development key is refused"
        )
    return key


def _allowed_hosts(environ: Mapping[str, str], *, production: bool) -> tuple[str, ...]:
    given = environ.get("OFFTAKE_WEB_ALLOWED_HOSTS") or ""
    hosts = tuple(host.strip() for host in given.split(",") if host.strip())
    if not production:
        return hosts or DEVELOPMENT_HOSTS
    if not hosts or "*" in hosts:
        raise ImproperlyConfigured(
            f"OFFTAKE_WEB_ALLOWED_HOSTS is {given!r}; production needs the host names that "
            "visitors type, by comma, such as offtake.example.com; '*' is refused"
        )
    return hosts
