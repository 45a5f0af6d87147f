"""Households that buy as the NBD-Dirichlet says, drawn one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.data.store import Store
from offtake.models.kernels.brand_choice import BrandMarket
from offtake.models.kernels.purchase_counts import PurchaseCounts
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats, Integers

MARKET = BrandMarket(
    PurchaseCounts(mean=6.0, exponent=0.8), 1.3, np.array([0.35, 0.25, 0.15, 0.1, 0.08, 0.05, 0.02])
)


def drawn(random: np.random.Generator, households: int, market: BrandMarket = MARKET) -> Integers:
    """Return purchases by half of the period, household and brand, (2, H, J)."""
    category = market.category
    rate = random.gamma(category.exponent, category.mean / category.exponent, households)
    strength = random.standard_gamma(market.strength, (households, market.share.size))
    # A gamma draw of a tiny shape can be 0 for all brands: such a household buys one brand only.
    none = strength.sum(axis=1) == 0
    strength[none] = random.multinomial(1, market.share, none.sum())
    wish = rate[:, None] * strength / strength.sum(axis=1, keepdims=True)
    return random.poisson(wish / 2, (2, *wish.shape)).astype(np.int64)


def as_purchases(counts: Integers, weight: Floats | None = None) -> BrandPurchases:
    """Return drawn counts as rows."""
    total = counts.sum(axis=0)
    brand, household = np.nonzero(total.T)
    return BrandPurchases(
        brands=np.array([f"B{at}" for at in range(total.shape[1])]),
        listed=np.ones(total.shape[1], dtype=bool),
        weight=np.ones(total.shape[0]) if weight is None else weight,
        household=household.astype(np.int64),
        brand=brand.astype(np.int64),
        purchases=total[household, brand],
        units=total[household, brand].astype(np.float64),
        first=counts[0][household, brand] > 0,
        second=counts[1][household, brand] > 0,
        baskets=int(total.sum()),
        halves=0.5,
    )


WEEKS = np.arange(np.datetime64("2017-01-02"), np.datetime64("2018-01-01"), 7)


def fill(store: Store, counts: Integers, weight: Floats | None = None) -> None:
    """Put drawn purchases into a store, one basket each, and baskets of milk for all households."""
    half, household, brand = np.nonzero(counts)
    times = counts[half, household, brand]
    half, household, brand = (np.repeat(each, times) for each in (half, household, brand))
    turn = np.arange(half.size)
    week = WEEKS[half * 26 + turn % 26]
    everybody = np.arange(counts.shape[1])
    homes = np.concatenate([household, everybody])
    lines = pa.table({
        "basket_id": [f"T{at}" for at in range(homes.size)],
        "household_id": [f"H{at:06d}" for at in homes],
        "store_id": ["S1"] * homes.size,
        "product_id": [*(f"P{at}" for at in brand), *(["M"] * everybody.size)],
        "line": [1] * homes.size,
        "week": np.concatenate([week, np.full(everybody.size, WEEKS[0])]),
        "units": [*(1.0 + turn % 3), *([1.0] * everybody.size)],
        "value": np.ones(homes.size),
        "load_id": [1] * homes.size,
    })  # fmt: skip
    lines = lines.append_column("date", lines["week"])
    products = pa.table({
        "product_id": ["M", *(f"P{at}" for at in range(counts.shape[2]))],
        "brand": ["Farm", *(f"B{at}" for at in range(counts.shape[2]))],
        "category": ["MILK", *(["TEA"] * counts.shape[2])],
        "load_id": [1] * (counts.shape[2] + 1),
    })  # fmt: skip
    weights = np.ones(everybody.size) if weight is None else weight
    people = pa.table({
        "household_id": [f"H{at:06d}" for at in everybody],
        "weight": weights,
        "load_id": [1] * everybody.size,
    })  # fmt: skip
    for name, rows in (("basket_line", lines), ("product", products), ("household", people)):
        with store.registered("example", rows):
            store.execute(f"INSERT INTO main.{name} BY NAME SELECT * FROM example")
