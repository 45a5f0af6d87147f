"""Where a change in units came from: gain and loss between two equal periods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.calendars import Period, shift_for
from offtake.measures.baskets import HOUSEHOLD, has_item_filter, total
from offtake.measures.compared import period_before, period_wanted
from offtake.measures.dimensions import Kind, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

SWITCHING_DIMENSIONS = of_kind("item", "market", "store", "household")
SWITCHING_SUM: frozenset[Kind] = frozenset(("item", "market", "store", "household"))
PARTS = (
    "gained_from_new_category_buyers",
    "lost_to_lapsed_category_buyers",
    "category_more",
    "category_less",
    "net_switching",
)


def _switching(scope: Scope) -> ir.Table:
    return _gain_and_loss(scope, period_wanted(scope, "switching").weeks)


def _switching_year_ago(scope: Scope) -> ir.Table:
    return _gain_and_loss(scope, shift_for(period_wanted(scope, "switching"), "year-ago"))


def _gain_and_loss(scope: Scope, weeks: int) -> ir.Table:
    """Add up what each household's change is made of; `weeks` is how far back "before" lies."""
    now, before = period_wanted(scope, "switching"), period_before(scope, weeks, "switching")
    changes = _split(_per_household(scope, now, before))
    parts = {part: total(changes[part]) for part in PARTS}
    return grouped(changes, scope.by, **parts, value=total(changes.change))


def _per_household(scope: Scope, now: Period, before: Period) -> ir.Table:
    """Return units of the group and of its market in both periods, per household and group."""
    both = Period(before.first_week, now.last_week, now.label)
    lines = replace(scope, period=both).marked("basket_line")
    is_now = lines.week.between(now.first_week, now.last_week)
    is_before = lines.week.between(before.first_week, before.last_week)
    units = {
        "own_now": total(lines.units, lines.own & is_now),
        "own_before": total(lines.units, lines.own & is_before),
    }
    if has_item_filter(scope):
        units["all_now"] = total(lines.units, is_now)
        units["all_before"] = total(lines.units, is_before)
    sums = grouped(lines, (*scope.by, HOUSEHOLD), **units)
    *_, all_now, all_before = units
    keys = (*scope.market_by, HOUSEHOLD)
    market = grouped(
        sums, keys, market_now=sums[all_now].sum(), market_before=sums[all_before].sum()
    )
    buyers = sums.filter((sums.own_now > 0) | (sums.own_before > 0))
    return beside(buyers, market, keys)


def _split(homes: ir.Table) -> ir.Table:
    """Split each household's change in units into the five parts.

    The smaller of a household's two category volumes is what both periods have in common: within
    it, a change of the group's share is switching. What the larger category volume has on top is
    the category's growth or decline, of which the group gets its share of that larger volume.
    """
    more = homes.market_now - homes.market_before
    share_now = ratio(homes.own_now, homes.market_now)
    share_before = ratio(homes.own_before, homes.market_before)
    at_larger = ibis.ifelse(more > 0, share_now, share_before)
    stays = (homes.market_now > 0) & (homes.market_before > 0)
    change = homes.own_now - homes.own_before
    category = at_larger * more
    return homes.mutate(
        change=change,
        gained_from_new_category_buyers=ibis.ifelse(homes.market_before > 0, 0.0, change),
        lost_to_lapsed_category_buyers=ibis.ifelse(homes.market_now > 0, 0.0, change),
        category_more=ibis.ifelse(stays & (more > 0), category, 0.0),
        category_less=ibis.ifelse(stays & (more < 0), category, 0.0),
        net_switching=ibis.ifelse(stays, change - category, 0.0),
    )


DEFINITION = (
    "How the panel's units changed from {before} to the period, and why, household by household. "
    "New category buyers bought nothing of the market before; lapsed ones buy nothing of it now. "
    "Of a household that bought the market in both periods, the smaller of its two market volumes "
    "is compared like with like: a change of the brand's share of it is switching, and over all "
    "brands of the market that comes to nought. What the larger volume has on top is the household "
    "buying more (or less) of the category, of which the brand gets its share of that volume."
)
FORMULA = (
    "change in units = gained from new category buyers + lost to lapsed category buyers "
    "+ category more + category less + net switching"
)
TRAP = (
    "The market is what the filters on department, category and subcategory leave: filter on the "
    "category first. A household that joins or leaves the panel looks like a new or lapsed "
    "category buyer. See Guenther, Vossebein and Wildner, Marktforschung mit Panels (2006), on "
    "gain-and-loss analysis."
)

MEASURES = (
    Measure(
        id="switching",
        title="Gain and loss",
        definition=DEFINITION.format(before="the equally long period just before"),
        formula=FORMULA,
        unit="units",
        needs=("basket_line",),
        dimensions=SWITCHING_DIMENSIONS,
        build=_switching,
        additive_over=SWITCHING_SUM,
        parts=PARTS,
        variant="previous_period",
        trap=f"Two neighbouring periods differ in season as well. {TRAP}",
    ),
    Measure(
        id="switching_year_ago",
        title="Gain and loss against a year ago",
        definition=DEFINITION.format(before="the same weeks a year (52 weeks) ago"),
        formula=FORMULA,
        unit="units",
        needs=("basket_line",),
        dimensions=SWITCHING_DIMENSIONS,
        build=_switching_year_ago,
        additive_over=SWITCHING_SUM,
        parts=PARTS,
        variant="same_season",
        trap=TRAP,
    ),
)
