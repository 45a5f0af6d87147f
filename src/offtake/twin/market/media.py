"""Media: who spends what where, and what it does to demand.

Spend per head goes through a geometric carry-over and a saturating (Hill) curve; the effect is a
log lift of the brand's demand in the region. It sells only where the product is on the shelf,
because demand without a product is no sale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats
from offtake.twin.assumptions import CHANNELS, Assumptions
from offtake.twin.kernels.media import geometric_adstock, hill
from offtake.twin.market.items import PRIVATE_LABEL, Brands, Items
from offtake.twin.market.stores import REGIONS, Stores
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

FLIGHT_WEEKS = 5.0
OFF_WEEKS = 6.0
ADVERTISERS = 3
"""In every category so many manufacturers advertise, the largest ones."""


@dataclass(frozen=True, slots=True)
class Media:
    """Media of B brands over K channels, G regions and T weeks.

    Parameters
    ----------
    advertised
        (B,) whether the brand advertises.
    spend
        (B, K, G, T) money.
    adstock
        (B, K, G, T) spend per head of a mean week, carried over.
    half
        (B, K) adstock at which half of the largest effect is reached.
    coefficient
        (B, K) largest log lift.
    effect
        (B, K, G, T) log lift.
    """

    advertised: Bools
    spend: Floats
    adstock: Floats
    half: Floats
    coefficient: Floats
    effect: Floats


def draw_media(
    spec: TwinSpec, brands: Brands, items: Items, stores: Stores, assumed: Assumptions
) -> Media:
    """Draw the media plans of all brands and work out what they do."""
    random = stream(spec.seed, "media")
    count, weeks = len(brands.names), spec.weeks
    channels = len(CHANNELS)
    advertised = _advertised(brands)
    budget = _weekly_budget(brands, items, stores, assumed)
    shape = (count, channels, len(REGIONS), weeks)
    flights = _flights(random, (count, channels, weeks))
    people = stores.region_shares
    heat = np.exp(assumed.regional_media_spread * random.standard_normal((count, 1, len(REGIONS))))
    weight = np.array([channel.budget for channel in CHANNELS])
    noise = np.exp(0.25 * random.standard_normal(shape))
    spend = (
        (budget * advertised)[:, None, None, None]
        * weight[None, :, None, None]
        * (heat * people)[:, :, :, None]
        * flights[:, :, None, :]
        * noise
    )
    spend = np.round(spend, 2)
    per_head = spend / np.maximum(people, 1e-9)[None, None, :, None]
    carry = np.array([channel.carry_over for channel in CHANNELS])
    adstock = geometric_adstock(per_head, carry[None, :, None])
    half = _typical(adstock)
    share = np.array([channel.effect for channel in CHANNELS])
    spread = np.exp(assumed.media_spread * random.standard_normal((count, channels)))
    wanted = assumed.media_elasticity * share[None, :] * spread * advertised[:, None]
    coefficient = wanted / _sensitivity(adstock, half)
    effect = coefficient[:, :, None, None] * hill(adstock, half[:, :, None, None])
    return Media(advertised, spend, adstock, half, coefficient, effect)


def _advertised(brands: Brands) -> Bools:
    place = np.zeros(len(brands.names), dtype=np.int64)
    for category in np.unique(brands.category):
        here = brands.category == category
        place[here] = np.arange(np.count_nonzero(here))
    advertised: Bools = (place < ADVERTISERS) & (brands.manufacturer != PRIVATE_LABEL)
    return advertised


def _weekly_budget(brands: Brands, items: Items, stores: Stores, assumed: Assumptions) -> Floats:
    """Return a brand's mean spend per week, a share of what it sells, shape (B,)."""
    market = np.exp(stores.size).sum() * assumed.listed
    money = np.exp(items.log_rate) * items.price * market
    sales = np.bincount(items.brand, money, minlength=len(brands.names))
    return np.asarray(sales, dtype=np.float64) * assumed.media_share_of_sales


def _flights(random: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
    """Return bursts of advertising with pauses between, mean about 1."""
    start, stay = 1 / OFF_WEEKS, 1 - 1 / FLIGHT_WEEKS
    draws = random.random(shape)
    on = np.zeros(shape)
    on[..., 0] = draws[..., 0] < 0.5
    for week in range(1, shape[-1]):
        chance = np.where(on[..., week - 1] > 0, stay, start)
        on[..., week] = draws[..., week] < chance
    return on * (1 + OFF_WEEKS / FLIGHT_WEEKS)


def _sensitivity(adstock: Floats, half: Floats) -> Floats:
    """Return the mean elasticity of a Hill curve of height 1 over the weeks on air, (B, K)."""
    at_half = half[:, :, None, None]
    slope = adstock * at_half / (adstock + at_half) ** 2
    weeks = np.maximum(np.count_nonzero(adstock > 0, axis=(2, 3)), 1)
    mean: Floats = np.maximum(slope.sum(axis=(2, 3)) / weeks, 1e-9)
    return mean


def _typical(adstock: Floats) -> Floats:
    """Return the mean adstock of the weeks in which there is any, shape (B, K)."""
    weeks = np.maximum(np.count_nonzero(adstock > 0, axis=(2, 3)), 1)
    typical: Floats = np.maximum(adstock.sum(axis=(2, 3)) / weeks, 1.0)
    return typical
