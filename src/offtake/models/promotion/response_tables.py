"""What items respond with, how retailers differ, and what a category shares, as tables.

Every estimate ``x`` has columns ``x_low`` and ``x_high``, the ends of its 80 % interval. Numbers
that are not known are empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.columns import Columns, as_table
from offtake.models.promotion.account import PERCENT, reach
from offtake.models.promotion.events import supported
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.market import brand_of_items
from offtake.models.promotion.rows import Floats, Integers

if TYPE_CHECKING:
    import pyarrow as pa

SUPPORTS: Mapping[str, tuple[int, ...]] = {
    "display": (1,),
    "feature": (2,),
    "display_and_feature": (1, 2, 3),
}
"""Kinds of support, and the levers whose responses add up to the log lift of each."""


def response_table(fit: PromotionFit) -> pa.Table:
    """Return what every item responds with, after partial pooling, at the mean of retailers.

    Elasticity to its temporary price cut; lifts, percent, by a display that stands all week, a
    leaflet, both; the cross elasticities of its brand's other items together and of competitors to
    its promoted price; ``borrowed``: how much of the responses is its brand's and its category's, 0
    to 1.
    """
    rows, layout = fit.rows, fit.design.layout
    item = np.arange(rows.names.items.size)
    group = fit.design.group_of_item
    responses = _of_items(fit, group)
    elasticity = responses["elasticity"]
    mates, rivals = _weights(fit)
    parameters = fit.sober.parameters
    puller = _pullers(fit)
    own, rival = parameters[layout.own_pulls][puller], parameters[layout.rival_pulls][puller]
    return as_table({
        "product_id": rows.names.items,
        "brand": rows.names.brands,
        "manufacturer": rows.names.makers,
        "own_response": np.bincount(group)[group] == 1,
        "units": np.bincount(rows.item, rows.units, minlength=item.size),
        "promoted_weeks": _weeks_promoted(fit),
        **responses,
        "cross_own_others": -own * mates * elasticity,
        "cross_competitors": -rival * rivals * elasticity,
        "borrowed": fit.sober.shrinkage.mean(axis=1)[group],
    })  # fmt: skip


def item_retailer_table(fit: PromotionFit) -> pa.Table:
    """Return what every item responds with at every retailer that sold it; units are what it sold.

    Empty where there is but one retailer: the responses by item say it all.
    """
    rows, design = fit.rows, fit.design
    count = int(rows.retailer.max()) + 1
    pairs, first, at = np.unique(
        rows.item * count + rows.retailer, return_index=True, return_inverse=True
    )
    item = pairs // count
    found = as_table({
        "product_id": rows.names.items[item],
        "brand": rows.names.brands[item],
        "manufacturer": rows.names.makers[item],
        "retailer": rows.names.retailers[rows.store[first]],
        "units": np.bincount(at, rows.units),
        **_of_items(fit, design.group_of_item[item], design.retailer[first]),
    })  # fmt: skip
    return found if design.layout.contrasts else found.slice(0, 0)


def retailer_table(fit: PromotionFit) -> pa.Table:
    """Return how the responses at each retailer differ from the mean of retailers.

    Elasticities by their difference; supports by what the same support brings more there, percent
    of units. ``own_response``: whether the retailer has its own, or shares those of the small ones.
    Empty where there is but one retailer.
    """
    rows, design = fit.rows, fit.design
    codes, first = np.unique(rows.retailer, return_index=True)
    group = design.retailer[first]
    stores = np.bincount(rows.retailer[np.unique(rows.store, return_index=True)[1]])
    value, wide = _sum(fit, _shares(fit, None, group, (0,)))
    columns: Columns = {
        "retailer": rows.names.retailers[rows.store[first]],
        "own_response": np.bincount(group)[group] == 1,
        "stores": stores[codes],
        "units": np.bincount(rows.retailer, rows.units)[codes],
        "elasticity_difference": value,
        "elasticity_difference_low": value - wide,
        "elasticity_difference_high": value + wide,
    }
    for name, levers in SUPPORTS.items():
        log, wide = _sum(fit, _shares(fit, None, group, levers))
        columns |= _percent(f"{name}_difference", log, wide)
    return as_table(columns) if design.layout.contrasts else as_table(columns).slice(0, 0)


def _of_items(fit: PromotionFit, group: Integers, retailer: Integers | None = None) -> Columns:
    """Return elasticity and lifts of M sets of items, at a retailer or at the mean of retailers."""
    value, wide = _sum(fit, _shares(fit, group, retailer, (0,)))
    columns: Columns = {
        "elasticity": value,
        "elasticity_low": value - wide,
        "elasticity_high": value + wide,
    }
    for name, levers in SUPPORTS.items():
        log, wide = _sum(fit, _shares(fit, group, retailer, levers))
        columns |= _percent(f"{name}_lift", log, wide)
    return columns


def _shares(
    fit: PromotionFit, group: Integers | None, retailer: Integers | None, levers: Sequence[int]
) -> Floats:
    """Return how much of each parameter some responses are together, (M, K').

    Parameters
    ----------
    fit
        The category.
    group, retailer
        (M,) sets of items and of retailers; None leaves what they say out.
    levers
        Whose responses are added up.
    """
    layout = fit.design.layout
    count = len(fit.covariance)
    given = group if retailer is None else retailer
    found = np.zeros((0 if given is None else given.size, count))
    place = np.arange(len(found))
    for lever in levers:
        if group is not None:
            found[place, len(LEVERS) * group + lever] = 1.0
        if retailer is not None:
            found[:, layout.retailers][:, lever :: len(LEVERS)] = fit.design.contrasts[
                retailer, :, lever
            ]
    return found


def _sum(fit: PromotionFit, shares: Floats) -> tuple[Floats, Floats]:
    """Return sums of parameters, (M,), and how far their intervals reach."""
    value = shares @ fit.sober.parameters[: shares.shape[1]]
    error = np.sqrt(np.einsum("mk,kl,ml->m", shares, fit.covariance, shares, optimize=True))
    return value, reach(fit) * error


def _percent(name: str, log: Floats, wide: Floats) -> Columns:
    ends = (("", log), ("_low", log - wide), ("_high", log + wide))
    return {f"{name}{suffix}": PERCENT * np.expm1(each) for suffix, each in ends}


def _weeks_promoted(fit: PromotionFit) -> Integers:
    rows = fit.rows
    span = int(rows.week.max()) + 1
    acted = supported(rows)
    cells = np.unique(rows.item[acted] * span + rows.week[acted])
    return np.bincount(cells // span, minlength=rows.names.items.size)


def _weights(fit: PromotionFit) -> tuple[Floats, Floats]:
    """Return how every item weighs on its brand's others and on competitors, (J,) each."""
    rows, near = fit.rows, fit.design.market
    mates, rivals = (np.zeros(rows.names.items.size) for _ in range(2))
    mates[rows.item], rivals[rows.item] = near.mates, near.rivals
    brand = brand_of_items(rows)
    alone = np.bincount(brand)[brand] == 1
    return np.where(alone, np.nan, mates), rivals


def _pullers(fit: PromotionFit) -> Integers:
    """Return the set of pulls of every item, (J,)."""
    found = np.zeros(fit.rows.names.items.size, np.int64)
    found[fit.rows.item] = fit.design.puller
    return found


def category_table(fit: PromotionFit) -> pa.Table:
    """Return what the items of a category share, one row per parameter.

    ``known``: whether the data tell it, or it is little more than the prior.
    """
    layout, sober, wide = fit.design.layout, fit.sober, reach(fit)
    names = [f"mean_{name}" for name in LEVERS] + ["regular_price"]
    names += [f"dip_after_{lag}_weeks" for lag in range(1, layout.after + 1)]
    names += [f"dip_before_{lead}_weeks" for lead in range(1, layout.leads + 1)]
    names += ["pull_on_own_others", "pull_on_competitors", "ratio_of_not_executed"]
    common = slice(layout.regular, layout.dips.stop)
    done, known = fit.execution, fit.response.known
    own_errors = np.sqrt(np.diag(fit.covariance))[common]
    value = np.concatenate([sober.category, sober.parameters[common], sober.pulls, [done.ratio]])
    error = np.concatenate([sober.category_sd, own_errors, sober.pulls_sd, [done.ratio_sd]])
    told = [known[layout.own_pulls].any(), known[layout.rival_pulls].any()]
    known = np.concatenate(
        [
            known[: layout.responses].reshape(-1, len(LEVERS)).any(axis=0),
            known[common],
            told,
            [np.isfinite(done.willing[1])],
        ]
    )
    return as_table({
        "category": [fit.rows.category] * len(names),
        "parameter": names,
        "value": value,
        "low": value - wide * error,
        "high": value + wide * error,
        "known": known,
    })  # fmt: skip
