"""How households are won for a brand, what that does to their later purchases, and coupons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.market.world import World
from offtake.twin.shoppers.campaigns import Campaigns
from offtake.twin.shoppers.counted import counted
from offtake.twin.shoppers.lines import Lines, Shoppers, starts

TRIGGERS = ("coupon", "display", "leaflet", "deal", "full price")
"""How a household can be won, what comes first counting where several apply: a deal is a trigger
by itself where nothing else told of it."""
COUPON, DISPLAY, LEAFLET, DEAL, FULL_PRICE = range(len(TRIGGERS))


@dataclass(frozen=True, slots=True)
class Won:
    """N first purchases of a brand by a household; (N,) each.

    `household` is the place among the shoppers, `trigger` an index into :data:`TRIGGERS`,
    `on_deal` whether the price was cut, and `repeat` the factor on all later purchases of the
    brand.
    """

    household: Ints
    brand: Ints
    day: Ints
    trigger: Ints
    on_deal: Bools
    repeat: Floats


@dataclass(frozen=True, slots=True)
class Bought:
    """What some households bought in the end.

    Parameters
    ----------
    lines
        N purchases in order of household, brand and day.
    coupon
        (N,) number of the campaign whose coupon was handed in, or -1.
    won
        First purchases.
    """

    lines: Lines
    coupon: Ints
    won: Won


def win(world: World, campaigns: Campaigns, shoppers: Shoppers, lines: Lines) -> Bought:
    """Find out how households were won, and take away what those won on a deal do not buy again.

    A household that first bought a brand at a cut price likes it less than its preference says:
    each later purchase of the brand stays with probability ``deal_won_repeat`` and is else not
    made. In a world in which price cuts do nothing, they do not do this either.
    """
    key = _pair(world, lines)
    order = np.argsort(key * world.spec.weeks * 7 + lines.day, kind="stable")
    lines, key = lines.take(order), key[order]
    coupon = _coupon(world, campaigns, shoppers, lines)
    first = starts(key)
    on_deal = (lines.paid < lines.regular)[first]
    acts = on_deal & world.spec.has("promoted_price")
    repeat = np.where(acts, world.assumed.deal_won_repeat, 1.0)
    won = Won(
        household=lines.household[first],
        brand=lines.brand[first],
        day=lines.day[first],
        trigger=_trigger(lines, coupon)[first],
        on_deal=on_deal,
        repeat=repeat,
    )
    uniform = counted(world.spec.seed, "repeat", index=_index(world, lines))
    kept = first | (uniform < repeat[np.cumsum(first) - 1])
    return Bought(lines.take(kept), _once(lines.household[kept], coupon[kept]), won)


def _pair(world: World, lines: Lines) -> Ints:
    return lines.household * len(world.brands.names) + lines.brand


def _index(world: World, lines: Lines) -> Ints:
    """Return an identity over all categories."""
    return lines.identity + (world.items.category[lines.item] << 50)


def _coupon(world: World, campaigns: Campaigns, shoppers: Shoppers, lines: Lines) -> Ints:
    """Return the campaign whose coupon could be handed in with each purchase, or -1."""
    coupon = np.full(lines.count, -1)
    own = np.flatnonzero(world.brands.own[lines.brand])
    brand, day, number = lines.brand[own], lines.day[own], shoppers.number[lines.household[own]]
    first, last = campaigns.first_day(), campaigns.last_day()
    for campaign in range(campaigns.count):
        able = np.flatnonzero(
            (brand == campaigns.brand[campaign])
            & (day >= first[campaign])
            & (day <= last[campaign])
        )
        able = able[campaigns.holds[campaign, number[able]]]
        coupon[own[able]] = campaign
    return coupon


def _trigger(lines: Lines, coupon: Ints) -> Ints:
    conditions = [coupon >= 0, lines.display, lines.leaflet, lines.paid < lines.regular]
    return np.select(conditions, [COUPON, DISPLAY, LEAFLET, DEAL], default=FULL_PRICE)


def _once(household: Ints, coupon: Ints) -> Ints:
    """Keep the first of every household and campaign: nobody has two of one coupon."""
    able = np.flatnonzero(coupon >= 0)
    pair = household[able] * (int(coupon.max(initial=0)) + 1) + coupon[able]
    first = able[np.unique(pair, return_index=True)[1]]
    used = np.full(len(coupon), -1)
    used[first] = coupon[first]
    return used
