"""Is it there to be bought? One page: which shelves are empty now, where it costs most, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from offtake.data.contracts.simulated import warning
from offtake.models.availability.causes import CAUSES
from offtake.report.answer import Answer, parts_of
from offtake.report.availability_terms import TERMS
from offtake.report.availability_weeks import week_charts, week_exhibits
from offtake.report.drawing import COLOURS
from offtake.report.figures import Grid, Heading, Line, Shown, Tile
from offtake.report.page import (
    PROMOTIONS,
    SCOREBOARD,
    chart_library,
    environment,
    for_script,
)
from offtake.report.promotion_grids import Column, headings, shown
from offtake.report.promotion_words import counted, with_span, written
from offtake.report.run import Row, Run
from offtake.report.words import amount, moment_label, name_of, span_label
from offtake.units import MISSING

SHOWN = 250
"""Most alarms that the page lists."""
LINES = 15
"""Most lines of a table of sums."""
TILES = (
    Column("Availability", "availability", "percent", "availability"),
    Column("Alarms now", "ongoing", "count", "alarm"),
    Column("Lost units", "lost_units", "units", "lost"),
    Column("Lost value", "lost_value", "money", "lost"),
    Column("Lost to the brand", "lost_to_brand", "money", "lost_to_brand"),
)
SUMS = (
    Column("Availability", "availability", "percent", "availability"),
    Column("Alarms", "alarms", "count", "alarm"),
    Column("Going on", "ongoing", "count", "alarm"),
    Column("Lost units", "lost_units", "units", "lost"),
    Column("Lost value", "lost_value", "money", "lost"),
    Column("Lost to the brand", "lost_to_brand", "money", "lost_to_brand"),
    Column("Lost to the retailer", "lost_to_retailer", "money", "lost_to_retailer"),
)
CAUSED = (
    Column("Alarms", "alarms", "count", "alarm"),
    Column("Going on", "ongoing", "count", "alarm"),
    Column("Lost units", "lost_units", "units", "lost"),
    Column("Lost value", "lost_value", "money", "lost"),
)
WHERE = (("retailer", "Retailer"), ("territory", "Territory"), ("item", "Item"), ("store", "Store"))
GAPS = (
    Column("Units a week", "units", "units", "gap"),
    Column("Similar stores", "similar_stores_selling", "percent", "gap"),
    Column("Win back", "recoverable_over_horizon", "money", "win_back"),
    Column("Whole visit", "recoverable_per_visit", "money", "win_back"),
)
BUILDS = (
    Column("Listed", "stores_listed", "count", "build"),
    Column("Selling", "stores_selling", "count", "build"),
    Column("Numeric distribution", "numeric_distribution", "percent", "build"),
    Column("Weighted distribution", "weighted_distribution_category", "percent", "build"),
    Column("Behind the list", "points_behind_plan", "points", "build"),
)
FIRST = 3
"""Most items that a visit is told with."""
LISTED_GAPS = 40
"""Most gaps that the page lists."""
ALARMS = (
    Column("Lost units", "lost_units", "units", "lost"),
    Column("Lost value", "lost_value", "money", "lost"),
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as it is listed."""

    item: str
    store: str
    retailer: str
    territory: str
    since: str
    kind: str
    sure: str
    record: str
    cause: str
    advice: str
    cells: tuple[Shown, ...]


def availability_of(run: Run, *, without: Sequence[str] = ()) -> Answer | None:
    """Return the availability of a run; None where the run has none.

    Parameters
    ----------
    run
        The run.
    without
        Tables that are left out, because they are long and not needed.
    """
    found = parts_of(run, "availability_", "availability_alerts", without=without)
    return None if found is None else Answer(**found)


def render_availability(answer: Answer) -> str:
    """Return the answer about a category's shelves as HTML.

    The file holds its own style, script and data; it reaches for nothing. Figures are written as
    they stand in the tables: nothing is worked out here.

    Parameters
    ----------
    answer
        The tables, and whose they are.

    Returns
    -------
    str
        A complete HTML document.
    """
    listed = alarms(answer)
    total = total_of(answer)
    charts = week_charts(answer)
    page = environment().get_template("availability.html.j2")
    return page.render(
        answer=answer,
        others=[("Promotions", PROMOTIONS), ("Scoreboard", SCOREBOARD)],
        whose=name_of(answer.manufacturer) or "All manufacturers",
        period=period_of(answer),
        simulated=warning(answer.simulated),
        created=moment_label(answer.created),
        headline=headline(answer, total),
        tiles=tuple(
            Tile(each.heading, each.term, shown(total, each, answer.currency))
            for each in TILES
            if total
        ),
        notes=[row["note"] for row in answer.rows("availability_notes")],
        alarms=listed[:SHOWN],
        cut=_cut(listed),
        headings=headings(ALARMS, answer.currency),
        filters={
            "Retailer": sorted({each.retailer for each in listed[:SHOWN]}),
            "Territory": sorted({each.territory for each in listed[:SHOWN]}),
        },
        causes=causes(answer),
        visits=visits(answer),
        gaps=gaps(answer),
        builds=builds(answer),
        ended=ended(answer),
        where=[grid for name, head in WHERE if (grid := sums_by(answer, name, head)) is not None],
        weeks=week_exhibits(answer),
        specs=for_script(charts),
        colours=for_script(dict(COLOURS)),
        bundle=chart_library() if charts else "",
        terms=TERMS,
    )


def headline(answer: Answer, total: Row) -> str:
    """Say in a sentence or two whether the shelves are full, and what empty ones cost."""
    if not total:
        return "Nothing sold that can be watched."
    short = written(100.0 - total["availability"], "percent")
    lost = with_span(total, "lost_value", "money", answer.currency)
    now = counted(total["ongoing"], "shelf is", "shelves are")
    first = f"{short} of demand did not find its item."
    if total["lost_value"] is None:
        units = with_span(total, "lost_units", "units")
        return f"{first} That cost {units} units. {now} likely empty or low now."
    brand = amount(total["lost_to_brand"], "money", answer.currency)
    return (
        f"{first} That cost {lost}, of which {brand} is lost to the brand for good. "
        f"{now} likely empty or low now."
    )


def alarms(answer: Answer) -> list[Alarm]:
    """Return the listed alarms that are going on, the largest loss first."""
    rows = [row for row in answer.ours("availability_alerts") if row["listed"] and row["ongoing"]]
    return [
        Alarm(
            item=answer.names.item(row["product_id"], row["brand"]),
            store=answer.names.store(row["store_id"]),
            retailer=row["retailer"] or MISSING,
            territory=row["territory"] or MISSING,
            since=f"{span_label(row['first_day'], row['first_day'])}, "
            f"{counted(row['days'], 'day')}",
            kind=row["kind"],
            sure=written(row["probability"], "percent"),
            record=written(row["on_hand"], "units"),
            cause=row["cause"].replace("_", " "),
            advice=CAUSES[row["cause"]],
            cells=tuple(shown(row, each, answer.currency) for each in ALARMS),
        )
        for row in rows
    ]


def _cut(listed: Sequence[Alarm]) -> str:
    if len(listed) <= SHOWN:
        return ""
    return f"The {SHOWN} with the largest loss of {len(listed):,} alarms; the table has all."


def total_of(answer: Answer) -> Row:
    """Return the sums of the manufacturer, or of the category; empty where there are none."""
    wanted = "category", answer.manufacturer
    return next(
        (
            row
            for row in answer.rows("availability_totals")
            if (row["dimension"], row["manufacturer"]) == wanted
        ),
        {},
    )


def period_of(answer: Answer) -> tuple[str, str]:
    """Return the days that were watched, and how many weeks; empty where there are none."""
    weeks = {row["week"] for row in answer.rows("availability_weeks")}
    if not weeks:
        return "", ""
    return span_label(min(weeks), max(weeks) + timedelta(days=6)), counted(len(weeks), "week")


def sums_by(answer: Answer, dimension: str, head: str) -> Grid | None:
    """Return sums by a dimension, the largest loss first; None where there is but one."""
    rows = [
        row
        for row in answer.rows("availability_totals")
        if (row["dimension"], row["manufacturer"]) == (dimension, answer.manufacturer)
    ]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: -row["lost_units"])
    lines = tuple(
        Line(_called(answer, dimension, row["name"]), False,
             tuple(shown(row, each, answer.currency) for each in SUMS))
        for row in rows[:LINES]
    )  # fmt: skip
    cut = f"; the first {LINES} of {len(rows):,}" if len(rows) > LINES else ""
    heads = _heads(SUMS, answer.currency)
    return Grid(f"By {head.lower()}{cut}", head, heads, lines)


def _called(answer: Answer, dimension: str, name: str) -> str:
    if dimension == "item":
        return answer.names.item(name)
    return (answer.names.store(name) if dimension == "store" else name) or MISSING


def _heads(columns: Sequence[Column], currency: str) -> tuple[Heading, ...]:
    """Return headings with their units, but for plain counts."""
    found = headings(columns, currency)
    return tuple(replace(each, unit="") if each.unit == "count" else each for each in found)


def _words(text: str, measure: str) -> Heading:
    """Return the heading of a column of words."""
    return Heading(text, measure, "", words=True)


def causes(answer: Answer) -> Grid | None:
    """Return alarms by guessed cause, the largest loss first."""
    wanted = "category", answer.manufacturer
    rows = [
        row
        for row in answer.rows("availability_causes")
        if (row["dimension"], row["manufacturer"]) == wanted
    ]
    lines = tuple(
        Line(row["cause"].replace("_", " "), False, (
            *(shown(row, each, answer.currency) for each in CAUSED), Shown(CAUSES[row["cause"]])))
        for row in sorted(rows, key=lambda row: -row["lost_units"])
    )  # fmt: skip
    heads = (*_heads(CAUSED, answer.currency), _words("What to do", "cause"))
    return Grid("By guessed cause", "Cause", heads, lines) if lines else None


def gaps(answer: Answer) -> Grid | None:
    """Return where items should be and do not sell, in the order of the table: best visit first."""
    rows = answer.ours("availability_gaps")
    lines = tuple(
        Line(answer.names.item(row["product_id"], row["brand"]), False, (
            Shown(" ".join(filter(None, (answer.names.store(row["store_id"]), row["retailer"])))),
            Shown(row["reason"].replace("_", " ")),
            Shown(written(row["probability"], "percent")),
            *(shown(row, each, answer.currency) for each in GAPS),
            Shown(row["valued_at"].replace("_", " "))))
        for row in rows[:LISTED_GAPS]
    )  # fmt: skip
    heads = (
        _words("Store", "gap"), _words("Reason", "gap"), Heading("Sure", "gap", "%"),
        *headings(GAPS, answer.currency), _words("Valued at", "win_back"),
    )  # fmt: skip
    cut = f"; the first {LISTED_GAPS} of {len(rows):,}" if len(rows) > LISTED_GAPS else ""
    return Grid(f"Gaps, the best visit first{cut}", "Item", heads, lines) if lines else None


def best_visits(rows: Sequence[Row]) -> list[Row]:
    """Return what there is to see to, visit by visit, the best visit first."""
    return sorted(
        rows,
        key=lambda row: (
            row["valued_at"] != "margin", -(row["recoverable_per_visit"] or 0.0), row["store_id"],
            row["manufacturer"], row["rank"],
        ),
    )  # fmt: skip


def visits(answer: Answer) -> Grid | None:
    """Return the stores to go to, the best visit first, with what is most worth there."""
    visits: dict[tuple[str, str, str], list[Row]] = {}
    for row in best_visits(answer.ours("availability_opportunities")):
        of = row["store_id"], row["manufacturer"], row["valued_at"]
        visits.setdefault(of, []).append(row)
    lines = tuple(
        Line(answer.names.store(store), False, (
            Shown(", ".join(each for each in (rows[0]["retailer"], rows[0]["territory"]) if each)),
            Shown(name_of(maker or "") or MISSING),
            Shown(written(len(rows), "count")),
            Shown(amount(rows[0]["recoverable_per_visit"], "money", answer.currency)),
            Shown(valued_at.replace("_", " ")),
            Shown("; ".join(
                f"{answer.names.item(row['product_id'], row['brand'])}: "
                f"{row['reason'].replace('_', ' ')}"
                for row in rows[:FIRST]))))
        for (store, maker, valued_at), rows in list(visits.items())[:LINES]
    )  # fmt: skip
    heads = (
        _words("Where", "win_back"), _words("Whose", "win_back"),
        Heading("To see to", "win_back", ""),
        Heading("Win back", "win_back", answer.currency), _words("Valued at", "win_back"),
        _words("First of all", "win_back"),
    )  # fmt: skip
    cut = f"; the first {LINES} of {len(visits):,}" if len(visits) > LINES else ""
    return Grid(f"Visits and calls, the best first{cut}", "Store", heads, lines) if lines else None


def latest_builds(rows: Sequence[Row]) -> list[Row]:
    """Return the latest week of every new item at every retailer, furthest behind first."""
    latest = {(row["product_id"], row["retailer"]): row for row in
              sorted(rows, key=lambda row: row["week"])}  # fmt: skip
    return sorted(latest.values(), key=lambda row: -(row["points_behind_plan"] or 0.0))


def builds(answer: Answer) -> Grid | None:
    """Return how far each new item has got at each retailer, furthest behind the list first."""
    rows = latest_builds(answer.ours("availability_builds"))
    lines = tuple(
        Line(answer.names.item(row["product_id"], row["brand"]), False, (
            Shown(row["retailer"] or MISSING), Shown(span_label(row["launched"], row["launched"])),
            *(shown(row, each) for each in BUILDS)))
        for row in rows[:LINES]
    )  # fmt: skip
    heads = (
        _words("Retailer", "build"), _words("Launched", "build"), *_heads(BUILDS, ""),
    )  # fmt: skip
    return Grid("New items", "Item", heads, lines) if lines else None


def ended(answer: Answer) -> Grid | None:
    """Return what most stores of a retailer stopped selling for good, the latest first."""
    rows = [row for row in answer.ours("availability_delistings") if row["scope"] == "retailer"]
    rows.sort(key=lambda row: row["stopped"], reverse=True)
    lines = tuple(
        Line(answer.names.item(row["product_id"], row["brand"]), False, (
            Shown(row["retailer"] or MISSING),
            Shown(span_label(row["stopped"], row["stopped"]),
                  interval=span_label(row["stopped_low"], row["stopped_high"])),
            Shown(written(row["probability"], "percent")),
            Shown(written(row["stores_before"], "count")),
            Shown(written(row["units"], "units"))))
        for row in rows[:LINES]
    )  # fmt: skip
    heads = (
        _words("Retailer", "ended"), _words("Week", "ended"),
        Heading("Sure", "ended", "%"), Heading("Stores before", "ended", ""),
        Heading("Units a week", "ended", "units"),
    )  # fmt: skip
    return Grid("Items that stopped for good", "Item", heads, lines) if lines else None
