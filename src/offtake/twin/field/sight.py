"""What somebody who stands in a store on a day truly finds there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.field.visits import day_of
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.block import Block
from offtake.twin.market.events import NONE
from offtake.twin.market.world import World

MISSING = 0.5
"""A shelf that is empty for this part of a day counts as missing on that day."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where and when n visits stand in a block.

    Parameters
    ----------
    visit
        (n,) numbers of the visits.
    store, week, day
        (n,) place of the store in the block, week, and day from the first Monday.
    """

    visit: Ints
    store: Ints
    week: Ints
    day: Ints


def places(world: World, of: Ints, visit: Ints) -> Places:
    """Return where and when some visits stand; all are to stores numbered `of`."""
    order = np.argsort(of)
    store = order[np.searchsorted(of, world.calls.store[visit], sorter=order)]
    return Places(visit, store, world.calls.week[visit], day_of(world, visit))


def live_here(block: Block, at: Places, items: Ints) -> Bools:
    """Return whether items belong to the shelf's usual range that week, (n, J)."""
    live: Bools = block.drivers.live[at.store[:, None], items, at.week[:, None]]
    return live


def on_list_here(world: World, block: Block, at: Places, items: Ints) -> Bools:
    """Return whether items should be on the shelf that week, (n, J)."""
    listed = block.distribution.on_list(world.spec.weeks)
    here: Bools = listed[at.store[:, None], items, at.week[:, None]]
    return here


def lost_here(block: Block, at: Places, items: Ints, back: int) -> Floats:
    """Return the part of the last `back` days that shelves were empty, today first, (n, J, back).

    Days before the first Monday read as the first Monday.
    """
    days = np.maximum(at.day[:, None] - np.arange(back), 0)
    lost: Floats = block.outages.lost[at.store[:, None, None], items[:, None], days[:, None, :]]
    return lost


def displays_here(world: World, block: Block, at: Places, items: Ints) -> tuple[Bools, Bools]:
    """Return whether a display is agreed, and whether it stands on that very day, both (n, J)."""
    event = block.event[items[None, :], at.week[:, None]]
    listed = on_list_here(world, block, at, items)
    if not len(block.which):
        return np.zeros_like(listed), np.zeros_like(listed)
    start = world.events.start[block.which][event]
    agreed = listed & (event != NONE) & world.events.display[block.which][event]
    up = block.execution.offset[at.store[:, None], event]
    since = at.day[:, None] - DAYS * start
    stands = (since >= up) & (since < up + block.execution.stood[at.store[:, None], event])
    return agreed, agreed & stands & live_here(block, at, items)
