"""Promotions: the list that can be filtered, its sums, and the picture of one promotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from offtake.report.against import beside, grid_beside, tiles_beside
from offtake.report.exhibits import Exhibit
from offtake.report.figures import Grid, Heading, Shown, Tile
from offtake.report.promotion import missing
from offtake.report.promotion_answer import PromotionAnswer, answer_of
from offtake.report.promotion_grids import (
    Column,
    Listed,
    event_columns,
    headings,
    listing,
    responses,
    results,
    retailers,
    shown,
    three_results,
    tiles,
)
from offtake.report.promotion_picture import expanded, pictures
from offtake.report.promotion_words import VERDICTS, break_even, days, headline, retailer
from offtake_web.common.paging import paged
from offtake_web.dashboards.charts import filled
from offtake_web.dashboards.listing import Asked, Found, Rows, choices, find, sums
from offtake_web.dashboards.reading import Context, Reading, thing
from offtake_web.dashboards.scoped import EVENTS, ScopedRun
from offtake_web.dashboards.subjects.behind import charts_behind
from offtake_web.dashboards.subjects.drawn import drawn

LONG = ("promotion_weeks", "promotion_stores", "promotion_item_retailers")
CHOICES = ("retailer", "brand", "grade")
WISHES = {"item": "product_id", "lever": "levers"}
LEVERS = ("price cut", "display", "feature")
SUMMED = (
    Column("Incremental units", "incremental", "units", "incremental"),
    Column("Base", "base", "units", "base"),
    Column("From the brand's other items", "from_own_other_items", "units", "source"),
    Column("From competitors", "from_competitors", "units", "source"),
    Column("From other weeks", "from_other_weeks", "units", "source"),
    Column("Category growth", "category_growth", "units", "source"),
    Column("Incremental margin", "incremental_margin", "money", "incremental_margin"),
    Column("Cost", "cost", "money", "cost"),
)
"""What of promotions adds up; intervals do not, and are left out of sums."""


Pictures = Mapping[str, Any]
Drawing = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Head:
    """A heading that sorts."""

    heading: Heading
    column: str


def answer(run: ScopedRun) -> PromotionAnswer | None:
    """Return the promotions of a run without their weeks and stores, which are long."""
    found: PromotionAnswer | None = thing(run, "promotions", lambda: answer_of(run, without=LONG))
    return found


def asked(query: Mapping[str, str]) -> Asked:
    """Return what an address asks of the list."""
    where = {name: f"={query[name]}" for name in (*CHOICES, "verdict") if query.get(name)}
    where |= {column: query[name] for name, column in WISHES.items() if query.get(name)}
    if query.get("from"):
        where["last_week"] = f">={query['from']}"
    if query.get("to"):
        where["first_week"] = f"<={query['to']}"
    return Asked(where, query.get("sort") or "-incremental")


def events(reading: Reading) -> Found:
    """Return the promotions that an address asks for, ours unless it asks for all."""
    query = reading.request.GET
    return find(_of_whom(reading.run, query.get("whose", "")), asked(query))


def _of_whom(run: ScopedRun, whose: str) -> pa.Table:
    table = run.table(EVENTS)
    own = run.manifest.frame.manufacturer
    if whose == "all" or not own:
        return table
    return table.filter(pc.equal(table["manufacturer"], own))


def promotions(reading: Reading) -> Context:
    known = answer(reading.run)
    if known is None:
        return {"gone": True}
    found, query = events(reading), reading.request.GET
    table = _of_whom(reading.run, query.get("whose", ""))
    columns = event_columns(known)
    page = paged(reading.request, Rows(found.table))
    return {
        "headline": headline(known),
        "tiles": _tiles(reading, known),
        "missing": missing(known),
        "results": _sums(reading, known) if known.total else None,
        "break_even": break_even(known) if known.total else "",
        "notes": [row["note"] for row in known.rows("promotion_notes")],
        "choices": {name: choices(table, name) for name in CHOICES},
        "verdicts": {key: VERDICTS[key] for key in choices(table, "verdict")},
        "levers": LEVERS,
        "errors": found.errors,
        "page": page,
        "heads": [Head(each, one.column) for each, one in
                  zip(headings(columns, known.currency), columns, strict=True)],
        "events": [(row["promotion_id"], _line(reading, row, columns)) for row in page],
        "count": found.table.num_rows,
        "sums": summed(found.table, known.currency),
        "responses": responses(known),
        "by_retailer": retailers(known),
    }  # fmt: skip


def _tiles(reading: Reading, known: PromotionAnswer) -> tuple[Tile, ...]:
    then = answer(reading.against) if reading.against else None
    found = tuple(tiles(known))
    return tiles_beside(found, tiles(then), reading.currency) if then else found


def _sums(reading: Reading, known: PromotionAnswer) -> Grid:
    then = answer(reading.against) if reading.against else None
    if then is None:
        return results(known)
    other = results(then) if then.total else None
    return grid_beside(results(known), other, reading.currency)


def summed(table: pa.Table, currency: str) -> list[tuple[Column, Shown]]:
    """Add up the promotions shown."""
    found = sums(table, [each.column for each in SUMMED])
    return [
        (each, shown(found, each, currency))
        for each in SUMMED
        if found.get(each.column) is not None
    ]


def _line(reading: Reading, row: dict[str, Any], columns: tuple[Column, ...]) -> Listed:
    now = listing(row, columns, reading.currency)
    if reading.against is None:
        return now
    then = _then(reading.against).get(row["promotion_id"])
    before = listing(then, columns, reading.currency).cells if then else (None,) * len(columns)
    cells = [
        beside(one, other, reading.currency) for one, other in zip(now.cells, before, strict=True)
    ]
    return replace(now, cells=tuple(cells))


def _then(run: ScopedRun) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = thing(
        run, "events by name", lambda: {row["promotion_id"]: row for row in run.rows(EVENTS)}
    )
    return found


def one_answer(run: ScopedRun, name: str) -> PromotionAnswer | None:
    """Return one promotion with its weeks and stores; None where the run, or its part, has none."""
    known = answer(run)
    row = _then(run).get(name) if known else None
    if known is None or row is None:
        return None
    long = {
        table: run.table(table).filter(pc.equal(run.table(table)["promotion_id"], name)).to_pylist()
        for table in LONG[:2]
        if table in run.table_names
    }
    return replace(known, tables={**known.tables, **long, EVENTS: [row]}, manufacturer="")


def promotion_specs(run: ScopedRun, name: str) -> dict[str, str]:
    """Return the charts of one promotion; none where there is no such promotion."""
    found = one_answer(run, name)
    if found is None:
        return {}
    all_of_it = pictures(found)
    (picture,) = all_of_it["pictures"].values()
    return filled(run, _rows(found, all_of_it, picture))


def _results(reading: Reading, name: str, event: dict[str, Any]) -> Grid:
    now = three_results(event, currency=reading.currency)
    if reading.against is None:
        return now
    then = _then(reading.against).get(name)
    other = three_results(then, currency=reading.currency) if then else None
    return grid_beside(now, other, reading.currency)


def promotion(reading: Reading, name: str) -> Context | None:
    """Return the one-screen picture of a promotion; None where there is no such promotion."""
    found = one_answer(reading.run, name)
    if found is None:
        return None
    all_of_it = pictures(found)
    (picture,) = all_of_it["pictures"].values()
    rows = _rows(found, all_of_it, picture)
    exhibits = (
        Exhibit(title="Units sold against base, by week", chart="weeks", measure="base", wide=True,
                text="The promoted items in all stores of the retailers. Shaded weeks are those of "
                     "the promotion; the band is the range of the base.", source=found.source),
        Exhibit(title="Where the extra units came from", chart="sources", measure="source",
                text=picture["origin"], source=found.source),
        Exhibit(title="Who executed", chart="stores", source=found.source,
                text=f"{picture['counts']} One mark is one store: the larger, the more it sold."),
    )  # fmt: skip
    (event,) = found.rows(EVENTS)
    return {
        "name": name,
        "picture": picture,
        "items": _items(found, event),
        "when": {"retailer": retailer(event), "days": days(event)},
        "event": event,
        "results": _results(reading, name, event),
        "drawn": drawn(
            reading.market,
            "promotion",
            exhibits,
            charts_behind(
                reading,
                lambda run: filled(run, rows) if run is reading.run else promotion_specs(run, name),
            ),
        ),
        "regions": rows["regions"],
    }


def _rows(found: PromotionAnswer, all_of_it: Pictures, picture: Pictures) -> Drawing:
    """Return what the charts of a promotion draw, its stores by name."""
    rows = expanded(all_of_it, picture)
    return rows | {
        "stores": [row | {"store": found.names.store(row["store"])} for row in rows["stores"]]
    }


def _items(found: PromotionAnswer, event: dict[str, Any]) -> list[str]:
    """Return what the promoted items are called, as far as the run knows."""
    codes = str(event["product_id"]).split(", ")
    return [found.names.item(code) for code in codes if code in found.names.items]
