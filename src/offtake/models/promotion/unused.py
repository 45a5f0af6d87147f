"""What is loaded about promotions and yet is in no answer, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offtake.models.promotion.money import EVERYWHERE

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables
    from offtake.models.promotion.fit import PromotionFit

NAMED = 5
"""Most names that a sentence lists."""


def unused(store: Store, tables: Tables, fit: PromotionFit) -> tuple[str, ...]:
    """Say which promotions, costs and margins the answers of a category leave out.

    Parameters
    ----------
    store, tables
        Where they are read from.
    fit
        The category.
    """
    promotion, product = tables["promotion"], tables["product"]
    here = product.filter(product.category == fit.rows.category)
    ours = promotion.semi_join(here, "product_id")
    cost, margin, places = tables["promotion_cost"], tables["unit_margin"], tables["store"]
    unknown = cost.anti_join(promotion, "promotion_id").promotion_id
    known = {part for name in fit.events.names for part in (name, *name.split("+"))}
    retailers = {*_texts(store, places.retailer), EVERYWHERE}
    found = (
        (_texts(store, ours.promotion_id) - known,
         "promotions outside what sold are left out (item not sold there, or no sales that week)"),
        (_texts(store, unknown), "costs are of promotions that no promotion row names"),
        (_texts(store, margin.retailer) - retailers,
         "retailers have margins and no store in the store list"),
    )  # fmt: skip
    return tuple(f"{len(names):,} {words}: {_listed(names)}." for names, words in found if names)


def _texts(store: Store, column: object) -> set[str]:
    values = store.run(column.name("x").as_table().distinct())["x"].to_pylist()  # type: ignore[attr-defined]  # an Ibis column
    return {str(value) for value in values if value}


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - NAMED:,} more" if len(ordered) > NAMED else ""
    return ", ".join(ordered[:NAMED]) + more
