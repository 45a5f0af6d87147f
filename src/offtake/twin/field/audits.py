"""What visits report of our items: true but for errors of known size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.field.shelf_counts import shelf_counts
from offtake.twin.field.sight import (
    MISSING,
    Places,
    displays_here,
    live_here,
    lost_here,
    on_list_here,
    places,
)
from offtake.twin.field.visits import arrivals, visit_ids
from offtake.twin.market.block import Block
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import Made, coded, days_array, merged

POINTS_SHELF, POINTS_DISPLAY = 5.0, 3.0
ERRORS = ("", "missed", "invented")
_DRAWS = 4


@dataclass(frozen=True, slots=True)
class _Lines:
    """A audit lines: which visit and item, what was there, and what was reported.

    Parameters
    ----------
    row, item
        (A,) place of the visit among those of the block, and of the item in the category.
    targeted, available, agreed, stands
        (A,) whether the item should be there, is there; whether a display was agreed, stands.
    said, seen
        (A,) what was reported of the item and of the display.
    draws
        (A, D) uniform numbers.
    """

    row: Ints
    item: Ints
    targeted: Bools
    available: Bools
    agreed: Bools
    stands: Bools
    said: Bools
    seen: Bools
    draws: Floats


def audits(world: World, of: Ints, blocks: tuple[Block, ...]) -> Made:
    """Return the audit lines of the visits to the stores numbered `of`, and the truth ``audit``.

    Parameters
    ----------
    world, of
        The world, and stores of one retailer.
    blocks
        One block for each category of these stores.
    """
    at = places(world, of, world.calls.of(of))
    return merged(
        part
        for block in blocks
        for part in (_category(world, block, at), shelf_counts(world, block, at))
    )


def _category(world: World, block: Block, at: Places) -> Made:
    own = world.own_items(block.category)
    lines = _lines(world, block, at, own)
    item = world.items.ids[world.of_category(block.category)]
    keys = {
        "visit_id": coded(visit_ids(world, at.visit), lines.row),
        "product_id": coded(item, lines.item),
    }
    found = pa.table({**keys, **_found(world, block, at, lines)})
    error = np.where(lines.said == lines.available, 0, np.where(lines.available, 1, 2))
    truth = pa.table(
        {
            **keys,
            "available": pa.array(lines.available),
            "display_stands": pa.array(lines.stands, mask=~lines.agreed),
            "error": coded(np.array(ERRORS), error),
        }
    )
    return Made({"audit_line": found}, {"audit": truth})


def checked(world: World, block: Block, at: Places) -> Bools:
    """Return which of our items of the category each visit checks, (n, own items).

    Where there are more than a visit has time for, they take turns from week to week.
    """
    everything = np.flatnonzero(world.items.own)
    mine = world.of_category(block.category)
    place = np.flatnonzero((everything >= mine.start) & (everything < mine.stop))
    most = int(world.assumed.audit_items)
    turn: Bools = (place - most * at.week[:, None]) % len(everything) < most
    return turn


def _lines(world: World, block: Block, at: Places, own: Ints) -> _Lines:
    row, item = np.nonzero(checked(world, block, at))
    gone = lost_here(block, at, own, 1)[:, :, 0] >= MISSING
    available = (live_here(block, at, own) & ~gone)[row, item]
    agreed, stands = (each[row, item] for each in displays_here(world, block, at, own))
    draws = _draws(world, block, at, len(own))[row, item]
    misses, invents = world.assumed.audit_misses, world.assumed.audit_invents
    return _Lines(
        row=row,
        item=own[item],
        targeted=on_list_here(world, block, at, own)[row, item],
        available=available,
        agreed=agreed,
        stands=stands,
        said=np.where(available, draws[:, 0] >= misses, draws[:, 0] < invents),
        seen=np.where(stands, draws[:, 1] >= misses, draws[:, 1] < invents),
        draws=draws,
    )


def _draws(world: World, block: Block, at: Places, items: int) -> Floats:
    """Return uniform numbers of every visit and item, each store's from its own stream."""
    many = np.bincount(at.store, minlength=len(block.of))
    parts = [
        stream(world.spec.seed, "audit", block.category, int(store)).random((n, items, _DRAWS))
        for store, n in zip(block.of, many, strict=True)
    ]
    return np.concatenate(parts)


def _found(world: World, block: Block, at: Places, lines: _Lines) -> dict[str, pa.Array]:
    points, earned = _points(lines)
    day = arrivals(world, at.visit)[lines.row]
    return {
        "store_id": coded(world.stores.ids[block.of], at.store[lines.row]),
        "date": days_array(day),
        "targeted": pa.array(lines.targeted),
        "available": pa.array(lines.said),
        "shelf_price": pa.array(_prices(world, block, at, lines), mask=~lines.said),
        "display_agreed": pa.array(lines.agreed),
        "display_found": pa.array(lines.seen, mask=~lines.agreed),
        "points_possible": pa.array(points, mask=points == 0),
        "points_earned": pa.array(earned, mask=points == 0),
    }


def _points(lines: _Lines) -> tuple[Floats, Floats]:
    """Return points possible and earned; what does not apply is worth nothing."""
    possible = POINTS_SHELF * lines.targeted + POINTS_DISPLAY * lines.agreed
    earned = POINTS_SHELF * (lines.targeted & lines.said)
    return possible, earned + POINTS_DISPLAY * (lines.agreed & lines.seen)


def _prices(world: World, block: Block, at: Places, lines: _Lines) -> Floats:
    """Return the price on the label: the till's, or one that was typed wrongly."""
    week = at.week[lines.row]
    retailer = int(world.stores.retailer[block.of[0]])
    regular = world.prices[retailer, world.of_category(block.category)][lines.item, week]
    paid = regular * (1 - block.drivers.cut[at.store[lines.row], lines.item, week])
    wrong = lines.draws[:, 2] < world.assumed.audit_price_error
    typed = np.where(lines.draws[:, 3] < 0.5, 0.9, 1.1)
    return np.round(np.where(wrong, paid * typed, paid), 2).astype(np.float64)
