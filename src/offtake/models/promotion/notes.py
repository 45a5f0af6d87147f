"""What weakens all answers of a category alike, and what is loaded and yet in none, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.data.ledger import waiting
from offtake.models.margins import EVERYWHERE
from offtake.models.names import UNNAMED
from offtake.models.promotion.events import Events
from offtake.models.promotion.money import Money
from offtake.models.promotion.response import Response
from offtake.models.promotion.rows import PromotionRows

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

NAMED = 5
"""Most names that a sentence lists."""


CONTRACTS = ("sales", "promotion", "promotion_cost", "unit_margin")
"""Whose rows change the answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a category's answers rest on: what sold, the fit, the promotions, the money."""

    rows: PromotionRows
    response: Response
    events: Events
    money: Money


def notes(store: Store, tables: Tables, known: Answered) -> tuple[str, ...]:
    """Say what to beware of, the gravest first.

    Parameters
    ----------
    store, tables
        Where everything is read from.
    known
        The category.
    """
    return (*_fitted(known), *_waiting(store), *_margins(known), *_unused(store, tables, known))


def _fitted(known: Answered) -> list[str]:
    found = []
    if not known.response.converged:
        found.append("The regression did not converge; take the figures as rough.")
    if known.rows.left_out:
        found.append(
            f"{known.rows.left_out:,} store-item-weeks are left out: off the shelf all week, no "
            "price known, or given away."
        )
    if not known.rows.has_plan:
        found.append(
            "No plan is loaded: as planned, where executed and if fully executed are the same."
        )
    if known.rows.cut_from == "derived":
        found.append("Price cuts are derived from prices paid, as no discounts are loaded.")
    return found


def _waiting(store: Store) -> list[str]:
    counts = waiting(store)
    some = {name: counts[name] for name in CONTRACTS if name in counts}
    if not some:
        return []
    rows = ", ".join(f"{count:,} of {name}" for name, count in some.items())
    return [
        f"Rows that were set aside on loading and are in no answer: {rows}; see: offtake set-aside."
    ]


def _margins(known: Answered) -> list[str]:
    """Say of which items of a maker with margins none is known: their losses count nothing."""
    rows, told = known.rows, np.zeros(known.rows.names.items.size, bool)
    told[rows.item[known.money.known]] = True
    makers = rows.names.makers
    without = ~told & np.isin(makers, makers[told]) & (makers != UNNAMED)
    if not without.any():
        return []
    return [
        f"{int(without.sum()):,} items without a margin beside others of their maker that have one "
        f"(what they lose to promotions counts nothing): {_listed(rows.names.items[without])}."
    ]


def _unused(store: Store, tables: Tables, known: Answered) -> tuple[str, ...]:
    promotion, product = tables["promotion"], tables["product"]
    here = product.filter(product.category == known.rows.category)
    ours = promotion.semi_join(here, "product_id")
    cost, margin, places = tables["promotion_cost"], tables["unit_margin"], tables["store"]
    # A cost that was taken back is one of 0.
    costs = cost.filter((cost.fixed_cost > 0) | (cost.cost_per_unit > 0))
    unknown = costs.anti_join(promotion, "promotion_id").promotion_id
    named = {part for name in known.events.names for part in (name, *name.split("+"))}
    retailers = {*_texts(store, places.retailer), EVERYWHERE}
    found = (
        (_texts(store, ours.promotion_id) - named,
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
    ordered = sorted(str(name) for name in names)
    more = f" and {len(ordered) - NAMED:,} more" if len(ordered) > NAMED else ""
    return ", ".join(ordered[:NAMED]) + more
