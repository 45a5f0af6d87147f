"""What the demo company plans from today on: a table to read. All of it is made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from offtake_web.plans.models import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One plan of the demo.

    Parameters
    ----------
    name, kind, side
        As of a plan.
    starts, days
        Days from today, and how many.
    item, retailers
        Place of the item and of the retailers among our best sellers and all retailers; no item
        is the brand as a whole, no retailer is everywhere.
    state
        How far it has come.
    confirmed
        Gates that somebody gave their word for.
    content
        The rest of its content.
    promises
        Who promises what in how many days from today, and whether it is done.
    said
        What who says, one after the other in one thread.
    """

    name: str
    kind: str
    side: str
    starts: int
    days: int
    state: str
    item: int | None = None
    retailers: tuple[int, ...] = ()
    confirmed: tuple[str, ...] = ()
    content: dict[str, Any] = field(default_factory=dict)
    promises: tuple[tuple[str, str, int, bool], ...] = ()
    said: tuple[tuple[str, str], ...] = ()


ALL = ("brief_acknowledged", "material_delivered", "slot_confirmed")
FAMILY = {
    "benefit": "One bag is enough for the whole table.",
    "emotion": "Together, without a reason.",
    "lifestyle": "Evenings at home with friends and a series.",
    "audience": "Families with children, and those who buy snacks once a month.",
}
WALKERS = {
    "benefit": "Fits in every pocket of a rucksack.",
    "emotion": "Light-hearted.",
    "lifestyle": "Weekends outside.",
    "audience": "Twenty to thirty-five, in towns.",
}

YEAR: tuple[Entry, ...] = (
    Entry(name="Two weeks at the front", kind="promotion", side="sales", starts=-6, days=14,
          state=State.EXECUTED, item=0, retailers=(0,), confirmed=ALL,
          content={**FAMILY, "price_cut": 20, "display": True, "cost": 900,
                   "message": "Share the evening", "touchpoints": ["shelf", "leaflet"]},
          promises=(("sales_lead", "Order for the displays", -20, True),
                    ("rep", "Photograph every display", 3, False)),
          said=(("marketing", "Stands in the first shops look good. @rep can you go on with the"
                 " photos?"), ("rep", "Tomorrow the rest."))),
    Entry(name="Evening together", kind="campaign", side="marketing", starts=18, days=42,
          state=State.AGREED, confirmed=ALL,
          content={**FAMILY, "cost": 48000, "message": "Share the evening",
                   "touchpoints": ["television", "social media"]},
          promises=(("marketing", "Book television", 7, False),
                    ("key_account_manager", "Take the film to the retailers", 10, False)),
          said=(("sales_lead", "@marketing the second week should meet the display."),
                ("marketing", "It does, we moved it by a week."))),
    Entry(name="Snack for one", kind="campaign", side="marketing", starts=35, days=28,
          state=State.PROPOSED,
          content={**WALKERS, "cost": 21000, "message": "Keep it to yourself",
                   "touchpoints": ["social media"]},
          said=(("key_account_manager", "Does this not say the opposite of the other campaign?"
                 " @marketing"),)),
    Entry(name="Display in the second aisle", kind="display", side="sales", starts=32, days=14,
          state=State.AGREED, item=1, retailers=(1,), confirmed=("brief_acknowledged",
                                                                 "slot_confirmed"),
          content={**FAMILY, "display": True, "cost": 450, "message": "Share the evening",
                   "touchpoints": ["shelf"]},
          promises=(("marketing", "Deliver 120 stands", 20, False),)),
    Entry(name="Price deal before the holiday", kind="promotion", side="sales", starts=25, days=14,
          state=State.PROPOSED, item=0, retailers=(2,),
          content={"price_cut": 40, "feature": True, "cost": 1100,
                   "touchpoints": ["leaflet"]},
          said=(("sales_lead", "The retailer asks for 40 percent. @marketing what do you say?"),)),
    Entry(name="Second deal on the same bag", kind="promotion", side="sales", starts=45, days=14,
          state=State.PROPOSED, item=0, retailers=(2,),
          content={"price_cut": 15, "display": True, "cost": 600}),
    Entry(name="Tasting on Saturdays", kind="activation", side="marketing", starts=9, days=23,
          state=State.AGREED, item=2, retailers=(0, 3),
          content={**WALKERS, "cost": 3200, "message": "Try the new bag",
                   "touchpoints": ["tasting stand"]},
          promises=(("rep", "Find twelve shops with room", -2, False),)),
    Entry(name="New flavour", kind="launch", side="marketing", starts=60, days=56,
          state=State.DRAFT,
          content={**WALKERS, "message": "Something new in the bag", "cost": 15000}),
    Entry(name="Listing of the large bag", kind="listing", side="sales", starts=50, days=28,
          state=State.PROPOSED, item=1, retailers=(4,), confirmed=("brief_acknowledged",),
          promises=(("key_account_manager", "Bring the listing form back signed", 15, False),)),
    Entry(name="List price up by three percent", kind="price_move", side="sales", starts=95,
          days=14, state=State.DRAFT, item=1),
    Entry(name="Leaflet of the new year", kind="promotion", side="sales", starts=70, days=7,
          state=State.CANCELLED, item=1, retailers=(3,),
          content={"price_cut": 10, "feature": True, "cost": 300},
          said=(("key_account_manager", "The retailer gave the page to somebody else."),)),
    Entry(name="Family weeks", kind="promotion", side="sales", starts=110, days=21,
          state=State.DRAFT, item=2, retailers=(0, 1),
          content={**FAMILY, "price_cut": 25, "display": True, "cost": 1400,
                   "message": "Share the evening", "touchpoints": ["shelf", "leaflet"]}),
)  # fmt: skip
