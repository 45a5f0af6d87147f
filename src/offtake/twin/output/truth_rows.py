"""Truth about one block: outages, execution, listings, and demand by store, item and week."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Floats
from offtake.twin.field.shelf_counts import true_facings
from offtake.twin.kernels.outages import DAYS, runs
from offtake.twin.market.block import Block, log_demand, without_changes
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World
from offtake.twin.output.event_truth import planned_in, shown_in
from offtake.twin.spec import EFFECTS, Effect
from offtake.twin.tables import coded, days_array

SWITCHED: tuple[Effect, ...] = (
    "regular_price", "promoted_price", "display", "feature", "display_feature", "cannibalisation",
    "switching", "stockpiling", "media", "season", "holidays", "trend", "competitor_actions",
    "distribution_changes",
)  # fmt: skip
"""Effects on demand whose total is found by switching each off alone."""


def outage_truth(world: World, block: Block) -> pa.Table:
    """Return every out-of-stock: where, when it began, and its length in days of opening time."""
    out = block.outages
    mine = world.of_category(block.category)
    shelf, start, end = runs(
        out.store * world.spec.items + out.item, out.start, out.days, DAYS * world.spec.weeks
    )
    first = np.floor(start).astype(np.int64)
    return pa.table(
        {
            "store_id": coded(world.stores.ids[block.of], shelf // world.spec.items),
            "product_id": coded(world.items.ids[mine], shelf % world.spec.items),
            "start": days_array(world.weeks[0] + first),
            "start_share_of_day": pa.array(start - first),
            "days": pa.array(end - start),
        }
    )


def lost_truth(world: World, block: Block) -> pa.Table:
    """Return units lost by store, item and week, where anything was.

    ``lost_units`` are expected. ``missed_units`` adds what shoppers wanted who came for another
    item that was missing, or had found this one missing the week before: what an item there all the
    time would have sold more. ``missed_with_push`` is the same in the week as chance made it, which
    what sold in that week tells of.
    """
    lost = block.demand * block.outages.lost_week
    missed = (block.demand + block.received) * block.outages.lost_week
    store, item, week = np.nonzero(lost)
    mine = world.of_category(block.category)
    return pa.table(
        {
            "store_id": coded(world.stores.ids[block.of], store),
            "product_id": coded(world.items.ids[mine], item),
            "week": days_array(world.weeks[week]),
            "lost_units": _short(lost[store, item, week]),
            "missed_units": _short(missed[store, item, week]),
            "missed_with_push": _short((missed * block.push)[store, item, week]),
            "unavailable": _short(block.outages.lost_week[store, item, week]),
        }
    )


def _short(values: Floats) -> pa.Array:
    """Return values in single precision: there is one for every store, item and week."""
    return pa.array(values.astype(np.float32))


def execution_truth(world: World, block: Block) -> pa.Table:
    """Return what every store did with every display agreed with it.

    A display is agreed with a store that lists an item of the event. It counts as reached where it
    stood with something on it; `chance` is the store's own, void items apart.
    """
    which, done = block.which, block.execution
    agreed = planned_in(world, block) & world.events.display[which] & world.events.held[which]
    shown = shown_in(block)
    store, event = np.nonzero(agreed)
    start, weeks = world.events.start[which], world.events.weeks[which]
    return pa.table(
        {
            "promotion_id": pa.array(world.events.ids[which]).take(pa.array(event)),
            "store_id": coded(world.stores.ids[block.of], store),
            "chance": pa.array(done.chance[store, event]),
            "reached": pa.array(shown[store, event]),
            "days_agreed": pa.array(DAYS * weeks[event]),
            "days_stood": pa.array(np.where(shown, done.stood, 0)[store, event]),
            "put_up": days_array(world.weeks[0] + DAYS * start[event] + done.offset[store, event]),
        }
    )


def void_truth(world: World, block: Block) -> pa.Table:
    """Return the listings that never reached the shelf."""
    listings = block.distribution
    store, item = np.nonzero(listings.void & listings.listed)
    mine = world.of_category(block.category)
    return pa.table(
        {
            "store_id": coded(world.stores.ids[block.of], store),
            "product_id": coded(world.items.ids[mine], item),
        }
    )


def facing_truth(world: World, block: Block) -> pa.Table:
    """Return the facings that every listed item truly has in every store."""
    store, item = np.nonzero(block.distribution.listed & ~block.distribution.void)
    mine = world.of_category(block.category)
    return pa.table(
        {
            "store_id": coded(world.stores.ids[block.of], store),
            "product_id": coded(world.items.ids[mine], item),
            "facings": pa.array(true_facings(world, block)[store, item]),
        }
    )


def demand_truth(world: World, block: Block) -> pa.Table:
    """Return demand by store, item and week where the item is on the shelf.

    ``without_promotion`` is demand with every promotion, ours and competitors', switched off.
    """
    promotion: frozenset[Effect] = frozenset(
        ("promoted_price", "display", "feature", "display_feature")
    )
    base = log_demand(
        world, block.category, block.of, block.drivers, world.spec.without | promotion
    )
    store, item, week = np.nonzero(block.drivers.live)
    at = (store, item, week)
    mine = world.of_category(block.category)
    return pa.table(
        {
            "store_id": coded(world.stores.ids[block.of], store),
            "product_id": coded(world.items.ids[mine], item),
            "week": days_array(world.weeks[week]),
            "demand": pa.array(block.demand[at]),
            "without_promotion": pa.array(np.exp(base[at])),
            "log_support": pa.array(block.support[at]),
            "display_share": pa.array(block.drivers.display_days[at] / DAYS),
            "available": pa.array(1 - block.outages.lost_week[at]),
            "received": pa.array(block.received[at]),
            "expected": pa.array(block.expected[at]),
        }
    )


def effect_truth(world: World, block: Block) -> pa.Table:
    """Return by item, region and effect what demand loses when that effect alone is switched off.

    The parts do not sum to demand: effects multiply, and each is taken from the whole.
    """
    region = world.stores.region[block.of]
    parts = []
    for effect in SWITCHED:
        drivers = (
            without_changes(world, block) if effect == "distribution_changes" else block.drivers
        )
        off = log_demand(world, block.category, block.of, drivers, world.spec.without | {effect})
        change = (block.demand - np.exp(off) * drivers.live).sum(axis=2)
        by_region = np.zeros((len(REGIONS), change.shape[1]))
        np.add.at(by_region, region, change)
        parts.append(by_region)
    return _effect_table(world, block, np.stack(parts))


def _effect_table(
    world: World, block: Block, change: np.ndarray[tuple[int, int, int], np.dtype[np.float64]]
) -> pa.Table:
    effect, region, item = np.indices(change.shape).reshape(3, -1)
    mine = world.of_category(block.category)
    return pa.table(
        {
            "effect": coded(np.array(SWITCHED), effect),
            "region": coded(np.array(REGIONS), region),
            "product_id": coded(world.items.ids[mine], item),
            "units": pa.array(change.ravel()),
        }
    )


assert set(SWITCHED) < set(EFFECTS)  # noqa: S101  # both lists name the same effects
