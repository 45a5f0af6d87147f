"""Distribution: which store has which item, from when until when, and where it never arrives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Ints
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.items import Items
from offtake.twin.market.stores import RETAILERS, Stores
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec


@dataclass(frozen=True, slots=True)
class Distribution:
    """Listings of P items in the S stores of a block.

    Parameters
    ----------
    listed
        (S, P) whether the store is to have the item at any time.
    first, last
        (S, P) first and last week on the list; meaningless where not listed.
    void
        (S, P) listed, but never on the shelf.
    wanted
        (S, P) whether the store would have it, were there neither launches nor delistings.
    """

    listed: Bools
    first: Ints
    last: Ints
    void: Bools
    wanted: Bools

    def on_list(self, weeks: int) -> Bools:
        """Return where and when an item should be on the shelf, (S, P, T)."""
        week = np.arange(weeks)
        within = (week >= self.first[:, :, None]) & (week <= self.last[:, :, None])
        return within & self.listed[:, :, None]

    def live(self, weeks: int) -> Bools:
        """Return where and when an item is on the shelf unless out of stock, (S, P, T)."""
        return self.on_list(weeks) & ~self.void[:, :, None]


def delisting_weeks(spec: TwinSpec, items: Items, assumed: Assumptions) -> Ints:
    """Return the last week of every listing of an item at a retailer, shape (R, P)."""
    random = stream(spec.seed, "delistings")
    shape = (len(RETAILERS), len(items.ids))
    chance = 1 - np.exp(-assumed.delistings * spec.weeks / 52)
    ends = random.random(shape) < chance
    when = random.integers(spec.weeks // 3, spec.weeks, shape)
    gone = ends & spec.has("distribution_changes")
    return np.where(gone, np.maximum(when, items.launched + 4), spec.weeks - 1)


def draw_distribution(
    spec: TwinSpec,
    items: Items,
    stores: Stores,
    assumed: Assumptions,
    *,
    of: Ints,
    delisted: Ints,
) -> Distribution:
    """Draw the listings of the stores numbered `of`; `delisted` is (R, P)."""
    count = len(items.ids)
    draws = np.stack([_draws(spec.seed, int(store), count) for store in of])
    chance = np.log(assumed.listed / (1 - assumed.listed))
    chance = chance + assumed.size_on_listing * stores.size[of]
    # Strong items are listed nearly everywhere.
    strength = np.log(items.share_of_category * np.bincount(items.category)[items.category])
    chance = 1 / (1 + np.exp(-(chance[:, None] + strength[None, :])))
    delay = np.where(items.launched > 0, draws[:, 2] * assumed.launch_build_weeks, 0.0)
    first = items.launched + np.floor(delay).astype(np.int64)
    last = delisted[stores.retailer[of]]
    wanted = draws[:, 0] < chance
    return Distribution(
        listed=wanted & (first <= last),
        first=first,
        last=last,
        void=draws[:, 1] < assumed.voids,
        wanted=wanted,
    )


def _draws(seed: int, store: int, items: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    random = stream(seed, "distribution", store)
    return np.stack([random.random(items), random.random(items), random.exponential(size=items)])
