"""Every number of the twin that is not measured on real data, with its reason, in one place.

What *is* measured stands in ``calibration.json``. Change a value with
``dataclasses.replace(ASSUMPTIONS, ...)``; nothing else in the twin holds a number of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any


def _assumed(value: float, unit: str, why: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(default=value, metadata={"unit": unit, "why": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Named assumptions; each field carries its unit and its reason."""

    # the market
    panel_share: float = _assumed(
        0.025,
        "share",
        "part of a store's shoppers that the household panel behind the calibration sees; scales "
        "its purchase rates up to whole-store sales",
    )
    unselected_rate: float = _assumed(
        -0.7, "log", "the panel of the calibration holds only pairs that sold four units, so its "
        "rates are too high; found by calibrating on a panel drawn from the twin itself",
    )  # fmt: skip
    unselected_spread: float = _assumed(
        1.35, "ratio", "and the spread of rates over items and pairs too low"
    )
    store_spread_floor: float = _assumed(
        0.3, "log", "least spread of store sizes, where the panel shows less"
    )
    manager_on_sales: float = _assumed(
        0.15, "log per sd", "stores with better managers sell more (why compliance is not random)"
    )
    store_dispersion: float = _assumed(
        12.0, "size k", "over-dispersion of a store's weekly sales beyond what its many shoppers "
        "bring: weather, neighbours, the unexplained",
    )  # fmt: skip
    shop_week_noise: float = _assumed(
        0.08, "log", "sd of how busy a store is in a week, season taken out"
    )
    category_trend: float = _assumed(0.03, "log per year", "sd of category trends; one year of "
                                     "panel cannot tell trend from season")  # fmt: skip
    item_trend: float = _assumed(0.06, "log per year", "sd of item trends around the category's")
    retailer_price_spread: float = _assumed(0.03, "log", "sd of a retailer's price level")
    price_moves_per_year: float = _assumed(
        1.2, "per item and year", "changes of the regular price at a retailer"
    )
    price_move: float = _assumed(0.05, "log", "mean size of such a change; one in four goes down")
    regular_elasticity: float = _assumed(
        -2.62, "elasticity", "published mean over 1,851 estimates (Bijmolt, van Heerde and Pieters "
        "2005); what the panel says of a category is weighed against it by its error, because "
        "regular prices hardly move in a year",
    )  # fmt: skip
    regular_elasticity_spread: float = _assumed(
        0.8, "elasticity", "sd between categories around that mean"
    )
    # promotion
    cannibalisation: float = _assumed(
        0.2,
        "per unit of log support",
        "pull of an item's support on the brand's other items together",
    )
    switching: float = _assumed(
        0.5,
        "per unit of log support",
        "pull of an item's support on all other brands together; with `stockpiling` set so that "
        "about a third of the bump each comes from other items and from other weeks (van Heerde, "
        "Leeflang and Wittink 2004)",
    )
    stockpiling_1: float = _assumed(
        0.33, "per unit of log support", "dip one week after a supported week"
    )
    stockpiling_2: float = _assumed(0.17, "per unit of log support", "dip two weeks after")
    stockpiling_3: float = _assumed(0.08, "per unit of log support", "dip three weeks after")
    price_only: float = _assumed(
        0.2, "share", "events that are a price cut alone; the others have a display, a leaflet or "
        "both, as often as measured. Cuts that only a shelf label shows are no events here",
    )  # fmt: skip
    display_weeks_seen: float = _assumed(
        0.61, "share", "agreed display-weeks in which one was seen at all; follows from the two "
        "shares of execution, and serves to plan as many displays as were seen",
    )  # fmt: skip
    display_days_seen: float = _assumed(
        0.69, "share", "part of such a week that it stood; likewise"
    )
    pull_in_support: float = _assumed(
        0.95, "ratio", "what is left of an item's own lift after the pull of other items that are "
        "on promotion in the same week",
    )  # fmt: skip
    price_cut_executed: float = _assumed(
        0.97, "share", "store-events in which the till has the agreed price"
    )
    # money
    unit_margin: float = _assumed(
        0.4, "share of regular price", "what a unit of the median item earns its manufacturer: of "
        "the shelf price the retailer keeps some 30 %, and one more unit costs as much to make",
    )  # fmt: skip
    unit_margin_spread: float = _assumed(0.35, "logit", "sd of that share between items")
    display_fee: float = _assumed(
        1.0, "money per store and week", "what a display costs wherever it is agreed, stood or "
        "not; an item of the twin sells for about 10 a week in a store. With `leaflet_fee` and "
        "`cut_funded` set so that about three promotions in five lose money, what comes out of "
        "own other items and weeks taken off (published: 59 % lose money, Nielsen 2015)",
    )  # fmt: skip
    leaflet_fee: float = _assumed(
        0.3, "money per item, store and week", "what a place in the leaflet costs, for every "
        "store of the retailer: leaflets are priced by how many are handed out",
    )  # fmt: skip
    cut_funded: float = _assumed(
        0.25, "share", "part of the agreed price cut that the manufacturer pays for each unit sold "
        "on promotion; the rest comes out of the retailer's margin",
    )  # fmt: skip
    # execution of displays: published by a study of 15,000 displays with sensors
    display_never: float = _assumed(
        0.29, "share", "displays that never reach the floor (published)"
    )
    display_days: float = _assumed(
        0.62, "share", "part of the agreed days that the others stand (published)"
    )
    display_days_spread: float = _assumed(0.9, "logit", "sd of that part between displays")
    manager_on_execution: float = _assumed(0.7, "logit per sd", "better managers comply more")
    visit_on_execution: float = _assumed(1.0, "logit", "a visited store complies more")
    # distribution
    listed: float = _assumed(0.75, "share", "store-items listed, where neither is special")
    size_on_listing: float = _assumed(0.8, "logit per log size", "larger stores list more")
    launches: float = _assumed(0.08, "share", "items launched during the time simulated")
    launch_build_weeks: float = _assumed(
        6.0, "weeks", "mean time until a store takes in a launched item"
    )
    delistings: float = _assumed(
        0.03, "share per year", "listings of an item at a retailer that end"
    )
    voids: float = _assumed(0.04, "share", "listed items that never reach the shelf of a store")
    # availability
    out_of_stock: float = _assumed(
        0.083, "share of time", "items out of stock on average (published world-wide mean)"
    )
    promotion_on_outage: float = _assumed(
        0.5, "log hazard per log support", "support empties shelves faster than it is refilled"
    )
    record_wrong: float = _assumed(
        0.12, "share", "store-items whose stock record is wrong for a while"
    )
    record_error: float = _assumed(0.9, "log", "sd of the error of a wrong record")
    record_weeks: float = _assumed(5.0, "weeks", "mean time until a wrong record is counted right")
    days_of_cover: float = _assumed(9.0, "days", "stock that is held beyond the next delivery")
    # media
    media_elasticity: float = _assumed(
        0.12, "elasticity", "short-run advertising elasticity of a brand, all channels (published)"
    )
    media_spread: float = _assumed(0.4, "log", "spread of effect between brands and channels")
    media_share_of_sales: float = _assumed(
        0.05,
        "share of base sales",
        "spend of an advertised brand in a year, of what it would sell without promotion in stores "
        "of usual size",
    )
    regional_media_spread: float = _assumed(0.35, "log", "spread of spend per head over regions")
    media_price: float = _assumed(8.0, "money per 1,000 contacts", "price of exposure")
    # people
    stores_per_rep: float = _assumed(40.0, "stores", "size of a territory")
    calls_per_week: float = _assumed(22.0, "visits", "what a rep can do in a week")
    size_on_calls: float = _assumed(0.7, "log per log size", "calls go more to heavy stores")
    over_assignment: float = _assumed(
        1.08, "ratio", "sum of personal targets over the company target"
    )
    unfairness: float = _assumed(
        0.12, "log", "sd of a territory's target around what its potential would give"
    )
    leaving_per_year: float = _assumed(
        0.18, "hazard per year", "voluntary leaving of a rep under ordinary pressure"
    )
    pressure_on_leaving: float = _assumed(
        4.0, "log hazard per log", "leaving grows with target over potential"
    )
    newcomer_on_leaving: float = _assumed(
        0.6, "log hazard", "leaving is likelier in the first year"
    )
    dismissal_per_year: float = _assumed(0.04, "hazard per year", "involuntary leaving")
    vacancy_weeks: float = _assumed(11.0, "weeks", "mean time until a successor starts")
    vacancy_coverage: float = _assumed(
        0.25, "share", "calls that neighbours make in a vacant territory"
    )
    calls_planned: float = _assumed(0.85, "share", "calls of a rep that stood in the plan")
    visit_minutes: float = _assumed(32.0, "minutes", "median length of a visit")
    travel_minutes: float = _assumed(24.0, "minutes", "way from one store to the next")
    # audits and notes
    audit_misses: float = _assumed(0.06, "share", "items on shelf that an audit reports missing")
    audit_invents: float = _assumed(0.03, "share", "items missing that an audit reports on shelf")
    notes_per_visit: float = _assumed(0.12, "share", "visits after which a rep writes a note")
    notes_false: float = _assumed(0.15, "share", "notes whose claim is not true")
    second_language: float = _assumed(0.3, "share", "notes in the second language")
    typos: float = _assumed(0.25, "share", "notes with a typing error")
    answer_share: float = _assumed(0.7, "share", "notes that get an answer at all")
    answer_hours: float = _assumed(60.0, "hours", "median time to an answer when the desk is idle")
    shelf_count_weeks: float = _assumed(
        8.0, "weeks", "time between two counts of a category's whole shelf in a store"
    )
    audit_items: float = _assumed(
        12.0, "items", "own items checked on a visit at most; where there are more they take turns"
    )
    audit_count_error: float = _assumed(0.10, "share", "facings counted one too many or too few")
    audit_price_error: float = _assumed(0.03, "share", "shelf prices noted wrongly")
    notes_week_spread: float = _assumed(
        0.35, "log", "sd over weeks of how much there is to write; a week of many notes keeps the "
        "desk busy and the answers waiting",
    )  # fmt: skip
    language_habit: float = _assumed(
        2.0, "sum of alphas", "how far each rep keeps to one language: smaller is further"
    )
    abbreviations: float = _assumed(0.25, "share", "notes in shorthand")
    item_given: float = _assumed(0.6, "share", "notes on an item that name it by its number too")
    topic_given: float = _assumed(0.33, "share", "notes that a rep files under a topic")
    topic_wrong: float = _assumed(0.15, "share", "of these, filed under the wrong one")
    due_hours: float = _assumed(72.0, "hours", "time to answer that is promised to reps")
    answer_spread: float = _assumed(0.9, "log", "sd of the time to an answer")
    opinion_held: float = _assumed(
        0.2, "share", "brand-weeks in which shoppers hold an opinion of a kind"
    )
    opinion_weeks: float = _assumed(10.0, "weeks", "how long opinions last: memory of an AR(1)")
    price_on_opinion: float = _assumed(
        5.0, "sd per log price", "a dearer brand is found too dear more often"
    )
    plan_growth: float = _assumed(0.03, "log per year", "growth that the company plans for")
    # shoppers and brand
    loyalty: float = _assumed(
        1.2, "sum of alphas", "Dirichlet concentration of brand choice: smaller is more loyal"
    )
    support_on_choice: float = _assumed(
        0.8, "per unit of log support", "how far support tilts a household's choice"
    )
    campaign_reach: float = _assumed(0.35, "share", "households that a campaign contacts")
    campaign_selection: float = _assumed(
        0.9, "logit per sd", "campaigns are sent to heavy buyers: contact is not random"
    )
    campaign_lift: float = _assumed(0.18, "log", "mean lift of a contacted household's purchases")
    redemption: float = _assumed(0.08, "share", "contacted households that redeem a coupon")
    survey_media: float = _assumed(
        1.5, "logit per unit of media effect", "how media lift awareness; consideration and trial "
        "follow. A brand that has long been on air in every channel (a media effect of about .24) "
        "is known to about 8 points more people",
    )  # fmt: skip
    house_effect: float = _assumed(0.12, "logit", "sd between houses that field the survey")
    extra_units: float = _assumed(0.35, "units", "mean units beyond the first in a purchase")
    main_day: float = _assumed(
        0.6, "share", "purchases made on a household's usual shopping day, so that items of "
        "several categories meet in a basket",
    )  # fmt: skip
    deal_won_repeat: float = _assumed(
        0.6, "ratio", "later purchases of a brand that a household first bought on a deal, over "
        "those of a household with the same preference that was won otherwise",
    )  # fmt: skip
    campaign_every: float = _assumed(12.0, "weeks", "from the start of one campaign to the next")
    campaign_weeks: float = _assumed(4.0, "weeks", "how long a campaign runs")
    campaign_fade: float = _assumed(4.0, "weeks", "how long its effect takes to fade after")
    campaign_spread: float = _assumed(0.3, "log", "spread of the lift between campaigns")
    coupon_value: float = _assumed(0.25, "share of price", "face value of a coupon")
    awareness_memory: float = _assumed(
        0.9, "share per week", "part of what media did to awareness that is left a week later"
    )
    awareness_drift: float = _assumed(
        0.04, "logit per week", "sd of what else moves awareness of a brand in a region"
    )
    drift_memory: float = _assumed(
        0.97, "share per week", "part of such a move that is left a week later"
    )
    notice_base: float = _assumed(
        -2.4, "logit", "people who say to have noticed a message that is hardly on air: some guess"
    )
    notice_media: float = _assumed(
        2.8, "logit", "how pressure of media, from none to the most, lifts who noticed; at the "
        "pressure of a usual week on air about one in four do",
    )  # fmt: skip
    notice_buyer: float = _assumed(
        0.5, "logit", "buyers of a brand notice its messages more: noticing and considering go "
        "together without one bringing the other",
    )  # fmt: skip
    message_other: float = _assumed(
        0.3, "share", "touchpoints of a campaign that carry another message than its main one"
    )
    message_understood: float = _assumed(
        0.65, "share", "of those who noticed a message, the part that takes away what was meant"
    )
    message_attributed: float = _assumed(
        0.75, "share", "of those who noticed it, the part that takes it for the right brand"
    )
    message_clash: float = _assumed(
        0.55, "share", "of those who noticed two messages that contradict each other, the part "
        "that says so, of each of the two",
    )  # fmt: skip
    message_clash_noise: float = _assumed(
        0.05, "share", "the part that says so where nothing contradicts"
    )


ASSUMPTIONS = Assumptions()


@dataclass(frozen=True, slots=True)
class Reaction:
    """What shoppers do who find an item missing; shares that sum to 1."""

    other_store: float
    no_purchase: float
    delay: float
    same_brand: float
    other_brand: float


_MEAN = Reaction(0.31, 0.16, 0.15, 0.19, 0.19)
REACTIONS: Mapping[str, Reaction] = MappingProxyType(
    {
        "BAG SNACKS": Reaction(0.21, 0.25, 0.09, 0.20, 0.25),
        "COFFEE": Reaction(0.29, 0.17, 0.21, 0.13, 0.20),
        "ORAL HYGIENE PRODUCTS": Reaction(0.35, 0.09, 0.17, 0.22, 0.17),
        "LAUNDRY DETERGENTS": Reaction(0.32, 0.09, 0.19, 0.20, 0.20),
    }
)
"""Published by category (salted snacks, coffee, toothpaste, laundry)."""


def reaction(category: str) -> Reaction:
    """Return how shoppers of a category react to a missing item.

    Categories without a published row get a rounded mean of the four that have one.

    Examples
    --------
    >>> reaction("COFFEE").delay
    0.21
    """
    return REACTIONS.get(category, _MEAN)


@dataclass(frozen=True, slots=True)
class Channel:
    """An advertising channel: geometric carry-over per week, and its part of the budget."""

    name: str
    carry_over: float
    budget: float
    effect: float


CHANNELS: tuple[Channel, ...] = (
    Channel("television", 0.65, 0.42, 0.45),
    Channel("online video", 0.50, 0.22, 0.25),
    Channel("search", 0.10, 0.14, 0.12),
    Channel("outdoor", 0.40, 0.12, 0.10),
    Channel("radio", 0.30, 0.10, 0.08),
)
"""Channels. `budget` and `effect` are shares over channels; carry-over of television is in the
range of published weekly decay, the others are assumed."""


def assumption_rows(assumed: Assumptions = ASSUMPTIONS) -> list[dict[str, object]]:
    """Return every assumption with its value, unit and reason, as a table.

    Examples
    --------
    >>> assumption_rows()[0]["assumption"]
    'panel_share'
    """
    return [
        {
            "assumption": each.name,
            "value": getattr(assumed, each.name),
            "unit": each.metadata["unit"],
            "why": each.metadata["why"],
        }
        for each in fields(assumed)
    ]
