"""Households: who they are and what they bought."""

from __future__ import annotations

from offtake.data.contracts.contract import (
    HOUSEHOLD_ID,
    PRODUCT_ID,
    STORE_ID,
    Column,
    Contract,
    Rule,
    day,
    moment,
    number,
    text,
    week_of,
)

HOUSEHOLD = Contract(
    name="household",
    title="Households",
    meaning="Panel households with what is known of them.",
    grain="one household",
    key=("household_id",),
    columns=(
        text("household_id", "household id, unique", required=True),
        number("weight", "how many households it stands for", "households", default="1", low=0),
        text("age", "age band of the head of household"),
        text("income", "income band"),
        text("home_ownership", "owner, renter ..."),
        text("marital_status", "married, unmarried ..."),
        text("size", "persons in the household"),
        text("composition", "adults and children"),
        text("children", "number of children"),
        text("lifestyle", "lifestyle or need segment"),
    ),
)

BASKET_LINE = Contract(
    name="basket_line",
    title="Basket lines",
    meaning="One item in one shopping basket of one household.",
    grain="basket x product x line",
    key=("basket_id", "product_id", "line"),
    columns=(
        text("basket_id", "the shopping trip", required=True),
        HOUSEHOLD_ID,
        STORE_ID,
        PRODUCT_ID,
        Column(
            name="line",
            type="integer",
            meaning="line on the receipt where an item stands twice",
            unit="count",
            required=True,
            default="1",
            low=1,
        ),
        moment("time", "local time of the trip"),
        day("date", "local day of the trip", required=True, default="time::DATE"),
        week_of("coalesce(date, time::DATE)"),
        number("units", "units bought", "units", required=True, low=0),
        number("value", "what the retailer received", "money", required=True, low=0),
        number("retailer_discount", "discount given by the retailer", "money", low=0),
        number("coupon_discount", "discount by manufacturer coupon", "money", low=0),
        number("coupon_match_discount", "retailer's match of a coupon", "money", low=0),
    ),
    rules=(
        Rule(
            column="week",
            condition="week = date_trunc('week', date)::DATE",
            allowed="the Monday of the week that `date` falls in",
        ),
    ),
)

CAMPAIGN = Contract(
    name="campaign",
    title="Household campaigns",
    meaning="A mailing or coupon campaign sent to chosen households.",
    grain="one campaign",
    key=("campaign_id",),
    columns=(
        text("campaign_id", "campaign id, unique", required=True),
        text("name", "what it is called"),
        text("kind", "kind of campaign"),
        text("brand", "brand it speaks for"),
        day("first_day", "first day", required=True),
        day("last_day", "last day", required=True),
    ),
    rules=(
        Rule(
            column="last_day",
            condition="last_day >= first_day",
            allowed="a day not before `first_day`",
        ),
    ),
)

CAMPAIGN_CONTACT = Contract(
    name="campaign_contact",
    title="Campaign contacts",
    meaning="A household that was sent a campaign.",
    grain="campaign x household",
    key=("campaign_id", "household_id"),
    columns=(
        text("campaign_id", "the campaign", required=True, references="campaign"),
        HOUSEHOLD_ID,
        day("contacted", "day it was sent"),
    ),
)

COUPON = Contract(
    name="coupon",
    title="Coupons",
    meaning="An item that a coupon of a campaign can be redeemed on.",
    grain="campaign x coupon x product",
    key=("campaign_id", "coupon_id", "product_id"),
    columns=(
        text("campaign_id", "the campaign", required=True, references="campaign"),
        text("coupon_id", "coupon code", required=True),
        PRODUCT_ID,
    ),
)

REDEMPTION = Contract(
    name="redemption",
    title="Coupon redemptions",
    meaning="A coupon handed in by a household.",
    grain="campaign x household x coupon x day x line",
    key=("campaign_id", "household_id", "coupon_id", "date", "line"),
    columns=(
        text("campaign_id", "the campaign", required=True, references="campaign"),
        HOUSEHOLD_ID,
        text("coupon_id", "coupon code", required=True),
        day("date", "day it was handed in", required=True),
        Column(
            name="line",
            type="integer",
            meaning="count where several of one coupon were handed in on one day",
            unit="count",
            required=True,
            default="1",
            low=1,
        ),
        week_of("date"),
    ),
)
