"""Charts of one promotion, drawn up once: the page's script puts each promotion's rows in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from offtake.report.drawing import COLOURS, altair_module, chart_json, waterfall, y_axis
from offtake.report.promotion_picture import ACROSS, SOURCES, STATUSES

DURING, AROUND, BASE = (
    "Sold in promotion weeks",
    "Sold in weeks around",
    "Would have sold without it",
)
SHAPES = ("circle", "triangle-down", "diamond", "square")
STEP = 22
"""Height of the map of stores with one line; the page's script gives it as many as it has."""


@lru_cache(maxsize=16)
def promotion_charts(label: str) -> Mapping[str, str]:
    """Return the charts as Vega-Lite JSON, without rows; made once for each label.

    Parameters
    ----------
    label
        Of simulated data; empty for real data.

    Returns
    -------
    Mapping
        ``weeks``, ``sources`` and ``stores``. Each reads data of its own name; ``stores`` reads
        ``regions``, too. What they hold,
        :data:`offtake.report.promotion_picture.COLUMNS` says.
    """
    found = {"weeks": _weeks(), "sources": _sources(), "stores": _stores()}
    return MappingProxyType({name: chart_json(chart, label) for name, chart in found.items()})


def _weeks() -> Any:  # noqa: ANN401  # Altair's chart
    alt = altair_module()
    colours = alt.Scale(
        domain=[DURING, AROUND, BASE],
        range=[COLOURS["sales"], COLOURS["neutral"], COLOURS["text"]],
    )
    colour = alt.Color(
        "kind:N", scale=colours, legend=alt.Legend(columns=1, symbolType="square", title=None)
    )
    base = alt.Chart(alt.NamedData("weeks"), height=250, width="container")
    shade = (
        # All weeks stay in it, so that the axis keeps their order.
        base.mark_rect(color=COLOURS["line"]).encode(
            x=_week_axis(),
            opacity=alt.when("datum.phase == 'promotion'")
            .then(alt.value(0.45))
            .otherwise(alt.value(0)),
        )
    )
    bars = (
        base.transform_calculate(
            kind=f"datum.phase == 'promotion' ? '{DURING}' : '{AROUND}'",
        )
        .mark_bar(width={"band": 0.66}, opacity={"expr": "datum.phase == 'promotion' ? 0.7 : 1"})
        .encode(x=_week_axis(), y=_units_axis("units:Q"), color=colour, tooltip=_week_tips())
    )
    band = base.mark_area(color=COLOURS["text"], opacity=0.3, line=False).encode(
        x=_week_axis(), y=_units_axis("low:Q"), y2="high:Q"
    )
    line = (
        base.transform_calculate(kind=f"'{BASE}'")
        .mark_line(strokeWidth=2, point={"size": 18, "filled": True})
        .encode(x=_week_axis(), y=_units_axis("base:Q"), color=colour, tooltip=_week_tips())
    )
    return alt.layer(shade, bars, band, line)


def _week_axis() -> Any:  # noqa: ANN401
    alt = altair_module()
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=8, title="week from")
    return alt.X("week:O", sort=None, axis=axis)


def _units_axis(field: str) -> Any:  # noqa: ANN401
    axis = y_axis(",~f")
    axis.title = "units a week"
    return altair_module().Y(field, axis=axis)


def _week_tips() -> list[Any]:
    alt = altair_module()
    return [
        alt.Tooltip("week:O", title="week from"),
        alt.Tooltip("phase:N"),
        alt.Tooltip("units:Q", title="units sold", format=",.0f"),
        alt.Tooltip("base:Q", title="without it", format=",.1f"),
        alt.Tooltip("low:Q", title="from", format=",.1f"),
        alt.Tooltip("high:Q", title="to", format=",.1f"),
    ]


def _sources() -> Any:  # noqa: ANN401
    """Draw the sources one after the other, and then their sum."""
    alt = altair_module()
    height = 50 * (len(SOURCES) + 1)
    return waterfall(alt.NamedData("sources"), height, "units", "marketing")


def _stores() -> Any:  # noqa: ANN401
    """Draw one mark per store, region under region."""
    alt = altair_module()
    ranges = [COLOURS["sales"], COLOURS["warn"], COLOURS["marketing"], COLOURS["neutral"]]
    legend = alt.Legend(columns=1, symbolSize=110)
    y = alt.Y("row:O", axis=None)
    marks = (
        alt.Chart(alt.NamedData("stores"))
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x=alt.X("column:O", axis=None, scale=alt.Scale(domain=list(range(ACROSS)))),
            y=y,
            color=alt.Color(
                "status:N",
                scale=alt.Scale(domain=list(STATUSES), range=ranges),
                legend=legend,
            ),
            shape=alt.Shape("status:N", scale=alt.Scale(domain=list(STATUSES), range=list(SHAPES))),
            size=alt.Size("units:Q", scale=alt.Scale(range=[50, 200], zero=True), legend=None),
            tooltip=[
                alt.Tooltip("store:N"),
                alt.Tooltip("region:N"),
                alt.Tooltip("status:N"),
                alt.Tooltip("units:Q", title="units sold", format=",.0f"),
                alt.Tooltip("incremental:Q", format=",.1f"),
            ],
        )
    )
    names = (
        alt.Chart(alt.NamedData("regions"))
        .mark_text(align="left", baseline="middle", fontSize=12, color=COLOURS["text"])
        .encode(x=alt.value(0), y=y, text="label:N")
    )
    return alt.layer(names, marks).properties(width="container", height=STEP)
