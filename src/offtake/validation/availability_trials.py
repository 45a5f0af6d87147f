"""Trials of availability: lost sales and alarms against the outages of simulated shelves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.models.availability.fit import AvailabilityFit, fit_availability
from offtake.models.availability.groupings import CAUSE, named
from offtake.models.availability.lost import Groups, Sums, lost_sales
from offtake.models.availability.specification import AvailabilitySpec
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from offtake.validation.promotion_effect_trials import Found
from offtake.validation.promotion_trials import CATEGORIES, FULL
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]

HIDDEN = ("product", "store", "sales", "promotion", "distribution_list")
REPORTED = (*HIDDEN, "stock", "visit", "audit_line")
SHORT = 0.15
"""Share of a week off the shelf from which an alarm of that week is right."""
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
        runs, category = fit.outages, fit.rows.category
        listed = np.flatnonzero(runs.listed)
        within = [slice(runs.begin[run], runs.end[run]) for run in listed]
        draws = fit.lost.units[named(CAUSE + "category", 0)].sum(axis=1)
        true = float(sum(lost[each].sum() for each in within))
        found.add(f"units lost in alarms, {category}", true, *_told(draws))
        right = float(np.mean([away[each].max() > SHORT for each in within]))
        chance = runs.probability[listed]
        error = float(np.sqrt((chance * (1 - chance)).sum())) / max(listed.size, 1)
        found.add(f"alarms that are right, {category}", right, float(chance.mean()), error)
    return found.estimates


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
    store, item = (
        pc.index_in(table[name], pa.array(names)).fill_null(-1).to_numpy()
        for name, names in (("store_id", rows.stores), ("product_id", rows.items))
    )
    step = (table["week"].to_numpy().astype("datetime64[D]") - rows.first_day).astype(np.int64)
    step //= series.days
    place = np.full((rows.stores.size, rows.items.size, int(series.step.max()) + 1), -1)
    place[rows.store[series.of], rows.item[series.of], series.step] = np.arange(series.size)
    inside = (store >= 0) & (item >= 0) & (step >= 0) & (step < place.shape[2])
    row = place[store[inside], item[inside], step[inside]]
    lost, away = np.zeros(series.size), np.zeros(series.size)
    for into, name in ((lost, "missed_with_push"), (away, "unavailable")):
        into[row[row >= 0]] = table[name].to_numpy()[inside][row >= 0]
    return lost, away


TRIALS = (
    Trial(
        name="availability-hidden",
        title="Availability from weekly sales alone: alarms, and the units lost in them",
        holds="units missed and weeks off the shelf (truth table lost_sales)",
        spec=replace(EVERYTHING, stock_weeks=1),
        fit=fit_hidden,
    ),
    Trial(
        name="availability-reported",
        title="Availability where shelf flags of our own items are recorded: units lost",
        holds="units missed (truth table lost_sales)",
        spec=replace(EVERYTHING, stock_weeks=FULL.weeks),
        fit=fit_reported,
    ),
)
