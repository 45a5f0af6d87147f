"""Where a plan collides with others, or with what is on the shelf: six kinds of conflict.

Every conflict between two plans is found from both sides alike. Others count while they are live:
proposed, agreed, locked or executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from offtake.decisions.planning.activity import (
    DEALS,
    LIVE,
    Activity,
    ConflictKind,
    Kind,
    Side,
    days_between,
    share_stores,
    shared_days,
)
from offtake.decisions.planning.facts import PlanningFacts
from offtake.decisions.planning.forecast import Forecast, NotKnown, expected_base, forecast
from offtake.decisions.planning.sentence import Sentence, Value

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
    cover_days
        Days of two overlapping deals that stock must last.
    """

    own_pull: float = 0.05
    serious_pull: float = 0.25
    dip: float = 0.02
    weeks_after: int = 4
    distribution: float = 50.0
    cover_days: int = 14


STANDARD = Limits()
LISTINGS: frozenset[Kind] = frozenset(("listing", "launch"))
SPEAKING: frozenset[Kind] = frozenset(("campaign", "activation", "launch"))
"""Kinds that say something to shoppers in a touchpoint."""


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
class _Asked:
    """A question: forecasts are worked out when a check first needs them."""

    mine: Activity
    facts: PlanningFacts
    limits: Limits
    forecasts: dict[str, Forecast | NotKnown]

    def forecast(self, activity: Activity) -> Forecast | NotKnown:
        if activity.key not in self.forecasts:
            self.forecasts[activity.key] = forecast(activity, self.facts)
        return self.forecasts[activity.key]


def conflicts(
    activity: Activity,
    others: Iterable[Activity],
    facts: PlanningFacts,
    *,
    limits: Limits = STANDARD,
    forecasts: Mapping[str, Forecast | NotKnown] | None = None,
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

    Examples
    --------
    >>> plan = Activity(key="1", kind="promotion", price_cut=20, product_ids=("A",),
    ...                 retailers=("M",), state="proposed", first_day=date(2026, 3, 2), last_day=date(2026, 3, 8))
    >>> from dataclasses import replace
    >>> [each.kind for each in conflicts(plan, [replace(plan, key="2")], PlanningFacts())]
    ['own_overlap']
    """
    if activity.state == "cancelled":
        return ()
    asked = _Asked(activity, facts, limits, dict(forecasts or {}))
    live = [each for each in others if each.key != activity.key and each.state in LIVE]
    found = [*_before_shelf(asked), *_short_alone(asked)]
    for other in live:
        for check in _PAIRWISE:
            found.extend(check(asked, other))
    found.sort(key=lambda each: (each.severity == "warning", each.kind, each.first_day,
                                 each.other or ""))  # fmt: skip
    return tuple(found)


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


def _names(items: Iterable[str], facts: PlanningFacts) -> str:
    named = [
        facts.items[item].description or item if item in facts.items else item
        for item in sorted(items)
    ]
    return ", ".join(named[:3]) + (" ..." if len(named) > 3 else "")


def _before_shelf(asked: _Asked) -> Iterator[Conflict]:
    """Media for what hardly any store sells."""
    mine, facts = asked.mine, asked.facts
    if mine.kind != "campaign" or not facts.distribution:
        return
    retailers = mine.retailers or tuple(sorted({where for _, where in facts.distribution}))
    best: dict[str, float] = {}
    for item in items_of(mine, facts):
        found = [facts.distribution.get((item, where)) for where in retailers]
        best[item] = max((each.weighted for each in found if each), default=0.0)
    thin = {item: reached for item, reached in best.items() if reached < asked.limits.distribution}
    if not thin:
        return
    least = min(thin.values())
    yield Conflict(
        kind="media_before_listing",
        severity="serious" if least == 0 else "warning",
        reason=Sentence(
            "%(items)s: at no retailer of the campaign do stores with %(asked)s%% of the "
            "category's sales sell it; the least is %(least)s%%.",
            {"items": _names(thin, facts), "asked": asked.limits.distribution, "least": least},
        ),
        other=None,
        first_day=mine.first_day,
        last_day=mine.last_day,
        product_ids=tuple(sorted(thin)),
        retailers=retailers,
        acts="sales",
    )


def _media_before_listing(asked: _Asked, other: Activity) -> Iterator[Conflict]:
    """A campaign that begins before the listing or launch of the same items."""
    for media, listing in ((asked.mine, other), (other, asked.mine)):
        if media.kind != "campaign" or listing.kind not in LISTINGS:
            continue
        items = items_of(media, asked.facts) & items_of(listing, asked.facts)
        where = share_stores(media, listing)
        if not items or media.first_day >= listing.first_day or not _meet(media, listing):
            continue
        days = (listing.first_day - media.first_day).days
        yield Conflict(
            kind="media_before_listing",
            severity="serious",
            reason=Sentence(
                "%(media)s starts %(days)s days before %(listing)s puts %(items)s on the shelf.",
                {"media": media.title, "days": days, "listing": listing.title,
                 "items": _names(items, asked.facts)},
            ),
            other=other.key,
            first_day=media.first_day,
            last_day=min(media.last_day, listing.first_day - timedelta(days=1)),
            product_ids=tuple(sorted(items)),
            retailers=where,
            acts="marketing",
        )  # fmt: skip


def _meet(one: Activity, other: Activity) -> bool:
    """Return whether two activities have a store in common; without a retailer it is everywhere."""
    if (
        not one.retailers
        and not other.retailers
        and (one.store_ids is None or other.store_ids is None)
    ):
        return True
    return bool(share_stores(one, other))


def _both_deals(asked: _Asked, other: Activity) -> tuple[date, date] | None:
    """Return the days that two deals share at a common store; None where they share none."""
    if asked.mine.kind not in DEALS or other.kind not in DEALS or not _meet(asked.mine, other):
        return None
    return shared_days(asked.mine, other)


def _own_overlap(asked: _Asked, other: Activity) -> Iterator[Conflict]:
    days = _both_deals(asked, other)
    items = set(asked.mine.product_ids) & set(other.product_ids)
    if days is None or not items:
        return
    yield Conflict(
        kind="own_overlap",
        severity="serious",
        reason=Sentence(
            "%(one)s and %(other)s promote %(items)s at the same time, %(first)s to %(last)s.",
            {"one": asked.mine.title, "other": other.title, "items": _names(items, asked.facts),
             "first": days[0], "last": days[1]},
        ),
        other=other.key,
        first_day=days[0],
        last_day=days[1],
        product_ids=tuple(sorted(items)),
        retailers=share_stores(asked.mine, other),
        acts="sales",
    )  # fmt: skip


def _cannibalising(asked: _Asked, other: Activity) -> Iterator[Conflict]:
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
        "items": _names(items, asked.facts),
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


def _too_soon(asked: _Asked, other: Activity) -> Iterator[Conflict]:
    """A deal while shoppers still live on what they stocked up on at the last one."""
    mine = asked.mine
    if mine.kind not in DEALS or other.kind not in DEALS or not _meet(mine, other):
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
    values: dict[str, Value] = {"second": second.title, "first": first.title, "days": days,
              "items": _names(items, asked.facts)}  # fmt: skip
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


def _still_lost(days: int, asked: _Asked) -> float | None:
    """Return the share of the first deal's gain that weeks after a gap lose; None if not told."""
    response = asked.facts.response
    if response is None or not response.dips_known:
        return None
    return float(response.dips[0, days // 7 :].sum())


def _short_alone(asked: _Asked) -> Iterator[Conflict]:
    yield from _short(asked, None)


def _missing_supply(asked: _Asked, other: Activity) -> Iterator[Conflict]:
    if _both_deals(asked, other) is not None:
        yield from _short(asked, other)


def _short(asked: _Asked, other: Activity | None) -> Iterator[Conflict]:
    """Stock that does not last the first days, of one deal or of two that overlap."""
    mine, cover = asked.mine, asked.facts.cover
    if mine.kind not in DEALS or cover is None:
        return
    together = (mine,) if other is None else (mine, other)
    days = (mine.first_day, mine.last_day) if other is None else shared_days(mine, other)
    need = _need(asked, together)
    if other is not None:
        both = {(i, r) for i in other.product_ids for r in other.retailers}
        need = {pair: each for pair, each in need.items()
                if pair in both and pair[0] in mine.product_ids}  # fmt: skip
    short = {
        pair: cover[pair].on_hand / each
        for pair, each in need.items()
        if pair in cover and each > 0 and cover[pair].on_hand < each
    }
    if not short or days is None:
        return
    worst = min(short, key=lambda pair: (short[pair], pair))
    yield Conflict(
        kind="missing_supply",
        severity="serious" if short[worst] < 0.5 else "warning",
        reason=Sentence(
            "Stock of %(item)s at %(retailer)s covers %(share)s%% of the %(need)s units that "
            "%(plans)s need in the first %(days)s days.",
            {"item": _names([worst[0]], asked.facts), "retailer": worst[1] or "-",
             "share": PERCENT * short[worst], "need": need[worst],
             "plans": ", ".join(sorted(each.title for each in together)),
             "days": asked.limits.cover_days},
        ),
        other=None if other is None else other.key,
        first_day=days[0],
        last_day=days[1],
        product_ids=tuple(sorted({item for item, _ in short})),
        retailers=tuple(sorted({where for _, where in short})),
        acts="sales",
    )  # fmt: skip


def _need(asked: _Asked, together: Sequence[Activity]) -> dict[tuple[str, str], float]:
    """Return units for the first days: the base once, and what every deal adds to it."""
    found: dict[tuple[str, str], float] = {}
    for each in together:
        part = min(1.0, asked.limits.cover_days / each.days)
        for pair, base in expected_base(each, asked.facts).items():
            found[pair] = max(found.get(pair, 0.0), part * base)
    for each in together:
        part = min(1.0, asked.limits.cover_days / each.days)
        known = asked.forecast(each)
        for line in known.planned.lines if isinstance(known, Forecast) else ():
            found[line.product_id, line.retailer] += part * max(0.0, line.incremental.value)
    return found


def _contradicting(asked: _Asked, other: Activity) -> Iterator[Conflict]:
    mine = asked.mine
    days = shared_days(mine, other)
    where = {_plain(each) for each in mine.touchpoints} & {
        _plain(each) for each in other.touchpoints
    }
    brands = brands_of(mine, asked.facts) & brands_of(other, asked.facts)
    said, says = _plain(mine.message), _plain(other.message)
    if days is None or not where or not brands or not said or not says or said == says:
        return
    apart = bool(mine.audience and other.audience) and _plain(mine.audience) != _plain(
        other.audience
    )
    yield Conflict(
        kind="contradicting_message",
        severity="warning" if apart else "serious",
        reason=Sentence(
            '%(brand)s says "%(one)s" and "%(other)s" in the same place (%(where)s), %(first)s to '
            "%(last)s.",
            {"brand": ", ".join(sorted(brands)), "one": mine.message, "other": other.message,
             "where": ", ".join(sorted(where)), "first": days[0], "last": days[1]},
        ),
        other=other.key,
        first_day=days[0],
        last_day=days[1],
        product_ids=tuple(sorted(items_of(mine, asked.facts) & items_of(other, asked.facts))),
        retailers=share_stores(mine, other),
        acts="marketing",
    )  # fmt: skip


def _plain_all(texts: Iterable[str]) -> set[str]:
    return {_plain(each) for each in texts}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


_PAIRWISE: Sequence[Callable[[_Asked, Activity], Iterator[Conflict]]] = (
    _media_before_listing,
    _own_overlap,
    _cannibalising,
    _too_soon,
    _missing_supply,
    _contradicting,
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
