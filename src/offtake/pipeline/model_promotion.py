"""The promotion model as a part of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from offtake.pipeline.model_planning import FORECAST_TABLES
from offtake.pipeline.modelled import Modelled, ModelTable, Progress
from offtake.pipeline.question import Ground, settled

if TYPE_CHECKING:
    import pyarrow as pa


def _fit_promotions(ground: Ground, progress: Progress) -> Mapping[str, pa.Table]:
    from offtake.models.promotion.fit import fit_promotions
    from offtake.models.promotion.forecast_tables import forecast_tables
    from offtake.models.promotion.tables import promotion_tables

    category = ground.framed.frame.category
    fit = fit_promotions(ground.store, ground.tables, category, progress=progress)
    found = {**promotion_tables(fit), **forecast_tables(fit)}
    return {name: settled(table) for name, table in found.items()}


PROMOTION = Modelled(
    name="promotion",
    needs=("sales", "product", "store", "promotion"),
    reads=(
        "sales",
        "product",
        "store",
        "promotion",
        "distribution_list",
        "stock",
        "promotion_cost",
        "unit_margin",
    ),
    fit=_fit_promotions,
    tables=(
        ModelTable(
            name="promotion_events",
            title="Promotions, one by one",
            definition="What every promotion of the category did: units with it less units "
            "without it, where they came from, what they earned and cost.",
            formula="incremental = units sold - units that would have sold without the promotion",
            unit="units",
            caveat="Estimates with 80 % intervals; promotions of one item err together, so "
            "intervals are not to be added up",
        ),
        ModelTable(
            name="promotion_totals",
            title="Promotions added up",
            definition="The same for all promotions of a manufacturer, brand, retailer, kind of "
            "support or quarter.",
            formula="sums over promotions; each sum has an interval of its own",
            unit="units",
        ),
        ModelTable(
            name="promotion_weeks",
            title="Promotions by week",
            definition="Units of the promoted items in all stores of the retailer, and what would "
            "have sold without the promotion.",
            formula="base = units x exp(-change of log demand by the promotion)",
            unit="units",
        ),
        ModelTable(
            name="promotion_stores",
            title="Promotions by store",
            definition="Where a promotion was agreed and executed, what it sold and added there.",
            formula="incremental by store; executed: a display stood where one was agreed, "
            "elsewhere any support",
            unit="units",
        ),
        ModelTable(
            name="promotion_responses",
            title="Responses by item",
            definition="How strongly each item answers to a price cut, a display, a leaflet.",
            formula="elasticity: d ln units / d ln promoted price; lifts: units with over units "
            "without the support, less one",
            unit="ratio",
            caveat="Items with little evidence are moved towards their brand and category",
        ),
        ModelTable(
            name="promotion_retailers",
            title="How retailers differ",
            definition="How much more or less strongly shoppers of a retailer answer than those of "
            "all retailers.",
            formula="elasticity at the retailer - mean; units with the support at the retailer / "
            "units with the same support at the mean of retailers - 1",
            unit="ratio",
            caveat="Retailers of which little is known are moved towards the mean",
        ),
        ModelTable(
            name="promotion_item_retailers",
            title="Responses by item and retailer",
            definition="How strongly each item answers at each retailer that sells it.",
            formula="response of the item + what the retailer adds",
            unit="ratio",
            caveat="Where an item was never promoted at a retailer, the retailer's other items "
            "speak for it",
        ),
        ModelTable(
            name="promotion_category",
            title="What the items of a category share",
            definition="Dips after a promotion, pulls on other items, elasticity to the regular "
            "price, and how stores that did not execute would have responded.",
            formula="shares of the log gain of the promoted item",
            unit="ratio",
        ),
        ModelTable(
            name="promotion_notes",
            title="What to beware of",
            definition="What weakens the answers of the category, and what is loaded and in none.",
            formula="in words",
            unit="count",
        ),
        *FORECAST_TABLES,
    ),
)
