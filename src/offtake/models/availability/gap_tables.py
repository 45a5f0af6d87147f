"""Gaps, builds of distribution and delistings as tables; numbers that are not known are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from offtake.models.availability.gap_spec import MEANINGS, REASONS, GapSpec
from offtake.models.availability.gaps import Gaps, gaps
from offtake.models.availability.listing_rows import Days, Floats, Integers, ListingRows
from offtake.models.availability.listings import (
    Builds,
    Delistings,
    NewItemSpec,
    builds,
    delistings,
)
from offtake.models.columns import Columns, as_table
from offtake.models.names import coded, joint

if TYPE_CHECKING:
    import pyarrow as pa

PERCENT = 100.0


def gap_tables(
    rows: ListingRows, spec: GapSpec | None = None, new: NewItemSpec | None = None
) -> dict[str, pa.Table]:
    """Return the gaps, builds and delistings of a category as tables, by name.

    Parameters
    ----------
    rows
        Pairs of the category.
    spec
        What counts as a gap, and what is assumed of sales that cease.
    new
        Which items are new.
    """
    spec = spec or GapSpec()
    return {
        "availability_gaps": gap_table(rows, gaps(rows, spec)),
        "availability_builds": build_table(rows, builds(rows, new)),
        "availability_delistings": delisting_table(rows, delistings(rows, spec.stopping)),
    }


def gap_table(rows: ListingRows, found: Gaps) -> pa.Table:
    """Return ``availability_gaps``: where an item should be and does not sell, best first.

    ``probability``: that it is not on the shelf and should be, percent. ``units``, ``money``: what
    it would sell a week, at what shoppers pay, with the ends of 80 % intervals. ``recoverable``:
    money a week that a visit or call is expected to win back, and over ``horizon_weeks``;
    ``recoverable_per_visit`` adds that up over the manufacturer's gaps in the store that are valued
    alike. ``valued_at`` says whether that is the manufacturer's margin or, where none is known,
    retail value.
    """
    names = rows.names
    reasons = np.array(REASONS)[found.reason]
    return as_table({
        "rank": np.arange(1, found.size + 1),
        "retailer": names.retailers[rows.retailer[found.store]],
        "territory": names.territories[found.store],
        "store_id": names.stores[found.store],
        "store_name": names.store_names[found.store],
        **_items(rows, found.item),
        "reason": reasons,
        "meaning": np.array([MEANINGS[name] for name in REASONS])[found.reason],
        "must_stock": found.must_stock,
        "last_sold": _dates(rows, found.last),
        "weeks_without": found.without,
        "probability": PERCENT * found.probability,
        "probability_absent": PERCENT * found.absent,
        "similar_stores_selling": PERCENT * found.share,
        "similar_stores_selling_low": PERCENT * found.share_low,
        "similar_stores_selling_high": PERCENT * found.share_high,
        "units": found.units,
        "units_low": found.units_low,
        "units_high": found.units_high,
        "money": found.units * found.price,
        "money_low": found.units_low * found.price,
        "money_high": found.units_high * found.price,
        "units_missed": found.missed,
        "closing_share": PERCENT * found.closing,
        "kept_share": np.full(found.size, PERCENT * found.kept),
        "recoverable": found.recoverable,
        "season": found.season,
        "recoverable_over_horizon": found.value,
        "recoverable_per_visit": _per_visit(rows, found),
        "horizon_weeks": np.full(found.size, found.horizon),
        "valued_at": np.where(found.margin_known, "margin", "retail_value"),
    })  # fmt: skip


def _per_visit(rows: ListingRows, found: Gaps) -> Floats:
    """Return what a manufacturer's gaps in the store, valued alike, are worth together, (G,)."""
    if not found.size:
        return found.value
    maker = coded(rows.names.makers)[1][found.item]
    visit = joint(joint(found.store, maker), found.margin_known.astype(np.int64))
    return np.bincount(visit, found.value).astype(np.float64)[visit]


def build_table(rows: ListingRows, found: Builds) -> pa.Table:
    """Return ``availability_builds``: how the distribution of new items builds up, week by week.

    Distribution is of stores that trade: of their number, and of their category sales. A store is
    ``selling`` if it sold the item in the four weeks up to then, ``reached`` from its first sale
    on. The plan is the distribution list.
    """
    return as_table({
        **_items(rows, found.item),
        "retailer": found.retailer,
        "launched": rows.monday(found.start),
        "week": rows.monday(found.week),
        "weeks_since_launch": found.week - found.start,
        "stores_active": found.active,
        "stores_listed": found.listed,
        "stores_selling": found.selling,
        "stores_reached": found.reached,
        "numeric_distribution": found.numeric,
        "weighted_distribution_category": found.weighted,
        "numeric_distribution_plan": found.plan_numeric,
        "weighted_distribution_category_plan": found.plan_weighted,
        "points_behind_plan": found.behind,
        "units": found.units,
    })  # fmt: skip


def delisting_table(rows: ListingRows, found: Delistings) -> pa.Table:
    """Return ``availability_delistings``: where sales have stopped for good, with the date.

    ``scope``: ``retailer`` where most stores of a retailer stopped within a few weeks, else
    ``store``. ``stopped``: Monday of the first week without the item, with its 80 % interval.
    """
    names, single = rows.names, found.store >= 0
    stores = [
        str(name) if one else None
        for name, one in zip(names.stores[found.store], single, strict=True)
    ]
    return as_table({
        "scope": np.where(single, "store", "retailer"),
        "retailer": names.retailers[found.retailer],
        "store_id": stores,
        **_items(rows, found.item),
        "probability": PERCENT * found.probability,
        "last_sold": rows.monday(found.last),
        "stopped": rows.monday(found.week),
        "stopped_low": rows.monday(found.early),
        "stopped_high": rows.monday(found.late),
        "stores_before": found.stores,
        "units": found.units,
        "stores_listed": found.listed,
    })  # fmt: skip


def _items(rows: ListingRows, item: Integers) -> Columns:
    names = rows.names
    return {
        "product_id": names.items[item],
        "description": names.descriptions[item],
        "brand": names.brands[item],
        "manufacturer": names.makers[item],
    }


def _dates(rows: ListingRows, week: Integers) -> Days:
    """Return the Mondays of weeks, (N,); NaT where there was none."""
    mondays = rows.monday(week)
    mondays[week < 0] = np.datetime64("NaT", "D")
    return mondays
