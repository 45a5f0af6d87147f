"""Trials of availability: lost sales and alarms against the outages of simulated shelves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from offtake.data.store import Store
from offtake.models.availability.fit import AvailabilityFit, fit_availability
from offtake.models.availability.groupings import CAUSE, MONDAY, named
from offtake.models.availability.lost import Groups, Sums, lost_sales
from offtake.models.availability.rows import AvailabilityRows
from offtake.models.availability.series import Bools, Floats, Integers
from offtake.models.availability.specification import AvailabilitySpec
from offtake.twin.calibration import calibration
from offtake.twin.kernels.outages import DAYS, lost_time
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from offtake.validation.promotion_effect_trials import Found
from offtake.validation.promotion_trials import CATEGORIES, FULL
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

HIDDEN = ("product", "store", "sales", "promotion", "distribution_list")
REPORTED = (*HIDDEN, "stock", "visit", "audit_line")
SHORT = 0.15
"""Share of a week off the shelf from which an alarm of that week is right."""
HALF_EMPTY = 0.5
"""Share of a day off the shelf from which it was right to say that the shelf was empty."""
SURE = ((0.5, 0.8), (0.8, 0.95), (0.95, 1.001))
NEARLY_ALL = 0.9
"""Share of a day off the shelf from which it is an empty day."""
LONG = 3
"""Empty days in a row of which there should be an alarm."""
EVERYTHING = replace(FULL, heterogeneity=1.0)


def fit_hidden(folder: Path, seed: int) -> Estimates:
    """Fit availability to sales alone: no flags, no stock records, no visits.

    Returns
    -------
    Estimates
        Per category: units lost in the weeks of alarms, and the share of alarms that are right.
        Short outages hide in weekly sales; what they cost is not asked.
    """
    found = Found()
    for fit in _fits(folder, seed, HIDDEN):
        lost, away = _truth(folder, fit)
        _add_alarms(found, fit, lost, away > SHORT)
    return found.estimates


def fit_daily(folder: Path, seed: int) -> Estimates:
    """Fit availability to daily sales alone.

    Returns
    -------
    Estimates
        Per category: as from weekly sales; the share of days that were empty among those of which
        the model said on the day that they were, by how sure it was; how many days an outage goes
        on before the alarm, and the share of long outages of which there is none, beside 0.
    """
    found = Found()
    for fit in _fits(folder, seed, HIDDEN):
        lost, away = _daily_truth(folder, fit)
        _add_alarms(found, fit, lost, away > SHORT)
        chance, category = fit.shelf.empty_now, fit.rows.category
        for low, high in SURE:
            inside = (chance >= low) & (chance < high)
            right = float((away[inside] > HALF_EMPTY).mean())
            error = float(np.sqrt(right * (1 - right) / max(inside.sum(), 1)))
            found.add(
                f"{100 * low:.0f} to {100 * high:.0f} % sure on the day, {category}",
                right, float(chance[inside].mean()), error,
            )  # fmt: skip
        _add_delay(found, fit, away)
    return found.estimates


def _add_alarms(found: Found, fit: AvailabilityFit, lost: Floats, out: Bools) -> None:
    """Add units lost in alarms, and the share of them that are right: in which it was out."""
    runs, category = fit.outages, fit.rows.category
    listed = np.flatnonzero(runs.listed)
    within = [slice(runs.begin[run], runs.end[run]) for run in listed]
    draws = fit.lost.units[named(CAUSE + "category", 0)].sum(axis=1)
    true = float(sum(lost[each].sum() for each in within))
    found.add(f"units lost in alarms, {category}", true, *_told(draws))
    right = float(np.mean([out[each].any() for each in within]))
    chance = runs.probability[listed]
    error = float(np.sqrt((chance * (1 - chance)).sum())) / max(listed.size, 1)
    found.add(f"alarms that are right, {category}", right, float(chance.mean()), error)


def _add_delay(found: Found, fit: AvailabilityFit, away: Floats) -> None:
    """Add how long outages of many days go on before the alarm of the day, and how many have none.

    The alarm of the day asks for the chance from which alarms are listed.
    """
    runs, series = fit.outages, fit.rows.series
    threshold = float(runs.probability[runs.listed].min(initial=1.0))
    empty = away > NEARLY_ALL
    start = np.flatnonzero(empty & ~np.append(False, empty[:-1]) | np.isin(
        np.arange(series.size), series.first[:-1]) & empty)  # fmt: skip
    stop = np.minimum(
        np.append(np.flatnonzero(~empty), series.size)[
            np.searchsorted(np.flatnonzero(~empty), start)
        ],
        series.first[series.of[start] + 1],
    )
    long = stop - start >= LONG
    alarm = fit.shelf.empty_now >= threshold
    delays = [np.flatnonzero(alarm[begin:end]) for begin, end in
              zip(start[long], stop[long], strict=True)]  # fmt: skip
    seen = np.array([each[0] for each in delays if each.size], dtype=np.float64)
    missed = 1 - seen.size / max(len(delays), 1)
    category = fit.rows.category
    found.add(
        f"days from the first empty day to the alarm, {category}",
        0.0, float(seen.mean()), float(seen.std() / np.sqrt(max(seen.size, 1))),
    )  # fmt: skip
    found.add(
        f"outages of {LONG} empty days and more without alarm, {category}",
        0.0, missed, float(np.sqrt(missed * (1 - missed) / max(len(delays), 1))),
    )  # fmt: skip


def fit_reported(folder: Path, seed: int) -> Estimates:
    """Fit availability to everything a company may have; flags of its own items only.

    Returns
    -------
    Estimates
        Per category: units that items with flags lost.
    """
    found = Found()
    for fit in _fits(folder, seed, REPORTED):
        lost, _ = _truth(folder, fit)
        series = fit.rows.series
        flagged = np.isfinite(series.share)
        known = np.bincount(series.of, flagged, minlength=series.count) > 0
        true = float(lost[flagged].sum())
        wanted = Sums(price=fit.rows.price, series={"known": Groups(np.where(known, 0, -1), 1)})
        nowhere = np.full(series.size, -1)
        draws = lost_sales(fit.shelf, nowhere, wanted, fit.spec).units["known"][:, 0]
        found.add(f"units lost by items with flags, {fit.rows.category}", true, *_told(draws))
    return found.estimates


def _fits(folder: Path, seed: int, contracts: tuple[str, ...]) -> Iterator[AvailabilityFit]:
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=contracts)
        for category in CATEGORIES:
            spec = AvailabilitySpec(seed=seed)
            yield fit_availability(store, store.tables(), category, spec=spec)


def _told(draws: Floats) -> tuple[float, float]:
    return float(draws.mean()), float(draws.std(ddof=1))


def _truth(folder: Path, fit: AvailabilityFit) -> tuple[Floats, Floats]:
    """Return units missed, and the share of the week off the shelf, by step."""
    table = read_truth(folder, "lost_sales")
    rows, series = fit.rows, fit.rows.series
    pair = np.full((rows.stores.size, rows.items.size), -1)
    pair[rows.store, rows.item] = np.arange(series.count)
    step = (table["week"].to_numpy().astype("datetime64[D]") - rows.first_day).astype(np.int64)
    step //= series.days
    place = np.full((series.count, int(series.step.max()) + 1), -1)
    place[series.of, series.step] = np.arange(series.size)
    shelf = _places(table, rows, pair)
    inside = (shelf >= 0) & (step >= 0) & (step < place.shape[1])
    row = place[shelf[inside], step[inside]]
    lost, away = np.zeros(series.size), np.zeros(series.size)
    for into, name in ((lost, "missed_with_push"), (away, "unavailable")):
        into[row[row >= 0]] = table[name].to_numpy()[inside][row >= 0]
    return lost, away


def _daily_truth(folder: Path, fit: AvailabilityFit) -> tuple[Floats, Floats]:
    """Return units missed, and the share of the day off the shelf, by day.

    What a week missed falls on its days by their traffic and the time that the item was away.
    """
    rows, series = fit.rows, fit.rows.series
    days = int(series.step.max()) + 1
    outage, missed = read_truth(folder, "outage"), read_truth(folder, "lost_sales")
    place = np.full((rows.stores.size, rows.items.size), -1)
    place[rows.store, rows.item] = np.arange(series.count)
    # Shares of days of every shelf, whether it is watched on the day or not.
    monday = (rows.first_day - MONDAY).astype(np.int64) % DAYS
    horizon = DAYS * -(-(days + int(monday)) // DAYS)
    begins = rows.first_day - monday
    shelf = _places(outage, rows, place)
    start = (outage["start"].to_numpy().astype("datetime64[D]") - begins).astype(np.int64)
    at = start + outage["start_share_of_day"].to_numpy()
    here = (shelf >= 0) & (at + outage["days"].to_numpy() > 0) & (at < horizon)
    length = outage["days"].to_numpy()[here] + np.minimum(at[here], 0.0)
    away = lost_time(shelf[here], np.maximum(at[here], 0.0), length, (series.count, horizon))
    weight = away.reshape(series.count, -1, DAYS) * np.asarray(calibration().outages.weekday)
    units = np.zeros(weight.shape[:2])
    week = (missed["week"].to_numpy().astype("datetime64[D]") - begins).astype(np.int64) // DAYS
    shelf = _places(missed, rows, place)
    here = (shelf >= 0) & (week >= 0) & (week < units.shape[1])
    units[shelf[here], week[here]] = missed["missed_with_push"].to_numpy()[here]
    total = weight.sum(axis=2)
    lost = weight * np.divide(units, total, out=np.zeros_like(units), where=total > 0)[..., None]
    day = series.step + monday
    return lost.reshape(series.count, -1)[series.of, day], away[series.of, day]


def _places(table: pa.Table, rows: AvailabilityRows, place: Integers) -> Integers:
    """Return the store-item of every row of a table of truth; -1 for one that is not watched."""
    store, item = (
        pc.index_in(table[name], pa.array(names)).fill_null(-1).to_numpy().astype(np.int64)
        for name, names in (("store_id", rows.stores), ("product_id", rows.items))
    )
    found: Integers = np.where((store >= 0) & (item >= 0), place[store, item], -1)
    return found


TRIALS = (
    Trial(
        name="availability-hidden",
        title="Availability from weekly sales alone: alarms, and the units lost in them",
        holds="units missed and weeks off the shelf (truth table lost_sales)",
        spec=replace(EVERYTHING, stock_weeks=1),
        fit=fit_hidden,
    ),
    Trial(
        name="availability-daily",
        title="Availability from daily sales alone: alarms, how sure they are, how soon they come",
        holds="units missed and days off the shelf (truth tables lost_sales and outage)",
        spec=replace(EVERYTHING, stores=40, weeks=40, stock_weeks=1, daily=True),
        fit=fit_daily,
    ),
    Trial(
        name="availability-reported",
        title="Availability where shelf flags of our own items are recorded: units lost",
        holds="units missed (truth table lost_sales)",
        spec=replace(EVERYTHING, stock_weeks=FULL.weeks),
        fit=fit_reported,
    ),
)
