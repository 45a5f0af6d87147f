"""Pairs of store and item of a category from the store, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, UnknownNameError
from offtake.measures.scope import Scope
from offtake.models.availability.listing_rows import (
    DAYS,
    NEVER,
    AssortmentProfile,
    Bools,
    Days,
    Floats,
    Integers,
    ListingNames,
    ListingRows,
    Sold,
)
from offtake.models.margins import COLUMNS, margins_in_force
from offtake.models.names import Names, coded, texts
from offtake.models.panel import sales_filters

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

Columns = dict[str, NDArray[Any]]
Profile = Literal["category", "all"]

PAIR = ("store_id", "product_id")
LATEST = 8
"""Weeks, the last ones loaded, that tell what sells now."""
YEAR = 52


def listing_rows(
    store: Store,
    tables: Tables,
    category: str,
    *,
    where: Sequence[str] = (),
    latest: int | None = None,
    profile: Profile = "category",
) -> ListingRows:
    """Return the pairs of store and item of a category that sold or are listed.

    Parameters
    ----------
    store, tables
        Where they are read from.
    category
        As the product table calls it.
    where
        Further filters on product and store dimensions. Those on items, such as a brand, leave the
        category's other items in, to compare with; those on stores do not leave other stores in.
    latest
        Weeks, the last ones loaded, that tell what sells now; unless given, `LATEST` or as many as
        there are.
    profile
        Stores are alike by what they sell of the ``category``, or of ``all`` categories loaded.

    Raises
    ------
    BadInputError
        When nothing of the category sold, or `latest` is not within the weeks loaded.
    UnknownNameError
        When a filter names what sales cannot be filtered by, or the profile does not exist.
    """
    if profile not in ("category", "all"):
        raise UnknownNameError("profile of stores", profile, ("category", "all"))
    scope = Scope(tables, where=sales_filters([f"category={category}", *where], "pairs"))
    sales = _columns(store.run(_weekly(scope)))
    if not sales["units"].size:
        raise BadInputError(
            f"category: got {category!r}, in which nothing sold; "
            "see: offtake measure sales_units --by category"
        )
    stores = _columns(store.run(_stores(scope)))
    first, last = stores["first_sold"].min(), stores["last_sold"].max()
    weeks = int((last - first) // np.timedelta64(DAYS, "D")) + 1
    latest = min(LATEST, weeks) if latest is None else latest
    if not 1 <= latest <= weeks:
        raise BadInputError(f"latest: got {latest}, allowed: 1 to {weeks} weeks")
    found = _Found(
        sales=sales,
        lists=_columns(store.run(_lists(scope))),
        stores=stores,
        products=_columns(store.run(_products(tables, category))),
        profile=_columns(store.run(_profile(scope, profile, last))),
        margins=store.run(_margins(tables, category)).to_pylist(),
        own=_columns(store.run(_own(scope)))["product_id"].astype(np.str_),
    )
    frame = _Frame(first.astype("datetime64[D]"), weeks, latest)
    return _rows(category, found, frame, has_list="distribution_list" in tables.filled)


def _columns(table: pa.Table) -> Columns:
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def _weekly(scope: Scope) -> ir.Table:
    sales = scope.market("sales")
    sums = sales.group_by([*PAIR, "week"]).aggregate(
        units=sales.units.sum(),
        value=sales["value"].sum().fill_null(0.0),
        valued=sales.units.sum(where=sales["value"].notnull()).fill_null(0.0),
    )
    return sums.filter(sums.units > 0).order_by([*PAIR, "week"])


def _stores(scope: Scope) -> ir.Table:
    """Return the stores in scope that ever sold anything at all, with when they did."""
    sales = scope.universe("sales")
    sold = sales.filter(sales.units > 0)
    spans = sold.group_by("store_id").aggregate(
        first_sold=sold.week.min(), last_sold=sold.week.max()
    )
    master = scope.tables["store"].select(
        "store_id", "retailer", "territory", "closed", store_name="name"
    )
    return spans.left_join(master, "store_id").drop("store_id_right").order_by("store_id")


def _lists(scope: Scope) -> ir.Table:
    lists = scope.market("distribution_list")
    traded = scope.universe("sales").select("store_id").distinct()
    return (
        lists.semi_join(traded, "store_id")
        .select(*PAIR, "listed_from", "listed_to", "must_stock")
        .order_by([*PAIR, "listed_from"])
    )


def _own(scope: Scope) -> ir.Table:
    """Return the items that all filters leave, sold or listed."""
    parts = [scope.facts(name).select("product_id") for name in ("sales", "distribution_list")]
    return parts[0].union(parts[1], distinct=True)


def _products(tables: Tables, category: str) -> ir.Table:
    products = tables["product"]
    return products.filter(products.category == category).order_by("product_id")


def _margins(tables: Tables, category: str) -> ir.Table:
    margins = tables["unit_margin"].semi_join(_products(tables, category), "product_id")
    return margins.select(*COLUMNS).order_by("valid_from")


def _profile(scope: Scope, profile: Profile, last: np.datetime64) -> ir.Table:
    """Return what the stores sold over the last year."""
    sales = scope.market("sales") if profile == "category" else scope.universe("sales")
    since = (last - np.timedelta64(YEAR * DAYS, "D")).astype("datetime64[D]").item()
    year = sales.filter(sales.week > since)
    sums = year.group_by(list(PAIR)).aggregate(units=year.units.sum())
    return sums.filter(sums.units > 0).order_by(list(PAIR))


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store answered; every table sorted by its key."""

    sales: Columns
    lists: Columns
    stores: Columns
    products: Columns
    profile: Columns
    margins: list[dict[str, Any]]
    own: Names


@dataclass(frozen=True, slots=True)
class _Frame:
    """The weeks loaded, to which days are brought."""

    first: np.datetime64
    weeks: int
    latest: int

    @property
    def last_day(self) -> np.datetime64:
        return self.first + np.timedelta64(DAYS * self.weeks - 1, "D")

    def week(self, days: NDArray[Any]) -> Integers:
        since = (days.astype("datetime64[D]") - self.first).astype(np.int64)
        weeks: Integers = since // DAYS
        return weeks


def _rows(category: str, found: _Found, frame: _Frame, *, has_list: bool) -> ListingRows:
    sales, lists = found.sales, found.lists
    stores, store = coded(np.concatenate([sales["store_id"], lists["store_id"]]))
    items, item = coded(np.concatenate([sales["product_id"], lists["product_id"]]))
    pairs, pair = np.unique(store * items.size + item, return_inverse=True)
    count = sales["units"].size
    sold = Sold(
        pair=pair[:count].astype(np.int64),
        week=frame.week(sales["week"]),
        units=_numbers(sales["units"]),
        value=_numbers(sales["value"]),
        valued=_numbers(sales["valued"]),
    )
    first, last = _ends(sold, pairs.size)
    begun, ended, must = _last_listing(pair[count:], lists, pairs.size, frame.last_day)
    of_store = np.searchsorted(found.stores["store_id"].astype(np.str_), stores)
    retailers, retailer = coded(found.stores["retailer"][of_store])
    names = _names(found, (items, stores, retailers), of_store)
    return ListingRows(
        category=category,
        weeks=frame.weeks,
        latest=frame.latest,
        first_week=frame.first,
        store=pairs // items.size,
        item=pairs % items.size,
        first=first,
        last=last,
        listed_from=begun,
        listed_to=ended,
        must_stock=must,
        sold=sold,
        retailer=retailer,
        open=_open({name: each[of_store] for name, each in found.stores.items()}, frame),
        margin=_margin_grid(found.margins, names, frame.last_day),
        own=np.isin(items, found.own),
        has_list=has_list,
        profile=_profiled(found.profile, names),
        names=names,
    )


def _names(
    found: _Found, codes: tuple[Names, Names, Names], of_store: NDArray[np.intp]
) -> ListingNames:
    items, stores, retailers = codes
    of_item = np.searchsorted(found.products["product_id"].astype(np.str_), items)
    return ListingNames(
        items=items,
        descriptions=texts(found.products["description"][of_item]),
        brands=texts(found.products["brand"][of_item]),
        makers=texts(found.products["manufacturer"][of_item]),
        stores=stores,
        store_names=texts(found.stores["store_name"][of_store]),
        territories=texts(found.stores["territory"][of_store]),
        retailers=retailers,
    )


def _open(stores: Columns, frame: _Frame) -> Bools:
    traded = frame.week(stores["last_sold"]) >= frame.weeks - frame.latest
    closed = stores["closed"].astype("datetime64[D]") <= frame.last_day
    found: Bools = traded & ~closed
    return found


def _numbers(values: NDArray[Any]) -> Floats:
    return np.nan_to_num(values.astype(np.float64))


def _ends(sold: Sold, size: int) -> tuple[Integers, Integers]:
    """Return the first and the last week in which every pair sold."""
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, NEVER)
    np.minimum.at(first, sold.pair, sold.week)
    np.maximum.at(last, sold.pair, sold.week)
    return np.where(last == NEVER, NEVER, first), last


def _last_listing(
    pair: NDArray[Any], lists: Columns, size: int, day: np.datetime64
) -> tuple[Days, Days, Bools]:
    """Return the latest listing of every pair that began by a day, or else its first.

    Lists are sorted by their first day.
    """
    begun, ended = (np.full(size, "NaT", "datetime64[D]") for _ in range(2))
    must = np.zeros(size, bool)
    start, end = (lists[name].astype("datetime64[D]") for name in ("listed_from", "listed_to"))
    core = np.array([bool(value) for value in lists["must_stock"]], bool)
    later = np.flatnonzero(start > day)[::-1]
    # Those to come first, the earliest last, so that any that has begun goes over them.
    for at in (later, np.flatnonzero(start <= day)):
        begun[pair[at]], ended[pair[at]], must[pair[at]] = start[at], end[at], core[at]
    return begun, ended, must


def _margin_grid(margins: list[dict[str, Any]], names: ListingNames, day: np.datetime64) -> Floats:
    """Return margins in force on a day by retailer and item, (R, J)."""
    shape = names.retailers.size, names.items.size
    retailer, item = (code.ravel() for code in np.indices(shape))
    found = margins_in_force(margins, (names.items, item), (names.retailers, retailer), day)
    return found.reshape(shape)


def _profiled(profile: Columns, names: ListingNames) -> AssortmentProfile:
    stores, items = names.stores, names.items
    known = np.isin(profile["store_id"].astype(np.str_), stores)
    store = np.searchsorted(stores, profile["store_id"][known].astype(np.str_))
    found, code = coded(profile["product_id"][known])
    place = np.searchsorted(items, found)
    own = items[np.minimum(place, items.size - 1)] == found
    item = np.where(own, place, items.size + np.arange(found.size))[code]
    units = _numbers(profile["units"][known])
    return AssortmentProfile(store.astype(np.int64), item.astype(np.int64), units)
