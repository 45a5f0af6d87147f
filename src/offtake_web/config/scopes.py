"""What a scope can be made of, and what of a run is inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from offtake.report.run import Run
from offtake_web.accounts.access import scope_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.dashboards.reading import scoped
from offtake_web.runs.queries import current
from offtake_web.runs.tables import table

SOURCES: Mapping[str, tuple[str, str]] = {
    "retailers": ("planning_stores", "retailer"),
    "territories": ("planning_stores", "territory"),
    "brands": ("planning_items", "brand"),
}


def run_seen_by(run: Run, user: User) -> Run:
    """Return a run of which only the rows inside somebody's scope can be read."""
    return scoped(run, scope_of(user))


def scope_names() -> dict[str, list[str]]:
    """Return the names to offer for each part of a scope; none where no run has them."""
    runs = [run for market in markets() if (run := current(market)) is not None]
    return {
        part: sorted({name for run in runs for name in _names(run, *source)})
        for part, source in SOURCES.items()
    }


def _names(run: Run, name: str, column: str) -> Iterator[str]:
    if name in run.table_names:
        yield from filter(None, table(run, name)[column].unique().to_pylist())
