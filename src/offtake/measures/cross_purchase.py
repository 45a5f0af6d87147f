"""What else the buyers of something buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.errors import BadInputError
from offtake.measures.baskets import (
    HOUSEHOLD,
    HOUSEHOLD_DIMENSIONS,
    beside_or_0,
    bought,
    paired,
    total,
    weighed,
)
from offtake.measures.dimensions import DIMENSIONS, PRODUCT_KINDS, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

BASKET = "basket_id"


def _by_household(scope: Scope) -> ir.Table:
    return _cross(scope, scope.marked("basket_line", PRODUCT_KINDS), HOUSEHOLD)


def _by_basket(scope: Scope) -> ir.Table:
    return _cross(scope, bought(scope.marked("basket_line", PRODUCT_KINDS)), BASKET)


def _cross(scope: Scope, lines: ir.Table, who: str) -> ir.Table:
    """Set what buyers also bought against what all bought; `who` says who counts as a buyer."""
    _demand_filter(scope)
    cells = _each(scope, lines, (*scope.by, who, "own"), bought=(lines.units > 0).any())
    everybody = grouped(
        cells,
        (*scope.universe_by, who),
        is_buyer=(cells.own & cells.bought).any(),
        weight=cells.weight.max(),  # all alike
    )
    totals = grouped(
        everybody,
        scope.universe_by,
        buyers=total(everybody.weight, everybody.is_buyer),
        everybody=total(everybody.weight),
    )
    others = cells.filter(~cells.own, cells.bought)
    buyers = everybody.filter(everybody.is_buyer).select(*scope.universe_by, who)
    shared = paired(others, buyers, (*scope.universe_by, who))
    counts = beside_or_0(
        grouped(others, scope.by, others=total(others.weight)),
        grouped(shared, scope.by, both=total(shared.weight)),
        scope.by,
    )
    counts = beside(counts, totals, scope.universe_by)
    value, among_all = percent(counts.both, counts.buyers), percent(counts.others, counts.everybody)
    return counts.mutate(value=value, among_all=among_all, index=percent(value, among_all))


def _each(scope: Scope, lines: ir.Table, keys: tuple[str, ...], **sums: ir.Scalar) -> ir.Table:
    """Return one row per key with `sums` and the weight of its household."""
    if HOUSEHOLD not in keys:
        sums[HOUSEHOLD] = lines[HOUSEHOLD].min()  # a basket has one
    return weighed(scope, grouped(lines, keys, **sums))


def _demand_filter(scope: Scope) -> None:
    if not any(DIMENSIONS[f.dimension].kind in PRODUCT_KINDS for f in scope.where):
        raise BadInputError(
            "cross_purchase says what else the buyers of something buy: got no filter that says "
            f"of what, allowed: a filter on {', '.join(sorted(of_kind(*PRODUCT_KINDS)))}"
        )


HOW = (
    "The filters on products say whose buyers; the grouping says what else they bought, "
    "everything that the filters leave out."
)
INDEX = "The index sets it against the same part of {all}: 100 is as often as among all."

MEASURES = (
    Measure(
        id="cross_purchase",
        title="What else buyers buy",
        definition="The part of a product's buying households that also bought something else in "
        f"the same period. {HOW} {INDEX.format(all='all panel households')}",
        formula="households that bought both / households that bought the product x 100; index = "
        "this / penetration of the other x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_by_household,
        parts=("both", "buyers", "among_all", "index"),
        variant="households",
        trap="Buyers of anything shop more than others, so most indices lie above 100: compare "
        "them with each other. Approaches 100 % with the length of the period. Brands of one "
        "market set against each other: duplication_of_purchase.",
    ),
    Measure(
        id="cross_purchase_baskets",
        title="What else is in the basket",
        definition="The part of the baskets with a product in them that also held something else. "
        f"{HOW} {INDEX.format(all='all baskets')} The index / 100 is the lift of basket analysis.",
        formula="baskets with both / baskets with the product x 100; index = this / part of all "
        "baskets with the other x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_by_basket,
        parts=("both", "buyers", "among_all", "index"),
        variant="baskets",
        trap="A large basket holds more of everything, so most indices lie above 100: compare them "
        "with each other. An index over few baskets (both) jumps about.",
    ),
)
