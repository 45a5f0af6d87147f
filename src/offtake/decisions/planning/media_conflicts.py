"""Conflicts of what is said: before the shelf is filled, or against another message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from offtake.decisions.planning.activity import (
    Activity,
    share_stores,
    shared_days,
)
from offtake.decisions.planning.collision import (
    LISTINGS,
    Asked,
    Conflict,
    brands_of,
    items_of,
    meet,
    names_of,
)
from offtake.decisions.planning.sentence import Sentence


def before_shelf(asked: Asked) -> Iterator[Conflict]:
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
            {"items": names_of(thin, facts), "asked": asked.limits.distribution, "least": least},
        ),
        other=None,
        first_day=mine.first_day,
        last_day=mine.last_day,
        product_ids=tuple(sorted(thin)),
        retailers=retailers,
        acts="sales",
    )


def media_before_listing(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """A campaign that begins before the listing or launch of the same items."""
    for media, listing in ((asked.mine, other), (other, asked.mine)):
        if media.kind != "campaign" or listing.kind not in LISTINGS:
            continue
        items = items_of(media, asked.facts) & items_of(listing, asked.facts)
        where = share_stores(media, listing)
        if not items or media.first_day >= listing.first_day or not meet(media, listing):
            continue
        days = (listing.first_day - media.first_day).days
        yield Conflict(
            kind="media_before_listing",
            severity="serious",
            reason=Sentence(
                "%(media)s starts %(days)s days before %(listing)s puts %(items)s on the shelf.",
                {"media": media.title, "days": days, "listing": listing.title,
                 "items": names_of(items, asked.facts)},
            ),
            other=other.key,
            first_day=media.first_day,
            last_day=min(media.last_day, listing.first_day - timedelta(days=1)),
            product_ids=tuple(sorted(items)),
            retailers=where,
            acts="marketing",
        )  # fmt: skip


def contradicting(asked: Asked, other: Activity) -> Iterator[Conflict]:
    """Give two messages of one brand in one place at once."""
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
