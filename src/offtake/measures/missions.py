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
BASKET = "basket_id"


def _basket_mission(scope: Scope) -> ir.Table:
    trips = _trips(scope)
    sums = every_label(_with_product(scope, trips), scope.by, "mission", MISSIONS)
    keys = (*scope.universe_by, "mission")
    every = grouped(trips, keys, all_trips=total(trips.weight))
    every = every.mutate(of_all_trips=_share(every.all_trips, scope.universe_by))
    sums = beside_or_0(sums, every, keys)
    return sums.mutate(
        units_percent=_share(sums.units, scope.by),
        sales_percent=_share(sums.sales_value, scope.by),
        value=_share(sums.trips, scope.by),
    )


def _share(column: ir.NumericColumn, by: tuple[str, ...]) -> ir.FloatingValue:
    return percent(column, across(column, by))


def _trips(scope: Scope) -> ir.Table:
    """Return every basket with its mission, judged by all that is in it."""
    lines = bought(scope.universe("basket_line", also=("department",)))
    trips = grouped(
        lines,
        (*scope.universe_by, BASKET),
        household_id=lines[HOUSEHOLD].min(),  # a basket has one
        items=lines.product_id.nunique(),
        first_department=lines.department.min(),
        last_department=lines.department.max(),
    )
    one_department = trips.first_department == trips.last_department
    mission = ibis.cases(
        (trips["items"] >= MAIN_SHOP_ITEMS, "main shop"),
        ((trips["items"] <= SINGLE_NEED_ITEMS) & one_department, "single need"),
        else_="top-up",
    )
    trips = weighed(scope, trips.mutate(mission=mission))
    return trips.select(*scope.universe_by, BASKET, "mission", "weight")


def _with_product(scope: Scope, trips: ir.Table) -> ir.Table:
    """Add up the trips with the product in the basket, and what of it was in them."""
    lines = bought(scope.facts("basket_line"))
    own = grouped(
        lines, (*scope.by, BASKET), units=total(lines.units), sales_value=total(lines["value"])
    )
    own = beside(own, trips, (*scope.universe_by, BASKET))
    return grouped(
        own,
        (*scope.by, "mission"),
        trips=total(own.weight),
        units=total(own.units * own.weight),
        sales_value=total(own.sales_value * own.weight),
    )


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
