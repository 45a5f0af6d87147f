"""Conflicts of deals: on one item, on one brand, too soon, or with more than is there to sell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from offtake.decisions.planning.activity import (
    DEALS,
    Activity,
    days_between,
    share_stores,
    shared_days,
)
from offtake.decisions.planning.collision import PERCENT, Asked, Conflict, meet, names_of
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.sentence import Sentence, Value
from offtake.decisions.planning.supply import Supply, supply

SERIOUS_SHARE = 0.5
"""From more than this share of what is needed on, units that are missing are serious."""


def _both_deals(asked: Asked, other: Activity) -> tuple[date, date] | None:
    """Return the days that two deals share at a common store; None where they share none."""
    if asked.mine.kind not in DEALS or other.kind not in DEALS or not meet(asked.mine, other):
        return None
    return shared_days(asked.mine, other)


def own_overlap(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """Give deals on one item in one store at once."""
    days = _both_deals(asked, other)
    items = set(asked.mine.product_ids) & set(other.product_ids)
    if days is None or not items:
        return
    yield Conflict(
        kind="own_overlap",
        severity="serious",
        reason=Sentence(
            "%(one)s and %(other)s promote %(items)s at the same time, %(first)s to %(last)s.",
            {"one": asked.mine.title, "other": other.title, "items": names_of(items, asked.facts),
             "first": days[0], "last": days[1]},
        ),
        other=other.key,
        first_day=days[0],
        last_day=days[1],
        product_ids=tuple(sorted(items)),
        retailers=share_stores(asked.mine, other),
        acts="sales",
    )  # fmt: skip


def cannibalising(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """Give deals at once on items of one brand, where one takes from the other."""
    days = _both_deals(asked, other)
    mine, theirs = set(asked.mine.product_ids), set(other.product_ids)
    if days is None or mine & theirs:
        return
    brands = {brand: [a for a in sorted(mine | theirs) if _brand(a, asked.facts) == brand]
              for brand in _shared_brands(mine, theirs, asked.facts)}  # fmt: skip
    if not brands:
        return
    share = _own_pull([item for items in brands.values() for item in items], asked.facts)
    if share is not None and share < asked.limits.own_pull:
        return
    items = sorted({item for found in brands.values() for item in found})
    values: dict[str, Value] = {
        "one": asked.mine.title,
        "other": other.title,
        "items": names_of(items, asked.facts),
    }
    text = "%(one)s and %(other)s promote items of one brand at the same time (%(items)s)"
    reason = (
        Sentence(f"{text}; how much they take from each other is not known.", values)
        if share is None
        else Sentence(
            f"{text}; %(share)s%% of what one gains comes from the brand's other items.",
            {**values, "share": PERCENT * share},
        )
    )
    yield Conflict(
        kind="cannibalising",
        severity="serious" if (share or 0.0) >= asked.limits.serious_pull else "warning",
        reason=reason,
        other=other.key,
        first_day=days[0],
        last_day=days[1],
        product_ids=tuple(items),
        retailers=share_stores(asked.mine, other),
        acts="marketing",
    )


def _brand(item: str, facts: PlanningFacts) -> str:
    return facts.items[item].brand if item in facts.items else ""


def _shared_brands(one: set[str], other: set[str], facts: PlanningFacts) -> list[str]:
    brands = {_brand(item, facts) for item in one} & {_brand(item, facts) for item in other}
    return sorted(brands - {""})


def _own_pull(items: Sequence[str], facts: PlanningFacts) -> float | None:
    """Return the largest share of a gain that these items take from their brand's others."""
    if facts.response is None:
        return None
    chosen = set(items)
    rows = [row for (item, _), row in facts.response.at.items() if item in chosen]
    return float(facts.response.own_pulls[0, rows].max()) if rows else None


def too_soon(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """A deal while shoppers still live on what they stocked up on at the last one."""
    mine = asked.mine
    if mine.kind not in DEALS or other.kind not in DEALS or not meet(mine, other):
        return
    items = set(mine.product_ids) & set(other.product_ids)
    if not items or shared_days(mine, other) is not None:
        return
    days = days_between(mine, other)
    lost = _still_lost(days, asked)
    if lost is None and days >= 7 * asked.limits.weeks_after:
        return
    if lost is not None and lost < asked.limits.dip:
        return
    first, second = sorted((mine, other), key=lambda each: each.first_day)
    values: dict[str, Value] = {
        "second": second.title,
        "first": first.title,
        "days": days,
        "items": names_of(items, asked.facts),
    }
    text = "%(second)s starts %(days)s days after %(first)s ended, on the same items (%(items)s)"
    reason = (
        Sentence(f"{text}; %(weeks)s free weeks are usual, as the data do not tell how long "
                 "shoppers live on what they stocked.",
                 {**values, "weeks": asked.limits.weeks_after})
        if lost is None
        else Sentence(f"{text}; shoppers who stocked up still hold back %(share)s%% of its gain.",
                      {**values, "share": PERCENT * lost})
    )  # fmt: skip
    yield Conflict(
        kind="too_soon",
        severity="serious" if (lost or 0.0) >= asked.limits.serious_pull else "warning",
        reason=reason,
        other=other.key,
        first_day=second.first_day,
        last_day=second.last_day,
        product_ids=tuple(sorted(items)),
        retailers=share_stores(mine, other),
        acts="sales",
    )


def _still_lost(days: int, asked: Asked) -> float | None:
    """Return the share of the first deal's gain that weeks after a gap lose; None if not told."""
    response = asked.facts.response
    if response is None or not response.dips_known:
        return None
    return float(response.dips[0, days // 7 :].sum())


def short_alone(asked: Asked) -> Iterator[Conflict]:
    """Give a deal that needs more than is there."""
    yield from _short(asked, None)


def missing_supply(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """Give two deals at once that together need more than is there."""
    if _both_deals(asked, other) is not None:
        yield from _short(asked, other)


def _short(asked: Asked, other: Activity | None) -> Iterator[Conflict]:
    """Stock that does not last the first days, of one deal or of two that overlap."""
    if asked.mine.kind not in DEALS or asked.facts.cover is None:
        return
    found = _supply(asked, (asked.mine,) if other is None else (asked.mine, other))
    short = [each for each in found.wanted if each.short > 0]
    if not found.missing:
        return
    needed = sum(each.units for each in short)
    yield Conflict(
        kind="missing_supply",
        severity="serious" if found.missing > SERIOUS_SHARE * needed else "warning",
        reason=found.reason(short[0], asked.facts),
        other=None if other is None else other.key,
        first_day=found.first_day,
        last_day=min(each.last_day for each in found.plans),
        product_ids=tuple(sorted({each.product_id for each in short})),
        retailers=tuple(sorted({each.retailer for each in short})),
        acts="sales",
    )


def _supply(asked: Asked, plans: Sequence[Activity]) -> Supply:
    return supply(
        plans,
        asked.facts,
        [asked.forecast(each) for each in plans],
        [asked.coming.get(each.key, 0.0) for each in plans],
    )
