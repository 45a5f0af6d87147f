"""Every category in one block of stores, from one set of listings and one record of execution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offtake.twin.arrays import Ints
from offtake.twin.market.block import Block, simulate
from offtake.twin.market.distribution import draw_distribution
from offtake.twin.market.execution import draw_execution
from offtake.twin.market.world import World

CELLS = 600_000
"""Store x item x week cells that one category of a block holds at most: bounds the memory."""


def blocks_of_stores(world: World) -> tuple[Ints, ...]:
    """Return the numbers of the stores of every block: neighbours of one retailer.

    How stores are put together changes nothing in what they sell.
    """
    spec, retailer = world.spec, world.stores.retailer
    most = max(1, CELLS // (spec.items * spec.weeks))
    return tuple(
        part
        for each in np.unique(retailer)
        for here in [np.flatnonzero(retailer == each)]
        for part in np.array_split(here, -(-len(here) // most))
    )


def shelf(world: World, of: Ints) -> tuple[Block, ...]:
    """Simulate every category in the stores numbered `of`, all of one retailer.

    Examples
    --------
    >>> from offtake.twin.market.world import make_world
    >>> from offtake.twin.spec import TwinSpec
    >>> world = make_world(TwinSpec(stores=6, weeks=20, categories=("COFFEE",)))
    >>> shelf(world, blocks_of_stores(world)[0])[0].units.shape[1:]
    (12, 20)
    """
    return tuple(each_category(world, of))


def each_category(world: World, of: Ints) -> Iterator[Block]:
    """Simulate one category after the other, for those who need only one at a time."""
    distribution = draw_distribution(
        world.spec, world.items, world.stores, world.assumed, of=of, delisted=world.delisted
    )
    retailer = world.stores.retailer[of[0]]
    execution = draw_execution(
        world.spec.seed,
        world.rule,
        world.events,
        of=of,
        which=np.flatnonzero(world.events.retailer == retailer),
    )
    for category in range(len(world.names)):
        yield simulate(world, category, of, distribution, execution)
