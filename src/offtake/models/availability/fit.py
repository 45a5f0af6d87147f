"""One category, from the store to alarms and lost sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.availability.lost import Lost, lost_sales
from offtake.models.availability.outages import Outages, outages
from offtake.models.availability.rows import AvailabilityRows, availability_rows
from offtake.models.availability.series import Integers
from offtake.models.availability.shelf import Shelf, watch
from offtake.models.availability.specification import AvailabilitySpec

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

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
    lost
        Draws of what was lost; its groups are the runs.
    spec
        What was asked.
    """

    rows: AvailabilityRows
    shelf: Shelf
    outages: Outages
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
    lost = lost_sales(shelf, run_of_steps(found, rows.series.size), spec)
    tell(f"{category}: done", 100)
    return AvailabilityFit(rows, shelf, found, lost, spec)


def run_of_steps(found: Outages, size: int) -> Integers:
    """Return the run that every step is in, (N,); -1 for none. Runs do not overlap."""
    of = np.full(size, -1)
    for run, (begin, end) in enumerate(zip(found.begin, found.end, strict=True)):
        of[begin:end] = run
    return of


def notes(fit: AvailabilityFit) -> tuple[str, ...]:
    """Say what the answers rest on, and what to beware of."""
    found, rows = fit.outages, fit.rows
    listed = int(found.listed.sum())
    told = [f"{listed:,} alarms in all, of which {found.false_alarms:,.0f} are false, expected."]
    unknown = np.isnan(rows.series.share)
    if unknown.all():
        told.append(
            "No shelf flags are loaded (stock with hours or shoppers): short gaps do not show in "
            "sales, and what they cost is not counted."
        )
    elif unknown.any():
        told.append(
            "Shelf flags are known of some items only; of the others short gaps do not show, and "
            "what they cost is not counted."
        )
    if unknown.any():
        told.append(
            "Where nothing is recorded, take lost units as an order of magnitude: their ranges "
            "held in fewer than half of simulated markets."
        )
    if rows.series.may_end.any():
        told.append(
            f"{int(rows.series.may_end.sum()):,} store-items are on no distribution list: where "
            "they stay away they are taken for gone, not for out of stock."
        )
    if rows.silent:
        told.append(
            f"{rows.silent:,} stores sold nothing at all at the end of the data; they are watched "
            "to their last sale only."
        )
    if not fit.shelf.converged:
        told.append("Demand and shelves were still moving a little in the last round.")
    return tuple(told)
