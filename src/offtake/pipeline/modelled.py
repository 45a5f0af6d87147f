"""Tables that a fitted model gives, with the words of their passports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offtake.errors import BadInputError
from offtake.models.extra import installed
from offtake.pipeline.question import Ground, fingerprint, loads_of, settled
from offtake.report.manifest import Gap
from offtake.units import Unit

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """One table of a model, with the words of its passport.

    Parameters
    ----------
    name
        Name of the table and of its passport.
    title, definition, formula, unit, caveat, additivity
        For the passport.
    """

    name: str
    title: str
    definition: str
    formula: str
    unit: Unit
    caveat: str = ""
    additivity: str = "estimates add up, their intervals do not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelled:
    """A model that a run may fit.

    Parameters
    ----------
    name
        Of the model, as the view names it.
    needs
        Contracts without which there is nothing to fit.
    reads
        Contracts that the answer depends on.
    tables
        What comes out.
    fit
        From the store to the tables by name.
    """

    name: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    tables: tuple[ModelTable, ...]
    fit: Callable[[Ground, Progress], Mapping[str, pa.Table]]

    def print_of(self, ground: Ground, table: ModelTable) -> str:
        """Return the fingerprint of a table: of the question, the loads and the code."""
        frame = ground.framed.frame
        asked = [self.name, table.name, frame.category]
        return fingerprint(asked, loads_of(ground.loads, self.reads))

    def gaps(self, ground: Ground) -> list[Gap]:
        """Return why the model cannot be fitted here, table by table; empty where it can."""
        lacking = tuple(name for name in self.needs if name not in ground.tables.filled)
        if lacking:
            words = f"the {self.name} model needs {', '.join(lacking)}"
            return self.all_missing(words, lacking)
        if not installed():
            return self.all_missing("models are not installed: pip install 'offtake[models]'")
        return []

    def all_missing(self, reason: str, load: tuple[str, ...] = ()) -> list[Gap]:
        """Return a gap for every table."""
        return [
            Gap(name=each.name, measure=each.name, title=each.title, reason=reason, load=load)
            for each in self.tables
        ]


def _fit_promotions(ground: Ground, progress: Progress) -> Mapping[str, pa.Table]:
    from offtake.models.promotion.fit import fit_promotions
    from offtake.models.promotion.tables import promotion_tables

    category = ground.framed.frame.category
    fit = fit_promotions(ground.store, ground.tables, category, progress=progress)
    return {name: settled(table) for name, table in promotion_tables(fit).items()}


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
    ),
)


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

MODELS: tuple[Modelled, ...] = (PROMOTION, AVAILABILITY)
"""All models that a run may fit; the next one goes here."""


def chosen(names: tuple[str, ...]) -> tuple[Modelled, ...]:
    """Return the models with these names.

    Raises
    ------
    BadInputError
        When there is no such model.
    """
    known = {each.name: each for each in MODELS}
    for name in names:
        if name not in known:
            raise BadInputError(f"models: got {name!r}, allowed: {', '.join(known)}")
    return tuple(known[name] for name in names)
