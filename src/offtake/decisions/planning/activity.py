"""What two sides plan together: one activity, and the closed lists of words about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeVar, get_args

from offtake.errors import BadInputError, UnknownNameError

Kind = Literal["campaign", "promotion", "display", "launch", "listing", "activation", "price_move"]
State = Literal["draft", "proposed", "agreed", "locked", "executed", "reviewed", "cancelled"]
Side = Literal["marketing", "sales"]
GateName = Literal[
    "distribution", "stock_cover", "brief_acknowledged", "material_delivered", "slot_confirmed"
]
ConflictKind = Literal[
    "media_before_listing",
    "own_overlap",
    "cannibalising",
    "too_soon",
    "missing_supply",
    "contradicting_message",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)
SIDES: tuple[Side, ...] = get_args(Side)
GATES: tuple[GateName, ...] = get_args(GateName)
CONFLICTS: tuple[ConflictKind, ...] = get_args(ConflictKind)
DEALS: frozenset[Kind] = frozenset(("promotion", "display"))
"""Kinds that sell more for a while, by price, display or leaflet: those the fitted model knows."""
LIVE: frozenset[State] = frozenset(("proposed", "agreed", "locked", "executed"))
"""States in which others have to reckon with it."""
_Word = TypeVar("_Word", bound=str)


def _checked(what: str, got: str, allowed: Iterable[_Word]) -> _Word:
    words = tuple(allowed)
    if got not in words:
        raise UnknownNameError(what, got, words)
    return next(word for word in words if word == got)


def check_kind(got: str) -> Kind:
    """Return a kind of plan.

    Raises
    ------
    UnknownNameError
        When there is no such kind.

    Examples
    --------
    >>> check_kind("display")
    'display'
    """
    return _checked("kind of plan", got, KINDS)


def check_state(got: str) -> State:
    """Return a state of a plan.

    Raises
    ------
    UnknownNameError
        When there is no such state.
    """
    return _checked("state of a plan", got, STATES)


def check_side(got: str) -> Side:
    """Return a side.

    Raises
    ------
    UnknownNameError
        When there is no such side.
    """
    return _checked("side", got, SIDES)


def check_gate(got: str) -> GateName:
    """Return the name of a readiness gate.

    Raises
    ------
    UnknownNameError
        When there is no such gate.
    """
    return _checked("readiness gate", got, GATES)


def check_conflict(got: str) -> ConflictKind:
    """Return a kind of conflict.

    Raises
    ------
    UnknownNameError
        When there is no such kind.
    """
    return _checked("kind of conflict", got, CONFLICTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that is planned. It states no base: a plan may change what comes on top, only.

    Parameters
    ----------
    key
        What tells it from others.
    kind, state
        Of the closed lists.
    name
        For people.
    brands, product_ids, retailers
        What it is about, and where.
    store_ids
        Stores that take part; None is all of the retailers.
    first_day, last_day
        On which shoppers meet it.
    price_cut
        Percent off the regular price; 0 without one.
    display, feature
        Whether on display, and whether in a leaflet.
    cost
        Money for the whole of it; None is not known yet.
    cost_per_unit
        Money for every unit sold on it.
    message, touchpoints, audience
        What is said, where, and to whom.

    Raises
    ------
    BadInputError
        When the days are turned over, or a number is out of range.
    UnknownNameError
        When there is no such kind or state.

    Examples
    --------
    >>> Activity(
    ...     key="1", kind="promotion", first_day=date(2026, 1, 5), last_day=date(2026, 1, 18)
    ... ).days
    14
    """

    key: str
    kind: Kind
    first_day: date
    last_day: date
    name: str = ""
    state: State = "draft"
    brands: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    retailers: tuple[str, ...] = ()
    store_ids: tuple[str, ...] | None = None
    price_cut: float = 0.0
    display: bool = False
    feature: bool = False
    cost: float | None = None
    cost_per_unit: float = 0.0
    message: str = ""
    touchpoints: tuple[str, ...] = ()
    audience: str = ""

    def __post_init__(self) -> None:
        check_kind(self.kind)
        check_state(self.state)
        if self.last_day < self.first_day:
            raise BadInputError(
                f"last_day: got {self.last_day}, allowed: not before {self.first_day}"
            )
        if not 0 <= self.price_cut < 100:
            raise BadInputError(f"price_cut: got {self.price_cut}, allowed: 0 to below 100 percent")
        for name in ("cost", "cost_per_unit"):
            got = getattr(self, name)
            if got is not None and not got >= 0:
                raise BadInputError(f"{name}: got {got}, allowed: 0 or more")

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last_day - self.first_day).days + 1

    @property
    def supported(self) -> bool:
        """Whether price, display or leaflet sells more for a while."""
        return self.price_cut > 0 or self.display or self.feature

    @property
    def title(self) -> str:
        """Name for people, or the key where it has none."""
        return self.name or self.key


def shared_days(one: Activity, other: Activity) -> tuple[date, date] | None:
    """Return the first and the last day of both; None where there is none.

    Examples
    --------
    >>> week = Activity(key="1", kind="display", first_day=date(2026, 1, 5),
    ...                 last_day=date(2026, 1, 11))
    >>> shared_days(week, week)
    (datetime.date(2026, 1, 5), datetime.date(2026, 1, 11))
    """
    first, last = max(one.first_day, other.first_day), min(one.last_day, other.last_day)
    return (first, last) if first <= last else None


def days_between(one: Activity, other: Activity) -> int:
    """Return the free days between two activities; 0 where they touch or overlap."""
    gap = max(one.first_day, other.first_day) - min(one.last_day, other.last_day)
    return max(0, gap.days - 1)


def share_stores(one: Activity, other: Activity) -> tuple[str, ...]:
    """Return the retailers at which both have a store; an activity of no retailer is everywhere."""
    apart = one.store_ids is not None and other.store_ids is not None
    if apart and not set(one.store_ids or ()) & set(other.store_ids or ()):
        return ()
    if not one.retailers:
        return tuple(sorted(set(other.retailers)))
    if not other.retailers:
        return tuple(sorted(set(one.retailers)))
    return tuple(sorted(set(one.retailers) & set(other.retailers)))


def weeks_of(activity: Activity) -> tuple[tuple[date, float], ...]:
    """Return the Monday of every week it is in, with the share of the week it is there.

    Examples
    --------
    >>> weeks_of(Activity(key="1", kind="display", first_day=date(2026, 1, 5),
    ...                   last_day=date(2026, 1, 18)))
    ((datetime.date(2026, 1, 5), 1.0), (datetime.date(2026, 1, 12), 1.0))
    """
    monday = activity.first_day - timedelta(days=activity.first_day.weekday())
    found = []
    while monday <= activity.last_day:
        last = min(activity.last_day, monday + timedelta(days=6))
        days = (last - max(activity.first_day, monday)).days + 1
        found.append((monday, days / 7))
        monday += timedelta(days=7)
    return tuple(found)
