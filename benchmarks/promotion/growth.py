"""Ours without other software: against the least work, on every panel, and as rows grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.measuring import Bench, Pairs, Row, Taken, Task, alone, compare, in_turn, run_task
from benchmarks.promotion import streamed
from benchmarks.promotion.panels import PANELS, Effects, facts_of, prepared, simulated
from benchmarks.promotion.simulated import TRUTH
from benchmarks.promotion.sizes import EFFECTS, difference, fit_task, title

STORES = (27, 60, 268, 804)
"""Of 400 items and 104 weeks: 1, 2.2, 10 and 30 million rows."""

STREAMED_STORES = (27, 268, 804, 2680)
"""1, 10, 30 and 100 million rows."""


def ours(bench: Bench) -> list[Row]:
    """Measure ours alone on every panel: quick, for work on the regression itself."""
    return [_ours(prepared(bench, p), e, title(p, e)) for p in PANELS for e in EFFECTS]


def least(bench: Bench) -> list[Row]:
    """Measure beside reading the files and one plain pass over the rows for every step taken."""
    rows = []
    for panel in ("1m", "grocery", "10m"):
        folder = prepared(bench, panel)
        for effects in EFFECTS:
            job = fit_task(folder, effects, "ours", {})
            steps = run_task(job).facts["iterations"]
            plain = fit_task(folder, effects, "least", {"steps": steps})
            pairs = in_turn(job, plain, bench.repeats, name="reading and arithmetic")
            note = f"reading counted on both sides; exp, sums by effect and X'WX in {steps} passes"
            new = compare(
                title(panel, effects), pairs, rows=facts_of(folder)["rows"], agreement=None,
                note=note,
            )  # fmt: skip
            rows.append(new)
    return rows


def growth(bench: Bench) -> list[Row]:
    """Measure ours on simulated panels of 1 to 30 million rows."""
    folders = [simulated(bench, stores) for stores in STORES]
    return [_ours(f, e, title("growth", e)) for e in EFFECTS for f in folders]


def stream(bench: Bench) -> list[Row]:
    """Measure ours on rows that come in chunks: 1 to 100 million, and 10 beside memory."""
    alone_rows = [_streamed(bench, s, e) for e in EFFECTS for s in STREAMED_STORES]
    return alone_rows + [_beside_memory(bench, e) for e in EFFECTS]


def _streamed(bench: Bench, stores: int, effects: Effects) -> Row:
    run = _drawn(bench, stores, effects)
    rows = run.facts["rows_given"]
    note = _spent(run, rows) + f"; drawing, not counted, {run.cpu_s('draw'):.0f} s"
    if effects == "category_week":
        note += _missed(run, TRUTH)
    row = alone(title("streamed", effects), run, rows=rows, note=note, prefix="fit")
    print(f"{row.case}: {rows:,} rows, {row.ours_cpu_s} s, {row.ours_peak_mb} MB", flush=True)
    return row


def _drawn(bench: Bench, stores: int, effects: Effects) -> Taken:
    """Run one task, and take the drawing out of what is counted."""
    given = {"stores": stores, "effects": effects, "folder": str(bench.folder)}
    run = run_task(Task(f"{streamed.ME}:measured", given))
    (cpu, wall), (less_cpu, less_wall) = run.parts["whole"], run.parts["draw"]
    return replace(run, parts={**run.parts, "fit": (cpu - less_cpu, wall - less_wall)})


def _beside_memory(bench: Bench, effects: Effects) -> Row:
    folder = prepared(bench, "10m")
    stores, rows = facts_of(folder)["store"], facts_of(folder)["rows"]
    kept = fit_task(folder, effects, "ours", {})
    runs = [(_drawn(bench, stores, effects), run_task(kept)) for _ in range(bench.repeats)]
    pairs = Pairs(tuple(a for a, _ in runs), tuple(b for _, b in runs), "ours in memory")
    return compare(
        title("10m, streamed", effects), pairs, rows=rows, agreement=difference(*runs[0]),
        note=f"reading into memory, not counted, {runs[0][1].cpu_s('read'):.2f} s", prefix="fit",
    )  # fmt: skip


def _ours(folder: str, effects: Effects, case: str) -> Row:
    run = run_task(fit_task(folder, effects, "ours", {}))
    rows = facts_of(folder)["rows"]
    note = f"{_spent(run, rows)}; reading, not counted, {run.cpu_s('read'):.2f} s"
    # With week effects only, the simulated rows are not drawn from the model that is fitted.
    if effects == "category_week":
        note += _missed(run, facts_of(folder)["truth"])
    return alone(case, run, rows=rows, note=note, prefix="fit")


def _spent(run: Taken, rows: int) -> str:
    return (
        f"{1e6 * run.cpu_s('fit') / rows:.2f} CPU s and {1e6 * run.peak_mb / rows:,.0f} MB per "
        f"million rows; {run.facts['iterations']} steps, converged: {run.facts['converged']}"
    )


def _missed(run: Taken, truth: Sequence[float]) -> str:
    """Say how far the slopes are from those that the rows were drawn with."""
    if not len(truth):
        return ""
    gap = np.asarray(run.facts["coefficients"]) - np.asarray(truth)
    errors = np.abs(gap) / np.asarray(run.facts["standard_errors"])
    return f"; truth missed by {np.abs(gap).max():.0e}, {errors.max():.1f} standard errors"
