"""Baskets of the households of a block of stores, and what is true of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from offtake.twin.arrays import Floats, Ints, Texts
from offtake.twin.market.block import Block
from offtake.twin.market.world import World
from offtake.twin.shoppers.campaigns import Campaigns, coupon_ids
from offtake.twin.shoppers.expected import expected, expected_rows
from offtake.twin.shoppers.households import Households
from offtake.twin.shoppers.lines import Lines, Shoppers, joined, shoppers_of, starts
from offtake.twin.shoppers.offer import Offer, offer_of
from offtake.twin.shoppers.purchases import purchases
from offtake.twin.shoppers.winning import TRIGGERS, Bought, Won, win
from offtake.twin.tables import Made, coded, days_array, merged

CELLS = 5_000_000
"""Household x item x week cells that are worked on at once: bounds the memory."""
DAYS = 10_000
"""More days than any world has."""


def baskets(
    world: World,
    households: Households,
    campaigns: Campaigns,
    *,
    of: Ints,
    blocks: tuple[Block, ...],
) -> Made:
    """Let the households of some stores go shopping.

    Parameters
    ----------
    world, households, campaigns
        The world, its panel, and what is sent to the panel.
    of
        (B,) numbers of the stores, all of one retailer.
    blocks
        One for every category, of these stores in this order.

    Returns
    -------
    Made
        Rows of 'basket_line' and 'redemption'. Truth 'trial': household_id, brand, date, trigger,
        on_deal, repeat (factor on later purchases of the brand) and preference, one row for the
        first purchase of every brand by every household in the time simulated. Truth
        'campaign_household': campaign_id, household_id, propensity, contacted, incremental_units
        and incremental_value (expected, of the brand).

    Notes
    -----
    Households shop in one store. Those who would go elsewhere because an item is missing buy
    nothing that is seen. A household won on a deal buys the brand less often afterwards; what it
    does not buy any more it does not buy from other brands instead.
    """
    offers = tuple(offer_of(world, block) for block in blocks)
    return merged(
        _shop(world, households, shoppers, (campaigns, offers))
        for shoppers in _in_parts(world, households, of)
    )


def _in_parts(world: World, households: Households, of: Ints) -> Iterator[Shoppers]:
    number, place = households.of_stores(of)
    most = max(16, CELLS // (world.spec.items * world.spec.weeks))
    for first in range(0, max(len(number), 1), most):
        some = slice(first, first + most)
        yield shoppers_of(households, number[some], place[some])


def _shop(
    world: World,
    households: Households,
    shoppers: Shoppers,
    there: tuple[Campaigns, tuple[Offer, ...]],
) -> Made:
    campaigns, offers = there
    lines = joined([purchases(world, offer, shoppers, campaigns) for offer in offers])
    bought = win(world, campaigns, shoppers, lines)
    added = expected(world, offers, shoppers, campaigns, won=bought.won)
    ids = households.ids[shoppers.number]
    return Made(
        {
            "basket_line": _line_rows(world, households, shoppers, (campaigns, bought)),
            "redemption": _redemptions(world, campaigns, ids, bought),
        },
        {
            "trial": _trials(world, shoppers, ids, bought.won),
            "campaign_household": expected_rows(households, shoppers, campaigns, added),
        },
    )


def _line_rows(
    world: World,
    households: Households,
    shoppers: Shoppers,
    done: tuple[Campaigns, Bought],
) -> pa.Table:
    campaigns, bought = done
    order, line = _by_basket(world, bought.lines)
    lines, coupon = bought.lines.take(order), bought.coupon[order]
    number = shoppers.number[lines.household]
    paid = np.round(lines.units * lines.paid, 2)
    return pa.table(
        {
            "basket_id": _basket_ids(number, lines.day),
            "household_id": coded(households.ids[shoppers.number], lines.household),
            "store_id": coded(world.stores.ids, households.store[number]),
            "product_id": coded(world.items.ids, lines.item),
            "line": pa.array(line),
            "date": days_array(world.weeks[0] + lines.day),
            "units": pa.array(lines.units.astype(float)),
            "value": pa.array(paid),
            "retailer_discount": np.round(lines.units * (lines.regular - lines.paid), 2),
            "coupon_discount": np.minimum(_face(campaigns, coupon), paid),
        }
    )


def _by_basket(world: World, lines: Lines) -> tuple[Ints, Ints]:
    """Return the order of household, day and item, and the line of each in its basket and item."""
    key = (lines.household * DAYS + lines.day) * len(world.items.ids) + lines.item
    order = np.argsort(key, kind="stable")
    first = starts(key[order])
    at = np.arange(len(order))
    return order, at - np.maximum.accumulate(np.where(first, at, 0)) + 1


def _basket_ids(number: Ints, day: Ints) -> pa.Array:
    whole = pc.cast(pa.array((number + 1) * DAYS + day), pa.string())
    return pc.binary_join_element_wise("B", whole, "")


def _face(campaigns: Campaigns, coupon: Ints) -> Floats:
    """Return the face value of the coupon handed in; 0 where none was."""
    faces: Floats = np.append(campaigns.face, 0.0)[coupon]
    return faces


def _redemptions(world: World, campaigns: Campaigns, ids: Texts, bought: Bought) -> pa.Table:
    used = np.flatnonzero(bought.coupon >= 0)
    campaign = bought.coupon[used]
    return pa.table(
        {
            "campaign_id": coded(campaigns.ids, campaign),
            "household_id": coded(ids, bought.lines.household[used]),
            "coupon_id": coded(coupon_ids(campaigns), campaign),
            "date": days_array(world.weeks[0] + bought.lines.day[used]),
        }
    )


def _trials(world: World, shoppers: Shoppers, ids: Texts, won: Won) -> pa.Table:
    return pa.table(
        {
            "household_id": coded(ids, won.household),
            "brand": coded(world.brands.names, won.brand),
            "date": days_array(world.weeks[0] + won.day),
            "trigger": coded(np.array(TRIGGERS), won.trigger),
            "on_deal": pa.array(won.on_deal),
            "repeat": pa.array(won.repeat),
            "preference": pa.array(shoppers.preference[won.household, won.brand]),
        }
    )
