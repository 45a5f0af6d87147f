"""What a question is about: which rows of a fact, with which groupings beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis

from offtake.calendars import Period
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.store import Tables
from offtake.measures.dimensions import (
    DIMENSIONS,
    LINKS,
    NOT_STATED,
    PRODUCT_KINDS,
    Dimension,
    Kind,
    reached_from,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows whose dimension is one of `values` (or, with ``negated``, none of them)."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a measure may look at, and what it must group them by.

    Parameters
    ----------
    tables
        The contracts.
    by
        Dimensions to group by, in the order of the answer's columns.
    where
        Filters, all of which must hold.
    period
        Weeks to look at; None is every week loaded.
    weeks_back
        Look at rows so many weeks earlier, labelled as if they were of `period`: this is how a
        figure is set against last year's.
    weighted
        Count each panel household as the households it stands for.
    """

    tables: Tables
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    period: Period | None = None
    weeks_back: int = 0
    weighted: bool = False

    @property
    def market_by(self) -> tuple[str, ...]:
        """The groupings of a market total: those of `by` that do not single out items."""
        return tuple(name for name in self.by if DIMENSIONS[name].kind != "item")

    @property
    def universe_by(self) -> tuple[str, ...]:
        """The groupings of a universe: those of `by` that say nothing about products."""
        return tuple(name for name in self.by if DIMENSIONS[name].kind not in PRODUCT_KINDS)

    def facts(self, contract: str, *, also: Iterable[str] = ()) -> ir.Table:
        """Return the rows of `contract` in scope, with the columns of `by` and `also` beside them.

        Parameters
        ----------
        contract
            A fact contract.
        also
            Further dimensions to put beside the rows.
        """
        reached = reached_from(contract)
        shown = [name for name in (*self.by, *also) if name in reached]
        filters = [f for f in self.where if f.dimension in reached]
        return self._select(contract, shown, filters)

    def market(self, contract: str, *, also: Iterable[str] = ()) -> ir.Table:
        """Return the rows of the whole market: filters and groupings that single out items fall."""
        return self._without(frozenset(("item",))).facts(contract, also=also)

    def marked(self, contract: str, kinds: frozenset[Kind] = frozenset(("item",))) -> ir.Table:
        """Return the rows of the whole market with ``own``: whether the filters on items hold.

        The columns of `by` are all there, those of items too: one pass over the rows then gives
        both a share's part and its whole.

        Parameters
        ----------
        contract
            A fact contract.
        kinds
            Kinds of the dimensions whose filters mark rows instead of leaving rows out.
        """
        reached = reached_from(contract)
        shown = [name for name in self.by if name in reached]
        filters = [f for f in self.where if f.dimension in reached]
        marking = [f for f in filters if DIMENSIONS[f.dimension].kind in kinds]
        wanted = list(dict.fromkeys([*shown, *(f.dimension for f in filters)]))
        table = _with_masters(self.tables, contract, self._in_period(contract), wanted)
        rest = [condition(table, f) for f in filters if f not in marking]
        own = reduce(and_, [condition(table, f) for f in marking], ibis.literal(True))
        table = table.mutate(own=own.fill_null(False))
        return stated(table.filter(rest) if rest else table, shown)

    def universe(self, contract: str, *, also: Iterable[str] = ()) -> ir.Table:
        """Return the rows of all products: only store, time and household groupings stay."""
        return self._without(PRODUCT_KINDS).facts(contract, also=also)

    def _without(self, kinds: frozenset[str]) -> Scope:
        return replace(
            self,
            by=tuple(n for n in self.by if DIMENSIONS[n].kind not in kinds),
            where=tuple(f for f in self.where if DIMENSIONS[f.dimension].kind not in kinds),
        )

    def _select(self, contract: str, shown: list[str], filters: list[Filter]) -> ir.Table:
        wanted = list(dict.fromkeys([*shown, *(f.dimension for f in filters)]))
        table = _with_masters(self.tables, contract, self._in_period(contract), wanted)
        if filters:
            table = table.filter([condition(table, f) for f in filters])
        return stated(table, shown)

    def _in_period(self, contract: str) -> ir.Table:
        table = self.tables[contract]
        if "week" not in CONTRACTS[contract].column_names:
            return table
        if self.weeks_back:
            table = table.mutate(week=table.week + ibis.interval(days=7 * self.weeks_back))
            table = table.mutate(week=table.week.cast("date"))
        if self.period is None:
            return table
        return table.filter(table.week.between(self.period.first_week, self.period.last_week))


def with_dimensions(
    tables: Tables, contract: str, table: ir.Table, names: Iterable[str]
) -> ir.Table:
    """Put dimension columns beside the rows of a fact.

    Parameters
    ----------
    tables
        The contracts, for the master tables.
    contract
        The contract that `table` holds rows of.
    table
        Rows with that contract's columns.
    names
        Dimensions to add; those the table already has stay as they are. A row whose master
        record is missing, or does not say, gets ``(not stated)`` where the dimension is text.
    """
    names = list(names)
    return stated(_with_masters(tables, contract, table, names), names)


def _with_masters(tables: Tables, contract: str, table: ir.Table, names: Iterable[str]) -> ir.Table:
    own = CONTRACTS[contract].column_names
    missing = [DIMENSIONS[name] for name in names if name not in own]
    for home in dict.fromkeys(d.home for d in missing):
        table = _joined(tables, table, home, [d for d in missing if d.home == home])
    return table


def stated(table: ir.Table, names: Iterable[str]) -> ir.Table:
    """Write ``(not stated)`` where a text dimension is empty, so that groups add up to totals."""
    filled = {
        name: table[name].fill_null(NOT_STATED)
        for name in names
        if table[name].type().is_string() and name not in LINKS.values()
    }
    return table.mutate(**filled) if filled else table


def _joined(tables: Tables, table: ir.Table, home: str, dimensions: list[Dimension]) -> ir.Table:
    key = LINKS[home]
    master = tables[home]
    columns = {"_key": master[key], **{d.name: master[d.column] for d in dimensions}}
    slim = master.select(**columns)
    joined = table.left_join(slim, table[key] == slim["_key"])
    return joined.drop("_key")


def condition(table: ir.Table, wanted: Filter) -> ir.BooleanValue:
    """Return the filter as a condition on a table that has its dimension beside the rows.

    A positive filter never holds for an empty value, so the engine may turn the outer join to the
    master table into an inner one and read only what it needs.
    """
    column = table[wanted.dimension]
    is_text = column.type().is_string()  # may already say so, see `stated`
    named = [_cast(v, column) for v in wanted.values if v != NOT_STATED or is_text]
    found = column.isin(named)
    if NOT_STATED in wanted.values:
        found = found.fill_null(False) | column.isnull()  # a value, not a flag
    return ~found.fill_null(False) if wanted.negated else found


def _cast(value: str, column: ir.Value) -> ir.Scalar:
    return ibis.literal(value).cast(column.type())


def beside(left: ir.Table, right: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """Put the columns of `right` beside `left`, matched on `keys` (none: one row for all).

    Parameters
    ----------
    left
        Rows to keep, all of them.
    right
        At most one row per key.
    keys
        Columns that both have.

    Notes
    -----
    Columns are chosen rather than dropped: only then does Ibis work out once what is used twice.
    """
    if not keys:
        return left.cross_join(right)
    renamed = right.rename({f"_{key}": key for key in keys})
    matches = reduce(and_, [left[key].identical_to(renamed[f"_{key}"]) for key in keys])
    joined = left.left_join(renamed, matches)
    used = {f"_{key}" for key in keys}
    return joined.select(*(name for name in joined.columns if name not in used))


def either(left: ir.Table, right: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """Put two tables side by side on `keys`, keeping the rows that only one of them has."""
    if not keys:
        return left.cross_join(right)
    renamed = right.rename({f"_{key}": key for key in keys})
    matches = reduce(and_, [left[key].identical_to(renamed[f"_{key}"]) for key in keys])
    both = left.outer_join(renamed, matches)
    merged = both.mutate(**{key: both[key].coalesce(both[f"_{key}"]) for key in keys})
    return merged.drop(*(f"_{key}" for key in keys))


def grouped(table: ir.Table, by: tuple[str, ...], **aggregates: ir.Scalar) -> ir.Table:
    """Aggregate `table` by the columns of `by`; without any, to one row."""
    return table.group_by(list(by)).aggregate(**aggregates) if by else table.aggregate(**aggregates)


def percent(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    """Return part / whole x 100, NULL where the whole is nothing."""
    return ratio(part, whole) * 100.0


def ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    """Return part / whole, NULL where the whole is nothing."""
    return part.cast("float64") / whole.cast("float64").nullif(0.0)
