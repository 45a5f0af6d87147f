"""The availability model as a part of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from offtake.pipeline.modelled import Modelled, ModelTable, Progress
from offtake.pipeline.question import Ground, settled

if TYPE_CHECKING:
    import pyarrow as pa


def _fit_availability(ground: Ground, progress: Progress) -> Mapping[str, pa.Table]:
    from offtake.models.availability.answer import availability_answer

    category = ground.framed.frame.category
    found = availability_answer(ground.store, ground.tables, category, progress=progress)
    return {name: settled(table) for name, table in found.items()}


AVAILABILITY = Modelled(
    name="availability",
    needs=("sales", "product", "store"),
    reads=(
        "sales",
        "product",
        "store",
        "promotion",
        "distribution_list",
        "stock",
        "visit",
        "audit_line",
        "unit_margin",
        "stockout_response",
    ),
    fit=_fit_availability,
    tables=(
        ModelTable(
            name="availability_alerts",
            title="Empty and low shelves",
            definition="Where an item that sells was likely missing or nearly so, since when, how "
            "sure that is, and what it cost.",
            formula="chance of an empty shelf given sales, stock records and visits; lost units = "
            "expected units - units sold",
            unit="units",
            caveat="Short gaps within a day or a week do not show in sales; listed alarms hold a "
            "stated share of false ones",
        ),
        ModelTable(
            name="availability_totals",
            title="Availability and lost sales",
            definition="Share of demand that found the item, alarms, and lost sales of the "
            "category by manufacturer, brand, item, retailer, region, territory and store.",
            formula="availability = 1 - demand that missed the item / demand; lost to brand and "
            "retailer: less what shoppers buy instead or later, an assumption",
            unit="percent",
        ),
        ModelTable(
            name="availability_weeks",
            title="Availability and lost sales by week",
            definition="Share of demand that found the item, alarms that began, and lost sales of "
            "the category and of each manufacturer, week by week.",
            formula="as in the totals",
            unit="percent",
        ),
        ModelTable(
            name="availability_causes",
            title="Why shelves were empty",
            definition="Alarms and lost sales by the cause guessed from what stands beside them, "
            "for the category and by brand, item, retailer and territory.",
            formula="gone for good; many stores at once; record says it is there; on promotion; "
            "else the store",
            unit="units",
            caveat="A guess for a person to look at",
        ),
        ModelTable(
            name="availability_gaps",
            title="Gaps: where it should be and does not sell",
            definition="Stores in which an item is listed or similar stores sell it, and it does "
            "not: how likely it is missing, what it would sell, what a visit may win back.",
            formula="recoverable = probability x expected units x margin (or price) x share of "
            "gaps that a visit closes x share that the brand keeps",
            unit="money",
            caveat="Closing shares are assumptions; gaps with a known margin come first",
        ),
        ModelTable(
            name="availability_opportunities",
            title="What a visit is worth",
            definition="Gaps and shelves that are empty now in one list: what to see to in which "
            "store, how likely it is there to be seen to, what a visit or call may win back.",
            formula="recoverable = units missed if nobody acts x margin (or price) x share of such "
            "cases that a visit closes x share that the brand keeps",
            unit="money",
            caveat="Closing shares are assumptions; what has a known margin comes first",
        ),
        ModelTable(
            name="availability_builds",
            title="How the distribution of new items builds up",
            definition="Stores that sell each new item week by week since its launch, beside the "
            "distribution list.",
            formula="numeric and weighted distribution by stores that sold it within four weeks",
            unit="percent",
            caveat="The plan is the distribution list; without one there is none",
        ),
        ModelTable(
            name="availability_delistings",
            title="Items that stopped for good, with the date",
            definition="Where sales of an item have ended, in a store or in most stores of a "
            "retailer, with the week and how sure it is.",
            formula="chance that a run of weeks without sales is the end, given the rate before",
            unit="percent",
        ),
        ModelTable(
            name="availability_notes",
            title="What availability rests on",
            definition="What is known of the shelves of the category, and what to beware of.",
            formula="in words",
            unit="count",
        ),
    ),
)
