"""Ours, and what one would write by hand: SQL windows, and pandas with statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.availability.shelves import DAYS, STORES, Floats, Shelves, found_at, read
from benchmarks.worker import Clock

AT = (0.001, 0.01)
"""Shares of false alarms at which what is found is compared."""
WINDOW = 14
SQL = f"""
WITH days AS (
    SELECT *,
        avg(units) OVER before AS mean,
        sum((units > 0)::INT) OVER upto AS sold_days
    FROM sales
    WINDOW before AS (PARTITION BY item ORDER BY day ROWS BETWEEN {WINDOW} PRECEDING AND 1 PRECEDING),
        upto AS (PARTITION BY item ORDER BY day)
)
SELECT (mean - units) / sqrt(mean + 1) AS below,
    CASE WHEN units = 0 THEN count(*) OVER (PARTITION BY item, sold_days) - (sold_days > 0)::INT
        ELSE 0 END AS run
FROM days ORDER BY item, day
"""  # noqa: E501, S608 -- one window a line; no values from outside


def _facts(score: Floats, shelves: Shelves, version: str) -> dict[str, Any]:
    spread = score.reshape(shelves.empty.shape)
    found = [found_at(spread, shelves.empty, share) for share in AT]
    return {"version": version, "rows": int(shelves.units.size), "found": found}


def ours(clock: Clock, path: str) -> dict[str, Any]:
    """Watch all shelves: demand, states, alarms."""
    from offtake import __version__
    from offtake.models.availability.outages import outages
    from offtake.models.availability.series import series_of
    from offtake.models.availability.shelf import watch
    from offtake.models.availability.specification import AvailabilitySpec

    shelves = read(path)
    count = len(shelves.units)
    code, step = np.repeat(np.arange(count), DAYS), np.tile(np.arange(DAYS), count)
    warm = slice(0, 50 * DAYS)
    watch(series_of(shelves.units.ravel()[warm], code[warm], step[warm]), AvailabilitySpec())
    with clock.part("watch"):
        series = series_of(shelves.units.ravel(), code, step)
        shelf = watch(series, AvailabilitySpec())
        listed = outages(shelf, false_alarms=0.2)
    return _facts(shelf.empty, shelves, __version__) | {"alarms": int(listed.listed.sum())}


def by_sql(clock: Clock, path: str) -> dict[str, Any]:
    """Score with windows: how far below the moving average, how long without a sale."""
    import duckdb
    import pyarrow as pa

    shelves = read(path)
    count = len(shelves.units)
    table = pa.table({
        "item": np.repeat(np.arange(count), DAYS), "day": np.tile(np.arange(DAYS), count),
        "units": shelves.units.ravel(),
    })  # fmt: skip
    connection = duckdb.connect()
    connection.register("sales", table)
    connection.execute("SELECT 1").fetchall()
    with clock.part("score"):
        found = connection.sql(SQL).to_arrow_table()
    below, run = (
        found[name].fill_null(0).to_numpy().astype(np.float64) for name in ("below", "run")
    )
    facts = _facts(run, shelves, duckdb.__version__)
    return facts | {"below": _facts(below, shelves, "")["found"]}


def by_statsmodels(clock: Clock, path: str) -> dict[str, Any]:
    """Fit a count regression to every item over its stores, score with the chance of so little.

    The usual way: item by item a Poisson regression with a dummy for every store and weekday, the
    dispersion by moments, negative binomial chances, and chances of neighbouring days multiplied
    while nothing sells.
    """
    import pandas as pd
    import statsmodels
    import statsmodels.api as sm
    from scipy.stats import nbinom

    shelves = read(path)
    score = np.zeros(shelves.units.size)
    with clock.part("score"):
        frame = pd.DataFrame({
            "series": np.repeat(np.arange(len(shelves.units)), DAYS),
            "weekday": np.tile(np.arange(DAYS) % 7, len(shelves.units)),
            "units": shelves.units.ravel(),
        })  # fmt: skip
        for _, rows in frame.groupby(frame["series"] // STORES):
            x = pd.get_dummies(rows["series"], dtype=float).join(
                pd.get_dummies(rows["weekday"], prefix="day", dtype=float, drop_first=True)
            )
            mean = sm.GLM(rows["units"], x, family=sm.families.Poisson()).fit().fittedvalues
            beyond = float(((rows["units"] - mean) ** 2 - mean).sum() / (mean**2).sum())
            shape = 1 / max(beyond, 1e-4)
            chance = nbinom.logcdf(rows["units"], shape, shape / (shape + mean))
            nothing = rows["units"].eq(0)
            run = (~nothing).groupby(rows["series"]).cumsum()
            joined = pd.Series(chance, rows.index).where(nothing, 0.0)
            together = joined.groupby([rows["series"], run]).transform("sum")
            score[rows.index] = -np.where(nothing, together, chance)
    return _facts(score, shelves, statsmodels.__version__)
