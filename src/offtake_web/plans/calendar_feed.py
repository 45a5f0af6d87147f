"""Plans as an iCalendar file, which calendars of phones and offices subscribe to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.models import State

REFRESH = timedelta(hours=1)
_TENTATIVE = (State.DRAFT, State.PROPOSED)


def feed(
    plans: Iterable[Entry], *, title: str, market: str, address: Callable[[Entry], str]
) -> bytes:
    """Write plans as all-day events.

    Parameters
    ----------
    plans
        What to write. A cancelled plan is written as cancelled: calendars then strike it out.
    title
        What a calendar calls it.
    market
        Key of the market: with a plan's number it makes an identity that never changes.
    address
        Gives the whole address of a plan's page.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Offtake//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(title))
    calendar.add("name", one_line(title))
    calendar.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    for plan in plans:
        calendar.add_component(_event(plan, market, address(plan)))
    return bytes(calendar.to_ical())


def _event(plan: Entry, market: str, address: str) -> Event:
    event = Event()
    event.add("uid", f"plan-{plan.pk}@{market}.offtake")
    event.add("sequence", plan.version)
    event.add("summary", one_line(plan.name))
    event.add("dtstart", plan.first_day)
    # The end of an all-day event is the day after its last.
    event.add("dtend", plan.last_day + timedelta(days=1))
    event.add("status", _status(plan))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [plan.kind_label, plan.side_label])
    event.add("url", address)
    event.add("description", clean("\n".join((*_lines(plan), address))))
    if plan.retailers:
        event.add("location", one_line(", ".join(plan.retailers)))
    if plan.updated is not None:
        # When it last changed, not when it was asked for: an unchanged feed has the same bytes.
        event.add("dtstamp", plan.updated.astimezone(UTC))
        event.add("last-modified", plan.updated.astimezone(UTC))
    return event


def _status(plan: Entry) -> Literal["CANCELLED", "TENTATIVE", "CONFIRMED"]:
    if plan.state == State.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if plan.state in _TENTATIVE else "CONFIRMED"


def _lines(plan: Entry) -> Iterator[str]:
    yield f"{plan.kind_label}, {plan.side_label}: {plan.state_label}"
    if plan.brands:
        yield _("Brands: %(names)s") % {"names": ", ".join(plan.brands)}
    yield _("Retailers: %(names)s") % {"names": ", ".join(plan.retailers) or _("all")}
    if plan.message:
        yield _("Message: %(text)s") % {"text": plan.message}
    if plan.unready:
        yield _("Not ready: %(reason)s") % {"reason": plan.reason}
    if plan.conflicts:
        yield _("Conflicts: %(count)s") % {"count": plan.conflicts}


def clean(text: str) -> str:
    """Drop control characters, which no calendar file may hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each == "\n" or unicodedata.category(each) != "Cc")


def one_line(text: str) -> str:
    return " ".join(clean(text).split())
