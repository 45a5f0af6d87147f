"""What items and stores are called, from the tables of a run that say so, with their codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from offtake.measures.dimensions import NOT_STATED
from offtake.report.run import Run

if TYPE_CHECKING:
    import pyarrow as pa

ITEM, STORE, PLANNED = (
    ("product_id", "description"), ("store_id", "store_name"), ("store_id", "name"),
)  # fmt: skip
"""Columns of a code and its name."""
NAMED_IN = (
    "planning_items", "planning_stores", "availability_opportunities", "availability_gaps",
    "availability_builds", "availability_delistings",
)  # fmt: skip
"""Tables that say what items or stores are called; the first that knows a name has it."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; what has none is called by its code.

    Parameters
    ----------
    items, stores
        Name by code.

    Examples
    --------
    >>> names = Names({"P1": "Chips 150 g"}, {"S1": "Main street"})
    >>> names.item("P1", "Acme"), names.item("P2", "Acme"), names.store("S1")
    ('Acme Chips 150 g (P1)', 'Acme P2', 'Main street (S1)')
    """

    items: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[str, str] = field(default_factory=dict)

    def item(self, code: str, brand: str = "") -> str:
        """Name an item by brand, name and code; the brand once."""
        name = self.items.get(code, "")
        if not name:
            return f"{brand} {code}".strip()
        words = name if brand.lower() in name.lower() else f"{brand} {name}"
        return f"{words} ({code})"

    def store(self, code: str) -> str:
        """Name a store by name and code."""
        name = self.stores.get(code, "")
        return f"{name} ({code})" if name and name != code else code


def names_of(run: Run) -> Names:
    """Return the names that the tables of a run know.

    Parameters
    ----------
    run
        The run.
    """
    return names_in(run.table(name) for name in NAMED_IN if name in run.table_names)


def names_in(tables: Iterable[pa.Table]) -> Names:
    """Return the names that some tables know, in the columns that pages know names by.

    Parameters
    ----------
    tables
        Any; those without such columns are passed over.
    """
    items: dict[str, str] = {}
    stores: dict[str, str] = {}
    for table in tables:
        for columns, found in ((ITEM, items), (STORE, stores), (PLANNED, stores)):
            if set(columns) <= set(table.column_names):
                found |= {**_pairs(table, columns), **found}
    return Names(items, stores)


def _pairs(table: pa.Table, columns: tuple[str, str]) -> dict[str, str]:
    import pyarrow as pa

    texts = pa.table({name: table[name].cast(pa.string()) for name in columns})
    rows: list[dict[str, Any]] = texts.group_by(list(columns)).aggregate([]).to_pylist()
    code, name = columns
    return {row[code]: row[name] for row in rows if row[name] not in (None, "", NOT_STATED)}
