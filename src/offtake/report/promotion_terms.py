"""What every term of the promotion page means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term, in plain words and as a formula."""

    key: str
    title: str
    meaning: str
    formula: str


TERMS = (
    Term("promotion", "Promotion", "An item, or several together, with a price cut, a display or a "
         "feature (leaflet, mailer) in weeks that follow each other. A store had it where any of "
         "that was seen; it executed where what was agreed was seen.",
         "weeks in a row with support"),
    Term("base", "Base", "What would have sold in the stores and weeks of the promotion without "
         "it, given the season, the shelf price and what competitors did.",
         "units sold - incremental"),
    Term("incremental", "Incremental units", "What sold because of the promotion, in its stores "
         "and weeks. The range beside it holds the truth with a probability of 80 %.",
         "units sold - base"),
    Term("lift_in_promoted_stores", "Lift in promoted stores", "How much more was sold than "
         "without the promotion, in the stores that had it. Always above the lift of the whole "
         "chain: name which one you mean.",
         "incremental / base of the stores with the promotion"),
    Term("lift_whole_chain", "Lift, whole chain", "The same, seen from all stores of the "
         "retailers, those without the promotion included.",
         "incremental / (units of all stores - incremental)"),
    Term("subsidised", "Sold anyway", "The part of the promoted volume that would have sold "
         "without the promotion, and was sold at its price.",
         "base / units sold in the stores with the promotion"),
    Term("merchandising_efficiency", "Merchandising efficiency", "The part of the promoted volume "
         "that the promotion brought. With what sold anyway it makes 100 %.",
         "incremental / units sold in the stores with the promotion"),
    Term("source", "Source of volume", "Where the incremental units came from, in units: the "
         "brand's other items, competitors, other weeks (shoppers who bought ahead), growth of the "
         "category. Below zero: the promotion helped that side.",
         "incremental = other items + competitors + other weeks + category growth"),
    Term("cost", "Cost", "What the promotion cost: a fixed amount for the stores agreed with, and "
         "an amount for each unit sold on promotion.",
         "fixed cost + cost per unit x units sold on promotion"),
    Term("incremental_margin", "Incremental margin", "The margin on all units won, less that on "
         "the units taken from own other items and other weeks, before the cost of the promotion. "
         "What it cost at most if it was worth it.",
         "sum of margin per unit x units gained or lost"),
    Term("roi_net", "Net return (ROI net)", "What came back on top of each unit of money spent. 0 "
         "breaks even, below 0 lost money.",
         "(incremental margin - cost) / cost"),
    Term("roi_gross", "Gross return (ROI gross)", "What came back for each unit of money spent. 1 "
         "breaks even.",
         "incremental margin / cost"),
    Term("as_planned", "As planned", "What came of the plan in all stores agreed with, whatever "
         "they did: a store that did nothing adds cost and no gain.",
         "all stores of the plan, as they acted"),
    Term("where_executed", "Where executed", "The same, counting only the stores that did what was "
         "agreed, with their gain and their cost.",
         "stores of the plan that executed"),
    Term("if_fully_executed", "If fully executed", "What would have come of it had every store "
         "agreed with done all of it all the time.",
         "stores as they acted + ratio of responses x what the others left out"),
    Term("ratio", "Ratio of responses", "How strongly stores that did not execute would have "
         "responded, as a multiple of those that did. 1: alike.",
         "response of stores that did not execute / response of those that did"),
    Term("break_even_ratio", "Break-even ratio", "How strongly stores that did not execute must "
         "respond for full execution to pay back, as a share of the response counted with.",
         "loss as planned / gain of profit by full execution"),
    Term("verdict", "Verdict", "Paid off: the whole range of the net return as planned is above "
         "0. Bad idea: even fully executed all of it is below 0. Badly executed: as planned all "
         "below, fully executed all above 0. Open: the data do not tell. No cost loaded, no margin "
         "loaded: load promotion_cost, unit_margin. The range is that of 80 %.",
         "from the ranges of net return as planned and if fully executed"),
    Term("grade", "Grade", "How far the answer can be trusted, A to D: by the width of the range "
         "of incremental units, held down by few stores, derived prices or a response that is "
         "mostly the category's.",
         "half the range / incremental: A up to 15 %, B up to 30 %, C up to 60 %, else D"),
    Term("elasticity", "Promoted elasticity", "Per cent that units change for one per cent of "
         "temporary price cut. More negative: stronger.",
         "d ln units / d ln promoted price"),
    Term("display_lift", "Lift by display or feature", "How much more sells in a store with a "
         "display all week, a feature, or both, at the same price.",
         "exp(response) - 1"),
    Term("cross", "Cross elasticity", "Per cent that the units of others change for one per cent "
         "change of the item's promoted price. Above zero: they lose when it is cut.",
         "d ln units of others / d ln promoted price of the item"),
    Term("by_retailer", "How retailers differ", "How much more strongly shoppers of a retailer "
         "answer to the same support, for all items alike. Small differences are drawn to 0 where "
         "little is known.",
         "elasticity: that at the retailer - mean of retailers; lifts: units with the support "
         "there / with the same support at the mean of retailers - 1"),
    Term("borrowed", "Own or borrowed", "Whether the responses rest on the item's own promotions, "
         "or, where these are few, on those of its brand and category.",
         "share of the response that comes from brand and category"),
    Term("shared", "What the category shares", "Responses that are taken to be the same for all "
         "items. Hardly told by the data: little more than the assumption that was put in.",
         "one value per category"),
)  # fmt: skip
