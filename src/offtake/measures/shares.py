"""A part and its whole: what a group has, and what its market has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from offtake.measures.scope import Scope, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir


def own_and_all(
    scope: Scope, rows: ir.Table, amount: ir.NumericValue, *, own: str, whole: str
) -> ir.Table:
    """Sum an amount by group: what the filters on items leave, and all of it.

    Parameters
    ----------
    scope
        The question.
    rows
        Rows from ``scope.marked``.
    amount
        What to sum.
    own, whole
        Names of the two sums. ``own`` is NULL for a group that the filters on items leave empty.
    """
    return grouped(rows, scope.by, **{own: amount.sum(where=rows.own), whole: amount.sum()})


def with_market(scope: Scope, sums: ir.Table, *wholes: str) -> ir.Table:
    """Replace the sums named `wholes` by their totals over the market that each group is in."""
    window = ibis.window(group_by=list(scope.market_by))
    return sums.mutate(**{name: sums[name].sum().over(window) for name in wholes})


def share_of_market(
    scope: Scope, rows: ir.Table, amount: ir.NumericValue, *, own: str, whole: str
) -> ir.Table:
    """Return the share of each group in its market, 0 to 100, with both sums beside it.

    Parameters
    ----------
    scope, rows, amount, own, whole
        As in :func:`own_and_all`.
    """
    sums = with_market(scope, own_and_all(scope, rows, amount, own=own, whole=whole), whole)
    if scope.by:
        sums = sums.filter(sums[own].notnull())
    part = sums[own].fill_null(0)
    return sums.mutate(**{own: part, "value": percent(part, sums[whole])})
