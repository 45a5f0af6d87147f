"""What the views of the plan share: filters in the address, tabs that keep it, and the plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.calendar_filters import Filters, read_filters
from offtake_web.plans.calendar_queries import Choices, choices, entries
from offtake_web.plans.models import Kind, Side, State

OWN = ("rows", "month", "account", "year", "sort")
"""Names in an address that belong to one view, and that the others carry along."""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The plans that a page shows.

    Parameters
    ----------
    filters
        What its address asks for.
    plans
        Those that match, by their days.
    all
        Those that its reader sees without any filter.
    """

    filters: Filters
    plans: list[Entry]
    all: list[Entry]


def reader(request: HttpRequest) -> User:
    """Return who reads; views ask for a permission, so that it is somebody."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("somebody must be signed in")
    return user


def seen(request: HttpRequest, market: Market) -> Seen:
    """Read the address and gather the plans that it asks for."""
    filters = read_filters(request.GET)
    everything = entries(reader(request), market)
    return Seen(filters, filters.of(everything), everything)


def context(request: HttpRequest, market: Market, found: Seen) -> dict[str, Any]:
    """Return what the frame of every view of the plan shows."""
    offered = choices(found.all)
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "seen": found,
        "filters": found.filters,
        "tabs": list(_tabs(request, market, query)),
        "chips": list(_chips(query, found.filters, offered)),
        "picks": list(_picks(found.filters, offered)),
        "own": [(name, query[name]) for name in OWN if query.get(name)],
        "query": query.urlencode(),
        "cleared": _without(query, {name for name, _ in found.filters.pairs()}),
    }


def _tabs(request: HttpRequest, market: Market, query: QueryDict) -> Iterator[Link]:
    named = (
        ("plan-list", _("List")),
        ("plan-timeline", _("Timeline")),
        ("plan-month", _("Month")),
        ("plan-account", _("By account")),
    )
    text = query.urlencode()
    for name, label in named:
        place = reverse(name, kwargs={"market": market})
        yield Link(label, f"{place}?{text}" if text else place, place == request.path)


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice of several: its name in the address, and value, label and whether it is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]

    @property
    def chosen(self) -> int:
        return sum(chosen for *_, chosen in self.options)


def _picks(filters: Filters, offered: Choices) -> Iterator[Pick]:
    yield _pick("kind", _("Kind"), Kind.choices, filters)
    yield _pick("state", _("State"), State.choices, filters)
    yield _pick("side", _("Side"), Side.choices, filters)
    yield _pick("retailer", _("Retailer"), [(each, each) for each in offered.retailer], filters)
    yield _pick("brand", _("Brand"), [(each, each) for each in offered.brand], filters)
    yield _pick("owner", _("Person"), offered.owner, filters)


def _pick(name: str, label: str, options: Iterable[tuple[str, Any]], filters: Filters) -> Pick:
    chosen = getattr(filters, name)
    named = {value: str(label) for value, label in options}
    # What the address asks for stays on offer where no plan speaks of it (any more).
    named |= {value: value for value in chosen if value not in named}
    return Pick(name, label, tuple((v, text, v in chosen) for v, text in named.items()))


def _chips(query: QueryDict, filters: Filters, offered: Choices) -> Iterator[Link]:
    """Give each thing asked for, with the address that no longer asks for it."""
    people = dict(offered.owner)
    for name, value in filters.pairs():
        yield Link(_chip(name, value, filters, people), _less(query, name, value))


def _chip(name: str, value: str, filters: Filters, people: dict[str, str]) -> str:
    closed: dict[str, Any] = {"kind": Kind, "state": State, "side": Side}
    if name in closed:
        return str(closed[name](value).label)
    if name == "owner":
        return people.get(value, value)
    day = {"from": filters.since, "to": filters.until}.get(name)
    if day is not None:
        words = _("from %(day)s") if name == "from" else _("until %(day)s")
        return words % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    fixed = {"conflicts": _("with conflicts"), "unready": _("not ready")}
    return fixed.get(name, value)


def _less(query: QueryDict, name: str, value: str) -> str:
    left = query.copy()
    left.setlist(name, [each for each in left.getlist(name) if each != value and name != "q"])
    return f"?{left.urlencode()}"


def _without(query: QueryDict, names: Iterable[str]) -> str:
    left = query.copy()
    for name in names:
        left.pop(name, None)
    return f"?{left.urlencode()}"
