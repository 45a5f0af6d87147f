"""How often there is support, how deep prices are cut, and how the market is divided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.shelf_price import NOWHERE
from offtake.validation.calibrate_rows import CategoryRows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

CUT = 0.05
LARGEST = 6


def support(rows: CategoryRows) -> dict[str, float]:
    """Return shares of panel rows with support or a price cut, depth and length of them.

    Returns
    -------
    dict
        Shares are of rows in the panel, sold or not; `display_share` and `feature_share` include
        rows with both.
    """
    known = rows.origin != NOWHERE
    depth = 1 - rows.price[known] / rows.regular[known]
    cuts = depth[depth >= CUT]
    return {
        "zero_share": float(np.mean(rows.units == 0)),
        "display_share": float(rows.display.mean()),
        "feature_share": float(rows.feature.mean()),
        "both_share": float(np.mean(rows.display & rows.feature)),
        "cut_share": float(cuts.size / max(depth.size, 1)),
        "cut_mean": float(cuts.mean()) if cuts.size else 0.0,
        "cut_sd": float(cuts.std(ddof=1)) if cuts.size > 1 else 0.0,
        "event_weeks_mean": mean_run(rows.display | rows.feature, rows.pair, rows.week),
    }


def mean_run(on: Bools, pair: Integers, week: Integers) -> float:
    """Return the mean length of runs of adjacent weeks in which something is on.

    Runs that the last week of a pair cuts off have no known end: weeks on over ends seen is the
    mean length when a run is as likely to end in one week as in another.

    Parameters
    ----------
    on, pair, week
        (N,) rows; one row per pair and week, no gaps within a pair.

    Returns
    -------
    float
        Weeks; NaN when no run was seen to end.

    Examples
    --------
    >>> on = np.array([True, True, False, True, False, False])
    >>> mean_run(on, np.zeros(6, int), np.arange(6))
    1.5
    """
    order = np.lexsort((week, pair))
    on, pair, week = on[order], pair[order], week[order]
    follows = (pair[1:] == pair[:-1]) & (week[1:] == week[:-1] + 1)
    ends = int(np.sum(on[:-1] & follows & ~on[1:]))
    # A row that nothing follows cannot be seen to end, so its week is not at risk of it.
    at_risk = int(np.sum(on[:-1] & follows))
    return at_risk / ends if ends else float("nan")


def manufacturers(rows: CategoryRows) -> dict[str, int | list[float]]:
    """Return the number of manufacturers and the unit shares of the largest."""
    by_maker = np.bincount(rows.manufacturer[rows.item], rows.units)
    shares = np.sort(by_maker[by_maker > 0] / by_maker.sum())[::-1]
    return {
        "manufacturers": int(shares.size),
        "manufacturer_shares": shares[:LARGEST].tolist(),
    }


def prices(rows: CategoryRows) -> dict[str, float]:
    """Return mean and spread over items of the log of their regular price."""
    known = np.isfinite(rows.regular)
    item = rows.item[known]
    count = np.bincount(item)
    logs = np.bincount(item, np.log(rows.regular[known]))[count > 0] / count[count > 0]
    return {
        "price_mean": float(logs.mean()),
        "price_sd": float(logs.std(ddof=1)) if logs.size > 1 else 0.0,
    }
