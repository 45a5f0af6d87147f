"""What a conflict between plans is, from where on it counts as one, and what checks ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from offtake.decisions.planning.activity import (
    Activity,
    ConflictKind,
    Kind,
    Side,
    share_stores,
)
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown, forecast
from offtake.decisions.planning.sentence import Sentence

Severity = Literal["warning", "serious"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a conflict is one.

    Parameters
    ----------
    own_pull
        Share of a gain that comes from the brand's other items: less is no conflict.
    serious_pull
        From this share on it is serious, and so are dips.
    dip
        Share of a gain that weeks after the gap still lose: less is no conflict.
    weeks_after
        Free weeks to leave where the data do not tell the dips.
    distribution
        Percent of category sales in selling stores, below which media come before the shelf.
    """

    own_pull: float = 0.05
    serious_pull: float = 0.25
    dip: float = 0.02
    weeks_after: int = 4
    distribution: float = 50.0


STANDARD = Limits()
LISTINGS: frozenset[Kind] = frozenset(("listing", "launch"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One conflict of an activity.

    Parameters
    ----------
    kind
        Which of the six.
    severity
        Whether to look at it, or to change something.
    reason
        A sentence with figures.
    other
        Key of the other activity; None where it collides with the shelf.
    first_day, last_day
        Days that it is about.
    product_ids, retailers
        Items and places that it is about.
    acts
        The side that should act.
    """

    kind: ConflictKind
    severity: Severity
    reason: Sentence
    other: str | None
    first_day: date
    last_day: date
    product_ids: tuple[str, ...]
    retailers: tuple[str, ...]
    acts: Side


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: forecasts are worked out when a check first needs them."""

    mine: Activity
    facts: PlanningFacts
    limits: Limits
    forecasts: dict[str, Forecast | NotKnown]
    coming: Mapping[str, float]

    def forecast(self, activity: Activity) -> Forecast | NotKnown:
        """Return what an activity is expected to do, worked out once."""
        if activity.key not in self.forecasts:
            self.forecasts[activity.key] = forecast(activity, self.facts)
        return self.forecasts[activity.key]


def items_of(activity: Activity, facts: PlanningFacts) -> frozenset[str]:
    """Return the items that an activity is about: those named, or else our items of its brands."""
    if activity.product_ids:
        return frozenset(activity.product_ids)
    brands = set(activity.brands)
    return frozenset(
        item.product_id for item in facts.items.values() if item.own and item.brand in brands
    )


def brands_of(activity: Activity, facts: PlanningFacts) -> frozenset[str]:
    """Return the brands that an activity is about: those named, and those of its items."""
    known = (facts.items.get(item) for item in activity.product_ids)
    return frozenset(activity.brands) | {item.brand for item in known if item and item.brand}


def names_of(items: Iterable[str], facts: PlanningFacts) -> str:
    """Return the names of some items for people, three at most."""
    named = [facts.name_of(item) for item in sorted(items)]
    return ", ".join(named[:3]) + (" ..." if len(named) > 3 else "")


def meet(one: Activity, other: Activity) -> bool:
    """Return whether two activities have a store in common; without a retailer it is everywhere."""
    if (
        not one.retailers
        and not other.retailers
        and (one.store_ids is None or other.store_ids is None)
    ):
        return True
    return bool(share_stores(one, other))
