"""One category of a store as the arrays of a promotion regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.models.kernels.shelf_price import shelf_price
from offtake.models.names import joint
from offtake.models.panel import ROW, Support, panel

if TYPE_CHECKING:
    import ibis.expr.types as ir

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RESPONSES = (
    "elasticity_regular",
    "elasticity_promoted",
    "display",
    "feature",
    "display_feature",
)
DAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class PromotionRows:
    """N store-item-weeks in which the item was listed, sold or not; sorted by store, item, week.

    Parameters
    ----------
    units
        (N,) units sold, 0 where nothing was.
    x
        (N, 5) in the order of `RESPONSES`: log regular price, log of what is left of it after the
        price cut, share of the week on display, feature, and the product of the last two.
    store, item, brand, pair
        (N,) codes 0, 1, ...; a pair is a store and an item.
    week
        (N,) whole weeks since the first.
    """

    units: Floats
    x: Floats
    store: Integers
    item: Integers
    brand: Integers
    pair: Integers
    week: Integers


def promotion_rows(
    store: Store, tables: Tables, category: str, *, support: Support = "observed"
) -> PromotionRows:
    """Return the listed weeks of every pair of a category that sold at all.

    The regular price is the retailer's: where the store sold nothing it is that of the retailer's
    other stores in the week, or in the nearest week in which one of them sold the item.

    Parameters
    ----------
    store, tables
        Where they are read from.
    category
        As the product table calls it.
    support
        Promotions as seen, or as planned.
    """
    rows = panel(
        tables, where=[f"category={category}"], min_units=1.0, weeks="listed", support=support
    )
    found = store.run(_with_names(rows, tables).order_by(list(ROW)))
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    return _rows(columns)


def _with_names(rows: ir.Table, tables: Tables) -> ir.Table:
    products = tables["product"].select("product_id", maker="brand")
    stores = tables["store"].select("store_id", chain="retailer")
    named = rows.left_join(products, "product_id").left_join(stores, "store_id")
    return named.select(*rows.columns, "maker", "chain")


def _rows(columns: dict[str, NDArray[Any]]) -> PromotionRows:
    store, item, chain = (codes(columns[n]) for n in ("store_id", "product_id", "chain"))
    monday = columns["week"].astype("datetime64[D]")
    week = (monday - monday.min()).astype(np.int64) // DAYS
    units = columns["units"].astype(np.float64)
    seen = np.where(units > 0, columns["regular_price"].astype(np.float64), np.nan)
    regular = shelf_price(seen, joint(chain, item), week).price
    display = np.nan_to_num(columns["display_days"].astype(np.float64)) / DAYS
    feature = columns["feature"].astype(np.float64)
    # Where no promotion row says otherwise the item was at its regular price.
    cut = np.nan_to_num(columns["discount"].astype(np.float64)) / 100
    x = np.column_stack([np.log(regular), np.log1p(-cut), display, feature, display * feature])
    return PromotionRows(
        units, x, store, item, codes(columns["maker"]), joint(store, item), week
    )  # fmt: skip


def codes(names: NDArray[Any]) -> Integers:
    """Return a code 0, 1, ... for every name, in the order of the names, (N,).

    Examples
    --------
    >>> codes(np.array(["b", "a", "b"])).tolist()
    [1, 0, 1]
    """
    found: Integers = np.unique(names.astype(np.str_), return_inverse=True)[1]
    return found
