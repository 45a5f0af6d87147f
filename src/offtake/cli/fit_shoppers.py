"""``offtake fit shoppers``: who buys, who came back, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
    import pyarrow as pa

    from offtake.data.layout import Schema
    from offtake.units import Unit

TREND_TABLE, STEADY = "shopper_trends", ("stable", "too few weeks")
Shown = dict[str, tuple[str, "Unit | None"]]
Rows = list[dict[str, Any]]
Span = tuple[date, date] | None


class ShoppersBy(StrEnum):
    """What is printed."""

    norm = "norm"
    pair = "pair"
    customer_base = "customer-base"
    customer = "customer"
    won = "won"
    buyer_type = "buyer-type"
    campaign = "campaign"
    check = "check"
    funnel = "funnel"
    leak = "leak"
    heads_or_stores = "heads-or-stores"
    segment = "segment"
    house = "house"
    panel = "panel"
    message = "message"
    conflict = "conflict"
    trend = "trend"


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at shoppers: of which subject, which table, what is shown, how to read it."""

    subject: str
    table: str
    read: str
    shown: Shown


def _ends(head: str, column: str, unit: Unit) -> Shown:
    """Return a figure and the ends of its interval."""
    return {
        head: (column, unit),
        "from": (f"{column}_low", unit),
        "to": (f"{column}_high", unit),
    }


VIEWS: Mapping[ShoppersBy, View] = {
    ShoppersBy.norm: View(
        "norms", "shopper_norms",
        "Brands beside what is usual for their size: penetration, purchases per buyer, share of "
        "requirements in purchases, buyers of nothing else",
        {
            "brand": ("name", None),
            "penetration": ("penetration", "percent"),
            "usual": ("penetration_expected", "percent"),
            "purchases": ("purchase_frequency", "per_household"),
            "usual ": ("purchase_frequency_expected", "per_household"),
            "needs": ("scr_purchases", "percent"),
            "usual  ": ("scr_purchases_expected", "percent"),
            "only it": ("sole_buyers", "percent"),
            "usual   ": ("sole_buyers_expected", "percent"),
            "which says": ("reading", None),
        },
    ),
    ShoppersBy.pair: View(
        "norms", "shopper_duplication",
        "Of the buyers of a brand, the part that also bought another, beside what is usual",
        {
            "buyers of": ("name", None),
            "also bought": ("also_bought", None),
            "part": ("duplication", "percent"),
            "usual": ("duplication_norm", "percent"),
            "beside usual": ("deviates", None),
        },
    ),
    ShoppersBy.customer_base: View(
        "customers", "shopper_customer_base",
        "Households that ever bought, how many are customers still (with an 80 % interval), what "
        "they will buy, and what one is worth",
        {
            "brand": ("name", None),
            "ever": ("customers", "households"),
            **_ends("still", "alive", "households"),
            "purchases": ("purchases", "count"),
            "value": ("value", "money"),
            "worth": ("lifetime_value_per_customer", "money"),
            "at": ("valued_at", None),
            "model": ("model", None),
        },
    ),
    ShoppersBy.customer: View(
        "customers", "shopper_customers",
        "Customers of the largest brands, those worth most first: chance to be one still, "
        "purchases to come, worth",
        {
            "brand": ("name", None),
            "household": ("household_id", None),
            "again": ("frequency", "count"),
            "weeks": ("age_weeks", "weeks"),
            "still": ("p_alive", "percent"),
            "purchases": ("purchases", "count"),
            "worth": ("lifetime_value", "money"),
        },
    ),
    ShoppersBy.won: View(
        "won", "shopper_won",
        "First-time buyers by what won them, how many bought again, and by how many points more "
        "than buyers like them won at full price (80 % interval)",
        {
            "brand": ("name", None),
            "won by": ("trigger", None),
            "buyers": ("first_time_buyers", "households"),
            "again": ("repeat", "percent"),
            **_ends("beside", "difference", "points"),
            "needs": ("scr", "percent"),
            "on deal": ("deal_share", "percent"),
        },
    ),
    ShoppersBy.buyer_type: View(
        "won", "shopper_buyer_types",
        "Kinds of buyers of each brand and what they buy",
        {
            "brand": ("name", None),
            "kind": ("type", None),
            "households": ("households", "households"),
            "of them": ("share_of_households", "percent"),
            "of units": ("share_of_units", "percent"),
            "needs": ("scr", "percent"),
            "on deal": ("deal_share", "percent"),
            "who": ("rule", None),
        },
    ),
    ShoppersBy.campaign: View(
        "campaigns", "shopper_campaigns",
        "What each campaign added: households, units with an 80 % interval, lift, money in the "
        "store; coupons redeemed by who would have bought anyway; how far to trust it",
        {
            "campaign": ("campaign_id", None),
            "contacted": ("contacted", "households"),
            "won": ("households_during", "households"),
            **_ends("units", "units", "units"),
            "lift": ("lift", "percent"),
            "store": ("money_store", "money"),
            "subsidised": ("subsidised", "households"),
            "grade": ("grade", None),
            "why": ("reason", None),
        },
    ),
    ShoppersBy.check: View(
        "campaigns", "shopper_campaign_checks",
        "Checks of campaigns: where there should be nothing to find",
        {
            "campaign": ("campaign_id", None),
            "check": ("check", None),
            "on": ("item", None),
            **_ends("value", "value", "ratio"),
            "p": ("p_value", "ratio"),
            "passed": ("passed", None),
        },
    ),
    ShoppersBy.funnel: View(
        "funnel", "shopper_funnel_changes",
        "The latest wave, everywhere and by region, and what changed (80 % interval)",
        {
            "brand": ("brand", None),
            "where": ("region", None),
            "stage": ("stage", None),
            "now": ("share", "percent"),
            "weeks ago": ("weeks_back", "count"),
            **_ends("change", "change", "points"),
            "finding": ("finding", None),
        },
    ),
    ShoppersBy.leak: View(
        "funnel", "shopper_funnel_steps",
        "From stage to stage, beside what is usual for a brand as well known; lost: of 100 people",
        {
            "brand": ("brand", None),
            "to": ("step", None),
            "go on": ("conversion", "percent"),
            "usual": ("norm", "percent"),
            **_ends("lost", "lost", "percent"),
            "leak": ("leak", None),
        },
    ),
    ShoppersBy.heads_or_stores: View(
        "funnel", "shopper_heads_or_stores",
        "Share in heads beside share of distribution, their difference with an 80 % interval, and "
        "what to do",
        {
            "brand": ("brand", None),
            "where": ("region", None),
            "by": ("basis", None),
            "heads": ("mental", "percent"),
            "stores": ("physical", "percent"),
            **_ends("difference", "gap", "points"),
            "advice": ("recommendation", None),
            "sure": ("probability", "percent"),
        },
    ),
    ShoppersBy.segment: View(
        "funnel", "shopper_segments",
        "Stages by lifestyle or need, and beside all people, in points (80 % interval)",
        {
            "brand": ("brand", None),
            "segment": ("segment", None),
            "stage": ("stage", None),
            "share": ("share", "percent"),
            **_ends("beside all", "against_all", "points"),
            "finding": ("finding", None),
        },
    ),
    ShoppersBy.house: View(
        "funnel", "shopper_houses",
        "How much more readily people say yes to each fieldwork house, in points; it is taken off",
        {
            "house": ("house", None),
            "step": ("step", None),
            "more": ("points", "points"),
            "first waves": ("answers_first", "percent"),
            "last waves": ("answers_last", "percent"),
            "finding": ("finding", None),
        },
    ),
    ShoppersBy.panel: View(
        "funnel", "shopper_funnel_panel",
        "What people say beside what households do, within a year",
        {
            "brand": ("brand", None),
            "about": ("about", None),
            **_ends("say", "survey", "percent"),
            "do": ("panel", "percent"),
            "plausible": ("plausible", None),
        },
    ),
    ShoppersBy.message: View(
        "funnel", "shopper_messages",
        "Which messages were noticed where, and what people made of them",
        {
            "brand": ("brand", None),
            "message": ("message", None),
            "where": ("touchpoint", None),
            **_ends("noticed", "noticed", "percent"),
            "understood": ("understood", "percent"),
            "whose": ("right_brand", "percent"),
            "contradicts": ("contradicts", "percent"),
        },
    ),
    ShoppersBy.conflict: View(
        "funnel", "shopper_message_conflicts",
        "Messages that ran together: how many who noticed both say that they contradict each other",
        {
            "brand": ("brand", None),
            "message": ("message", None),
            "where": ("touchpoint", None),
            "and": ("message_2", None),
            "there": ("touchpoint_2", None),
            "say so": ("contradicts", "percent"),
            "usual": ("usual", "percent"),
            "finding": ("finding", None),
        },
    ),
    ShoppersBy.trend: View(
        "trends", "shopper_trends",
        "Shares that moved to another level, the surest first, with the week of the change",
        {
            "what": ("dimension", None),
            "name": ("name", None),
            "verdict": ("verdict", None),
            "before": ("share_before", "percent"),
            "after": ("share_after", "percent"),
            **_ends("change", "change", "percent"),
            "week": ("date", None),
        },
    ),
}  # fmt: skip


def shoppers(
    *,
    category: Annotated[str, typer.Option(help="The category to look at.")],
    by: Annotated[
        ShoppersBy,
        typer.Option(help="What to look at: norms, customers, campaigns, the funnel, trends ..."),
    ] = ShoppersBy.norm,
    brand: Annotated[
        str | None, typer.Option(help="Print what is of this brand (or manufacturer) only.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Print so many.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write all tables as Parquet files to this folder."),
    ] = None,
    page: PageOption = None,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Say who buys a category and its brands, who came back, why, and how the brand stands."""
    view = VIEWS[by]
    whole = out is not None or page is not None
    found, label, span = _answer(
        store, schema_for(simulated=simulated), category, None if whole else view.subject
    )
    if out is not None:
        write_tables(found, label, out)
    if page is not None:
        _write_page(found, page, (category, brand, label), span)
    for note in _left_out(found):
        say(note)
    if whole and view.table not in found:
        return
    rows = _chosen(found, view, brand)
    title = f"{category}. {view.read}"
    print_shown(rows, view.shown, form, title=title, label=label, limit=limit)
    for note in _notes(found, view):
        say(note)


def _answer(
    store: Path, schema: Schema, category: str, subject: str | None
) -> tuple[dict[str, pa.Table], str, Span]:
    """Return the tables of one subject or of all, what simulated figures are called, and weeks."""
    from offtake.data.store import Store
    from offtake.models.shoppers.answer import all_shopper_tables, shopper_tables

    with Store(store, schema, read_only=True) as opened, progress_bar("fit") as bar:
        tables = opened.tables()
        if subject is None:
            found = all_shopper_tables(opened, tables, category, progress=bar)
        else:
            found = shopper_tables(opened, tables, category, subject=subject, progress=bar)
    return found, tables.label, tables.span


def _chosen(found: Mapping[str, pa.Table], view: View, brand: str | None) -> Rows:
    """Return the rows to print, those of one brand where it is named."""
    from offtake.errors import BadInputError, UnknownNameError

    if view.table not in found:
        raise BadInputError(" ".join([f"{view.table}: nothing is known.", *_notes(found, view)]))
    rows: Rows = found[view.table].to_pylist()
    column = next((name for name in ("name", "brand") if rows and name in rows[0]), None)
    if view.table == TREND_TABLE:
        # What is steady is no trend; of a brand, its own share is meant.
        rows = sorted(
            (row for row in rows if row["verdict"] not in STEADY),
            key=lambda row: (row["q_value"], -row["share"]),
        )
    if brand is None or column is None:
        return rows
    if view.table == TREND_TABLE:
        rows = [row for row in rows if row["dimension"] in ("brand", "manufacturer")]
        return [row for row in rows if row["name"] == brand]
    names = {row[column] for row in rows}
    if brand not in names:
        raise UnknownNameError("brand", brand, names)
    return [row for row in rows if row[column] == brand]


def _write_page(
    found: Mapping[str, pa.Table], page: Path, about: tuple[str, str | None, str], span: Span
) -> None:
    from offtake.report.answer import parts_outside
    from offtake.report.shoppers.answer import ShopperAnswer, period_of
    from offtake.report.shoppers.page import render_shoppers

    category, brand, label = about
    parts = parts_outside(found, category=category, manufacturer=brand, label=label)
    own = (brand,) if brand else ()
    write_page(page, render_shoppers(ShopperAnswer(**parts, own=own, period=period_of(span))))


def _left_out(found: Mapping[str, pa.Table]) -> list[str]:
    """Return which subjects what is loaded does not allow, and why."""
    from offtake.models.shoppers.answer import LEFT_OUT

    rows = found[LEFT_OUT].to_pylist() if LEFT_OUT in found else []
    return [f"Left out, {row['subject']}: {row['reason']}" for row in rows]


def _notes(found: Mapping[str, pa.Table], view: View) -> list[str]:
    """Return the notes of the subject that is printed."""
    from offtake.report.shoppers.answer import note_of

    notes = f"shopper_{NOTES[view.subject]}_notes"
    return [note_of(row) for row in found[notes].to_pylist()] if notes in found else []


NOTES = {
    "norms": "norm", "customers": "customer", "won": "won", "campaigns": "campaign",
    "funnel": "funnel", "trends": "trend",
}  # fmt: skip
"""Subject to how its table of notes is called."""
