"""A market small enough to check by hand: three manufacturers, six stores, ten households."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from offtake.calendars import Against
from offtake.data.intake import load_file
from offtake.data.profile import Profile
from offtake.data.store import Store
from offtake.pipeline.question import Question
from offtake.pipeline.scoreboard import questions
from offtake.pipeline.view import View

FIRST_WEEK = date(2017, 1, 2)
WEEKS, STORES, HOUSEHOLDS = 9, 6, 10
ITEMS = {"P1": "Acme", "P2": "Acme", "P3": "Bolt", "P4": "Cove", "P9": "Dairy"}
PRICES = {"P1": 2.0, "P2": 3.0, "P3": 1.5, "P4": 2.5, "P9": 1.0}
VIEW = View(category="Snacks", manufacturer="Acme", currency="$", models=())
LABEL = {"source": "offtake.twin", "seed": 7, "version": "1"}
Rows = list[dict[str, object]]


def products() -> Rows:
    return [
        {
            "product_id": item,
            "category": "Milk" if item == "P9" else "Snacks",
            "subcategory": "Chips",
            "manufacturer": maker,
            "pack_size": "10 OZ",
        }
        for item, maker in ITEMS.items()
    ]


def baskets() -> Rows:
    """Return one line per store, week and item that sold; Acme is absent from store S6."""
    rows: Rows = []
    for week in range(WEEKS):
        for store in range(1, STORES + 1):
            for place, item in enumerate(ITEMS):
                units = (week * 3 + store * 2 + place * 4) % 7 % 4
                units += item == "P1" and week > 5
                if units == 0 or (store == STORES and ITEMS[item] == "Acme"):
                    continue
                rows.append(_line(week, store, item, units))
    return rows


def _line(week: int, store: int, item: str, units: int) -> dict[str, object]:
    cut = 0.5 if (week + store) % 3 == 0 else 0.0
    return {
        "basket_id": f"B{week}-{store}",
        "household_id": f"H{(week * 2 + store) % HOUSEHOLDS}",
        "store_id": f"S{store}",
        "product_id": item,
        "date": (FIRST_WEEK + timedelta(weeks=week)).isoformat(),
        "units": units,
        "value": round(units * (PRICES[item] - cut), 2),
    }


def sales() -> Rows:
    """Return the baskets added up to store, item and week."""
    sums: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for line in baskets():
        total = sums[str(line["store_id"]), str(line["product_id"]), str(line["date"])]
        total[0] += float(str(line["units"]))
        total[1] += float(str(line["value"]))
    return [
        {"store_id": store, "product_id": item, "week": week, "units": units,
         "value": round(value, 2), "regular_price": PRICES[item]}
        for (store, item, week), (units, value) in sums.items()
    ]  # fmt: skip


def promotions() -> Rows:
    return [
        {"store_id": f"S{store}", "product_id": item, "display": "true", "feature": "false",
         "week": (FIRST_WEEK + timedelta(weeks=week)).isoformat()}
        for week in range(WEEKS)
        for store in (1, 2, 3)
        for place, item in enumerate(ITEMS)
        if (week + store + place) % 3 == 0
    ]  # fmt: skip


FEW = (
    "own_sales",
    "category_sales",
    "category_by_store",
    "voids",
    "household_identity_now",
    "household_identity_before",
    "penetration",
    "switching",
    "fair_share_index",
)


def few_questions(against: Against) -> tuple[Question, ...]:
    """Return some of the scoreboard's questions, of every kind."""
    return tuple(question for question in questions(against) if question.name in FEW)


def load_rows(
    store: Store, contract: str, rows: Rows, folder: Path, *, source: str = "", part: str = ""
) -> None:
    """Load rows through the ordinary intake; those for a simulated store get a label."""
    if store.schema == "twin":
        rows = [row | LABEL for row in rows]
    file = folder / f"{contract}{part}.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    profile = Profile(name="small market", contract=contract, source=source)
    done = load_file(store, file, profile=profile)
    assert done.loaded == len(rows), done


TABLES = {
    "product": products,
    "store": lambda: [{"store_id": f"S{number}"} for number in range(1, STORES + 1)],
    "household": lambda: [{"household_id": f"H{number}"} for number in range(HOUSEHOLDS)],
    "basket_line": baskets,
    "sales": sales,
    "promotion": promotions,
}


def fill(
    store: Store, folder: Path, *, without: Iterable[str] = (), source: str = "small.csv"
) -> Store:
    """Load the small market into a store, some of its tables left out."""
    for contract, rows in TABLES.items():
        if contract not in without:
            load_rows(store, contract, rows(), folder, source=source)
    return store
