"""A made-up market for comparing engines: every contract filled, with the gaps real data have.

Nothing here resembles a real market; it only has to visit every branch of a measure. Items and
stores without a master record, empty attributes, returns, weeks with and without support, daily
beside weekly rows, households that never buy, people who left, notes nobody answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from offtake.data.intake import load_file
from offtake.data.store import Store

Rows = dict[str, Any]

PRODUCTS, STORES, HOUSEHOLDS, PEOPLE = 40, 12, 120, 24
FIRST, WEEKS = date(2016, 1, 4), 104
BRANDS = ["Crisp", "Crunch", "Zürcher", None, "Farm", "Private"]
REGIONS = ["North", "South", None]
CATEGORIES = ["Snacks", "Milk", "Soap"]
TEAMS = ["East", "West"]


class Dice:
    """The same throws on every machine."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(20170105)

    def days(self, size: int, *, weeks: int = WEEKS) -> list[date]:
        return [FIRST + timedelta(days=int(n)) for n in self.rng.integers(0, 7 * weeks, size)]

    def mondays(self, size: int) -> list[date]:
        return [FIRST + timedelta(days=7 * int(n)) for n in self.rng.integers(0, WEEKS, size)]

    def moments(self, size: int) -> list[datetime]:
        minutes = self.rng.integers(0, 7 * WEEKS * 1440, size)
        return [datetime(2016, 1, 4) + timedelta(minutes=int(n)) for n in minutes]

    def ids(self, letter: str, count: int, size: int) -> list[str]:
        return [f"{letter}{n:03d}" for n in self.rng.integers(0, count, size)]

    def chosen(self, values: list[Any], size: int) -> list[Any]:
        return [values[n] for n in self.rng.integers(0, len(values), size)]

    def flags(self, share: float, size: int) -> list[bool]:
        return [bool(b) for b in self.rng.random(size) < share]

    def maybe(self, values: list[Any], share: float) -> list[Any]:
        """Leave a share of the values empty."""
        empty = self.flags(share, len(values))
        return [None if e else v for e, v in zip(empty, values, strict=True)]

    def money(self, high: float, size: int) -> list[float]:
        return [float(v) for v in np.round(self.rng.random(size) * high, 2)]

    def counts(self, high: int, size: int) -> list[float]:
        return [float(v) for v in self.rng.integers(0, high, size)]


def build_world(store: Store, folder: Path) -> None:
    """Load the whole market through the intake."""
    dice = Dice()
    for contract, rows_of in TABLES.items():
        file = folder / f"{contract}.parquet"
        pq.write_table(pa.table(rows_of(dice)), file)
        load_file(store, file, as_contract=contract)


def _keep_first(rows: Rows, *key: str) -> Rows:
    """Keep the first row of each key: the intake would set two that differ aside."""
    seen: dict[tuple[Any, ...], int] = {}
    for place, values in enumerate(zip(*(rows[name] for name in key), strict=True)):
        seen.setdefault(values, place)
    return {name: [values[n] for n in seen.values()] for name, values in rows.items()}


def _product(dice: Dice) -> Rows:
    # Two items are sold that this list lacks: see _sales.
    ids = [f"P{n:03d}" for n in range(PRODUCTS - 2)]
    size = len(ids)
    return {
        "product_id": ids,
        "department": ["Grocery" if n % 5 else "Other" for n in range(size)],
        "category": [CATEGORIES[n % 3] for n in range(size)],
        "subcategory": dice.maybe([f"{CATEGORIES[n % 3]} {n % 2}" for n in range(size)], 0.1),
        "brand": dice.chosen(BRANDS, size),
        "manufacturer": dice.chosen(["544", "69", None], size),
        "pack_size": dice.chosen(["10 OZ", "20 OZ", None], size),
        "is_private_label": dice.flags(0.2, size),
        "is_merchandise": dice.flags(0.95, size),
    }


def _store(dice: Dice) -> Rows:
    ids = [f"S{n:03d}" for n in range(STORES - 1)]
    size = len(ids)
    return {
        "store_id": ids,
        "retailer": [["Maxi", "Lidl", "Coop"][n % 3] for n in range(size)],
        "banner": dice.chosen(["Maxi City", "Hyper", None], size),
        "region": [REGIONS[n % 3] for n in range(size)],
        "territory": dice.chosen(["T1", "T2"], size),
        "acv": dice.maybe(dice.money(5e6, size), 0.2),
    }


def _household(dice: Dice) -> Rows:
    ids = [f"H{n:03d}" for n in range(HOUSEHOLDS - 5)]
    return {
        "household_id": ids,
        "weight": dice.maybe([0.5 + w for w in dice.money(2, len(ids))], 0.1),
        "age": dice.chosen(["19-24", "25-34", "65+", None], len(ids)),
        "size": dice.chosen(["1", "2", "5+"], len(ids)),
    }


def _person(dice: Dice) -> Rows:
    hired = [FIRST - timedelta(days=int(n)) for n in dice.rng.integers(-400, 900, PEOPLE)]
    left = [h + timedelta(days=int(n)) for h, n in zip(hired, dice.rng.integers(0, 900, PEOPLE),
                                                       strict=True)]  # fmt: skip
    left_on = dice.maybe(left, 0.5)
    return {
        "person_id": [f"E{n:03d}" for n in range(PEOPLE)],
        "role": dice.chosen(["representative", "manager"], PEOPLE),
        "team": dice.chosen(TEAMS, PEOPLE),
        "hired": hired,
        "left_on": left_on,
        "left_how": [
            None if day is None else how
            for day, how in zip(left_on, dice.chosen(["voluntary", "involuntary", None], PEOPLE),
                                strict=True)
        ],
    }  # fmt: skip


def _sales(dice: Dice) -> Rows:
    size = 14_000
    stores = dice.ids("S", STORES, size)
    daily = [store in ("S001", "S002") for store in stores]
    dates = [
        day if d else day - timedelta(days=day.weekday())
        for day, d in zip(dice.days(size), daily, strict=True)
    ]
    returned = [float(r) for r in dice.flags(0.02, size)]
    units = [u - r for u, r in zip(dice.counts(12, size), returned, strict=True)]
    price = [1 + p for p in dice.money(4, size)]
    value = [round(u * p, 2) for u, p in zip(units, price, strict=True)]
    rows = {
        "store_id": stores,
        "product_id": dice.ids("P", PRODUCTS, size),
        "date": dates,
        "days": [1 if d else 7 for d in daily],
        "units": units,
        "value": dice.maybe(value, 0.01),
        "regular_price": dice.maybe(price, 0.3),
        "returns": returned,
    }
    return _keep_first(rows, "store_id", "product_id", "date", "days")


def _basket_line(dice: Dice) -> Rows:
    size = 6_000
    baskets = [int(n) for n in dice.rng.integers(0, 2_500, size)]
    # A basket belongs to one household, store and day.
    days, stores = dice.days(2_500), dice.ids("S", STORES, 2_500)
    buyers = dice.ids("H", HOUSEHOLDS, 2_500)
    rows = {
        "basket_id": [f"B{n:05d}" for n in baskets],
        "household_id": [buyers[n] for n in baskets],
        "store_id": [stores[n] for n in baskets],
        "product_id": dice.ids("P", PRODUCTS, size),
        "line": [int(n) for n in dice.rng.integers(1, 3, size)],
        "time": [datetime(d.year, d.month, d.day, 12) for d in (days[n] for n in baskets)],
        "units": dice.counts(5, size),
        "value": dice.money(20, size),
        "retailer_discount": dice.maybe(dice.money(1, size), 0.7),
        "coupon_discount": dice.maybe(dice.money(1, size), 0.9),
        "coupon_match_discount": dice.maybe(dice.money(0, size), 0.5),
    }
    return _keep_first(rows, "basket_id", "product_id", "line")


def _promotion(dice: Dice) -> Rows:
    size = 4_000
    rows = {
        "store_id": dice.ids("S", STORES - 3, size),
        "product_id": dice.ids("P", PRODUCTS, size),
        "week": dice.mondays(size),
        "status": dice.chosen(["observed", "observed", "planned"], size),
        "display": dice.flags(0.5, size),
        "feature": dice.flags(0.5, size),
        "price_cut": dice.maybe(dice.flags(0.5, size), 0.3),
        "discount": dice.maybe(dice.money(40, size), 0.5),
        "display_days": dice.maybe(dice.counts(8, size), 0.3),
    }
    return _keep_first(rows, "store_id", "product_id", "week", "status")


def _promotion_cost(dice: Dice) -> Rows:
    return {
        "promotion_id": [f"X{n:02d}" for n in range(30)],
        "fixed_cost": dice.money(500, 30),
        "cost_per_unit": dice.maybe(dice.money(1, 30), 0.2),
    }


def _unit_margin(dice: Dice) -> Rows:
    size = 80
    rows = {
        "product_id": dice.ids("P", PRODUCTS - 2, size),
        "retailer": dice.chosen(["Maxi", "Lidl", "all"], size),
        "valid_from": dice.mondays(size),
        "margin": [m - 0.2 for m in dice.money(3, size)],
    }
    return _keep_first(rows, "product_id", "retailer", "valid_from")


def _stockout_response(_dice: Dice) -> Rows:
    return {
        "category": ["Coffee", "all"],
        "same_brand": [19.0, 20.0],
        "other_brand": [26.0, 20.0],
        "other_store": [31.0, 30.0],
        "later": [15.0, 20.0],
        "given_up": [9.0, 10.0],
    }


def _media(dice: Dice) -> Rows:
    size = 800
    rows = {
        "brand": dice.chosen([b for b in BRANDS if b], size),
        "category": dice.chosen([*CATEGORIES, "all"], size),
        "channel": dice.chosen(["television", "search"], size),
        "region": dice.chosen(["North", "South", "all"], size),
        "week": dice.mondays(size),
        "spend": dice.money(9_000, size),
        "exposure": dice.maybe(dice.money(1e6, size), 0.2),
    }
    return _keep_first(rows, "brand", "category", "channel", "region", "week")


def _stock(dice: Dice) -> Rows:
    size = 2_000
    opened, shoppers = [8.0 + n for n in dice.counts(8, size)], dice.counts(900, size)
    rows = {
        "store_id": dice.ids("S", STORES, size),
        "product_id": dice.ids("P", PRODUCTS, size),
        "date": dice.days(size),
        "on_hand": dice.maybe(dice.counts(60, size), 0.1),
        "hours_open": dice.maybe(opened, 0.1),
        "hours_available": dice.maybe([h * n / 4 for h, n in zip(opened, dice.counts(5, size),
                                                                strict=True)], 0.1),
        "shoppers": shoppers,
        "shoppers_available": [float(int(s * 0.8)) for s in shoppers],
    }  # fmt: skip
    return _keep_first(rows, "store_id", "product_id", "date")


def _distribution_list(dice: Dice) -> Rows:
    size = 300
    start = dice.days(size, weeks=80)
    rows = {
        "store_id": dice.ids("S", STORES, size),
        "product_id": dice.ids("P", PRODUCTS, size),
        "listed_from": start,
        "listed_to": dice.maybe([day + timedelta(days=120) for day in start], 0.5),
        "must_stock": dice.flags(0.8, size),
    }
    return _keep_first(rows, "store_id", "product_id", "listed_from")


def _visit(dice: Dice) -> Rows:
    size = 300
    started = dice.moments(size)
    return {
        "visit_id": [f"V{n:04d}" for n in range(size)],
        "store_id": dice.ids("S", STORES, size),
        "person_id": dice.ids("E", PEOPLE, size),
        "started": started,
        "ended": dice.maybe([moment + timedelta(minutes=40) for moment in started], 0.1),
        "purpose": dice.chosen(["order", "check", None], size),
    }


def _audit_line(dice: Dice) -> Rows:
    size = 2_000
    visits = [int(n) for n in dice.rng.integers(0, 300, size)]
    days, stores = dice.days(300), dice.ids("S", STORES, 300)
    possible = dice.maybe(dice.counts(6, size), 0.1)
    rows = {
        "visit_id": [f"V{n:04d}" for n in visits],
        "store_id": [stores[n] for n in visits],
        "product_id": [*dice.ids("P", PRODUCTS, size - 200), *["all"] * 200],
        "check_name": dice.chosen(["shelf", "price", "display"], size),
        "date": [days[n] for n in visits],
        "targeted": dice.flags(0.9, size),
        "available": dice.maybe(dice.flags(0.8, size), 0.1),
        "facings": dice.maybe(dice.counts(6, size), 0.1),
        "shelf_cm": dice.maybe(dice.money(90, size), 0.2),
        "display_agreed": dice.maybe(dice.flags(0.4, size), 0.2),
        "display_found": dice.maybe(dice.flags(0.6, size), 0.2),
        "points_possible": possible,
        "points_earned": [None if p is None else p / 2 for p in possible],
    }
    return _keep_first(rows, "visit_id", "product_id", "check_name")


def _note(dice: Dice) -> Rows:
    size = 300
    written = dice.moments(size)
    waits = dice.maybe(dice.counts(4_000, size), 0.3)
    due = [moment + timedelta(days=1) for moment in written]
    return {
        "note_id": [f"N{n:04d}" for n in range(size)],
        "store_id": dice.ids("S", STORES, size),
        "product_id": dice.maybe(dice.ids("P", PRODUCTS - 2, size), 0.3),
        "person_id": dice.ids("E", PEOPLE, size),
        "written": written,
        "body": ["The shelf was empty."] * size,
        "topic": dice.chosen(["price", "competitor", None], size),
        "due": dice.maybe(due, 0.3),
        "answered": [None if wait is None else moment + timedelta(minutes=wait)
                     for moment, wait in zip(written, waits, strict=True)],
    }  # fmt: skip


def _survey_answer(dice: Dice) -> Rows:
    size = 2_000
    people = [int(n) for n in dice.rng.integers(0, 500, size)]
    weeks, areas = dice.mondays(500), dice.chosen(REGIONS, 500)
    weights = dice.maybe([0.3 + w for w in dice.money(2, 500)], 0.1)
    rows = {
        "respondent_id": [f"R{n:04d}" for n in people],
        "week": [weeks[n] for n in people],
        "brand": dice.chosen([b for b in BRANDS if b], size),
        "category": dice.chosen([*CATEGORIES, None], size),
        "region": [areas[n] for n in people],
        "segment": [["young", "old"][n % 2] for n in people],
        "weight": [weights[n] for n in people],
        "first_mention": dice.maybe(dice.flags(0.2, size), 0.1),
        "aware": dice.flags(0.7, size),
        "considers": dice.maybe(dice.flags(0.5, size), 0.1),
        "tried": dice.maybe(dice.flags(0.4, size), 0.1),
        "repeats": dice.maybe(dice.flags(0.3, size), 0.1),
        "loyal": dice.maybe(dice.flags(0.2, size), 0.1),
    }
    return _keep_first(rows, "respondent_id", "brand", "week")


def _message_recall(dice: Dice) -> Rows:
    size = 500
    noticed = dice.flags(0.4, size)
    said = {
        "attributed_to": dice.chosen([b for b in BRANDS if b], size),
        "take_out": dice.chosen(["fresh", "cheap", None], size),
        "fit": dice.chosen(["consistent", "neutral", "contradicts", None], size),
    }
    rows = {
        "respondent_id": [f"R{int(n):04d}" for n in dice.rng.integers(0, 500, size)],
        "week": dice.mondays(size),
        "brand": dice.chosen([b for b in BRANDS if b], size),
        "message": dice.chosen(["fresh", "cheap"], size),
        "touchpoint": dice.chosen(["television", "radio"], size),
        "category": dice.chosen([*CATEGORIES, None], size),
        "noticed": noticed,
        **{
            name: [value if seen else None for value, seen in zip(values, noticed, strict=True)]
            for name, values in said.items()
        },
    }
    return _keep_first(rows, "respondent_id", "brand", "message", "touchpoint", "week")


def _target(dice: Dice) -> Rows:
    size = 120
    levels = dice.chosen(["company", "team", "person"], size)
    owners = {"company": ["544"], "team": TEAMS, "person": [f"E{n:03d}" for n in range(PEOPLE)]}
    first = [date(2016 + n // 4 % 2, 1 + 3 * (n % 4), 1) for n in range(size)]
    rows = {
        "level": levels,
        "owner": [dice.chosen(owners[level], 1)[0] for level in levels],
        "team": dice.chosen(TEAMS, size),
        "metric": dice.chosen(["value", "visits"], size),
        "first_day": first,
        "last_day": [day + timedelta(days=89) for day in first],
        "target": dice.money(1_000, size),
        "actual": dice.maybe(dice.money(1_000, size), 0.1),
    }
    return _keep_first(rows, "level", "owner", "metric", "first_day")


def _campaign(dice: Dice) -> Rows:
    first = dice.days(4, weeks=90)
    return {
        "campaign_id": [f"C{n:03d}" for n in range(4)],
        "kind": dice.chosen(["A", "B"], 4),
        "first_day": first,
        "last_day": [day + timedelta(days=60) for day in first],
    }


def _campaign_contact(dice: Dice) -> Rows:
    rows = {
        "campaign_id": dice.ids("C", 4, 200),
        "household_id": dice.ids("H", HOUSEHOLDS, 200),
    }
    return _keep_first(rows, "campaign_id", "household_id")


def _coupon(dice: Dice) -> Rows:
    rows = {
        "campaign_id": dice.ids("C", 4, 80),
        "coupon_id": dice.ids("K", 10, 80),
        "product_id": dice.ids("P", PRODUCTS, 80),
    }
    return _keep_first(rows, "campaign_id", "coupon_id", "product_id")


def _redemption(dice: Dice) -> Rows:
    rows = {
        "campaign_id": dice.ids("C", 4, 100),
        "household_id": dice.ids("H", HOUSEHOLDS, 100),
        "coupon_id": dice.ids("K", 10, 100),
        "date": dice.days(100),
    }
    return _keep_first(rows, "campaign_id", "household_id", "coupon_id", "date")


# In an order that lets references be checked only where the gaps are not wanted: facts first,
# so that items, stores and households without a master record get in.
TABLES: dict[str, Callable[[Dice], Rows]] = {
    "sales": _sales,
    "basket_line": _basket_line,
    "promotion": _promotion,
    "stock": _stock,
    "distribution_list": _distribution_list,
    "coupon": _coupon,
    "campaign_contact": _campaign_contact,
    "redemption": _redemption,
    "audit_line": _audit_line,
    "product": _product,
    "household": _household,
    "person": _person,
    "media": _media,
    "visit": _visit,
    "note": _note,
    "survey_answer": _survey_answer,
    "message_recall": _message_recall,
    "target": _target,
    "campaign": _campaign,
    "store": _store,
    "promotion_cost": _promotion_cost,
    "unit_margin": _unit_margin,
    "stockout_response": _stockout_response,
}
