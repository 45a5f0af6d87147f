"""What could be said on a visit, and whether it would be true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.field.opinions import Opinions
from offtake.twin.field.sight import (
    MISSING,
    Places,
    displays_here,
    live_here,
    lost_here,
)
from offtake.twin.field.topics import (
    COMPETITOR_PROMOTION,
    DELIVERY_LATE,
    DISPLAY_MISSING,
    NEW_ITEM_REQUEST,
    OPINIONS,
    OUT_OF_STOCK,
    PRAISE_CAMPAIGN,
)
from offtake.twin.market.block import Block
from offtake.twin.market.world import World

DEEP_CUT = 0.25
"""A competitor's promotion that is worth a note."""
LOOK_BACK = 7
"""Days in which an empty shelf is remembered."""
LONG_GAP = 3
"""Days without an item that make a delivery late."""
NO_ITEM = -1


@dataclass(frozen=True, slots=True)
class Claims:
    """K things that could be claimed on n visits; what is neither true nor false is not claimed.

    Parameters
    ----------
    topic, item, brand
        (K,) topic, item in the world or -1, and brand.
    true, false
        (n, K) whether the claim would be true, or plainly false.
    detail
        (n, K) days ago for a missing item, price cut for a promotion, else 0.
    """

    topic: Ints
    item: Ints
    brand: Ints
    true: Bools
    false: Bools
    detail: Floats


def claims(world: World, blocks: tuple[Block, ...], at: Places, thought: Opinions) -> Claims:
    """Return everything that could be claimed on some visits, over all categories.

    Parameters
    ----------
    world, blocks
        The world, and one block for each category of the visited stores.
    at
        The n visits.
    thought
        What shoppers think.
    """
    parts = [part for block in blocks for part in _of_block(world, block, at)]
    parts += list(_of_opinions(world, blocks[0], at, thought))
    return Claims(
        topic=np.concatenate([part.topic for part in parts]),
        item=np.concatenate([part.item for part in parts]),
        brand=np.concatenate([part.brand for part in parts]),
        true=np.concatenate([part.true for part in parts], axis=1),
        false=np.concatenate([part.false for part in parts], axis=1),
        detail=np.concatenate([part.detail for part in parts], axis=1),
    )


def _of_block(world: World, block: Block, at: Places) -> Iterator[Claims]:
    own = world.own_items(block.category)
    live = live_here(block, at, own)
    lost = lost_here(block, at, own, LOOK_BACK)
    missing: Bools = (lost >= MISSING) & live[:, :, None]
    never: Bools = np.logical_and(live, ~np.any(lost > 0, axis=2))
    nothing = np.zeros(live.shape)
    gone: Bools = np.any(missing, axis=2)
    ago = np.argmax(missing, axis=2).astype(np.float64)
    yield _on_items(world, block, OUT_OF_STOCK, (gone, never, ago))
    yield _late(world, block, missing, (live, never))
    agreed, stands = displays_here(world, block, at, own)
    yield _on_items(world, block, DISPLAY_MISSING, (agreed & ~stands, stands, nothing))
    launched = world.items.launched[world.of_category(block.category)][own]
    known: Bools = launched <= at.week[:, None]
    yield _on_items(world, block, NEW_ITEM_REQUEST, (known & ~live, live, nothing))
    yield _competitors(world, block, at)


def _on_items(world: World, block: Block, topic: int, found: tuple[Bools, Bools, Floats]) -> Claims:
    """Return claims on our items; `found` holds true, false and detail, each (n, own items)."""
    true, false, detail = found
    item = world.of_category(block.category).start + world.own_items(block.category)
    brand = world.items.brand[item]
    return Claims(np.full(len(item), topic), item, brand, true, false, detail)


def _on_brands(topic: int, brand: Ints, found: tuple[Bools, Bools, Floats]) -> Claims:
    true, false, detail = found
    nothing = np.full(len(brand), NO_ITEM)
    return Claims(np.full(len(brand), topic), nothing, brand, true, false, detail)


def _late(world: World, block: Block, missing: Bools, on_sale: tuple[Bools, Bools]) -> Claims:
    """Return claims that a brand came late: true while one of its items misses for days."""
    live, never = on_sale
    of_item = world.items.brand[world.of_category(block.category)][world.own_items(block.category)]
    brand = np.unique(of_item)
    gap: Bools = np.all(missing[:, :, :LONG_GAP], axis=2)
    true = np.stack([gap[:, of_item == b].any(axis=1) for b in brand], axis=1)
    false = np.stack(
        [
            (never | ~live)[:, of_item == b].all(axis=1) & live[:, of_item == b].any(axis=1)
            for b in brand
        ],
        axis=1,
    )
    return _on_brands(DELIVERY_LATE, brand, (true, false, np.zeros(true.shape)))


def _competitors(world: World, block: Block, at: Places) -> Claims:
    """Return claims on competitors' promotions: true where the till has a deep cut."""
    mine = world.of_category(block.category)
    others = np.flatnonzero(~world.items.own[mine])
    of_item = world.items.brand[mine][others]
    brand = np.unique(of_item)
    cut = block.drivers.cut[at.store[:, None], others, at.week[:, None]]
    live = live_here(block, at, others)
    deepest = np.stack([cut[:, of_item == b].max(axis=1) for b in brand], axis=1)
    sold = np.stack([live[:, of_item == b].any(axis=1) for b in brand], axis=1)
    found = (deepest >= DEEP_CUT, sold & (deepest == 0), deepest)
    return _on_brands(COMPETITOR_PROMOTION, brand, found)


def _of_opinions(world: World, block: Block, at: Places, thought: Opinions) -> Iterator[Claims]:
    """Yield claims of what shoppers think of our brands."""
    brand = np.flatnonzero(world.brands.own)
    region = world.stores.region[block.of][at.store]
    seen = thought.seen[brand[None, :], region[:, None], at.week[:, None]]
    for place, topic in enumerate(OPINIONS):
        held = thought.held[place][brand[None, :], at.week[:, None]]
        true = held & seen if topic == PRAISE_CAMPAIGN else held
        yield _on_brands(topic, brand, (true, ~true, np.zeros(true.shape)))
