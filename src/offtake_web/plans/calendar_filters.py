"""Which plans a page shows, as its address says it: the same words for every view and exchange."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.models import Kind, Side, State

LONGEST_TEXT = 100
MANY = ("kind", "state", "side", "retailer", "brand", "owner")
"""Names in an address that may be given more than once: any of the values will do."""
_CLOSED = {"kind": Kind.values, "state": State.values, "side": Side.values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What an address asks for.

    Parameters
    ----------
    kind, state, side, retailer, brand, owner
        Any of these; empty asks for nothing. A plan of no retailer or brand is for all of them.
    text
        Words that all stand in its name, message, brands or retailers.
    since, until
        Days of which at least one is a day of the plan.
    conflicts, unready
        Only those with a conflict, only those with a gate that is not green.
    unread
        What in the address could not be understood.
    """

    kind: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    retailer: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    text: str = ""
    since: date | None = None
    until: date | None = None
    conflicts: bool = False
    unready: bool = False
    unread: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return next(self.pairs(), None) is not None

    @property
    def problems(self) -> int:
        return self.conflicts + self.unready

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Give names and values of the address that says the same."""
        for name in MANY:
            yield from ((name, value) for value in getattr(self, name))
        if self.text:
            yield "q", self.text
        for name, day in (("from", self.since), ("to", self.until)):
            if day is not None:
                yield name, day.isoformat()
        for name in ("conflicts", "unready"):
            if getattr(self, name):
                yield name, "1"

    def query(self) -> str:
        """Return the query string that says the same."""
        made = QueryDict(mutable=True)
        for name, value in self.pairs():
            made.appendlist(name, value)
        return made.urlencode()

    def matches(self, plan: Entry) -> bool:
        return all(test(self, plan) for test in _TESTS)

    def of(self, plans: Iterable[Entry]) -> list[Entry]:
        return [plan for plan in plans if self.matches(plan)]


def read_filters(query: QueryDict) -> Filters:
    """Read the filters of an address; what it says wrongly is named and asks for nothing."""
    many = {name: _known(name, query.getlist(name)) for name in MANY}
    days = {name: _day(query.get(name, "")) for name in ("from", "to")}
    unread = [
        f"{name}={value}"
        for name in _CLOSED
        for value in query.getlist(name)
        if value and value not in many[name]
    ]
    unread += [f"{name}={query[name]}" for name in days if query.get(name) and not days[name]]
    return Filters(
        text=" ".join(query.get("q", "").split())[:LONGEST_TEXT].strip(),
        since=days["from"],
        until=days["to"],
        conflicts=query.get("conflicts") == "1",
        unready=query.get("unready") == "1",
        unread=tuple(unread),
        **many,
    )


def _known(name: str, values: Sequence[str]) -> tuple[str, ...]:
    allowed = _CLOSED.get(name)
    kept = (value for value in values if value and (allowed is None or value in allowed))
    return tuple(dict.fromkeys(kept))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def plain(text: str) -> str:
    """Fold a text for searching: small letters without their marks, as people type them."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("đ", "dj"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _one_of(name: str) -> Callable[[Filters, Entry], bool]:
    return lambda asked, plan: (
        not getattr(asked, name) or getattr(plan, name) in getattr(asked, name)
    )


def _shares(name: str, names: str) -> Callable[[Filters, Entry], bool]:
    def shares(asked: Filters, plan: Entry) -> bool:
        wanted, mine = getattr(asked, name), getattr(plan, names)
        return not wanted or not mine or not set(wanted).isdisjoint(mine)

    return shares


def _of_somebody(asked: Filters, plan: Entry) -> bool:
    return not asked.owner or not plan.people.isdisjoint(asked.owner)


def _in_days(asked: Filters, plan: Entry) -> bool:
    starts = asked.until is None or plan.first_day <= asked.until
    return starts and (asked.since is None or plan.last_day >= asked.since)


def _says(asked: Filters, plan: Entry) -> bool:
    if not asked.text:
        return True
    said = plain("\n".join((plan.name, plan.message, *plan.brands, *plan.retailers)))
    return all(word in said for word in plain(asked.text).split())


_TESTS: tuple[Callable[[Filters, Entry], bool], ...] = (
    _one_of("kind"),
    _one_of("state"),
    _one_of("side"),
    _shares("retailer", "retailers"),
    _shares("brand", "brands"),
    _of_somebody,
    _in_days,
    _says,
    lambda asked, plan: not asked.conflicts or plan.conflicts > 0,
    lambda asked, plan: not asked.unready or plan.unready,
)
