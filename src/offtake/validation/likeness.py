"""How like the real data a twin is: the same statistics of both, by the same code.

Complete Journey is a household panel and sees a few percent of what a store sells; a twin sells
whole stores. What can be compared is a panel of the twin (:mod:`offtake.validation.likeness_panel`)
with the real one, described by the very functions that calibrated the twin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.models.kernels.shelf_price import NOWHERE
from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.calibration import Category
from offtake.twin.market.items import regular_elasticity
from offtake.validation.calibrate_demand import RESPONSES, Demand, fit_demand, responses
from offtake.validation.calibrate_rates import pair_cells, rates, support_lift
from offtake.validation.calibrate_rows import CategoryRows, category_rows, whole_weeks
from offtake.validation.calibrate_season import season, week_effects
from offtake.validation.calibrate_support import CUT, manufacturers, prices, support
from offtake.validation.spread import spread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kind = Literal["sales", "price", "support", "response"]

BEST = 0.2
"""The best-selling fifth of the items."""
ENOUGH_ROWS = 5
"""Stores in which an item-week must be seen to tell what they have in common."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number by which a category is described.

    Parameters
    ----------
    name, title, unit
        Key of :attr:`Portrait.numbers`, what it is in words, and its unit (``%`` is shown for
        shares).
    kind
        The part of the market it belongs to.
    """

    name: str
    title: str
    unit: str
    kind: Kind


_sales, _price, _support, _response = (
    partial(Statistic, kind=kind) for kind in ("sales", "price", "support", "response")
)
STATISTICS: tuple[Statistic, ...] = (
    _sales("units_per_row", "units sold in a row", "units"),
    _sales("zero_share", "rows without a sale", "%"),
    _sales("overdispersion", "variance over mean, given the rate", "ratio"),
    _sales("dispersion", "size k of the negative binomial", "k"),
    _sales("rate_mean", "usual rate of sale, mean over items", "log"),
    _sales("rate_sd", "usual rate of sale, spread between items", "log"),
    _sales("store_sd", "spread between stores", "log"),
    _sales("pair_sd", "spread of pairs of store and item beyond both", "log"),
    _sales("top_share", "units of the best-selling fifth of items", "%"),
    _sales("largest_maker", "units of the largest manufacturer", "%"),
    _price("price_mean", "regular price, mean over items", "log"),
    _price("price_sd", "regular price, spread between items", "log"),
    _price("cut_mean", "depth of price cuts, mean", "%"),
    _price("cut_sd", "depth of price cuts, sd", "%"),
    _price("cut_share", "rows with a price cut", "%"),
    _price("cut_share_supported", "rows with a price cut, of those with support", "%"),
    _price("cut_share_plain", "rows with a price cut, of those without support", "%"),
    _support("display_share", "rows on display", "%"),
    _support("feature_share", "rows in a leaflet", "%"),
    _support("both_share", "rows with both", "%"),
    _support("event_weeks_mean", "length of a run of supported weeks", "weeks"),
    _support("display_in_common", "variance of displays that stores have in common", "%"),
    _support("feature_in_common", "variance of leaflets that stores have in common", "%"),
    _response("elasticity_promoted", "elasticity to the price cut", "elasticity"),
    _response("elasticity_regular", "elasticity to the regular price", "elasticity"),
    _response("display", "lift of a display", "log"),
    _response("feature", "lift of a leaflet", "log"),
    _response("display_feature", "both at once, on top", "log"),
)
"""Every number by which categories are compared. A row is a store, an item and a week."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One category of a panel, described.

    Parameters
    ----------
    numbers
        By name, as in :data:`STATISTICS`; ``rows`` and ``items`` besides.
    errors
        Standard errors of the responses.
    weeks
        (W,) log units by week less the mean lift of price and support, mean 0.
    season
        (52,) the smooth log index of the year.
    """

    numbers: Mapping[str, float]
    errors: Mapping[str, float] = field(default_factory=dict)
    weeks: Floats = field(default_factory=lambda: np.zeros(0))
    season: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True)
class Side:
    """One statistic on one side, over categories.

    middle: the median; of a response the mean, weighed by precision, with its standard error.
    low, high: lowest and highest category.
    """

    middle: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One statistic of both.

    Parameters
    ----------
    statistic
        Which.
    real, twin
        Over the categories.
    correlation
        Over categories: whether those that stand out in the real data do so in the twin.
    higher, categories
        In how many categories the twin is higher, of how many.
    """

    statistic: Statistic
    real: Side
    twin: Side
    correlation: float
    higher: int
    categories: int


def portraits(store: Store, categories: Iterable[str]) -> dict[str, Portrait]:
    """Describe categories of whatever a store holds.

    Parameters
    ----------
    store
        With sales, promotions and products.
    categories
        As the product table calls them.
    """
    tables = store.tables()
    weeks = whole_weeks(store, tables)
    return {name: describe(category_rows(store, tables, name, weeks)) for name in categories}


def describe(rows: CategoryRows) -> Portrait:
    """Describe one category, by the functions that calibrate the twin."""
    demand = fit_demand(rows)
    level = rates(pair_cells(rows, demand), demand.overdispersion)
    slopes = responses(demand)
    numbers = {
        "rows": float(rows.units.size),
        "items": float(np.unique(rows.item).size),
        "units_per_row": float(rows.units.mean()),
        "overdispersion": demand.overdispersion,
        "dispersion": demand.size,
        "rate_mean": level.mean,
        "rate_sd": level.item_sd,
        "store_sd": level.store_sd,
        "pair_sd": level.pair_sd,
        "top_share": top_share(np.bincount(rows.item, rows.units).astype(np.float64), BEST),
        "largest_maker": _largest_maker(rows),
        **prices(rows),
        **support(rows),
        **cuts_by_support(rows),
        "display_in_common": in_common(rows.display, rows.item, rows.week),
        "feature_in_common": in_common(rows.feature, rows.item, rows.week),
        **{name: slopes[name]["mean"] for name in RESPONSES},
    }
    effects, index = _year(rows, demand)
    return Portrait(numbers, {name: slopes[name]["se"] for name in RESPONSES}, effects, index)


def _year(rows: CategoryRows, demand: Demand) -> tuple[Floats, Floats]:
    usual = np.bincount(rows.pair, rows.units) / np.bincount(rows.pair)
    lift = support_lift(rows, demand)
    effects = week_effects(rows.units, lift, rows.week, usual[rows.pair])
    units = np.bincount(rows.week, rows.units).astype(np.float64)
    shape = season(effects, rows.mondays, units)
    return effects - effects[np.isfinite(effects)].mean(), shape.index


def _largest_maker(rows: CategoryRows) -> float:
    shares = manufacturers(rows)["manufacturer_shares"]
    return float(shares[0]) if isinstance(shares, list) else float("nan")


def top_share(units: Floats, best: float) -> float:
    """Return the share of units that the best-selling part of the items has.

    Parameters
    ----------
    units
        (J,) units by item; items that sold nothing are left out.
    best
        Part of the items; an item that the boundary falls into counts in part.

    Examples
    --------
    >>> top_share(np.array([6.0, 2.0, 1.0, 1.0]), 0.25)
    0.6
    >>> top_share(np.ones(4), 0.375)
    0.375
    """
    sold = np.sort(units[units > 0])[::-1]
    upto = np.concatenate([[0.0], np.cumsum(sold)])
    return float(np.interp(best * sold.size, np.arange(upto.size), upto) / upto[-1])


def cuts_by_support(rows: CategoryRows) -> dict[str, float]:
    """Return how often prices are cut in rows with a display or leaflet, and in those without.

    Returns
    -------
    dict
        ``cut_share_supported`` and ``cut_share_plain``; NaN where there is no such row.
    """
    known = rows.origin != NOWHERE
    cut = 1 - rows.price[known] / rows.regular[known] >= CUT
    supported = (rows.display | rows.feature)[known]
    return {
        "cut_share_supported": _mean(cut[supported]),
        "cut_share_plain": _mean(cut[~supported]),
    }


def _mean(on: Bools) -> float:
    return float(on.mean()) if on.size else float("nan")


def in_common(on: Bools, item: Integers, week: Integers) -> float:
    """Return the part of the variance of a support that all stores have in common.

    1 when an item is in a leaflet everywhere or nowhere, 0 when every store does as it likes;
    differences between items are taken out, and so is what few stores share by accident.

    Parameters
    ----------
    on, item, week
        (N,) rows; item-weeks that fewer than 5 stores have are left out.

    Examples
    --------
    >>> on = np.repeat([True, False], 6)
    >>> in_common(on, np.zeros(12, int), np.repeat([0, 1], 6))
    1.0
    """
    cell = item * (int(week.max(initial=0)) + 1) + week
    count = np.bincount(cell)
    kept = count[cell] >= ENOUGH_ROWS
    if not kept.any():
        return float("nan")
    value, cell, item = on[kept].astype(np.float64), cell[kept], item[kept]
    of_item = np.bincount(item, value) / np.maximum(np.bincount(item), 1)
    left = value - of_item[item]
    number = np.maximum(count, 1)
    of_cell = np.bincount(cell, left, minlength=count.size) / number
    within = np.bincount(cell, (left - of_cell[cell]) ** 2, minlength=count.size)
    noise = within / np.maximum(number - 1, 1)
    common = float(np.sum((of_cell**2 - noise / number)[cell]))
    whole = common + float(np.sum(noise[cell]))
    return min(max(common / whole, 0.0), 1.0) if whole > 0 else float("nan")


def given(category: Category, assumed: Assumptions = ASSUMPTIONS) -> dict[str, float]:
    """Return what the twin is given of a category, by the names of the statistics.

    Means are those moved towards all categories by their error; the elasticity to the regular
    price is measured and published, weighed by precision.
    """
    plain = (
        "dispersion", "rate_mean", "rate_sd", "store_sd", "pair_sd", "price_mean", "price_sd",
        "cut_mean", "cut_sd", "display_share", "feature_share",
    )  # fmt: skip
    slopes = ("elasticity_promoted", "display", "feature", "display_feature")
    return {
        **{name: float(getattr(category, name)) for name in plain},
        "event_weeks_mean": category.event_weeks,
        "largest_maker": category.manufacturer_shares[0],
        **{name: float(getattr(category, name).mean) for name in slopes},
        "elasticity_regular": regular_elasticity(category, assumed),
    }


def compare(real: Mapping[str, Portrait], twin: Mapping[str, Portrait]) -> list[Line]:
    """Put the statistics of both side by side.

    Raises
    ------
    BadInputError
        When the two do not have the same categories.
    """
    if set(real) != set(twin):
        raise BadInputError(f"categories: got {sorted(twin)}, allowed: {sorted(real)}")
    return [_line(statistic, real, twin) for statistic in STATISTICS]


def _line(statistic: Statistic, real: Mapping[str, Portrait], twin: Mapping[str, Portrait]) -> Line:
    name, categories = statistic.name, sorted(real)
    one, other = (
        np.array([side[each].numbers[name] for each in categories]) for side in (real, twin)
    )
    errors = [
        np.array([side[each].errors.get(name, np.nan) for each in categories])
        for side in (real, twin)
    ]
    return Line(
        statistic,
        real=_side(one, errors[0]),
        twin=_side(other, errors[1]),
        correlation=correlation(one, other),
        higher=int(np.sum(other > one)),
        categories=one.size,
    )


def _side(values: Floats, errors: Floats) -> Side:
    if np.isfinite(errors).any():
        over = spread(values, errors)
        return Side(over.mean, over.se, float(values.min()), float(values.max()))
    return Side(float(np.median(values)), float("nan"), float(values.min()), float(values.max()))


def correlation(one: Floats, other: Floats) -> float:
    """Return the correlation of two series; NaN where one of them does not vary.

    Examples
    --------
    >>> round(correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])), 12)
    1.0
    """
    known = np.isfinite(one) & np.isfinite(other)
    a, b = one[known] - one[known].mean(), other[known] - other[known].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def distance(one: Floats, other: Floats) -> float:
    """Return the root mean square of the difference of two series.

    Examples
    --------
    >>> distance(np.array([0.0, 2.0, 4.0, 4.0]), np.zeros(4))
    3.0
    """
    known = np.isfinite(one) & np.isfinite(other)
    return float(np.sqrt(np.mean((one[known] - other[known]) ** 2)))
