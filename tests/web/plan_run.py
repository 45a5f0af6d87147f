"""A small published run by hand, with what planning reads: two retailers, three items, no model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from offtake.report.manifest import EXAMPLE, TableEntry, to_json

ITEMS = [
    {"product_id": f"P{n}", "description": f"Bag {n}", "brand": brand, "manufacturer": maker,
     "subcategory": "BAGS", "pack_size": "100 g", "own": maker == "Alder"}
    for n, brand, maker in ((1, "Alder Red", "Alder"), (2, "Alder Blue", "Alder"),
                            (3, "Elm", "Elm"))
]  # fmt: skip
STORES = [
    {"store_id": f"S{n}", "name": f"{retailer} {n}", "retailer": retailer, "region": "North",
     "territory": territory, "share": 50.0}
    for n, retailer, territory in ((1, "Korner", "North 1"), (2, "Korner", "North 2"),
                                   (3, "Dis", "North 2"), (4, "Dis", "North 3"))
]  # fmt: skip
BASE = [
    {"product_id": item["product_id"], "retailer": retailer, "units": 100.0, "sold": 100.0,
     "log_sd": 0.1, "stores": 2, "price": 2.0, "margin": 0.5, "last_week": date(2026, 1, 5)}
    for item in ITEMS for retailer in ("Korner", "Dis")
]  # fmt: skip
EVENTS = [
    {"promotion_id": "E1", "kind": "named", "manufacturer": "Alder", "incremental": 120.0,
     "incremental_low": 90.0, "incremental_high": 150.0, "incremental_where_executed": 120.0,
     "incremental_if_fully_executed": 160.0, "cost": 50.0, "cost_where_executed": 50.0,
     "cost_if_fully_executed": 60.0, "incremental_margin": 60.0,
     "incremental_margin_where_executed": 60.0, "incremental_margin_if_fully_executed": 80.0,
     "roi_net": 0.2, "roi_net_where_executed": 0.2, "roi_net_if_fully_executed": 0.33,
     "stores_agreed": 10, "stores_executed": 8, "verdict": "paid"}
]  # fmt: skip


def publish_planning(runs: Path, name: str = "planning", **tables: list[dict[str, Any]]) -> None:
    """Publish a run with the planning tables, some of them replaced."""
    given = {
        "planning_items": ITEMS,
        "planning_stores": STORES,
        "planning_base": BASE,
        "promotion_events": EVENTS,
    } | tables
    folder = runs / name / "tables"
    folder.mkdir(parents=True)
    for title, rows in given.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{title}.parquet")
    entries = tuple(
        TableEntry(name=title, measure=title, fingerprint="", sha256="", rows=1, seconds=0.0)
        for title in given
    )
    frame = replace(EXAMPLE.frame, manufacturer="Alder", currency="EUR", simulated="")
    manifest = replace(EXAMPLE, run_id=name, tables=entries, frame=frame,
                       created="2026-01-12T08:30:00+00:00")  # fmt: skip
    (runs / name / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    (runs / "published").write_text(f"{name}\n", encoding="utf-8")
