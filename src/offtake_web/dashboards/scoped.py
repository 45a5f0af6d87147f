"""A run as somebody may see it: of every table, the rows of their part of the business."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from offtake.report.run import Run
from offtake_web.accounts.access import Scope
from offtake_web.common.kept import Kept
from offtake_web.runs import tables

EVENTS, ITEMS = "promotion_events", "planning_items"
STORES_NAMED_IN = (
    "availability_alerts", "availability_gaps", "availability_opportunities", "promotion_stores",
)  # fmt: skip
"""Tables that say of a store where it belongs."""
_STORES: Kept[pa.Array] = Kept(64)


@dataclass(frozen=True, slots=True)
class ScopedRun(Run):
    """A run of which only the rows inside a scope can be read.

    Parameters
    ----------
    scope
        Of whom it is read for.
    """

    scope: Scope = field(default_factory=Scope)

    def table(self, name: str) -> pa.Table:
        found = self.whole(name)
        return found if self.scope.everything else within(self, found)

    def whole(self, name: str) -> pa.Table:
        """Return a table with all its rows."""
        return tables.table(Run(self.folder, self.manifest), name)

    def narrows(self, name: str) -> bool:
        """Say whether the reader sees less of a table than there is, or could."""
        return _mask(self, self.whole(name)) is not None


def within(run: ScopedRun, table: pa.Table) -> pa.Table:
    """Return the rows of a table that are inside the scope of a run's reader.

    A table that says nothing of retailer, territory, brand or store is whole: its figures are of
    the whole market, and pages say so.
    """
    mask = _mask(run, table)
    return table if mask is None else table.filter(mask)


def _mask(run: ScopedRun, table: pa.Table) -> pa.Array | None:
    return _all([
        *_by_column(run.scope, table), *_by_dimension(run, table), *_by_link(run, table),
    ])  # fmt: skip


def _all(masks: Sequence[pa.Array]) -> pa.Array | None:
    if not masks:
        return None
    return pc.fill_null(reduce(pc.and_, masks), fill_value=False)


def parts(scope: Scope) -> dict[str, frozenset[str]]:
    """Return the parts of a scope that narrow, by the column they speak of."""
    found = {"retailer": scope.retailers, "territory": scope.territories, "brand": scope.brands}
    return {column: names for column, names in found.items() if names}


def _by_column(scope: Scope, table: pa.Table) -> Iterator[pa.Array]:
    for column, names in parts(scope).items():
        if column in table.column_names:
            yield _among(table[column], names)


def _by_dimension(run: ScopedRun, table: pa.Table) -> Iterator[pa.Array]:
    """Narrow tables of sums, whose rows each name a dimension and a value of it."""
    if not {"dimension", "name"} <= set(table.column_names):
        return
    for dimension, names in parts(run.scope).items():
        yield pc.or_(pc.not_equal(table["dimension"], dimension), _among(table["name"], names))
    if _places(run.scope):
        here = _among(table["name"], stores_within(run))
        yield pc.or_(pc.not_equal(table["dimension"], "store"), here)


def _by_link(run: ScopedRun, table: pa.Table) -> Iterator[pa.Array]:
    """Narrow tables that name stores or promotions only, by where these belong."""
    columns = set(table.column_names)
    if "store_id" in columns and _places(run.scope) and not _places(run.scope) <= columns:
        yield _among(table["store_id"], stores_within(run))
    if "product_id" in columns and "brand" not in columns and run.scope.brands:
        yield _among(table["product_id"], items_within(run))
    if "promotion_id" in columns and "brand" not in columns and EVENTS in run.table_names:
        yield _among(table["promotion_id"], _events_within(run))


def items_within(run: ScopedRun) -> pa.Array:
    """Return the items of the reader's brands, as far as the run names them."""
    if ITEMS not in run.table_names:
        return pa.array([], pa.string())
    return run.table(ITEMS)["product_id"].unique().cast(pa.string())


def _places(scope: Scope) -> set[str]:
    return parts(scope).keys() - {"brand"}


def _events_within(run: ScopedRun) -> list[str]:
    return [str(name) for name in run.table(EVENTS)["promotion_id"].to_pylist()]


def stores_within(run: ScopedRun) -> pa.Array:
    """Return the stores of the reader's retailers and territories, as far as the run names them."""
    return _STORES.get((run.folder, run.scope), lambda: _stores(run))


def _stores(run: ScopedRun) -> pa.Array:
    found: set[str] = set()
    for name in STORES_NAMED_IN:
        if name not in run.table_names:
            continue
        table = run.whole(name)
        if _places(run.scope) <= set(table.column_names):
            mask = _all([*_by_column(replace(run.scope, brands=frozenset()), table)])
            here = table if mask is None else table.filter(mask)
            found.update(map(str, here["store_id"].unique().to_pylist()))
    return pa.array(sorted(found), pa.string())


def _among(column: pa.ChunkedArray, names: Collection[str] | pa.Array) -> pa.Array:
    if not isinstance(names, pa.Array):
        names = pa.array(sorted(names), pa.string())
    # A column that no row fills has no type of its own.
    return pc.is_in(column.cast(pa.string()), value_set=names)
