"""Sell-out: what shoppers took off the shelf."""

from __future__ import annotations

from offtake.data.contracts.contract import (
    PRODUCT_ID,
    STORE_ID,
    Column,
    Contract,
    Exclusive,
    Rule,
    day,
    number,
    week_of,
)

SALES = Contract(
    name="sales",
    title="Sales",
    meaning="Sell-out of an item in a store over a week or a day.",
    grain="store x product x week, or store x product x day",
    key=("store_id", "product_id", "date", "days"),
    columns=(
        STORE_ID,
        PRODUCT_ID,
        day("date", "first day of the period", required=True, default="week"),
        Column(
            name="days",
            type="integer",
            meaning="length of the period: 7 for a week, 1 for a day; 7 where only `week` is given",
            unit="days",
            required=True,
            default="CASE WHEN week IS NOT NULL AND date IS NULL THEN 7 END",
            needs=("week",),
            allowed=("1", "7"),
        ),
        week_of("date"),
        number("units", "units sold, returns taken off", "units", required=True),
        number("value", "what shoppers paid, returns taken off", "money"),
        number("regular_price", "price per unit without any promotion", "money per unit", low=0),
        number("returns", "units brought back", "units", default="0", low=0),
    ),
    rules=(
        Rule(
            column="units",
            condition="units >= 0 OR units >= -returns",
            allowed="a number >= 0 (below 0 only where `returns` accounts for it)",
        ),
        Rule(
            column="value",
            condition="value >= 0 OR returns > 0",
            allowed="a number >= 0 (below 0 only where `returns` accounts for it)",
        ),
        Rule(
            column="date",
            condition="days <> 7 OR isodow(date) = 1",
            allowed="a Monday where the row covers a week (map another week-ending day in the "
            "profile with `week_ends`)",
        ),
        Rule(
            column="week",
            condition="week = date_trunc('week', date)::DATE",
            allowed="the Monday of the week that `date` falls in",
        ),
    ),
    exclusive=Exclusive(group=("store_id", "product_id", "week"), column="days"),
)
