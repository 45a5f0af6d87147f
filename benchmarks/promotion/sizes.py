"""Ours beside other software on one panel, with week effects and with category-week effects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from benchmarks.promotion.panels import Effects, facts_of, prepared
from benchmarks.promotion.peers import PEERS, Peer
from benchmarks.promotion.sides import ME

MEMORY_MB = 11 * 2**10
LONG_S = 20.0
"""A peer that takes longer is run once."""

EFFECTS: tuple[Effects, ...] = ("week", "category_week")
WITH = {"week": "pair + week", "category_week": "pair + category-week"}


def case(bench: Bench, panel: str) -> list[Row]:
    """Measure on one panel."""
    # With ten thousand rows there are three or four in a category-week.
    effects = EFFECTS if panel != "10k" else EFFECTS[:1]
    return [row for each in effects for row in _with_effects(bench, panel, each)]


def fit_task(folder: str, effects: Effects, side: str, options: Mapping[str, Any]) -> Task:
    """Return the task of one side on one panel."""
    given = {"folder": folder, "effects": effects, "side": side, "options": dict(options)}
    return Task(f"{ME}:measured", given)


def title(panel: str, effects: Effects) -> str:
    """Name a line of the results."""
    return f"{panel}, {WITH[effects]}"


def _with_effects(bench: Bench, panel: str, effects: Effects) -> list[Row]:
    folder, case = prepared(bench, panel), title(panel, effects)
    job = fit_task(folder, effects, "ours", {})
    first = run_task(job)
    base = alone(case, first, rows=facts_of(folder)["rows"], note="", prefix="fit")
    rows = []
    for peer in PEERS:
        theirs = fit_task(folder, effects, peer.side, peer.options)
        row = _tried(bench, job, theirs, (peer, base, first))
        rows.append(replace(row, note=f"{row.note}; ours: {_said(first, base.rows)}"))
        print(f"{row.case}, {peer.name}: {row.peer_cpu_s or row.note}", flush=True)
    return rows


def _tried(bench: Bench, job: Task, theirs: Task, known: tuple[Peer, Row, Taken]) -> Row:
    """Run the peer, and if it gets there both in turn."""
    peer, base, first = known
    before = _stopped_before(bench, base, peer)
    if not peer.version or before:
        return _without(base, peer, before or "not installed: uv sync --group bench")
    run = run_limited(theirs, Limits(peer.limit_s, MEMORY_MB))
    if isinstance(run, Stopped):
        _remember(bench, base, peer)
        more = f" after {run.cpu_s:.0f} CPU s, {run.wall_s:.0f} s; {run.peak_mb:,.0f} MB"
        return _without(base, peer, run.reason + more)
    if not run.facts["converged"]:
        _remember(bench, base, peer)
        return _without(
            base, peer, f"did not converge in {run.cpu_s('fit'):.0f} CPU s: {_said(run, base.rows)}"
        )
    again = bench.repeats - 1 if run.cpu_s("fit") < LONG_S else 0
    more_runs = [(run_task(job), run_task(theirs)) for _ in range(again)]
    mine, others = (first, *(a for a, _ in more_runs)), (run, *(b for _, b in more_runs))
    return compare(
        base.case,
        Pairs(mine, others, peer.name),
        rows=base.rows,
        agreement=difference(first, run),
        note=_note(first, run, base.rows),
        prefix="fit",
    )


def difference(one: Taken, other: Taken) -> float:
    """Return the largest absolute difference of two sets of slopes."""
    a, b = (np.asarray(each.facts["coefficients"]) for each in (one, other))
    return float(np.abs(a - b).max())


def _note(mine: Taken, theirs: Taken, rows: int) -> str:
    errors = [np.asarray(each.facts["standard_errors"]) for each in (mine, theirs)]
    gap = f"{np.abs(errors[1] / errors[0] - 1).max():.0e}" if errors[1].size else "not asked for"
    return (
        f"standard errors, largest relative difference: {gap}; reading, not counted, "
        f"{mine.cpu_s('read'):.2f} s against {theirs.cpu_s('read'):.2f} s; start-up with a fit of "
        f"a few rows {mine.startup_cpu_s:.1f} s against {theirs.startup_cpu_s:.1f} s; peer: "
        f"{_said(theirs, rows)}"
    )


def _said(run: Taken, rows: int) -> str:
    facts = run.facts
    steps = f" in {facts['iterations']} steps" if "iterations" in facts else ""
    words = "".join(f', says "{word[:150].rstrip(".")}"' for word in facts["said"])
    return f"{facts['rows']:,} of {rows:,} rows used{steps}{words}"


def _without(base: Row, peer: Peer, reason: str) -> Row:
    return replace(base, peer=peer.name, peer_version=peer.version, note=f"peer: {reason}")


def _stopped_before(bench: Bench, row: Row, peer: Peer) -> str:
    """Say where a peer was stopped or failed on fewer rows; empty if nowhere."""
    where = _stops(bench).get(_key(row, peer))
    return f"not tried, as it did not get there with {where}" if where else ""


def _remember(bench: Bench, row: Row, peer: Peer) -> None:
    stops = {_key(row, peer): row.case} | _stops(bench)
    _stops_file(bench).write_text(json.dumps(stops), encoding="utf-8")


def _key(row: Row, peer: Peer) -> str:
    return f"{row.case.partition(', ')[2]}, {peer.name}"


def _stops(bench: Bench) -> dict[str, str]:
    path = _stops_file(bench)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _stops_file(bench: Bench) -> Path:
    return bench.folder / "stopped.json"
