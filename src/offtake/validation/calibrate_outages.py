"""Out-of-stocks as measured on FreshRetailNet-50K: how long, and what they come with.

FreshRetailNet-50K is by Dingdong (CC BY 4.0): daily sales of fresh products with the number of
hours of each day in which they were out of stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from offtake.errors import UnreadableFileError
from offtake.models.kernels.poisson import fit_poisson
from offtake.validation.logistic import LogisticFit, fit_logistic
from offtake.validation.outage_runs import (
    Runs,
    censored_lognormal,
    runs,
    survival_mean,
    survival_quantiles,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Days = NDArray[np.datetime64]

OPEN_HOURS = 16
SHORT = 3
# Fewer other series in a store say nothing about how busy it is.
LEAST_SERIES = 5
QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
COLUMNS = ("store_id", "product_id", "dt", "sale_amount", "stockout_hours_6_22", "discount")


@dataclass(frozen=True, slots=True)
class StockRows:
    """Series of store and product by day, sorted; every array (N,).

    series, store, day: codes; weekday: 0 is Monday; hours: open hours out of stock; sales: amount
    sold; depth: discount as a fraction of the regular price.
    """

    series: Integers
    store: Integers
    day: Integers
    weekday: Integers
    hours: Floats
    sales: Floats
    depth: Floats


def read_stock(path: Path) -> StockRows:
    """Read the sample.

    Raises
    ------
    UnreadableFileError
        When the file is not a Parquet file with the columns needed.
    """
    try:
        found = pq.read_table(path, columns=list(COLUMNS))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{path}: {error}; allowed: FreshRetailNet as Parquet") from error
    column = {name: found[name].to_numpy() for name in found.column_names}
    _, store = np.unique(column["store_id"], return_inverse=True)
    _, product = np.unique(column["product_id"], return_inverse=True)
    _, series = np.unique(store * (product.max() + 1) + product, return_inverse=True)
    date = column["dt"].astype("datetime64[D]")
    order = np.lexsort((date, series))
    number = date[order].astype(np.int64)
    return StockRows(
        series=series[order],
        store=store[order],
        day=number - number.min(),
        weekday=(number + 3) % 7,
        hours=column["stockout_hours_6_22"][order].astype(np.float64),
        sales=column["sale_amount"][order].astype(np.float64),
        depth=1.0 - column["discount"][order].astype(np.float64),
    )


def outages(rows: StockRows) -> dict[str, Any]:
    """Return every number about out-of-stocks that the twin takes."""
    found = runs(rows.hours, rows.series)
    mu, sigma = censored_lognormal(found.hours / OPEN_HOURS, found.cut)
    return {
        "level_time": float(rows.hours.sum() / (OPEN_HOURS * rows.hours.size)),
        "level_days": float(np.mean(rows.hours > 0)),
        "runs": int(found.hours.size),
        "runs_cut": int(found.cut.sum()),
        "duration_hours": _durations(found.hours, found),
        "duration_calendar_days": _durations(found.days.astype(np.float64), found),
        "lognormal_mu": mu,
        "lognormal_sigma": sigma,
        "weekday": weekday_traffic(rows),
        "short_stockout_sales_ratio": short_stockout_ratio(rows),
        **_start_slopes(rows, found),
    }


def _durations(values: Floats, found: Runs) -> dict[str, float]:
    quantiles = survival_quantiles(values, found.cut, np.array(QUANTILES))
    named = {f"p{share * 100:.0f}": float(q) for share, q in zip(QUANTILES, quantiles, strict=True)}
    return named | {"mean": survival_mean(values, found.cut)}


def weekday_traffic(rows: StockRows) -> list[float]:
    """Return mean sales by weekday, Monday first, scaled to mean 1."""
    means = np.bincount(rows.weekday, rows.sales, 7) / np.maximum(
        np.bincount(rows.weekday, None, 7), 1
    )
    scaled: list[float] = (means / means.mean()).tolist()
    return scaled


def short_stockout_ratio(rows: StockRows) -> float:
    """Return sales of days with a short stock-out over full days of the same series.

    Above 1 it shows the trap: busy days empty the shelf.
    """
    kept = rows.hours <= SHORT
    short = (rows.hours[kept] > 0).astype(np.float64)
    fit = fit_poisson(rows.sales[kept], short[:, None], rows.series[kept])
    return float(np.exp(fit.coefficients[0]))


def busyness(rows: StockRows) -> Floats:
    """Return the log of a day's sales of the store's other products over their usual day, (N,).

    The product itself is left out, since its own sales end when its stock does. The usual day is
    the mean of the other days. NaN where the store has too few series or sold nothing.
    """
    cell = rows.store * (int(rows.day.max()) + 1) + rows.day
    others = np.bincount(cell, rows.sales)[cell] - rows.sales
    total = np.bincount(rows.series, others)[rows.series]
    days = np.bincount(rows.series)[rows.series]
    usual = (total - others) / np.maximum(days - 1, 1)
    many = np.bincount(cell)[cell] > LEAST_SERIES
    # What is left of a difference of sums is not a sale.
    fine = many & (others > 1e-9) & (usual > 1e-9)
    busy = np.full(rows.sales.size, np.nan)
    busy[fine] = np.log(others[fine] / usual[fine])
    return busy


def _start_slopes(rows: StockRows, found: Runs) -> dict[str, float]:
    """Slopes of the log-odds that a run starts, by busyness and by discount, together."""
    busy = busyness(rows)
    used = found.at_risk & np.isfinite(busy)
    usual_depth = np.bincount(rows.series, rows.depth) / np.bincount(rows.series)
    depth = rows.depth - usual_depth[rows.series]
    traffic = np.log(weekday_traffic(rows))[rows.weekday]
    measured, by_weekday = (_start_fit(rows, found, (x, depth), used) for x in (busy, traffic))
    return {
        "busy_slope": float(measured.coefficients[1]),
        "busy_slope_se": float(measured.standard_errors[1]),
        "busy_slope_weekday": float(by_weekday.coefficients[1]),
        "busy_slope_weekday_se": float(by_weekday.standard_errors[1]),
        "promotion_slope": float(measured.coefficients[2]),
        "promotion_slope_se": float(measured.standard_errors[2]),
        "start_days": int(used.sum()),
    }


def _start_fit(
    rows: StockRows, found: Runs, x: tuple[Floats, Floats], used: NDArray[np.bool_]
) -> LogisticFit:
    design = np.column_stack([np.ones(int(used.sum())), *(each[used] for each in x)])
    return fit_logistic(found.starts[used].astype(np.float64), design, rows.store[used])
