"""Pairs of store and item made of an array of units, and a twin of one category; for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.models.availability.listing_query import listing_rows
from offtake.models.availability.listing_rows import (
    NEVER,
    AssortmentProfile,
    ListingNames,
    ListingRows,
    Sold,
)
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec

MONDAY = np.datetime64("2024-01-01", "D")
SPEC = TwinSpec(
    stores=120, weeks=60, seed=3, items=10, categories=("COFFEE",), households=0, respondents=0,
    stock_weeks=0,
)  # fmt: skip
TABLES = ("product", "store", "sales", "distribution_list", "unit_margin")


def named(prefix: str, count: int) -> NDArray[np.str_]:
    return np.array([f"{prefix}{number:03d}" for number in range(count)])


def rows_of(
    units: NDArray[np.float64],
    *,
    retailer: NDArray[np.int64] | None = None,
    listed: NDArray[np.bool_] | None = None,
    price: float = 2.0,
    margin: float = np.nan,
    latest: int = 8,
) -> ListingRows:
    """Return rows of units (S, J, T); `listed` (S, J) says what is listed from the start."""
    stores, items, weeks = units.shape
    here = units.sum(axis=2) > 0
    on_list = np.zeros((stores, items), bool) if listed is None else listed
    store, item = np.nonzero(here | on_list)
    code = np.full((stores, items), NEVER)
    code[store, item] = np.arange(store.size)
    at = np.nonzero(units)
    sold = Sold(code[at[0], at[1]], at[2], units[at], price * units[at], units[at])
    first, last = ends(sold, store.size)
    retailer = np.zeros(stores, np.int64) if retailer is None else retailer
    retailers = int(retailer.max()) + 1
    seen = np.nonzero(here)
    return ListingRows(
        category="TEA",
        weeks=weeks,
        latest=latest,
        first_week=MONDAY,
        store=store,
        item=item,
        first=first,
        last=last,
        listed_from=np.where(on_list[store, item], MONDAY, np.datetime64("NaT", "D")),
        listed_to=np.full(store.size, "NaT", "datetime64[D]"),
        must_stock=on_list[store, item],
        sold=sold,
        retailer=retailer,
        open=units[:, :, -latest:].sum(axis=(1, 2)) > 0,
        margin=np.full((retailers, items), margin),
        own=np.ones(items, bool),
        has_list=listed is not None,
        profile=AssortmentProfile(seen[0], seen[1], units.sum(axis=2)[seen]),
        names=ListingNames(
            items=named("P", items),
            descriptions=named("tea ", items),
            brands=named("B", items),
            makers=named("M", items),
            stores=named("S", stores),
            store_names=named("shop ", stores),
            territories=named("T", stores),
            retailers=named("R", retailers),
        ),
    )


def ends(sold: Sold, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, NEVER)
    np.minimum.at(first, sold.pair, sold.week)
    np.maximum.at(last, sold.pair, sold.week)
    return np.where(last == NEVER, NEVER, first), last


def stopped(rows: ListingRows, pairs: NDArray[np.bool_], week: int) -> ListingRows:
    """Return the rows as if some pairs had sold nothing from a week on."""
    kept = ~(pairs[rows.sold.pair] & (rows.sold.week >= week))
    left = Sold(
        *(getattr(rows.sold, n)[kept] for n in ("pair", "week", "units", "value", "valued"))
    )
    first, last = ends(left, rows.size)
    return replace(rows, sold=left, first=first, last=last)


def twin_rows(folder: Path) -> ListingRows:
    """Make the twin under a folder and read its rows."""
    made = build(SPEC, folder / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, made, contracts=TABLES)
        return listing_rows(store, store.tables(), "COFFEE")
