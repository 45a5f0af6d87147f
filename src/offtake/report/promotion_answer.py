"""What a page about promotions is made from: the tables, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offtake.report.answer import Answer, parts_of
from offtake.report.run import Row, Run

SHOWN = 250
"""Most promotions that a page lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionAnswer(Answer):
    """The tables of :func:`offtake.models.promotion.tables.promotion_tables` for a page."""

    @property
    def events(self) -> list[Row]:
        """All promotions that are the manufacturer's, the one that gained most first."""
        return sorted(self.ours("promotion_events"), key=_by_gain)

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


def answer_of(run: Run, *, without: Sequence[str] = ()) -> PromotionAnswer | None:
    """Return the promotions of a run, those of the manufacturer whose view it takes.

    None where the run has no promotion tables.

    Parameters
    ----------
    run
        The run.
    without
        Tables that are left out, because they are long and not needed.
    """
    found = parts_of(run, "promotion_", "promotion_events", without=without)
    return None if found is None else PromotionAnswer(**found)


def _by_gain(row: Row) -> tuple[float, str]:
    gain = row["incremental"]
    return (-gain if gain is not None else float("inf"), row["promotion_id"])
