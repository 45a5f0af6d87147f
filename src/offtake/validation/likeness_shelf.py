"""What happens on the shelf: out-of-stocks, execution, the sources of a promotion's volume, media.

Out-of-stocks of FreshRetailNet and of a twin are described by the same code. The rest has no raw
data to stand beside, only published figures; it is read from a twin's truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from offtake.twin.kernels.outages import DAYS, lost_time
from offtake.twin.truth import read_truth
from offtake.validation.calibrate_outages import OPEN_HOURS, QUANTILES, StockRows
from offtake.validation.likeness_panel import largest_chain, plain_text, read_rows
from offtake.validation.logistic import fit_logistic
from offtake.validation.outage_runs import Runs, kaplan_meier, runs, survival_quantiles

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EVERY = 10
"""One series in so many, as in the sample of FreshRetailNet."""


@dataclass(frozen=True, slots=True)
class OutagePortrait:
    """Out-of-stocks, described.

    Parameters
    ----------
    level
        Share of opening time out of stock.
    quantiles
        (5,) hours out of stock of a run, at the shares of ``QUANTILES``.
    hours, longer
        Hours and the share of runs that last longer (Kaplan and Meier).
    weekday
        (7,) how often a run starts, Monday first, mean 1.
    promotion_slope, promotion_slope_se
        Log-odds of a start per unit of price cut (0 to 1).
    series
        Pairs of store and item.
    """

    level: float
    quantiles: Floats
    hours: Floats
    longer: Floats
    weekday: Floats
    promotion_slope: float
    promotion_slope_se: float
    series: int


def describe_outages(rows: StockRows) -> OutagePortrait:
    """Describe out-of-stocks; the sales in `rows` are not looked at."""
    found = runs(rows.hours, rows.series)
    slope, error = _promotion_slope(rows, found)
    hours, longer = kaplan_meier(found.hours, found.cut)
    return OutagePortrait(
        level=float(rows.hours.sum() / (OPEN_HOURS * rows.hours.size)),
        quantiles=survival_quantiles(found.hours, found.cut, np.array(QUANTILES)),
        hours=hours,
        longer=longer,
        weekday=_by_weekday(rows, found),
        promotion_slope=slope,
        promotion_slope_se=error,
        series=int(rows.series.max()) + 1,
    )


def _by_weekday(rows: StockRows, found: Runs) -> Floats:
    at_risk = np.bincount(rows.weekday[found.at_risk], minlength=DAYS)
    began = np.bincount(rows.weekday[found.starts], minlength=DAYS)
    share: Floats = began / np.maximum(at_risk, 1)
    scaled: Floats = share / share.mean()
    return scaled


def _promotion_slope(rows: StockRows, found: Runs) -> tuple[float, float]:
    """Slope of the log-odds of a start by price cut, weekdays and usual cuts taken out."""
    usual = np.bincount(rows.series, rows.depth) / np.bincount(rows.series)
    used = found.at_risk
    depth = (rows.depth - usual[rows.series])[used]
    design = np.column_stack([np.eye(DAYS)[rows.weekday[used]], depth])
    fit = fit_logistic(found.starts[used].astype(np.float64), design, rows.store[used])
    return float(fit.coefficients[-1]), float(fit.standard_errors[-1])


def twin_stock(folder: Path) -> StockRows:
    """Return the shelf hours of every tenth pair of the largest chain that was listed throughout.

    From the truth: a twin's own stock records are wrong now and then, and of our items only.
    Hours are rounded to whole ones, as FreshRetailNet counts them.
    """
    pairs = _pairs_listed(folder)
    outage = _truth(folder, "outage")
    place = _place(outage, pairs)
    known = place >= 0
    calendar = np.unique(_truth(folder, "calendar")["week"].to_numpy())
    first, horizon = calendar[0], calendar.size * DAYS
    start = (outage["start"].to_numpy() - first).astype("timedelta64[D]").astype(np.int64)
    lost = lost_time(
        place[known],
        start[known] + outage["start_share_of_day"].to_numpy()[known],
        outage["days"].to_numpy()[known],
        (pairs.num_rows, horizon),
    )
    day = np.tile(np.arange(horizon), pairs.num_rows)
    _, store = np.unique(pairs["store_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    return StockRows(
        series=np.repeat(np.arange(pairs.num_rows), horizon),
        store=np.repeat(store, horizon),
        day=day,
        weekday=day % DAYS,
        hours=np.rint(lost * OPEN_HOURS).ravel(),
        sales=np.full(day.size, np.nan),
        depth=np.repeat(_cuts(folder, pairs, calendar), DAYS, axis=1).ravel(),
    )


def _truth(folder: Path, name: str) -> pa.Table:
    return plain_text(read_truth(folder, name))


def _pairs_listed(folder: Path) -> pa.Table:
    listed = read_rows(folder, "distribution_list")
    first = pc.min(listed["listed_from"])
    throughout = pc.and_(pc.equal(listed["listed_from"], first), pc.is_null(listed["listed_to"]))
    chain = largest_chain(read_rows(folder, "store"))
    chosen = listed.filter(pc.and_(throughout, pc.is_in(listed["store_id"], value_set=chain)))
    chosen = chosen.select(["store_id", "product_id"]).join(
        _truth(folder, "void").select(["store_id", "product_id"]),
        ["store_id", "product_id"],
        join_type="left anti",
    )
    ordered = chosen.sort_by([("store_id", "ascending"), ("product_id", "ascending")])
    return ordered.take(pa.array(np.arange(0, ordered.num_rows, EVERY))).combine_chunks()


def _place(rows: pa.Table, pairs: pa.Table) -> Integers:
    """Return at which of the pairs each row stands, -1 for none of them."""
    key = [pc.binary_join_element_wise(t["store_id"], t["product_id"], "|") for t in (pairs, rows)]
    found = pc.index_in(key[1], value_set=key[0].combine_chunks())
    place: Integers = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return place


def _cuts(folder: Path, pairs: pa.Table, calendar: NDArray[np.datetime64]) -> Floats:
    """Return the price cut at the till, (pairs, weeks), a fraction."""
    seen = read_rows(folder, "promotion")
    seen = seen.filter(pc.equal(seen["status"], "observed"))
    place = _place(seen, pairs)
    week = (seen["week"].to_numpy() - calendar[0]).astype("timedelta64[D]").astype(np.int64) // DAYS
    cuts = np.zeros((pairs.num_rows, calendar.size))
    cuts[place[place >= 0], week[place >= 0]] = seen["discount"].to_numpy()[place >= 0] / 100
    return cuts


@dataclass(frozen=True, slots=True)
class Execution:
    """Displays that were agreed: share that never stood, and share of days that the others did."""

    never: float
    days: float
    displays: int


def execution(folder: Path) -> Execution:
    """Return what became of the displays that were agreed, from the truth."""
    rows = _truth(folder, "execution")
    reached = rows["reached"].to_numpy(zero_copy_only=False).astype(bool)
    part = rows["days_stood"].to_numpy() / rows["days_agreed"].to_numpy()
    return Execution(float(1 - reached.mean()), float(part[reached].mean()), reached.size)


@dataclass(frozen=True, slots=True)
class Bump:
    """Where the volume of promotions comes from: shares of what the promoted items gain."""

    own_other_items: float
    competitors: float
    other_weeks: float
    growth: float


def bump(folder: Path) -> Bump:
    """Return the sources of all promotions' volume, from the truth."""
    rows = _truth(folder, "event")
    total = {
        part: float(rows[f"{part}_demand"].to_numpy().sum())
        for part in ("event_items", "own_other_items", "competitors", "other_weeks")
    }
    return sources(total)


def sources(total: dict[str, float]) -> Bump:
    """Divide the gain of promoted items by where it comes from.

    Parameters
    ----------
    total
        Units that ``event_items`` gained, and what ``own_other_items``, ``competitors`` and
        ``other_weeks`` changed by (losses are negative).

    Examples
    --------
    >>> sources({"event_items": 10.0, "own_other_items": -2.0, "competitors": -1.0,
    ...          "other_weeks": -3.0})
    Bump(own_other_items=0.2, competitors=0.1, other_weeks=0.3, growth=0.4)
    """
    gain = total["event_items"]
    taken = {name: -value / gain for name, value in total.items() if name != "event_items"}
    return Bump(**taken, growth=round(1 - sum(taken.values()), 12))


@dataclass(frozen=True, slots=True)
class MediaElasticity:
    """Elasticity of demand to what media have built up, all channels of a brand together.

    mean: over brands that advertise, their regions and weeks; low, high: lowest and highest brand.
    """

    mean: float
    low: float
    high: float
    brands: int


def media_elasticity(folder: Path) -> MediaElasticity:
    """Return the elasticity to advertising, from the truth.

    The effect is c a / (a + h) with adstock a, so its derivative by log a is c a h / (a + h)^2.
    """
    channels = _truth(folder, "media_channel")
    rows = _truth(folder, "media").join(
        channels.select(["brand", "channel", "half_saturation", "coefficient"]),
        ["brand", "channel"],
    )
    a, h, c = (rows[n].to_numpy() for n in ("adstock", "half_saturation", "coefficient"))
    slope = hill_elasticity(a, h, c)
    names, brand = np.unique(rows["brand"].to_numpy(zero_copy_only=False), return_inverse=True)
    weeks = np.unique(rows["week"].to_numpy()).size
    regions = np.unique(rows["region"].to_numpy(zero_copy_only=False)).size
    by_brand = np.bincount(brand, slope, minlength=names.size) / (weeks * regions)
    heard = by_brand[by_brand > 0]
    return MediaElasticity(
        float(heard.mean()), float(heard.min()), float(heard.max()), int(heard.size)
    )


def hill_elasticity(adstock: Floats, half: Floats, coefficient: Floats) -> Floats:
    """Return the elasticity of demand to one channel's adstock.

    Examples
    --------
    >>> hill_elasticity(np.array([0.0, 2.0]), np.array([2.0, 2.0]), np.array([0.4, 0.4])).tolist()
    [0.0, 0.1]
    """
    slope: Floats = coefficient * adstock * half / (adstock + half) ** 2
    return slope
