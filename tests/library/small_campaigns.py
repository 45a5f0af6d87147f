"""Campaigns small enough to add up by hand: 240 households, two brands of coffee, milk, 24 weeks.

Everybody shops once a week. A campaign for P1 runs in weeks 14 to 17, to heavy buyers mostly; what
it adds is told: one P1 a week to every household that was sent it.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from offtake.data.store import Store
from tests.library.small_market import Rows, load_rows

FIRST = date(2024, 1, 1)
WEEKS, HOUSEHOLDS, START, RUNS, ADDED = 24, 240, 14, 4, 1
PRICES = {"P1": 3.0, "P2": 2.0, "M1": 1.0}
PRODUCTS: Rows = [
    {"product_id": "P1", "category": "Coffee", "brand": "Acme", "manufacturer": "Acme"},
    {"product_id": "P2", "category": "Coffee", "brand": "Bolt", "manufacturer": "Bolt"},
    {"product_id": "T1", "category": "Tea", "brand": "Cove", "manufacturer": "Cove"},
    {"product_id": "M1", "category": "Milk", "brand": "Dairy", "manufacturer": "Dairy"},
]


def day(week: int, extra: int = 0) -> str:
    return (FIRST + timedelta(days=7 * week + extra)).isoformat()


def sent() -> np.ndarray:
    """Return who was sent the campaign, (240,): heavy buyers more often."""
    random = np.random.default_rng(1)
    heavy = np.arange(HOUSEHOLDS) % 3
    return random.random(HOUSEHOLDS) < np.array([0.25, 0.4, 0.55])[heavy]


def baskets(*, added: int = ADDED) -> Rows:
    random = np.random.default_rng(2)
    rows: Rows = []
    contacted = sent()
    for household in range(HOUSEHOLDS):
        rate = 0.4 * (1 + household % 3)
        for week in range(WEEKS):
            units = {
                "P1": random.poisson(rate),
                "P2": random.poisson(0.5),
                "M1": 1 + random.poisson(0.5),
            }
            if contacted[household] and START <= week < START + RUNS:
                units["P1"] += added
            rows += [
                {"basket_id": f"B{household}-{week}", "household_id": f"H{household:03d}",
                 "store_id": "S1", "product_id": item, "date": day(week, household % 7),
                 "units": many, "value": many * PRICES[item]}
                for item, many in units.items() if many
            ]  # fmt: skip
    return rows


def campaigns() -> Rows:
    return [
        {"campaign_id": "C1", "name": "Coffee days", "kind": "mailing", "brand": "Acme",
         "first_day": day(START), "last_day": day(START + RUNS, -1)},
        {"campaign_id": "C0", "name": "Too soon", "kind": "mailing", "brand": "Acme",
         "first_day": day(2), "last_day": day(3)},
        {"campaign_id": "C2", "name": "Milk days", "kind": "mailing", "brand": "Dairy",
         "first_day": day(12), "last_day": day(16)},
    ]  # fmt: skip


def contacts() -> Rows:
    chosen = {"C1": sent(), "C0": np.arange(HOUSEHOLDS) < 60, "C2": np.arange(HOUSEHOLDS) % 5 == 0}
    return [
        {"campaign_id": name, "household_id": f"H{household:03d}"}
        for name, who in chosen.items()
        for household in np.flatnonzero(who)
    ]


def redeemed() -> Rows:
    """Return one coupon of the first campaign for every tenth household that was sent it."""
    lines = {(row["household_id"], row["product_id"], row["date"]) for row in baskets()}
    rows: Rows = []
    for household in np.flatnonzero(sent())[::10]:
        when = day(START + 1, int(household) % 7)
        assert (f"H{household:03d}", "P1", when) in lines
        rows.append({"campaign_id": "C1", "household_id": f"H{household:03d}",
                     "coupon_id": "Q1", "date": when})  # fmt: skip
    return rows


TABLES = {
    "product": lambda: PRODUCTS,
    "store": lambda: [{"store_id": "S1"}],
    "household": lambda: [
        {"household_id": f"H{number:03d}", "age": "young" if number % 2 else ""}
        for number in range(HOUSEHOLDS)
    ],
    "basket_line": baskets,
    "campaign": campaigns,
    "campaign_contact": contacts,
    "coupon": lambda: [{"campaign_id": "C1", "coupon_id": "Q1", "product_id": "P1"}],
    "redemption": redeemed,
}


def fill_campaigns(store: Store, folder: Path, *, without: tuple[str, ...] = ()) -> Store:
    """Load the small campaigns into a store, some of the tables left out."""
    for contract, rows in TABLES.items():
        if contract not in without:
            load_rows(store, contract, rows(), folder, source="small.csv")
    return store
