"""Availability: what empty shelves cost, where, why, and which visit wins back most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import pgettext

from offtake.report.against import grid_beside, tiles_beside
from offtake.report.answer import Answer
from offtake.report.availability import (
    TILES,
    WHERE,
    availability_of,
    builds,
    causes,
    ended,
    headline,
    period_of,
    sums_by,
    total_of,
    visits,
)
from offtake.report.availability_weeks import week_charts, week_exhibits
from offtake.report.figures import Grid, Shown, Tile
from offtake.report.naming import ITEM, STORE, Names, names_of
from offtake.report.promotion_grids import shown
from offtake_web.common.paging import paged
from offtake_web.dashboards.cells import Seen, cells_of
from offtake_web.dashboards.listing import Asked, Found, Rows, choices, find
from offtake_web.dashboards.reading import Context, Reading, thing
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.dashboards.subjects.behind import charts_behind
from offtake_web.dashboards.subjects.drawn import drawn

ALERTS = "availability_alerts"
LONG = tuple(
    f"availability_{name}"
    for name in ("gaps", "opportunities", "builds", "delistings", "weeks", "causes", "notes")
)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of the page: its table, the columns shown, and those to choose from."""

    table: str
    columns: tuple[str, ...]
    choices: tuple[str, ...]
    sort: str


LISTS: Mapping[str, ListOf] = {
    "alarms": ListOf(
        ALERTS,
        ("product_id", "store_id", "retailer", "territory", "first_day", "days", "kind",
         "cause", "ongoing", "probability", "on_hand", "lost_units", "lost_value"),
        ("retailer", "territory", "brand", "cause", "kind", "ongoing"),
        "-lost_units",
    ),
    "opportunities": ListOf(
        "availability_opportunities",
        ("rank", "store_id", "retailer", "territory", "product_id",
         "what", "probability", "units", "recoverable", "recoverable_per_visit", "valued_at"),
        ("retailer", "territory", "brand", "reason"),
        "rank",
    ),
    "gaps": ListOf(
        "availability_gaps",
        ("rank", "store_id", "retailer", "territory", "product_id", "meaning",
         "probability", "similar_stores_selling", "units", "recoverable_over_horizon",
         "recoverable_per_visit", "valued_at"),
        ("retailer", "territory", "brand", "reason"),
        "rank",
    ),
}  # fmt: skip


def answer(run: ScopedRun) -> Answer | None:
    """Return the availability of a run but for its gaps, which have a list of their own."""
    found: Answer | None = thing(
        run, "availability", lambda: availability_of(run, without=(LISTS["gaps"].table,))
    )
    return found


def shelves(run: ScopedRun) -> str:
    """Say what empty shelves cost; empty where the run does not know."""

    def told() -> str:
        known = availability_of(run, without=LONG)
        return headline(known, total_of(known)) if known else ""

    return str(thing(run, "shelves", told))


def availability(reading: Reading) -> Context:
    known = answer(reading.run)
    if known is None:
        return {"gone": True}
    total = total_of(known)
    then = answer(reading.against) if reading.against else None
    return {
        "headline": headline(known, total),
        "period": period_of(known),
        "tiles": _tiles(reading, known, then),
        "drawn": drawn(reading.market, "availability", week_exhibits(known),
                       charts_behind(reading, specs)),
        "notes": [row["note"] for row in known.rows("availability_notes")],
        "grids": [grid_beside(grid, _same(grid, _grids(then)), reading.currency) if then else grid
                  for grid in _grids(known)],
        "visits": visits(known),
        "builds": builds(known),
        "ended": ended(known),
        "lists": _lists(reading.run),
    }  # fmt: skip


def _grids(known: Answer) -> list[Grid]:
    found = [causes(known), *(sums_by(known, name, head) for name, head in WHERE)]
    return [grid for grid in found if grid is not None]


def _same(grid: Grid, others: list[Grid]) -> Grid | None:
    return next((each for each in others if each.first == grid.first), None)


def _tiles(reading: Reading, known: Answer, then: Answer | None) -> tuple[Tile, ...]:
    now = _own_tiles(known)
    return tiles_beside(now, _own_tiles(then), reading.currency) if then else now


def _own_tiles(known: Answer) -> tuple[Tile, ...]:
    total = total_of(known)
    return tuple(
        Tile(each.heading, each.term, shown(total, each, known.currency)) for each in TILES if total
    )


def _lists(run: ScopedRun) -> list[str]:
    return [name for name, one in LISTS.items() if one.table in run.table_names]


def listed(reading: Reading, one: ListOf) -> Found:
    """Return the rows of a list that an address asks for, ours unless it asks for all."""
    query = reading.request.GET
    where = {name: f"={query[name]}" for name in one.choices if query.get(name)}
    if "ongoing" in where:
        where["ongoing"] = query["ongoing"]
    table = named(reading.run, _of_whom(reading.run, one.table, query.get("whose", "")))
    for name, columns in (("item", ITEM), ("store", STORE)):
        where |= _by_code_or_name(table, columns, query.get(name, ""))
    return find(table, Asked(where, query.get("sort") or one.sort))


def _by_code_or_name(table: pa.Table, columns: tuple[str, str], wish: str) -> dict[str, str]:
    """Return a wish of a code, or of a name where no code is like it."""
    code, name = columns
    if not wish:
        return {}
    known = name not in table.column_names or find(table, Asked({code: wish})).table.num_rows
    return {code if known else name: wish}


def named(run: ScopedRun, table: pa.Table) -> pa.Table:
    """Put names beside the codes of items and stores, where a table has codes only."""
    for (code, name), of in ((ITEM, _names(run).items), (STORE, _names(run).stores)):
        if code in table.column_names and name not in table.column_names and of:
            found = pa.array([of.get(each) for each in table[code].to_pylist()], pa.string())
            table = table.add_column(table.column_names.index(code) + 1, name, found)
    return table


def _names(run: ScopedRun) -> Names:
    found: Names = thing(run, "names", lambda: names_of(run))
    return found


def _of_whom(run: ScopedRun, name: str, whose: str) -> pa.Table:
    table = run.table(name)
    own = run.manifest.frame.manufacturer
    if name == ALERTS:
        table = table.filter(table["listed"])
    if whose == "all" or not own:
        return table
    return table.filter(pc.equal(table["manufacturer"], own))


def availability_list(reading: Reading, name: str) -> Context:
    one = LISTS[name]
    if one.table not in reading.run.table_names:
        return {"gone": True, "list": name}
    found = listed(reading, one)
    whole = _of_whom(reading.run, one.table, reading.request.GET.get("whose", ""))
    page = paged(reading.request, Rows(found.table))
    columns = [each for each in one.columns if each in found.table.column_names]
    return {
        "list": name,
        "lists": _lists(reading.run),
        "choices": {
            each: [(value, _in_words(each, value)) for value in choices(whole, each)]
            for each in one.choices if each != "ongoing"
        },
        "with_ongoing": "ongoing" in one.choices,
        "errors": found.errors,
        "page": page,
        "seen": _seen(reading.run, found.table.schema, columns, page),
        "count": found.table.num_rows,
        "table": one.table,
    }  # fmt: skip


def _seen(
    run: ScopedRun, schema: pa.Schema, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> Seen:
    """Return rows as they are shown: names for codes, and words for keys."""
    names = _names(run)
    codes = {
        ITEM[0]: lambda row: names.item(row["product_id"], row["brand"] or ""),
        STORE[0]: lambda row: names.store(row["store_id"]),
    }
    lines = [
        [
            Shown(codes[name](row))
            if name in codes
            else replace(cell, text=_in_words(name, cell.text))
            for name, cell in zip(columns, cells, strict=True)
        ]
        for row, cells in zip(rows, cells_of(rows, schema, columns), strict=True)
    ]
    return Seen(schema, columns, lines)


def _in_words(column: str, value: str) -> str:
    """Return a key of a table in words."""
    if column == "kind":
        return {"empty": pgettext("shelf", "empty"), "low": pgettext("shelf", "low")}.get(
            value, value
        )
    return value.replace("_", " ") if column in ("cause", "reason", "valued_at") else value


def specs(run: ScopedRun) -> dict[str, str]:
    known = answer(run)
    found: dict[str, str] = thing(
        run, "availability charts", lambda: week_charts(known) if known else {}
    )
    return found
