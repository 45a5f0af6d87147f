"""Campaigns to chosen households: whom they contact, what they do, and their coupons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.optimize import brentq
from scipy.special import expit

from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.shoppers.counted import counted
from offtake.twin.shoppers.households import Households
from offtake.twin.tables import Made, coded, days_array

DAYS = 7


@dataclass(frozen=True, slots=True)
class Campaigns:
    """M campaigns to H households over T weeks.

    Parameters
    ----------
    ids, brand
        (M,) campaign ids, and the brand each speaks for.
    start, weeks
        (M,) first week and length in weeks.
    lift
        (M,) log lift of a contacted household's purchases of the brand while it runs.
    log_lift
        (M, T) the lift in every week; it fades when the campaign is over.
    propensity
        (M, H) probability of being contacted.
    contacted
        (M, H) whether contacted.
    holds
        (M, H) whether the household will hand in its coupon, once it buys.
    face
        (M,) face value of the coupon, money.
    """

    ids: Texts
    brand: Ints
    start: Ints
    weeks: Ints
    lift: Floats
    log_lift: Floats
    propensity: Floats
    contacted: Bools
    holds: Bools
    face: Floats

    @property
    def count(self) -> int:
        """How many campaigns."""
        return len(self.ids)

    def first_day(self) -> Ints:
        """Return the first day of each, counted from the first Monday, shape (M,)."""
        return self.start * DAYS

    def last_day(self) -> Ints:
        """Return the last day of each, shape (M,)."""
        return (self.start + self.weeks) * DAYS - 1


def draw_campaigns(world: World, households: Households) -> Campaigns:
    """Draw the campaigns of our brands, and whom they contact.

    Without the effect "campaigns" the same households are contacted, but nobody does anything
    about it: lifts are 0 and no coupon is handed in.
    """
    spec, assumed = world.spec, world.assumed
    start = _starts(world)
    many = len(start)
    random = stream(spec.seed, "campaigns")
    brand = np.resize(random.permutation(np.flatnonzero(world.brands.own)), many)
    acts = float(spec.has("campaigns"))
    draws = stream(spec.seed, "campaigns", "lift").standard_normal(many)
    lift = acts * assumed.campaign_lift * np.exp(assumed.campaign_spread * draws)
    weeks = np.minimum(round(assumed.campaign_weeks), spec.weeks - start)
    chance = np.stack([_propensity(world, households, int(each)) for each in brand])
    index = np.arange(many)[:, None] * households.count + np.arange(households.count)
    contacted = counted(spec.seed, "campaigns", "contact", index=index) < chance
    hands_in = counted(spec.seed, "campaigns", "coupon", index=index) < assumed.redemption * acts
    return Campaigns(
        ids=np.array([f"M{number:03d}" for number in range(1, many + 1)], dtype=np.str_),
        brand=brand,
        start=start,
        weeks=weeks,
        lift=lift,
        log_lift=lift[:, None] * _course(start, weeks, spec.weeks, assumed.campaign_fade),
        propensity=chance,
        contacted=contacted,
        holds=contacted & hands_in,
        face=np.round(assumed.coupon_value * _brand_price(world)[brand], 2),
    )


def _starts(world: World) -> Ints:
    """Return the first weeks: evenly spaced, the first one third of a space after the start."""
    every = world.spec.campaign_every or world.assumed.campaign_every
    many = max(1, int(world.spec.weeks // every))
    return np.floor((np.arange(many) + 1 / 3) * world.spec.weeks / many).astype(np.int64)


def _course(start: Ints, weeks: Ints, horizon: int, fade: float) -> Floats:
    """Return the part of the lift that acts in every week, shape (M, T).

    It is 1 while the campaign runs and falls in a straight line to 0 in the weeks after.
    """
    after = np.arange(horizon) - (start + weeks)[:, None]
    fading = np.clip(1 - (after + 1) / (fade + 1), 0.0, 1.0)
    begun = np.arange(horizon) >= start[:, None]
    return np.where(after < 0, 1.0, fading) * begun


def _propensity(world: World, households: Households, brand: int) -> Floats:
    """Return who is how likely to be contacted: heavy buyers more, the mean as assumed."""
    rate = households.rate[:, world.brands.category[brand]]
    if not len(rate):
        return rate
    spread = float(rate.std()) or 1.0
    score = world.assumed.campaign_selection * (rate - rate.mean()) / spread
    reach = world.assumed.campaign_reach
    level = brentq(lambda base: float(expit(base + score).mean()) - reach, -60, 60)
    chance: Floats = expit(level + score)
    return chance


def _brand_price(world: World) -> Floats:
    prices = np.zeros(len(world.brands.names))
    np.add.at(prices, world.items.brand, world.items.price * world.items.share_of_brand)
    return prices


def campaign_rows(world: World, households: Households, campaigns: Campaigns) -> Made:
    """Return the rows of 'campaign', 'campaign_contact' and 'coupon', and truth 'campaign'.

    Truth 'campaign' has campaign_id, brand, first_day, last_day and lift (log).
    """
    everyone = np.arange(campaigns.count)
    days = {
        "first_day": days_array(world.weeks[0] + campaigns.first_day()),
        "last_day": days_array(world.weeks[0] + campaigns.last_day()),
    }
    named = {
        "campaign_id": coded(campaigns.ids, everyone),
        "brand": coded(world.brands.names, campaigns.brand),
    }
    names = [
        f"{world.brands.names[brand]} {number + 1}" for number, brand in enumerate(campaigns.brand)
    ]
    kind = coded(np.array(["mailing with coupon"]), np.zeros_like(everyone))
    plan = pa.table({**named, "name": names, "kind": kind, **days})
    return Made(
        {
            "campaign": plan,
            "campaign_contact": _contacts(world, households, campaigns),
            "coupon": _coupons(world, campaigns),
        },
        {"campaign": pa.table({**named, **days, "lift": pa.array(campaigns.lift)})},
    )


def _contacts(world: World, households: Households, campaigns: Campaigns) -> pa.Table:
    campaign, household = np.nonzero(campaigns.contacted)
    return pa.table(
        {
            "campaign_id": coded(campaigns.ids, campaign),
            "household_id": coded(households.ids, household),
            "contacted": days_array(world.weeks[0] + campaigns.first_day()[campaign]),
        }
    )


def coupon_ids(campaigns: Campaigns) -> Texts:
    """Return the code of the coupon of every campaign, shape (M,)."""
    return np.char.add("Q", campaigns.ids)


def _coupons(world: World, campaigns: Campaigns) -> pa.Table:
    campaign, item = np.nonzero(world.items.brand[None, :] == campaigns.brand[:, None])
    return pa.table(
        {
            "campaign_id": coded(campaigns.ids, campaign),
            "coupon_id": coded(coupon_ids(campaigns), campaign),
            "product_id": coded(world.items.ids, item),
        }
    )
