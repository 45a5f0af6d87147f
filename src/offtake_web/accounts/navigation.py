"""The way around: which pages there are, in which group, and who is shown them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from offtake_web.accounts.access import Permission, may
from offtake_web.common.context import market_of
from offtake_web.common.markets import Market


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the way around.

    Parameters
    ----------
    name
        Of its address.
    label
        What it is called.
    permission
        Who is shown it.
    in_market
        Whether its address begins with a market.
    """

    name: str
    label: str
    permission: Permission
    in_market: bool = True


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        _("Plan"),
        (
            Entry("home", _("Today"), "figures.view"),
            Entry("plan-list", _("The plan"), "plan.view"),
        ),
    ),
    (
        _("Figures"),
        (
            Entry("scoreboard", _("Scoreboard"), "figures.view"),
            Entry("promotions", _("Promotions"), "figures.view"),
            Entry("availability", _("Availability"), "figures.view"),
            Entry("shoppers", _("Shoppers and brand"), "figures.view"),
            Entry("tables", _("All tables"), "figures.view"),
            Entry("views", _("Saved views"), "views.save"),
        ),
    ),
    (
        _("Data"),
        (
            Entry("loads", _("Loads"), "feeds.view"),
            Entry("runs", _("Runs"), "figures.view"),
            Entry("jobs", _("Work under way"), "feeds.view"),
        ),
    ),
    (
        _("Help"),
        (
            Entry("glossary", _("Glossary"), "figures.view"),
            Entry("api-docs", _("The API"), "account.own", in_market=False),
        ),
    ),
    (
        _("Administration"),
        (Entry("people", _("People"), "people.manage", in_market=False),),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    address: str
    here: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give every page the links that its reader may follow, worked out where they are shown."""
    return {"navigation": SimpleLazyObject(lambda: list(_groups(request)))}


def _groups(request: HttpRequest) -> Iterator[tuple[str, list[Link]]]:
    market, user = market_of(request), request.user
    for title, entries in GROUPS:
        links = [
            Link(gettext(entry.label), found, _here(request.path, found, root))
            for root in [f"/{market}/"]
            for entry in entries
            if may(user, entry.permission) and (found := _address(entry, market))
        ]
        if links:
            yield gettext(title), links


def _here(path: str, address: str, root: str) -> bool:
    return path == address or (address != root and path.startswith(address))


def _address(entry: Entry, market: Market) -> str:
    return reverse(entry.name, kwargs={"market": market} if entry.in_market else {})
