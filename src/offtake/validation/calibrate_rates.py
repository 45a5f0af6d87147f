"""How fast items sell, and how much items, stores and pairs differ, sampling errors taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from offtake.models.kernels.poisson import fit_poisson
from offtake.models.kernels.shelf_price import NOWHERE
from offtake.validation.calibrate_demand import Demand, regressors
from offtake.validation.calibrate_rows import CategoryRows
from offtake.validation.spread import Spread, spread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A cell that its own item and store explain almost alone tells nothing about the rest.
MOST_LEVERAGE = 0.9


@dataclass(frozen=True, slots=True)
class Rates:
    """Log units per store-week without promotion, in a mean week at the item's mean price.

    mean, item_sd, store_sd, pair_sd: over items, stores and what is left of pairs.
    """

    mean: float
    item_sd: float
    store_sd: float
    pair_sd: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Pairs of item and store, every array (P,): units sold, comparable weeks, and codes."""

    sold: Floats
    exposure: Floats
    item: Integers
    store: Integers


def pair_cells(rows: CategoryRows, demand: Demand) -> Cells:
    """Add up the weeks between first and last sale of every pair.

    A week counts as many comparable weeks as its promotion, price and season multiply sales.
    """
    used = rows.inside & (rows.origin != NOWHERE)
    multiplier = np.exp(support_lift(rows, demand)[used] + _week_effect(rows, demand)[used])
    _, first, pair = np.unique(rows.pair[used], return_index=True, return_inverse=True)
    return Cells(
        sold=np.bincount(pair, rows.units[used]).astype(np.float64),
        exposure=np.bincount(pair, multiplier).astype(np.float64),
        item=rows.item[used][first],
        store=rows.store[used][first],
    )


def support_lift(rows: CategoryRows, demand: Demand) -> Floats:
    """Return what price and support do to the log mean of every row, (N,)."""
    known = rows.origin != NOWHERE
    slopes = np.nan_to_num(demand.fit.coefficients)
    lift = np.zeros(rows.units.size)
    lift[known] = regressors(rows, known, "imputed") @ slopes
    return lift


def _week_effect(rows: CategoryRows, demand: Demand) -> Floats:
    effects = np.full(rows.mondays.size, np.nan)
    effects[: demand.fit.week_effects.size] = demand.fit.week_effects
    usable = np.isfinite(effects)
    return np.where(usable, effects - effects[usable].mean(), 0.0)[rows.week]


def rates(cells: Cells, overdispersion: float) -> Rates:
    """Split the rates of pairs into items, stores and the rest.

    Parameters
    ----------
    cells
        Pairs of item and store.
    overdispersion
        Variance over mean of a pair's sales, given its rate.

    Returns
    -------
    Rates
        From a two-way Poisson regression; squared residuals beyond sampling give the pairs.
    """
    cells = _connected(cells)
    fit = fit_poisson(
        cells.sold,
        np.zeros((cells.sold.size, 0)),
        cells.item,
        weeks=cells.store,
        offset=np.log(cells.exposure),
    )
    between = _pair_variance(cells, fit.mean, overdispersion)
    noise = overdispersion * fit.mean + between * fit.mean**2
    item = _over(fit.group_effects, cells.item, fit.mean, noise)
    store = _over(fit.week_effects, cells.store, fit.mean, noise)
    pair_variance = np.log1p(between)
    return Rates(
        # The mean of a log-normal pair is exp(variance / 2) above its median.
        mean=item.mean + store.mean - float(pair_variance) / 2,
        item_sd=item.sd,
        store_sd=store.sd,
        pair_sd=float(np.sqrt(pair_variance)),
    )


def _connected(cells: Cells) -> Cells:
    """Keep the largest set of items and stores that sales connect: others cannot be compared."""
    items = int(cells.item.max()) + 1
    size = items + int(cells.store.max()) + 1
    sold = cells.sold > 0
    links = coo_array(
        (np.ones(int(sold.sum())), (cells.item[sold], items + cells.store[sold])), (size, size)
    )
    _, part = connected_components(links, directed=False)
    units = np.bincount(part[cells.item], cells.sold)
    kept = (part[cells.item] == units.argmax()) & (part[items + cells.store] == units.argmax())
    return Cells(cells.sold[kept], cells.exposure[kept], cells.item[kept], cells.store[kept])


def _pair_variance(cells: Cells, mean: Floats, overdispersion: float) -> float:
    """Variance of pair multipliers around items and stores, from squared residuals."""
    leverage = -mean / mean.sum()
    for code in (cells.item, cells.store):
        total = np.bincount(code, mean)[code]
        leverage = leverage + mean / np.where(total > 0, total, 1.0)
    free = (mean > 0) & (leverage < MOST_LEVERAGE)
    squares = (cells.sold[free] - mean[free]) ** 2 / (1 - leverage[free]) / mean[free]
    total = mean[free].sum()
    if not total:
        return 0.0
    return max(0.0, float((squares.sum() - overdispersion * free.sum()) / total))


def _over(effects: Floats, code: Integers, mean: Floats, noise: Floats) -> Spread:
    """Spread of effects, given the variance that noise gives each."""
    total = np.bincount(code, mean, minlength=effects.size)
    errors = np.full(effects.size, np.nan)
    sold = total > 0
    errors[sold] = np.sqrt(np.bincount(code, noise, minlength=effects.size)[sold]) / total[sold]
    return spread(effects, errors)
