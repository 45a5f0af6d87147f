"""A small category with a fitted model written by hand, and plans in it; for tests of planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from offtake.decisions.planning.activity import Activity
from offtake.decisions.planning.facts import PlanningFacts, planning_facts

ITEMS = {"A1": "Alder", "A2": "Alder", "B1": "Birch"}
RETAILERS = ("Maxi", "Mini")
UNITS = {"A1": 100.0, "A2": 50.0, "B1": 200.0}
LEVERS = (-2.0, 0.4, 0.2, 0.1)
DIPS = (0.10, 0.05, 0.0)
OWN_PULL, RIVAL_PULL = 0.2, 0.3
MONDAY = date(2026, 3, 2)


def tables(**errors: float) -> dict[str, pa.Table]:
    """Return the planning tables of a run: three items of two brands at two retailers."""
    pairs = [(item, where) for item in ITEMS for where in RETAILERS]
    return {
        "planning_items": pa.Table.from_pylist([
            {"product_id": item, "description": f"{brand} {item}", "brand": brand,
             "manufacturer": brand, "category": "SNACKS", "subcategory": None, "pack_size": None,
             "own": brand == "Alder"}
            for item, brand in ITEMS.items()
        ]),
        "planning_stores": pa.Table.from_pylist([
            {"store_id": f"{where}-{number}", "name": None, "retailer": where, "region": "North",
             "territory": "North 1", "share": 25.0}
            for where in RETAILERS for number in range(4)
        ]),
        "planning_distribution": pa.Table.from_pylist([
            {"product_id": item, "retailer": where, "stores": 4, "listed": 4, "listed_later": 0,
             "selling": 4, "numeric": 100.0, "weighted": 100.0}
            for item, where in pairs
        ]),
        "planning_cover": pa.Table.from_pylist([
            {"product_id": item, "retailer": where, "on_hand": 10 * UNITS[item],
             "units_per_week": UNITS[item], "weeks": 10.0, "as_of": date(2026, 1, 4), "stores": 4}
            for item, where in pairs if ITEMS[item] == "Alder"
        ]),
        "planning_base": pa.Table.from_pylist([
            {"product_id": item, "retailer": where, "units": UNITS[item], "sold": UNITS[item],
             "log_sd": 0.1, "stores": 4, "price": 2.0,
             "margin": 1.0 if ITEMS[item] == "Alder" else None,
             "last_week": date(2025, 12, 29)}
            for item, where in pairs
        ]),
        "planning_season": pa.table({"iso_week": pa.array([], pa.int64()),
                                     "index": pa.array([], pa.float64())}),
        "planning_responses": pa.Table.from_pylist([_response(*pair) for pair in pairs]),
        "planning_parameters": _parameters(),
        "planning_execution": pa.Table.from_pylist([
            {"retailer": where, "display": 60.0, "feature": None, "price_cut": 100.0, "agreed": 50}
            for where in RETAILERS
        ]),
        "planning_errors": _errors(errors),
    }  # fmt: skip


def _response(item: str, where: str) -> dict[str, Any]:
    brand = ITEMS[item]
    return {
        "product_id": item, "retailer": where, "brand": brand, "manufacturer": brand,
        "item_set": 0, "puller": 0, "mates": 2.0 if item == "A1" else 0.5,
        "rivals": 0.75, "contrasts": [],
    }  # fmt: skip


def _parameters() -> pa.Table:
    kinds = ["item"] * 4 + ["regular"] + ["dip"] * 3 + ["own_pull", "rival_pull"]
    value = [*LEVERS, -2.0, *DIPS, OWN_PULL, RIVAL_PULL]
    spread = np.diag([0.04, 0.01, 0.01, 0.01, 0.1, 0.001, 0.001, 0.001, 0.002, 0.002])
    known = [True, True, False, False] + [True] * 6
    return pa.table({"kind": kinds, "value": value, "known": known, "covariance": spread.tolist()})


def _errors(given: dict[str, float]) -> pa.Table:
    values = {"degrees": 30.0, "ratio": 1.0, "ratio_sd": 0.2, "base_common": 0.05,
              "base_tried": 1.0, "event": 0.05} | given  # fmt: skip
    return pa.table({"name": list(values), "value": list(values.values())})


def facts(**errors: float) -> PlanningFacts:
    """Return what is known of the small category."""
    return planning_facts(tables(**errors))


def plan(**changes: Any) -> Activity:
    """Return a proposed promotion of A1 at Maxi for two weeks, with changes."""
    given = Activity(
        key="1", kind="promotion", state="proposed", name="Spring deal", brands=("Alder",),
        product_ids=("A1",), retailers=("Maxi",), first_day=MONDAY, last_day=date(2026, 3, 15),
        price_cut=20.0, cost=50.0,
    )  # fmt: skip
    return replace(given, **changes)


def with_stock(known: PlanningFacts, on_hand: float) -> PlanningFacts:
    """Return the same with so many units of every item of ours at every retailer."""
    cover = {pair: replace(each, on_hand=on_hand) for pair, each in (known.cover or {}).items()}
    return replace(known, cover=cover)
