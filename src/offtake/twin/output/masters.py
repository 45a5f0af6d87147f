"""Rows of the tables that exist once: items, stores, media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Floats, Texts
from offtake.twin.assumptions import CHANNELS, reaction
from offtake.twin.market.block import store_dispersion
from offtake.twin.market.items import PRIVATE_LABEL, SIZE_CONTENT, SIZES
from offtake.twin.market.stores import FORMATS, REGIONS, RETAILERS, store_format
from offtake.twin.market.world import World
from offtake.twin.spec import Effect
from offtake.twin.tables import Made, coded, constant, days_array


def masters(world: World) -> Made:
    """Return items, stores and media, and the truth about them."""
    return Made(
        {"product": _products(world), "store": _stores(world), "media": _media(world)},
        {
            "item": _true_items(world),
            "store": _true_stores(world),
            "media": _true_media(world),
            "media_channel": _true_channels(world),
            "calendar": _true_calendar(world),
            "pull": _true_pull(world),
            "reaction": _true_reactions(world),
            "region": _true_regions(world),
        },
    )


def category_titles(world: World) -> Texts:
    """Return the categories as the item list has them, (C,)."""
    return np.array(world.names)


def _products(world: World) -> pa.Table:
    items, brands = world.items, world.brands
    size = np.array(SIZES)[items.size]
    names = brands.names[items.brand]
    place = np.arange(len(items.ids)) % world.spec.items + 1
    words = [f"{name} {one} No. {n}" for name, one, n in zip(names, size, place, strict=True)]
    return pa.table(
        {
            "product_id": pa.array(items.ids),
            "description": pa.array(words),
            "department": constant("GROCERY", len(words)),
            "category": coded(category_titles(world), items.category),
            "brand": coded(brands.names, items.brand),
            "manufacturer": pa.array(brands.manufacturer[items.brand]),
            "pack_size": pa.array(size),
            "pack_content": pa.array(np.array(SIZE_CONTENT)[items.size]),
            "pack_measure": constant("g", len(words)),
            "is_private_label": pa.array(brands.manufacturer[items.brand] == PRIVATE_LABEL),
        }
    )


def _stores(world: World) -> pa.Table:
    stores = world.stores
    retailer = np.array(RETAILERS)[stores.retailer]
    number = np.arange(1, stores.count + 1)
    return pa.table(
        {
            "store_id": pa.array(stores.ids),
            "name": pa.array([f"{r} {n}" for r, n in zip(retailer, number, strict=True)]),
            "retailer": pa.array(retailer),
            "banner": pa.array(retailer),
            "format": pa.array(np.array(FORMATS)[store_format(stores.size)]),
            "region": pa.array(np.array(REGIONS)[stores.region]),
            "territory": pa.array(stores.territories[stores.territory]),
            "acv": pa.array(stores.acv),
            "latitude": pa.array(stores.latitude),
            "longitude": pa.array(stores.longitude),
        }
    )


def _media(world: World) -> pa.Table:
    spend = world.media.spend
    brand, channel, region, week = np.nonzero(spend > 0)
    money = spend[brand, channel, region, week]
    names = np.array([each.name for each in CHANNELS])
    return pa.table(
        {
            "brand": coded(world.brands.names, brand),
            "category": coded(category_titles(world), world.brands.category[brand]),
            "channel": coded(names, channel),
            "region": coded(np.array(REGIONS), region),
            "week": days_array(world.weeks[week]),
            "spend": pa.array(money),
            "exposure": pa.array(np.round(1000 * money / world.assumed.media_price)),
            "exposure_unit": constant("contacts", len(money)),
        }
    )


_RESPONSES = (
    "log_rate", "price", "elasticity_regular", "elasticity_promoted", "display", "feature",
    "display_feature", "trend", "launched", "share_of_brand", "share_of_category",
)  # fmt: skip


def _true_items(world: World) -> pa.Table:
    items = world.items
    sizes = [store_dispersion(world, category) for category in range(len(world.names))]
    return pa.table(
        {
            "product_id": pa.array(items.ids),
            "category": coded(category_titles(world), items.category),
            "brand": coded(world.brands.names, items.brand),
            **{name: pa.array(_in_force(world, name)) for name in _RESPONSES},
            "dispersion": pa.array(np.array(sizes)[items.category]),
        }
    )


_SWITCHED_OFF: Mapping[str, Effect] = MappingProxyType(
    {
        "elasticity_regular": "regular_price",
        "elasticity_promoted": "promoted_price",
        "display": "display",
        "feature": "feature",
        "display_feature": "display_feature",
        "trend": "trend",
    }
)


def _in_force(world: World, name: str) -> Floats:
    """Return a response of the items, 0 where its effect is left out of the world."""
    values: Floats = getattr(world.items, name)
    effect = _SWITCHED_OFF.get(name)
    return values if effect is None else values * world.spec.has(effect)


def _true_stores(world: World) -> pa.Table:
    stores = world.stores
    return pa.table(
        {
            "store_id": pa.array(stores.ids),
            "size": pa.array(stores.size),
            "manager": pa.array(stores.manager),
            "visits": pa.array(world.visited.sum(axis=1)),
        }
    )


def _true_media(world: World) -> pa.Table:
    brand, channel, region, week = np.nonzero(world.media.adstock > 0)
    at = (brand, channel, region, week)
    return pa.table(
        {
            "brand": coded(world.brands.names, brand),
            "channel": coded(np.array([each.name for each in CHANNELS]), channel),
            "region": coded(np.array(REGIONS), region),
            "week": days_array(world.weeks[week]),
            "adstock": pa.array(world.media.adstock[at]),
            "log_effect": pa.array(world.media.effect[at] * world.spec.has("media")),
        }
    )


def _true_channels(world: World) -> pa.Table:
    brand, channel = np.nonzero(world.media.coefficient > 0)
    carry = np.array([each.carry_over for each in CHANNELS])
    coefficient = world.media.coefficient[brand, channel]
    return pa.table(
        {
            "brand": coded(world.brands.names, brand),
            "channel": coded(np.array([each.name for each in CHANNELS]), channel),
            "carry_over": pa.array(carry[channel]),
            "half_saturation": pa.array(world.media.half[brand, channel]),
            "coefficient": pa.array(coefficient * world.spec.has("media")),
        }
    )


def _true_calendar(world: World) -> pa.Table:
    category, week = np.indices(world.season.shape).reshape(2, -1)
    return pa.table(
        {
            "category": coded(category_titles(world), category),
            "week": days_array(world.weeks[week]),
            "season": pa.array(world.season.ravel() * world.spec.has("season")),
            "holidays": pa.array(world.holidays.ravel() * world.spec.has("holidays")),
        }
    )


def _true_reactions(world: World) -> pa.Table:
    """Return what shoppers do who find an item missing: shares by category."""
    rows = [{"category": name, **asdict(reaction(name))} for name in world.names]
    return pa.Table.from_pylist(rows)


def _true_pull(world: World) -> pa.Table:
    """Return the constants of pull between items and weeks: one row per kind."""
    kinds: Mapping[str, Effect] = {
        "cannibalisation": "cannibalisation",
        "switching": "switching",
        "stockpiling_1": "stockpiling",
        "stockpiling_2": "stockpiling",
        "stockpiling_3": "stockpiling",
    }
    values = [getattr(world.assumed, name) * world.spec.has(off) for name, off in kinds.items()]
    return pa.table({"effect": list(kinds), "value": values})


def _true_regions(world: World) -> pa.Table:
    """Return the share of shoppers that each region has: spend per head is per this."""
    return pa.table({"region": list(REGIONS), "share_of_shoppers": world.stores.region_shares})
