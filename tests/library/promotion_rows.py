"""Small hand-made rows of the tables of promotions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from offtake.report.promotion import PromotionAnswer

Row = dict[str, Any]
FIRST = date(2024, 3, 4)
VIEWS = ("", "_where_executed", "_if_fully_executed")
NET = {
    "paid": (0.3, 0.32, 0.4),
    "badly_executed": (-0.3, 0.1, 0.25),
    "bad_idea": (-0.5, -0.45, -0.4),
    "open": (0.01, 0.02, 0.03),
}


def estimate(name: str, value: float | None, width: float) -> Row:
    ends = (None, None) if value is None else (value - width, value + width)
    return dict(zip((name, f"{name}_low", f"{name}_high"), (value, *ends), strict=True))


def account(verdict: str, gain: float = 1200.0) -> Row:
    row: Row = {"verdict": verdict, "base": 2000.0, "subsidised_of_promoted": 62.5,
                "break_even_ratio": None}  # fmt: skip
    row |= estimate("lift_in_promoted_stores", 60.0, 5.0) | estimate("lift_whole_chain", 45.0, 4.0)
    row |= estimate("from_own_other_items", 150.0, 20.0) | estimate("from_competitors", 600.0, 50.0)
    row |= estimate("from_other_weeks", -50.0, 10.0)
    row |= estimate("category_growth", gain - 700.0, 30.0)
    net = NET.get(verdict, (None, None, None))
    for suffix, each in zip(VIEWS, net, strict=True):
        row |= estimate(f"incremental{suffix}", gain, 100.0)
        row |= estimate(f"roi_net{suffix}", each, 0.05)
        gross = None if each is None else each + 1
        row |= estimate(f"roi_gross{suffix}", gross, 0.05)
        margin = None if verdict == "no_margin" else 900.0
        row |= estimate(f"incremental_margin{suffix}", margin, 40.0)
        row |= estimate(f"costed_margin{suffix}", None if each is None else 900.0, 40.0)
        row[f"cost{suffix}"] = None if each is None else 700.0
    return row


def event(name: str, verdict: str = "paid", **changes: object) -> Row:
    row = account(verdict) | {
        "promotion_id": name, "brand": "Acme", "manufacturer": "Acme", "retailer": "Maxi",
        "product_id": "P1", "items": 1, "first_week": FIRST, "last_week": FIRST + timedelta(7),
        "weeks": 2, "levers": "price cut, display", "price_cut": 20.0, "stores_agreed": 3,
        "stores_executed": 2, "display_compliance": 66.7, "display_days_compliance": None,
        "grade": "B", "reasons": "wide few_stores",
    }  # fmt: skip
    return row | changes


def weeks(name: str) -> list[Row]:
    return [
        {"promotion_id": name, "week": FIRST + timedelta(weeks=place), "during": place in (0, 1),
         "units": 1500.0 if place in (0, 1) else 900.0, "base": 950.0, "base_low": 900.0,
         "base_high": 1000.0}
        for place in range(-4, 5)
    ]  # fmt: skip


def stores(name: str, count: int = 4) -> list[Row]:
    return [
        {"promotion_id": name, "store_id": f"S{place}", "retailer": "Maxi",
         "region": "North" if place % 2 else "South", "agreed": place != 3, "executed": place < 2,
         "units": 100.0 + place, "incremental": 40.0 - place,
         "incremental_if_fully_executed": 40.0}
        for place in range(count)
    ]  # fmt: skip


def response(item: str, maker: str) -> Row:
    row: Row = {"product_id": item, "brand": maker, "manufacturer": maker, "units": 500.0,
                "cross_own_others": 0.1, "cross_competitors": None, "borrowed": 0.2}  # fmt: skip
    row |= estimate("elasticity", -2.5, 0.3)
    for name in ("display", "feature", "display_and_feature"):
        row |= estimate(f"{name}_lift", 40.0, 5.0)
    return row


def retailer(name: str, stores: int) -> Row:
    row: Row = {"retailer": name, "own_response": stores > 5, "stores": stores,
                "units": 1000.0 * stores}  # fmt: skip
    row |= estimate("elasticity_difference", -0.12, 0.05)
    for each in ("display", "feature", "display_and_feature"):
        row |= estimate(f"{each}_difference", 4.0, 6.0)
    return row


def shared(known: bool) -> list[Row]:
    return [
        {"category": "Snacks", "parameter": name, "value": value, "low": value - 0.1,
         "high": value + 0.1, "known": known}
        for name, value in (("dip_after_1_weeks", 0.3), ("ratio_of_not_executed", 0.8))
    ]  # fmt: skip


def answer(events: Sequence[Row], **changes: Any) -> PromotionAnswer:
    verdict = events[0]["verdict"] if events else "no_cost"
    margined = sum(each["verdict"] != "no_margin" for each in events)
    costed = sum(each["verdict"] not in ("no_cost", "no_margin") for each in events)
    total = account(verdict, 5000.0) | {
        "dimension": "manufacturer", "name": "Acme", "events": float(len(events)),
        "events_with_margin": float(margined), "events_costed": float(costed),
        "break_even_ratio": 0.63,
    }  # fmt: skip
    names = [each["promotion_id"] for each in events]
    tables = {
        "promotion_events": list(events),
        "promotion_totals": [total] if events else [],
        "promotion_weeks": [row for name in names for row in weeks(name)],
        "promotion_stores": [row for name in names for row in stores(name)],
        "promotion_responses": [response("P9", "Rival"), response("P1", "Acme")],
        "promotion_retailers": [retailer("Corner", 3), retailer("Maxi", 40)],
        "promotion_item_retailers": [],
        "promotion_category": shared(known=True),
    }
    given: dict[str, Any] = {
        "tables": tables, "category": "Snacks", "manufacturer": "Acme", "currency": "$",
        "simulated": "", "source": "small.csv", "created": "2026-11-26T15:00:00+00:00",
        "run_id": "",
    }  # fmt: skip
    return PromotionAnswer(**(given | changes))
