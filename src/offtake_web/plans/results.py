"""What the published run measured of a plan; where others share the event, of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow.compute as pc
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from offtake.errors import OfftakeError
from offtake_web.accounts.access import Scope, scope_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.models import NUMBERED, Plan, result_id
from offtake_web.plans.plan_words import VERDICTS
from offtake_web.plans.sight import visible
from offtake_web.runs.queries import current
from offtake_web.runs.tables import table

TOGETHER = "+"
"""Stands between the ids of promotions of one store, item and week: they are one event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Who shares an event with a plan.

    Parameters
    ----------
    plans
        Those that the reader sees.
    unseen
        How many more there are.
    promotions
        Ids of the data that are no plan of ours.
    """

    plans: tuple[Plan, ...] = ()
    unseen: int = 0
    promotions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.plans or self.unseen or self.promotions)


@dataclass(frozen=True)
class Result:
    """One event that a plan became, wholly or together with others.

    Parameters
    ----------
    market
        Of the plan.
    row
        The event, as the run has it.
    sharing
        Who else is in it.
    """

    market: Market
    row: Mapping[str, Any]
    sharing: Sharing

    @property
    def verdict(self) -> str:
        found = self.row.get("verdict")
        return str(VERDICTS.get(found, found)) if found else _("no verdict")

    @cached_property
    def address(self) -> str:
        """Where its whole picture is; empty where there is no such page."""
        try:
            return reverse("promotion", args=(self.market, self.row["promotion_id"]))
        except NoReverseMatch:
            return ""


def results_of(plan: Plan, user: User, market: Market) -> list[Result]:
    """Return what a plan became, what it did alone first; one query where it became anything."""
    mine = result_id(plan)
    rows = [row for row in _events(market, mine) if _sees(scope_of(user), row)]
    if not rows:
        return []
    rows.sort(key=lambda row: (row["promotion_id"] != mine, row["promotion_id"]))
    names = {row["promotion_id"]: _others(row["promotion_id"], mine) for row in rows}
    asked = {mine}.union(*names.values())
    known = {each.pk: each for each in plans_behind(user, market, asked) if each.pk != plan.pk}
    return [
        Result(market, row, _sharing({mine, *names[row["promotion_id"]]}, mine, known.values()))
        for row in rows
    ]


def plans_behind(user: User, market: Market, promotions: Iterable[str]) -> list[Plan]:
    """Return the plans that somebody sees and that promotions of the data are, by their ids."""
    found = set(promotions)
    named = Q(promotion_id__in=found - {""})
    # A plan that was taken into the data is called by its number there.
    named |= Q(promotion_id="", pk__in=[number for each in found if (number := _number(each))])
    return list(visible(user, market).filter(named).only("pk", "name", "promotion_id"))


def parts_of(promotion: str) -> set[str]:
    """Return an id of the data, and those of which it is made where several stand together."""
    return {promotion, *promotion.split(TOGETHER)}


def _events(market: Market, promotion: str) -> list[dict[str, Any]]:
    run = current(market)
    if run is None:
        return []
    try:
        events = table(run, "promotion_events")
    except OfftakeError:
        return []
    near = events.filter(pc.match_substring(events["promotion_id"], promotion)).to_pylist()
    return [row for row in near if promotion in parts_of(row["promotion_id"])]


def _others(promotion: str, mine: str) -> set[str]:
    """Return the ids beside one in the name of an event; none where the event is it alone."""
    return set() if promotion == mine else set(promotion.split(TOGETHER)) - {mine}


def _sharing(promotions: set[str], mine: str, known: Iterable[Plan]) -> Sharing:
    plans = tuple(each for each in known if result_id(each) in promotions)
    left = promotions - {mine} - {result_id(each) for each in plans}
    unseen = {each for each in left if _number(each)}
    return Sharing(plans=plans, unseen=len(unseen), promotions=tuple(sorted(left - unseen)))


def _number(promotion: str) -> int | None:
    """Return the number of a plan in the id that the data have for it."""
    number = promotion.removeprefix(NUMBERED)
    known = number != promotion and number.isdecimal() and len(number) <= 18
    return int(number) if known else None


def _sees(scope: Scope, event: Mapping[str, Any]) -> bool:
    """Whether a promotion of the data is within a scope: a plan can be linked to any of them."""
    mine = (("retailer", scope.retailers), ("brand", scope.brands))
    return all(not names or event.get(column) in names for column, names in mine)
