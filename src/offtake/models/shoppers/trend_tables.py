"""Emerging and fading shares as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.models.columns import Columns, as_table
from offtake.models.names import Names
from offtake.models.shoppers.trend_rows import DAYS, TrendRows, trend_rows
from offtake.models.shoppers.trend_spec import TrendSpec
from offtake.models.shoppers.trends import (
    ONE_OFF,
    STABLE,
    VERDICTS,
    YEAR,
    Floats,
    Integers,
    Trends,
    logits,
    season_columns,
    trends,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

PERCENT = 100.0
QUARTER = 13
"""Weeks at the beginning and at the end whose shares are set side by side."""
TOO_FEW = "too few weeks"
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Series:
    """All S series of all dimensions, one after the other.

    Parameters
    ----------
    dimension, name, measure
        (S,) what they are of, and whether value or units are shared.
    amounts, whole
        (S, T) weekly amounts, and those of all names of the dimension.
    """

    dimension: Names
    name: Names
    measure: Names
    amounts: Floats
    whole: Floats

    @property
    def shares(self) -> Floats:
        """(S, T) shares; 0 in a week without sales."""
        return _ratio(self.amounts, self.whole)


def trend_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: TrendSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return what emerges and what fades, by name of the table.

    Looked at are the categories' shares of all goods, in value, and within the category the shares
    of subcategories, brands, manufacturers, pack sizes and private label, in units.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        What is asked.
    progress
        Called with what is being done and how far it is (0 to 100).

    Returns
    -------
    dict
        ``shopper_trends``, ``shopper_trend_weeks`` and ``shopper_trend_notes``. Shares are
        percent; ``_low`` and ``_high`` are the ends of 80 % intervals; what is not known is empty.

    Raises
    ------
    MissingContractError
        When neither sales nor basket lines, or no products, are loaded.
    BadInputError
        When nothing of the category sold.
    """
    spec = spec or TrendSpec()
    report = progress or (lambda _step, _share: None)
    report("weekly shares", 0.0)
    rows = trend_rows(store, tables, category, spec)
    series = series_of(rows)
    report("changes", 20.0)
    found = None
    if rows.weeks >= spec.weeks and series.name.size:
        season = season_columns(rows.weeks, _week_of_year(rows.first_week))
        found = trends(logits(series.amounts, series.whole), spec, season)
    report("tables", 95.0)
    return {
        "shopper_trends": trend_table(rows, series, found),
        "shopper_trend_weeks": week_table(rows, series, found),
        "shopper_trend_notes": as_table({"note": list(trend_notes(rows, series, found, spec))}),
    }


def series_of(rows: TrendRows) -> Series:
    """Return the series of all dimensions."""
    each = rows.dimensions
    sizes = [one.names.size for one in each]

    def repeated(values: list[str]) -> Names:
        return np.repeat(np.array(values, dtype=np.str_), sizes)

    none = np.zeros((0, rows.weeks))
    wholes = [np.broadcast_to(one.amounts.sum(axis=0), one.amounts.shape) for one in each]
    return Series(
        dimension=repeated([one.name for one in each]),
        name=np.concatenate([np.zeros(0, dtype=np.str_), *(one.names for one in each)]),
        measure=repeated([one.measure for one in each]),
        amounts=np.vstack([none, *(one.amounts for one in each)]),
        whole=np.vstack([none, *wholes]),
    )


def _week_of_year(monday: np.datetime64) -> int:
    day = (monday - monday.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    return int(day) // DAYS


def trend_table(rows: TrendRows, series: Series, found: Trends | None) -> pa.Table:
    """Return ``shopper_trends``: every share, whether it changed, when and by how much.

    ``share`` is over all weeks, ``share_first_weeks`` and ``share_last_weeks`` over the first and
    last quarter: each of the three adds up to 100 in a dimension. ``share_before`` and
    ``share_after`` are fitted; ``change`` is what the second is above the first, percent of it.
    ``verdict``: ``emerging``, ``fading``, ``one-off`` (changed and came back), ``stable``, or that
    there are too few weeks. ``q_value``: the share of false ones among all told up to this one.
    """
    size = series.name.size
    last = min(QUARTER, rows.weeks)
    columns: Columns = {
        "dimension": series.dimension,
        "name": series.name,
        "measure": series.measure,
        "amount_per_week": series.amounts.mean(axis=1) if rows.weeks else np.zeros(size),
        "share": PERCENT * _over(series, slice(None)),
        "share_first_weeks": PERCENT * _over(series, slice(0, last)),
        "share_last_weeks": PERCENT * _over(series, slice(rows.weeks - last, rows.weeks)),
    }
    table = as_table(columns | (_untold(size) if found is None else _told(rows, series, found)))
    return table.sort_by([("dimension", "ascending"), ("q_value", "ascending"),
                          ("share", "descending")])  # fmt: skip


def _over(series: Series, weeks: slice) -> Floats:
    return _ratio(series.amounts[:, weeks].sum(axis=1), series.whole[:, weeks].sum(axis=1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return found


def _untold(size: int) -> Columns:
    none, never = np.full(size, np.nan), np.full(size, np.datetime64("NaT", "D"))
    return {
        **dict.fromkeys(("share_before", "share_after"), none),
        **dict.fromkeys(("change", "change_low", "change_high"), none),
        **dict.fromkeys(("date", "date_low", "date_high"), never),
        "changes": np.zeros(size, dtype=np.int64),
        **dict.fromkeys(("p_value", "q_value"), none),
        "verdict": np.full(size, TOO_FEW),
        "reading": np.full(size, "There are too few weeks to tell."),
    }


def _told(rows: TrendRows, series: Series, found: Trends) -> Columns:
    changed = found.verdict != STABLE
    dates = [_dates(rows, each) for each in (found.week, found.week_low, found.week_high)]
    return {
        "share_before": PERCENT * found.before,
        "share_after": PERCENT * found.after,
        "change": np.where(changed, PERCENT * (found.ratio - 1), np.nan),
        "change_low": np.where(changed, PERCENT * (found.ratio_low - 1), np.nan),
        "change_high": np.where(changed, PERCENT * (found.ratio_high - 1), np.nan),
        "date": dates[0],
        "date_low": dates[1],
        "date_high": dates[2],
        "changes": found.count,
        "p_value": found.chance,
        "q_value": found.q,
        "verdict": np.array(VERDICTS)[found.verdict],
        "reading": np.array(_readings(series, found, dates), dtype=object),
    }


def _dates(rows: TrendRows, week: Integers) -> NDArray[Any]:
    mondays: NDArray[Any] = rows.first_week + np.timedelta64(DAYS, "D") * week
    mondays[week < 0] = np.datetime64("NaT", "D")
    return mondays


def _readings(series: Series, found: Trends, dates: list[NDArray[Any]]) -> list[str]:
    return [_reading(series, found, dates, place) for place in range(series.name.size)]


def _reading(series: Series, found: Trends, dates: list[NDArray[Any]], place: int) -> str:
    before, after = PERCENT * found.before[place], PERCENT * found.after[place]
    what = str(series.measure[place])
    if found.verdict[place] == STABLE:
        return f"About {_number(after)} % of {what} throughout."
    date, low, high = (str(each[place]) for each in dates)
    when = f"in the week of {date}" if low == high else f"about {date} ({low} to {high})"
    if found.verdict[place] == ONE_OFF:
        return f"Changed {when}, and is back near {_number(after)} % of {what}."
    return f"From {_number(before)} % to {_number(after)} % of {what}, mostly {when}."


def _number(share: float) -> str:
    return f"{share:.1f}" if share >= 1 else f"{share:.2g}"


def week_table(rows: TrendRows, series: Series, found: Trends | None) -> pa.Table:
    """Return ``shopper_trend_weeks``: shares by week, counted and fitted, of those that changed."""
    which = (
        np.zeros(0, dtype=np.int64) if found is None else np.flatnonzero(found.verdict != STABLE)
    )
    weeks = np.tile(np.arange(rows.weeks), which.size)
    fitted = np.zeros((0, rows.weeks)) if found is None else found.fitted[which]
    return as_table({
        "dimension": np.repeat(series.dimension[which], rows.weeks),
        "name": np.repeat(series.name[which], rows.weeks),
        "week": rows.first_week + np.timedelta64(DAYS, "D") * weeks,
        "amount": series.amounts[which].ravel(),
        "share": PERCENT * series.shares[which].ravel(),
        "fitted": PERCENT * fitted.ravel(),
    })  # fmt: skip


def trend_notes(
    rows: TrendRows, series: Series, found: Trends | None, spec: TrendSpec
) -> tuple[str, ...]:
    """Say what to beware of, the gravest first."""
    if found is None:
        return (
            f"There are {rows.weeks} whole weeks; changes are looked for from {spec.weeks} on.",
        )
    told = int(np.sum(found.verdict != STABLE))
    notes = [
        f"{series.name.size} shares were looked at and {told} changed; about "
        f"{PERCENT * spec.false:.0f} % of those told may be false.",
        "Shares of one whole go together: where one grows, others must fall.",
        "Changes that are only just told look larger than they are.",
        "A change that goes on for months is told as one step or several; its date is that of the "
        "greatest.",
        "Levels change for many reasons: a new listing, a price, a competitor, taste. The date "
        "tells where to look, not why.",
    ]
    if rows.weeks < 2 * YEAR:
        notes.insert(
            0,
            f"With {rows.weeks} weeks a season looks like a change: only two years and more can be "
            "set against the same time of the year before.",
        )
    if rows.dropped:
        notes.append(f"{rows.dropped} week at the beginning or end is left out: loaded in part.")
    if rows.source == "basket_line":
        notes.append("Shares are those of the panel's households.")
    return tuple(notes)
