"""How many units a plan needs on hand: one amount, whoever asks, and what it is made of.

The gate *stock cover* asks it of a plan alone, the conflict *missing supply* of a plan alone and of
two at once. It is what sells anyway, and the high end of what comes on top, in the first days;
stores order again later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil, floor
from typing import Literal

from offtake.decisions.planning.activity import Activity
from offtake.decisions.planning.facts import Pair, PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown, expected_base
from offtake.decisions.planning.sentence import Sentence, Value

COVER_DAYS = 7
"""Days that stock must last, from the first on."""
Told = Literal["all", "part", "none"]
_EVEN = 1e-9
"""A sum this near to a whole number is that number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one item needs at one retailer; all units are whole.

    Parameters
    ----------
    product_id, retailer
        Which item, where.
    base
        Units that sell anyway.
    on_top
        Units on top of them at most: the high end of the forecast.
    told
        Whether all of what comes on top is known, a part of it, or none.
    on_hand, as_of
        Units in the stores that take part, by the latest records, and their day; None where stock
        is not known.
    """

    product_id: str
    retailer: str
    base: int
    on_top: int
    told: Told
    on_hand: int | None
    as_of: date | None

    @property
    def units(self) -> int:
        """Units to have on hand."""
        return self.base + self.on_top

    @property
    def short(self) -> int:
        """Units that are not there; 0 where stock is not known."""
        return 0 if self.on_hand is None else max(0, self.units - self.on_hand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What one plan needs, or two at once need of what both are about.

    Parameters
    ----------
    plans
        One, or two that overlap.
    first_day, days
        The days that stock must last.
    needs
        By item and retailer; those of which no base is known are left out.
    coming
        Units that are on their way besides.
    """

    plans: tuple[Activity, ...]
    first_day: date
    days: int
    needs: tuple[Need, ...]
    coming: int

    @property
    def short(self) -> int:
        """Units that are not there, over all items and retailers."""
        return sum(each.short for each in self.needs)

    @property
    def missing(self) -> int:
        """Units that are neither there nor on their way."""
        return max(0, self.short - self.coming)

    @property
    def wanted(self) -> tuple[Need, ...]:
        """Needs of more than nothing, of which stock is known; that which lasts least first."""
        known = [each for each in self.needs if each.units > 0 and each.on_hand is not None]
        known.sort(key=lambda each: (
            (each.on_hand or 0) / each.units, each.product_id, each.retailer))  # fmt: skip
        return tuple(known)

    def lasts(self, need: Need) -> int:
        """Return for how many of the days a need is met by what is on hand."""
        there = self.days * (need.on_hand or 0)
        return min(self.days, floor(there / need.units + _EVEN)) if need.units else self.days

    def reason(self, need: Need, facts: PlanningFacts) -> Sentence:
        """Say what is needed, what it is made of, what is there, and for how many days it does."""
        values = self._values(need, facts)
        needed = Sentence(_TOGETHER if len(self.plans) > 1 else _ALONE, values)
        there = Sentence(self._there, values)
        return Sentence("%(needed)s %(there)s", {"needed": needed, "there": there})

    @property
    def _there(self) -> str:
        if not self.short:
            return _THERE
        return _COMING if self.coming else _SHORT

    def _values(self, need: Need, facts: PlanningFacts) -> Mapping[str, Value]:
        parts = {"base": need.base, "on_top": need.on_top}
        return {
            "plans": ", ".join(sorted(each.title for each in self.plans)),
            "item": facts.name_of(need.product_id),
            "retailer": need.retailer,
            "units": need.units,
            "parts": Sentence(_PARTS[need.told], parts),
            "first": self.first_day,
            "last": self.first_day + timedelta(days=self.days - 1),
            "days": self.days,
            "as_of": need.as_of or "",
            "on_hand": need.on_hand or 0,
            "lasts": self.lasts(need),
            "short": self.short,
            "coming": self.coming,
        }


_ALONE = "%(item)s at %(retailer)s needs %(units)s units from %(first)s to %(last)s: %(parts)s."
_TOGETHER = (
    "%(plans)s together need %(units)s units of %(item)s at %(retailer)s from %(first)s to "
    "%(last)s: %(parts)s."
)
_PARTS: Mapping[Told, str] = {
    "all": "%(base)s that sell anyway and up to %(on_top)s on top",
    "part": "%(base)s that sell anyway and up to %(on_top)s on top, as far as that is known",
    "none": "%(base)s that sell anyway; what comes on top is not known",
}
_THERE = "On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s."
_SHORT = (
    "On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s. In all %(short)s "
    "are short."
)
_COMING = (
    "On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s. In all %(short)s "
    "are short, and %(coming)s are on their way."
)


def supply(
    plans: Sequence[Activity],
    facts: PlanningFacts,
    forecasts: Sequence[Forecast | NotKnown],
    coming: Sequence[float] = (),
) -> Supply:
    """Say what a plan needs on hand, or two plans at once from the first day that they share.

    What sells anyway is needed once, however many plans there are. Of what is on its way for one of
    two plans, what its other items and retailers lack is taken off first.

    Parameters
    ----------
    plans
        One, or two that share days.
    facts
        Base and stock, from the published run.
    forecasts
        What each plan is expected to do.
    coming
        Units on their way for each plan; none where nothing is said.

    Examples
    --------
    >>> from offtake.decisions.planning.facts import Base, Cover
    >>> plan = Activity(key="1", kind="campaign", product_ids=("A",), retailers=("M",),
    ...                 first_day=date(2026, 3, 2), last_day=date(2026, 3, 15))
    >>> known = PlanningFacts(base={("A", "M"): Base(units=100.0, stores=4)},
    ...                       cover={("A", "M"): Cover(60.0, 4, date(2026, 2, 27))})
    >>> found = supply([plan], known, [NotKnown(Sentence("?"))])
    >>> (found.needs[0].units, found.short, found.lasts(found.needs[0]))
    (100, 40, 4)
    """
    asked = _asked(plans, facts, forecasts)
    shared = set.intersection(*(set(_pairs(each)) for each in plans))
    needs = _needs(asked)
    given = [*coming, *(0.0 for _ in plans)][: len(plans)]
    left = sum(
        max(0.0, units - _short_elsewhere(_asked([plan], facts, [known]), shared))
        for plan, known, units in zip(plans, forecasts, given, strict=True)
    )
    return Supply(
        plans=tuple(plans),
        first_day=asked.first,
        days=(asked.last - asked.first).days + 1,
        needs=tuple(needs[pair] for pair in sorted(needs.keys() & shared)),
        coming=floor(left + _EVEN),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Plans, and the days in which they need what is asked for."""

    plans: Sequence[Activity]
    facts: PlanningFacts
    forecasts: Sequence[Forecast | NotKnown]
    first: date
    last: date


def _asked(
    plans: Sequence[Activity], facts: PlanningFacts, forecasts: Sequence[Forecast | NotKnown]
) -> _Asked:
    first = max(each.first_day for each in plans)
    end = max(each.last_day for each in plans)
    last = min(first + timedelta(days=COVER_DAYS - 1), end)
    return _Asked(plans, facts, forecasts, first, last)


def _pairs(activity: Activity) -> Iterable[Pair]:
    return ((item, where) for item in activity.product_ids for where in activity.retailers)


def _short_elsewhere(alone: _Asked, shared: set[Pair]) -> int:
    """Return the units that a plan lacks of what the others are not about."""
    if shared >= set(_pairs(alone.plans[0])):
        return 0
    return sum(need.short for pair, need in _needs(alone).items() if pair not in shared)


def _needs(asked: _Asked) -> dict[Pair, Need]:
    base: dict[Pair, float] = {}
    for plan in asked.plans:
        within = replace(plan, first_day=asked.first, last_day=asked.last)
        for pair, units in expected_base(within, asked.facts).items():
            base[pair] = max(base.get(pair, 0.0), units)
    tops = [_on_top(plan, known, asked)
            for plan, known in zip(asked.plans, asked.forecasts, strict=True)]  # fmt: skip
    return {
        pair: _need(pair, units, [top[pair] for top in tops if pair in top], asked)
        for pair, units in base.items()
    }


def _on_top(plan: Activity, known: Forecast | NotKnown, asked: _Asked) -> dict[Pair, float]:
    """Return the high end of what comes on top in the days asked for, as large a part as they are.

    It is of the whole of a plan, which may begin before.
    """
    if not isinstance(known, Forecast):
        return {}
    part = ((min(plan.last_day, asked.last) - asked.first).days + 1) / plan.days
    return {
        (line.product_id, line.retailer): part * max(0.0, line.incremental.high)
        for line in known.planned.lines
    }


def _need(pair: Pair, base: float, tops: Sequence[float], asked: _Asked) -> Need:
    cover = (asked.facts.cover or {}).get(pair)
    share = max(asked.facts.share_of_stores(pair[1], plan.store_ids) for plan in asked.plans)
    told: Told = "none" if not tops else "all" if len(tops) == len(asked.plans) else "part"
    return Need(
        product_id=pair[0],
        retailer=pair[1],
        base=_up(base),
        on_top=_up(sum(tops)),
        told=told,
        on_hand=None if cover is None else floor(share * cover.on_hand + _EVEN),
        as_of=None if cover is None else cover.as_of,
    )


def _up(units: float) -> int:
    return ceil(units - _EVEN)
