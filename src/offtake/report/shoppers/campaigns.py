"""What campaigns to households did: the effect of each, how sure that is, and what was checked."""

from __future__ import annotations

from typing import Any

from offtake.report.drawing import COLOURS, altair_module, inline, y_axis
from offtake.report.exhibits import Exhibit, Group, kept
from offtake.report.promotion_grids import Column
from offtake.report.promotion_words import with_span, written
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, said, tiles_of
from offtake.report.words import span_label

ALL = "all"
FOUND = (
    Column("Extra households", "households_during", "households", "campaign_effect"),
    Column("Extra units", "units", "units", "campaign_effect"),
    Column("Lift", "lift", "percent", "campaign_effect"),
    Column("Extra spending in the store", "money_store", "money", "campaign_effect"),
)
SENT = (
    ("Days", "campaign", lambda row: span_label(row["first_day"], row["last_day"])),
    Column("Contacted", "contacted", "households", "campaign"),
    Column("Compared with", "comparable_controls", "households", "campaign_controls"),
)
REDEEMED = (
    Column("Redeemed it", "redeeming_households", "households", "subsidised"),
    Column("of them, would have bought anyway", "subsidised", "households", "subsidised"),
)
GRADED = (
    ("Grade", "campaign_grade", said("grade")),
    ("Why", "campaign_grade", lambda row: _capital(row["reason"])),
    *REDEEMED,
)


def _capital(words: str) -> str:
    """Begin a sentence.

    Examples
    --------
    >>> _capital("the interval is wide")
    'The interval is wide'
    """
    return words[:1].upper() + words[1:]


def campaign_group(answer: ShopperAnswer) -> Group:
    """Return what campaigns did, as a part of the page."""
    rows = [row for row in answer.rows("shopper_campaigns") if row["campaign_id"] != ALL]
    rows.sort(key=lambda row: (row["grade"], -(row["contacted"] or 0)))
    total = _total(answer)
    exhibits = kept([
        Exhibit(
            title="Campaign by campaign",
            text="Households are chosen, so each campaign is compared with households like its own "
            "that did not get it. The best known come first.",
            grid=grid(answer, "Campaigns, those best known first", ("Campaign", "campaign_id"),
                      rows, (*SENT, *FOUND, GRADED[0]), label=_called),
            source="shopper_campaigns", wide=True,
        ),
        Exhibit(
            title="How far that can be trusted, and what coupons subsidised",
            grid=grid(answer, "Grades, with the reason", ("Campaign", "campaign_id"), rows, GRADED,
                      label=_called),
            source="shopper_campaigns", wide=True,
        ),
        Exhibit(
            title=_week_title(answer), chart="campaign_weeks" if _weeks(answer) else "",
            measure="campaign_effect",
            text="Extra units by week from the start of the campaign. Before the start there "
            "should be nothing to see. Thin lines: 80 % ranges of a week.",
            source="shopper_campaign_weeks", wide=True,
        ),
    ])  # fmt: skip
    return Group(
        key="campaigns", title="What campaigns to households did", sentence=_sentence(total),
        tiles=tiles_of(answer, total, FOUND), exhibits=exhibits,
    )  # fmt: skip


def _total(answer: ShopperAnswer) -> Row:
    rows = answer.rows("shopper_campaigns")
    return next((row for row in rows if row["campaign_id"] == ALL), {})


def _sentence(total: Row) -> str:
    if not total:
        return ""
    if total["units"] is None:
        return f"What campaigns added cannot be told: {total['reason']}."
    units = with_span(total, "units", "units")
    homes = written(total["contacted_compared"], "households")
    return (
        f"Campaigns changed what {homes} households bought by {units} units, beside households "
        f"like them. {_capital(total['reason'])}."
    )


def _called(name: str) -> str:
    return f"Campaign {name}" if name.isdigit() else name


def _told(answer: ShopperAnswer) -> str:
    """Return the campaign that is drawn: the best known, of these the one sent to most."""
    drawn = {row["campaign_id"] for row in answer.rows("shopper_campaign_weeks")}
    rows = [row for row in answer.rows("shopper_campaigns") if row["campaign_id"] in drawn]
    rows.sort(key=lambda row: (row["grade"], -row["contacted"]))
    return str(rows[0]["campaign_id"]) if rows else ""


def _week_title(answer: ShopperAnswer) -> str:
    return f"{_called(_told(answer))}, week by week"


def _weeks(answer: ShopperAnswer) -> list[Row]:
    told = _told(answer)
    return [
        {"week": row["week"], "value": row["incremental"], "low": row["incremental_low"],
         "high": row["incremental_high"], "period": row["period"]}
        for row in answer.rows("shopper_campaign_weeks")
        if (row["campaign_id"], row["scope"], row["measure"]) == (told, "products", "units")
    ]  # fmt: skip


def campaign_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return the chart of the best known campaign; none where there is none."""
    rows = _weeks(answer)
    if not rows:
        return {}
    alt = altair_module()
    base = alt.Chart(inline(rows), height=200, width="container")
    x = alt.X("week:O", axis=alt.Axis(title="weeks from the start", labelAngle=0))
    axis = y_axis(",~f")
    axis.title = "extra units"
    tips = [
        alt.Tooltip("week:O", title="weeks from the start"), alt.Tooltip("period:N"),
        alt.Tooltip("value:Q", title="extra units", format=",.1f"),
        alt.Tooltip("low:Q", title="from", format=",.1f"),
        alt.Tooltip("high:Q", title="to", format=",.1f"),
    ]  # fmt: skip
    colour = alt.Color(
        "period:N",
        scale=alt.Scale(domain=["before", "during", "after"],
                        range=[COLOURS["neutral"], COLOURS["marketing"], COLOURS["text"]]),
        legend=alt.Legend(columns=3),
    )  # fmt: skip
    zero = alt.Chart(inline([{}])).mark_rule(color=COLOURS["soft"]).encode(y=alt.datum(0))
    ends = base.mark_rule(strokeWidth=1.5).encode(
        x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q", color=colour, tooltip=tips
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=x, y=alt.Y("value:Q", axis=axis), color=colour, tooltip=tips
    )
    return {"campaign_weeks": alt.layer(zero, ends, points)}
