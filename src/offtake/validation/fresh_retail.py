"""Empty shelves found from sales alone, beside the flags of FreshRetailNet-50K that were hidden.

FreshRetailNet-50K is by Dingdong (CC BY 4.0): daily sales of fresh products with the number of
hours of each day in which they were out of stock. Amounts are in tenths of a unit of the data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from offtake.errors import UnreadableFileError
from offtake.models.availability.series import Series, series_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

OPEN_HOURS = 16
"""Opening hours of a day, from 6 to 22."""
TENTHS = 10
COLUMNS = (
    "store_id", "product_id", "first_category_id", "dt", "sale_amount", "stockout_hours_6_22",
    "discount", "activity_flag", "holiday_flag", "precpt", "avg_temperature",
)  # fmt: skip
LEAST_PRICE = 0.3
"""Prices below this share of the regular one are taken for it."""


@dataclass(frozen=True, slots=True)
class FreshRetail:
    """Days of store and product, sorted, with what really happened beside what a model may see.

    Parameters
    ----------
    series
        What a model may see: sales, price, activity, weather; no flag.
    hours
        (N,) open hours out of stock.
    weekend, holiday
        (N,) what kind of day.
    """

    series: Series
    hours: Integers
    weekend: Bools
    holiday: Bools

    @property
    def share(self) -> Floats:
        """(N,) share of the day's hours in which the item was there."""
        found: Floats = 1 - self.hours / OPEN_HOURS
        return found


def read_fresh_retail(path: Path) -> FreshRetail:
    """Read the sample.

    Raises
    ------
    UnreadableFileError
        When the file is not a Parquet file with the columns needed.
    """
    try:
        table = pq.read_table(path, columns=list(COLUMNS))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{path}: {error}; allowed: FreshRetailNet as Parquet") from error
    column = {name: table[name].to_numpy() for name in COLUMNS}
    store = np.unique(column["store_id"], return_inverse=True)[1]
    product = np.unique(column["product_id"], return_inverse=True)[1]
    code = np.unique(store * (product.max() + 1) + product, return_inverse=True)[1]
    date = column["dt"].astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((date, code))
    column = {name: values[order] for name, values in column.items()}
    code, date = code[order], date[order]
    step = date - date.min()
    category = np.unique(column["first_category_id"], return_inverse=True)[1]
    price = np.clip(column["discount"].astype(np.float64), LEAST_PRICE, 1.0)
    regressors = np.column_stack(
        [
            np.log(price),
            column["activity_flag"].astype(np.float64),
            column["precpt"].astype(np.float64) / 10,
            column["avg_temperature"].astype(np.float64) / 10,
        ]
    )
    series = series_of(
        np.round(TENTHS * column["sale_amount"].astype(np.float64)),
        code,
        step,
        regressors=regressors,
        promoted=np.where(column["activity_flag"] > 0, 2, np.where(price < 1, 1, 0)),
        cell=category * (int(step.max()) + 1) + step,
        listing=product[order][np.flatnonzero(np.diff(code, prepend=-1))],
    )
    return FreshRetail(
        series=series,
        hours=column["stockout_hours_6_22"].astype(np.int64),
        weekend=(date + 3) % 7 >= 5,
        holiday=column["holiday_flag"].astype(bool),
    )


def zero_run(series: Series) -> Floats:
    """Return the length of the run of steps without a sale that each step is in, (N,): a rule."""
    nothing = series.units == 0
    last = np.concatenate([[False], nothing[:-1]]) & (np.diff(series.of, prepend=-1) == 0)
    run = np.cumsum(nothing & ~last) - 1
    length = np.bincount(run[nothing])
    found: Floats = np.where(nothing, length[run], 0).astype(np.float64)
    return found


def below_average(series: Series, *, window: int = 14) -> Floats:
    """Return how far units are below their mean of the steps before, in its roots, (N,): a rule."""
    mean = moving_average(series, np.ones(series.size, bool), window=window)
    found: Floats = (mean - series.units) / np.sqrt(mean + 1)
    return found


def moving_average(series: Series, known: Bools, *, window: int = 14) -> Floats:
    """Return the mean of the known steps before, (N,); the store-item's own where there is none."""
    place = np.arange(series.size) - series.first[series.of]
    total, count = np.zeros(series.size), np.zeros(series.size)
    for lag in range(1, window + 1):
        here = np.flatnonzero(place >= lag)
        total[here] += np.where(known, series.units, 0.0)[here - lag]
        count[here] += known[here - lag]
    code = series.of
    whole = np.bincount(code, np.where(known, series.units, 0.0)) / np.maximum(
        np.bincount(code, known), 1
    )
    return np.where(count > 0, total / np.maximum(count, 1), whole[code])


def recall(score: Floats, out: Bools, never: Bools, false_alarms: float) -> float:
    """Return the share of days out of stock that score above all but so many that never were."""
    threshold = np.quantile(score[never], 1 - false_alarms)
    return float(np.mean(score[out] > threshold))


def average_precision(score: Floats, out: Bools, among: Bools) -> float:
    """Return the mean precision over all days out of stock, among some days."""
    order = np.argsort(-score[among], kind="stable")
    hit = out[among][order]
    precision = np.cumsum(hit) / np.arange(1, hit.size + 1)
    return float(precision[hit].mean())


def detection(
    fresh: FreshRetail, scores: Mapping[str, Floats], *, hours: tuple[int, ...] = (4, 8, 12, 16)
) -> list[dict[str, float | str]]:
    """Return how well scores find days out of stock for so many hours and more.

    Days that were out of stock for less are left out, as are those without a flag from the false
    alarms' base: the days that never were.
    """
    never = fresh.hours == 0
    jitter = 1e-9 * np.random.default_rng(0).random(never.size)
    found: list[dict[str, float | str]] = []
    for least in hours:
        out = fresh.hours >= least
        for name, score in scores.items():
            spread = score + jitter
            found.append({
                "hours": least,
                "score": name,
                "average_precision": average_precision(spread, out, never | out),
                "recall_at_1_percent": recall(spread, out, never, 0.01),
                "recall_at_0.2_percent": recall(spread, out, never, 0.002),
            })  # fmt: skip
    return found
