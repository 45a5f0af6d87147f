"""Charts as Vega-Lite specifications: the page, a notebook and a slide show the same picture.

Colours are those of the light scheme; the page puts its own colour variables in their place, so
that one chart serves light, dark and print.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from offtake.data.contracts.simulated import NOT_EVIDENCE, origin_words
from offtake.measures.dimensions import NOT_STATED
from offtake.report.run import Row, Run
from offtake.report.words import name_of, signed
from offtake.units import Unit

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
    }
)
"""The chart colours by the name of the page's variable."""

LOG_TICKS = [factor * 10.0**power for power in range(-4, 5) for factor in (1, 3)]
WEEK = timedelta(weeks=1)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"

HOUSEHOLD_LABELS = MappingProxyType(
    {
        "households": "Households shopping",
        "penetration": "Penetration",
        "buy_rate": "Spend per buyer",
    }
)
STORE_LABELS = MappingProxyType(
    {
        "stores_in_universe": "Active stores",
        "distribution_fraction": "Distribution",
        "rate_of_sale": "Rate of sale",
        "weeks": "Weeks",
        "average_price": "Price paid",
    }
)
SWITCHING_LABELS = MappingProxyType(
    {
        "gained_from_new_category_buyers": "New category buyers",
        "lost_to_lapsed_category_buyers": "Lapsed category buyers",
        "category_more": "Category bought more",
        "category_less": "Category bought less",
        "net_switching": "Net switching",
    }
)


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
        # Two lines: a phone has no room for one.
        "subtitle": [origin_words(label), NOT_EVIDENCE],
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


def _weekly_sales(run: Run) -> Any:  # noqa: ANN401
    alt = altair_module()
    rows = week_rows(run, "weekly_sales")
    if not rows:
        return None
    return (
        alt.Chart(inline(rows), height=120, width="container")
        .mark_bar(color=COLOURS["sales"], stroke=COLOURS["card"])
        .encode(
            x=alt.X("week:T", axis=month_axis()),
            x2="next:T",
            y=alt.Y("value:Q", axis=y_axis(",.0f")),
            y2=alt.datum(0),
            tooltip=[week_tip(), alt.Tooltip("value:Q", title="value sales", format=",.2f")],
        )
    )


def week_rows(run: Run, table: str, kind: str = "", column: str = "value") -> list[Row]:
    """Return a table by week for a chart: each week with the next, and what its figure is."""
    return [
        {"week": _day(row["week"]), "next": _day(row["week"] + WEEK), "value": row[column],
         "kind": kind}
        for row in run.rows(table)
        if row[column] is not None
    ]  # fmt: skip


def _day(day: date) -> str:
    # With a time of day, a browser reads it in its own zone; a bare date it would shift.
    return f"{day.isoformat()}T00:00:00"


def week_axis(run: Run) -> Any:  # noqa: ANN401
    """Give a line the weeks that the bars of sales have."""
    alt = altair_module()
    frame = run.manifest.frame
    first, last = (date.fromisoformat(day) for day in (frame.data_first_week, frame.data_last_week))
    ends = alt.Scale(domain=[_moment(first), _moment(last + WEEK)])
    return alt.X("week:T", axis=month_axis(), scale=ends)


def month_axis() -> Any:  # noqa: ANN401
    """Return an axis of time that names months."""
    return altair_module().Axis(
        format="%b %Y", grid=False, labelOverlap="greedy", tickCount=6, title=None
    )


def _moment(day: date) -> Any:  # noqa: ANN401
    return altair_module().DateTime(year=day.year, month=day.month, date=day.day)


def week_tip() -> Any:  # noqa: ANN401
    """Return the line of a tooltip that names the week."""
    return altair_module().Tooltip("week:T", title="week from", format="%d %b %Y")


def y_axis(number: str) -> Any:  # noqa: ANN401
    """Return an upward axis; all have the same room for labels."""
    # The same room for labels under each other puts the weeks of all charts in one line.
    return altair_module().Axis(
        format=number, tickCount=4, minExtent=44, domain=False, ticks=False, title=None
    )


def two_lines(
    tables: Mapping[str, str], title: str, axis: str, number: str
) -> Callable[[Run], Any]:
    """Draw two tables by week, the first in the accent colour, the second dashed."""

    def build(run: Run) -> Any:  # noqa: ANN401
        rows = [row for table, kind in tables.items() for row in week_rows(run, table, kind)]
        if not rows:
            return None
        alt = altair_module()
        kinds = list(tables.values())
        colours = alt.Scale(domain=kinds, range=[COLOURS["sales"], COLOURS["neutral"]])
        dashes = alt.Scale(domain=kinds, range=[[1, 0], [5, 3]])
        scale = alt.Scale(zero=title.startswith("%"))
        return (
            alt.Chart(inline(rows), height=120, width="container")
            .mark_line(strokeWidth=2, point={"size": 12})
            .encode(
                x=week_axis(run),
                y=alt.Y("value:Q", axis=y_axis(axis), scale=scale),
                color=alt.Color("kind:N", scale=colours, legend=alt.Legend(symbolType="stroke")),
                strokeDash=alt.StrokeDash("kind:N", scale=dashes),
                tooltip=[week_tip(), alt.Tooltip("kind:N", title=" "),
                         alt.Tooltip("value:Q", title=title, format=number)],
            )
        )  # fmt: skip

    return build


def _items(run: Run) -> Any:  # noqa: ANN401
    alt = altair_module()
    rows = item_rows(run)
    if not rows:
        return None
    own = name_of(run.manifest.frame.manufacturer)
    colours = alt.Scale(domain=[own, "Competitors"], range=[COLOURS["sales"], COLOURS["neutral"]])
    return (
        alt.Chart(inline(rows), height=380, width="container")
        .mark_point(filled=True, opacity=0.6, size=50)
        .encode(
            x=alt.X("distribution:Q", title="weighted distribution, % ACV"),
            y=alt.Y(
                "rate:Q",
                axis=alt.Axis(values=LOG_TICKS, format="~r", domain=False, ticks=False),
                scale=alt.Scale(type="log", nice=False, padding=12),
                title="units per selling store and week",
            ),
            color=alt.Color("side:N", scale=colours),
            shape=alt.Shape(
                "side:N", scale=alt.Scale(domain=colours.domain, range=["circle", "square"])
            ),
            order=alt.Order("own:Q"),
            tooltip=[
                alt.Tooltip("item:N"),
                alt.Tooltip("maker:N", title="of"),
                alt.Tooltip("distribution:Q", title="% ACV", format=",.1f"),
                alt.Tooltip("rate:Q", title="rate of sale", format=",.3f"),
            ],
        )
    )


def item_rows(run: Run) -> list[Row]:
    """Return ours and the competitors' items with their distribution and rate of sale."""
    rates = {row["product_id"]: row["value"] for row in run.rows("item_rate_of_sale")}
    own = run.manifest.frame.manufacturer
    return [
        {
            "item": _item_name(row),
            "maker": name_of(row["manufacturer"]),
            "side": name_of(own) if row["manufacturer"] == own else "Competitors",
            "own": int(row["manufacturer"] == own),
            "distribution": row["value"],
            "rate": rates[row["product_id"]],
        }
        for row in run.rows("item_distribution")
        if rates.get(row["product_id"]) and row["value"]
    ]


def _item_name(row: Row) -> str:
    words = [row[name] for name in ("subcategory", "pack_size") if row[name] != NOT_STATED]
    return " ".join([*words, f"({row['product_id']})"])


def _decomposition(table: str, labels: Mapping[str, str], colour: str) -> Callable[[Run], Any]:
    def build(run: Run) -> Any:  # noqa: ANN401
        currency = run.manifest.frame.currency
        rows = [
            {"part": labels[row["factor"]], "value": row["part"],
             "text": signed(row["part"], "money", currency, scale=row["total_after"])}
            for row in run.rows(table)
            if row["factor"] != "weeks" or row["part"]
        ]  # fmt: skip
        rows += [
            _whole(row["change"], "money", currency, scale=row["total_after"])
            for row in run.rows(table)[:1]
        ]
        unit = f"change in value sales{f', {currency}' if currency else ''}"
        return _waterfall(rows, unit, colour) if rows else None

    return build


def _gain_loss(run: Run) -> Any:  # noqa: ANN401
    own = run.manifest.frame.manufacturer
    row = next((row for row in run.rows("switching") if row["manufacturer"] == own), None)
    if row is None:
        return None
    rows = [
        {"part": label, "value": row[name], "text": signed(row[name], "units")}
        for name, label in SWITCHING_LABELS.items()
    ]
    rows.append(_whole(row["value"], "units"))
    return _waterfall(rows, "change in units", "marketing")


def _whole(change: float, unit: Unit, currency: str = "", *, scale: float = 0.0) -> Row:
    text = signed(change, unit, currency, scale=scale)
    return {"part": "All together", "value": change, "text": text, "whole": True}


def _waterfall(rows: list[Row], unit: str, colour: str) -> Any:  # noqa: ANN401
    """Draw parts one after the other, each from where the last one ended, and then the whole."""
    alt = altair_module()
    steps = [
        {"whole": False, **row, "label": f"{row['part']}|{row['text']}", "order": place}
        for place, row in enumerate(rows)
    ]
    sides = (
        alt.when("datum.whole")
        .then(alt.value(COLOURS["text"]))
        .when("datum.value < 0")
        .then(alt.value(COLOURS["neutral"]))
        .otherwise(alt.value(COLOURS[colour]))
    )
    bars = (
        alt.Chart(inline(steps), height=38 * len(rows), width="container")
        .transform_window(run="sum(value)", sort=[{"field": "order"}])
        .transform_calculate(
            start="datum.whole ? 0 : datum.run - datum.value",
            end="datum.whole ? datum.value : datum.run",
        )
        .mark_bar(cornerRadius=1, height={"band": 0.6})
        .encode(
            y=part_axis([step["label"] for step in steps]),
            x=alt.X("start:Q", title=unit, axis=alt.Axis(format=",.0f", tickCount=4)),
            x2="end:Q",
            color=sides,
            tooltip=[alt.Tooltip("part:N", title="part"), alt.Tooltip("text:N", title=unit)],
        )
    )
    zero = alt.Chart(inline([{}])).mark_rule(color=COLOURS["soft"]).encode(x=alt.datum(0))
    return alt.layer(zero, bars)


def part_axis(labels: list[str]) -> Any:  # noqa: ANN401
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


BUILDERS: Mapping[str, Callable[[Run], Any]] = MappingProxyType(
    {
        "households_decomposition": _decomposition(
            "households_decomposition", HOUSEHOLD_LABELS, "marketing"
        ),
        "stores_decomposition": _decomposition("stores_decomposition", STORE_LABELS, "sales"),
        "gain_loss": _gain_loss,
        "items": _items,
        "weekly_sales": _weekly_sales,
        "weekly_price": two_lines(
            {"weekly_price": "Price paid", "weekly_regular_price": "Regular price"},
            "price per unit",
            ",.2f",
            ",.2f",
        ),
        "weekly_support": two_lines(
            {"weekly_display": "On display", "weekly_feature": "In a feature"},
            "% of selling store-weeks",
            ",.0f",
            ",.1f",
        ),
    }
)
