"""From what households want to what they take home: when, which brand, which item.

Campaigns add purchases to those that happen anyway. A Poisson process with a raised rate is the
sum of two independent ones (superposition), so that a world without campaigns has the very same
other purchases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.assumptions import reaction
from offtake.twin.kernels.draws import poisson_quantile
from offtake.twin.market.block import Block
from offtake.twin.market.events import NONE
from offtake.twin.market.world import World
from offtake.twin.shoppers.campaigns import Campaigns
from offtake.twin.shoppers.counted import counted, pick
from offtake.twin.shoppers.lines import Lines, Shoppers
from offtake.twin.shoppers.offer import DAYS, Offer

WEEKS = 1 << 11
MOST = 1 << 6
"""Purchases of a household in a category and week, at most."""
CAMPAIGN = 1 << 41
"""Identities below are of purchases that happen anyway: household, week and count together."""


@dataclass(frozen=True, slots=True)
class Wants:
    """N wishes: who wants which brand in which week; (N,) each.

    `household` is the place among the shoppers, `brand` counts within the category.
    """

    household: Ints
    week: Ints
    brand: Ints
    identity: Ints


def purchases(world: World, offer: Offer, shoppers: Shoppers, campaigns: Campaigns) -> Lines:
    """Return what some households buy in a category, in order of household, week and identity.

    Parameters
    ----------
    world, campaigns
        The world, and what is sent to its households.
    offer
        What the stores offer in the category.
    shoppers
        The households.
    """
    parts = [_anyway(world, offer, shoppers)]
    for campaign in range(campaigns.count):
        brand = int(campaigns.brand[campaign]) - offer.first_brand
        if 0 <= brand < len(offer.items):
            parts.append(_added(world, offer, shoppers, (campaigns, campaign)))
    wants = Wants(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Wants.__slots__)
    )
    return taken(world, offer, shoppers, wants)


def _uniform(world: World, offer: Offer, purpose: str, index: Ints) -> Floats:
    name = world.names[offer.block.category]
    return counted(world.spec.seed, "purchases", purpose, name, index=index)


def preference_in(offer: Offer, shoppers: Shoppers) -> Floats:
    """Return preferences between the brands of the category, shape (H, K)."""
    return shoppers.preference[:, offer.first_brand : offer.first_brand + len(offer.items)]


def occasion_rate(offer: Offer, shoppers: Shoppers) -> Floats:
    """Return expected purchases of the category by household and week, shape (H, T)."""
    preference = preference_in(offer, shoppers)
    rate = np.zeros((shoppers.count, offer.season.shape[0]))
    for brand in range(preference.shape[1]):
        rate += preference[:, brand, None] * offer.on_offer[shoppers.place, brand]
    rate *= shoppers.rate[:, offer.block.category, None] * offer.season
    return rate


def brand_rate(offer: Offer, shoppers: Shoppers, brand: int, weeks: Ints) -> Floats:
    """Return expected wishes for one brand, campaigns apart, shape (H, W)."""
    preference = preference_in(offer, shoppers)[:, :, None]
    there = offer.on_offer[shoppers.place[:, None], :, weeks].transpose(0, 2, 1)
    pull = offer.pull[shoppers.place[:, None], :, weeks].transpose(0, 2, 1) * preference
    total = pull.sum(axis=1)
    share = np.divide(pull[:, brand], total, out=np.zeros_like(total), where=total > 0)
    occasions = (preference * there).sum(axis=1) * offer.season[weeks]
    rate: Floats = shoppers.rate[:, offer.block.category, None] * occasions * share
    return rate


def counts_of(mean: Floats, uniform: Floats) -> Ints:
    """Return Poisson counts, none above :data:`MOST`; most of them are 0."""
    counts = np.zeros(mean.shape, dtype=np.int64)
    some = uniform > np.exp(-mean)
    counts[some] = poisson_quantile(uniform[some], mean[some])
    return np.minimum(counts, MOST)


def _anyway(world: World, offer: Offer, shoppers: Shoppers) -> Wants:
    mean = occasion_rate(offer, shoppers)
    cell = shoppers.number[:, None] * WEEKS + np.arange(mean.shape[1])
    counts = counts_of(mean, _uniform(world, offer, "occasions", cell))
    household, week, identity = _one_by_one(counts, cell)
    weights = preference_in(offer, shoppers)[household]
    weights = weights * offer.pull[shoppers.place[household], :, week]
    brand = pick(weights, _uniform(world, offer, "brand", identity))
    return Wants(household, week, brand, identity)


def _one_by_one(counts: Ints, cell: Ints) -> tuple[Ints, Ints, Ints]:
    """Return row, column and identity of every single purchase."""
    row, column = np.nonzero(counts)
    many = counts[row, column]
    at = np.repeat(np.arange(len(many)), many)
    turn = np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many)
    return row[at], column[at], cell[row[at], column[at]] * MOST + turn


def _added(world: World, offer: Offer, shoppers: Shoppers, which: tuple[Campaigns, int]) -> Wants:
    """Return what a campaign adds."""
    campaigns, campaign = which
    weeks = np.flatnonzero(campaigns.log_lift[campaign] > 0)
    reached = np.flatnonzero(campaigns.contacted[campaign, shoppers.number])
    some = part_of(shoppers, reached)
    brand = int(campaigns.brand[campaign]) - offer.first_brand
    mean = brand_rate(offer, some, brand, weeks) * np.expm1(campaigns.log_lift[campaign, weeks])
    cell = some.number[:, None] * WEEKS + weeks
    cell += (campaign + 1) * (CAMPAIGN // MOST)
    counts = counts_of(mean, _uniform(world, offer, "campaign", cell))
    household, week, identity = _one_by_one(counts, cell)
    return Wants(reached[household], weeks[week], np.full(len(household), brand), identity)


def part_of(shoppers: Shoppers, which: Ints) -> Shoppers:
    """Return some of the households."""
    return Shoppers(*(getattr(shoppers, name)[which] for name in Shoppers.__slots__))


def taken(world: World, offer: Offer, shoppers: Shoppers, wants: Wants) -> Lines:
    """Return what comes of wishes: an item on a day, another one, a week later, or nothing."""
    place = shoppers.place[wants.household]
    day = DAYS * wants.week + _weekday(world, offer, shoppers, wants)
    choice = pick(
        offer.item_weights(place, wants.brand, wants.week),
        _uniform(world, offer, "item", wants.identity),
    )
    item = offer.items[wants.brand, choice]
    brand, item, day = _reacted(world, offer, shoppers, (wants, wants.brand, item, day))
    kept = np.flatnonzero(item >= 0)
    household, place, day = wants.household[kept], place[kept], day[kept]
    brand, item, week, identity = brand[kept], item[kept], day // DAYS, wants.identity[kept]
    return Lines(
        household=household,
        brand=offer.first_brand + brand,
        item=offer.first_item + item,
        day=day,
        units=_units(world, _uniform(world, offer, "units", identity)),
        regular=offer.regular[item, week],
        paid=offer.price(place, item, week),
        display=on_display(world, offer.block, (place, item, day)),
        leaflet=offer.block.drivers.feature[place, item, week] > 0,
        identity=identity,
    )


def _weekday(world: World, offer: Offer, shoppers: Shoppers, wants: Wants) -> Ints:
    usual = world.assumed.main_day
    uniform = _uniform(world, offer, "day", wants.identity)
    edges = np.cumsum(day_weights(world))
    other = np.searchsorted(edges[:-1], (uniform - usual) / max(1 - usual, 1e-12), side="right")
    return np.where(uniform < usual, shoppers.main_day[wants.household], other)


def day_weights(world: World) -> Floats:
    """Return how shopping is spread over the week, Monday first, sum 1."""
    traffic = np.asarray(world.measured.outages.weekday)
    weights: Floats = traffic / traffic.sum()
    return weights


def _units(world: World, uniform: Floats) -> Ints:
    return 1 + poisson_quantile(uniform, np.full(len(uniform), world.assumed.extra_units))


def _reacted(
    world: World, offer: Offer, shoppers: Shoppers, chosen: tuple[Wants, Ints, Ints, Ints]
) -> tuple[Ints, Ints, Ints]:
    """Let those who find the shelf empty react: return brand, item (-1: nothing) and day."""
    wants, brand, item, day = chosen
    place = shoppers.place[wants.household]
    gone = np.flatnonzero(~offer.found(place, item, day))
    brand, item, day = brand.copy(), item.copy(), day.copy()
    react = reaction(world.names[offer.block.category])
    edges = np.cumsum([react.same_brand, react.other_brand, react.delay])
    index = wants.identity[gone]
    does = np.searchsorted(edges, _uniform(world, offer, "reaction", index), side="right")
    item[gone[does == 3]] = NONE
    late = gone[does == 2]
    item[late], day[late] = _back(offer, place[late], item[late], day[late])
    for what in (0, 1):
        some = gone[does == what]
        wishes = Wants(*(getattr(wants, name)[some] for name in Wants.__slots__))
        if what == 1:
            brand[some] = _other_brand(world, offer, shoppers, wishes)
        item[some] = _other_item(world, offer, (place[some], day[some]), (wishes, brand[some]))
    return brand, item, day


def _back(offer: Offer, place: Ints, item: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Come again a week later; once."""
    later = day + DAYS
    last = offer.season.shape[0] * DAYS - 1
    found = (later <= last) & offer.found(place, item, np.minimum(later, last))
    return np.where(found, item, NONE), np.minimum(later, last)


def _other_brand(world: World, offer: Offer, shoppers: Shoppers, wants: Wants) -> Ints:
    weights = preference_in(offer, shoppers)[wants.household]
    weights = weights * offer.pull[shoppers.place[wants.household], :, wants.week]
    weights[np.arange(len(weights)), wants.brand] = 0.0
    brand = pick(weights, _uniform(world, offer, "other brand", wants.identity))
    return np.where(brand < 0, wants.brand, brand)


def _other_item(
    world: World, offer: Offer, there: tuple[Ints, Ints], wished: tuple[Wants, Ints]
) -> Ints:
    """Choose among what is left of a brand that day; -1 where nothing is."""
    (place, day), (wants, brand) = there, wished
    items = offer.items[brand]
    weights = offer.item_weights(place, brand, wants.week)
    weights *= offer.found(place[:, None], items, day[:, None])
    choice = pick(weights, _uniform(world, offer, "other item", wants.identity))
    return np.where(choice < 0, NONE, items[np.arange(len(items)), choice])


def on_display(world: World, block: Block, where: tuple[Ints, Ints, Ints]) -> Bools:
    """Return whether items stood on a display, by place of the store, item and day, (N,) each."""
    place, item, day = where
    shown = np.zeros(len(day), dtype=bool)
    event = block.event[item, day // DAYS]
    some = np.flatnonzero(event != NONE)
    event, place, day = event[some], place[some], day[some]
    since = day - DAYS * world.events.start[block.which][event]
    up = block.execution.offset[place, event]
    shown[some] = (since >= up) & (since < up + block.execution.stood[place, event])
    return shown
