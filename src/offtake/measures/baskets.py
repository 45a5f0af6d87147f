"""What measures of household baskets share: who bought, and who else is counted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis

from offtake.measures.dimensions import DIMENSIONS, of_kind
from offtake.measures.scope import Scope, beside, grouped

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOUSEHOLD_DIMENSIONS = of_kind("item", "market", "store", "time", "household")
HOUSEHOLD = "household_id"


def bought(lines: ir.Table) -> ir.Table:
    """Keep the lines that count as buying: those with units on them."""
    return lines.filter(lines.units > 0)


def weighed(scope: Scope, homes: ir.Table) -> ir.Table:
    """Put ``weight`` beside rows of households: how many households each counts as.

    That is 1, a whole number, unless the question is a weighted one. A household without a stated
    weight counts as one.
    """
    if not scope.weighted:
        return homes.mutate(weight=ibis.literal(1, "int64"))
    known = scope.tables["household"].select(HOUSEHOLD, "weight")
    weighted = beside(homes, known, (HOUSEHOLD,))
    return weighted.mutate(weight=weighted.weight.fill_null(1.0))


def per_household(
    scope: Scope, lines: ir.Table, by: tuple[str, ...], **sums: ir.Scalar
) -> ir.Table:
    """Return one row per group and household with `sums`, and its ``weight``; see `weighed`."""
    keys = (*by, HOUSEHOLD)
    homes = grouped(lines, keys, **sums) if sums else lines.select(*keys).distinct()
    return weighed(scope, homes)


def households(scope: Scope) -> ir.Table:
    """Count the households with any basket line in the same stores and weeks."""
    homes = per_household(scope, scope.universe("basket_line"), scope.universe_by)
    return grouped(homes, scope.universe_by, households=total(homes.weight))


def is_item(name: str) -> bool:
    """Whether a dimension singles out items within their market."""
    return DIMENSIONS[name].kind == "item"


def has_item_filter(scope: Scope) -> bool:
    """Whether the filters leave out items of the market: otherwise a group's rows are all of it."""
    return any(is_item(f.dimension) for f in scope.where)


def all_hold(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    """Join conditions with *and*; none of them is always true."""
    return reduce(and_, conditions, ibis.literal(True))


def total(column: ir.NumericValue, where: ir.BooleanValue | None = None) -> ir.NumericScalar:
    """Sum a column over the rows where a condition holds; over no rows the sum is 0."""
    return column.sum(where=where).fill_null(0)


def across(column: ir.NumericColumn, keys: Iterable[str]) -> ir.NumericColumn:
    """Sum a column over the rows that share `keys`, and write the sum on each of them."""
    return column.sum().over(ibis.window(group_by=list(keys)))


def every_label(sums: ir.Table, by: tuple[str, ...], label: str, names: Iterable[str]) -> ir.Table:
    """Give every group a row for each of the names, with 0 where there is none.

    Parameters
    ----------
    sums
        One row per group and name, with columns of `by`, `label` and of numbers.
    by
        Groupings.
    label
        Column of the names.
    names
        All names there are.
    """
    groups = grouped(sums, by, rows=sums.count())
    return beside_or_0(for_each(groups, label, names), sums, (*by, label))


def for_each(table: ir.Table, name: str, values: Iterable[str | int]) -> ir.Table:
    """Repeat every row for each of the values (at least one), which stand in the column `name`."""
    values = list(values)
    kind = "array<string>" if isinstance(values[0], str) else "array<int64>"
    return table.mutate(**{name: ibis.literal(values, kind).unnest()})


def beside_or_0(left: ir.Table, right: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """Put numbers beside `left` like `beside`, with 0 where `right` has no row."""
    both = beside(left, right, keys)
    numbers = [name for name in right.columns if name not in keys]
    return both.mutate(**{name: both[name].fill_null(0) for name in numbers})


def paired(left: ir.Table, right: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """Pair every row with every row that has the same keys."""
    renamed = right.rename({f"_{key}": key for key in keys})
    matches = [left[key].identical_to(renamed[f"_{key}"]) for key in keys]
    joined = left.join(renamed, matches) if keys else left.cross_join(renamed)
    return joined.drop(*(f"_{key}" for key in keys))
