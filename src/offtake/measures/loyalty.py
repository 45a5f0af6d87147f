"""How much of their need buyers cover with a brand, whether they come back, what else they buy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.errors import BadInputError
from offtake.measures.baskets import (
    HOUSEHOLD,
    HOUSEHOLD_DIMENSIONS,
    across,
    all_hold,
    bought,
    has_item_filter,
    is_item,
    paired,
    per_household,
    total,
)
from offtake.measures.first_purchases import FIRST_TIME, WASHOUT_WEEKS, first_time_buyers
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, condition, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

FOLLOW_UP_WEEKS = 13


def _scr(scope: Scope) -> ir.Table:
    return _requirements(scope, "units")


def _scr_value(scope: Scope) -> ir.Table:
    return _requirements(scope, "value")


def _requirements(scope: Scope, column: str) -> ir.Table:
    lines = scope.marked("basket_line")
    sums = {name: total(lines[name], lines.own) for name in dict.fromkeys(("units", column))}
    if has_item_filter(scope):
        sums["all"] = total(lines[column])
    homes = per_household(scope, lines, scope.by, **sums)
    *_, everything = sums
    keys = (*scope.market_by, HOUSEHOLD)
    needs = grouped(homes, keys, requirements=homes[everything].sum())
    buyers = beside(homes.filter(homes.units > 0), needs, keys)
    counts = grouped(
        buyers,
        scope.by,
        buyers=total(buyers.weight),
        bought=total(buyers[column] * buyers.weight),
        requirements=total(buyers.requirements * buyers.weight),
    )
    return counts.mutate(value=percent(counts.bought, counts.requirements))


def _repeat_2plus(scope: Scope) -> ir.Table:
    lines = bought(scope.facts("basket_line"))
    homes = per_household(scope, lines, scope.by, trips=lines.basket_id.nunique())
    counts = grouped(
        homes,
        scope.by,
        repeaters=total(homes.weight, homes.trips >= 2),
        buyers=total(homes.weight),
    )
    return counts.mutate(value=percent(counts.repeaters, counts.buyers))


def _repeat_first_time(scope: Scope) -> ir.Table:
    firsts = first_time_buyers(scope, 1)
    window = ibis.interval(days=7 * FOLLOW_UP_WEEKS)
    followed = firsts.first_day + window <= firsts.last_loaded_day
    again = followed & (firsts.repeat_1 <= firsts.first_day + window)
    counts = grouped(
        firsts,
        scope.by,
        rebuyers=firsts.count(where=again),
        first_time_buyers=firsts.count(where=followed),
        not_yet_followed=firsts.count(where=~followed),
    )
    return counts.mutate(value=percent(counts.rebuyers, counts.first_time_buyers))


def _duplication(scope: Scope) -> ir.Table:
    item = _one_item_grouping(scope)
    shown = [f for f in scope.where if f.dimension == item]
    scope = replace(scope, where=tuple(f for f in scope.where if f.dimension != item))
    pairs = _pairs(scope, item)
    return pairs.filter(all_hold(condition(pairs, f) for f in shown)) if shown else pairs


def _one_item_grouping(scope: Scope) -> str:
    items = [name for name in scope.by if is_item(name)]
    if len(items) != 1:
        raise BadInputError(
            f"duplication_of_purchase sets the groups of one grouping against each other: got "
            f"{list(scope.by)}, allowed: exactly one of "
            f"{', '.join(sorted(filter(is_item, HOUSEHOLD_DIMENSIONS)))} in the grouping"
        )
    return items[0]


def _pairs(scope: Scope, item: str) -> ir.Table:
    """Return every pair of different groups in a market: who bought both, and what is expected.

    The duplication of purchase law: the part of A's buyers who also buy B is D x penetration of B,
    with D = mean duplication / mean penetration over all pairs. The number of households that
    penetrations are taken of cancels out.
    """
    lines = bought(scope.facts("basket_line"))
    homes = lines.select(*scope.by, HOUSEHOLD).distinct()
    counts = grouped(homes, scope.by, buyers=homes.count())
    shared = paired(homes, homes.rename(also_bought=item), (*scope.market_by, HOUSEHOLD))
    shared = grouped(shared, (*scope.by, "also_bought"), both=shared.count())
    others = counts.rename(also_bought=item, also_buyers="buyers")
    pairs = paired(counts, others, scope.market_by)
    pairs = beside(pairs, shared, (*scope.by, "also_bought"))
    pairs = pairs.filter(pairs[item] != pairs.also_bought)
    pairs = pairs.mutate(both=pairs.both.fill_null(0))
    pairs = pairs.mutate(value=percent(pairs.both, pairs.buyers))
    coefficient = across(pairs["value"], scope.market_by) / across(
        pairs.also_buyers, scope.market_by
    ).cast("float64")
    return pairs.mutate(expected=coefficient * pairs.also_buyers)


REBUY = f"""{FIRST_TIME} Rebuying is a purchase on a later day within \
{FOLLOW_UP_WEEKS} weeks of it. Buyers whose {FOLLOW_UP_WEEKS} weeks are not yet over on the last \
loaded day are not counted. Period and time groupings go by the first purchase."""

MEASURES = (
    Measure(
        id="scr",
        title="Share of requirements",
        definition="The part of their market needs that a brand's buyers cover with it, in units. "
        "The market is what the filters on department, category and subcategory leave.",
        formula="units of the brand / market units of the brand's buyers x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_scr,
        parts=("buyers", "bought", "requirements"),
        variant="units",
        trap="Filter on the category: without it, everything the household bought is the market. "
        "Falls as the period grows, for buyers have more time to buy other brands.",
    ),
    Measure(
        id="scr_value",
        title="Share of requirements, value",
        definition="The part of their market spending that a brand's buyers give to it. The "
        "market is what the filters on department, category and subcategory leave.",
        formula="value of the brand / market value of the brand's buyers x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_scr_value,
        parts=("buyers", "bought", "requirements"),
        variant="money",
        trap="Filter on the category: without it, everything the household bought is the market. "
        "A dear brand has a higher share in value than in units.",
    ),
    Measure(
        id="repeat_rate_buyers_with_2plus",
        title="Repeat rate, buyers with two purchases or more",
        definition="The part of the buying households that had the product in at least two "
        "baskets.",
        formula="buyers with 2 or more occasions / buyers x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_repeat_2plus,
        parts=("repeaters", "buyers"),
        variant="buyers_with_2plus",
        trap="Grows with the length of the period. Not the part of new buyers who come back: that "
        "is repeat_rate_first_time_buyers_who_rebuy.",
    ),
    Measure(
        id="repeat_rate_first_time_buyers_who_rebuy",
        title="Repeat rate, first-time buyers who rebuy",
        definition=f"The part of the first-time buyers who bought again. {REBUY}",
        formula=f"first-time buyers who bought again within {FOLLOW_UP_WEEKS} weeks / first-time "
        f"buyers followed for {FOLLOW_UP_WEEKS} weeks x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_repeat_first_time,
        parts=("rebuyers", "first_time_buyers", "not_yet_followed"),
        variant="first_time_buyers_who_rebuy",
        trap="First-time means new in the loaded weeks: a household that buys less often than "
        f"every {WASHOUT_WEEKS} weeks can look new. Grouped by store, a first purchase in the "
        "group counts.",
    ),
    Measure(
        id="duplication_of_purchase",
        title="Duplication of purchase",
        definition="The part of one brand's buyers who also bought another brand in the same "
        "period, beside what the duplication of purchase law expects: D x penetration of the "
        "other brand, D being mean duplication / mean penetration over all pairs. Asked by "
        "exactly one grouping of items; a filter on that grouping picks whose buyers are shown.",
        formula="households that bought both / households that bought the first x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_duplication,
        labels=("also_bought",),
        parts=("both", "buyers", "expected"),
        trap="Filter on the category: every group of the market counts towards D. The two halves "
        "of a pair have different values, for each is taken of its own buyers. See Ehrenberg, "
        "Uncles and Goodhardt (2004), Journal of Business Research 57.",
    ),
)
