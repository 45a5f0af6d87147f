"""A plan as lists, timelines, calendars and workbooks show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format

from offtake_web.plans.models import Kind, Side, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One plan of one market.

    Parameters
    ----------
    retailers, brands
        Empty for all of them.
    people
        Sign-in names of who made it and of who promised something for it.
    light, reason
        Worst of its readiness gates (green, amber, red) and why; empty where nobody asks any more.
    conflicts, serious
        How many conflicts it has, and how many of them are serious.
    older
        Guardrails of today that it breaks and that let more pass when it was locked: their name,
        and both limits in words.
    gain
        Units expected on top, with both ends of its 80 % interval; None where it is not known.
    movable
        Whether the reader may change its days.
    """

    pk: int
    version: int
    kind: str
    state: str
    side: str
    name: str
    first_day: date
    last_day: date
    retailers: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    message: str = ""
    people: frozenset[str] = frozenset()
    light: str = ""
    reason: str = ""
    conflicts: int = 0
    serious: int = 0
    older: tuple[tuple[str, str], ...] = ()
    cost: Decimal | None = None
    gain: tuple[float, float, float] | None = None
    updated: datetime | None = None
    movable: bool = False

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def side_label(self) -> str:
        return str(Side(self.side).label)

    @property
    def unready(self) -> bool:
        return self.light in ("amber", "red")

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @property
    def days_label(self) -> str:
        first, last = (
            date_format(day, "SHORT_DATE_FORMAT") for day in (self.first_day, self.last_day)
        )
        return f"{first} \N{EN DASH} {last}"
