"""The promotion plan: which items, at which retailer, when, how deep, with what support."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.assumptions import Assumptions
from offtake.twin.calibration import Category
from offtake.twin.market.items import Brands, Items
from offtake.twin.market.lengths import LONGEST, event_lengths
from offtake.twin.market.stores import RETAILERS
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

MOST_ITEMS = 4
GAP = 1
"""Weeks between two events of one item at one retailer."""
NONE = -1
TRIES = 200
"""Events tried for each item of a brand before a full calendar is taken for full."""
MOST_SUPPORTED = 0.85


@dataclass(frozen=True, slots=True)
class Events:
    """E promotions and where they stand in the calendar.

    Parameters
    ----------
    ids
        (E,) promotion ids.
    retailer, brand, category
        (E,) indices.
    start, weeks
        (E,) first week and length in weeks.
    cut
        (E,) planned price cut, a fraction of the regular price.
    display, feature
        (E,) whether planned.
    held
        (E,) false for competitors' events in a world without competitors' actions.
    of
        (R, P, T) the event that an item is in, or -1.
    """

    ids: Texts
    retailer: Ints
    brand: Ints
    category: Ints
    start: Ints
    weeks: Ints
    cut: Floats
    display: Bools
    feature: Bools
    held: Bools
    of: Ints

    @property
    def count(self) -> int:
        """How many promotions."""
        return len(self.ids)


def draw_events(
    spec: TwinSpec, brands: Brands, items: Items, known: Sequence[Category], assumed: Assumptions
) -> Events:
    """Draw the promotion plans of every brand at every retailer; `known` are the C categories.

    An event takes its place in the calendar only where all its items are free; what does not fit
    is dropped, as a retailer would.
    """
    of = np.full((len(RETAILERS), len(items.ids), spec.weeks), NONE, dtype=np.int64)
    rows: list[tuple[float, ...]] = []
    for retailer in range(len(RETAILERS)):
        for brand in range(len(brands.names)):
            category = known[brands.category[brand]]
            mine = np.flatnonzero(items.brand == brand)
            random = stream(spec.seed, "events", retailer, brand)
            calendar, wanted = of[retailer], _Wanted.of(category, assumed)
            for planned in _plan(random, category, wanted, mine, weeks=spec.weeks):
                if _fits(planned, calendar):
                    calendar[planned.items, planned.start : planned.end] = len(rows)
                    rows.append((retailer, brand, *planned.facts))
                covered = np.count_nonzero(calendar[mine] != NONE)
                if covered >= wanted.share * len(mine) * spec.weeks:
                    break
    events = _events(rows, brands, of)
    # Drawn all the same: what is left out must not change what else is drawn.
    return events if spec.has("competitor_actions") else _only_own(events, brands)


def _only_own(events: Events, brands: Brands) -> Events:
    held = brands.own[events.brand]
    kept = np.append(held, False)[events.of]
    return replace(events, held=held, of=np.where(kept, events.of, NONE))


@dataclass(frozen=True, slots=True)
class _Planned:
    """One event that a brand would like to have at a retailer."""

    items: Ints
    start: int
    end: int
    cut: float
    display: bool
    feature: bool

    @property
    def facts(self) -> tuple[float, ...]:
        return self.start, self.end - self.start, self.cut, self.display, self.feature


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Shares of item-weeks to be planned: with a display, a leaflet, both, and in any event."""

    display: float
    feature: float
    both: float
    share: float

    @staticmethod
    def of(category: Category, assumed: Assumptions) -> _Wanted:
        """Plan more displays than are seen: many never reach the floor, others not every week."""
        display = min(category.display_share / assumed.display_weeks_seen, 0.9)
        both = min(
            category.both_share / assumed.display_weeks_seen, display, category.feature_share
        )
        any_support = display + category.feature_share - both
        share = min(any_support / (1 - assumed.price_only), MOST_SUPPORTED)
        return _Wanted(display, category.feature_share, both, share)


def _plan(
    random: np.random.Generator, category: Category, wanted: _Wanted, mine: Ints, *, weeks: int
) -> Iterator[_Planned]:
    """Draw events that the brand would like to have, until there are too many tries."""
    for _ in range(TRIES * len(mine)):
        many = min(int(random.integers(1, MOST_ITEMS + 1)), len(mine))
        chosen = np.sort(random.choice(mine, size=many, replace=False))
        start, support = int(random.integers(0, weeks)), wanted.share * random.random()
        alone = wanted.display - wanted.both
        yield _Planned(
            items=chosen,
            start=start,
            end=min(start + _length(random, category.event_weeks), weeks),
            cut=_depth(random, category),
            display=support < wanted.display,
            feature=alone <= support < alone + wanted.feature,
        )


def _fits(planned: _Planned, calendar: Ints) -> bool:
    around = slice(max(planned.start - GAP, 0), planned.end + GAP)
    return bool((calendar[planned.items, around] == NONE).all())


def _length(random: np.random.Generator, mean: float) -> int:
    return 1 + int(random.choice(LONGEST, p=event_lengths(mean)))


def _depth(random: np.random.Generator, category: Category) -> float:
    """Return a depth in steps of five points, as deals are made."""
    depth = random.normal(category.cut_mean, category.cut_sd)
    return float(np.clip(np.round(depth * 20) / 20, 0.05, 0.6))


def _events(rows: list[tuple[float, ...]], brands: Brands, of: Ints) -> Events:
    table = np.array(rows, dtype=float).reshape(len(rows), 7)
    whole = table[:, :4].astype(np.int64)
    brand = whole[:, 1]
    return Events(
        ids=np.array([f"E{number:06d}" for number in range(1, len(rows) + 1)], dtype=np.str_),
        retailer=whole[:, 0],
        brand=brand,
        category=brands.category[brand],
        start=whole[:, 2],
        weeks=whole[:, 3],
        cut=table[:, 4],
        display=table[:, 5] > 0,
        feature=table[:, 6] > 0,
        held=np.ones(len(rows), dtype=bool),
        of=of,
    )
