"""Limits that a plan may pass only with somebody's yes: rules as data, and who breaks which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from offtake.decisions.planning.activity import (
    DEALS,
    LIVE,
    Activity,
    Kind,
    days_between,
    share_stores,
)
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown
from offtake.decisions.planning.sentence import Sentence
from offtake.errors import BadInputError, UnknownNameError

Rule = Literal[
    "most_cost",
    "deepest_price_cut",
    "least_roi",
    "least_weeks_between",
    "least_lead_days",
    "most_days",
    "most_store_share",
]
RULES: tuple[Rule, ...] = get_args(Rule)


def check_rule(got: str) -> Rule:
    """Return the name of a rule.

    Raises
    ------
    UnknownNameError
        When there is no such rule.
    """
    for rule in RULES:
        if rule == got:
            return rule
    raise UnknownNameError("guardrail", got, RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """A rule with its limit.

    Parameters
    ----------
    rule
        Which.
    limit
        In the rule's unit: money, percent, net return as a ratio, weeks or days.
    approver
        The role or person whose yes lets a plan pass.
    kinds
        Kinds of plan that it holds for; none is all.

    Raises
    ------
    UnknownNameError
        When there is no such rule.
    BadInputError
        When nobody is named to approve.
    """

    rule: Rule
    limit: float
    approver: str
    kinds: tuple[Kind, ...] = ()

    def __post_init__(self) -> None:
        check_rule(self.rule)
        if not self.approver:
            raise BadInputError(f"guardrail {self.rule}: allowed: with somebody to approve")


@dataclass(frozen=True, slots=True)
class Broken:
    """A guardrail that a plan breaks, with the figures, and who must say yes."""

    guardrail: Guardrail
    reason: Sentence

    @property
    def approver(self) -> str:
        """Who must say yes."""
        return self.guardrail.approver


@dataclass(frozen=True, slots=True)
class _Asked:
    activity: Activity
    forecast: Forecast | NotKnown
    facts: PlanningFacts
    others: Sequence[Activity]
    today: date


def broken(  # each is a thing of its own, by name
    activity: Activity,
    forecast: Forecast | NotKnown,
    guardrails: Iterable[Guardrail],
    *,
    today: date,
    facts: PlanningFacts | None = None,
    others: Sequence[Activity] = (),
) -> tuple[Broken, ...]:
    """Return the guardrails that a plan breaks.

    A return that is not known breaks the rule on the least return: nobody can say that it is met.

    Parameters
    ----------
    activity, forecast
        What is planned, and what it is expected to do.
    guardrails
        The rules in force.
    today
        The day of the question.
    facts
        For the share of stores.
    others
        Other plans, for the weeks between deals.

    Examples
    --------
    >>> plan = Activity(key="1", kind="promotion", price_cut=40, first_day=date(2026, 3, 2),
    ...                 last_day=date(2026, 3, 15))
    >>> rule = Guardrail(rule="deepest_price_cut", limit=30, approver="sales lead")
    >>> [str(each.reason) for each in broken(plan, NotKnown(Sentence("?")), [rule],
    ...                                      today=date(2026, 1, 5))]
    ['The price cut is 40%; more than 30% needs a yes.']
    """
    asked = _Asked(activity, forecast, facts or PlanningFacts(), others, today)
    found = []
    for guardrail in guardrails:
        if guardrail.kinds and activity.kind not in guardrail.kinds:
            continue
        reason = _CHECKS[guardrail.rule](asked, guardrail.limit)
        if reason is not None:
            found.append(Broken(guardrail, reason))
    return tuple(found)


def _cost(asked: _Asked, limit: float) -> Sentence | None:
    cost = asked.activity.cost
    if isinstance(asked.forecast, Forecast) and asked.forecast.planned.cost is not None:
        cost = asked.forecast.planned.cost.value
    if cost is None or cost <= limit:
        return None
    return Sentence("It costs %(cost)s; more than %(limit)s needs a yes.",
                    {"cost": cost, "limit": limit})  # fmt: skip


def _price_cut(asked: _Asked, limit: float) -> Sentence | None:
    cut = asked.activity.price_cut
    if cut <= limit:
        return None
    return Sentence("The price cut is %(cut)s%%; more than %(limit)s%% needs a yes.",
                    {"cut": cut, "limit": limit})  # fmt: skip


def _roi(asked: _Asked, limit: float) -> Sentence | None:
    if asked.activity.kind not in DEALS:
        return None
    found = asked.forecast.planned.roi_net if isinstance(asked.forecast, Forecast) else None
    if found is None:
        return Sentence("Its return is not known; %(limit)s%% or more is asked for.",
                        {"limit": 100 * limit})  # fmt: skip
    if found.value >= limit:
        return None
    return Sentence(
        "It is expected to return %(roi)s%% net (%(low)s%% to %(high)s%%); less than %(limit)s%% "
        "needs a yes.",
        {"roi": 100 * found.value, "low": 100 * found.low, "high": 100 * found.high,
         "limit": 100 * limit},
    )  # fmt: skip


def _between(asked: _Asked, limit: float) -> Sentence | None:
    """Weeks to the nearest other deal on one of its items at one of its stores."""
    mine = asked.activity
    if mine.kind not in DEALS:
        return None
    near = [
        (days_between(mine, other), other)
        for other in asked.others
        if other.key != mine.key and other.kind in DEALS and other.state in LIVE
        if set(mine.product_ids) & set(other.product_ids) and share_stores(mine, other)
    ]
    if not near:
        return None
    days, other = min(near, key=lambda each: (each[0], each[1].key))
    if days >= 7 * limit:
        return None
    return Sentence(
        "There are %(days)s days between it and %(other)s; fewer than %(limit)s weeks need a yes.",
        {"days": days, "other": other.title, "limit": limit},
    )


def _lead(asked: _Asked, limit: float) -> Sentence | None:
    days = (asked.activity.first_day - asked.today).days
    if days >= limit:
        return None
    return Sentence("It starts in %(days)s days; fewer than %(limit)s need a yes.",
                    {"days": days, "limit": limit})  # fmt: skip


def _days(asked: _Asked, limit: float) -> Sentence | None:
    if asked.activity.days <= limit:
        return None
    return Sentence("It lasts %(days)s days; more than %(limit)s need a yes.",
                    {"days": asked.activity.days, "limit": limit})  # fmt: skip


def _stores(asked: _Asked, limit: float) -> Sentence | None:
    shops = list(asked.facts.stores.values())
    if not shops:
        return None
    mine = asked.activity
    chosen = None if mine.store_ids is None else set(mine.store_ids)
    taken = [
        shop for shop in shops
        if (not mine.retailers or shop.retailer in mine.retailers)
        and (chosen is None or shop.store_id in chosen)
    ]  # fmt: skip
    share = 100 * len(taken) / len(shops)
    if share <= limit:
        return None
    return Sentence("It runs in %(share)s%% of all stores; more than %(limit)s%% needs a yes.",
                    {"share": share, "limit": limit})  # fmt: skip


_CHECKS: Mapping[Rule, Callable[[_Asked, float], Sentence | None]] = MappingProxyType(
    {
        "most_cost": _cost,
        "deepest_price_cut": _price_cut,
        "least_roi": _roi,
        "least_weeks_between": _between,
        "least_lead_days": _lead,
        "most_days": _days,
        "most_store_share": _stores,
    }
)
