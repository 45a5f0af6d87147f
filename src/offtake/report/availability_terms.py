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
    Term("lost", "Lost sales", "What would have sold had the item been there, less what did. The "
         "range beside it holds the truth with a probability of 80 %. Without flags of the shelf, "
         "short gaps are not in it.",
         "expected units - units sold, at the mean price paid"),
    Term("lost_to_brand", "Lost to the brand", "Lost sales less what shoppers buy of the brand's "
         "other items, in other stores or later. How much that is, is an assumption (Corsten and "
         "Gruen 2003) that can be changed.",
         "lost value x (other brand + given up)"),
    Term("lost_to_retailer", "Lost to the retailer", "Lost sales less what shoppers buy in its "
         "stores instead or later; the same assumption.",
         "lost value x (other store + given up)"),
)  # fmt: skip
