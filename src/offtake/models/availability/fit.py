"""One category, from the store to alarms and lost sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.availability.causes import causes
from offtake.models.availability.groupings import Groupings, by_cause, by_dimension, by_week
from offtake.models.availability.lost import Lost, lost_sales
from offtake.models.availability.outages import Outages, outages
from offtake.models.availability.rows import AvailabilityRows, availability_rows
from offtake.models.availability.series import Integers
from offtake.models.availability.shelf import Shelf, watch
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.names import Names

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

THIN = 1.5
"""Units a step below which a few shoppers decide what a shelf looks like."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class AvailabilityFit:
    """All that is known of a category's shelves.

    Parameters
    ----------
    rows
        What sold and what was reported.
    shelf
        Demand and states of the shelf.
    outages
        Runs of empty or low shelves.
    cause
        (R,) cause guessed of every run.
    groupings
        Groups of store-items, runs and steps, by name.
    lost
        What runs and groups lost.
    spec
        What was asked.
    """

    rows: AvailabilityRows
    shelf: Shelf
    outages: Outages
    cause: Names
    groupings: Groupings
    lost: Lost
    spec: AvailabilitySpec


def fit_availability(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: AvailabilitySpec | None = None,
    progress: Progress | None = None,
) -> AvailabilityFit:
    """Find where a category's shelves were empty, and what that cost.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        How shelves are watched.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    BadInputError
        When nothing of the category sold.

    Examples
    --------
    >>> from offtake.data.store import Store
    >>> with Store(":memory:") as store:  # doctest: +SKIP
    ...     fit = fit_availability(store, store.tables(), "COFFEE")
    """
    tell = progress or (lambda _step, _share: None)
    spec = spec or AvailabilitySpec()
    tell(f"{category}: reading", 0)
    rows = availability_rows(store, tables, category)
    tell(f"{category}: shelves of {rows.series.count:,} store-items", 20)
    shelf = watch(rows.series, spec)
    found = outages(shelf, false_alarms=spec.false_alarms)
    tell(f"{category}: lost sales", 70)
    cause = causes(rows, shelf, found)
    groupings = Groupings(by_dimension(rows), by_cause(rows, found, cause), by_week(rows))
    run = run_of_steps(found, rows.series.size)
    lost = lost_sales(shelf, run, groupings.sums(rows.price), spec)
    tell(f"{category}: done", 100)
    return AvailabilityFit(rows, shelf, found, cause, groupings, lost, spec)


def run_of_steps(found: Outages, size: int) -> Integers:
    """Return the run that every step is in, (N,); -1 for none. Runs do not overlap."""
    of = np.full(size, -1)
    steps = found.steps
    offset = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    of[np.repeat(found.begin, steps) + offset] = np.repeat(np.arange(found.count), steps)
    return of


def notes(fit: AvailabilityFit) -> tuple[str, ...]:
    """Say what the answers rest on, and what to beware of."""
    found, rows = fit.outages, fit.rows
    listed = int(found.listed.sum())
    told = [f"{listed:,} alarms in all, of which {found.false_alarms:,.0f} are false, expected."]
    unknown = np.isnan(rows.series.share[rows.series.seen])
    if "flags" not in rows.reported:
        told.append(
            "No shelf flags are loaded (stock with hours or shoppers): short gaps do not show in "
            "sales, and what they cost is not counted."
        )
    elif unknown.any():
        told.append(
            "Shelf flags are known of some items only; of the others short gaps do not show, and "
            "what they cost is not counted."
        )
    if fit.lost.unseen:
        told.append(
            f"Where nothing is recorded, {100 * fit.lost.unseen:.1f} % of shopping is taken to "
            f"miss items in gaps too short to show: {100 * fit.spec.usual:.1f} % do so usually, "
            "less what was found. Lost units rest on it, and on a model that may be off by "
            f"{100 * fit.spec.form:.0f} %: ranges count with both."
        )
    if rows.series.may_end.any():
        told.append(
            f"{int(rows.series.may_end.sum()):,} store-items are on no distribution list: where "
            "they stay away they are taken for gone, not for out of stock."
        )
    usual = np.median(np.bincount(rows.series.of, rows.series.units) / np.diff(rows.series.first))
    if usual < THIN:
        told.append(
            f"Half of the store-items sell {usual:.1f} units or fewer a "
            f"{'day' if rows.series.days == 1 else 'week'}: where sales are those of a panel of "
            "households, a household that stays away looks like an empty shelf."
        )
    if rows.silent:
        told.append(
            f"{rows.silent:,} stores sold nothing at all at the end of the data; they are watched "
            "to their last sale only."
        )
    if not fit.shelf.converged:
        told.append("Demand and shelves were still moving a little in the last round.")
    return tuple(told)
