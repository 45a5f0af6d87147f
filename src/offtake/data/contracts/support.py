"""What both sides did: promotion, media, distribution, stock."""

from __future__ import annotations

from offtake.data.contracts.contract import (
    PRODUCT_ID,
    STORE_ID,
    WEEK,
    Contract,
    Rule,
    day,
    flag,
    number,
    text,
    week_of,
)

PROMOTION = Contract(
    name="promotion",
    title="Promotions",
    meaning="Support of an item in a store in a week, planned or observed.",
    grain="store x product x week x status",
    key=("store_id", "product_id", "week", "status"),
    columns=(
        STORE_ID,
        PRODUCT_ID,
        WEEK,
        text(
            "status",
            "whether it was planned or seen",
            required=True,
            default="'observed'",
            allowed=("planned", "observed"),
        ),
        flag("display", "on display", required=True, default="false"),
        flag("feature", "in a mailer or leaflet", required=True, default="false"),
        flag("price_cut", "at a temporary lower price; empty where the source does not say"),
        number("discount", "depth of the price cut", "percent", low=0, high=100),
        text("display_location", "where it was displayed, as the source names it"),
        text("feature_location", "where in the mailer, as the source names it"),
        number("display_days", "days on the floor (planned or seen)", "days", low=0, high=7),
        text("promotion_id", "the event it belongs to"),
    ),
    combine=(
        ("display", "bool_or"),
        ("feature", "bool_or"),
        ("price_cut", "bool_or"),
        ("discount", "max"),
        ("display_location", "join"),
        ("feature_location", "join"),
        ("display_days", "max"),
        ("promotion_id", "join"),
    ),
)

MEDIA = Contract(
    name="media",
    title="Media",
    meaning="Advertising of a brand by channel, region and week, ours and competitors'.",
    grain="brand x category x channel x region x week",
    key=("brand", "category", "channel", "region", "week"),
    columns=(
        text("brand", "advertised brand", required=True),
        text("category", "category advertised in", required=True, default="'all'"),
        text("channel", "television, search, outdoor ...", required=True),
        text("region", "region reached; `all` for national", required=True, default="'all'"),
        WEEK,
        number("spend", "net media cost", "money", required=True, low=0),
        number("exposure", "impressions or rating points", "count", low=0),
        text("exposure_unit", "what the exposure counts"),
    ),
)

STOCK = Contract(
    name="stock",
    title="Stock",
    meaning="Stock record and shelf flags of an item in a store on a day.",
    grain="store x product x day",
    key=("store_id", "product_id", "date"),
    columns=(
        STORE_ID,
        PRODUCT_ID,
        day("date", "day of the record", required=True),
        week_of("date"),
        number("on_hand", "units on hand by the record", "units"),
        number("on_order", "units ordered, not received", "units", low=0),
        number("in_transit", "units on their way", "units", low=0),
        number("received", "units received that day", "units", low=0),
        number("hours_open", "hours the store was open", "hours", low=0, high=24),
        number("hours_available", "hours the item was on shelf", "hours", low=0, high=24),
        number("shoppers", "shoppers in the store while open", "persons", low=0),
        number("shoppers_available", "shoppers while the item was on shelf", "persons", low=0),
    ),
    rules=(
        Rule(
            column="hours_available",
            condition="hours_available <= hours_open",
            allowed="at most `hours_open`",
        ),
        Rule(
            column="shoppers_available",
            condition="shoppers_available <= shoppers",
            allowed="at most `shoppers`",
        ),
    ),
)

DISTRIBUTION_LIST = Contract(
    name="distribution_list",
    title="Distribution list",
    meaning="What should be where: the items each store has agreed to stock.",
    grain="store x product x first listed day",
    key=("store_id", "product_id", "listed_from"),
    columns=(
        STORE_ID,
        PRODUCT_ID,
        day("listed_from", "first day it should be on shelf", required=True),
        day("listed_to", "last day; empty while it runs"),
        flag("must_stock", "part of the core range", default="true"),
    ),
    rules=(
        Rule(
            column="listed_to",
            condition="listed_to >= listed_from",
            allowed="a day not before `listed_from`",
        ),
    ),
)
