"""Every chart of the scoreboard: those of any run, and those of what only some runs have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from offtake.report.charts import BUILDERS, two_lines, week_rows
from offtake.report.drawing import (
    COLOURS,
    altair_module,
    chart_json,
    inline,
    month_axis,
    part_axis,
    week_tip,
    y_axis,
)
from offtake.report.field import target_lines
from offtake.report.minds import STAGES
from offtake.report.run import Row, Run
from offtake.report.words import amount


def charts(run: Run) -> dict[str, str]:
    """Return every chart that the run has data for, as Vega-Lite JSON by name."""
    specs = {name: build(run) for name, build in (*BUILDERS.items(), *_MORE.items())}
    label = run.manifest.frame.simulated
    return {name: chart_json(chart, label) for name, chart in specs.items() if chart is not None}


def _weekly_media(run: Run) -> Any:  # noqa: ANN401
    """Draw what we spent as bars and what we sold as a line, each on its own scale from zero."""
    spent = week_rows(run, "weekly_media", column="spend")
    sold = week_rows(run, "weekly_sales")
    if not spent or not sold:
        return None
    alt = altair_module()
    bars = (
        alt.Chart(inline(spent), height=160, width="container")
        .mark_bar(color=COLOURS["marketing"], stroke=COLOURS["card"])
        .encode(
            x=alt.X("week:T", axis=month_axis()),
            x2="next:T",
            y=alt.Y("value:Q", axis=_coloured_axis("media spend", "marketing", "left")),
            y2=alt.datum(0),
            tooltip=[week_tip(), alt.Tooltip("value:Q", title="media spend", format=",.2f")],
        )
    )
    line = (
        alt.Chart(inline(sold))
        .mark_line(color=COLOURS["sales"], strokeWidth=2)
        .encode(
            x=alt.X("week:T", axis=month_axis()),
            y=alt.Y(
                "value:Q",
                axis=_coloured_axis("value sales", "sales", "right"),
                scale=alt.Scale(zero=True),
            ),
            tooltip=[week_tip(), alt.Tooltip("value:Q", title="value sales", format=",.2f")],
        )
    )
    return alt.layer(bars, line).resolve_scale(y="independent")


def _coloured_axis(title: str, colour: str, side: str) -> Any:  # noqa: ANN401
    axis = y_axis(",.0f")
    axis.title, axis.titleColor, axis.labelColor = title, COLOURS[colour], COLOURS[colour]
    axis.orient, axis.minExtent, axis.grid = side, 30, side == "left"
    return axis


def _funnel(run: Run) -> Any:  # noqa: ANN401
    """Draw our largest brand against the largest rival, stage by stage, with intervals."""
    rows = _funnel_rows(run)
    if not rows:
        return None
    alt = altair_module()
    brands = list(dict.fromkeys(row["brand"] for row in rows))
    sides = [COLOURS["marketing"], COLOURS["neutral"]][: len(brands)]
    place = {
        "y": alt.Y(
            "stage:N",
            sort=[each.heading for each in STAGES],
            title=None,
            axis=alt.Axis(domain=False, ticks=False, labelColor=COLOURS["text"], labelLimit=130),
        ),
        "yOffset": alt.YOffset("brand:N", sort=brands),
    }
    tips = [alt.Tooltip("brand:N"), alt.Tooltip("stage:N"), alt.Tooltip("text:N", title="%")]
    axis = alt.Axis(format=",.0f", tickCount=5)
    bars = (
        alt.Chart(inline(rows), height=46 * len(STAGES), width="container")
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("value:Q", title="% of the people asked", axis=axis),
            color=alt.Color(
                "brand:N",
                scale=alt.Scale(domain=brands, range=sides),
                legend=alt.Legend(columns=1),  # a phone has no room for two names in a line
            ),
            tooltip=tips,
            **place,
        )
    )
    whiskers = (
        alt.Chart(inline(rows))
        .mark_rule(color=COLOURS["text"], strokeWidth=1.5)
        .encode(x="low:Q", x2="high:Q", tooltip=tips, **place)
    )
    return alt.layer(bars, whiskers)


def _funnel_rows(run: Run) -> list[Row]:
    frame = run.manifest.frame
    wanted = (*frame.brands[:1], *frame.rival_brands[:1])
    return [
        {
            "stage": spec.heading,
            "brand": brand,
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "text": f"{amount(row['value'], 'percent')} ({amount(row['low'], 'percent')} to "
            f"{amount(row['high'], 'percent')})",
        }
        for spec in STAGES
        for brand in wanted
        for row in run.rows(spec.table)
        if row["brand"] == brand and row["value"] is not None
    ]


def _targets(run: Run) -> Any:  # noqa: ANN401
    """Draw target attainment by team, with a line at 100 %."""
    by = target_lines(run)
    rows = [
        {"label": f"{by.name(row)}|{amount(row['value'], 'percent')}", "value": row["value"]}
        for row in run.rows("quota_attainment_by_team")
        if row["value"] is not None
    ]
    if not rows:
        return None
    alt = altair_module()
    bars = (
        alt.Chart(inline(rows), height=38 * len(rows), width="container")
        .mark_bar(cornerRadius=1, height={"band": 0.6}, color=COLOURS["sales"])
        .encode(
            y=part_axis([row["label"] for row in rows]),
            x=alt.X("value:Q", title="% of target", axis=alt.Axis(format=",.0f", tickCount=5)),
        )
    )
    full = (
        alt.Chart(inline([{}]))
        .mark_rule(color=COLOURS["text"], strokeDash=[4, 3])
        .encode(x=alt.datum(100))
    )
    return alt.layer(bars, full)


_MORE: Mapping[str, Callable[[Run], Any]] = MappingProxyType(
    {
        "weekly_media": _weekly_media,
        "funnel": _funnel,
        "weekly_availability": two_lines(
            {"weekly_availability_time": "By the clock", "weekly_availability_audit": "By visits"},
            "available, %",
            ",.0f",
            ",.1f",
        ),
        "targets": _targets,
    }
)
