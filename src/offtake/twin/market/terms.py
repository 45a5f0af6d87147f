"""Money: what our promotions cost us, and what a unit of ours earns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.distribution import draw_distribution
from offtake.twin.market.events import NONE, Events, any_item
from offtake.twin.market.shelf import blocks_of_stores
from offtake.twin.market.stores import RETAILERS
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

CENTS, FINE = 2, 4
"""Decimals of sums of money, and of money per unit."""


@dataclass(frozen=True, slots=True)
class PromotionCosts:
    """What N promotions of ours cost; we know nobody else's.

    Parameters
    ----------
    event
        (N,) numbers of the events.
    fixed
        (N,) money, however much is sold.
    per_unit
        (N,) money for each unit sold on promotion.
    """

    event: Ints
    fixed: Floats
    per_unit: Floats


@dataclass(frozen=True, slots=True)
class Margins:
    """What a unit of our Q items earns at the R retailers, before the cost of promotions.

    Parameters
    ----------
    item
        (Q,) numbers of the items.
    week
        (Y,) weeks in which terms are agreed anew: the first one, and the first of every year.
    money
        (R, Q, Y) money per unit, from that week on.
    """

    item: Ints
    week: Ints
    money: Floats


def promotion_costs(world: World) -> PromotionCosts:
    """Return what our promotions cost, as agreed: a display is paid for, stood or not.

    A promotion whose items no store has on its list was agreed with nobody, and is none.
    """
    events, assumed = world.events, world.assumed
    stores = agreed_stores(world)
    ours = np.flatnonzero(events.held & (stores > 0))
    displays = events.display * events.weeks * stores
    leaflets = events.feature * item_weeks(events) * _stores_of(world)[events.retailer]
    fixed = assumed.display_fee * displays + assumed.leaflet_fee * leaflets
    per_unit = assumed.cut_funded * events.cut * _regular_prices(world)
    return PromotionCosts(
        event=ours, fixed=fixed[ours].round(CENTS), per_unit=per_unit[ours].round(FINE)
    )


def agreed_stores(world: World) -> Ints:
    """Return with how many stores each event of ours was agreed, (E,); 0 for the others.

    It is agreed with the stores that list an item of it at any time of the event.
    """
    events, own = world.events, np.flatnonzero(world.items.own)
    found = np.zeros(events.count, dtype=np.int64)
    for of in blocks_of_stores(world):
        event = events.of[world.stores.retailer[of[0]], own]
        found += any_item(event, _listed(world, of)[:, own], events.count).sum(axis=0)
    return found


def _listed(world: World, of: Ints) -> Bools:
    listings = draw_distribution(
        world.spec, world.items, world.stores, world.assumed, of=of, delisted=world.delisted
    )
    return listings.on_list(world.spec.weeks)


def item_weeks(events: Events) -> Ints:
    """Return how many weeks the items of each event are in it, all items together, (E,)."""
    return np.bincount(events.of[events.of != NONE], minlength=events.count)


def _stores_of(world: World) -> Ints:
    return np.bincount(world.stores.retailer, minlength=len(RETAILERS))


def _regular_prices(world: World) -> Floats:
    """Return the mean regular price of the items of each event over its weeks, (E,)."""
    events = world.events
    planned = events.of != NONE
    total = np.bincount(events.of[planned], world.prices[planned], minlength=events.count)
    return total / np.maximum(item_weeks(events), 1)


def margins(world: World) -> Margins:
    """Return what our items earn: a share of the regular price in the week terms are agreed."""
    own = np.flatnonzero(world.items.own)
    year = world.weeks.astype("datetime64[Y]").astype(np.int64)
    agreed = np.append(0, 1 + np.flatnonzero(np.diff(year)))
    share = margin_shares(world.spec, len(world.items.ids), world.assumed)[own]
    money = share[None, :, None] * world.prices[:, own][:, :, agreed]
    return Margins(item=own, week=agreed, money=money.round(FINE))


def margin_shares(spec: TwinSpec, items: int, assumed: Assumptions) -> Floats:
    """Draw the part of its regular price that the manufacturer of each item earns, (P,)."""
    middle = np.log(assumed.unit_margin / (1 - assumed.unit_margin))
    draws = stream(spec.seed, "margins").standard_normal(items)
    shares: Floats = 1 / (1 + np.exp(-(middle + assumed.unit_margin_spread * draws)))
    return shares
