"""All that is said of a category's availability: from the store to every table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from offtake.models.availability.fit import Progress, fit_availability
from offtake.models.availability.gap_spec import GapSpec
from offtake.models.availability.gap_tables import gap_tables
from offtake.models.availability.listing_query import listing_rows
from offtake.models.availability.opportunities import opportunity_table
from offtake.models.availability.recovery import loaded_recovery
from offtake.models.availability.specification import AvailabilitySpec
from offtake.models.availability.tables import availability_tables

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables


def availability_answer(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: AvailabilitySpec | None = None,
    shelves: bool = True,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return every table of a category's availability, by name.

    What shoppers do instead is as it is loaded for the category (``stockout_response``), or else as
    the specification has it.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        How shelves are watched.
    shelves
        Whether they are watched at all; gaps, new and ended items need no shelf that sells fast
        enough for that. Opportunities need both.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    BadInputError
        When nothing of the category sold.
    """
    spec = spec or AvailabilitySpec()
    recovery = loaded_recovery(store, tables, category) or spec.recovery
    gap_spec = GapSpec(recovery=recovery)
    found: dict[str, pa.Table] = {}
    if shelves:
        spec = replace(spec, recovery=recovery)
        fit = fit_availability(store, tables, category, spec=spec, progress=progress)
        found |= availability_tables(fit)
    rows = listing_rows(store, tables, category)
    found |= gap_tables(rows, gap_spec)
    if shelves:
        told = found["availability_gaps"]
        found["availability_opportunities"] = opportunity_table(fit, rows, told, gap_spec)
    return found
