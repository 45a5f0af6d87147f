"""The field: visits, audits and notes."""

from __future__ import annotations

from offtake.data.contracts.contract import (
    STORE_ID,
    Contract,
    Rule,
    day,
    flag,
    moment,
    number,
    text,
    week_of,
)

VISIT = Contract(
    name="visit",
    title="Store visits",
    meaning="A call by a salesperson on a store.",
    grain="one visit",
    key=("visit_id",),
    columns=(
        text("visit_id", "visit id, unique", required=True),
        STORE_ID,
        text("person_id", "who called", required=True, references="person"),
        moment("started", "arrival"),
        moment("ended", "departure"),
        day("date", "day of the visit", required=True, default="started::DATE"),
        week_of("coalesce(date, started::DATE)"),
        flag("planned", "whether it was in the plan", default="true"),
        text("purpose", "what the visit was for"),
    ),
    rules=(
        Rule(column="ended", condition="ended >= started", allowed="a time not before `started`"),
    ),
)

AUDIT_LINE = Contract(
    name="audit_line",
    title="Audit lines",
    meaning="What a visit found for one item or one check.",
    grain="visit x product x check",
    key=("visit_id", "product_id", "check_name"),
    columns=(
        text("visit_id", "the visit", required=True, references="visit"),
        STORE_ID,
        text(
            "product_id",
            "the item; `all` for a check of the store as a whole",
            required=True,
            default="'all'",
        ),
        text("check_name", "what was checked", required=True, default="'shelf'"),
        day("date", "day of the audit", required=True),
        week_of("date"),
        flag("targeted", "whether the item should be there", default="true"),
        flag("available", "found saleable on shelf"),
        number("facings", "facings on shelf", "count", low=0),
        number("shelf_cm", "width on shelf", "cm", low=0),
        number("shelf_price", "price on the shelf label", "money per unit", low=0),
        flag("display_agreed", "a display was agreed here"),
        flag("display_found", "the display was on the floor"),
        number(
            "points_possible",
            "points the check is worth; empty when not applicable",
            "score",
            low=0,
        ),
        number("points_earned", "points earned", "score", low=0),
    ),
    rules=(
        Rule(
            column="points_earned",
            condition="points_earned <= points_possible",
            allowed="at most `points_possible`",
        ),
    ),
)

NOTE = Contract(
    name="note",
    title="Field notes",
    meaning="What a salesperson heard or saw, and the answer to it.",
    grain="one note",
    key=("note_id",),
    columns=(
        text("note_id", "note id, unique", required=True),
        STORE_ID,
        text("product_id", "the item it is about", references="product"),
        text("person_id", "who wrote it", required=True, references="person"),
        text("visit_id", "the visit it was written on"),
        moment("written", "when it was written", required=True),
        day("date", "day it was written", required=True, default="written::DATE"),
        week_of("coalesce(date, written::DATE)"),
        text("body", "the words", required=True),
        text("language", "language it is written in, e.g. en, sr"),
        text("topic", "what it is about"),
        text("owner_id", "who must answer"),
        moment("due", "answer due"),
        moment("answered", "answer given"),
        text("answer", "the answer"),
    ),
    rules=(
        Rule(
            column="answered",
            condition="answered >= written",
            allowed="a time not before `written`",
        ),
        Rule(column="due", condition="due >= written", allowed="a time not before `written`"),
    ),
)
