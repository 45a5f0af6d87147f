"""What a promotion costs, what a unit earns, and what of it comes back when the item is missing."""

from __future__ import annotations

from offtake.data.contracts.contract import PRODUCT_ID, Contract, Rule, day, number, text

PROMOTION_COST = Contract(
    name="promotion_cost",
    title="Promotion costs",
    meaning="What a promotion costs its sponsor.",
    grain="one promotion",
    key=("promotion_id",),
    columns=(
        text(
            "promotion_id",
            "the event, as `promotion` names it",
            required=True,
        ),
        number(
            "fixed_cost",
            "what is paid however much is sold: display and leaflet fees and the like, for the "
            "whole promotion",
            "money",
            required=True,
            low=0,
        ),
        number(
            "cost_per_unit",
            "what is paid for each unit sold on promotion: scan-back, the funded part of the "
            "price cut",
            "money per unit",
            default="0",
            low=0,
        ),
    ),
)

UNIT_MARGIN = Contract(
    name="unit_margin",
    title="Unit margins",
    meaning="What the manufacturer earns on a unit at regular terms, before the cost of "
    "promotions.",
    grain="product x retailer x first day",
    key=("product_id", "retailer", "valid_from"),
    columns=(
        PRODUCT_ID,
        text(
            "retailer",
            "retailer as the store list has it; `all` where it has no row of its own",
            required=True,
            default="'all'",
        ),
        day(
            "valid_from",
            "first day it holds; it does until the next first day of the same item and retailer",
            required=True,
            default="'1990-01-01'::DATE",
        ),
        number(
            "margin",
            "what the manufacturer is paid less what one more unit costs it; below 0 where it "
            "sells at a loss",
            "money per unit",
            required=True,
        ),
    ),
)

STOCKOUT_RESPONSE = Contract(
    name="stockout_response",
    title="What shoppers do who find an item missing",
    meaning="Of the units missed in a category, how many are bought instead, elsewhere or later: "
    "from a study, or agreed between marketing and sales.",
    grain="category",
    key=("category",),
    columns=(
        text(
            "category",
            "as the product table has it; `all` where it has no row of its own",
            required=True,
            default="'all'",
        ),
        *(
            number(name, meaning, "percent", required=True, low=0, high=100)
            for name, meaning in (
                ("same_brand", "another item of the brand, in the same store"),
                ("other_brand", "another brand's item, in the same store"),
                ("other_store", "the same item, in another store"),
                ("later", "the same item, later in the same store"),
                ("given_up", "nothing"),
            )
        ),
    ),
    rules=(
        Rule(
            column="given_up",
            condition="abs(same_brand + other_brand + other_store + later + given_up - 100) <= 0.1",
            allowed="five shares that add up to 100",
        ),
    ),
)
