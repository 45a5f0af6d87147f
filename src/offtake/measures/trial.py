"""Trial and repeat: how an item wins households, and how many times they come back."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from offtake.measures.baskets import (
    HOUSEHOLD_DIMENSIONS,
    beside_or_0,
    for_each,
    households,
    total,
    weighed,
)
from offtake.measures.dimensions import of_kind
from offtake.measures.first_purchases import FIRST_TIME, first_time_buyers, purchase_days
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

DEEPEST = 5
"""Repeats that are told apart."""

LAUNCH_DIMENSIONS = of_kind("item", "market", "store", "household")
SINCE = "weeks_since_launch"
AFTER = "weeks_since_trial"
DAYS = 7


def _trial_repeat(scope: Scope) -> ir.Table:
    days = purchase_days(scope, scope.by)
    days = weighed(scope, days.filter(days.number <= DEEPEST).rename(depth="number"))
    launch = days.week.min().over(ibis.window(group_by=list(scope.by)))
    days = days.mutate(launch=launch)
    days = days.mutate(**{SINCE: _week_number(days.week, days.launch)})
    reached = _reached(scope, days)
    both = beside(reached, households(replace(scope, period=None)), scope.universe_by)
    depths = ibis.window(group_by=[*scope.by, SINCE], order_by="depth")
    return both.mutate(
        value=percent(both.reached, both.households),
        of_depth_before=percent(both.reached, both.reached.lag().over(depths)),
    )


def _week_number(week: ir.DateValue, launch: ir.DateValue) -> ir.IntegerValue:
    return week.delta(launch, unit="day") // DAYS + 1


def _reached(scope: Scope, days: ir.Table) -> ir.Table:
    """Count who had made the trial and each repeat by the end of every week of the period."""
    keys = (*scope.by, "depth", SINCE)
    new = grouped(days, keys, new=total(days.weight))
    weeks = grouped(days, scope.by, launch=days.launch.min()).cross_join(_last_basket_week(scope))
    weeks = for_each(weeks, SINCE, range(1, _loaded_weeks(scope) + 1))
    cells = beside_or_0(for_each(weeks, "depth", range(DEEPEST + 1)), new, keys)
    so_far = ibis.cumulative_window(group_by=[*scope.by, "depth"], order_by=SINCE)
    cells = cells.mutate(reached=cells.new.sum().over(so_far))
    shown = cells[SINCE] <= _week_number(cells.last_basket_week, cells.launch)
    if scope.period is not None:
        first, last = map(ibis.literal, (scope.period.first_week, scope.period.last_week))
        shown &= cells[SINCE] >= _week_number(first, cells.launch)
        shown &= cells[SINCE] <= _week_number(last, cells.launch)
    return cells.filter(shown)


def _last_basket_week(scope: Scope) -> ir.Table:
    """Return the last week with baskets: other contracts may be loaded further."""
    lines = replace(scope, by=(), where=(), period=None).facts("basket_line")
    return lines.aggregate(last_basket_week=lines.week.max())


def _loaded_weeks(scope: Scope) -> int:
    span = scope.tables.span
    return 1 if span is None else (span[1] - span[0]).days // DAYS + 1


def _repeat_per_trier(scope: Scope) -> ir.Table:
    firsts = weighed(scope, first_time_buyers(scope, DEEPEST))
    followed = firsts.last_loaded_day.delta(firsts.first_day, unit="day") // DAYS
    firsts = firsts.mutate(**{AFTER: followed})
    keys = (*scope.by, AFTER)
    triers = grouped(firsts, keys, triers=total(firsts.weight))
    weeks = grouped(firsts, scope.by, longest=firsts[AFTER].max())
    weeks = for_each(weeks, AFTER, range(1, _loaded_weeks(scope) + 1))
    weeks = beside_or_0(weeks.filter(weeks[AFTER] <= weeks.longest), triers, keys)
    from_here = ibis.cumulative_window(group_by=list(scope.by), order_by=weeks[AFTER].desc())
    weeks = weeks.mutate(followed=weeks.triers.sum().over(from_here))
    counts = _repeaters(scope, firsts, weeks.drop("longest", "triers"))
    return counts.mutate(value=percent(counts.repeaters, counts.followed))


def _repeaters(scope: Scope, firsts: ir.Table, weeks: ir.Table) -> ir.Table:
    """Count, week by week, who had repeated and is still followed.

    A household comes in in the week of its repeat and goes out after the last whole week in which
    it is followed.
    """
    keys = (*scope.by, "depth", AFTER)
    homes = for_each(firsts, "depth", range(1, DEEPEST + 1))
    day = reduce(
        lambda rest, k: ibis.ifelse(homes.depth == k, homes[f"repeat_{k}"], rest),
        range(2, DEEPEST + 1),
        homes.repeat_1,
    )
    homes = homes.mutate(repeated=(day.delta(homes.first_day, unit="day") + DAYS - 1) // DAYS)
    homes = homes.filter(homes.repeated <= homes[AFTER])
    leaving = grouped(homes, keys, leaving=total(homes.weight))
    homes = homes.drop(AFTER).rename({AFTER: "repeated"})
    coming = grouped(homes, keys, coming=total(homes.weight))
    cells = for_each(weeks, "depth", range(1, DEEPEST + 1))
    cells = beside_or_0(beside_or_0(cells, coming, keys), leaving, keys)
    so_far = ibis.cumulative_window(group_by=[*scope.by, "depth"], order_by=AFTER)
    gone = cells.leaving.sum().over(so_far) - cells.leaving
    return cells.mutate(repeaters=cells.coming.sum().over(so_far) - gone)


MEASURES = (
    Measure(
        id="trial_repeat",
        title="Trial and repeat since launch",
        definition="The part of all panel households that, by the end of each week since the "
        "launch, had bought for the first time (depth 0, trial), come back once (depth 1, first "
        f"repeat), twice, and so on to depth {DEEPEST}. The launch is the week of the first "
        "purchase by anybody in the loaded weeks, and is week 1. A repeat is a purchase on a "
        "later day. The count starts at the launch whatever the period; a period picks the weeks "
        "that are shown. All households are those that bought anything in the loaded weeks in the "
        "same stores.",
        formula="households with depth + 1 purchase days or more so far / households x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=LAUNCH_DIMENSIONS,
        build=_trial_repeat,
        parts=("reached", "households", "of_depth_before"),
        labels=(SINCE, "depth"),
        variant="since_launch",
        trap="For what came new in the loaded weeks. What was on sale before has buyers already, "
        "and its curve says only how fast they turn up. Late triers have had less time to come "
        "back, so reached / depth before is too low while trial grows: see repeat_per_trier. See "
        "Fourt and Woodlock (1960), Journal of Marketing 25.",
    ),
    Measure(
        id="repeat_per_trier",
        title="Repeat by weeks since trial",
        definition="The part of the first-time buyers who had come back once (depth 1), twice, "
        f"and so on to depth {DEEPEST}, within so many weeks of their first purchase. "
        f"{FIRST_TIME} A repeat is a purchase on a later day. Each week's figure is of the "
        "households followed for that many weeks by the last loaded day, and of no others. Period "
        "and time groupings go by the first purchase.",
        formula="first-time buyers followed for the weeks who came back depth times within them / "
        "first-time buyers followed for the weeks x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_repeat_per_trier,
        parts=("repeaters", "followed"),
        labels=(AFTER, "depth"),
        variant="followed_long_enough",
        trap="At 13 weeks and depth 1 it is repeat_rate_first_time_buyers_who_rebuy. The later the "
        "week, the fewer households are followed that long, all of them early triers, who as a "
        "rule repeat more; so the curve can rise for that reason, or fall a little from one week "
        "to the next. See Parfitt and Collins (1968), Journal of Marketing Research 5.",
    ),
)
