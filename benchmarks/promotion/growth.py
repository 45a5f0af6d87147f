"""Ours without other software: against the least work, on every panel, and as rows grow."""

from __future__ import annotations

import numpy as np

from benchmarks.measuring import Bench, Row, Taken, alone, compare, in_turn, run_task
from benchmarks.promotion.panels import PANELS, Effects, facts_of, prepared, simulated
from benchmarks.promotion.sizes import EFFECTS, fit_task, title

STORES = (27, 60, 268, 804)
"""Of 400 items and 104 weeks: 1, 2.2, 10 and 30 million rows."""


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


def _ours(folder: str, effects: Effects, case: str) -> Row:
    run = run_task(fit_task(folder, effects, "ours", {}))
    rows = facts_of(folder)["rows"]
    spent = 1e6 * run.cpu_s("fit") / rows
    note = (
        f"{spent:.2f} CPU s and {1e6 * run.peak_mb / rows:,.0f} MB per million rows; "
        f"{run.facts['iterations']} steps, converged: {run.facts['converged']}; reading, not "
        f"counted, {run.cpu_s('read'):.2f} s"
    )
    # With week effects only, the simulated rows are not drawn from the model that is fitted.
    if effects == "category_week":
        note += _recovery(run, folder)
    return alone(case, run, rows=rows, note=note, prefix="fit")


def _recovery(run: Taken, folder: str) -> str:
    """Say how far the slopes are from those that the rows were drawn with."""
    truth = np.asarray(facts_of(folder)["truth"])
    if not truth.size:
        return ""
    gap = np.asarray(run.facts["coefficients"]) - truth
    errors = np.abs(gap) / np.asarray(run.facts["standard_errors"])
    return f"; truth missed by {np.abs(gap).max():.0e}, {errors.max():.1f} standard errors"
