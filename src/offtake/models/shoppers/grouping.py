"""What counts as a brand where nothing is said: brands, or manufacturers where brands say less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from offtake.measures.ask import ask
from offtake.measures.scope import Filter

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

Grouping = Literal["brand", "manufacturer"]


def grouping_of(store: Store, tables: Tables, category: str) -> Grouping:
    """Return the finer of two groupings of a category's items: brands, or manufacturers.

    Some sources name as a brand only whether an item is the retailer's own; then manufacturers are
    what is compared.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    """
    if "basket_line" not in tables.filled or "product" not in tables.filled:
        return "brand"
    where = (Filter("category", (category,)),)
    brands, makers = (
        store.run(ask(tables, "buyers", by=(name,), where=where)).num_rows
        for name in ("brand", "manufacturer")
    )
    return "brand" if brands >= makers else "manufacturer"
