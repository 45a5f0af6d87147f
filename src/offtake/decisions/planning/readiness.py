"""Whether an activity can start: five gates, each green, amber or red, with reason and owner.

Green only when truly met. Amber when it is not met and there is time, or when it is not known. Red
when its day has passed, or when it cannot be met as things stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from offtake.decisions.planning.activity import GATES, Activity, GateName, Kind, Side
from offtake.decisions.planning.facts import Distribution, PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown
from offtake.decisions.planning.sentence import Sentence, Value
from offtake.decisions.planning.supply import supply

Status = Literal["green", "amber", "red"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""From best to worst."""


DUE: Mapping[GateName, int] = MappingProxyType(
    {
        "brief_acknowledged": 28,
        "slot_confirmed": 28,
        "distribution": 14,
        "material_delivered": 7,
        "stock_cover": 7,
    }
)
"""Days before the start by which each gate is usually to be met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What readiness asks for.

    Parameters
    ----------
    of_listed
        Percent of a retailer's stores with the item on their list that must sell it.
    weighted
        Where no list is loaded: percent of the retailer's category sales made in stores that sell
        the item.
    listed
        Launches and listings: percent of the retailer's stores that must list it, now or later.
    due
        Days before the start by which each gate is to be met.
    """

    of_listed: float = 85.0
    weighted: float = 80.0
    listed: float = 50.0
    due: Mapping[GateName, int] = field(default_factory=lambda: DUE)


OWNER: Mapping[GateName, Side] = MappingProxyType(
    {
        "distribution": "sales",
        "stock_cover": "sales",
        "brief_acknowledged": "sales",
        "material_delivered": "marketing",
        "slot_confirmed": "sales",
    }
)
BRINGS_DISTRIBUTION: frozenset[Kind] = frozenset(("launch", "listing"))
"""Kinds that end with distribution: stores that list the item count, those that sell it later."""
STANDARD = Needed()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's word that a gate is met; of stock, how many units will be there besides."""

    by: str
    on: date
    note: str = ""
    units: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Parameters
    ----------
    name
        Which.
    status
        Green, amber or red.
    reason
        Why, with figures.
    owner
        The side that sees to it.
    due
        The day by which it is to be met.
    """

    name: GateName
    status: Status
    reason: Sentence
    owner: Side
    due: date


@dataclass(frozen=True, slots=True)
class Readiness:
    """All gates of an activity."""

    gates: tuple[Gate, ...]

    @property
    def overall(self) -> Status:
        """The worst of its gates."""
        return max((gate.status for gate in self.gates), key=STATUSES.index)

    @property
    def by_name(self) -> Mapping[GateName, Gate]:
        """Gates by name."""
        return {gate.name: gate for gate in self.gates}


def readiness(  # each is a thing of its own, by name
    activity: Activity,
    facts: PlanningFacts,
    confirmations: Mapping[GateName, Confirmation],
    *,
    today: date,
    forecast: Forecast | NotKnown,
    needed: Needed = STANDARD,
) -> Readiness:
    """Look at every gate of an activity.

    Parameters
    ----------
    activity
        What is planned.
    facts
        Distribution and stock, from the published run.
    confirmations
        What people said. A person's word does for the gates that only people can see. Distribution
        and stock are looked up; units that somebody confirmed are coming count with the stock.
    today
        The day of the question.
    forecast
        What it is expected to sell, for the stock it needs.
    needed
        What is asked for.
    """
    asked = _Asked(activity, facts, today, needed)
    gates = {
        "distribution": _distribution(asked),
        "stock_cover": _stock(asked, forecast, confirmations.get("stock_cover")),
        **{name: _confirmed(asked, name, confirmations.get(name)) for name in _WORDS},
    }
    return Readiness(tuple(
        Gate(name, *gates[name], OWNER[name], asked.due(name)) for name in GATES
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    activity: Activity
    facts: PlanningFacts
    today: date
    needed: Needed

    def due(self, name: GateName) -> date:
        return self.activity.first_day - timedelta(days=self.needed.due[name])

    def unmet(self, name: GateName) -> Status:
        return "red" if self.today > self.due(name) else "amber"


_Found = tuple[Status, Sentence]
_WORDS: Mapping[GateName, tuple[str, str, str]] = MappingProxyType(
    {
        "brief_acknowledged": (
            "%(by)s acknowledged the brief on %(on)s.",
            "Sales has not acknowledged the brief; due on %(due)s.",
            "Sales has not acknowledged the brief; it was due on %(due)s.",
        ),
        "material_delivered": (
            "%(by)s confirmed on %(on)s that the material is delivered.",
            "The material is not delivered yet; due on %(due)s.",
            "The material is not delivered; it was due on %(due)s.",
        ),
        "slot_confirmed": (
            "%(by)s confirmed on %(on)s that the retailer gave the slot.",
            "The retailer has not confirmed the slot; due on %(due)s.",
            "The retailer has not confirmed the slot; it was due on %(due)s.",
        ),
    }
)


def _confirmed(asked: _Asked, name: GateName, found: Confirmation | None) -> _Found:
    met, open_yet, late = _WORDS[name]
    if found is not None:
        return "green", Sentence(met, {"by": found.by, "on": found.on})
    status = asked.unmet(name)
    return status, Sentence(late if status == "red" else open_yet, {"due": asked.due(name)})


def _distribution(asked: _Asked) -> _Found:
    activity, facts = asked.activity, asked.facts
    if not (activity.product_ids and activity.retailers):
        return asked.unmet("distribution"), Sentence("No item or no retailer is named yet.")
    if not facts.distribution:
        return "amber", Sentence("Distribution is not known: load sales by store.")
    wanted = [(item, where) for item in activity.product_ids for where in activity.retailers]
    known = {pair: facts.distribution.get(pair) for pair in wanted}
    if activity.kind in BRINGS_DISTRIBUTION:
        return _to_be_listed(asked, known)
    reached = {pair: _reached(asked, found) for pair, found in known.items()}
    (item, retailer), (least, limit, _) = min(
        reached.items(), key=lambda each: (each[1][0] - each[1][1], each[0])
    )
    values: dict[str, Value] = {
        "item": facts.name_of(item),
        "retailer": retailer,
        "reached": least,
        "asked": limit,
    }
    status: Status = "green" if least >= limit else asked.unmet("distribution")
    return status, Sentence(reached[item, retailer][2], values)


_OF_LISTED = (
    "%(item)s sells in %(reached)s%% of the stores of %(retailer)s that list it; %(asked)s%% are "
    "asked for."
)
_OF_SALES = (
    "%(item)s sells at %(retailer)s in stores with %(reached)s%% of the category's sales; "
    "%(asked)s%% are asked for."
)


def _reached(asked: _Asked, found: Distribution | None) -> tuple[float, float, str]:
    """Return how far an item is on the shelf, how far it must be, and the words for it."""
    if found is None:
        return 0.0, asked.needed.weighted, _OF_SALES
    if found.listed:
        share = min(100.0, 100 * found.selling / found.listed)
        return share, asked.needed.of_listed, _OF_LISTED
    return found.weighted, asked.needed.weighted, _OF_SALES


def _to_be_listed(asked: _Asked, known: Mapping[tuple[str, str], Distribution | None]) -> _Found:
    """Launches and listings: enough stores must have it on their list."""
    found = {pair: each for pair, each in known.items() if each is not None}
    if len(found) < len(known):
        item, retailer = min(set(known) - set(found))
        return asked.unmet("distribution"), Sentence(
            "%(item)s is not on the list of any store of %(retailer)s.",
            {"item": asked.facts.name_of(item), "retailer": retailer},
        )
    if any(each.listed is None for each in found.values()):
        return "amber", Sentence("Which stores list it is not known: load the distribution list.")
    shares = {
        pair: 100 * ((each.listed or 0) + each.listed_later) / each.stores if each.stores else 0.0
        for pair, each in found.items()
    }
    (item, retailer), least = min(shares.items(), key=lambda each: (each[1], each[0]))
    values: dict[str, Value] = {
        "item": asked.facts.name_of(item),
        "retailer": retailer,
        "share": least,
        "asked": asked.needed.listed,
    }
    text = (
        "%(item)s is listed in %(share)s%% of the stores of %(retailer)s; %(asked)s%% are asked "
        "for."
    )
    met = least >= asked.needed.listed
    return "green" if met else asked.unmet("distribution"), Sentence(text, values)


def _stock(asked: _Asked, forecast: Forecast | NotKnown, coming: Confirmation | None) -> _Found:
    activity, facts = asked.activity, asked.facts
    if not (activity.product_ids and activity.retailers):
        return asked.unmet("stock_cover"), Sentence("No item or no retailer is named yet.")
    if facts.cover is None:
        return "amber", Sentence("Stock is not known: load stock.")
    wanted = [(item, where) for item in activity.product_ids for where in activity.retailers]
    dark = [pair for pair in wanted if pair not in facts.cover]
    if dark:
        return "amber", Sentence(
            "Stock of %(item)s at %(retailer)s is not known: load stock.",
            {"item": facts.name_of(dark[0][0]), "retailer": dark[0][1]},
        )
    return _enough(asked, forecast, wanted, coming)


def _enough(
    asked: _Asked,
    forecast: Forecast | NotKnown,
    wanted: list[tuple[str, str]],
    coming: Confirmation | None,
) -> _Found:
    """Hold stock, and what somebody confirmed is coming, against what is needed."""
    facts = asked.facts
    found = supply([asked.activity], facts, [forecast], [coming.units if coming else 0.0])
    known = {(each.product_id, each.retailer) for each in found.needs}
    blank = [pair for pair in wanted if pair not in known]
    if blank:
        return "amber", Sentence(
            "What %(item)s will sell at %(retailer)s is not known, so neither is how long stock "
            "lasts.",
            {"item": facts.name_of(blank[0][0]), "retailer": blank[0][1]},
        )
    if not found.wanted:
        return "amber", Sentence("Nothing is expected to sell, so stock says nothing.")
    status: Status = asked.unmet("stock_cover") if found.missing else "green"
    return status, found.reason(found.wanted[0], facts)
