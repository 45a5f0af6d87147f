"""``offtake fit availability``: which shelves are empty, and what that costs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    PageOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_shown, progress_bar, say, write_page, write_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from offtake.data.layout import Schema
    from offtake.models.availability.specification import AvailabilitySpec
    from offtake.units import Unit


class AvailabilityBy(StrEnum):
    """What is printed: alarms, visits or gaps one by one, new and ended items, causes, or sums."""

    alarm = "alarm"
    visit = "visit"
    gap = "gap"
    new_item = "new-item"
    delisting = "delisting"
    cause = "cause"
    week = "week"
    category = "category"
    manufacturer = "manufacturer"
    brand = "brand"
    item = "item"
    retailer = "retailer"
    region = "region"
    territory = "territory"
    store = "store"


LISTINGS = (AvailabilityBy.gap, AvailabilityBy.new_item, AvailabilityBy.delisting)
"""What is told without watching shelves."""
Shown = dict[str, tuple[str, "Unit | None"]]
LOST: Shown = {
    "lost": ("lost_units", "units"),
    "from": ("lost_units_low", "units"),
    "to": ("lost_units_high", "units"),
    "value": ("lost_value", "money"),
}
ALARMS: Shown = {
    "store": ("store_id", None),
    "item": ("product_id", None),
    "retailer": ("retailer", None),
    "since": ("first_day", None),
    "days": ("days", "count"),
    "shelf": ("kind", None),
    "sure": ("probability", "percent"),
    "record": ("on_hand", "units"),
    "guess": ("cause", None),
    **LOST,
}
GAPS: Shown = {
    "store": ("store_id", None),
    "item": ("product_id", None),
    "retailer": ("retailer", None),
    "reason": ("reason", None),
    "sure": ("probability", "percent"),
    "similar": ("similar_stores_selling", "percent"),
    "a week": ("units", "units"),
    "from": ("units_low", "units"),
    "to": ("units_high", "units"),
    "win back": ("recoverable_over_horizon", "money"),
    "visit": ("recoverable_per_visit", "money"),
    "at": ("valued_at", None),
}
VISITS: Shown = {
    "store": ("store_id", None),
    "retailer": ("retailer", None),
    "visit": ("recoverable_per_visit", "money"),
    "item": ("product_id", None),
    "reason": ("reason", None),
    "since": ("since", None),
    "sure": ("probability", "percent"),
    "a week": ("units", "units"),
    "win back": ("recoverable", "money"),
    "at": ("valued_at", None),
}
NEW: Shown = {
    "item": ("product_id", None),
    "retailer": ("retailer", None),
    "launched": ("launched", None),
    "week": ("weeks_since_launch", "count"),
    "listed": ("stores_listed", "count"),
    "selling": ("stores_selling", "count"),
    "numeric": ("numeric_distribution", "percent"),
    "weighted": ("weighted_distribution_category", "percent"),
    "behind": ("points_behind_plan", "points"),
}
ENDED: Shown = {
    "item": ("product_id", None),
    "retailer": ("retailer", None),
    "store": ("store_id", None),
    "stopped": ("stopped", None),
    "from": ("stopped_low", None),
    "to": ("stopped_high", None),
    "sure": ("probability", "percent"),
    "stores": ("stores_before", "count"),
    "a week": ("units", "units"),
}
CAUSES: Shown = {
    "cause": ("cause", None),
    "alarms": ("alarms", "count"),
    "ongoing": ("ongoing", "count"),
    **LOST,
}
SUMS: Shown = {
    "name": ("name", None),
    "there": ("availability", "percent"),
    "alarms": ("alarms", "count"),
    "ongoing": ("ongoing", "count"),
    **LOST,
    "brand": ("lost_to_brand", "money"),
    "retailer": ("lost_to_retailer", "money"),
}
WEEKS: Shown = {"week": ("week", None), **{k: v for k, v in SUMS.items() if k != "name"}}
READ_ALARMS = (
    "Alarms: sure is the chance that the shelf was empty or low at all; record is the last stock "
    "record; lost units with the ends of their 80 % interval"
)
READ_GAPS = (
    "Gaps: sure is the chance that it is not there and should be; similar: share of similar stores "
    "that sell it; units a week it would sell, with an 80 % interval; win back: over a quarter, by "
    "this gap and by all of the store's"
)
READ_VISITS = (
    "What to see to, the best visit first: sure is the chance that there is something to see to; "
    "units a week the item sells there; win back: over a quarter, and by the whole visit"
)
READ_NEW = "New items, latest week: stores listed and selling, distribution, points behind the list"
READ_ENDED = "Items that stopped for good: first week without, with an 80 % interval"
READ_CAUSES = "Alarms and lost units by guessed cause, with the ends of their 80 % interval"
READ_SUMS = (
    "There: share of demand that found the item; lost units with the ends of their 80 % interval; "
    "brand and retailer: value lost less what shoppers buy instead or later"
)

Rows = list[dict[str, Any]]


def _latest(rows: Rows) -> Rows:
    from offtake.report.availability import latest_builds

    return latest_builds(rows)


def _by_visit(rows: Rows) -> Rows:
    from offtake.report.availability import best_visits

    return best_visits(rows)


ONE_BY_ONE: dict[AvailabilityBy, tuple[str, Callable[[Rows], Rows], Shown, str]] = {
    AvailabilityBy.visit: ("availability_opportunities", _by_visit, VISITS, READ_VISITS),
    AvailabilityBy.gap: ("availability_gaps", list, GAPS, READ_GAPS),
    AvailabilityBy.new_item: ("availability_builds", _latest, NEW, READ_NEW),
    AvailabilityBy.delisting: (
        "availability_delistings",
        lambda rows: sorted(rows, key=lambda row: row["scope"]),
        ENDED,
        READ_ENDED,
    ),
}
"""Tables that are printed as they are: their order, what is shown, how to read it."""


def availability(
    *,
    category: Annotated[str, typer.Option(help="The category to look at.")],
    by: Annotated[
        AvailabilityBy,
        typer.Option(help="Print alarms, gaps, new or ended items one by one, causes, or sums."),
    ] = AvailabilityBy.alarm,
    manufacturer: Annotated[
        str | None, typer.Option(help="Print what is of this manufacturer only.")
    ] = None,
    past: Annotated[
        bool, typer.Option("--past", help="Print alarms that are over as well.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Print so many.")] = 20,
    false_alarms: Annotated[
        float, typer.Option(help="Share of the alarms that may be false, expected.")
    ] = 0.2,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write all tables as Parquet files to this folder."),
    ] = None,
    page: PageOption = None,
    seed: Annotated[int, typer.Option(help="Of the draws of lost sales.")] = 0,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Say which shelves of a category are empty or low, since when, and what that costs."""
    from offtake.models.availability.specification import AvailabilitySpec
    from offtake.report.answer import Answer, parts_outside
    from offtake.report.availability import render_availability

    spec = AvailabilitySpec(false_alarms=false_alarms, seed=seed)
    # Gaps and listings need no shelves that sell fast enough to be watched.
    shelves = by not in LISTINGS or out is not None or page is not None
    found, label = _answer(store, schema_for(simulated=simulated), category, spec, shelves=shelves)
    # What cannot be shown is refused before anything is written.
    rows, shown, read = _chosen(found, by, manufacturer, past=past)
    if out is not None:
        write_tables(found, label, out)
    if page is not None:
        parts = parts_outside(found, category=category, manufacturer=manufacturer, label=label)
        write_page(page, render_availability(Answer(**parts)))
    title = f"{category}. {read}"
    print_shown(rows, shown, form, title=title, label=label, limit=limit)
    if "availability_notes" in found:
        for note in found["availability_notes"]["note"].to_pylist():
            say(note)


def _answer(
    store: Path, schema: Schema, category: str, spec: AvailabilitySpec, *, shelves: bool
) -> tuple[dict[str, pa.Table], str]:
    """All tables of a category, and what a store of simulated figures is called."""
    from offtake.data.store import Store
    from offtake.models.availability.answer import availability_answer

    with Store(store, schema, read_only=True) as opened, progress_bar("fit") as bar:
        tables = opened.tables()
        found = availability_answer(
            opened, tables, category, spec=spec, shelves=shelves, progress=bar
        )
    return found, tables.label


def _chosen(
    found: Mapping[str, pa.Table], by: AvailabilityBy, manufacturer: str | None, *, past: bool
) -> tuple[Rows, Shown, str]:
    from offtake.errors import UnknownNameError
    from offtake.models.availability.groupings import EVERYBODY

    makers = {
        maker
        for table in found.values()
        if "manufacturer" in table.column_names
        for maker in table["manufacturer"].unique().to_pylist()
    }
    if manufacturer is not None and manufacturer not in makers:
        raise UnknownNameError("manufacturer", manufacturer, makers - {EVERYBODY})

    def ours(rows: Rows) -> Rows:
        return [row for row in rows if manufacturer in (None, row["manufacturer"])]

    if by is AvailabilityBy.alarm:
        rows = ours(found["availability_alerts"].to_pylist())
        listed = [row for row in rows if row["listed"] and (past or row["ongoing"])]
        return listed, ALARMS, READ_ALARMS
    if by in ONE_BY_ONE:
        name, order, shown, read = ONE_BY_ONE[by]
        return order(ours(found[name].to_pylist())), shown, read
    whose = EVERYBODY if manufacturer is None else manufacturer
    if by is AvailabilityBy.week:
        rows = found["availability_weeks"].to_pylist()
        ours_by_week = [row for row in rows if row["manufacturer"] == whose]
        return sorted(ours_by_week, key=lambda row: row["week"], reverse=True), WEEKS, READ_SUMS
    name, table, shown, read = "availability_totals", by.value, SUMS, READ_SUMS
    if by is AvailabilityBy.cause:
        name, table, shown, read = "availability_causes", "category", CAUSES, READ_CAUSES
    rows = [
        row
        for row in found[name].to_pylist()
        if (row["dimension"], row["manufacturer"]) == (table, whose)
    ]
    return sorted(rows, key=lambda row: -row["lost_units"]), shown, read
