"""How our charts look, and the pieces that several of them share.

Colours are those of the light scheme; the page puts its own colour variables in their place, so
that one chart serves light, dark and print.
"""

from __future__ import annotations

import json
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from offtake.data.contracts.simulated import NOT_EVIDENCE, origin_words
from offtake.report.run import Row

if TYPE_CHECKING:
    import altair as alt

COLOURS = MappingProxyType(
    {
        "text": "#1c2321",
        "soft": "#55605d",
        "line": "#d5dad7",
        "card": "#ffffff",
        "neutral": "#8b9692",
        "marketing": "#8a2f6b",
        "sales": "#0b5c55",
        "warn": "#7a4a00",
    }
)
"""The chart colours by the name of the page's variable."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


def chart_json(chart: alt.Chart | alt.LayerChart, label: str = "") -> str:
    """Return a chart with the look of the page as JSON text; simulated data need their label."""
    record = chart.configure(**_look()).to_dict(context={"pre_transform": False})
    record["autosize"] = {"type": "fit-x", "contains": "padding"}
    if label:
        record["title"] = _simulated_title(label)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _simulated_title(label: str) -> dict[str, Any]:
    return {
        "text": "Simulated data",
        # A line for each: a phone has no room for one.
        "subtitle": [*origin_words(label).split("; "), NOT_EVIDENCE],
        "anchor": "start",
        "fontSize": 12,
        "subtitleFontSize": 12,
        "color": COLOURS["text"],
        "subtitleColor": COLOURS["soft"],
    }


def _look() -> dict[str, Any]:
    axis = {
        "labelColor": COLOURS["soft"],
        "titleColor": COLOURS["soft"],
        "titleFontWeight": "normal",
        "gridColor": COLOURS["line"],
        "domainColor": COLOURS["line"],
        "tickColor": COLOURS["line"],
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    return {
        "font": FONT,
        "background": "transparent",
        "axis": axis,
        "legend": {
            "labelColor": COLOURS["text"],
            "orient": "top",
            "title": None,
            "labelFontSize": 12,
        },
        "view": {"stroke": None},
    }


def altair_module() -> Any:  # noqa: ANN401  # the module
    """Return Altair, whose import takes most of a second."""
    import altair

    return altair


def inline(rows: list[Row]) -> Any:  # noqa: ANN401  # Altair's own type of inline data
    """Return rows as data that travel inside a chart."""
    return altair_module().InlineData(values=rows)


def moment(day: date) -> str:
    """Return a day as a chart takes it: with a time, which a browser reads in its own zone.

    A bare date it takes for midnight in Greenwich, and shows the day before in America.

    Examples
    --------
    >>> moment(date(2017, 7, 3))
    '2017-07-03T00:00:00'
    """
    return f"{day.isoformat()[:10]}T00:00:00"


def month_axis() -> Any:  # noqa: ANN401
    """Return an axis of time that names months."""
    return altair_module().Axis(
        format="%b %Y", grid=False, labelOverlap="greedy", tickCount=6, title=None
    )


def week_tip() -> Any:  # noqa: ANN401
    """Return the line of a tooltip that names the week."""
    return altair_module().Tooltip("week:T", title="week from", format="%d %b %Y")


def y_axis(number: str) -> Any:  # noqa: ANN401
    """Return an upward axis; all have the same room for labels."""
    # The same room for labels under each other puts the weeks of all charts in one line.
    return altair_module().Axis(
        format=number, tickCount=4, minExtent=44, domain=False, ticks=False, title=None
    )


def waterfall(data: Any, height: int, unit: str, colour: str) -> Any:  # noqa: ANN401
    """Draw parts one after the other, each from where the last one ended, and then the whole.

    Parameters
    ----------
    data
        Rows in their order, with ``part``, ``value``, ``label`` (the lines beside the bar, with a
        bar between them) and ``whole``.
    height
        Of all bars together.
    unit
        Title of the axis.
    colour
        Of what is added; what is taken off is neutral.
    """
    alt = altair_module()
    sides = (
        alt.when("datum.whole")
        .then(alt.value(COLOURS["text"]))
        .when("datum.value < 0")
        .then(alt.value(COLOURS["neutral"]))
        .otherwise(alt.value(COLOURS[colour]))
    )
    bars = (
        alt.Chart(data, height=height, width="container")
        .transform_window(run="sum(value)")
        .transform_calculate(
            start="datum.whole ? 0 : datum.run - datum.value",
            end="datum.whole ? datum.value : datum.run",
            text="split(datum.label, '|')[1]",
        )
        .mark_bar(cornerRadius=1, height={"band": 0.6})
        .encode(
            y=part_axis(),
            x=alt.X("start:Q", title=unit, axis=alt.Axis(format=",.0f", tickCount=4)),
            x2="end:Q",
            color=sides,
            tooltip=[alt.Tooltip("part:N", title="part"), alt.Tooltip("text:N", title=unit)],
        )
    )
    zero = alt.Chart(inline([{}])).mark_rule(color=COLOURS["soft"]).encode(x=alt.datum(0))
    return alt.layer(zero, bars)


def part_axis(labels: list[str] | None = None) -> Any:  # noqa: ANN401
    """Write each part with its value under it: a phone has no room for labels beside the bars."""
    alt = altair_module()
    axis = alt.Axis(
        domain=False,
        ticks=False,
        labelLimit=170,
        labelLineHeight=14,
        labelOffset=-6,
        labelExpr="split(datum.label, '|')",
        labelColor=COLOURS["text"],
        title=None,
    )
    return alt.Y("label:N", sort=labels, axis=axis)
