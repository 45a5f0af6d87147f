"""Who came, who stayed, who left and who came back, between two equal periods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.calendars import shift_for
from offtake.measures.baskets import bought, every_label, per_household, total
from offtake.measures.compared import period_before, period_wanted
from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, grouped

if TYPE_CHECKING:
    import ibis.expr.types as ir

FLOW_DIMENSIONS = of_kind("item", "market", "store", "household")
STATUSES = ("new", "returning", "retained", "lapsed")
WHAT = "buyer_flow"


def _flow(scope: Scope) -> ir.Table:
    return _statuses(scope, period_wanted(scope, WHAT).weeks)


def _flow_year_ago(scope: Scope) -> ir.Table:
    return _statuses(scope, shift_for(period_wanted(scope, WHAT), "year-ago"))


def _statuses(scope: Scope, weeks: int) -> ir.Table:
    homes = _households(scope, weeks)
    sums = grouped(
        homes,
        (*scope.by, "buyer_status"),
        value=total(homes.weight),
        units_now=total(homes.units_now * homes.weight),
        units_before=total(homes.units_before * homes.weight),
    )
    return every_label(sums, scope.by, "buyer_status", STATUSES)


def _households(scope: Scope, weeks: int) -> ir.Table:
    """Return the buyers of either period with their status and their units in both."""
    now, before = period_wanted(scope, WHAT), period_before(scope, weeks, WHAT)
    lines = bought(replace(scope, period=None).facts("basket_line"))
    lines = lines.filter(lines.week <= now.last_week)
    homes = per_household(
        scope,
        lines,
        scope.by,
        units_now=total(lines.units, lines.week >= now.first_week),
        units_before=total(lines.units, lines.week.between(before.first_week, before.last_week)),
        first_week=lines.week.min(),
    )
    is_buyer, was_buyer = homes.units_now > 0, homes.units_before > 0
    status = ibis.cases(
        (is_buyer & was_buyer, "retained"),
        (was_buyer, "lapsed"),
        (homes.first_week < now.first_week, "returning"),
        else_="new",
    )
    return homes.mutate(buyer_status=status).filter(is_buyer | was_buyer)


DEFINITION = (
    "The households that bought in the period or in {before}, by what they did. New: bought now "
    "and in no loaded week before the period. Returning: bought now, not in the compared weeks, "
    "but in other loaded weeks before the period. Retained: bought in both. Lapsed: bought in the "
    "compared weeks and not now."
)
FORMULA = (
    "buyers now = new + returning + retained; buyers before = retained + lapsed; change in buyers "
    "= new + returning - lapsed"
)
TRAP = (
    "New means new in the loaded weeks: the fewer weeks are loaded before the period, the more "
    "households look new that are returning. A household that joins or leaves the panel looks new "
    "or lapsed. The four rows are no parts of one total: lapsed buyers are none of the buyers now."
)

MEASURES = (
    Measure(
        id="buyer_flow",
        title="New, returning, retained and lapsed buyers",
        definition=DEFINITION.format(before="the equally long period just before"),
        formula=FORMULA,
        unit="households",
        needs=("basket_line",),
        dimensions=FLOW_DIMENSIONS,
        build=_flow,
        additive_over=frozenset(("household",)),
        parts=("units_now", "units_before"),
        labels=("buyer_status",),
        variant="previous_period",
        trap=f"Two neighbouring periods differ in season as well. {TRAP}",
    ),
    Measure(
        id="buyer_flow_year_ago",
        title="New, returning, retained and lapsed buyers against a year ago",
        definition=DEFINITION.format(before="the same weeks a year (52 weeks) ago"),
        formula=FORMULA,
        unit="households",
        needs=("basket_line",),
        dimensions=FLOW_DIMENSIONS,
        build=_flow_year_ago,
        additive_over=frozenset(("household",)),
        parts=("units_now", "units_before"),
        labels=("buyer_status",),
        variant="same_season",
        trap=TRAP,
    ),
)
