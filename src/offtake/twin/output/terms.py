"""Rows on money: what our promotions cost, what a unit of ours earns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.market.stores import RETAILERS
from offtake.twin.market.terms import margins, promotion_costs
from offtake.twin.market.world import World
from offtake.twin.tables import Made, coded, days_array


def term_rows(world: World) -> Made:
    """Return what a manufacturer knows of its own money: nothing about competitors."""
    return Made({"promotion_cost": _promotion_costs(world), "unit_margin": _unit_margins(world)})


def _promotion_costs(world: World) -> pa.Table:
    found = promotion_costs(world)
    return pa.table(
        {
            "promotion_id": pa.array(world.events.ids[found.event], pa.string()),
            "fixed_cost": pa.array(found.fixed),
            "cost_per_unit": pa.array(found.per_unit),
        }
    )


def _unit_margins(world: World) -> pa.Table:
    found = margins(world)
    retailer, item, year = np.indices(found.money.shape).reshape(3, -1)
    return pa.table(
        {
            "product_id": coded(world.items.ids[found.item], item),
            "retailer": coded(np.array(RETAILERS), retailer),
            "valid_from": days_array(world.weeks[found.week[year]]),
            "margin": pa.array(found.money.ravel()),
        }
    )
