"""Who buys, how often and how much, from household baskets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOUSEHOLD_DIMENSIONS = of_kind("item", "market", "store", "time", "household")


def _penetration(scope: Scope) -> ir.Table:
    lines, everybody = scope.facts("basket_line"), scope.universe("basket_line")
    bought = lines.filter(lines.units > 0)
    buyers = grouped(bought, scope.by, buyers=bought.household_id.nunique())
    universe = grouped(
        everybody, scope.universe_by, households=everybody.household_id.nunique()
    )
    both = beside(buyers, universe, scope.universe_by)
    return both.mutate(value=percent(both.buyers, both.households))


MEASURES = (
    Measure(
        id="penetration",
        title="Penetration",
        definition="The part of all households that bought at least once. All households are "
        "those that bought anything at all in the same stores and weeks.",
        formula="buying households / households x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_penetration,
        parts=("buyers", "households"),
        trap="Grows with the length of the period; compare equal periods only.",
    ),
)
