"""What notes are about, how often, and whose desk they go to."""

from __future__ import annotations

from typing import Literal, get_args

Topic = Literal[
    "out_of_stock",
    "competitor_promotion",
    "pack_look",
    "price_too_high",
    "display_missing",
    "new_item_request",
    "delivery_late",
    "praise_campaign",
]
TOPICS: tuple[Topic, ...] = get_args(Topic)
(
    OUT_OF_STOCK,
    COMPETITOR_PROMOTION,
    PACK_LOOK,
    PRICE_TOO_HIGH,
    DISPLAY_MISSING,
    NEW_ITEM_REQUEST,
    DELIVERY_LATE,
    PRAISE_CAMPAIGN,
) = range(len(TOPICS))
OPINIONS = (PACK_LOOK, PRICE_TOO_HIGH, PRAISE_CAMPAIGN)
APPEAL = (0.24, 0.20, 0.11, 0.14, 0.14, 0.06, 0.07, 0.08)
"""How readily a rep writes of each topic where there is much to say of it."""

Desk = Literal["marketing", "accounts", "lead"]
DESKS: tuple[Desk, ...] = (
    "accounts",
    "lead",
    "marketing",
    "marketing",
    "lead",
    "accounts",
    "accounts",
    "marketing",
)
"""Who answers each topic: brand managers, key account managers, or the region's sales lead."""
