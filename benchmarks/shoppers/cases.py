"""The benchmark of shoppers: BG/NBD fits beside lifetimes and pymc-marketing, panel analytics.

Further cases of the shopper models are functions of a :class:`benchmarks.measuring.Bench` that
``CASES`` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

import numpy as np

from benchmarks.measuring import (
    Bench,
    Limits,
    Pairs,
    Row,
    Stopped,
    Taken,
    Task,
    alone,
    compare,
    run_limited,
    run_task,
)
from benchmarks.shoppers.customers import write_customers, write_purchases
from benchmarks.shoppers.norms import norms
from benchmarks.shoppers.panel import peer_functions, whole_catalogue

ME = "benchmarks.shoppers.sides"
PEERS = ("lifetimes", "pymc-marketing")
LIMITS = Limits(cpu_s=300.0, memory_mb=11 * 2**10)
"""Of a peer: 300 CPU seconds, 11 GB."""
LONG_S = 20.0
"""A peer that takes longer is run once."""
MILLION = 1_000_000
BRANDS = 100


def cdnow(bench: Bench) -> list[Row]:
    """Fit the 2,357 customers of CDNOW."""
    return _beside(bench, "CDNOW", rows=2357, job=("measured", ""))


def million(bench: Bench) -> list[Row]:
    """Fit a million customers."""
    path = bench.folder / "customers.npz"
    write_customers(path, MILLION)
    return _beside(bench, "a million customers", rows=MILLION, job=("measured", str(path)))


def brands(bench: Bench) -> list[Row]:
    """Read the purchases of a million households, count them and fit 100 brands."""
    path = bench.folder / "purchases.parquet"
    customers, rows = write_purchases(path, BRANDS, MILLION)
    title = f"{BRANDS} brands, {customers:,} customers, reading counted"
    return _beside(bench, title, rows=rows, job=("brands", str(path)))


def _beside(bench: Bench, title: str, *, rows: int, job: tuple[str, str]) -> list[Row]:
    ours = _task("ours", job)
    first = run_task(ours)
    base = alone(title, first, rows=rows, note="")
    return [_tried(bench, (base, first), peer, job) for peer in PEERS]


def _tried(bench: Bench, ours: tuple[Row, Taken], peer: str, job: tuple[str, str]) -> Row:
    base, first = ours
    try:
        named = replace(base, peer=peer, peer_version=f"{peer} {version(peer)}")
    except PackageNotFoundError:
        return replace(base, peer=peer, note="peer: not installed: uv sync --group bench")
    run = run_limited(_task(peer, job), LIMITS)
    if isinstance(run, Stopped):
        more = f" after {run.cpu_s:.0f} CPU s, {run.wall_s:.0f} s; {run.peak_mb:,.0f} MB"
        return replace(named, note=f"peer: {run.reason}{more}")
    again = bench.repeats - 1 if run.cpu_s() < LONG_S else 0
    more_runs = [(run_task(_task("ours", job)), run_task(_task(peer, job))) for _ in range(again)]
    pairs = Pairs((first, *(a for a, _ in more_runs)), (run, *(b for _, b in more_runs)), peer)
    said = "; ".join(f"{name} {each.facts['said']}" for name, each in
                     (("ours", first), (peer, run)) if each.facts["said"])  # fmt: skip
    return compare(base.case, pairs, rows=base.rows, agreement=difference(first, run), note=said)


def difference(one: Taken, other: Taken) -> float:
    """Return the largest relative difference of the parameters, over brands."""
    a, b = (np.asarray(each.facts["coefficients"]) for each in (one, other))
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))))


def _task(side: str, job: tuple[str, str]) -> Task:
    return Task(f"{ME}:{job[0]}", {"side": side, "path": job[1]})


CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {
        "cdnow": cdnow,
        "million": million,
        "brands": brands,
        "norms": norms,
        "catalogue": whole_catalogue,
        "peer": peer_functions,
    }
)
