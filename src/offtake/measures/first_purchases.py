"""Who bought for the first time, when, and how often since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.measures.baskets import HOUSEHOLD, all_hold, bought
from offtake.measures.dimensions import DIMENSIONS
from offtake.measures.scope import Filter, Scope, condition, grouped, with_dimensions

if TYPE_CHECKING:
    import ibis.expr.types as ir

WASHOUT_WEEKS = 13
FIRST_TIME = f"""A first-time buyer bought none of it in the {WASHOUT_WEEKS} weeks and more of \
loaded baskets before the first purchase."""


def purchase_days(scope: Scope, by: tuple[str, ...]) -> ir.Table:
    """Return each household's purchase days in all loaded weeks, numbered from 0 on.

    Which purchase is the first depends on all loaded weeks, so the period, time groupings and time
    filters are left out of the lines.

    Parameters
    ----------
    scope
        The question.
    by
        Groupings, none of them of time.

    Returns
    -------
    ibis Table
        Columns of `by`, ``household_id``, ``date``, ``week`` and ``number``. Two baskets of one
        day are one purchase.
    """
    others = tuple(f for f in scope.where if DIMENSIONS[f.dimension].kind != "time")
    lines = bought(replace(scope, by=by, where=others, period=None).facts("basket_line"))
    days = grouped(lines, (*by, HOUSEHOLD, "date"), week=lines.week.min())
    order = ibis.window(group_by=[*by, HOUSEHOLD], order_by="date")
    return days.mutate(number=ibis.row_number().over(order))


def first_time_buyers(scope: Scope, repeats: int) -> ir.Table:
    """Return one row per group and new buyer, in the scope's period by the first purchase.

    Parameters
    ----------
    scope
        The question.
    repeats
        How many later purchases to give.

    Returns
    -------
    ibis Table
        Columns of ``scope.by``, ``household_id``, ``first_day``, ``week`` of that day,
        ``repeat_1`` ... days of the later purchases (empty where there was none), and
        ``first_loaded_day``, ``last_loaded_day``.
    """
    timeless = tuple(n for n in scope.by if DIMENSIONS[n].kind != "time")
    days = purchase_days(scope, timeless)
    later = {f"repeat_{k}": days["date"].min(where=days.number == k) for k in range(1, repeats + 1)}
    firsts = grouped(
        days, (*timeless, HOUSEHOLD), first_day=days["date"].min(), week=days.week.min(), **later
    )
    firsts = _new_in_loaded_weeks(scope, firsts)
    if scope.period is not None:
        weeks = scope.period
        firsts = firsts.filter(firsts.week.between(weeks.first_week, weeks.last_week))
    timed = tuple(f for f in scope.where if DIMENSIONS[f.dimension].kind == "time")
    return _when(scope, firsts, timed)


def _new_in_loaded_weeks(scope: Scope, firsts: ir.Table) -> ir.Table:
    everything = scope.tables["basket_line"]
    loaded = everything.aggregate(
        first_loaded_day=everything["date"].min(), last_loaded_day=everything["date"].max()
    )
    firsts = firsts.cross_join(loaded)
    washed_out = firsts.first_loaded_day + ibis.interval(days=7 * WASHOUT_WEEKS)
    return firsts.filter(firsts.first_day >= washed_out)


def _when(scope: Scope, firsts: ir.Table, filters: tuple[Filter, ...]) -> ir.Table:
    names = [n for n in scope.by if DIMENSIONS[n].kind == "time"]
    names += [f.dimension for f in filters]
    dated = with_dimensions(scope.tables, "basket_line", firsts, dict.fromkeys(names))
    return dated.filter(all_hold(condition(dated, f) for f in filters)) if filters else dated
