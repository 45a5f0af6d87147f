"""The library's sentences on figures, named here so that they are translated."""

from __future__ import annotations

from offtake_web.dashboards.sentences import (
    availability,
    charts,
    columns,
    promotions,
    scoreboard,
    shoppers,
)

SENTENCES = (
    *scoreboard.SENTENCES,
    *promotions.SENTENCES,
    *availability.SENTENCES,
    *shoppers.SENTENCES,
    *columns.SENTENCES,
)
CLAUSES = (*charts.CLAUSES, *promotions.CLAUSES, *availability.CLAUSES)
