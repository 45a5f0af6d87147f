"""What emerges and what fades: categories, pack sizes, brands, with the week of the change."""

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
from offtake.report.promotion_words import counted
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, label_of, said

MOVES = ("emerging", "fading")
DRAWN = 4
TWO_YEARS = 104
PALETTE = ("marketing", "sales", "warn", "neutral")


CHANGED = (
    ("What", "trend", said("dimension")),
    ("Verdict", "trend", said("verdict")),
    Column("Change", "change", "percent", "trend"),
    ("In words", "trend", said("reading")),
)

STEADY = (
    ("What", "trend", said("dimension")),
    Column("Share", "share", "percent", "trend"),
    ("In words", "trend", said("reading")),
)


def trend_group(answer: ShopperAnswer) -> Group:
    """Return what changed, as a part of the page; categories of the whole store apart."""
    moved = _moved(answer)
    inside = [row for row in moved if row["dimension"] != "category"]
    outside = [row for row in moved if row["dimension"] == "category"]
    exhibits = kept([
        Exhibit(
            title=f"What emerges and fades in {answer.category}",
            chart="trends" if _weeks(answer) else "", measure="trend",
            text="Shares of the weekly total; thin lines are the weeks, thick ones the level "
            "fitted. The surest changes are drawn.",
            grid=grid(answer, "Shares that changed, the surest first", ("Name", "label"), inside,
                      CHANGED, label=str),
            source="shopper_trends, shopper_trend_weeks", wide=True,
        ),
        Exhibit(
            title="Categories that emerge and fade in the whole store",
            grid=grid(answer, "Categories whose share of all sales changed", ("Category", "name"),
                      outside, CHANGED[1:], label=str),
            source="shopper_trends", wide=True,
        ),
        Exhibit(
            title=f"The largest shares in {answer.category}: none is known to have changed",
            grid=None if inside else grid(answer, "Shares, the largest first", ("Name", "label"),
                                          _steady(answer), STEADY, label=str),
            source="shopper_trends", wide=True,
        ),
    ])  # fmt: skip
    return Group(
        key="trends", title="What emerges, what fades", sentence=_sentence(answer, moved),
        tiles=(), exhibits=exhibits,
    )  # fmt: skip


def _named(answer: ShopperAnswer) -> list[Row]:
    """Return what has a name of its own: what is taken together tells nothing."""
    return [
        row | {"label": _called(row)}
        for row in answer.rows("shopper_trends")
        if not str(row["name"]).startswith("(")
    ]


def _moved(answer: ShopperAnswer) -> list[Row]:
    rows = [row for row in _named(answer) if row["verdict"] in MOVES]
    return sorted(rows, key=lambda row: (row["q_value"], -row["share"]))


def _steady(answer: ShopperAnswer) -> list[Row]:
    rows = [row for row in _named(answer) if row["dimension"] != "category"]
    return sorted(rows, key=lambda row: -row["share"])


def _sentence(answer: ShopperAnswer, moved: list[Row]) -> str:
    looked = answer.rows("shopper_trends")
    if not looked:
        return ""
    inside = [row for row in moved if row["dimension"] != "category"]
    told = (
        f"In {answer.category} {_counts(inside)}; of the categories of the whole store "
        f"{_counts([row for row in moved if row not in inside])}."
    )
    weeks = {row["week"] for row in answer.rows("shopper_trend_weeks")}
    if not moved or len(weeks) >= TWO_YEARS:
        return told
    return f"{told} With less than two years loaded, a season looks like a change."


def _counts(moved: list[Row]) -> str:
    up = sum(row["verdict"] == "emerging" for row in moved)
    return f"{counted(up, 'share')} emerged and {len(moved) - up:,} faded"


def _weeks(answer: ShopperAnswer) -> list[Row]:
    inside = [row for row in _moved(answer) if row["dimension"] != "category"][:DRAWN]
    kept_names = {(row["dimension"], row["name"]): _name(row) for row in inside}
    return [
        {"week": moment(row["week"]), "share": row["share"], "fitted": row["fitted"],
         "name": kept_names[row["dimension"], row["name"]]}
        for row in answer.rows("shopper_trend_weeks")
        if (row["dimension"], row["name"]) in kept_names
    ]  # fmt: skip


def _called(row: Row) -> str:
    name = row["name"]
    return label_of(name) if row["dimension"] == "manufacturer" else str(name)


def _name(row: Row) -> str:
    return f"{row['label']} ({str(row['dimension']).replace('_', ' ')})"


def trend_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return the shares that changed most surely, week by week; none where nothing changed."""
    rows = _weeks(answer)
    if not rows:
        return {}
    alt = altair_module()
    names = list(dict.fromkeys(row["name"] for row in rows))
    axis, x = y_axis(",~f"), alt.X("week:T", axis=month_axis())
    axis.title = "share, %"
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[COLOURS[each] for each in PALETTE[: len(names)]]),
        legend=alt.Legend(columns=1, labelLimit=300, symbolOpacity=1),
    )
    tips = [
        week_tip(), alt.Tooltip("name:N"),
        alt.Tooltip("share:Q", title="share, %", format=".2f"),
        alt.Tooltip("fitted:Q", title="level, %", format=".2f"),
    ]  # fmt: skip
    base = alt.Chart(inline(rows), height=240, width="container")
    weekly = base.mark_line(strokeWidth=1, opacity=0.45).encode(
        x=x, y=alt.Y("share:Q", axis=axis), color=colour
    )
    level = base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(
        x=x, y=alt.Y("fitted:Q", axis=axis), color=colour, tooltip=tips
    )
    return {"trends": alt.layer(weekly, level)}
