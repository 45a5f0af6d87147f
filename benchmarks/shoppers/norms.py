"""Norms of 100 brands from the purchases of a million households; no other software fits them."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import Bench, Row, Task, alone, run_task
from benchmarks.worker import Clock

BRANDS, HOUSEHOLDS = 100, 1_000_000
MEAN, EXPONENT, SWITCHING = 6.0, 0.8, 1.3
"""Truth: purchases of the category by household, how they differ, and how they switch."""
BLOCK = 50_000


def norms(bench: Bench) -> list[Row]:
    """Fit the market, and set every brand and pair beside its norm."""
    run = run_task(Task("benchmarks.shoppers.norms:ours", {"households": HOUSEHOLDS}))
    found = run.facts["found"]
    note = f"{BRANDS} brands; S {found:.3f}, truth {SWITCHING}; from arrays, reading not counted"
    return [alone("norms of a million households", run, rows=run.facts["rows"], note=note)]


def ours(clock: Clock, households: int) -> dict[str, Any]:
    """Draw households, and ask for every table of norms."""
    from offtake.models.shoppers.norm_tables import purchase_norm_tables

    purchases = _purchases(households)
    with clock.part("norms"):
        found = purchase_norm_tables(purchases)
    values = {row["name"]: row["value"] for row in found["shopper_norm_fit"].to_pylist()}
    return {"found": values["switching"], "rows": int(purchases.brand.size)}


def _purchases(households: int) -> Any:  # noqa: ANN401  # BrandPurchases, imported where it is used
    from offtake.models.shoppers.norm_purchases import BrandPurchases

    random = np.random.default_rng(5)
    share = 1 / np.arange(1, BRANDS + 1)
    share /= share.sum()
    parts = [
        (begin + home, brand, counts)
        for begin in range(0, households, BLOCK)
        for home, brand, counts in [_block(random, share, min(BLOCK, households - begin))]
    ]
    home, brand, counts = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(brand, kind="stable")
    home, brand, counts = home[order], brand[order], counts[order]
    total = counts.sum(axis=1)
    return BrandPurchases(
        brands=np.array([f"B{at:03d}" for at in range(BRANDS)]),
        listed=np.ones(BRANDS, dtype=bool),
        weight=np.ones(households),
        household=home,
        brand=brand,
        purchases=total,
        units=total.astype(np.float64),
        first=counts[:, 0] > 0,
        second=counts[:, 1] > 0,
        baskets=int(total.sum()),
        halves=0.5,
    )


def _block(
    random: np.random.Generator, share: np.ndarray, households: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw households; return household, brand and purchases in both halves, of those above 0."""
    rate = random.gamma(EXPONENT, MEAN / EXPONENT, households)
    strength = random.standard_gamma(SWITCHING * share, (households, share.size)) + 1e-300
    wish = rate[:, None] * strength / strength.sum(axis=1, keepdims=True)
    counts = random.poisson(wish / 2, (2, *wish.shape))
    home, brand = np.nonzero(counts.sum(axis=0))
    return home, brand, counts[:, home, brand].T
