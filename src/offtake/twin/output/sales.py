"""Rows of one block in one category: sales, promotions, listings, stock."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Bools, Days, Floats, Ints
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.block import Block
from offtake.twin.market.events import NONE
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import coded, constant, days_array

HOURS_OPEN = 16.0
CENT = 100
SHOPPERS = 1500
"""Shoppers a day in a store of size 0."""


def _keys(world: World, block: Block, store: Ints, item: Ints) -> dict[str, pa.Array]:
    mine = world.of_category(block.category)
    return {
        "store_id": coded(world.stores.ids[block.of], store),
        "product_id": coded(world.items.ids[mine], item),
    }


def shelf_prices(world: World, block: Block) -> Floats:
    """Return the regular price of every item and week at the block's retailer, (J, T)."""
    retailer = int(world.stores.retailer[block.of[0]])
    prices: Floats = world.prices[retailer, world.of_category(block.category)]
    return prices


def paid_prices(world: World, block: Block) -> Floats:
    """Return what shoppers pay for every item, store and week, in whole cents, (B, J, T)."""
    paid: Floats = np.round(shelf_prices(world, block) * (1 - block.drivers.cut) * CENT) / CENT
    return paid


def sales_rows(world: World, block: Block) -> pa.Table:
    """Return what was sold: one row per store, item and week, or day, with any units."""
    if world.spec.daily:
        store, item, day, units = units_by_day(world, block)
        week = day // DAYS
        when = {
            "date": days_array(world.weeks[0] + day),
            "days": pa.array(np.ones(len(day), dtype=np.int64)),
        }
    else:
        store, item, week = np.nonzero(block.units)
        units = block.units[store, item, week]
        when = {"week": days_array(world.weeks[week])}
    regular = shelf_prices(world, block)[item, week]
    paid = paid_prices(world, block)[store, item, week]
    return pa.table(
        {
            **_keys(world, block, store, item),
            **when,
            "units": pa.array(units.astype(np.float64)),
            "value": pa.array(np.round(units * paid * CENT) / CENT),
            "regular_price": pa.array(regular),
        }
    )


def units_by_day(world: World, block: Block) -> tuple[Ints, Ints, Ints, Ints]:
    """Return places of store, item and day, and the units sold there, where any were.

    What a week sold falls on its days by their traffic and the time that the item was there.
    """
    traffic = np.asarray(world.measured.outages.weekday)
    there = 1 - block.outages.lost.reshape(*block.units.shape, DAYS).astype(np.float64)
    weight = there * traffic
    # A week that sold was there for some time; only rounding could say otherwise.
    weight = np.where(weight.sum(axis=-1, keepdims=True) > 0, weight, traffic)
    share = weight / weight.sum(axis=-1, keepdims=True)
    units = np.stack([
        stream(world.spec.seed, "days", block.category, int(store)).multinomial(
            block.units[place], share[place]
        )
        for place, store in enumerate(block.of)
    ])  # fmt: skip
    found = units.reshape(*block.units.shape[:2], -1)
    store, item, day = np.nonzero(found)
    return store, item, day, found[store, item, day]


def promotion_rows(world: World, block: Block) -> pa.Table:
    """Return what was planned, and what was seen, by store, item and week."""
    return pa.concat_tables([_planned(world, block), _observed(world, block)])


def _support(
    world: World, block: Block, at: tuple[Ints, Ints, Ints], seen: dict[str, pa.Array]
) -> pa.Table:
    store, item, week = at
    event = block.which[block.event[item, week]]
    ids = world.events.ids if world.events.count else np.array([""])
    return pa.table(
        {
            **_keys(world, block, store, item),
            "week": days_array(world.weeks[week]),
            **seen,
            "promotion_id": coded(ids, event),
        }
    )


def _planned(world: World, block: Block) -> pa.Table:
    listed = block.distribution.on_list(world.spec.weeks)
    store, item, week = np.nonzero(listed & (block.event != NONE)[None])
    event = block.which[block.event[item, week]]
    events = world.events
    return _support(
        world,
        block,
        (store, item, week),
        {
            "status": constant("planned", len(store)),
            "display": pa.array(events.display[event]),
            "feature": pa.array(events.feature[event]),
            "price_cut": pa.array(np.ones(len(store), dtype=bool)),
            "discount": pa.array(np.round(100 * events.cut[event], 1)),
            "display_days": pa.array(np.where(events.display[event], 7.0, 0.0)),
        },
    )


def _observed(world: World, block: Block) -> pa.Table:
    drivers = block.drivers
    any_support = (drivers.cut > 0) | (drivers.display_days > 0) | (drivers.feature > 0)
    at = np.nonzero(any_support)
    days = drivers.display_days[at]
    return _support(
        world,
        block,
        (at[0], at[1], at[2]),
        {
            "status": constant("observed", len(days)),
            "display": pa.array(days > 0),
            "feature": pa.array(drivers.feature[at] > 0),
            "price_cut": pa.array(drivers.cut[at] > 0),
            "discount": pa.array(np.round(100 * drivers.cut[at], 1)),
            "display_days": pa.array(days.astype(np.float64)),
        },
    )


def listing_rows(world: World, block: Block) -> pa.Table:
    """Return what should be where: one row per listing."""
    listings, last_week = block.distribution, world.spec.weeks - 1
    store, item = np.nonzero(listings.listed)
    first, last = listings.first[store, item], listings.last[store, item]
    ends = last < last_week
    until = world.weeks[np.minimum(last, last_week)] + DAYS - 1
    must = world.items.share_of_brand[world.of_category(block.category)] >= (1 / world.spec.items)
    return pa.table(
        {
            **_keys(world, block, store, item),
            "listed_from": days_array(world.weeks[first]),
            "listed_to": pa.array(until.astype("datetime64[D]"), mask=~ends, type=pa.date32()),
            "must_stock": pa.array(must[item]),
        }
    )


def stock_rows(world: World, block: Block) -> pa.Table:
    """Return daily stock records of our items over the last weeks, some of them wrong."""
    own, days, live = _recorded(world, block)
    if not len(days):
        return pa.table({"store_id": pa.array([], pa.string())})
    store, item, day = np.nonzero(live)
    lost = block.outages.lost[:, own][:, :, days][store, item, day]
    shoppers = _shoppers(world, block, days)[store, day]
    return pa.table(
        {
            **_keys(world, block, store, own[item]),
            "date": days_array(_dates(world, days)[day]),
            "on_hand": pa.array(on_record(world, block, own, days)[store, item, day]),
            "hours_open": pa.array(np.full(len(day), HOURS_OPEN)),
            "hours_available": pa.array(np.round(HOURS_OPEN * (1 - lost), 2)),
            "shoppers": pa.array(shoppers),
            "shoppers_available": pa.array(np.round(shoppers * (1 - lost))),
        }
    )


def wrong_records(world: World, block: Block) -> pa.Table:
    """Return the days on which the stock record of an item of ours is wrong, and by what factor."""
    own, days, live = _recorded(world, block)
    wrong, factor = (
        _wrong(world, block, own, days) if len(days) else (live, np.ones(live.shape[:2]))
    )
    store, item, day = np.nonzero(wrong & live)
    return pa.table(
        {
            **_keys(world, block, store, own[item]),
            "date": days_array(_dates(world, days)[day]),
            "factor": pa.array(factor[store, item].reshape(-1)),
        }
    )


def _recorded(world: World, block: Block) -> tuple[Ints, Ints, Bools]:
    """Return what stock records cover: our items, the last days, and where on the shelf then."""
    first = world.spec.weeks - min(world.spec.stock_weeks, world.spec.weeks)
    own = world.own_items(block.category)
    live = np.repeat(block.drivers.live[:, own, first:], DAYS, axis=2)
    return own, np.arange(first * DAYS, world.spec.weeks * DAYS), live


def _dates(world: World, days: Ints) -> Days:
    dates: Days = world.weeks[0] + days
    return dates


def _shoppers(world: World, block: Block, days: Ints) -> Floats:
    """Return shoppers in the store by day, (B, D)."""
    weekday = np.asarray(world.measured.outages.weekday)[days % DAYS]
    busy = np.exp(world.stores.size[block.of, None] + block.drivers.busy[:, days // DAYS])
    shoppers: Floats = np.round(SHOPPERS * busy * weekday)
    return shoppers


def on_record(world: World, block: Block, own: Ints, days: Ints) -> Floats:
    """Return what the stock system believes is there, (B, own items, D).

    Nothing is there on a day on which the shelf was empty half of the time or longer; otherwise
    the store holds some days of cover. A wrong record is off by a factor until it is next counted,
    and never falls to zero by itself: phantom stock.
    """
    rate = block.demand[:, own][:, :, days // DAYS] / DAYS
    truth = np.ceil(rate * world.assumed.days_of_cover)
    truth = np.where(block.outages.lost[:, own][:, :, days] >= 0.5, 0.0, truth)
    wrong, factor = _wrong(world, block, own, days)
    believed = np.ceil(rate * world.assumed.days_of_cover * factor)
    return np.where(wrong, believed, truth)


def _wrong(world: World, block: Block, own: Ints, days: Ints) -> tuple[Bools, Floats]:
    """Return which records are wrong on which days, (B, own items, D), and by what factor.

    Records go wrong at random times and stay so for exponential times; `record_wrong` is the
    share of time.
    """
    spec, assumed = world.spec, world.assumed
    mean_days = assumed.record_weeks * DAYS
    earliest = days[0] - 3 * mean_days  # what began before is over by now
    wanted = assumed.record_wrong * (days[-1] + 1 - earliest) / mean_days
    times = int(np.ceil(2 * wanted))
    draws = np.stack(
        [
            stream(spec.seed, "records", block.category, int(s)).random((spec.items, times, 3))
            for s in block.of
        ]
    )[:, own]
    begin = earliest + draws[..., 1] * (days[-1] + 1 - earliest)
    end = begin - mean_days * np.log1p(-draws[..., 2])
    end = np.where(draws[..., 0] < wanted / times, end, begin)
    wrong = (days >= begin[..., None]) & (days < end[..., None])
    normal = np.stack(
        [
            stream(spec.seed, "record size", block.category, int(s)).standard_normal(spec.items)
            for s in block.of
        ]
    )[:, own, None]
    return wrong.any(axis=2), np.exp(assumed.record_error * normal)
