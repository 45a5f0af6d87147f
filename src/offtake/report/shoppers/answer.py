"""What the page on shoppers is made from, and how its figures are laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from offtake.report.answer import Answer, parts_of
from offtake.report.figures import Grid, Heading, Line, Shown, Tile
from offtake.report.promotion_grids import Column, headings, shown
from offtake.report.promotion_words import counted
from offtake.report.run import Row, Run
from offtake.report.words import days_label, name_of
from offtake.units import MISSING

PREFIX = "shopper_"
NOT_SHOWN = ("shopper_customers", "shopper_customer_parameters", "shopper_won_combinations")
"""Tables that the page has no use for; the first can be long."""
LINES = 15
"""Most lines of a table on the page; the table of the run has all."""
Words = tuple[str, str, Callable[[Row], str]]
"""A column of words: its heading, its term, and what it says of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopperAnswer(Answer):
    """The tables on shoppers and brand, and whose page it is.

    Parameters
    ----------
    own
        What is ours in the tables: the manufacturer and its brands.
    period
        Days that the tables speak of, in words, and how many; empty where that is not known.
    """

    own: tuple[str, ...] = ()
    period: tuple[str, str] = ("", "")

    def first(self, rows: Iterable[Row], column: str = "name") -> list[Row]:
        """Return rows with ours in front, else in their order."""
        return sorted(rows, key=lambda row: row[column] not in self.own)

    def main(self, table: str, column: str = "name") -> str:
        """Return the name that charts are drawn of: ours, else the largest, else the first."""
        names = dict.fromkeys(row[column] for row in self.rows(table))
        largest = [row["name"] for row in self.rows("shopper_norms")]
        wanted = [*(name for name in (*largest, *self.own) if name in self.own), *largest]
        return next((name for name in (*wanted, *names) if name in names), "")


def shoppers_of(run: Run) -> ShopperAnswer | None:
    """Return the shoppers of a run; None where it has no table on them."""
    names = [name for name in run.table_names if name.startswith(PREFIX)]
    found = parts_of(run, PREFIX, names[0], without=NOT_SHOWN) if names else None
    if found is None:
        return None
    frame, weeks = run.manifest.frame, run.entry(names[0])
    span = date.fromisoformat(weeks.first_week), date.fromisoformat(weeks.last_week)
    return ShopperAnswer(
        **found, own=(frame.manufacturer, *frame.brands), period=period_of(span)
    )  # fmt: skip


def period_of(span: tuple[date, date] | None) -> tuple[str, str]:
    """Return the days from one Monday to the end of the week of another, in words, and how many.

    Examples
    --------
    >>> period_of((date(2017, 1, 2), date(2017, 12, 25)))
    ('2 January to 31 December 2017', '52 weeks')
    >>> period_of(None)
    ('', '')
    """
    if span is None:
        return "", ""
    first, last = span
    words = days_label(first.isoformat(), last.isoformat())
    return words, counted((last - first).days // 7 + 1, "week")


def grid(
    answer: ShopperAnswer,
    caption: str,
    first: tuple[str, str],
    rows: Sequence[Row],
    columns: Sequence[Column | Words],
    *,
    label: Callable[[Any], str] | None = None,
) -> Grid | None:
    """Return rows as a table of the page; None where there are none.

    Parameters
    ----------
    answer
        Whose page it is.
    caption
        What the table says; where lines are cut off, that is added.
    first
        Heading of the first column, and which column of the rows names a line.
    rows
        In the order shown.
    columns
        Figures and words, left to right.
    label
        How a line is called; by default as brands and manufacturers are.
    """
    if not rows:
        return None
    cut = f"; the first {LINES} of {len(rows):,}" if len(rows) > LINES else ""
    heading, name = first
    lines = tuple(
        Line((label or label_of)(row[name]), row[name] in answer.own,
             tuple(_cell(answer, row, each) for each in columns))
        for row in rows[:LINES]
    )  # fmt: skip
    return Grid(
        f"{caption}{cut}", heading, tuple(_heading(answer, each) for each in columns), lines
    )


def note_of(row: Row) -> str:
    """Return a note, with whom it is about in front.

    Examples
    --------
    >>> note_of({"name": "Acme", "note": "Too few bought again."})
    'Acme: Too few bought again.'
    >>> note_of({"campaign_id": "all", "note": "No panel weights."})
    'No panel weights.'
    """
    name = row.get("name") or row.get("campaign_id")
    return f"{label_of(name)}: {row['note']}" if name and name != "all" else str(row["note"])


def label_of(name: Any) -> str:  # noqa: ANN401  # whatever a table names its rows by
    """Write what a row is called; a number is a manufacturer's."""
    return name_of(str(name)) if name else MISSING


def _cell(answer: ShopperAnswer, row: Row, column: Column | Words) -> Shown:
    if isinstance(column, Column):
        return shown(row, column, answer.currency)
    return Shown(column[2](row) or MISSING)


def _heading(answer: ShopperAnswer, column: Column | Words) -> Heading:
    if not isinstance(column, Column):
        return Heading(column[0], column[1], "", words=True)
    (found,) = headings((column,), answer.currency)
    return Heading(found.text, found.measure, "") if found.unit == "count" else found


def tiles_of(answer: ShopperAnswer, row: Row, columns: Sequence[Column]) -> tuple[Tile, ...]:
    """Return figures of one row that stand alone, those that are known."""
    return tuple(
        Tile(each.heading, each.term, shown(row, each, answer.currency))
        for each in columns
        if row.get(each.column) is not None
    )


def said(column: str) -> Callable[[Row], str]:
    """Return what writes a column of plain words."""
    return lambda row: str(row[column] or "").replace("_", " ")
