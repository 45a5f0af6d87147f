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
            wanted = _Wanted.of(category, assumed)
            for planned in _plan(random, category, wanted, mine, calendar=of[retailer]):
                of[retailer, planned.items, planned.start : planned.end] = len(rows)
                rows.append((retailer, brand, *planned.facts))
    return _events(rows, brands, of)


def only_own(events: Events, brands: Brands) -> Events:
    """Leave competitors' events out, drawn all the same: nothing else changes for it."""
    held = brands.own[events.brand]
    kept = np.append(held, False)[events.of]
    return replace(events, held=held, of=np.where(kept, events.of, NONE))


def any_item(event: Ints, cells: Bools, count: int) -> Bools:
    """Return for which stores and events a cell of any of the event's items and weeks is true.

    Parameters
    ----------
    event
        (J, T) the event that an item is in, or -1.
    cells
        (B, J, T) what is asked, by store, item and week.
    count
        How many events there are.

    Returns
    -------
    ndarray
        (B, `count`).
    """
    item, week = np.nonzero(event != NONE)
    found = np.zeros((len(cells), count), dtype=bool)
    np.logical_or.at(found.T, event[item, week], cells[:, item, week].T)
    return found


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
    random: np.random.Generator, category: Category, wanted: _Wanted, mine: Ints, *, calendar: Ints
) -> Iterator[_Planned]:
    """Give events that fit the retailer's calendar until the share is reached, or none fits.

    `calendar` is (P, T); the caller enters each event before it asks for the next.
    """
    tries, weeks = TRIES * len(mine), calendar.shape[1]
    which = mine[random.integers(0, len(mine), (tries, MOST_ITEMS))]
    many = random.integers(1, MOST_ITEMS + 1, tries)
    start = random.integers(0, weeks, tries)
    lasts = event_lengths(category.event_weeks)
    end = np.minimum(start + 1 + random.choice(LONGEST, tries, p=lasts), weeks)
    cut = _depths(random, category, tries)
    support, alone = wanted.share * random.random(tries), wanted.display - wanted.both
    left = wanted.share * len(mine) * weeks
    for t in range(tries):
        chosen = np.unique(which[t, : many[t]])
        if (calendar[chosen, max(start[t] - GAP, 0) : end[t] + GAP] != NONE).any():
            continue
        yield _Planned(
            items=chosen,
            start=int(start[t]),
            end=int(end[t]),
            cut=float(cut[t]),
            display=bool(support[t] < wanted.display),
            feature=bool(alone <= support[t] < alone + wanted.feature),
        )
        left -= len(chosen) * (end[t] - start[t])
        if left <= 0:
            return


def _depths(random: np.random.Generator, category: Category, count: int) -> Floats:
    """Return depths in steps of five points, as deals are made."""
    depths = random.normal(category.cut_mean, category.cut_sd, count)
    return np.clip(np.round(depths * 20) / 20, 0.05, 0.6)


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
