"""What measures of household baskets share: who bought, and who else is counted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis

from offtake.measures.dimensions import DIMENSIONS, of_kind
from offtake.measures.scope import Scope, grouped

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOUSEHOLD_DIMENSIONS = of_kind("item", "market", "store", "time", "household")
HOUSEHOLD = "household_id"


def bought(lines: ir.Table) -> ir.Table:
    """Keep the lines that count as buying: those with units on them."""
    return lines.filter(lines.units > 0)


def households(scope: Scope) -> ir.Table:
    """Count the households with any basket line in the same stores and weeks."""
    lines = scope.universe("basket_line")
    return grouped(lines, scope.universe_by, households=lines.household_id.nunique())


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
