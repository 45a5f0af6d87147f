"""What a page about one model's answer is made from: its tables, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from offtake.report.exhibits import source_line
from offtake.report.naming import Names, names_in, names_of
from offtake.report.run import Row, Run

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The tables of a model for a category, and what to say about them.

    Parameters
    ----------
    tables
        Rows by table, as the model names them; one that is not there is taken as empty.
    category
        Of which category.
    manufacturer
        Whose figures are shown; empty shows all.
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
    names
        What items and stores are called.
    """

    tables: Mapping[str, list[dict[str, Any]]]
    category: str
    manufacturer: str
    currency: str
    simulated: str
    source: str
    created: str
    run_id: str
    names: Names = field(default_factory=Names)

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where it is not there."""
        return self.tables.get(table, [])

    def ours(self, table: str) -> list[Row]:
        """Return the rows of a table that are of the manufacturer shown."""
        found = self.rows(table)
        return [row for row in found if self.manufacturer in ("", row["manufacturer"])]


def parts_of(
    run: Run, prefix: str, table: str, *, without: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Return what an :class:`Answer` is made from, of the tables of a run with a prefix.

    None where the run has no such table.

    Parameters
    ----------
    run
        The run.
    prefix
        Of the model's tables.
    table
        The one that there must be, and whose sources are named.
    without
        Tables that are not shown.
    """
    names = [name for name in run.table_names if name.startswith(prefix) and name not in without]
    if table not in names:
        return None
    frame = run.manifest.frame
    return {
        "tables": {name: run.rows(name) for name in names},
        "category": frame.category,
        "manufacturer": frame.manufacturer,
        "currency": frame.currency,
        "simulated": frame.simulated,
        "source": source_line(run, [table]),
        "created": run.manifest.created,
        "run_id": run.run_id,
        "names": names_of(run),
    }


def parts_outside(
    tables: Mapping[str, pa.Table], *, category: str, manufacturer: str | None, label: str
) -> dict[str, Any]:
    """Return what an :class:`Answer` is made from, of tables that are in no run.

    Parameters
    ----------
    tables
        Of the model, by name.
    category, manufacturer, label
        Of which category, whose (None: all), and the label of simulated data.
    """
    return {
        "tables": {name: table.to_pylist() for name, table in tables.items()},
        "category": category,
        "manufacturer": manufacturer or "",
        "currency": "",
        "simulated": label,
        "source": "",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": "",
        "names": names_in(tables.values()),
    }
