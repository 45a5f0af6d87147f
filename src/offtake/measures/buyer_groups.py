"""Which buyers make the volume, and who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from offtake.errors import BadInputError
from offtake.measures.baskets import (
    HOUSEHOLD,
    HOUSEHOLD_DIMENSIONS,
    across,
    bought,
    every_label,
    paired,
    per_household,
    total,
)
from offtake.measures.dimensions import DIMENSIONS, of_kind
from offtake.measures.measure import Measure
from offtake.measures.proportions import INTERVAL_PARTS, Z_95, effective_size, with_interval
from offtake.measures.scope import Scope, beside, grouped, percent, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

GROUPS = ("heavy", "medium", "light")
EXACT_DECIMALS = 6
"""Units are ranked after rounding: engines add in different orders, and sums differ in the last
bits."""


def _heavy_medium_light(scope: Scope) -> ir.Table:
    lines = bought(scope.facts("basket_line"))
    homes = per_household(scope, lines, scope.by, units=total(lines.units))
    homes = homes.mutate(buyer_group=_third(homes, scope.by))
    sums = grouped(
        homes,
        (*scope.by, "buyer_group"),
        buyers=total(homes.weight),
        units=total(homes.units * homes.weight),
    )
    sums = every_label(sums, scope.by, "buyer_group", GROUPS)
    sums = sums.mutate(buy_rate=ratio(sums.units, sums.buyers))
    return sums.mutate(
        buyers_percent=percent(sums.buyers, across(sums.buyers, scope.by)),
        value=percent(sums.units, across(sums.units, scope.by)),
    )


def _third(homes: ir.Table, by: tuple[str, ...]) -> ir.StringValue:
    """Return which third of a group's buyers, ranked by units, a household belongs to.

    Buyers with equal units are put in the order of their ids: which third they fall into must not
    depend on the order of rows.
    """
    units = homes.units.round(EXACT_DECIMALS)
    ranking = ibis.window(group_by=list(by), order_by=[units.desc(), homes[HOUSEHOLD].asc()])
    place = ibis.row_number().over(ranking)
    buyers = homes.count().over(ibis.window(group_by=list(by)))
    return ibis.cases(
        (3 * place < buyers, "heavy"), (3 * place < 2 * buyers, "medium"), else_="light"
    )


def _profile(scope: Scope) -> ir.Table:
    """Set each household group's part of the buyers against its part of all households.

    All sums are of weights and of squared weights, so that the design of the panel is honoured.
    """
    groupings = tuple(n for n in scope.by if DIMENSIONS[n].kind == "household")
    if not groupings:
        raise BadInputError(
            f"buyer_profile splits buyers by who they are: got {list(scope.by)}, allowed: at least "
            f"one of {', '.join(sorted(of_kind('household')))} in the grouping"
        )
    scope = replace(scope, weighted=True)
    buyers = _weight_sums(scope, bought(scope.facts("basket_line")), scope.by)
    everybody = _weight_sums(scope, scope.universe("basket_line"), scope.universe_by)
    among_buyers = _without(scope.by, groupings)
    among_all = _without(scope.universe_by, groupings)
    cells = paired(
        _summed(buyers, among_buyers, "base"),
        beside(everybody.rename(_named("band")), _summed(everybody, among_all, "all"), among_all),
        among_all,
    )
    cells = beside(cells, buyers.rename(_named("hits")), scope.by)
    counted = [name for name in cells.columns if name.startswith("hits")]
    cells = cells.mutate(**{name: cells[name].fill_null(0) for name in counted})
    return _with_index(cells)


SUMS = {"": "weight", "_squares": "squares", "_count": "count"}


def _named(name: str) -> dict[str, str]:
    return {f"{name}{end}": column for end, column in SUMS.items()}


def _without(by: tuple[str, ...], groupings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in by if name not in groupings)


def _weight_sums(scope: Scope, lines: ir.Table, by: tuple[str, ...]) -> ir.Table:
    homes = per_household(scope, lines, by)
    return grouped(
        homes,
        by,
        weight=total(homes.weight),
        squares=total(homes.weight * homes.weight),
        count=homes.count(),
    )


def _summed(sums: ir.Table, by: tuple[str, ...], name: str) -> ir.Table:
    return grouped(
        sums, by, **{f"{name}{end}": total(sums[column]) for end, column in SUMS.items()}
    )


def _with_index(cells: ir.Table) -> ir.Table:
    """Put the proportion, its interval, the index and its interval beside the sums."""
    cells = cells.mutate(effective_sample=effective_size(cells.base, cells.base_squares))
    cells = with_interval(cells)
    of_all = percent(cells.band, cells["all"])
    spread = (Z_95 * _log_variance(cells).sqrt()).exp()
    index, largest = percent(cells["value"], of_all), percent(ibis.literal(100.0), of_all)
    nobody = cells.hits == 0
    high = ibis.ifelse(nobody, percent(cells.high, of_all), index * spread)
    return cells.mutate(
        buyers=cells.hits_count,
        of_all_households=of_all,
        index=index,
        index_low=ibis.ifelse(nobody, 0.0, index / spread),
        index_high=ibis.least(high, largest),
    )


def _log_variance(cells: ir.Table) -> ir.FloatingValue:
    """Return the variance of the logarithm of the index, by linearization.

    The index is (weight of buyers in the band / weight of buyers) / (weight of households in the
    band / weight of all households). Buyers are some of all households, so that the two shares
    vary together; each household's squared influence is added up, in the four kinds of household
    there are: buyer or not, in the band or not.
    """
    hit, buyer, band, everyone = (_inverse(cells[n]) for n in ("hits", "base", "band", "all"))
    both = cells.hits_squares
    only_buyer, only_band = cells.base_squares - both, cells.band_squares - both
    neither = cells.all_squares - only_buyer - only_band - both
    kinds = (
        (hit - buyer - band + everyone, both),
        (everyone - buyer, only_buyer),
        (everyone - band, only_band),
        (everyone, neither),
    )
    parts = [influence * influence * squares for influence, squares in kinds]
    return ibis.greatest(parts[0] + parts[1] + parts[2] + parts[3], 0.0)


def _inverse(column: ir.NumericValue) -> ir.FloatingValue:
    return ratio(ibis.literal(1.0), column)


MEASURES = (
    Measure(
        id="heavy_medium_light",
        title="Heavy, medium and light buyers",
        definition="The buying households ranked by the units they took home and cut into thirds: "
        "the heavy, the medium and the light buyers, and the part of the units that each third "
        "took. Where the buyers do not divide by three, the heavier third has one more. Of "
        "buyers with equal units, the one with the earlier id ranks first.",
        formula="units of a third of the buyers / units x 100",
        unit="percent",
        needs=("basket_line",),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_heavy_medium_light,
        parts=("buyers", "buyers_percent", "units", "buy_rate"),
        labels=("buyer_group",),
        variant="thirds_of_buyers",
        trap="A third of the buyers, not of the volume, and of this product's buyers, not of the "
        "category's. The longer the period, the more light buyers come in and the more the heavy "
        "ones take. Heavy buyers of one period are lighter in the next, whatever is done to them. "
        "Units of different pack sizes are not comparable.",
    ),
    Measure(
        id="buyer_profile",
        title="Who the buyers are",
        definition="The part of the buying households in each group of households (age, income, "
        "size ...), set against the same group's part of all households: an index of 120 is a "
        "fifth more than among all. Households are weighted by what they stand for. low to high "
        "is the 95 % interval: Wilson's, with Kish's effective sample size. That of the index "
        "allows for buyers being some of all households (linearization, on the logarithm).",
        formula="weight of buyers in the group / weight of buyers x 100; index = this / (weight of "
        "households in the group / weight of all households) x 100 x 100",
        unit="percent",
        needs=("basket_line", "household"),
        dimensions=HOUSEHOLD_DIMENSIONS,
        build=_profile,
        parts=(
            "buyers",
            *INTERVAL_PARTS[1:],
            "of_all_households",
            "index",
            "index_low",
            "index_high",
        ),
        variant="household_weights",
        trap="Households that do not say form a group of their own, (not stated); leave them out "
        "with a filter (age!=(not stated)) and the rest adds up to 100. With many groups, some "
        "intervals miss 100 by chance: one in twenty does. See Kish (1965), Survey Sampling, and "
        "Woodruff (1971), Journal of the American Statistical Association 66, on linearization.",
    ),
)
