"""The store list: where things are sold."""

from __future__ import annotations

from offtake.data.contracts.contract import Contract, Rule, day, number, text

STORE = Contract(
    name="store",
    title="Stores",
    meaning="Every store of the market, with its retailer, place and size.",
    grain="one store",
    key=("store_id",),
    columns=(
        text("store_id", "store id, unique; leading zeros are kept", required=True),
        text("name", "what people call it"),
        text("retailer", "the company that runs it"),
        text("banner", "the name over the door"),
        text("format", "hypermarket, supermarket, convenience ..."),
        text("region", "sales region"),
        text("territory", "the sales territory it belongs to"),
        text("gln", "GLN with its check digit", form="gln"),
        number("acv", "all-commodity value: yearly turnover of all goods", "money", low=0),
        text("city", "town"),
        number("latitude", "degrees north", "degrees", low=-90, high=90),
        number("longitude", "degrees east", "degrees", low=-180, high=180),
        day("opened", "first trading day"),
        day("closed", "last trading day"),
    ),
    rules=(
        Rule(
            column="closed",
            condition="closed >= opened",
            allowed="a day not before `opened`",
        ),
    ),
)
