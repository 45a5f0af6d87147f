"""One category, from the store to the effect of every promotion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.errors import BadInputError
from offtake.models.promotion.design import Design, PromotionSpec
from offtake.models.promotion.effects import Effects, Fitted, effects
from offtake.models.promotion.events import Events, find_events
from offtake.models.promotion.execution import Execution
from offtake.models.promotion.execution import execution as execution_of
from offtake.models.promotion.groups import brands_of_sets
from offtake.models.promotion.market import brand_of_items
from offtake.models.promotion.money import Money, money
from offtake.models.promotion.notes import Answered, notes
from offtake.models.promotion.pooling import Sober, sober
from offtake.models.promotion.response import Response, fit_response
from offtake.models.promotion.rows import Floats, PromotionRows, promotion_rows

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class PromotionFit:
    """All that is known of the promotions of one category.

    Parameters
    ----------
    rows
        What sold.
    design
        The regression.
    response
        As fitted, group by group.
    sober
        After partial pooling.
    events
        The promotions.
    execution
        Who did what was agreed.
    money
        Margins and costs.
    effects
        What every promotion did.
    notes
        What to beware of, in words.
    """

    rows: PromotionRows
    design: Design
    response: Response
    sober: Sober
    events: Events
    execution: Execution
    money: Money
    effects: Effects
    notes: tuple[str, ...]

    @property
    def covariance(self) -> Floats:
        """(K', K') of the parameters that effects depend on."""
        count = self.design.layout.effects
        return self.sober.covariance[:count, :count]


def fit_promotions(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: PromotionSpec | None = None,
    progress: Progress | None = None,
) -> PromotionFit:
    """Find what every promotion of a category did.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        What to fit.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    BadInputError
        When nothing of the category sold where promotions are known, no price is, or no item was
        promoted.

    Examples
    --------
    >>> from offtake.data.store import Store
    >>> with Store(":memory:") as store:  # doctest: +SKIP
    ...     fit = fit_promotions(store, store.tables(), "COFFEE")
    """
    tell = progress or (lambda _step, _share: None)
    tell(f"{category}: reading", 0)
    spec = spec or PromotionSpec()
    rows = promotion_rows(store, tables, category)
    events = find_events(rows)
    if not events.count:
        raise BadInputError(
            f"category: got {category!r}, in which no promotion was seen or planned; see: offtake "
            "measure promoted_share --by category"
        )
    found = money(store, tables, rows, events, margin_share=spec.margin_share)
    tell(f"{category}: responses", 10)
    design, response = fit_response(rows, spec)
    tell(f"{category}: partial pooling", 75)
    brands = brands_of_sets(design.group_of_item, brand_of_items(rows))
    pooled = sober(response, design.layout, brands, seed=spec.seed)
    tell(f"{category}: effects of {events.count} promotions", 85)
    execution = execution_of(rows, events, design, pooled.parameters, prior_sd=spec.selection_sd)
    fitted = Fitted(
        rows=rows,
        design=design,
        response=response,
        events=events,
        sober=pooled,
        margin=np.nan_to_num(found.margin),
        executed=execution.executed,
    )
    result = effects(fitted)
    beware = notes(store, tables, Answered(rows, response, events, found))
    tell(f"{category}: done", 100)
    return PromotionFit(rows, design, response, pooled, events, execution, found, result, beware)
