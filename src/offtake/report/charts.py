"""Charts as Vega-Lite specifications: the page, a notebook and a slide show the same picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from offtake.measures.dimensions import NOT_STATED
from offtake.report.drawing import (
    COLOURS,
    altair_module,
    inline,
    month_axis,
    waterfall,
    week_tip,
    y_axis,
)
from offtake.report.run import Row, Run
from offtake.report.words import name_of, signed
from offtake.units import Unit

LOG_TICKS = [factor * 10.0**power for power in range(-4, 5) for factor in (1, 3)]
WEEK = timedelta(weeks=1)

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


def _moment(day: date) -> Any:  # noqa: ANN401
    return altair_module().DateTime(year=day.year, month=day.month, date=day.day)


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
    steps = [{"whole": False, **row, "label": f"{row['part']}|{row['text']}"} for row in rows]
    return waterfall(inline(steps), 38 * len(rows), unit, colour)


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
