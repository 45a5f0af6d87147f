"""``offtake fit availability``: which shelves are empty, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_records, progress_bar, say, write_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from offtake.units import Unit


class AvailabilityBy(StrEnum):
    """What is printed: alarms one by one, guessed causes, or sums."""

    alarm = "alarm"
    cause = "cause"
    category = "category"
    manufacturer = "manufacturer"
    brand = "brand"
    item = "item"
    retailer = "retailer"
    region = "region"
    territory = "territory"
    store = "store"


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
CAUSES: Shown = {
    "of": ("manufacturer", None),
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
READ_ALARMS = (
    "Alarms: sure is the chance that the shelf was empty or low at all; record is the last stock "
    "record; lost units with the ends of their 80 % interval"
)
READ_SUMS = (
    "There: share of demand that found the item; lost units with the ends of their 80 % interval; "
    "brand and retailer: value lost less what shoppers buy instead or later"
)


def availability(
    *,
    category: Annotated[str, typer.Option(help="The category to look at.")],
    by: Annotated[
        AvailabilityBy, typer.Option(help="Print alarms one by one, their causes, or sums.")
    ] = AvailabilityBy.alarm,
    manufacturer: Annotated[
        str | None, typer.Option(help="Print what is of this manufacturer only.")
    ] = None,
    past: Annotated[
        bool, typer.Option("--past", help="Print alarms that are over as well.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, help="Print so many, the largest losses first.")
    ] = 20,
    false_alarms: Annotated[
        float, typer.Option(help="Share of the alarms that may be false, expected.")
    ] = 0.2,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write all tables as Parquet files to this folder."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write the page of all shelves to this file.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws of lost sales.")] = 0,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Say which shelves of a category are empty or low, since when, and what that costs."""
    from offtake.data.store import Store
    from offtake.models.availability.fit import fit_availability, notes
    from offtake.models.availability.specification import AvailabilitySpec
    from offtake.models.availability.tables import availability_tables

    spec = AvailabilitySpec(false_alarms=false_alarms, seed=seed)
    schema = schema_for(simulated=simulated)
    with Store(store, schema, read_only=True) as opened, progress_bar("fit") as bar:
        tables = opened.tables()
        fit = fit_availability(opened, tables, category, spec=spec, progress=bar)
    found = availability_tables(fit)
    # What cannot be shown is refused before anything is written.
    rows, shown, read = _chosen(found, by, manufacturer, past=past)
    if out is not None:
        write_tables(found, tables.label, out)
    if page is not None:
        _write_page(found, page, (category, manufacturer or "", tables.label))
    if form is Format.table:
        title = "\n".join(filter(None, (tables.label, f"{category}. {read}")))
        _print(rows[:limit], shown, title)
        if len(rows) > limit:
            say(f"The first {limit} of {len(rows):,}; --limit shows more, --format csv all.")
    else:
        more = {"label": tables.label} if tables.label else {}
        print_records([*rows[0], *more] if rows else [], [row | more for row in rows], form)
    for note in notes(fit):
        say(note)


def _chosen(
    found: Mapping[str, pa.Table], by: AvailabilityBy, manufacturer: str | None, *, past: bool
) -> tuple[list[dict[str, Any]], Shown, str]:
    from offtake.errors import UnknownNameError
    from offtake.models.availability.tables import EVERYBODY

    totals = found["availability_totals"].to_pylist()
    makers = {row["manufacturer"] for row in totals}
    if manufacturer is not None and manufacturer not in makers:
        raise UnknownNameError("manufacturer", manufacturer, makers - {EVERYBODY})

    def ours(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if manufacturer in (None, row["manufacturer"])]

    if by is AvailabilityBy.alarm:
        rows = ours(found["availability_alerts"].to_pylist())
        listed = [row for row in rows if row["listed"] and (past or row["ongoing"])]
        return listed, ALARMS, READ_ALARMS
    if by is AvailabilityBy.cause:
        rows = ours(found["availability_causes"].to_pylist())
        return sorted(rows, key=lambda row: -row["lost_units"]), CAUSES, READ_ALARMS
    whose = EVERYBODY if manufacturer is None else manufacturer
    rows = [row for row in totals if (row["dimension"], row["manufacturer"]) == (by.value, whose)]
    return sorted(rows, key=lambda row: -row["lost_units"]), SUMS, READ_SUMS


def _print(rows: list[dict[str, Any]], shown: Shown, title: str) -> None:
    print_records(
        list(shown),
        [{head: row[column] for head, (column, _) in shown.items()} for row in rows],
        Format.table,
        title=title,
        units={head: unit for head, (_, unit) in shown.items() if unit is not None},
    )


def _write_page(found: Mapping[str, pa.Table], path: Path, about: tuple[str, str, str]) -> None:
    from offtake.report.answer import Answer
    from offtake.report.availability import render_availability

    category, manufacturer, label = about
    answer = Answer(
        tables={name: table.to_pylist() for name, table in found.items()},
        category=category,
        manufacturer=manufacturer,
        currency="",
        simulated=label,
        source="",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id="",
    )
    part = path.with_name(f".{path.name}.part")
    part.write_text(render_availability(answer), encoding="utf-8")
    part.replace(path)
    say(f"Wrote {path}")
