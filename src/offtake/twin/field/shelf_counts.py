"""Counts of the whole shelf, ours and competitors', at some visits: what share of it is ours."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Floats
from offtake.twin.field.sight import Places, live_here
from offtake.twin.field.visits import arrivals, visit_ids
from offtake.twin.market.block import Block
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import Made, coded, constant, days_array

CHECK = "share of shelf"
FACINGS = 3.0
MOST_FACINGS = 16
WIDTHS = (9.0, 10.0, 12.0, 14.0, 16.0, 18.0)
"""Width of one facing by pack size, cm."""


def shelf_counts(world: World, block: Block, at: Places) -> Made:
    """Return a line for every item on the shelf at the visits that count it.

    Each category has its turn every `shelf_count_weeks` weeks.
    """
    every = int(world.assumed.shelf_count_weeks)
    counting = np.flatnonzero(at.week % every == block.category % every)
    items = np.arange(world.spec.items)
    some = Places(*(getattr(at, name)[counting] for name in Places.__slots__))
    row, item = np.nonzero(live_here(block, some, items))
    store = some.store[row]
    facings = np.maximum(
        true_facings(world, block)[store, item] + _slips(world, block, some)[row, item], 1
    )
    width = np.array(WIDTHS)[world.items.size[world.of_category(block.category)]][item]
    ids = world.items.ids[world.of_category(block.category)]
    return Made(
        {
            "audit_line": pa.table(
                {
                    "visit_id": coded(visit_ids(world, some.visit), row),
                    "product_id": coded(ids, item),
                    "check_name": constant(CHECK, len(row)),
                    "store_id": coded(world.stores.ids[block.of], store),
                    "date": days_array(arrivals(world, some.visit)[row]),
                    "targeted": pa.array(np.zeros(len(row), dtype=bool)),
                    "facings": pa.array(facings),
                    "shelf_cm": pa.array(facings * width),
                }
            )
        }
    )


def true_facings(world: World, block: Block) -> Floats:
    """Return the facings of every item in every store, (B, J): more for what sells."""
    noise = np.stack(
        [
            stream(world.spec.seed, "facings", block.category, int(store)).standard_normal(
                world.spec.items
            )
            for store in block.of
        ]
    )
    rate = world.items.log_rate[world.of_category(block.category)]
    size = world.stores.size[block.of, None]
    log_facings = 0.5 * (rate - rate.mean()) + 0.5 * size + 0.25 * noise
    facings: Floats = np.clip(np.rint(FACINGS * np.exp(log_facings)), 1, MOST_FACINGS)
    return facings


def _slips(world: World, block: Block, at: Places) -> Floats:
    """Return by how much a count is off, (n, J): one too many or too few, sometimes."""
    many = np.bincount(at.store, minlength=len(block.of))
    draws = np.concatenate(
        [
            stream(world.spec.seed, "shelf count", block.category, int(store)).random(
                (n, world.spec.items, 2)
            )
            for store, n in zip(block.of, many, strict=True)
        ]
    )
    wrong = draws[..., 0] < world.assumed.audit_count_error
    return np.where(draws[..., 1] < 0.5, -1.0, 1.0) * wrong
