"""A store with the baskets of simulated customers of three brands; for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from offtake.data.store import Store

MONDAY = date(2024, 1, 1)
WEEKS = 60
BRANDS = {"Alba": (700, 0.0), "Bora": (400, 0.15), "Cer": (40, 0.0)}
"""Customers, and how likely they leave after a purchase."""
Row = tuple[str, str, int, float]


@contextmanager
def customer_store(*, seed: int = 1) -> Iterator[Store]:
    """Open a store in memory whose brands have customers that buy and leave."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for brand, (count, leaves) in BRANDS.items():
        for number in range(count):
            rows += _purchases(brand, f"{brand}-{number:04d}", leaves, rng)
    with Store(":memory:") as store:
        fill(store, rows)
        yield store


def _purchases(brand: str, home: str, leaves: float, rng: np.random.Generator) -> list[Row]:
    rate, spend = rng.gamma(0.9, 1 / 5.0), rng.gamma(8.0, 0.5)
    day = float(rng.integers(0, 7 * WEEKS // 2))
    found = []
    while day < 7 * WEEKS:
        found.append((home, brand, int(day), float(rng.gamma(5.0, spend / 5.0))))
        if rng.random() < leaves:
            break
        day += 7 * rng.exponential(1 / rate)
    return found


def fill(store: Store, rows: list[Row]) -> None:
    """Put products and baskets into a store: household, brand, day and value of every line."""
    for brand in sorted({row[1] for row in rows} | {"Other"}):
        store.execute(
            "INSERT INTO main.product (product_id, brand, manufacturer, category, load_id) "
            "VALUES (?, ?, ?, 'TEA', 1)",
            [brand, brand, "Ours" if brand != "Cer" else "Theirs"],
        )
    days = [row[2] for row in rows]
    table = pa.table({
        "basket_id": [f"B{number}" for number in range(len(rows))],
        "household_id": [row[0] for row in rows],
        "store_id": ["S1"] * len(rows),
        "product_id": [row[1] for row in rows],
        "line": [1] * len(rows),
        "date": [MONDAY + timedelta(days=day) for day in days],
        "week": [MONDAY + timedelta(weeks=day // 7) for day in days],
        "units": [1.0] * len(rows),
        "value": [row[3] for row in rows],
        "load_id": [1] * len(rows),
    })  # fmt: skip
    with store.registered("example", table):
        store.execute("INSERT INTO main.basket_line BY NAME SELECT * FROM example")
