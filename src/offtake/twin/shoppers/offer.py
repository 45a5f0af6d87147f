"""What the shelves of a block of stores offer to a household that comes to buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.market.block import Block
from offtake.twin.market.world import World

DAYS = 7
EMPTY = 0.5
"""A shelf that is empty for this part of the day counts as empty for who comes that day."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One category of J items of K brands in B stores over T weeks.

    Parameters
    ----------
    block
        The shelves.
    first_item, first_brand
        Numbers in the world of the first item and of the first brand.
    items, real
        (K, I) items of each brand, and which of these I places are taken.
    season
        (T,) factor on how often the category is bought.
    on_offer
        (B, K, T) 1 where any item of the brand is on the shelf unless out of stock, else 0.
    pull
        (B, K, T) what support and media make of a brand's share; 0 where not on offer.
    weight
        (B, J, T) what an item's share and support make of its choice within the brand.
    regular
        (J, T) regular price, money.
    """

    block: Block
    first_item: int
    first_brand: int
    items: Ints
    real: Bools
    season: Floats
    on_offer: Floats
    pull: Floats
    weight: Floats
    regular: Floats

    def found(self, place: Ints, item: Ints, day: Ints) -> Bools:
        """Return whether items of the category are on the shelf on days; arrays broadcast."""
        on_shelf = self.block.drivers.live[place, item, day // DAYS]
        found: Bools = on_shelf & (self.block.outages.lost[place, item, day] < EMPTY)
        return found

    def item_weights(self, place: Ints, brand: Ints, week: Ints) -> Floats:
        """Return how N shoppers who want a brand weigh its items, shape (N, I)."""
        weights = self.weight[place[:, None], self.items[brand], week[:, None]]
        return weights * self.real[brand]

    def price(self, place: Ints, item: Ints, week: Ints) -> Floats:
        """Return the price at the till, in whole cents."""
        cut = self.block.drivers.cut[place, item, week]
        return np.round(self.regular[item, week] * (1 - cut), 2)


def offer_of(world: World, block: Block) -> Offer:
    """Work out what a block offers."""
    mine = world.of_category(block.category)
    brand = world.items.brand[mine] - world.items.brand[mine].min()
    items, real = _by_brand(brand)
    live = block.drivers.live
    share = world.items.share_of_brand[mine, None] * live
    brands = (np.arange(len(items))[:, None] == brand[None, :]).astype(float)
    held = brands @ share
    support = np.divide(brands @ (share * block.support), held, out=np.zeros_like(held),
                        where=held > 0)  # fmt: skip
    on_offer = (held > 0).astype(float)
    first = int(world.items.brand[mine].min())
    log_pull = world.assumed.support_on_choice * support + _media(world, block, first, len(items))
    return Offer(
        block=block,
        first_item=mine.start,
        first_brand=first,
        items=items,
        real=real,
        season=np.exp(_season(world, block.category)),
        on_offer=on_offer,
        pull=on_offer * np.exp(log_pull),
        weight=share * np.exp(block.support),
        regular=world.prices[int(world.stores.retailer[block.of[0]]), mine],
    )


def _by_brand(brand: Ints) -> tuple[Ints, Bools]:
    """Return the items of every brand in a rectangle, and where it is filled."""
    many = np.bincount(brand)
    place = np.arange(many.max())
    first = np.cumsum(many) - many
    real = place[None, :] < many[:, None]
    return np.where(real, first[:, None] + place, 0), real


def _season(world: World, category: int) -> Floats:
    season = world.season[category] * world.spec.has("season")
    index: Floats = season + world.holidays[category] * world.spec.has("holidays")
    return index


def _media(world: World, block: Block, first: int, many: int) -> Floats:
    """Return the media effect on every brand of a category, (B, K, T)."""
    effect = world.media.effect[first : first + many].sum(axis=1)
    there: Floats = effect[:, world.stores.region[block.of]].transpose(1, 0, 2)
    return there * world.spec.has("media")
