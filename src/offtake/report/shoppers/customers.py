"""Who is still a customer, what they will buy, and what they are worth."""

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
from offtake.report.promotion_words import with_span, written
from offtake.report.run import Row
from offtake.report.shoppers.answer import ShopperAnswer, grid, label_of, said, tiles_of

STEADY = "nbd"
"""The model in which nobody leaves."""
BOUGHT, EXPECTED, FORECAST = "Bought again", "Expected of those weeks", "Forecast of later weeks"
TILES = (
    Column("Customers", "customers", "households", "customer"),
    Column("Still customers", "alive", "households", "alive"),
    Column("Purchases to come", "purchases", "count", "purchases_to_come"),
    Column("Worth per customer", "lifetime_value_per_customer", "money", "lifetime_value"),
)
BASES = (
    Column("Customers", "customers", "households", "customer"),
    Column("Still customers", "alive_share", "percent", "alive"),
    Column("Purchases to come", "purchases", "count", "purchases_to_come"),
    Column("Spent per purchase", "spend_per_purchase", "money", "customer"),
    Column("Worth per customer", "lifetime_value_per_customer", "money", "lifetime_value"),
    ("Valued at", "lifetime_value", said("valued_at")),
)
MODELS = (
    ("Chosen", "customer_model", lambda row: "chosen" if row["chosen"] else ""),
    Column("Bought again, held out", "holdout_actual", "count", "customer_model"),
    Column("Expected", "holdout_expected", "count", "customer_model"),
    Column("Error", "holdout_error", "percent", "customer_model"),
    ("Why", "customer_model", said("why")),
)


def customer_group(answer: ShopperAnswer) -> Group:
    """Return the customer base, as a part of the page."""
    main = answer.main("shopper_customer_base")
    rows = answer.first(
        [_told(row) for row in
         sorted(answer.rows("shopper_customer_base"), key=lambda row: -row["customers"])]
    )  # fmt: skip
    mine: Row = next((row for row in rows if row["name"] == main), {})
    models = [row for row in answer.rows("shopper_customer_models") if row["name"] == main]
    exhibits = kept([
        Exhibit(
            title=f"{label_of(main)}: bought again, and expected",
            chart="customers" if _weeks(answer, main) else "", measure="customer_model",
            text="Purchases after the first, added up. The model saw the weeks before the forecast "
            "begins; what came later stands beside it and its 80 % range.",
            grid=grid(answer, "Models, held to weeks they had not seen", ("Model", "model"),
                      models, MODELS),
            source="shopper_customer_tracking, shopper_customer_models", wide=True,
        ),
        Exhibit(
            title="Customer bases", wide=True,
            grid=grid(answer, "Households that ever bought, ours first", ("Brand", "name"), rows,
                      BASES),
            source="shopper_customer_base",
        ),
    ])  # fmt: skip
    return Group(
        key="customers", title="Who is still a customer?", sentence=_sentence(answer, mine),
        tiles=tiles_of(answer, mine, TILES), exhibits=exhibits,
    )  # fmt: skip


def _told(row: Row) -> Row:
    """Return a base without how many are customers still, where its model lets nobody leave."""
    untold = ("alive", "alive_low", "alive_high", "alive_share", "alive_share_low",
              "alive_share_high") if row["model"] == STEADY else ()  # fmt: skip
    return row | dict.fromkeys(untold)


def _sentence(answer: ShopperAnswer, row: Row) -> str:
    if not row or row["model"] is None:
        return ""
    ever, still = written(row["customers"], "households"), with_span(row, "alive", "households")
    worth = with_span(row, "value", "money", answer.currency)
    if row["model"] == STEADY:
        return (
            f"{ever} households ever bought {label_of(row['name'])}. The model that foretold later "
            "weeks best lets nobody leave, so how many have left is not told. They are expected to "
            f"spend {worth} within {row['horizon_weeks']} weeks."
        )
    return (
        f"Of {ever} households that ever bought {label_of(row['name'])}, {still} are still "
        f"customers. They are expected to spend {worth} within {row['horizon_weeks']} weeks."
    )


def _weeks(answer: ShopperAnswer, name: str) -> list[Row]:
    return [
        {"week": moment(row["week"]), "actual": row["actual"],
         "expected": None if row["held_out"] else row["expected"], "forecast": row["forecast"],
         "low": row["forecast_low"], "high": row["forecast_high"]}
        for row in answer.rows("shopper_customer_tracking")
        if row["name"] == name
    ]  # fmt: skip


def customer_charts(answer: ShopperAnswer) -> dict[str, Any]:
    """Return repeat purchases of our base week by week beside what was expected."""
    rows = _weeks(answer, answer.main("shopper_customer_base"))
    if not rows:
        return {}
    alt = altair_module()
    axis, x = y_axis(",~f"), alt.X("week:T", axis=month_axis())
    axis.title = "purchases after the first"
    scale = alt.Scale(
        domain=[BOUGHT, EXPECTED, FORECAST],
        range=[COLOURS["text"], COLOURS["neutral"], COLOURS["marketing"]],
    )
    legend = alt.Legend(columns=1)
    base = alt.Chart(inline(rows), height=220, width="container")
    tips = [
        week_tip(),
        alt.Tooltip("actual:Q", title="bought again", format=",.0f"),
        alt.Tooltip("expected:Q", format=",.0f"),
        alt.Tooltip("forecast:Q", format=",.0f"),
        alt.Tooltip("low:Q", title="from", format=",.0f"),
        alt.Tooltip("high:Q", title="to", format=",.0f"),
    ]  # fmt: skip
    band = base.mark_area(color=COLOURS["marketing"], opacity=0.2, line=False).encode(
        x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q"
    )
    lines = [
        base.transform_calculate(kind=f"'{kind}'")
        .mark_line(strokeWidth=2, strokeDash=dash)
        .encode(x=x, y=alt.Y(f"{column}:Q", axis=axis),
                color=alt.Color("kind:N", scale=scale, legend=legend), tooltip=tips)
        for kind, column, dash in (
            (BOUGHT, "actual", [1, 0]),
            (EXPECTED, "expected", [5, 3]),
            (FORECAST, "forecast", [5, 3]),
        )
    ]  # fmt: skip
    return {"customers": alt.layer(band, *lines)}
