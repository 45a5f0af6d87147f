"""English notes."""

from __future__ import annotations

from types import MappingProxyType

from offtake.twin.field.phrases import Phrases

_OUT_OF_STOCK = (
    "{item} was gone again on {day}.",
    "no {item} on the shelf, empty since {day}.",
    "empty again by {until}: {item}.",
    "they ran out of {item} on {day} and nobody refilled.",
    "hole on the shelf where {item} should be, aisle {aisle}, last seen empty {day}.",
    "shoppers asked me for {item}, there was none on {day}.",
    "{item} sold out {day}, backroom empty too.",
    "out of stock: {item}. Store manager says it was gone by {until}.",
)
_COMPETITOR_PROMOTION = (
    "{brand} is {cut} here this week, big tags in aisle {aisle}.",
    "competitor on promotion: {brand} {cut} at the end of aisle {aisle}.",
    "watch out, {brand} went {cut}, it moves fast.",
    "{brand} runs a promotion in {category}, {cut}.",
    "the competitor is at it again, {brand} {cut} this week.",
    "whole pallet of {brand} {cut} by the entrance.",
    "we lose {category} shoppers here because {brand} is {cut}.",
)
_PACK_LOOK = (
    "shoppers say the new pack of {brand} looks cheap.",
    "heard it twice today: the {brand} packaging looks like a store brand.",
    "people do not recognise {brand} with the new design.",
    "store manager thinks the pack of {brand} looks dull next to the others.",
    "a lady told me the {brand} pack looks like the discount one.",
    "comments on the look of {brand} again, colours are too pale they say.",
    "the {brand} design does not stand out in aisle {aisle}, customers walk past it.",
)
_PRICE_TOO_HIGH = (
    "customers say {brand} is too expensive at {price}.",
    "{price} for {brand}? People put it back.",
    "price of {brand} is a problem here, {price} is too much they say.",
    "again complaints about the price of {brand}.",
    "shoppers compare {brand} with the rest and find {price} too high.",
    "buyers tell me {brand} got too dear, {price} now.",
    "at {price} nobody takes {brand} without a promotion, the manager says.",
)
_DISPLAY_MISSING = (
    "agreed display for {item} is not on the floor.",
    "display of {item} missing, material still in the backroom.",
    "no display for {item}, the manager says he has no room.",
    "we paid for a display of {item} and it is not there.",
    "looked everywhere, the {item} stand was not put up.",
    "the promotion of {item} runs but there is no second placement.",
    "end of aisle {aisle} should have {item}, something else stands there.",
)
_NEW_ITEM_REQUEST = (
    "shoppers ask for {item}, this store does not have it.",
    "the manager wants to list {item}, please send an offer.",
    "could we get {item} in here? People ask for it.",
    "{item} is not in the range here and there is demand.",
    "request: add {item} to this store, the one next door sells it.",
    "three customers looked for {item}, store does not carry it.",
    "they would take {item} if we send a case to start with.",
)
_DELIVERY_LATE = (
    "delivery of {brand} is late again, they wait for days.",
    "the truck with {brand} did not come, shelf shows it.",
    "order of {brand} has not arrived, third day now.",
    "the store ordered {brand} last week and got nothing.",
    "late delivery: {brand}. Manager is not happy.",
    "warehouse keeps them waiting for {brand}.",
    "{brand} was due days ago, no delivery and no call.",
)
_PRAISE_CAMPAIGN = (
    "people love the new {brand} ad, two mentioned it today.",
    "the {brand} campaign works, customers talk about it.",
    "store manager saw the {brand} commercial and liked it a lot.",
    "good feedback on the {brand} campaign, ask for more of it.",
    "kids sing the {brand} ad in aisle {aisle}, great job.",
    "shoppers come in and ask for the {brand} from the commercial.",
    "nice words about our {brand} advertising today.",
)
_ANSWERS = (
    ("Thanks, order doubled from Monday.", "Passed to the retailer's supply desk.",
     "Stock is on its way, please check on your next visit."),
    ("Thanks. We will not follow the price; our feature starts next week.",
     "Noted. Please send a photo and the end date.", "Known, it is a national deal of theirs."),
    ("Thank you, we collect these for the design review.",
     "Good to hear it straight. The new pack is being tested.",
     "Please note how many people said so."),
    ("Thanks, we look at the price gap this month.", "The price stays; a promotion is planned.",
     "Please note what they buy instead."),
    ("I called the store, it will be up tomorrow.", "Please put it up on your next visit.",
     "We claim the display money back."),
    ("Offer sent to the buyer.", "Not possible in this format, sorry.",
     "Listing starts next month."),
    ("The truck was delayed, it comes tomorrow.", "We took it up with the warehouse.",
     "Order was never placed; the store should send it again."),
    ("Great, passed on to the team!", "Thank you, the second wave starts soon.",
     "Good to know. Which spot was it?"),
)  # fmt: skip


def _money(price: float) -> str:
    return f"{price:.2f}"


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ENGLISH = Phrases(
    topics=(
        _OUT_OF_STOCK,
        _COMPETITOR_PROMOTION,
        _PACK_LOOK,
        _PRICE_TOO_HIGH,
        _DISPLAY_MISSING,
        _NEW_ITEM_REQUEST,
        _DELIVERY_LATE,
        _PRAISE_CAMPAIGN,
    ),
    answers=_ANSWERS,
    openers=("Hi all,", "FYI:", "Quick note:", "From the store today:", "Just so you know,"),
    closers=("Please do something.", "Thanks!", "Can somebody call them?", "Photo follows.",
             "Second time this month."),
    days=_DAYS,
    until=_DAYS,
    categories=MappingProxyType(
        {
            "BAG SNACKS": "chips",
            "BATH TISSUES": "toilet paper",
            "CHEESE": "cheese",
            "COFFEE": "coffee",
            "COLD CEREAL": "cereal",
            "FROZEN PIZZA": "pizza",
            "LAUNDRY DETERGENTS": "detergent",
            "ORAL HYGIENE PRODUCTS": "toothpaste",
            "SOFT DRINKS": "soda",
            "YOGURT": "yogurt",
        }
    ),
    short=MappingProxyType(
        {
            "promotion": "promo",
            "ompetitor": "omp",
            "delivery": "deliv.",
            "manager": "mgr",
            "please": "pls",
            "Please": "Pls",
            "customers": "cust.",
            "because": "bc",
            "out of stock": "OOS",
            "Out of stock": "OOS",
            "with": "w/",
            "packaging": "pkg",
        }
    ),
    half_price="half price",
    percent_off="{percent} off",
    money=_money,
    plain=False,
)  # fmt: skip
