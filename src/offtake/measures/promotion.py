"""Support in the store: what was promoted, how widely, and whether what was agreed was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.measures.distribution import STORE_DIMENSIONS
from offtake.measures.measure import Measure
from offtake.measures.sales import EVERYWHERE
from offtake.measures.scope import Scope, beside, either, grouped, percent
from offtake.measures.shares import own_and_all, with_market
from offtake.measures.stores import keys, sized_stores

if TYPE_CHECKING:
    import ibis.expr.types as ir

CELL = ("store_id", "product_id", "week")


def _seen(scope: Scope) -> ir.Table:
    """Return the observed support in scope: store x product x week, with what kinds there were."""
    rows = replace(scope, by=()).facts("promotion")
    rows = rows.filter(rows.status == "observed")
    return rows.select(
        *CELL,
        on_display=rows.display,
        on_feature=rows.feature,
        supported=_supported(rows),
        days_seen=rows.display_days,
    )


def _supported(rows: ir.Table) -> ir.BooleanColumn:
    return rows.display | rows.feature | rows.price_cut


def reporting_stores(scope: Scope) -> ir.Table:
    """Return the stores for which any promotion of any product was observed in the period."""
    rows = replace(scope, by=()).universe("promotion")
    return rows.filter(rows.status == "observed").select("store_id").distinct()


def _sales_with_support(scope: Scope) -> ir.Table:
    sales, seen = scope.facts("sales"), _seen(scope)
    seen = seen.drop("days_seen").rename({f"_{name}": name for name in CELL})
    matches = [sales[name] == seen[f"_{name}"] for name in CELL]
    return sales.left_join(seen, matches).drop(*(f"_{name}" for name in CELL))


def _reported_sales(scope: Scope) -> ir.Table:
    return _sales_with_support(scope).semi_join(reporting_stores(scope), "store_id")


def _promoted_units(scope: Scope) -> ir.Table:
    sales = _sales_with_support(scope)
    promoted = sales.units.sum(where=sales.supported).fill_null(0.0)
    return grouped(sales, scope.by, value=promoted)


def _promoted_share(scope: Scope) -> ir.Table:
    sales = _reported_sales(scope)
    sums = grouped(
        sales,
        scope.by,
        promoted_units=sales.units.sum(where=sales.supported).fill_null(0.0),
        units=sales.units.sum(),
    )
    return sums.mutate(value=percent(sums.promoted_units, sums.units))


def _selling_weeks(scope: Scope) -> ir.Table:
    """Return group x store x week in which something sold, with the kinds of support it had."""
    sales = _reported_sales(scope)
    sold = sales.filter(sales.units > 0)
    return grouped(
        sold,
        keys(*scope.by, "store_id", "week"),
        display=sold.on_display.any(),
        feature=sold.on_feature.any(),
        supported=sold.supported.any(),
    )


def _support(kind: str) -> Callable[[Scope], ir.Table]:
    def build(scope: Scope) -> ir.Table:
        weeks = _selling_weeks(scope)
        sums = grouped(
            weeks,
            scope.by,
            supported_store_weeks=weeks[kind].sum().fill_null(0),
            selling_store_weeks=weeks.store_id.count(),
        )
        return sums.mutate(value=percent(sums.supported_store_weeks, sums.selling_store_weeks))

    return build


def _weighted_support(scope: Scope) -> ir.Table:
    weeks = beside(_selling_weeks(scope), sized_stores(scope), keys(*scope.universe_by, "store_id"))
    sums = grouped(
        weeks,
        scope.by,
        acv_supported=weeks.acv.sum(where=weeks.supported).fill_null(0.0),
        acv_selling=weeks.acv.sum(),
    )
    return sums.mutate(value=percent(sums.acv_supported, sums.acv_selling))


def _fair_share(scope: Scope) -> ir.Table:
    seen, sales = scope.marked("promotion"), scope.marked("sales")
    seen = seen.filter(seen.status == "observed", _supported(seen)).mutate(cells=1)
    sales = sales.semi_join(reporting_stores(scope), "store_id")
    support = own_and_all(scope, seen, seen.cells, own="support", whole="market_support")
    sold = own_and_all(scope, sales, sales["value"], own="sales_value", whole="market_value")
    both = with_market(scope, either(sold, support, scope.by), "market_support", "market_value")
    if scope.by:
        both = both.filter(both.support.notnull() | both.sales_value.notnull())
    shares = both.mutate(
        share_of_support=percent(both.support.fill_null(0), both.market_support),
        share_of_sales=percent(both.sales_value.fill_null(0.0), both.market_value),
    )
    return shares.mutate(value=percent(shares.share_of_support, shares.share_of_sales))


def _agreed_displays(scope: Scope) -> ir.Table:
    """Return the planned displays in scope, and what was observed in each of their places."""
    planned = scope.facts("promotion")
    planned = planned.filter(planned.status == "planned", planned.display)
    seen = _seen(scope)
    seen = seen.filter(seen.on_display).drop("on_feature", "supported")
    seen = seen.rename({f"_{name}": name for name in CELL})
    matches = [planned[name] == seen[f"_{name}"] for name in CELL]
    return planned.left_join(seen, matches).drop(*(f"_{name}" for name in CELL))


def _compliance(scope: Scope) -> ir.Table:
    displays = _agreed_displays(scope)
    sums = grouped(
        displays,
        scope.by,
        displays_found=displays.on_display.sum().fill_null(0),
        displays_agreed=displays.store_id.count(),
    )
    return sums.mutate(value=percent(sums.displays_found, sums.displays_agreed))


def _compliance_days(scope: Scope) -> ir.Table:
    displays = _agreed_displays(scope)
    known = displays.filter(
        displays.display_days.notnull(), displays.on_display.isnull() | displays.days_seen.notnull()
    )
    stood = ibis.least(known.days_seen.fill_null(0.0), known.display_days)
    sums = grouped(
        known,
        scope.by,
        days_on_floor=stood.sum().fill_null(0.0),
        days_agreed=known.display_days.sum(),
    )
    return sums.mutate(value=percent(sums.days_on_floor, sums.days_agreed))


def _compliance_audit(scope: Scope) -> ir.Table:
    lines = scope.facts("audit_line")
    checked = lines.filter(lines.display_agreed, lines.display_found.notnull())
    sums = grouped(
        checked,
        scope.by,
        displays_found=checked.display_found.sum().fill_null(0),
        displays_agreed=checked.visit_id.count(),
    )
    return sums.mutate(value=percent(sums.displays_found, sums.displays_agreed))


REPORTING = (
    "Only stores for which any promotion of any product was observed in the period count: "
    "elsewhere an absent record says nothing."
)
SELLING_WEEKS = "A store-week is a week in which a store sold any item of the group."


def _support_measure(kind: str, measure_id: str, title: str, what: str) -> Measure:
    return Measure(
        id=measure_id,
        title=title,
        definition=f"The part of the selling store-weeks in which an item that sold was {what}. "
        f"{SELLING_WEEKS} {REPORTING}",
        formula=f"selling store-weeks {what} / selling store-weeks x 100",
        unit="percent",
        needs=("sales", "promotion"),
        dimensions=STORE_DIMENSIONS,
        build=_support(kind),
        parts=("supported_store_weeks", "selling_store_weeks"),
        trap="Counts a kiosk like a hypermarket; weighted_support does not. A brand with many "
        "items is supported more often than any of them: compare groups of like size. Support "
        "that sold nothing is not seen here.",
    )


MEASURES = (
    Measure(
        id="promoted_units",
        title="Promoted units",
        definition="Units sold in a store and week in which the item was seen on display, in a "
        "feature (mailer or leaflet) or at a temporary price cut.",
        formula="sum of units with observed support",
        unit="units",
        needs=("sales", "promotion"),
        dimensions=STORE_DIMENSIONS,
        build=_promoted_units,
        additive_over=EVERYWHERE,
        trap="Not what promotion added: part of it would have sold anyway. Stores whose "
        "promotions nobody reports add nothing.",
    ),
    Measure(
        id="promoted_share",
        title="Promoted share of units",
        definition="The part of units sold in a store and week in which the item was seen on "
        f"display, in a feature or at a temporary price cut. {REPORTING}",
        formula="promoted units / unit sales of reporting stores x 100",
        unit="percent",
        needs=("sales", "promotion"),
        dimensions=STORE_DIMENSIONS,
        build=_promoted_share,
        parts=("promoted_units", "units"),
        trap="Says how much was sold on promotion, not how much because of it.",
    ),
    _support_measure("display", "display_support", "Display support", "on display"),
    _support_measure("feature", "feature_support", "Feature support", "in a feature"),
    _support_measure(
        "supported",
        "any_support",
        "Any support",
        "on display, in a feature or at a temporary price cut",
    ),
    Measure(
        id="weighted_support",
        title="Weighted support",
        definition="Any support, with each selling store-week weighted by the store's "
        f"all-commodity value (ACV). {SELLING_WEEKS} {REPORTING}",
        formula="ACV of selling store-weeks on display, in a feature or at a price cut / ACV of "
        "selling store-weeks x 100",
        unit="percent",
        needs=("sales", "promotion"),
        dimensions=STORE_DIMENSIONS,
        build=_weighted_support,
        parts=("acv_supported", "acv_selling"),
        trap="A part of the stores that sell the group, not of the whole trade. Never add it up.",
    ),
    Measure(
        id="fair_share_index",
        title="Fair share index of support",
        definition="The group's share of its market's support, set against its share of the "
        "market's value sales; 100 is a fair share. Support is counted in items x stores x weeks "
        f"on display, in a feature or at a price cut. {REPORTING}",
        formula="share of support / share of value sales x 100",
        unit="index",
        needs=("sales", "promotion"),
        dimensions=STORE_DIMENSIONS,
        build=_fair_share,
        parts=("share_of_support", "share_of_sales"),
        trap="A brand with many small items collects support faster than sales. A small share of "
        "sales makes the index jump.",
    ),
    Measure(
        id="display_compliance",
        title="Display compliance",
        definition="The part of the agreed displays that were seen on the floor: a planned "
        "display of an item in a store and week is found when the item was observed on display "
        "there in that week.",
        formula="agreed displays observed / agreed displays x 100",
        unit="percent",
        needs=("promotion",),
        dimensions=STORE_DIMENSIONS,
        build=_compliance,
        parts=("displays_found", "displays_agreed"),
        variant="displays",
        trap="A display in a store that nobody looked at counts as missing.",
    ),
    Measure(
        id="display_compliance_days",
        title="Display compliance in days",
        definition="The days that agreed displays stood on the floor, as a part of the days "
        "agreed. Days beyond the agreed ones do not count; a display that was not seen stood no "
        "day; one that was seen without a count of days is left out.",
        formula="days on the floor / days agreed x 100",
        unit="percent",
        needs=("promotion",),
        dimensions=STORE_DIMENSIONS,
        build=_compliance_days,
        parts=("days_on_floor", "days_agreed"),
        variant="days",
        trap="Lower than display compliance, as it also counts displays that came late or left "
        "early. A display in a store that nobody looked at counts as missing.",
    ),
    Measure(
        id="display_compliance_audit",
        title="Display compliance by audit",
        definition="The part of the agreed displays that visits found on the floor. Agreed "
        "displays that a visit did not look for are left out.",
        formula="agreed displays found / agreed displays checked x 100",
        unit="percent",
        needs=("audit_line",),
        dimensions=STORE_DIMENSIONS | {"check_name"},
        build=_compliance_audit,
        parts=("displays_found", "displays_agreed"),
        variant="audit",
        trap="Only the visited stores count, and stores are not visited at random.",
    ),
)
