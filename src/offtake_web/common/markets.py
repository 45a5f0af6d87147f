"""Markets: each is a store, its runs, and whose view of which category they take.

A page about figures or plans belongs to one market, which is the first part of its address.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY = r"[a-z0-9][a-z0-9-]{0,39}"
Schema = Literal["main", "twin"]
RESERVED = (
    "account",
    "accounts",
    "admin",
    "api",
    "healthz",
    "language",
    "static",
    "people",
    "jobs",
    "style",
    "theme",
)
FIELDS = ("key", "title", "store", "runs", "simulated", "category", "manufacturer", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One market that the workspace shows.

    Parameters
    ----------
    key
        Its part of addresses.
    title
        Its name for people.
    store
        The file with its data, which only tasks open.
    runs
        The folder of its runs.
    simulated
        Whether it lives in the simulated tables of the store.
    category, manufacturer, currency
        What a refresh looks at; empty where the form of the refresh has to say.
    """

    key: str
    title: str
    store: Path
    runs: Path
    simulated: bool = False
    category: str = ""
    manufacturer: str = ""
    currency: str = ""

    def __str__(self) -> str:
        return self.key

    @property
    def schema(self) -> Schema:
        """Which tables of the store are its own."""
        return "twin" if self.simulated else "main"


def read_markets(path: Path) -> tuple[Market, ...]:
    """Read the markets of a TOML file; paths in it start from its folder.

    Raises
    ------
    ImproperlyConfigured
        Naming the file, the market and the field.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("market", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ImproperlyConfigured(f"OFFTAKE_WEB_MARKETS: {path} cannot be read: {error}") from None
    markets = tuple(_market(path, place, each) for place, each in enumerate(found, start=1))
    keys = [market.key for market in markets]
    if not markets or len(set(keys)) < len(keys):
        raise ImproperlyConfigured(
            f"OFFTAKE_WEB_MARKETS: {path} has {keys}; needed: one market or more, each key once"
        )
    return markets


def _market(path: Path, place: int, given: Mapping[str, Any]) -> Market:
    where = f"OFFTAKE_WEB_MARKETS: {path}, market {place}"
    unknown = sorted(given.keys() - set(FIELDS))
    missing = [name for name in ("key", "store", "runs") if not given.get(name)]
    if unknown or missing:
        raise ImproperlyConfigured(
            f"{where}: unknown {unknown}, missing {missing}; allowed: {', '.join(FIELDS)}"
        )
    key = str(given["key"])
    if not re.fullmatch(KEY, key) or key in RESERVED:
        raise ImproperlyConfigured(
            f"{where}: key is {key!r}; allowed: small letters, digits and hyphens, and none of "
            f"{', '.join(RESERVED)}"
        )
    simulated = given.get("simulated", False)
    if not isinstance(simulated, bool):
        raise ImproperlyConfigured(f"{where}: simulated is {simulated!r}; allowed: true, false")
    words = {name: str(given.get(name, "")) for name in ("category", "manufacturer", "currency")}
    return Market(
        key=key,
        title=str(given.get("title") or key),
        store=(path.parent / str(given["store"])).absolute(),
        runs=(path.parent / str(given["runs"])).absolute(),
        simulated=simulated,
        **words,
    )


def markets() -> tuple[Market, ...]:
    """Return the markets of this installation, the first of them shown where none is named."""
    found: tuple[Market, ...] = settings.OFFTAKE_MARKETS
    return found


def market_named(key: str) -> Market | None:
    return next((market for market in markets() if market.key == key), None)


class MarketConverter:
    """The part of an address that names a market: ``<market:market>``."""

    regex = KEY

    def to_python(self, value: str) -> Market:
        found = market_named(value)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: Market | str) -> str:
        return str(value)
