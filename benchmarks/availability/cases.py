"""The benchmark of availability: millions of item-store-days scored, and how many are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.availability.shelves import DAYS, write
from benchmarks.measuring import Bench, Pairs, Row, Task, alone, compare, in_turn, run_task

ME = "benchmarks.availability.sides"
MANY = 50_000
"""Store-items; 5 million days."""
FEW = 5_000
"""Store-items that the slow peer is measured on."""


def sql(bench: Bench) -> list[Row]:
    """Measure 5 million days beside SQL windows."""
    path = _made(bench, MANY)
    pairs = in_turn(_task("ours", path), _task("by_sql", path), bench.repeats)
    below = pairs.peer[0].facts["below"]
    note = f"{_found(pairs)}; SQL by the moving average {_percent(below)}"
    return [compare("5 million days", pairs, rows=MANY * DAYS, agreement=None, note=note)]


def statsmodels(bench: Bench) -> list[Row]:
    """Measure half a million days beside pandas and statsmodels, item by item."""
    path = _made(bench, FEW)
    pairs = in_turn(
        _task("ours", path), _task("by_statsmodels", path), 1, name="pandas, statsmodels"
    )
    row = compare("half a million days", pairs, rows=FEW * DAYS, agreement=None, note=_found(pairs))
    return [row]


def growth(bench: Bench) -> list[Row]:
    """Measure ours alone on 1, 5 and 20 million days."""
    rows = []
    for count in (10_000, 50_000, 200_000):
        run = run_task(_task("ours", _made(bench, count)))
        spent = 1e6 * run.cpu_s() / (count * DAYS)
        note = f"{spent:.2f} CPU s a million days; {run.facts['alarms']:,} alarms"
        rows.append(alone(f"growth, {count:,} store-items", run, rows=count * DAYS, note=note))
    return rows


def _made(bench: Bench, count: int) -> Path:
    path = bench.folder / f"shelves-{count}.npz"
    if not path.exists():
        write(path, count)
    return path


def _task(side: str, path: Path) -> Task:
    return Task(f"{ME}:{side}", {"path": str(path)})


def _found(pairs: Pairs) -> str:
    ours, peer = pairs.ours[0].facts["found"], pairs.peer[0].facts["found"]
    return (
        f"empty days found at 0.1 and 1 % false alarms: ours {_percent(ours)}, "
        f"peer {_percent(peer)}"
    )


def _percent(shares: list[float]) -> str:
    return " and ".join(f"{100 * share:.0f} %" for share in shares)


CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {"sql": sql, "statsmodels": statsmodels, "growth": growth}
)
