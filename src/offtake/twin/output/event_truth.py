"""What every promotion truly did, by switching it off alone.

With every other effect and the availability of the shelves as they were, demand is worked out
without the event; the difference is its effect. It splits exactly into what the promoted items
gained in the weeks of the event, and where that came from: the brand's other items, competitors,
other weeks, and growth of the category.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.block import Block, own_support, pull_in_force
from offtake.twin.market.events import NONE, any_item
from offtake.twin.market.stores import RETAILERS
from offtake.twin.market.world import World
from offtake.twin.tables import coded, days_array

PARTS = ("event_items", "own_other_items", "competitors", "other_weeks")


@dataclass(frozen=True, slots=True)
class _Reach:
    """One event in one block: its items, its weeks, and the weeks after in which it still acts."""

    mine: Bools
    mates: Bools
    weeks: Ints
    after: Ints


@dataclass(frozen=True, slots=True)
class _Around:
    """What all events of a block share.

    ``pull`` (J, J) and ``dips`` (L,) as in force, ``planned`` (B, J, T), the log support had all
    been done that was agreed, ``planned_in`` (B, E), which stores an event was agreed with, and
    ``shown`` (B, E), where a display stood with something on it.
    """

    pull: Floats
    dips: Floats
    planned: Floats
    planned_in: Bools
    shown: Bools


def event_truth(world: World, block: Block) -> pa.Table:
    """Return the true effect of every event of the block, one row per event with its stores.

    Units are expected units. Columns ``*_demand`` are what shoppers wanted; ``*_sales`` what was
    there to be bought, the availability of the shelves held as it was. ``*_planned`` is what
    demand would have been had every store done all that was agreed.
    """
    dips = world.responses[block.category].dips
    around = _Around(
        pull=pull_in_force(world, block.category),
        dips=dips if world.spec.has("stockpiling") else dips[:0],
        planned=_as_planned(world, block),
        planned_in=planned_in(world, block),
        shown=shown_in(block),
    )
    held = np.flatnonzero(world.events.held[block.which])
    rows = [_row(world, block, int(number), around) for number in held]
    return _table(world, block, held, rows)


def _row(world: World, block: Block, number: int, around: _Around) -> dict[str, float]:
    reach = _reach(world, block, number, len(around.dips))
    span = slice(reach.weeks[0], reach.weeks[-1] + len(reach.after) + 1)
    change = _log_change(reach, block.support, around)
    demand = block.demand[:, :, span]
    done = _parts(reach, demand, change)
    sold = _parts(reach, demand * (1 - block.outages.lost_week[:, :, span]), change)
    # Demand as it would be as planned: the support that was not executed comes on top.
    full = _log_change(reach, around.planned, around)
    planned = _parts(reach, demand * np.exp(full - change), full)
    found = block.execution
    return {
        **{f"{name}_demand": done[name] for name in PARTS},
        **{f"{name}_sales": sold[name] for name in PARTS},
        **{f"{name}_planned": planned[name] for name in PARTS},
        "base_demand": done["base"],
        "base_sales": sold["base"],
        "stores": float(around.planned_in[:, number].sum()),
        "stores_displayed": float(around.shown[:, number].sum()),
        "display_days": float((found.stood * around.shown)[:, number].sum()),
    }


def _reach(world: World, block: Block, number: int, acting: int) -> _Reach:
    brand = world.items.brand[world.of_category(block.category)]
    event = block.which[number]
    start, weeks = world.events.start[event], world.events.weeks[event]
    mine = (block.event == number).any(axis=1)
    last = min(start + weeks + acting, world.spec.weeks)
    return _Reach(
        mine=mine,
        mates=(brand == world.events.brand[event]) & ~mine,
        weeks=np.arange(start, start + weeks),
        after=np.arange(start + weeks, last),
    )


def _parts(reach: _Reach, demand: Floats, change: Floats) -> dict[str, float]:
    """Return the effect of one event in units, by where it falls; losses are negative.

    `demand` and `change` (of log demand, by the event) are (B, J, during + after).
    """
    during = len(reach.weeks)
    effect = demand * -np.expm1(-change)
    total = effect.sum(axis=0)
    mine = float(total[reach.mine, :during].sum())
    return {
        "event_items": mine,
        "own_other_items": float(total[reach.mates, :during].sum()),
        "competitors": float(total[~(reach.mine | reach.mates), :during].sum()),
        "other_weeks": float(total[:, during:].sum()),
        "base": float(demand[:, reach.mine, :during].sum()) - mine,
    }


def _log_change(reach: _Reach, support: Floats, around: _Around) -> Floats:
    """Return what the event's support adds to log demand, (B, J, during + after)."""
    mine = np.flatnonzero(reach.mine)
    during, after = len(reach.weeks), len(reach.after)
    acts = support[:, mine, reach.weeks[0] : reach.weeks[0] + during]
    change = np.zeros((len(support), support.shape[1], during + after))
    np.matmul(-around.pull[:, mine], acts, out=change[:, :, :during])
    change[:, mine, :during] += acts
    for lag, strength in enumerate(around.dips, start=1):
        upto = min(during, during + after - lag)
        change[:, mine, lag : lag + upto] -= strength * acts[:, :, :upto]
    return change


def _as_planned(world: World, block: Block) -> Floats:
    """Return the log support of the items had everything agreed been done, (B, J, T)."""
    events, event = world.events, block.event
    here = block.which[event] if len(block.which) else np.zeros_like(event)
    active = (event != NONE) & (len(block.which) > 0)
    drivers = block.drivers
    planned = replace(
        drivers,
        cut=np.where(active, events.cut[here], 0.0) * drivers.live,
        display_days=np.where(active & events.display[here], DAYS, 0) * drivers.live,
        feature=np.where(active & events.feature[here], 1.0, 0.0) * drivers.live,
    )
    return own_support(world, block.category, planned, world.spec.without)


COUNTED = (
    *(f"{part}_{kind}" for kind in ("demand", "sales", "planned") for part in PARTS),
    "base_demand", "base_sales", "stores", "stores_displayed", "display_days",
)  # fmt: skip


def planned_in(world: World, block: Block) -> Bools:
    """Return with which stores each event was agreed, (B, E): those that list an item of it."""
    listed = block.distribution.on_list(world.spec.weeks)
    return any_item(block.event, listed, len(block.which))


def shown_in(block: Block) -> Bools:
    """Return where a display stood with at least one of its items, (B, E)."""
    return any_item(block.event, block.drivers.display_days > 0, len(block.which))


def _table(world: World, block: Block, held: Ints, rows: list[dict[str, float]]) -> pa.Table:
    events, which = world.events, block.which[held]
    retailers: Texts = np.array(RETAILERS)
    columns = {name: pa.array([row[name] for row in rows], pa.float64()) for name in COUNTED}
    return pa.table(
        {
            "promotion_id": pa.array(events.ids[which]),
            "retailer": coded(retailers, events.retailer[which]),
            "brand": coded(world.brands.names, events.brand[which]),
            "category": coded(np.array(world.names), events.category[which]),
            "first_week": days_array(world.weeks[events.start[which]]),
            "weeks": pa.array(events.weeks[which]),
            "items": pa.array([int((block.event == n).any(axis=1).sum()) for n in held]),
            "cut": pa.array(events.cut[which]),
            "display": pa.array(events.display[which]),
            "feature": pa.array(events.feature[which]),
            **columns,
        }
    )
