"""A small run by hand, with every subject that the pages of figures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from offtake.report.gallery import charts
from offtake.report.manifest import EXAMPLE, Gap, LoadEntry, Manifest, Passport, TableEntry, to_json
from offtake.report.run import Run
from tests.library import promotion_rows, test_availability_page
from tests.library.promotion_rows import event
from tests.library.test_availability_page import alert

Rows = list[dict[str, Any]]
Tables = Mapping[str, Rows]
FIRST = date(2024, 1, 1)
HOSTILE = "</script><img src=x onerror=alert(1)>"
SIMULATED = "simulated: offtake.twin, seed 7, version 1"
BY_MAKER = ("value_share", "sales_value", "penetration", "average_price")
LOAD = LoadEntry(
    load_id=1, contract="store_sales", file="small.csv", source="small",
    vintage="2024-06-01T08:00:00+00:00", rows_in=10, loaded=10, replaced=0, set_aside=0,
    duplicate=0, combined=0,
)  # fmt: skip
EVENTS: Rows = [
    event("E1", "paid", incremental=300.25, retailer="Maxi", cost=100.5),
    event("E2", "bad_idea", incremental=200.5, retailer="Korner", product_id="P2"),
    event("week 3: a/b", "open", incremental=50.25, retailer="Korner", levers="display"),
    event("E4", "no_cost", incremental=None, retailer="Maxi", brand=HOSTILE),
    event("R1", "paid", incremental=900.0, manufacturer="Rival", brand="Rival"),
]
ALERTS: Rows = [
    alert("S1"), alert("S2", retailer="Korner", territory="South 1", cause="supply"),
    alert("S3", territory="South 1", ongoing=False), alert("S4", listed=False),
    alert("S9", manufacturer="Rival", brand="Rival"),
]  # fmt: skip


def compared(value: float, before: float) -> dict[str, float]:
    return {"value": value, "value_against": before, "change": value - before,
            "change_percent": 100 * (value / before - 1)}  # fmt: skip


def scoreboard_rows(more: float = 0.0) -> dict[str, Rows]:
    single = {
        "own_sales": (1200.0, 1000.0), "own_units": (600.0, 640.0),
        "category_sales": (4000.0, 3900.0),
    }  # fmt: skip
    found: dict[str, Rows] = {
        name: [compared(now + more, before)] for name, (now, before) in single.items()
    }
    for name in BY_MAKER:
        found[name] = [
            {"manufacturer": maker} | compared(value + more, 28.0)
            for maker, value in (("Acme", 30.0), ("Rival", 25.0))
        ]
    for name in ("weekly_sales", "weekly_price"):
        found[name] = [
            {"week": FIRST + timedelta(weeks=week), "value": 100.0 + week} for week in range(8)
        ]
    found["voids_by_store"] = [
        {"store_id": store, "category_sales": 50.0} for store in ("S1", "S2", "S7")
    ]
    return found


def promotion_tables() -> dict[str, Rows]:
    ours = [row for row in EVENTS if row["manufacturer"] == "Acme"]
    found = dict(promotion_rows.answer(ours).tables)
    rival = EVENTS[-1]["promotion_id"]
    found["promotion_events"] = EVENTS
    found["promotion_weeks"] = [*found["promotion_weeks"], *promotion_rows.weeks(rival)]
    found["promotion_stores"] = [*found["promotion_stores"], *promotion_rows.stores(rival)]
    found["promotion_notes"] = [{"note": "A note."}]
    return {name: rows for name, rows in found.items() if rows}


def shopper_tables() -> dict[str, Rows]:
    trend = {"dimension": "brand", "measure": "units", "amount_per_week": 30.0, "share": 17.0,
             "share_first_weeks": 0.0, "share_last_weeks": 19.0, "share_before": 5.0,
             "share_after": 9.0, "change": 80.0, "change_low": 60.0, "change_high": 95.0,
             "date": FIRST, "date_low": FIRST, "date_high": FIRST, "changes": 1, "p_value": 0.0,
             "q_value": 0.0}  # fmt: skip
    weeks = [
        {"dimension": "brand", "name": name, "week": FIRST + timedelta(weeks=week),
         "amount": 9.0, "share": 5.0 + week, "fitted": 5.5 + week}
        for name in ("Acme", "Rival") for week in range(8)
    ]  # fmt: skip
    return {
        "shopper_trends": [
            trend | {"name": "Acme", "verdict": "emerging", "reading": "From 5 % to 9 %."},
            trend | {"name": "Rival", "verdict": "fading", "reading": "From 9 % to 5 %."},
        ],
        "shopper_trend_weeks": weeks,
        "shopper_trend_notes": [{"note": "Few weeks."}],
    }


def all_tables(more: float = 0.0) -> dict[str, Rows]:
    shelves = {
        name: rows for name, rows in test_availability_page.answer(ALERTS).tables.items() if rows
    }
    return {**scoreboard_rows(more), **promotion_tables(), **shelves, **shopper_tables()}


def passport(measure: str, label: str) -> Passport:
    return Passport(measure=measure, title=f"Title of {measure}", definition=f"What {measure} is.",
                    formula="a / b", unit="percent", additivity="none", variant="", caveat="",
                    sources=("small",), notes=(), label=label, vintage=LOAD.vintage,
                    weeks="2024-W01..2024-W08")  # fmt: skip


def manifest_of(name: str, tables: Tables, *, simulated: str = "", **more: Any) -> Manifest:
    frame = replace(
        EXAMPLE.frame, category="Snacks", manufacturer="Acme", competitors=("Rival",), weeks=8,
        first_week="2024-01-01", last_week="2024-02-19", before_first_week="2023-11-06",
        before_last_week="2023-12-25", against="previous", data_first_week="2024-01-01",
        data_last_week="2024-02-19", currency="$", simulated=simulated,
    )  # fmt: skip
    entries = tuple(
        TableEntry(name=each, measure=each, first_week="2024-01-01", last_week="2024-02-19",
                   by=("manufacturer",) if each in BY_MAKER else (), fingerprint="",
                   sha256=f"{each}{hash(str(rows))}", rows=len(rows), seconds=0.1)
        for each, rows in tables.items()
    )  # fmt: skip
    gap = Gap(name="numeric_distribution", measure="numeric_distribution",
              title="Numeric distribution", reason="no stores", load=("store",))  # fmt: skip
    given: dict[str, Any] = {
        "run_id": name, "created": "2024-06-02T08:00:00+00:00", "frame": frame, "loads": (LOAD,),
        "tables": entries, "gaps": (gap,),
        "passports": {each: passport(each, simulated) for each in tables},
    }  # fmt: skip
    return replace(EXAMPLE, **(given | more))


def write_run(
    runs: Path, name: str, tables: Tables | None = None, *, simulated: str = "", **more: Any
) -> Run:
    """Write a run and publish it."""
    rows = all_tables() if tables is None else tables
    folder = runs / name
    (folder / "tables").mkdir(parents=True)
    (folder / "charts").mkdir()
    for each, some in rows.items():
        pq.write_table(pa.Table.from_pylist(some), folder / "tables" / f"{each}.parquet")
    run = Run(folder, manifest_of(name, rows, simulated=simulated, **more))
    for each, chart in charts(run).items():
        (folder / "charts" / f"{each}.json").write_text(chart, encoding="utf-8")
    (folder / "manifest.json").write_text(to_json(run.manifest), encoding="utf-8")
    (runs / "published").write_text(f"{name}\n", encoding="utf-8")
    return run
