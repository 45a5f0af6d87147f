"""Figures of the promotion page as they are shown: tiles and tables of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from offtake.report.figures import Grid, Heading, Line, Shown, Tile
from offtake.report.promotion_answer import SHOWN, PromotionAnswer
from offtake.report.promotion_picture import slug
from offtake.report.promotion_words import (
    VERDICTS,
    borrowed,
    days,
    listed,
    retailer,
    span,
    support,
    title,
    units,
    written,
)
from offtake.report.run import Row
from offtake.report.words import name_of, signed, weeks_label
from offtake.units import MISSING, Unit, unit_label


@dataclass(frozen=True, slots=True)
class Column:
    """Which column of a table to show, under which heading, with which term of the glossary."""

    heading: str
    column: str
    unit: Unit
    term: str


_MARGIN = Column("Incremental margin", "incremental_margin", "money", "incremental_margin")
TILES = (
    Column("Promotions", "events", "count", "promotion"),
    Column("Incremental units", "incremental", "units", "incremental"),
    Column("Lift in promoted stores", "lift_in_promoted_stores", "percent",
           "lift_in_promoted_stores"),
    Column("Lift, whole chain", "lift_whole_chain", "percent", "lift_whole_chain"),
    Column("Sold anyway", "subsidised_of_promoted", "percent", "subsidised"),
    _MARGIN,
    Column("Cost", "cost", "money", "cost"),
    Column("Net return as planned", "roi_net", "ratio", "roi_net"),
    Column("Net return where executed", "roi_net_where_executed", "ratio", "where_executed"),
    Column("Net return if fully executed", "roi_net_if_fully_executed", "ratio",
           "if_fully_executed"),
)  # fmt: skip
VIEWS: Mapping[str, tuple[str, str]] = {
    "": ("As planned", "all stores of the plan, whatever they did"),
    "_where_executed": ("Where executed", "stores that did what was agreed"),
    "_if_fully_executed": ("If fully executed", "had every store agreed done all of it"),
}
RESULTS = (
    Column("Incremental", "incremental", "units", "incremental"),
    Column("Cost", "cost", "money", "cost"),
    _MARGIN,
    Column("Net return", "roi_net", "ratio", "roi_net"),
    Column("Gross return", "roi_gross", "ratio", "roi_gross"),
)
EVENTS = (
    Column("Base", "base", "units", "base"),
    Column("Incremental", "incremental", "units", "incremental"),
    Column("Lift in promoted stores", "lift_in_promoted_stores", "percent",
           "lift_in_promoted_stores"),
    Column("Lift, whole chain", "lift_whole_chain", "percent", "lift_whole_chain"),
    Column("Net return as planned", "roi_net", "ratio", "roi_net"),
    Column("Net return if fully executed", "roi_net_if_fully_executed", "ratio",
           "if_fully_executed"),
)  # fmt: skip
RESPONSES = (
    Column("Promoted elasticity", "elasticity", "ratio", "elasticity"),
    Column("Display", "display_lift", "percent", "display_lift"),
    Column("Feature", "feature_lift", "percent", "display_lift"),
    Column("Display and feature", "display_and_feature_lift", "percent", "display_lift"),
    Column("On the brand's other items", "cross_own_others", "ratio", "cross"),
    Column("On competitors", "cross_competitors", "ratio", "cross"),
)
RETAILERS = (
    Column("Promoted elasticity", "elasticity_difference", "ratio", "by_retailer"),
    Column("Display", "display_difference", "percent", "by_retailer"),
    Column("Feature", "feature_difference", "percent", "by_retailer"),
    Column("Display and feature", "display_and_feature_difference", "percent", "by_retailer"),
)
PARAMETERS: Mapping[str, str] = {
    "mean_promoted": "Promoted elasticity, mean of items",
    "mean_display": "Lift by a display, mean of items",
    "mean_feature": "Lift by a feature, mean of items",
    "mean_display_feature": "On top of both lifts when together, mean of items",
    "regular_price": "Elasticity to the regular price",
    "pull_on_own_others": "Pull on the brand's other items",
    "pull_on_competitors": "Pull on competitors",
    "ratio_of_not_executed": "Ratio of responses: not executed over executed",
}
LOG_LIFTS = ("mean_display", "mean_feature", "mean_display_feature")
"""What of these is a log, and is shown in percent."""
ITEMS = 100
"""Most items whose responses are shown."""
_ENDS = (("", "value"), ("_low", "low"), ("_high", "high"))
_BREAKS_EVEN = {"roi_net": "0 breaks even", "roi_gross": "1 breaks even"}


def shown(row: Mapping[str, float | None], column: Column, currency: str = "") -> Shown:
    """Write a figure with its interval, as far as it is known."""
    value = row.get(column.column)
    reach = "" if value is None else span(row, column.column, column.unit, currency)
    text = written(value, column.unit, currency)
    if column.column.startswith("roi_gross"):
        text, reach = text.removeprefix("+"), reach.replace("+", "")
    return Shown(text, interval=reach, value=value, unit=column.unit)


def of_costed(columns: Sequence[Column], answer: PromotionAnswer) -> tuple[Column, ...]:
    """Show, beside costs and returns, the margin of those promotions that these are about."""
    costed = replace(_MARGIN, column="costed_margin")
    return tuple(costed if each is _MARGIN and answer.costed else each for each in columns)


def event_columns(answer: PromotionAnswer) -> tuple[Column, ...]:
    """Return what is shown of every promotion: returns, or margins where no cost is known."""
    if answer.costed or not answer.margined:
        return EVENTS
    return (*(each for each in EVENTS if not each.column.startswith("roi_")), _MARGIN)


def tiles(answer: PromotionAnswer) -> tuple[Tile, ...]:
    """Return what all promotions came to."""
    return tuple(
        Tile(each.heading, each.term, shown(answer.total, each, answer.currency))
        for each in of_costed(TILES, answer)
        if answer.total
    )


def headings(columns: Sequence[Column], currency: str) -> tuple[Heading, ...]:
    """Return the headings of some columns, with their units."""
    return tuple(
        Heading(each.heading, each.term, _unit(each, currency)) for each in columns
    )  # fmt: skip


def _unit(column: Column, currency: str) -> str:
    if column.unit == "ratio":
        return next(
            (text for name, text in _BREAKS_EVEN.items() if column.column.startswith(name)), ""
        )
    return unit_label(column.unit, currency=currency)


def results(answer: PromotionAnswer) -> Grid:
    """Set the three results of all promotions side by side."""
    return three_results(answer.total, of_costed(RESULTS, answer), answer.currency)


def three_results(row: Row, columns: Sequence[Column] = RESULTS, currency: str = "") -> Grid:
    """Set three results side by side: as planned, where executed, if fully executed.

    Parameters
    ----------
    row
        Of ``promotion_events`` or ``promotion_totals``.
    columns
        Which figures of it.
    currency
        Sign or code; may be empty.
    """
    lines = tuple(
        Line(name, False, tuple(
            shown(row, Column(each.heading, f"{each.column}{suffix}", each.unit, ""), currency)
            for each in columns))
        for suffix, (name, _) in VIEWS.items()
    )  # fmt: skip
    caption = "; ".join(f"{name}: {what}" for name, what in VIEWS.values())
    return Grid(caption, "Result", headings(RESULTS, currency), lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A promotion as a row of the table."""

    slug: str
    title: str
    when: str
    retailer: str
    weeks: str
    support: str
    stores: str
    cells: tuple[Shown, ...]
    verdict: str
    verdict_name: str
    grade: str
    advice: str
    words: str


def promotions(answer: PromotionAnswer) -> tuple[Listed, ...]:
    """Return the promotions that the page lists, the largest gain first."""
    columns = event_columns(answer)
    return tuple(listing(event, columns, answer.currency) for event in answer.events[:SHOWN])


def listing(event: Row, columns: Sequence[Column], currency: str) -> Listed:
    """Return a promotion as a row of the table.

    Parameters
    ----------
    event
        A row of ``promotion_events``.
    columns
        Which figures of it, from :func:`event_columns`.
    currency
        Sign or code; may be empty.
    """
    ends = str(event["first_week"])[:10], str(event["last_week"])[:10]
    agreed = event["stores_agreed"]
    name, what = title(event), support(event)
    return Listed(
        slug=slug(event["promotion_id"]),
        title=name,
        when=days(event),
        retailer=retailer(event),
        weeks=weeks_label(*ends),
        support=what,
        stores=f"{units(event['stores_executed'])} / {units(agreed) if agreed else MISSING}",
        cells=tuple(shown(event, each, currency) for each in columns),
        verdict=event["verdict"],
        verdict_name=VERDICTS[event["verdict"]],
        grade=event["grade"],
        advice=advice_line(event),
        words=f"{event['promotion_id']} {name} {event['product_id']} {what}".lower(),
    )


def advice_line(event: Row) -> str:
    """Return the reasons for a grade in a few words."""
    return listed([_SHORT[name] for name in event["reasons"].split()])


_SHORT: Mapping[str, str] = {
    "wide": "wide range",
    "few_stores": "few stores",
    "borrowed": "response of its category",
    "derived": "price cuts derived",
    "guessed": "prices of other stores",
    "no_plan": "no plan",
    "not_converged": "not converged",
}


def responses(answer: PromotionAnswer) -> Grid | None:
    """Return what every item responds with, the manufacturer's own first, the largest first."""
    rows = sorted(answer.rows("promotion_responses"), key=lambda row: -row["units"])
    rows.sort(key=lambda row: row["manufacturer"] != answer.manufacturer)
    lines = tuple(
        Line(f"{row['brand']} {row['product_id']}",
             bool(answer.manufacturer) and row["manufacturer"] == answer.manufacturer,
             (Shown(name_of(row["manufacturer"])), *(shown(row, each) for each in RESPONSES),
              Shown(borrowed(row["borrowed"]))))
        for row in rows[:ITEMS]
    )  # fmt: skip
    heads = (
        Heading("Of", "promotion", ""), *headings(RESPONSES, ""),
        Heading("Own or borrowed", "borrowed", ""),
    )  # fmt: skip
    count = len(rows)
    cut = "" if count <= ITEMS else f"; the first {ITEMS} of {count:,} items"
    return Grid(f"What each item responds with{cut}", "Item", heads, lines) if lines else None


def retailers(answer: PromotionAnswer) -> Grid | None:
    """Return how each retailer differs from the mean of retailers, the largest first."""
    rows = sorted(answer.rows("promotion_retailers"), key=lambda row: -row["units"])
    small = not all(row["own_response"] for row in rows)
    lines = tuple(
        Line(row["retailer"], False, (
            Shown(f"{row['stores']:,}"), *(_difference(row, each) for each in RETAILERS),
            *([Shown("yes" if row["own_response"] else "the small ones together")] if small else [])
        ))
        for row in rows
    )  # fmt: skip
    heads = (
        Heading("Stores", "by_retailer", ""), *headings(RETAILERS, ""),
        *([Heading("By itself", "by_retailer", "")] if small else []),
    )  # fmt: skip
    return Grid("How retailers differ from their mean", "Retailer", heads, lines) if lines else None


def _difference(row: Row, column: Column) -> Shown:
    """Write a difference and both ends of its interval with their signs."""
    value, low, high = (
        signed(row[f"{column.column}{suffix}"], column.unit) for suffix in ("", "_low", "_high")
    )
    return Shown(value, interval=f"{low} to {high}")


def shared(answer: PromotionAnswer) -> Grid | None:
    """Return what the items of the category share."""
    lines = tuple(
        Line(_parameter(row["parameter"]), False, (
            _shared_value(row),
            Shown("yes" if row["known"] else "hardly told by the data")))
        for row in answer.rows("promotion_category")
    )  # fmt: skip
    heads = (Heading("Value", "shared", ""), Heading("Told by the data", "shared", ""))
    return Grid("What all items of the category share", "What", heads, lines) if lines else None


def _shared_value(row: Row) -> Shown:
    values = {f"value{suffix}": row[name] for suffix, name in _ENDS}
    if row["parameter"] in LOG_LIFTS:
        lifts = {name: 100 * math.expm1(value) for name, value in values.items()}
        return _difference(lifts, Column("", "value", "percent", ""))
    return shown(values, Column("", "value", "ratio", ""))


def _parameter(name: str) -> str:
    if name.startswith("dip_"):
        _, when, weeks, _ = name.split("_")
        return f"Dip {weeks} {'week' if weeks == '1' else 'weeks'} {when}"
    return PARAMETERS.get(name, name.replace("_", " "))
