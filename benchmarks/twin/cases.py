"""The twin's benchmark: against drawing sales by hand, how it grows, and 100 million rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from benchmarks.measuring import Bench, Row, Task, alone, compare, in_turn, run_task

ME = "benchmarks.twin.making"
ITEMS = 30
SIZES = {"1x": 125, "4x": 500, "16x": 2000}
MANY = 7000
"""Stores at which more than 100 million sales rows come out."""


def by_hand(bench: Bench) -> list[Row]:
    """Measure ours beside independent draws by hand."""
    size = {"stores": SIZES["1x"], "items": ITEMS}
    folders = [str(bench.folder / name) for name in ("ours", "by-hand")]
    pairs = []
    for _ in range(bench.repeats):
        mine = Task(f"{ME}:ours", size | {"folder": folders[0]})
        theirs = Task(f"{ME}:by_hand", size | {"folder": folders[1]})
        pairs.append(in_turn(mine, theirs, 1, name="NumPy by hand"))
        for folder in folders:
            shutil.rmtree(folder)
    together = replace(
        pairs[0],
        ours=tuple(run for each in pairs for run in each.ours),
        peer=tuple(run for each in pairs for run in each.peer),
    )
    made = together.ours[0].facts
    note = (
        f"{made['rows']:,} sales rows of {made['all_rows']:,} in all with truth, against "
        f"{together.peer[0].facts['rows']:,} independent draws; different numbers by design"
    )
    return [compare("sales by hand", together, rows=made["rows"], agreement=None, note=note)]


def growth(bench: Bench) -> list[Row]:
    """Measure 1, 4 and 16 times the stores."""
    return [_alone(bench, f"growth, {name}", stores) for name, stores in SIZES.items()]


def large(bench: Bench) -> list[Row]:
    """Make 100 million sales rows once."""
    return [_alone(bench, "100 million sales rows", MANY)]


def _alone(bench: Bench, case: str, stores: int) -> Row:
    folder = bench.folder / "alone"
    given = {"stores": stores, "items": ITEMS, "folder": str(folder)}
    run = run_task(Task(f"{ME}:ours", given))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder)
    rows, spent = run.facts["rows"], 1e6 * run.cpu_s() / run.facts["rows"]
    note = (
        f"one process; {spent:.2f} CPU s per million sales rows; "
        f"{run.facts['all_rows']:,} rows in all, {size / 2**20:,.0f} MB on disk"
    )
    return alone(case, run, rows=rows, note=note)


CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {"by-hand": by_hand, "growth": growth, "large": large}
)
