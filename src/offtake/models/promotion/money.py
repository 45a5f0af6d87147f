"""What promotions cost and units earn, brought to rows and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.margins import COLUMNS, margins_in_force
from offtake.models.names import coded
from offtake.models.promotion.events import Events
from offtake.models.promotion.rows import Bools, Floats, PromotionRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offtake.data.store import Store, Tables


@dataclass(frozen=True, slots=True)
class Money:
    """Margins of N rows and costs of E events.

    Parameters
    ----------
    margin
        (N,) money per unit at regular terms; NaN where not known.
    fixed
        (E,) money for the whole promotion; NaN where not known.
    per_unit
        (E,) money for each unit sold on it.
    assumed
        Share of the regular price taken for the margin where the data have none; NaN where nothing
        was assumed.
    """

    margin: Floats
    fixed: Floats
    per_unit: Floats
    assumed: float

    @property
    def known(self) -> Bools:
        """(N,) rows with a margin."""
        return np.isfinite(self.margin)


def money(
    store: Store,
    tables: Tables,
    rows: PromotionRows,
    events: Events,
    *,
    margin_share: float | None = None,
) -> Money:
    """Find the margin of every row and the cost of every event.

    Parameters
    ----------
    store, tables
        Where they are read from.
    rows, events
        What they are found for.
    margin_share
        Margin as a share of the regular price, for rows without one in the data.
    """
    margin = _margins(store, tables, rows)
    if margin_share is not None:
        margin = np.where(np.isnan(margin), margin_share * rows.regular, margin)
    fixed, per_unit = _costs(store, tables, events)
    return Money(margin, fixed, per_unit, np.nan if margin_share is None else margin_share)


def _margins(store: Store, tables: Tables, rows: PromotionRows) -> Floats:
    """Return the margin in force in every row."""
    table = tables["unit_margin"]
    wanted = table.filter(table.product_id.isin(rows.names.items.tolist()))
    found = store.run(wanted.select(*COLUMNS).order_by("valid_from"))
    retailers, retailer = coded(rows.names.retailers)
    return margins_in_force(
        found.to_pylist(), (rows.names.items, rows.item), (retailers, retailer[rows.store]),
        rows.monday,
    )  # fmt: skip


def _costs(store: Store, tables: Tables, events: Events) -> tuple[Floats, Floats]:
    found = store.run(tables["promotion_cost"])
    place = {name: number for number, name in enumerate(events.names)}
    fixed, per_unit = np.full(events.count, np.nan), np.zeros(events.count)
    columns: Sequence[str] = ("promotion_id", "fixed_cost", "cost_per_unit")
    for record in found.select(list(columns)).to_pylist():
        at = place.get(record["promotion_id"])
        if at is not None:
            fixed[at] = record["fixed_cost"]
            per_unit[at] = record["cost_per_unit"] or 0.0
    return fixed, per_unit
