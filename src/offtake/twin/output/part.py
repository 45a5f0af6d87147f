"""The rows of one block of stores, all categories, everything that happens in them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offtake.twin.arrays import Floats, Ints
from offtake.twin.field.audits import audits
from offtake.twin.field.notes import notes
from offtake.twin.field.visits import visits
from offtake.twin.market.block import Block
from offtake.twin.market.shelf import shelf
from offtake.twin.market.world import World
from offtake.twin.output.event_truth import event_truth
from offtake.twin.output.sales import (
    listing_rows,
    paid_prices,
    promotion_rows,
    sales_rows,
    stock_rows,
    wrong_records,
)
from offtake.twin.output.truth_rows import (
    demand_truth,
    effect_truth,
    execution_truth,
    facing_truth,
    lost_truth,
    outage_truth,
    void_truth,
)
from offtake.twin.shoppers.baskets import baskets
from offtake.twin.shoppers.campaigns import Campaigns
from offtake.twin.shoppers.households import Households
from offtake.twin.tables import Made, merged


def part_of_stores(
    world: World, of: Ints, households: Households, campaigns: Campaigns
) -> tuple[Made, Floats]:
    """Return every row of the stores numbered `of`, and our sales by territory and week."""
    blocks = shelf(world, of)
    made = merged(
        [
            *(_market(world, block) for block in blocks),
            visits(world, of),
            audits(world, of, blocks),
            notes(world, of, blocks),
            baskets(world, households, campaigns, of=of, blocks=blocks),
        ]
    )
    return made, _own_sales(world, of, blocks)


def _market(world: World, block: Block) -> Made:
    return Made(
        {
            "sales": sales_rows(world, block),
            "promotion": promotion_rows(world, block),
            "distribution_list": listing_rows(world, block),
            "stock": stock_rows(world, block),
        },
        dict(_truth(world, block)),
    )


def _truth(world: World, block: Block) -> Iterator[tuple[str, object]]:
    yield "event", event_truth(world, block)
    yield "execution", execution_truth(world, block)
    yield "void", void_truth(world, block)
    yield "facings", facing_truth(world, block)
    yield "wrong_record", wrong_records(world, block)
    yield "outage", outage_truth(world, block)
    yield "lost_sales", lost_truth(world, block)
    if world.spec.truth == "rows":
        yield "demand", demand_truth(world, block)
        yield "effect", effect_truth(world, block)


def _own_sales(world: World, of: Ints, blocks: tuple[Block, ...]) -> Floats:
    """Return what our items sold for, by territory and week, (Q, T)."""
    total = np.zeros((len(world.stores.territories), world.spec.weeks))
    for block in blocks:
        own = world.items.own[world.of_category(block.category)]
        paid = paid_prices(world, block)[:, own]
        by_store = (block.units[:, own] * paid).sum(axis=1)
        np.add.at(total, world.stores.territory[of], by_store)
    return total
