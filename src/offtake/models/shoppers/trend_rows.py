"""Weekly shares from the store: of categories in all goods, of packs, brands and kinds in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, MissingContractError
from offtake.measures.dimensions import NOT_STATED
from offtake.models.names import Names, coded
from offtake.models.shoppers.trend_spec import TrendSpec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

DAYS = 7
SMALLER = "(all smaller ones)"
HALF = 0.5
"""A first or last week with less than this part of a usual week's sales is loaded in part."""
SOURCES = ("sales", "basket_line")


@dataclass(frozen=True, slots=True)
class Dimension:
    """Weekly amounts of N names that share one whole.

    Parameters
    ----------
    name
        What the names are: ``category``, ``pack_size``, ``brand`` ...
    measure
        ``value`` or ``units``: what is shared.
    names
        (N,) names.
    amounts
        (N, T) weekly amounts.
    """

    name: str
    measure: str
    names: Names
    amounts: Floats

    @property
    def shares(self) -> Floats:
        """(N, T) shares of the week; a week without sales shares alike among none: 0."""
        whole = self.amounts.sum(axis=0)
        found: Floats = np.divide(
            self.amounts, whole, out=np.zeros_like(self.amounts), where=whole > 0
        )
        return found


@dataclass(frozen=True, slots=True)
class TrendRows:
    """Weekly amounts of a category and of all categories.

    Parameters
    ----------
    category
        Its name.
    source
        ``sales`` or ``basket_line``: where the amounts come from.
    first_week
        Monday of the first whole week.
    weeks
        T, whole weeks.
    dropped
        First or last weeks that are left out, being loaded in part.
    dimensions
        What shares what.
    """

    category: str
    source: str
    first_week: np.datetime64
    weeks: int
    dropped: int
    dimensions: tuple[Dimension, ...]


def trend_rows(store: Store, tables: Tables, category: str, spec: TrendSpec) -> TrendRows:
    """Return the weekly amounts of a category and of all categories.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        What is asked.

    Raises
    ------
    MissingContractError
        When neither sales nor basket lines, or no products, are loaded.
    BadInputError
        When nothing of the category sold.
    """
    source = _source(tables, spec)
    of_all = _columns(store.run(_categories(tables, source)))
    of_items = _columns(store.run(_items(tables, source, category)))
    if not of_items["units"].size:
        raise BadInputError(
            f"category: got {category!r}, in which nothing sold; "
            "see: offtake measure sales_units --by category"
        )
    week = of_all["week"].astype("datetime64[D]")
    first, last = week.min(), week.max()
    weeks = int((last - first).astype(np.int64)) // DAYS + 1
    total = np.bincount(_place(week, first), of_all["value"], minlength=weeks).astype(np.float64)
    begin, end = _whole(total)
    kept = slice(begin, end)
    whole = (_dimension("category", "value", of_all["category"], of_all, (first, weeks)),)
    found = whole + tuple(
        _dimension(name, "units", values, of_items, (first, weeks))
        for name, values in _attributes(of_items).items()
    )
    return TrendRows(
        category=category,
        source=source,
        first_week=first + np.timedelta64(DAYS * begin, "D"),
        weeks=end - begin,
        dropped=weeks - (end - begin),
        dimensions=tuple(
            each
            for one in found
            if (each := _lumped(one, kept, spec.least)).names.size > 1
        ),
    )  # fmt: skip


def _source(tables: Tables, spec: TrendSpec) -> str:
    wanted = (spec.source,) if spec.source else SOURCES
    loaded = [name for name in wanted if name in tables.filled]
    if not loaded or "product" not in tables.filled:
        lacking = "product" if loaded else wanted[0]
        raise MissingContractError(
            f"trends need {' or '.join(wanted)}, and product; nothing has been loaded into "
            f"{lacking}. Load it with: offtake load FILE --as {lacking}"
        )
    return loaded[0]


def _sold(tables: Tables, source: str) -> ir.Table:
    """Return rows of goods with what the product table says of them."""
    rows, products = tables[source], tables["product"]
    rows = rows.select("product_id", "week", "units", amount=rows["value"].fill_null(0.0))
    products = products.filter(products.is_merchandise.fill_null(True))
    return rows.inner_join(products, "product_id")


def _categories(tables: Tables, source: str) -> ir.Table:
    sold = _sold(tables, source)
    return (
        sold.group_by(["week", "category"])
        .aggregate(units=sold.units.sum(), value=sold.amount.sum())
        .order_by(["week", "category"])
    )


def _items(tables: Tables, source: str, category: str) -> ir.Table:
    sold = _sold(tables, source)
    sold = sold.filter(sold.category == category)
    return (
        sold.group_by([
            "week", "product_id", "subcategory", "brand", "manufacturer", "pack_size",
            "pack_content", "pack_measure", "is_private_label",
        ])
        .aggregate(units=sold.units.sum(), value=sold.amount.sum())
        .order_by(["week", "product_id"])
    )  # fmt: skip


def _columns(table: pa.Table) -> Columns:
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def _place(week: NDArray[Any], first: np.datetime64) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (week.astype("datetime64[D]") - first).astype(np.int64) // DAYS
    return found


def _whole(total: Floats) -> tuple[int, int]:
    """Return the first whole week, and the first after the last one."""
    usual = float(np.median(total[total > 0])) if np.any(total > 0) else 0.0
    begin = int(total.size > 1 and total[0] < HALF * usual)
    end = total.size - int(total.size > 1 and total[-1] < HALF * usual)
    return begin, max(end, begin + 1)


def _attributes(items: Columns) -> Columns:
    """Return what is known of the item of every row, by name."""
    content, measure = items["pack_content"].astype(np.float64), items["pack_measure"]
    sizes = [
        printed if np.isnan(size) else f"{size:g} {unit or ''}".strip()
        for size, unit, printed in zip(content, measure, items["pack_size"], strict=True)
    ]
    own = [
        None if each is None else ("private label" if each else "manufacturers' brands")
        for each in items["is_private_label"].tolist()
    ]
    return {
        "subcategory": items["subcategory"],
        "brand": items["brand"],
        "manufacturer": items["manufacturer"],
        "pack_size": np.array(sizes, dtype=object),
        "private_label": np.array(own, dtype=object),
    }


def _dimension(
    name: str, measure: str, values: NDArray[Any], rows: Columns, span: tuple[np.datetime64, int]
) -> Dimension:
    first, weeks = span
    stated = np.array([NOT_STATED if each is None else each for each in values], dtype=object)
    names, code = coded(stated)
    key = code * weeks + _place(rows["week"], first)
    amount = np.maximum(rows[measure].astype(np.float64), 0.0)
    sums = np.bincount(key, amount, minlength=names.size * weeks)
    return Dimension(name, measure, names, sums.reshape(names.size, weeks).astype(np.float64))


def _lumped(found: Dimension, kept: slice, least: float) -> Dimension:
    """Return whole weeks, with names that sell too little for a trend put together."""
    amounts = found.amounts[:, kept]
    large = amounts.mean(axis=1) >= least
    rest = amounts[~large].sum(axis=0)
    names, rows = found.names[large], amounts[large]
    if rest.any():
        names, rows = np.append(names, SMALLER), np.vstack([rows, rest])
    return Dimension(found.name, found.measure, names, rows)
