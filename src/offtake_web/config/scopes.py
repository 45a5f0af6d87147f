"""What a scope can be made of: the retailers, territories and brands of the published runs."""

from __future__ import annotations

from collections.abc import Mapping

from offtake_web.common.markets import markets
from offtake_web.runs.queries import current

SOURCES: Mapping[str, tuple[str, str]] = {
    "retailers": ("planning_stores", "retailer"),
    "territories": ("planning_stores", "territory"),
    "brands": ("planning_items", "brand"),
}


def scope_names() -> dict[str, list[str]]:
    """Return the names to offer for each part of a scope; none where no run has them."""
    runs = [run for market in markets() if (run := current(market)) is not None]
    return {
        part: sorted({row[column] for run in runs for row in run.rows(table) if row.get(column)})
        for part, (table, column) in SOURCES.items()
    }
