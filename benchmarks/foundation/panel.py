"""The panel of grocery items, against the same written by hand in SQL."""

from __future__ import annotations

from typing import Any

from benchmarks.foundation.sql_files import HERE
from benchmarks.foundation.stores import filled_store, open_by_hand, open_ours
from benchmarks.measuring import Bench, Row, Task, compare, in_turn, run_task
from benchmarks.worker import Clock

ME = "benchmarks.foundation.panel"
WHERE = ("department=GROCERY",)
KEY = ("store_id", "product_id", "week")
NUMBERS = ("units", "value", "regular_price", "price", "display_days", "discount")
FLAGS = ("price_seen", "display", "feature")
NOTE = (
    "target: ratio at most 1.3. One row per store, item and week; joined with the 12,785 promotion "
    "keys that the file has twice not combined, it would have 448 more (2,231,478)"
)

WEEKS_NOTE = (
    "for information: the peer takes for granted that no sales are by day, which ours and the "
    "other peer allow for"
)


def ours(clock: Clock, store: str) -> dict[str, Any]:
    """Build the panel with Offtake."""
    from offtake.models.panel import panel

    with open_ours(store) as opened:
        with clock.part("panel"):
            table = opened.run(panel(opened.tables(), where=WHERE))
        return {"rows": table.num_rows}


def by_hand(clock: Clock, store: str, file: str = "panel.sql") -> dict[str, Any]:
    """Build the panel with the SQL beside this module."""
    import duckdb

    sql = _sql(file)
    with open_by_hand(store) as con:
        with clock.part("panel"):
            table = con.sql(sql).to_arrow_table()
        return {"rows": table.num_rows, "version": f"duckdb {duckdb.__version__}"}


def _sql(file: str = "panel.sql") -> str:
    return (HERE / file).read_text(encoding="utf-8")


def differences(_clock: Clock, store: str) -> dict[str, float]:
    """Compare both panels cell by cell; a row that only one has counts as differing wholly."""
    from offtake.models.panel import panel

    with open_ours(store) as opened:
        mine = opened.sql(panel(opened.tables(), where=WHERE))
    numbers = [
        f"max(CASE WHEN (a.{n} IS NULL) <> (b.{n} IS NULL) THEN 1 ELSE abs(a.{n} - b.{n}) / "
        f"greatest(abs(a.{n}), abs(b.{n}), 1e-9) END) AS {n}"
        for n in NUMBERS
    ]
    flags = [f"max(CASE WHEN a.{f} = b.{f} THEN 0 ELSE 1 END) AS {f}" for f in FLAGS]
    query = (
        f"SELECT {', '.join([*numbers, *flags])} FROM ({mine}) AS a FULL JOIN ({_sql()}) AS b "  # noqa: S608
        f"ON {' AND '.join(f'a.{k} = b.{k}' for k in KEY)}"
    )
    with open_by_hand(store) as con:
        values = con.execute(query).fetchone()
    return {n: float(v or 0) for n, v in zip((*NUMBERS, *FLAGS), values or (), strict=True)}


def case(bench: Bench) -> list[Row]:
    """Measure on the full data, against SQL that adds days up to weeks, and SQL that need not."""
    given = {"store": filled_store(bench)}
    found = run_task(Task(f"{ME}:differences", given)).facts
    job = Task(f"{ME}:ours", given)
    pairs = in_turn(job, Task(f"{ME}:by_hand", given), bench.repeats)
    shorter = Task(f"{ME}:by_hand", {**given, "file": "panel_of_weeks.sql"})
    weeks = in_turn(job, shorter, bench.repeats, name="SQL by hand, weeks only")
    rows = pairs.ours[0].facts["rows"]
    return [
        compare("panel, GROCERY", pairs, rows=rows, agreement=max(found.values()), note=NOTE),
        compare("panel, GROCERY", weeks, rows=rows, agreement=None, note=WEEKS_NOTE),
    ]
