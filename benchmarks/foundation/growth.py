"""How cost grows with the data: 1, 4 and 16 times the stores, with all that they sold.

The base is two categories, BAG SNACKS and SOFT DRINKS: sixteen times all categories would be 335
million promotion rows, more than a small machine loads in minutes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.foundation import catalogue, panel
from benchmarks.foundation.intake import MEMORY
from benchmarks.foundation.stores import filled_store, open_by_hand
from benchmarks.measuring import Bench, Row, Taken, Task, alone, compare, in_turn, run_task
from benchmarks.worker import Clock

ME = "benchmarks.foundation.growth"
SIZES = (1, 4, 16)
CATEGORIES = "('BAG SNACKS', 'SOFT DRINKS')"
MEASURES = (
    "sales_value",
    "numeric_distribution",
    "weighted_distribution_acv",
    "promoted_share",
    "penetration",
    "scr",
)
COPIED = {"product": (), "store": ("store_id",), "household": ("household_id",),
          "sales": ("store_id",), "promotion": ("store_id",),
          "basket_line": ("store_id", "household_id", "basket_id")}  # fmt: skip
HAVING_PRODUCTS = ("product", "sales", "promotion", "basket_line")


def copy_files(_clock: Clock, store: str, folder: str, times: int) -> dict[str, int]:
    """Write the two categories as Parquet files, with every store there so many times."""
    Path(folder).mkdir(exist_ok=True)
    with open_by_hand(store) as con:
        return {
            table: con.execute(_copy(table, folder, times)).fetchall()[0][0] for table in COPIED
        }


def _copy(table: str, folder: str, times: int) -> str:
    keys = COPIED[table]
    renamed = ", ".join(f"{key} || '#' || copy AS {key}" for key in keys)
    changed = f"EXCLUDE (load_id) REPLACE ({renamed})" if keys else "EXCLUDE (load_id)"
    items = f"SELECT product_id FROM product WHERE category IN {CATEGORIES}"  # noqa: S608
    wanted = f" WHERE product_id IN ({items})" if table in HAVING_PRODUCTS else ""
    copies = f", (SELECT unnest(range({times})) AS copy) AS copies" if keys else ""
    rows = f"(SELECT * FROM {table}{wanted}) AS base"  # noqa: S608
    copied = f"SELECT base.* {changed} FROM {rows}{copies}"  # noqa: S608
    return f"COPY ({copied}) TO '{folder}/{table}.parquet'"


def load(clock: Clock, folder: str, store: str) -> dict[str, Any]:
    """Load the files; only those of sales and promotions are timed."""
    from offtake.data.intake import load_file
    from offtake.data.store import Store

    Path(store).unlink(missing_ok=True)
    loaded = {}
    with Store(Path(store), memory_limit=MEMORY) as opened:
        for table in COPIED:
            name = "intake" if table in ("sales", "promotion") else "others"
            with clock.part(name):
                done = load_file(opened, Path(folder) / f"{table}.parquet", as_contract=table)
            loaded[table] = done.loaded
    return {"rows": loaded["sales"] + loaded["promotion"]}


def case(bench: Bench) -> list[Row]:
    """Measure intake, panel and some measures at each size."""
    full = filled_store(bench)
    rows: list[Row] = []
    first: dict[str, float] = {}
    for times in SIZES:
        folder, store = bench.folder / f"copies-{times}", bench.folder / f"copies-{times}.duckdb"
        files = {"store": full, "folder": str(folder), "times": times}
        run_task(Task(f"{ME}:copy_files", files))
        loaded = run_task(Task(f"{ME}:load", {"folder": str(folder), "store": str(store)}))
        new = [_intake(loaded, times), _panel(str(store), times), _measures(str(store), times)]
        for row in new:
            what = row.case.partition(",")[0]
            first.setdefault(what, row.ours_cpu_s or 0.0)
            rows.append(_with_growth(row, first[what]))
        store.unlink()
        for file in folder.iterdir():
            file.unlink()
    return rows


def _intake(run: Taken, times: int) -> Row:
    note = "sales and promotions; no peer: it is set beside itself"
    rows = run.facts["rows"]
    return alone(f"growth: intake, {times}x", run, rows=rows, note=note, prefix="intake")


def _panel(store: str, times: int) -> Row:
    given = {"store": store}
    pairs = in_turn(Task(f"{panel.ME}:ours", given), Task(f"{panel.ME}:by_hand", given), 1)
    found = run_task(Task(f"{panel.ME}:differences", given)).facts
    return compare(
        f"growth: panel, {times}x",
        pairs,
        rows=pairs.ours[0].facts["rows"],
        agreement=max(found.values()),
    )


def _measures(store: str, times: int) -> Row:
    given = {"store": store, "measures": list(MEASURES)}
    me = catalogue.ME
    pairs = in_turn(Task(f"{me}:ours", given), Task(f"{me}:by_hand", given), 1)
    worst = catalogue.worst(pairs, MEASURES)
    return compare(
        f"growth: {len(MEASURES)} measures, {times}x",
        pairs,
        rows=catalogue.answered(pairs, ""),
        agreement=max(gap for gap, _ in worst.values()),
        note=", ".join(MEASURES),
    )


def _with_growth(row: Row, first: float) -> Row:
    grown = (row.ours_cpu_s or 0.0) / first
    return replace(row, note=f"{grown:.1f} times the CPU of 1x; {row.note}")
