"""What a campaign is expected to add, worked out and not counted: the truth of the campaigns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Floats, Ints
from offtake.twin.assumptions import reaction
from offtake.twin.market.world import World
from offtake.twin.shoppers.campaigns import Campaigns
from offtake.twin.shoppers.households import Households
from offtake.twin.shoppers.lines import Shoppers
from offtake.twin.shoppers.offer import DAYS, Offer
from offtake.twin.shoppers.purchases import brand_rate, day_weights, part_of
from offtake.twin.shoppers.winning import Won
from offtake.twin.tables import coded


@dataclass(frozen=True, slots=True)
class Kept:
    """What comes of a wish for a brand in B stores and W weeks, by usual day of the household.

    `share` is the expected part that ends in a purchase of the brand, `money` the expected price
    paid; (B, W, 7) each.
    """

    share: Floats
    money: Floats


def kept(world: World, offer: Offer, brand: int, weeks: Ints) -> Kept:
    """Work out what comes of a wish for one brand of a category.

    Shoppers who find an item missing take another of the brand if there is one, come back a week
    later, or are lost to it.
    """
    items = offer.items[brand][offer.real[brand]]
    place = np.arange(len(offer.weight))[:, None, None, None]
    item, week = items[None, :, None, None], weeks[None, None, :, None]
    day = DAYS * week + np.arange(DAYS)
    later, last = day + DAYS, DAYS * offer.season.shape[0] - 1
    weight = offer.weight[place, item, week]
    total = weight.sum(axis=1, keepdims=True)
    weight = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    there = offer.found(place, item, day)
    again = (later <= last) & offer.found(place, item, np.minimum(later, last))
    react = reaction(world.names[offer.block.category])
    missed = (weight * ~there).sum(axis=1, keepdims=True)
    left = (weight * there).sum(axis=1, keepdims=True)
    more = np.divide(missed, left, out=np.zeros_like(left), where=left > 0)
    now = weight * there * (1 + react.same_brand * more)
    then = react.delay * weight * ~there * again
    price = offer.price(place, item, week)
    price_then = offer.price(place, item, np.minimum(later, last) // DAYS)
    mix = _days(world)
    share = (now + then).sum(axis=1) @ mix
    return Kept(share, (now * price + then * price_then).sum(axis=1) @ mix)


def _days(world: World) -> Floats:
    """Return the chance of every day (row) for households with every usual day (column)."""
    usual = world.assumed.main_day
    return usual * np.eye(DAYS) + (1 - usual) * day_weights(world)[:, None]


def expected(
    world: World,
    offers: tuple[Offer, ...],
    shoppers: Shoppers,
    campaigns: Campaigns,
    *,
    won: Won,
) -> tuple[Floats, Floats]:
    """Return expected units and money that every campaign adds to its brand, (M, H) each.

    The difference to a world in which this campaign reached nobody. Given how households had been
    won until then: what a campaign changes about that is left out.
    """
    units = np.zeros((campaigns.count, shoppers.count))
    money = np.zeros_like(units)
    for campaign in range(campaigns.count):
        offer = offers[int(world.brands.category[campaigns.brand[campaign]])]
        reached = np.flatnonzero(campaigns.contacted[campaign, shoppers.number])
        found = _added(world, offer, (shoppers, reached), (campaigns, campaign), won)
        units[campaign, reached], money[campaign, reached] = found
    return units, money


def _added(
    world: World,
    offer: Offer,
    reached: tuple[Shoppers, Ints],
    which: tuple[Campaigns, int],
    won: Won,
) -> tuple[Floats, Floats]:
    shoppers, (campaigns, campaign) = part_of(*reached), which
    weeks = np.flatnonzero(campaigns.log_lift[campaign] > 0)
    brand = int(campaigns.brand[campaign])
    within = brand - offer.first_brand
    wishes = brand_rate(offer, shoppers, within, weeks)
    wishes = wishes * np.expm1(campaigns.log_lift[campaign, weeks])
    wishes *= _repeat(reached[0].count, won, brand, weeks)[reached[1]]
    wishes *= 1 + world.assumed.extra_units
    comes = kept(world, offer, within, weeks)
    units = (wishes * comes.share[shoppers.place, :, shoppers.main_day]).sum(axis=1)
    return units, (wishes * comes.money[shoppers.place, :, shoppers.main_day]).sum(axis=1)


def _repeat(count: int, won: Won, brand: int, weeks: Ints) -> Floats:
    """Return the factor on purchases of a brand by how each was won before, shape (H, W)."""
    factor = np.ones((count, len(weeks)))
    mine = np.flatnonzero((won.brand == brand) & (won.repeat != 1))
    before = won.day[mine, None] // DAYS < weeks
    factor[won.household[mine]] = np.where(before, won.repeat[mine, None], 1.0)
    return factor


def expected_rows(
    households: Households,
    shoppers: Shoppers,
    campaigns: Campaigns,
    found: tuple[Floats, Floats],
) -> pa.Table:
    """Return truth 'campaign_household', one row for every campaign and household."""
    units, money = found
    campaign = np.repeat(np.arange(campaigns.count), shoppers.count)
    who = np.tile(np.arange(shoppers.count), campaigns.count)
    return pa.table(
        {
            "campaign_id": coded(campaigns.ids, campaign),
            "household_id": coded(households.ids[shoppers.number], who),
            "propensity": campaigns.propensity[:, shoppers.number].ravel(),
            "contacted": campaigns.contacted[:, shoppers.number].ravel(),
            "incremental_units": units.ravel(),
            "incremental_value": money.ravel(),
        }
    )
