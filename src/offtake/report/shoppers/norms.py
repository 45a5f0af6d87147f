"""Brands beside what is usual for their size, and which brands share their buyers."""

from __future__ import annotations

from typing import Any

from offtake.report.drawing import COLOURS, altair_module, inline, y_axis
from offtake.report.exhibits import Exhibit, Group, kept
from offtake.report.promotion_grids import Column
from offtake.report.promotion_words import written
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, label_of, said, tiles_of

OURS, OTHERS, USUAL = "Ours", "Other brands", "Usual for the size"
TILES = (
    Column("Penetration", "penetration", "percent", "penetration"),
    Column("Purchases per buyer", "purchase_frequency", "per_household", "frequency"),
    Column("Share of their needs", "scr_purchases", "percent", "requirements"),
    Column("Buy nothing else", "sole_buyers", "percent", "sole"),
)
BRANDS = (
    Column("Penetration", "penetration", "percent", "penetration"),
    Column("usual", "penetration_expected", "percent", "norm"),
    Column("Purchases per buyer", "purchase_frequency", "per_household", "frequency"),
    Column("usual", "purchase_frequency_expected", "per_household", "norm"),
    Column("Share of their needs", "scr_purchases", "percent", "requirements"),
    Column("usual", "scr_purchases_expected", "percent", "norm"),
    Column("Buy nothing else", "sole_buyers", "percent", "sole"),
    Column("usual", "sole_buyers_expected", "percent", "norm"),
    ("What that says", "norm", said("reading")),
)
PAIRS = (
    Column("Also bought it", "duplication", "percent", "duplication"),
    Column("usual", "duplication_norm", "percent", "duplication"),
    Column("Index", "index", "index", "duplication"),
    ("More or less than usual", "duplication", lambda row: {
        "above": "more than usual", "below": "less than usual"}.get(row["deviates"], "as usual")),
)  # fmt: skip


def norm_group(answer: ShopperAnswer) -> Group:
    """Return brands beside the norms of the category, as a part of the page."""
    rows, main = answer.rows("shopper_norms"), answer.main("shopper_norms")
    pairs = [row for row in answer.rows("shopper_duplication") if row["name"] == main]
    pairs.sort(key=lambda row: -row["both_weight"])
    exhibits = kept([
        Exhibit(
            title="Large brands are bought by more, and a little more often",
            chart="norms" if len(rows) > 1 else "", measure="norm",
            text="Each mark is a brand. On the line a brand is bought as often as its size lets "
            "expect; it grows by more buyers, hardly ever by more purchases of the same ones.",
            grid=grid(answer, "Brands beside what is usual for their size", ("Brand", "name"),
                      rows, BRANDS),
            source="shopper_norms, shopper_norm_line", wide=True,
        ),
        Exhibit(
            title=f"What else buyers of {label_of(main)} buy",
            text="A brand shares its buyers with others by how large these are. Those that share "
            "more than usual stand close to it.",
            grid=grid(answer, f"Of the buyers of {label_of(main)}, the part that also bought",
                      ("Also bought", "also_bought"), pairs, PAIRS),
            source="shopper_duplication", wide=True,
        ),
    ])  # fmt: skip
    mine: Row = next((row for row in rows if row["name"] == main), {})
    return Group(
        key="norms", title="Is it bought as a brand of its size is?",
        sentence=_sentence(mine), tiles=tiles_of(answer, mine, TILES),
        exhibits=exhibits,
    )  # fmt: skip


def _sentence(row: Row) -> str:
    if not row:
        return ""
    part, needs = (written(row[name], "percent") for name in ("penetration", "scr_purchases"))
    often = written(row["purchase_frequency"], "per_household")
    return (
        f"{part} of households bought {label_of(row['name'])}, {often} times each, and gave it "
        f"{needs} of what they buy of the category. {row['reading']}"
    )


def norm_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return brands by penetration and frequency with the line of the norm; none for one brand."""
    rows = answer.rows("shopper_norms")
    if len(rows) < 2:
        return {}
    alt = altair_module()
    line = [
        {"x": row["penetration"], "y": row["purchase_frequency"], "kind": USUAL}
        for row in answer.rows("shopper_norm_line")
    ]
    marks = [
        {"x": row["penetration"], "y": row["purchase_frequency"], "brand": label_of(row["name"]),
         "kind": OURS if row["name"] in answer.own else OTHERS,
         "usual": row["purchase_frequency_expected"], "reading": row["reading"]}
        for row in rows
    ]  # fmt: skip
    axis = y_axis(".1f")
    axis.title = "purchases per buyer"
    x = alt.X("x:Q", axis=alt.Axis(title="penetration, % of households", tickCount=6, grid=False),
              scale=alt.Scale(zero=True))  # fmt: skip
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[OURS, OTHERS, USUAL],
                        range=[COLOURS["marketing"], COLOURS["neutral"], COLOURS["soft"]]),
        legend=alt.Legend(columns=1),
    )  # fmt: skip
    usual = (
        alt.Chart(inline(line), height=280, width="container")
        .mark_line(strokeDash=[5, 3])
        .encode(x=x, y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False)), color=colour)
    )
    points = (
        alt.Chart(inline(marks))
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=x, y=alt.Y("y:Q", axis=axis), color=colour,
            tooltip=[
                alt.Tooltip("brand:N"),
                alt.Tooltip("x:Q", title="penetration, %", format=".1f"),
                alt.Tooltip("y:Q", title="purchases per buyer", format=".2f"),
                alt.Tooltip("usual:Q", title="usual for its size", format=".2f"),
                alt.Tooltip("reading:N", title="which says"),
            ],
        )
    )  # fmt: skip
    return {"norms": alt.layer(usual, points)}
