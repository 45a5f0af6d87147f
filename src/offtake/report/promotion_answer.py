"""What a page about promotions is made from: the tables, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offtake.report.exhibits import source_line
from offtake.report.run import Row, Run

SHOWN = 250
"""Most promotions that a page lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionAnswer:
    """The tables of a category's promotions, and what to say about them.

    Parameters
    ----------
    tables
        Rows by table, as :func:`offtake.models.promotion.tables.promotion_tables` names them; one
        that is not there is taken as empty.
    category
        Of which category.
    manufacturer
        Whose promotions are shown; empty shows all.
    currency
        Sign or code; may be empty.
    simulated
        Label of simulated data; empty for real data.
    source
        Where the data come from.
    created
        When it was made, ISO 8601.
    run_id
        Of which run; empty outside a run.
    """

    tables: Mapping[str, list[dict[str, Any]]]
    category: str
    manufacturer: str
    currency: str
    simulated: str
    source: str
    created: str
    run_id: str

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where it is not there."""
        return self.tables.get(table, [])

    @property
    def events(self) -> list[Row]:
        """All promotions that are the manufacturer's, the one that gained most first."""
        found = [
            row
            for row in self.rows("promotion_events")
            if self.manufacturer in ("", row["manufacturer"])
        ]
        return sorted(found, key=_by_gain)

    @property
    def total(self) -> Row:
        """The manufacturer's promotions added up, or the category's; empty where there are none."""
        wanted = (
            ("manufacturer", self.manufacturer)
            if self.manufacturer
            else ("category", self.category)
        )
        rows = self.rows("promotion_totals")
        return next((row for row in rows if (row["dimension"], row["name"]) == wanted), {})

    @property
    def planned(self) -> bool:
        """Whether a plan is known for any of the promotions."""
        return any(row["stores_agreed"] for row in self.events)

    @property
    def costed(self) -> bool:
        """Whether cost and margin are known for any of the promotions."""
        return bool(self.total.get("events_costed"))

    @property
    def margined(self) -> bool:
        """Whether the margin is known for any of the promotions."""
        return bool(self.total.get("events_with_margin"))

    def of_category(self, parameter: str) -> Row:
        """Return what all items share under a name; empty where it is not there."""
        rows = self.rows("promotion_category")
        return next((row for row in rows if row["parameter"] == parameter), {})


def answer_of(run: Run) -> PromotionAnswer | None:
    """Return the promotions of a run, those of the manufacturer whose view it takes.

    None where the run has no promotion tables.
    """
    names = [name for name in run.table_names if name.startswith("promotion_")]
    if "promotion_events" not in names:
        return None
    frame = run.manifest.frame
    return PromotionAnswer(
        tables={name: run.rows(name) for name in names},
        category=frame.category,
        manufacturer=frame.manufacturer,
        currency=frame.currency,
        simulated=frame.simulated,
        source=source_line(run, ["promotion_events"]),
        created=run.manifest.created,
        run_id=run.run_id,
    )


def _by_gain(row: Row) -> tuple[float, str]:
    gain = row["incremental"]
    return (-gain if gain is not None else float("inf"), row["promotion_id"])
