"""One category of the panel as arrays, with shelf prices imputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.models.kernels.shelf_price import price_elsewhere, shelf_price
from offtake.models.panel import panel

if TYPE_CHECKING:
    import ibis.expr.types as ir

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

WHOLE_WEEK = 0.5


@dataclass(frozen=True, slots=True)
class CategoryRows:
    """Rows of the panel: every array (N,) unless said otherwise.

    Parameters
    ----------
    units
        Units sold.
    price, regular
        Shelf price and regular price, imputed where nothing sold.
    price_elsewhere, regular_elsewhere
        The same in other stores in the same week, for rows with and without sales alike; NaN
        where no other store sold the item.
    origin
        Where the price is from, as in ``shelf_price``.
    display, feature
        Support.
    item, store, pair, week
        Codes 0, 1, ...; weeks are whole weeks since the first Monday.
    mondays
        (W,) Monday of every week code.
    inside
        Whether the week lies strictly between the first and the last sale of the pair.
    manufacturer
        (items,) code of the manufacturer of every item.
    """

    units: Floats
    price: Floats
    regular: Floats
    price_elsewhere: Floats
    regular_elsewhere: Floats
    origin: Integers
    display: Bools
    feature: Bools
    item: Integers
    store: Integers
    pair: Integers
    week: Integers
    mondays: Days
    inside: Bools
    manufacturer: Integers


def whole_weeks(store: Store, tables: Tables) -> Days:
    """Return the Mondays of weeks that are loaded in full, by the units sold in them.

    Returns
    -------
    ndarray
        (W,) sorted; weeks with less than half the units of the median week are left out.
    """
    sales = tables["sales"]
    totals = store.run(sales.group_by("week").aggregate(units=sales.units.sum()))
    units = totals["units"].to_numpy()
    mondays: Days = totals["week"].to_numpy()[units >= WHOLE_WEEK * np.median(units)]
    return np.sort(mondays)


def category_rows(store: Store, tables: Tables, category: str, weeks: Days) -> CategoryRows:
    """Return the panel of one category in whole weeks.

    Parameters
    ----------
    store, tables
        Where it is read from.
    category
        As the product table calls it.
    weeks
        (W,) Mondays of whole weeks.
    """
    product = tables["product"]
    rows = panel(tables, where=[f"category={category}"])
    named = rows.left_join(_makers(product), rows.product_id == product.product_id)
    found = store.run(named.select(*rows.columns, "maker"))
    arrays = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    return _rows({name: each[np.isin(arrays["week"], weeks)] for name, each in arrays.items()})


def _makers(product: ir.Table) -> ir.Table:
    return product.select("product_id", maker=product.manufacturer.fill_null("unknown"))


def _rows(arrays: dict[str, NDArray[np.generic]]) -> CategoryRows:
    item_names, item = _coded(arrays["product_id"])
    _, store = _coded(arrays["store_id"])
    _, pair = np.unique(store * item_names.size + item, return_inverse=True)
    monday = arrays["week"].astype("datetime64[D]")
    week = ((monday - monday.min()).astype(np.int64)) // 7
    units = arrays["units"].astype(np.float64)
    # A price of zero is a free item of one household's deal, not a price on the shelf.
    sold = (units > 0) & (arrays["price"].astype(np.float64) > 0)
    seen = np.where(sold, arrays["price"], np.nan).astype(np.float64)
    seen_regular = np.where(sold, arrays["regular_price"], np.nan).astype(np.float64)
    shelf = shelf_price(seen, item, week)
    _, maker = _coded(arrays["maker"])
    manufacturer = np.zeros(item_names.size, np.int64)
    manufacturer[item] = maker
    return CategoryRows(
        units=units,
        price=shelf.price,
        regular=shelf_price(seen_regular, item, week).price,
        price_elsewhere=price_elsewhere(seen, item, week),
        regular_elsewhere=price_elsewhere(seen_regular, item, week),
        origin=shelf.origin,
        display=arrays["display"].astype(bool),
        feature=arrays["feature"].astype(bool),
        item=item,
        store=store,
        pair=pair,
        week=week,
        mondays=monday.min() + 7 * np.arange(int(week.max()) + 1),
        inside=_inside(pair, week),
        manufacturer=manufacturer,
    )


def _coded(names: NDArray[np.generic]) -> tuple[NDArray[np.str_], Integers]:
    return np.unique(names.astype(np.str_), return_inverse=True)


def _inside(pair: Integers, week: Integers) -> Bools:
    first = np.full(int(pair.max()) + 1, np.iinfo(np.int64).max)
    last = np.full(first.size, -1)
    np.minimum.at(first, pair, week)
    np.maximum.at(last, pair, week)
    inside: Bools = (week > first[pair]) & (week < last[pair])
    return inside
