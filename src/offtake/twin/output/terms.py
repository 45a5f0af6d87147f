"""Rows on terms: what our promotions cost, what a unit earns, what shoppers do without an item."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.assumptions import reaction
from offtake.twin.market.stores import RETAILERS
from offtake.twin.market.terms import margins, promotion_costs
from offtake.twin.market.world import World
from offtake.twin.tables import Made, coded, days_array


def term_rows(world: World) -> Made:
    """Return what a manufacturer knows of its own money and of shoppers: nothing of competitors."""
    return Made(
        {
            "promotion_cost": _promotion_costs(world),
            "unit_margin": _unit_margins(world),
            "stockout_response": _stockout_responses(world),
        }
    )


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


def _stockout_responses(world: World) -> pa.Table:
    """Return what shoppers do who find an item missing, as a study of each category would say."""
    found = [reaction(name) for name in world.names]
    shares = {
        "same_brand": [each.same_brand for each in found],
        "other_brand": [each.other_brand for each in found],
        "other_store": [each.other_store for each in found],
        "later": [each.delay for each in found],
        "given_up": [each.no_purchase for each in found],
    }
    return pa.table(
        {
            "category": pa.array(world.names, pa.string()),
            **{name: pa.array(np.round(100 * np.array(each))) for name, each in shares.items()},
        }
    )
