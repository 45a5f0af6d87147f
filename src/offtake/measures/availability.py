"""On the shelf or not: availability, share of shelf, the perfect store, and stock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent, ratio
from offtake.measures.shares import share_of_market
from offtake.measures.stores import keys, loaded_weeks, time_by

if TYPE_CHECKING:
    import ibis.expr.types as ir

Build = Callable[[Scope], "ir.Table"]

STOCK_DIMENSIONS = of_kind("item", "market", "store", "time")
AUDIT_DIMENSIONS = STOCK_DIMENSIONS | {"check_name"}


def _audit(scope: Scope) -> ir.Table:
    lines = scope.facts("audit_line")
    checked = lines.filter(lines.targeted.fill_null(True), lines.available.notnull())
    sums = grouped(
        checked,
        scope.by,
        items_available=checked.available.sum().fill_null(0),
        items_checked=checked.visit_id.count(),
    )
    return sums.mutate(value=percent(sums.items_available, sums.items_checked))


def _time(scope: Scope) -> ir.Table:
    stock = scope.facts("stock")
    known = stock.filter(stock.hours_open.notnull(), stock.hours_available.notnull())
    sums = grouped(
        known,
        scope.by,
        hours_available=known.hours_available.sum(),
        hours_open=known.hours_open.sum(),
    )
    return sums.mutate(value=percent(sums.hours_available, sums.hours_open))


def _shopper(scope: Scope) -> ir.Table:
    stock = scope.facts("stock")
    by_hours = stock.shoppers * stock.hours_available / stock.hours_open.nullif(0.0)
    served = stock.mutate(served=stock.shoppers_available.coalesce(by_hours))
    known = served.filter(served.shoppers.notnull(), served.served.notnull())
    sums = grouped(
        known, scope.by, shoppers_served=known.served.sum(), shoppers=known.shoppers.sum()
    )
    return sums.mutate(value=percent(sums.shoppers_served, sums.shoppers))


def _out_of_stock(availability: Build) -> Build:
    def build(scope: Scope) -> ir.Table:
        found = availability(scope)
        return found.mutate(value=100.0 - found["value"])

    return build


def _share_of_shelf(column: str) -> Build:
    def build(scope: Scope) -> ir.Table:
        lines = scope.marked("audit_line")
        return share_of_market(
            scope, lines, lines[column], own=f"own_{column}", whole=f"market_{column}"
        )

    return build


def _perfect_store(scope: Scope) -> ir.Table:
    lines = scope.facts("audit_line")
    applicable = lines.filter(lines.points_possible.notnull())
    sums = grouped(
        applicable,
        scope.by,
        points_earned=applicable.points_earned.sum().fill_null(0.0),
        points_possible=applicable.points_possible.sum(),
    )
    return sums.mutate(value=percent(sums.points_earned, sums.points_possible))


def _weeks_of_cover(scope: Scope) -> ir.Table:
    cells = keys(*scope.by, "store_id", "product_id")
    stock, sales = scope.facts("stock"), scope.facts("sales")
    counted = stock.filter(stock.on_hand.notnull())
    last = grouped(counted, cells, on_hand=counted.on_hand.argmax(counted.date))
    sold = grouped(sales, cells, units=sales.units.sum())
    both = beside(last, sold, cells)
    sums = grouped(both, scope.by, on_hand=both.on_hand.sum(), units=both.units.sum())
    paced = beside(sums, loaded_weeks(scope), time_by(scope))
    paced = paced.mutate(units_per_week=ratio(paced.units, paced.weeks))
    return paced.mutate(value=ratio(paced.on_hand, paced.units_per_week))


ON_SHELF = {
    "audit": "Measured by visits: an item is on shelf when the visit found it saleable, and only "
    "items that should be there count.",
    "time": "Measured by the clock: hours on shelf out of the hours that the store was open.",
    "shopper": "Measured by shoppers: the chance that a shopper in the store finds the item. "
    "Where shoppers while on shelf were not counted, the day's shoppers are spread evenly over "
    "its hours.",
}
FORMULAS = {
    "audit": "target items found saleable / target items checked",
    "time": "hours on shelf / hours open",
    "shopper": "shoppers while on shelf / shoppers",
}
TRAPS = {
    "audit": "A visit sees one moment, mostly in working hours and in stores worth a visit.",
    "time": "An empty hour on a busy day costs more than one on a quiet day; the shopper variant "
    "says how much.",
    "shopper": "Counts shoppers of the store, not those who want the item.",
}
NEEDS = {"audit": "audit_line", "time": "stock", "shopper": "stock"}
PARTS = {
    "audit": ("items_available", "items_checked"),
    "time": ("hours_available", "hours_open"),
    "shopper": ("shoppers_served", "shoppers"),
}
BUILDS: dict[str, Build] = {"audit": _audit, "time": _time, "shopper": _shopper}


def _availability(variant: str) -> Measure:
    return Measure(
        id=f"availability_{variant}",
        title=f"Availability ({variant})",
        definition=f"How often the item is on shelf. {ON_SHELF[variant]}",
        formula=f"{FORMULAS[variant]} x 100",
        unit="percent",
        needs=(NEEDS[variant],),
        dimensions=AUDIT_DIMENSIONS if variant == "audit" else STOCK_DIMENSIONS,
        build=BUILDS[variant],
        parts=PARTS[variant],
        variant=variant,
        trap=f"{TRAPS[variant]} Say which of the three availabilities is meant.",
    )


def _out_of_stock_rate(variant: str) -> Measure:
    return Measure(
        id=f"out_of_stock_rate_{variant}",
        title=f"Out-of-stock rate ({variant})",
        definition=f"How often the item is missing from the shelf. {ON_SHELF[variant]}",
        formula=f"100 - {FORMULAS[variant]} x 100",
        unit="percent",
        needs=(NEEDS[variant],),
        dimensions=AUDIT_DIMENSIONS if variant == "audit" else STOCK_DIMENSIONS,
        build=_out_of_stock(BUILDS[variant]),
        parts=PARTS[variant],
        variant=variant,
        trap=f"{TRAPS[variant]} Compare it only with rates of the same variant.",
    )


def _shelf(measure_id: str, title: str, column: str, *, variant: str, what: str) -> Measure:
    return Measure(
        id=measure_id,
        title=title,
        definition=f"The group's part of {what} that visits found in its market; the market is "
        "what the filters and groupings on department, category and subcategory leave.",
        formula=f"{what} of the group / {what} of the market x 100",
        unit="percent",
        needs=("audit_line",),
        dimensions=AUDIT_DIMENSIONS,
        build=_share_of_shelf(column),
        additive_over=frozenset(("item",)),
        parts=(f"own_{column}", f"market_{column}"),
        variant=variant,
        trap="Too high where visits counted our items and not the competitors'. A store visited "
        "twice counts twice.",
    )


MEASURES = (
    _availability("audit"),
    _availability("time"),
    _availability("shopper"),
    _out_of_stock_rate("audit"),
    _out_of_stock_rate("time"),
    _out_of_stock_rate("shopper"),
    _shelf("share_of_shelf", "Share of shelf", "facings", variant="facings", what="facings"),
    _shelf(
        "share_of_shelf_cm",
        "Share of shelf width",
        "shelf_cm",
        variant="cm",
        what="shelf width",
    ),
    Measure(
        id="perfect_store_score",
        title="Perfect store score",
        definition="Points that stores earned in visits out of the points they could earn. Checks "
        "that do not apply (without possible points) leave both sides; a check that applies and "
        "was not filled in earns nothing.",
        formula="points earned / points applicable x 100",
        unit="score",
        needs=("audit_line",),
        dimensions=AUDIT_DIMENSIONS,
        build=_perfect_store,
        parts=("points_earned", "points_possible"),
        trap="Checks are weighted by their points, so a change of the points changes the score.",
    ),
    Measure(
        id="weeks_of_cover",
        title="Weeks of cover",
        definition="How long the stock would last at the rate it sells: the latest stock record "
        "of each item in each store, over the units these sold in a week of the period.",
        formula="units on hand / (unit sales / weeks)",
        unit="weeks",
        needs=("stock", "sales"),
        dimensions=STOCK_DIMENSIONS,
        build=_weeks_of_cover,
        parts=("on_hand", "units_per_week"),
        trap="Stock by the record may not be on the shelf, nor in the store. Sales that an empty "
        "shelf held down make the cover look longer than it is.",
    ),
)
