"""A store of baskets written by hand: who bought what, on which day, with which support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from offtake.data.store import Store

MONDAY = date(2024, 1, 1)
PRODUCTS = {"A1": "A", "A2": "A", "B1": "B", "C1": "C"}
"""Items of the category SNACKS and their brands."""
OTHER = "Z1"
"""An item of another category, which fills the weeks."""


@dataclass(frozen=True)
class Purchase:
    """One line of a basket; `off` is the retailer's discount, `coupon` what a coupon took off."""

    household: str
    product: str
    day: int
    units: int = 1
    off: float = 0.0
    coupon: float = 0.0
    store: str = "S1"


@dataclass(frozen=True)
class Support:
    """Display or leaflet of an item in a store and week."""

    product: str
    week: int
    store: str = "S1"
    display: bool = False
    feature: bool = False


PRICE = 2.0


def fill_panel(
    store: Store, purchases: list[Purchase], support: Sequence[Support] = (), *, weeks: int = 52
) -> Store:
    """Load purchases and support, and a household that shops all the time for other things.

    What the store held before is gone.
    """
    for contract in ("product", "basket_line", "promotion", "redemption", "coupon"):
        store.execute(f"DELETE FROM main.{contract}")
    items = [*PRODUCTS.items(), (OTHER, "Z")]
    _insert(store, "product", {
        "product_id": [name for name, _ in items],
        "brand": [brand for _, brand in items],
        "manufacturer": [f"{brand} Ltd" for _, brand in items],
        "category": ["SNACKS" if name != OTHER else "OTHER" for name, _ in items],
        "pack_content": [10.0 * (at + 1) for at in range(len(items))],
        "pack_measure": ["g"] * len(items),
        "is_merchandise": [True] * len(items),
    })  # fmt: skip
    always = [Purchase("H-other", OTHER, 7 * week) for week in range(weeks)]
    always.append(Purchase("H-other", OTHER, 7 * weeks - 1))
    _insert(store, "basket_line", _lines([*purchases, *always]))
    if support:
        _insert(store, "promotion", {
            "store_id": [each.store for each in support],
            "product_id": [each.product for each in support],
            "week": [MONDAY + timedelta(weeks=each.week) for each in support],
            "status": ["observed"] * len(support),
            "display": [each.display for each in support],
            "feature": [each.feature for each in support],
        })  # fmt: skip
    return store


def _lines(purchases: list[Purchase]) -> dict[str, list[object]]:
    return {
        "basket_id": [f"{each.household}-{each.store}-{each.day}" for each in purchases],
        "household_id": [each.household for each in purchases],
        "store_id": [each.store for each in purchases],
        "product_id": [each.product for each in purchases],
        "line": list(range(len(purchases))),
        "date": [MONDAY + timedelta(days=each.day) for each in purchases],
        "week": [MONDAY + timedelta(weeks=each.day // 7) for each in purchases],
        "units": [float(each.units) for each in purchases],
        "value": [PRICE * each.units - each.off for each in purchases],
        "retailer_discount": [each.off for each in purchases],
        "coupon_discount": [each.coupon for each in purchases],
    }


def _insert(store: Store, contract: str, columns: dict[str, list[object]]) -> None:
    size = len(next(iter(columns.values())))
    with store.registered("example", pa.table({**columns, "load_id": [1] * size})):
        store.execute(f"INSERT INTO main.{contract} BY NAME SELECT * FROM example")
