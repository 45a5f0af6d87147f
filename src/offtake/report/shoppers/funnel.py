"""How the brand stands with people: its funnel over time, where it leaks, heads or stores."""

from __future__ import annotations

from typing import Any

from offtake.report.drawing import (
    COLOURS,
    altair_module,
    inline,
    moment,
    month_axis,
    week_tip,
    y_axis,
)
from offtake.report.exhibits import Exhibit, Group, kept
from offtake.report.promotion_grids import Column
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, label_of, said

STAGES = {
    "aware": "Know it", "considers": "Would consider it", "tried": "Have bought it",
    "repeats": "Bought it again", "loyal": "Buy it most",
}  # fmt: skip
PALETTE = ("marketing", "sales", "warn", "neutral", "text")
EVERYWHERE = "all"


def _ago(row: Row) -> str:
    """Say how long ago the earlier wave was."""
    return f"{(row['week'] - row['against']).days // 7} weeks ago"


STEPS = (
    Column("At the stage before", "people_before", "percent", "funnel"),
    Column("Go on", "conversion", "percent", "leak"),
    Column("Usual for its size", "norm", "percent", "leak"),
    Column("Lost of 100 people", "lost", "percent", "leak"),
    ("Largest leak", "leak", lambda row: "leaks here" if row["leak"] else ""),
)
CHANGES = (
    ("Since", "funnel_change", _ago),
    Column("Share now", "share", "percent", "funnel"),
    Column("Change", "change", "points", "funnel_change"),
    Column("Chance it grew", "probability_up", "percent", "funnel_change"),
    ("Finding", "funnel_change", said("finding")),
)
HEADS = (
    ("Where", "heads_or_stores", lambda row: "everywhere" if row["region"] == EVERYWHERE
     else str(row["region"])),
    Column("Share in heads", "mental", "percent", "heads_or_stores"),
    Column("Share of distribution", "physical", "percent", "heads_or_stores"),
    Column("Difference", "gap", "points", "heads_or_stores"),
    ("Advice", "heads_or_stores", said("recommendation")),
    Column("Chance", "probability", "percent", "heads_or_stores"),
    Column("At most worth a year", "worth", "money", "heads_or_stores_worth"),
)  # fmt: skip
MESSAGES = (
    ("Brand", "message", said("brand")),
    ("Touchpoint", "message", said("touchpoint")),
    Column("Noticed it", "noticed", "percent", "message"),
    Column("Understood it", "understood", "percent", "message"),
    Column("Knew whose it was", "right_brand", "percent", "message"),
    Column("Say it contradicts", "contradicts", "percent", "message_conflict"),
)
YES_OR_NO = {True: "yes", False: "no"}
SEGMENTS = (
    ("Stage", "segment", said("stage_name")),
    Column("Share", "share", "percent", "segment"),
    ("Beside what it says of all brands", "segment", said("finding")),
)
PANEL = (
    Column("People say", "survey", "percent", "said_and_done"),
    Column("Households do", "panel", "percent", "said_and_done"),
    ("Plausible", "said_and_done", lambda row: YES_OR_NO.get(row["plausible"], "")),
)
HOUSES = (
    Column("More readily", "points", "points", "house"),
    Column("Of the first answers", "answers_first", "percent", "house"),
    Column("Of the latest", "answers_last", "percent", "house"),
    ("Finding", "house", said("finding")),
)
CONFLICTS = (
    ("Brand", "message", said("brand")),
    ("Where", "message_conflict", said("touchpoint")),
    ("Beside", "message_conflict", said("message_2")),
    ("There", "message_conflict", said("touchpoint_2")),
    Column("Say so", "contradicts", "percent", "message_conflict"),
    Column("usual", "usual", "percent", "message_conflict"),
    ("Finding", "message_conflict", said("finding")),
)


def funnel_group(answer: ShopperAnswer) -> Group:
    """Return the brand's funnel, as a part of the page."""
    main = answer.main("shopper_funnel", "brand")
    steps = [row for row in answer.rows("shopper_funnel_steps") if row["brand"] == main]
    exhibits = kept([
        Exhibit(
            title=f"The funnel of {label_of(main)} over time",
            chart="funnel" if _waves(answer) else "", measure="funnel",
            text="Points are the waves as they came, lines what is left once chance and the habits "
            "of fieldwork houses are taken off, with 80 % ranges.",
            grid=grid(answer, "What changed", ("Stage", "stage_name"), _changes(answer), CHANGES),
            source="shopper_funnel, shopper_funnel_changes", wide=True,
        ),
        Exhibit(
            title=f"Where {label_of(main)} loses people",
            text="Of those at one stage, how many go on, beside what is usual for a brand as well "
            "known. Some who bought it would not consider it now: they are at the stages of buying "
            "all the same.",
            grid=grid(answer, f"From stage to stage: {label_of(main)}", ("To", "stage_name"),
                      _named(steps, "step"), STEPS),
            source="shopper_funnel_steps", wide=True,
        ),
        *_heads(answer),
        *_people(answer),
        *_messages(answer),
    ])  # fmt: skip
    leak = next((row["words"] for row in steps if row["leak"]), "")
    return Group(
        key="funnel", title="How the brand stands with people", sentence=str(leak), tiles=(),
        exhibits=exhibits,
    )  # fmt: skip


def _named(rows: list[Row], column: str) -> list[Row]:
    return [row | {"stage_name": STAGES.get(row[column], row[column])} for row in rows]


def _changes(answer: ShopperAnswer) -> list[Row]:
    main = answer.main("shopper_funnel", "brand")
    rows = [row for row in answer.rows("shopper_funnel_changes")
            if row["brand"] == main and _where(row) == EVERYWHERE]  # fmt: skip
    return _named(sorted(rows, key=lambda row: (row["weeks_back"], _place(row["stage"]))), "stage")


def _place(stage: str) -> int:
    return list(STAGES).index(stage) if stage in STAGES else len(STAGES)


def _where(row: Row) -> str:
    return str(row.get("region", EVERYWHERE))


def _heads(answer: ShopperAnswer) -> list[Exhibit]:
    rows = [row for row in answer.rows("shopper_heads_or_stores")
            if row["basis"] == "first_mention"]  # fmt: skip
    ours = [row for row in rows if row["brand"] in answer.own] or rows
    ours.sort(key=lambda row: (row["brand"], row["region"] != EVERYWHERE, row["region"]))
    return [
        Exhibit(
            title="More heads, or more stores?",
            text="The share of people who name the brand first, beside its share of distribution. "
            "Stronger in heads: win stores. Stronger in stores: win heads.",
            grid=grid(answer, "By brand and region", ("Brand", "brand"), ours, HEADS),
            source="shopper_heads_or_stores", wide=True,
        )
    ]  # fmt: skip


def _people(answer: ShopperAnswer) -> list[Exhibit]:
    main = answer.main("shopper_funnel", "brand")
    parts, panel, houses = (
        answer.rows(name) for name in ("shopper_segments", "shopper_funnel_panel", "shopper_houses")
    )
    parts = [row for row in parts if row["brand"] == main and row["finding"] != "as usual"]
    return [
        Exhibit(
            title=f"Segments in which {label_of(main)} is stronger or weaker than usual",
            text="Beside what the segment says of all brands: some know every brand better.",
            grid=grid(answer, "Those that are surely apart", ("Segment", "segment"),
                      _named(parts, "stage"), SEGMENTS, label=str),
            source="shopper_segments", wide=True,
        ),
        Exhibit(
            title="What people say beside what households do",
            grid=grid(answer, f"{label_of(main)}: survey and panel", ("About", "about"),
                      [row for row in panel if row["brand"] == main], PANEL, label=str),
            source="shopper_funnel_panel", wide=True,
        ),
        Exhibit(
            title="Habits of fieldwork houses, taken off above",
            grid=grid(answer, "How much more readily people say yes", ("House", "house"),
                      [row for row in houses if row["step"] == "aware"], HOUSES, label=str),
            source="shopper_houses", wide=True,
        ),
    ]  # fmt: skip


def _messages(answer: ShopperAnswer) -> list[Exhibit]:
    told = [row for row in answer.rows("shopper_messages") if row["brand"] in answer.own]
    told = told or answer.rows("shopper_messages")
    told.sort(key=lambda row: -(row["noticed"] or 0.0))
    pairs = [row for row in answer.rows("shopper_message_conflicts") if row["brand"] in answer.own]
    pairs = pairs or answer.rows("shopper_message_conflicts")
    pairs.sort(key=lambda row: (row["finding"] != "contradict each other", -row["respondents"]))
    return [
        Exhibit(
            title="Which messages were noticed where",
            text="That people who noticed it consider the brand more is no effect of the message.",
            grid=grid(answer, "Messages of the latest half year, those noticed most first",
                      ("Message", "message"), told, MESSAGES),
            source="shopper_messages", wide=True,
        ),
        Exhibit(
            title="Which messages contradict each other",
            grid=grid(answer, "Pairs of messages that ran together", ("Message", "message"), pairs,
                      CONFLICTS),
            source="shopper_message_conflicts", wide=True,
        ),
    ]  # fmt: skip


def _waves(answer: ShopperAnswer) -> list[Row]:
    main = answer.main("shopper_funnel", "brand")
    rows = [
        {"week": moment(row["week"]), "raw": row["raw"], "share": row["share"],
         "low": row["share_low"], "high": row["share_high"], "place": _place(row["stage"]),
         "stage": STAGES.get(row["stage"], row["stage"])}
        for row in answer.rows("shopper_funnel")
        if row["brand"] == main and _where(row) == EVERYWHERE
    ]  # fmt: skip
    return rows if len({row["week"] for row in rows}) > 1 else []


def funnel_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return our brand's stages wave by wave; none where there is a single wave."""
    rows = _waves(answer)
    if not rows:
        return {}
    alt = altair_module()
    names = [row["stage"] for row in sorted(rows, key=lambda row: row["place"])]
    names = list(dict.fromkeys(names))
    axis, x = y_axis(".0f"), alt.X("week:T", axis=month_axis())
    axis.title = "% of people"
    colour = alt.Color(
        "stage:N",
        scale=alt.Scale(domain=names, range=[COLOURS[each] for each in PALETTE[: len(names)]]),
        legend=alt.Legend(columns=2, symbolOpacity=1),
    )
    tips = [
        week_tip(), alt.Tooltip("stage:N"),
        alt.Tooltip("share:Q", title="smoothed, %", format=".1f"),
        alt.Tooltip("low:Q", title="from", format=".1f"),
        alt.Tooltip("high:Q", title="to", format=".1f"),
        alt.Tooltip("raw:Q", title="this wave alone, %", format=".1f"),
    ]  # fmt: skip
    base = alt.Chart(inline(rows), height=260, width="container")
    band = base.mark_area(opacity=0.15, line=False).encode(
        x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2).encode(
        x=x, y=alt.Y("share:Q", axis=axis), color=colour, tooltip=tips
    )
    points = base.mark_point(filled=True, size=22, opacity=0.5).encode(
        x=x, y=alt.Y("raw:Q", axis=axis), color=colour, tooltip=tips
    )
    return {"funnel": alt.layer(band, line, points)}
