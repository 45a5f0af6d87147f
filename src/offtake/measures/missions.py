"""What shopping trips are for: told from the whole basket, by a plain rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from offtake.measures.baskets import (
    HOUSEHOLD,
    HOUSEHOLD_DIMENSIONS,
    across,
    beside_or_0,
    bought,
    every_label,
    total,
    weighed,
)
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

MISSIONS = ("main shop", "top-up", "single need")
MAIN_SHOP_ITEMS = 15
SINGLE_NEED_ITEMS = 3
TRIP = ("basket_id", HOUSEHOLD)


def _basket_mission(scope: Scope) -> ir.Table:
    trips = _trips(scope)
    keys = (*scope.by, "mission")
    lines = bought(scope.facts("basket_line"))
    own = grouped(
        lines, (*scope.by, *TRIP), units=total(lines.units), sales_value=total(lines["value"])
    )
    own = beside(own, trips, (*scope.universe_by, *TRIP))
    sums = grouped(
        own,
        keys,
        trips=total(own.weight),
        units=total(own.units * own.weight),
        sales_value=total(own.sales_value * own.weight),
    )
    sums = every_label(sums, scope.by, "mission", MISSIONS)
    every = grouped(trips, (*scope.universe_by, "mission"), all_trips=total(trips.weight))
    every = every.mutate(
        of_all_trips=percent(every.all_trips, across(every.all_trips, scope.universe_by))
    )
    sums = beside_or_0(sums, every, (*scope.universe_by, "mission"))
    return sums.mutate(
        units_percent=percent(sums.units, across(sums.units, scope.by)),
        sales_percent=percent(sums.sales_value, across(sums.sales_value, scope.by)),
        value=percent(sums.trips, across(sums.trips, scope.by)),
    )


def _trips(scope: Scope) -> ir.Table:
    """Return every basket with its mission, judged by all that is in it."""
    lines = bought(scope.universe("basket_line", also=("department",)))
    trips = grouped(
        lines,
        (*scope.universe_by, *TRIP),
        items=lines.product_id.nunique(),
        departments=lines.department.nunique(),
    )
    mission = ibis.cases(
        (trips.items >= MAIN_SHOP_ITEMS, "main shop"),
        ((trips.items <= SINGLE_NEED_ITEMS) & (trips.departments == 1), "single need"),
        else_="top-up",
    )
    return weighed(scope, trips.mutate(mission=mission))


MEASURES = (
    Measure(
        id="basket_mission",
        title="Shopping missions",
        definition="What the trips with the product in the basket were for, told from all that "
        f"was in the basket. Main shop: {MAIN_SHOP_ITEMS} different items or more. Single need: "
        f"at most {SINGLE_NEED_ITEMS} different items, all of one department. Top-up: everything "
        "between. Beside the part of the product's trips stand the parts of its units and of its "
        "money, and the part of all trips that were of this kind.",
        formula="baskets with the product of a mission / baskets with the product x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_basket_mission,
        parts=(
            "trips",
            "units",
            "units_percent",
            "sales_value",
            "sales_percent",
            "of_all_trips",
        ),
        labels=("mission",),
        variant="items_and_departments",
        trap="A rule of thumb with round numbers, fixed so that figures compare over time and "
        "between retailers; it is not what shoppers said they came for. Large baskets hold more "
        "of everything, so that a product's trips are nearly always larger than all trips: "
        "compare products. Items without a department count as one department.",
    ),
)
