"""How buyers were won, whether they came back, and what kinds of buyers there are."""

from __future__ import annotations

from typing import Any

from offtake.report.drawing import COLOURS, altair_module, inline, y_axis
from offtake.report.exhibits import Exhibit, Group, kept
from offtake.report.promotion_grids import Column
from offtake.report.promotion_words import span, written
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, label_of, said

EVERY, UNKNOWN = "(all)", "not known"
WON = (
    Column("First-time buyers", "first_time_buyers", "households", "won_by"),
    Column("Bought again", "repeat", "percent", "first_repeat"),
    Column("Beside full price", "difference", "points", "won_difference"),
    Column("Share of their needs", "scr", "percent", "requirements"),
    Column("Bought on deal later", "deal_share", "percent", "deal_dependence"),
    Column("Units each", "units_per_buyer", "units", "won_by"),
    Column("Spent each", "value_per_buyer", "money", "won_by"),
)
OWN = (*WON, ("Told from", "won_difference", said("difference_from")))
TYPES = (
    Column("Households", "households", "households", "buyer_type"),
    Column("of households", "share_of_households", "percent", "buyer_type"),
    Column("of units", "share_of_units", "percent", "buyer_type"),
    Column("of value", "share_of_value", "percent", "buyer_type"),
    Column("Share of their needs", "scr", "percent", "requirements"),
    Column("Bought on deal", "deal_share", "percent", "deal_dependence"),
    ("Who that is", "buyer_type", said("rule")),
)


def won_group(answer: ShopperAnswer) -> Group:
    """Return how buyers were won, as a part of the page."""
    everybody = [row for row in answer.rows("shopper_won_category") if row["first_time_buyers"]]
    main = answer.main("shopper_won")
    ours = [row for row in answer.rows("shopper_won") if row["name"] == main]
    types = [row for row in answer.rows("shopper_buyer_types")
             if row["name"] == main and row["households"]]  # fmt: skip
    exhibits = kept([
        Exhibit(
            title="Share of first-time buyers who bought again, by what won them",
            chart="won" if _drawn(answer) else "", measure="first_repeat",
            text="All brands of the category, by weeks since the first purchase. Who is won on a "
            "deal differs in other ways, too: beside full price compares like with like.",
            grid=grid(answer, "All brands of the category", ("Won by", "trigger"), everybody, WON,
                      label=str),
            source="shopper_won_category, shopper_won_curves", wide=True,
        ),
        Exhibit(
            title=f"How buyers of {label_of(main)} were won",
            grid=grid(answer, f"First-time buyers of {label_of(main)}", ("Won by", "trigger"),
                      ours, OWN, label=str),
            source="shopper_won", wide=True,
        ),
        Exhibit(
            title=f"Loyal buyers, pantry loaders and the rest: {label_of(main)}",
            grid=grid(answer, "Buyers by kind; every buyer is of one kind", ("Kind", "type"),
                      types, TYPES, label=str),
            source="shopper_buyer_types", wide=True,
        ),
    ])  # fmt: skip
    return Group(
        key="won", title="How buyers were won, and who came back",
        sentence=_sentence(everybody), tiles=(), exhibits=exhibits,
    )  # fmt: skip


def _sentence(rows: list[Row]) -> str:
    by = {row["trigger"]: row for row in rows}
    plain, deal = by.get("full price"), by.get("deal")
    if not plain or not deal or None in (plain["repeat"], deal["repeat"]):
        return ""
    told = f"{written(deal['repeat'], 'percent')} of those won on a deal bought again"
    beside = f"{written(plain['repeat'], 'percent')} of those won at full price"
    if deal["difference"] is None:
        return f"{told}, {beside}."
    reach = span(deal, "difference", "points")
    return f"{told}, {beside}; like with like the difference is {reach} points."


def _drawn(answer: ShopperAnswer) -> list[Row]:
    return [
        {"weeks": row["weeks_since_trial"], "value": row["bought_again"],
         "low": row["bought_again_low"], "high": row["bought_again_high"],
         "trigger": row["trigger"]}
        for row in answer.rows("shopper_won_curves")
        if row["name"] == EVERY and row["trigger"] != UNKNOWN
    ]  # fmt: skip


def won_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return the share that bought again by weeks since the first purchase, trigger by trigger."""
    rows = _drawn(answer)
    if not rows:
        return {}
    alt = altair_module()
    names = list(dict.fromkeys(row["trigger"] for row in rows))
    palette = ["marketing", "sales", "warn", "neutral", "text"]
    axis = y_axis(".0f")
    axis.title = "% that bought again"
    colour = alt.Color(
        "trigger:N",
        scale=alt.Scale(domain=names, range=[COLOURS[each] for each in palette[: len(names)]]),
        legend=alt.Legend(columns=2, symbolOpacity=1),
    )
    base = alt.Chart(inline(rows), height=220, width="container")
    x = alt.X("weeks:Q", axis=alt.Axis(title="weeks since the first purchase", tickMinStep=1,
                                       tickCount=6, grid=False))  # fmt: skip
    tips = [
        alt.Tooltip("trigger:N", title="won by"), alt.Tooltip("weeks:Q"),
        alt.Tooltip("value:Q", title="bought again, %", format=".1f"),
        alt.Tooltip("low:Q", title="from", format=".1f"),
        alt.Tooltip("high:Q", title="to", format=".1f"),
    ]  # fmt: skip
    band = base.mark_area(opacity=0.12, line=False).encode(
        x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2, interpolate="step-after").encode(
        x=x, y=alt.Y("value:Q", axis=axis), color=colour, tooltip=tips
    )
    return {"won": alt.layer(band, line)}
