"""Today: how the figures stand for somebody's side, and what changed since the run before."""

from __future__ import annotations

from datetime import datetime

from offtake.report.words import days_label
from offtake_web.accounts.access import side_of
from offtake_web.dashboards.reading import Context, Reading, scoped
from offtake_web.dashboards.subjects import availability
from offtake_web.dashboards.subjects.changes import changed
from offtake_web.dashboards.subjects.scoreboard import headline, tiles_for
from offtake_web.runs.queries import run_before


def home(reading: Reading) -> Context:
    run = reading.run
    before = run_before(reading.market, run.run_id)
    frame = run.manifest.frame
    return {
        "side": side_of(reading.request.user) or "both",
        "made": datetime.fromisoformat(run.manifest.created),
        "headline": headline(run),
        "tiles": tiles_for(reading),
        "shelves": availability.shelves(run),
        "days": days_label(frame.first_week, frame.last_week) if frame.first_week else "",
        "changed": changed(scoped(before, reading.scope), run) if before else None,
    }
