"""What a forecast of planned promotions needs of a fitted category, as small tables.

Parameters and their covariance are handed on as they are, so that a forecast's interval is that of
the fit; the base, its errors and usual execution are worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from offtake.measures.dimensions import NOT_STATED
from offtake.models.columns import Columns, as_table
from offtake.models.names import UNNAMED, Names
from offtake.models.promotion.base_errors import RECENT
from offtake.models.promotion.base_rates import BaseRates, base_rates, own_base
from offtake.models.promotion.events import supported
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.market import brand_of_items
from offtake.models.promotion.rows import DAYS, Bools, Floats, Integers, competing_sides

if TYPE_CHECKING:
    import pyarrow as pa

Number = TypeVar("Number", np.float64, np.int64)
DIGITS = 9
"""Significant digits kept of a covariance."""
LEAST_EVENTS = 10
PERCENT = 100.0


def forecast_tables(fit: PromotionFit) -> Mapping[str, pa.Table]:
    """Return the tables that a forecast needs.

    Parameters
    ----------
    fit
        A category.

    Returns
    -------
    mapping
        ``planning_base`` (each item at each retailer), ``planning_season`` (by ISO week; empty
        where less than two years are there), ``planning_responses`` (which parameters are each
        item's at each retailer), ``planning_parameters`` (with their covariance),
        ``planning_execution`` (what each retailer's stores do of what is agreed; empty without
        plans), ``planning_errors`` (what else a forecast errs by).
    """
    rates = base_rates(fit)
    return {
        "planning_base": _base(fit, rates),
        "planning_season": _season(rates),
        "planning_responses": _responses(fit, rates),
        "planning_parameters": _parameters(fit),
        "planning_execution": _execution(fit),
        "planning_errors": _errors(fit, rates),
    }


def _places(fit: PromotionFit, rates: BaseRates) -> Columns:
    names = fit.rows.names
    return {
        "product_id": names.items[rates.item],
        "retailer": _stated(names.retailers[fit.rows.store[rates.row]]),
    }


def _stated(names: Names) -> Names:
    return np.where(names == UNNAMED, NOT_STATED, names)


def _base(fit: PromotionFit, rates: BaseRates) -> pa.Table:
    last = fit.rows.first_week + DAYS * int(fit.rows.week.max())
    return as_table({
        **_places(fit, rates),
        "units": rates.units,
        "sold": rates.sold,
        "log_sd": rates.log_sd,
        "stores": rates.stores,
        "price": rates.price,
        "margin": rates.margin,
        "last_week": np.full(rates.units.size, last),
    })  # fmt: skip


def _season(rates: BaseRates) -> pa.Table:
    weeks = np.arange(1, rates.season.size + 1)
    return as_table({"iso_week": weeks, "index": rates.season})


def _responses(fit: PromotionFit, rates: BaseRates) -> pa.Table:
    rows, design = fit.rows, fit.design
    names = rows.names
    item, row = rates.item, rates.row
    sets, retailer = design.group_of_item[item], design.retailer[row]
    at_retailer = design.contrasts[retailer]
    value = design.responses(fit.sober.parameters)[sets, retailer]
    beside_mates, beside_rivals = beside_shares(fit, rates)
    spread = _spreads(fit, sets, retailer)
    columns: Columns = {
        **_places(fit, rates),
        "brand": competing_sides(names.brands, names.makers)[item],
        "manufacturer": names.makers[item],
        "item_set": sets,
        "puller": _of_items(rows.item, design.puller, item),
        "mates": _of_items(rows.item, design.market.mates, item),
        "rivals": _of_items(rows.item, design.market.rivals, item),
        "beside_mates": beside_mates,
        "beside_rivals": beside_rivals,
    }
    for place, lever in enumerate(LEVERS):
        columns |= {lever: value[:, place], f"{lever}_sd": spread[:, place]}
    columns["contrasts"] = _short(at_retailer.reshape(len(row), -1))
    return as_table(columns)


def beside_shares(fit: PromotionFit, rates: BaseRates) -> tuple[Floats, Floats]:
    """Return how much of others' units at a retailer is sold beside an item, (Q,) each.

    Of its brand's other items, and of other brands, over the latest weeks: a promotion is felt only
    where the item is.

    Parameters
    ----------
    fit
        A category.
    rates
        Its pairs of item and retailer.
    """
    rows, brands = fit.rows, brand_of_items(fit.rows)
    late = rows.week > rows.week.max() - RECENT
    item, cell, retailer = rows.item[late], fit.design.market.cell[late], rows.retailer[late]
    shape = int(retailer.max()) + 1, int(brands.max()) + 1
    place = retailer * shape[1] + rows.brand[late]

    def by_place(units: Floats) -> Floats:
        total = np.bincount(place, units, minlength=shape[0] * shape[1])
        return total.astype(np.float64).reshape(shape)

    whole, found = by_place(rows.units[late]), np.ones((2, rates.item.size))
    for each in np.unique(item):
        there = np.zeros(int(cell.max()) + 1, bool)
        there[cell[item == each]] = True
        near = by_place(np.where(there[cell] & (item != each), rows.units[late], 0.0))
        mine = by_place(np.where(item == each, rows.units[late], 0.0)).sum(axis=1)
        at = rates.item == each
        found[:, at] = _shares(near, whole, mine, (rates.retailer[at], int(brands[each])))
    return found[0], found[1]


def _shares(near: Floats, whole: Floats, mine: Floats, at: tuple[Integers, int]) -> Floats:
    """Return shares of the brand's others and of other brands that are near, (2, M).

    near, whole: (R, B) units by retailer and brand; mine: (R,) those of the item itself.
    """
    retailer, brand = at
    parts = np.stack([near[retailer, brand], (near.sum(axis=1) - near[:, brand])[retailer]])
    totals = np.stack([
        (whole[:, brand] - mine)[retailer], (whole.sum(axis=1) - whole[:, brand])[retailer]
    ])  # fmt: skip
    found: Floats = np.divide(parts, totals, out=np.ones_like(parts), where=totals > 0)
    return found


def _spreads(fit: PromotionFit, sets: Integers, retailer: Integers) -> Floats:
    """Return standard errors of the responses of pairs, (Q, 4)."""
    layout, covariance = fit.design.layout, fit.covariance
    found = np.zeros((sets.size, len(LEVERS)))
    for lever in range(len(LEVERS)):
        shares = np.zeros((sets.size, len(covariance)))
        shares[np.arange(sets.size), len(LEVERS) * sets + lever] = 1.0
        shares[:, layout.retailers][:, lever :: len(LEVERS)] = fit.design.contrasts[
            retailer, :, lever
        ]
        found[:, lever] = np.sqrt(np.einsum("qk,kl,ql->q", shares, covariance, shares,
                                            optimize=True))  # fmt: skip
    return found


def _of_items(item: Integers, values: NDArray[Number], wanted: Integers) -> NDArray[Number]:
    """Return the value of each wanted item, from values of rows that are alike for an item."""
    items, first = np.unique(item, return_index=True)
    return values[first[np.searchsorted(items, wanted)]]


def _parameters(fit: PromotionFit) -> pa.Table:
    layout, count = fit.design.layout, len(fit.covariance)
    kind = np.full(count, "regular", dtype="<U10")
    for name, place in (
        ("item", slice(0, layout.responses)),
        ("retailer", layout.retailers),
        ("dip", slice(layout.dips.start, layout.dips.start + layout.after)),
        ("lead", slice(layout.dips.start + layout.after, layout.dips.stop)),
        ("own_pull", layout.own_pulls),
        ("rival_pull", layout.rival_pulls),
    ):
        kind[place] = name
    return as_table({
        "kind": kind,
        "value": fit.sober.parameters[:count],
        "known": fit.response.known[:count],
        "covariance": _short(fit.covariance),
    })  # fmt: skip


def _short(values: Floats) -> list[list[float]]:
    """Return rows of numbers without the last digits, in which equal data may differ."""
    return [[float(f"{value:.{DIGITS}g}") for value in row] for row in values.tolist()]


def _execution(fit: PromotionFit) -> pa.Table:
    rows = fit.rows
    base = own_base(fit)
    agreed = rows.agreed & (fit.events.of >= 0)
    codes, first = np.unique(rows.retailer, return_index=True)
    columns: Columns = {"retailer": _stated(rows.names.retailers[rows.store[first]])}
    for name, planned, seen in (
        ("display", rows.planned.display, rows.seen.display),
        ("feature", rows.planned.feature, rows.seen.feature),
        ("price_cut", rows.planned.cut, rows.seen.cut),
    ):
        asked = agreed & (planned > 0)
        part = np.minimum(np.divide(seen, planned, out=np.zeros(rows.size), where=asked), 1.0)
        whole = np.bincount(rows.retailer[asked], base[asked], minlength=codes.size)
        done = np.bincount(rows.retailer[asked], (base * part)[asked], minlength=codes.size)
        columns[name] = np.divide(PERCENT * done, whole, out=np.full(codes.size, np.nan),
                                  where=whole > 0)  # fmt: skip
    columns["agreed"] = np.bincount(rows.retailer[agreed], minlength=codes.size)
    return as_table(columns).filter(columns["agreed"] > 0)


def _errors(fit: PromotionFit, rates: BaseRates) -> pa.Table:
    done = fit.execution
    values = {
        "degrees": float(fit.response.degrees),
        "ratio": done.ratio,
        "ratio_sd": done.ratio_sd,
        "base_common": rates.common_sd,
        "base_tried": float(rates.tried),
        "event": event_error(fit),
    }
    return as_table({"name": list(values), "value": list(values.values())})


def event_error(fit: PromotionFit) -> float:
    """Return how far single promotions sell from what the responses say, standard deviation of log.

    Beyond the accidents of sales: by moments over the promotions, each with its rows that had
    support. 0 where there are too few promotions to tell.

    Parameters
    ----------
    fit
        A category.
    """
    rows, of = fit.rows, fit.events.of
    acted: Bools = (of >= 0) & supported(rows) & rows.counted
    count = fit.events.count
    sold, said, chance = (
        np.bincount(of[acted], values[acted], minlength=count)
        for values in (rows.units, fit.response.mean, fit.response.variance)
    )
    good = (sold > 0) & (said > 0)
    if good.sum() < LEAST_EVENTS:
        return 0.0
    off = np.log(sold[good] / said[good]) ** 2
    sampling = chance[good] / said[good] ** 2
    weight = 1 / (sampling + np.median(sampling)) ** 2
    return float(np.sqrt(max(0.0, np.sum(weight * (off - sampling)) / np.sum(weight))))
