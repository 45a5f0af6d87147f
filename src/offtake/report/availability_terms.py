"""What every term of the availability page means."""

from __future__ import annotations

from offtake.report.promotion_terms import Term

TERMS = (
    Term("availability", "Availability", "Share of demand that found its item on the shelf. What "
         "would have sold counts, not hours: an empty shelf on a busy day weighs more.",
         "1 - demand that missed the item / demand"),
    Term("alarm", "Alarm", "A run of days or weeks in which a shelf was likely empty, or sold so "
         "little that chance does not explain it. Those listed hold a share of false ones that "
         "was agreed.",
         "chance that the shelf was empty or low, given sales, stock records and visits"),
    Term("sure", "Sure", "How likely it is that the shelf was empty or low at all.",
         "chance of the surest step of the run"),
    Term("record", "Stock record", "Units on hand by the last stock record of the run. Above 0 "
         "while nothing sells: phantom stock, count it.",
         "from the contract stock"),
    Term("cause", "Guess", "Where to look first, from what stands beside the alarm. A guess, not a "
         "finding.",
         "gone for good; many stores of the retailer at once; record says it is there; on "
         "promotion; else the store"),
    Term("gap", "Gap", "A store in which an item should be and does not sell: it is on the list, "
         "or was sold and has stopped, or most similar stores have it (a void). Similar stores are "
         "those of the retailer that sell the same other items.",
         "chance that it is missing x what it sells in similar stores"),
    Term("win_back", "Win back", "What a visit or call may bring over a quarter, in margin where "
         "it is known, else at retail value: what a gap would sell, what an empty shelf would miss "
         "until it fills by itself. The share of gaps that visits close is an assumption. A whole "
         "visit adds up what the manufacturer's people have to see to in the store.",
         "units missed if nobody acts x margin x share closed x share the brand keeps"),
    Term("build", "Build of distribution", "How many stores sell a new item, and how much of the "
         "category's sales they stand for, beside the stores on the list.",
         "stores that sold it within four weeks / stores that trade"),
    Term("ended", "Stopped for good", "Sales have ended in most stores of a retailer, not just "
         "paused. The week is the first without the item, with its range.",
         "chance that the run without sales is the end, given what sold before"),
    Term("lost", "Lost sales", "What would have sold had the item been there, less what did. "
         "Ranges hold the truth with a probability of about 80 %. Where nothing is recorded, gaps "
         "too short to show are not in it.",
         "expected units - units sold, at the mean price paid"),
    Term("lost_to_brand", "Lost to the brand", "Lost sales less what shoppers buy of the brand's "
         "other items, in other stores or later. How much that is, is an assumption (Corsten and "
         "Gruen 2003) that can be changed.",
         "lost value x (other brand + given up)"),
    Term("lost_to_retailer", "Lost to the retailer", "Lost sales less what shoppers buy in its "
         "stores instead or later; the same assumption.",
         "lost value x (other store + given up)"),
)  # fmt: skip
