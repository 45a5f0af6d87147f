"""Who buys, how often and how much, from household baskets."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from offtake.measures.baskets import (
    HOUSEHOLD_DIMENSIONS,
    bought,
    households,
    per_household,
    total,
)
from offtake.measures.dimensions import Kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

ANY_SUM: frozenset[Kind] = frozenset(("item", "market", "store", "time", "household"))
TRIP_SUM: frozenset[Kind] = frozenset(("store", "time", "household"))
DISCOUNTS = ("retailer_discount", "coupon_discount", "coupon_match_discount")
PANEL = "Panel households only: not the whole sell-out of the stores."
LENGTH = "Grows with the length of the period; compare equal periods only."


def _sales_units(scope: Scope) -> ir.Table:
    return _sales(scope, "units")


def _sales_value(scope: Scope) -> ir.Table:
    return _sales(scope, "value")


def _sales(scope: Scope, column: str) -> ir.Table:
    lines = scope.facts("basket_line")
    if not scope.weighted:
        return grouped(lines, scope.by, value=total(lines[column]))
    homes = per_household(scope, lines, scope.by, sales=total(lines[column]))
    return grouped(homes, scope.by, value=total(homes.sales * homes.weight))


def _buyers(scope: Scope) -> ir.Table:
    homes = per_household(scope, bought(scope.facts("basket_line")), scope.by)
    return grouped(homes, scope.by, value=total(homes.weight))


def _trips(scope: Scope) -> ir.Table:
    counts = _trips_and_buyers(scope)
    return counts.mutate(value=counts.trips)


def _trips_and_buyers(scope: Scope) -> ir.Table:
    lines = bought(scope.facts("basket_line"))
    homes = per_household(scope, lines, scope.by, trips=lines.basket_id.nunique())
    return grouped(
        homes, scope.by, trips=total(homes.trips * homes.weight), buyers=total(homes.weight)
    )


def _penetration(scope: Scope) -> ir.Table:
    homes = per_household(scope, bought(scope.facts("basket_line")), scope.by)
    buyers = grouped(homes, scope.by, buyers=total(homes.weight))
    both = beside(buyers, households(scope), scope.universe_by)
    return both.mutate(value=percent(both.buyers, both.households))


def _purchase_frequency(scope: Scope) -> ir.Table:
    counts = _trips_and_buyers(scope)
    return counts.mutate(value=ratio(counts.trips, counts.buyers))


def _sales_and_buyers(scope: Scope, column: str) -> ir.Table:
    lines = scope.facts("basket_line")
    sums = {name: total(lines[name]) for name in dict.fromkeys(("units", column))}
    homes = per_household(scope, lines, scope.by, **sums)
    return grouped(
        homes,
        scope.by,
        sales=total(homes[column] * homes.weight),
        buyers=total(homes.weight, homes.units > 0),
    )


def _buy_rate(scope: Scope) -> ir.Table:
    sums = _sales_and_buyers(scope, "units").rename(units="sales")
    return sums.mutate(value=ratio(sums.units, sums.buyers))


def _buy_rate_value(scope: Scope) -> ir.Table:
    sums = _sales_and_buyers(scope, "value").rename(sales_value="sales")
    return sums.mutate(value=ratio(sums.sales_value, sums.buyers))


def _identity(scope: Scope, column: str) -> ir.Table:
    sums = _sales_and_buyers(scope, column)
    both = beside(sums, households(scope), scope.universe_by)
    return both.mutate(
        penetration=ratio(both.buyers, both.households),
        buy_rate=ratio(both.sales, both.buyers),
        value=both.sales,
    )


def _identity_units(scope: Scope) -> ir.Table:
    return _identity(scope, "units")


def _identity_value(scope: Scope) -> ir.Table:
    return _identity(scope, "value")


def _deal_share(scope: Scope) -> ir.Table:
    lines = scope.facts("basket_line")
    on_deal = reduce(or_, [lines[name] > 0 for name in DISCOUNTS])
    sums = grouped(
        lines, scope.by, units_on_deal=total(lines.units, on_deal), units=total(lines.units)
    )
    return sums.mutate(value=percent(sums.units_on_deal, sums.units))


MEASURES = (
    Measure(
        id="household_sales_units",
        title="Panel unit sales",
        definition="Units that the panel households took home.",
        formula="sum of units over basket lines",
        unit="units",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_sales_units,
        additive_over=ANY_SUM,
        trap=f"{PANEL} Units of different pack sizes are not comparable.",
    ),
    Measure(
        id="household_sales_value",
        title="Panel value sales",
        definition="What the retailer received for what the panel households took home.",
        formula="sum of value over basket lines",
        unit="money",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_sales_value,
        additive_over=ANY_SUM,
        trap=PANEL,
    ),
    Measure(
        id="buyers",
        title="Buying households",
        definition="Panel households that bought at least one unit.",
        formula="count of different households with units > 0",
        unit="households",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_buyers,
        additive_over=frozenset(("household",)),
        trap="A household that buys two brands, or in two weeks, counts in each but only once in "
        "the total.",
    ),
    Measure(
        id="trips",
        title="Purchase occasions",
        definition="Shopping baskets that hold at least one unit.",
        formula="count of different baskets with units > 0",
        unit="trips",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_trips,
        additive_over=TRIP_SUM,
        trap="A basket with two brands in it counts for each brand but only once in the total.",
    ),
    Measure(
        id="penetration",
        title="Penetration",
        definition="The part of all panel households that bought at least once. All households "
        "are those that bought anything at all in the same stores and weeks.",
        formula="buying households / households x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_penetration,
        parts=("buyers", "households"),
        trap=LENGTH,
    ),
    Measure(
        id="purchase_frequency",
        title="Purchase frequency",
        definition="How many shopping baskets with the product a buying household had on average.",
        formula="occasions / buying households",
        unit="per_household",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_purchase_frequency,
        parts=("trips", "buyers"),
        trap=LENGTH,
    ),
    Measure(
        id="buy_rate",
        title="Buy rate",
        definition="How many units a buying household took home on average.",
        formula="units / buying households",
        unit="per_household",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_buy_rate,
        parts=("units", "buyers"),
        variant="units",
        trap=LENGTH,
    ),
    Measure(
        id="buy_rate_value",
        title="Spend per buyer",
        definition="What a buying household spent on average.",
        formula="value sales / buying households",
        unit="money",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_buy_rate_value,
        parts=("sales_value", "buyers"),
        variant="money",
        trap=LENGTH,
    ),
    Measure(
        id="household_identity",
        title="Panel unit sales, taken apart",
        definition="Unit sales as the product of how many households there are, which part of "
        "them bought, and how much a buyer took home.",
        formula="units = households x penetration (as a fraction) x buy rate",
        unit="units",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_identity_units,
        additive_over=ANY_SUM,
        parts=("households", "penetration", "buy_rate"),
        variant="units",
        trap=f"{PANEL} Only the product may be summed, never its parts.",
    ),
    Measure(
        id="household_identity_value",
        title="Panel value sales, taken apart",
        definition="Value sales as the product of how many households there are, which part of "
        "them bought, and how much a buyer spent.",
        formula="value sales = households x penetration (as a fraction) x spend per buyer",
        unit="money",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_identity_value,
        additive_over=ANY_SUM,
        parts=("households", "penetration", "buy_rate"),
        variant="money",
        trap=f"{PANEL} Only the product may be summed, never its parts.",
    ),
    Measure(
        id="deal_share",
        title="Share bought on deal",
        definition="The part of the panel's units that came with a discount of the retailer, a "
        "coupon, or the retailer's match of a coupon.",
        formula="units on lines with any discount / units x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_deal_share,
        parts=("units_on_deal", "units"),
        variant="bought_on_deal",
        trap="An empty discount reads as no discount: a source that never states discounts gives "
        "0. Displays and mailers without a discount do not count.",
    ),
)
