"""Availability and lost sales by week: a chart of each, and the figures behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from offtake.report.answer import Answer
from offtake.report.drawing import (
    COLOURS,
    altair_module,
    chart_json,
    inline,
    moment,
    month_axis,
    week_tip,
    y_axis,
)
from offtake.report.exhibits import Exhibit
from offtake.report.figures import Grid, Line
from offtake.report.promotion_grids import Column, headings, shown
from offtake.report.run import Row
from offtake.report.words import span_label

WEEK = timedelta(days=7)
MOSTLY = 50.0
RECORDED, GUESSED = "Shelves recorded", "From sales: no short gaps"
FEWEST = 3
"""Weeks below which there is nothing to draw."""
COLUMNS = (
    Column("Availability", "availability", "percent", "availability"),
    Column("Lost units", "lost_units", "units", "lost"),
    Column("Lost value", "lost_value", "money", "lost"),
)
SOURCE = "availability_weeks; the bars' ends are 80 % ranges"


def weeks_of(answer: Answer) -> list[Row]:
    """Return the weeks of the manufacturer shown, or of all together, in order."""
    rows = [
        row
        for row in answer.rows("availability_weeks")
        if row["manufacturer"] == answer.manufacturer
    ]
    return sorted(rows, key=lambda row: row["week"]) if len(rows) >= FEWEST else []


def week_exhibits(answer: Answer) -> tuple[Exhibit, ...]:
    """Return lost sales and availability by week as exhibits; none for a few weeks."""
    rows = weeks_of(answer)
    if not rows:
        return ()
    lines = tuple(
        Line(span_label(row["week"], row["week"]), False,
             tuple(shown(row, each, answer.currency) for each in COLUMNS))
        for row in reversed(rows)
    )  # fmt: skip
    grid = Grid("By week, the latest first", "Week from", headings(COLUMNS, answer.currency), lines)
    lost = "Lost value by week" if _valued(rows) else "Lost units by week"
    return (
        Exhibit(title=lost, chart="lost", measure="lost", grid=grid, source=SOURCE),
        Exhibit(title="Availability by week, %", chart="found", measure="availability",
                source="availability_weeks"),
    )  # fmt: skip


def week_charts(answer: Answer) -> dict[str, str]:
    """Return both charts as Vega-Lite JSON, by name; none for a few weeks."""
    rows = weeks_of(answer)
    if not rows:
        return {}
    column = "lost_value" if _valued(rows) else "lost_units"
    drawn = {"lost": _lost(_points(rows, column)), "found": _found(_points(rows, "availability"))}
    return {name: chart_json(chart, answer.simulated) for name, chart in drawn.items()}


def _valued(rows: Sequence[Row]) -> bool:
    return all(row["lost_value"] is not None for row in rows)


def _points(rows: Sequence[Row], column: str) -> list[Row]:
    return [
        {"week": moment(row["week"]), "middle": moment(row["week"] + WEEK / 2),
         "next": moment(row["week"] + WEEK), "value": row[column],
         "low": row.get(f"{column}_low"), "high": row.get(f"{column}_high"),
         "kind": RECORDED if row["recorded"] >= MOSTLY else GUESSED}
        for row in rows
    ]  # fmt: skip


def _lost(rows: list[Row]) -> Any:  # noqa: ANN401  # Altair's chart
    alt = altair_module()
    base = alt.Chart(inline(rows), height=160, width="container")
    tips = [
        week_tip(),
        alt.Tooltip("value:Q", title="lost", format=",.0f"),
        alt.Tooltip("low:Q", title="from", format=",.0f"),
        alt.Tooltip("high:Q", title="to", format=",.0f"),
    ]
    bars = base.mark_bar(stroke=COLOURS["card"]).encode(
        x=alt.X("week:T", axis=month_axis()),
        x2="next:T",
        y=alt.Y("value:Q", axis=y_axis(",.0f")),
        y2=alt.datum(0),
        color=_kind(rows),
        tooltip=tips,
    )
    ends = base.mark_rule(color=COLOURS["text"], strokeWidth=1.5).encode(
        x="middle:T", y=alt.Y("low:Q", axis=y_axis(",.0f")), y2="high:Q", tooltip=tips
    )
    return alt.layer(bars, ends)


def _kind(rows: list[Row]) -> Any:  # noqa: ANN401
    """Colour by how weeks are known, with a legend where they are known in two ways."""
    alt = altair_module()
    legend = alt.Legend(columns=1, symbolType="square")
    return alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[RECORDED, GUESSED], range=[COLOURS["sales"], COLOURS["neutral"]]),
        legend=legend if len({row["kind"] for row in rows}) > 1 else None,
    )


def _found(rows: list[Row]) -> Any:  # noqa: ANN401
    alt = altair_module()
    return (
        alt.Chart(inline(rows), height=120, width="container")
        .mark_line(strokeWidth=2, point={"size": 14})
        .encode(
            color=_kind(rows),
            x=alt.X("week:T", axis=month_axis()),
            y=alt.Y("value:Q", axis=y_axis(".0f"), scale=alt.Scale(zero=False)),
            tooltip=[week_tip(), alt.Tooltip("value:Q", title="availability, %", format=".1f")],
        )
    )
