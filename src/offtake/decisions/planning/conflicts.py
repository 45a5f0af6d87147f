"""Where a plan collides with others, or with what is on the shelf: six kinds of conflict.

Every conflict between two plans is found from both sides alike. Others count while they are live:
proposed, agreed, locked or executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from offtake.decisions.planning.activity import (
    LIVE,
    Activity,
    ConflictKind,
)
from offtake.decisions.planning.collision import (
    SEVERITIES,
    STANDARD,
    Asked,
    Conflict,
    Limits,
    Severity,
    brands_of,
    items_of,
)
from offtake.decisions.planning.deal_conflicts import (
    cannibalising,
    missing_supply,
    own_overlap,
    short_alone,
    too_soon,
)
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown
from offtake.decisions.planning.media_conflicts import (
    before_shelf,
    contradicting,
    media_before_listing,
)


def conflicts(
    activity: Activity,
    others: Iterable[Activity],
    facts: PlanningFacts,
    *,
    limits: Limits = STANDARD,
    forecasts: Mapping[str, Forecast | NotKnown] | None = None,
    coming: Mapping[str, float] | None = None,
) -> tuple[Conflict, ...]:
    """Return the conflicts of an activity, serious ones first, then by kind and day.

    Parameters
    ----------
    activity
        What is planned.
    others
        Other plans; itself among them does not count, nor do those that are not live.
    facts
        From the published run.
    limits
        From where on a conflict is one.
    forecasts
        By key, those at hand; others are worked out where they are needed.
    coming
        By key, the units that somebody confirmed are on their way.

    Examples
    --------
    >>> from datetime import date
    >>> plan = Activity(key="1", kind="promotion", price_cut=20, product_ids=("A",),
    ...                 retailers=("M",), state="proposed", first_day=date(2026, 3, 2),
    ...                 last_day=date(2026, 3, 8))
    >>> from dataclasses import replace
    >>> [each.kind for each in conflicts(plan, [replace(plan, key="2")], PlanningFacts())]
    ['own_overlap']
    """
    if activity.state == "cancelled":
        return ()
    asked = Asked(activity, facts, limits, dict(forecasts or {}), coming or {})
    live = [each for each in others if each.key != activity.key and each.state in LIVE]
    found = [*before_shelf(asked), *short_alone(asked)]
    for other in live:
        for check in _PAIRWISE:
            found.extend(check(asked, other))
    found.sort(key=lambda each: (each.severity == "warning", each.kind, each.first_day,
                                 each.other or ""))  # fmt: skip
    return tuple(found)


_PAIRWISE: Sequence[Callable[[Asked, Activity], Iterator[Conflict]]] = (
    media_before_listing,
    own_overlap,
    cannibalising,
    too_soon,
    missing_supply,
    contradicting,
)
MEANING: Mapping[ConflictKind, str] = MappingProxyType(
    {
        "media_before_listing": "advertising before shoppers find the item",
        "own_overlap": "two of our deals on one item at once",
        "cannibalising": "deals on items of one brand that take from each other",
        "too_soon": "a deal while shoppers still live on what they stocked",
        "missing_supply": "more is expected to sell than is there",
        "contradicting_message": "two messages of one brand in one place",
    }
)

__all__ = [
    "MEANING",
    "SEVERITIES",
    "Conflict",
    "Limits",
    "Severity",
    "brands_of",
    "conflicts",
    "items_of",
]
