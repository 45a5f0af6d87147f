"""What households did with the campaigns and coupons they were sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from offtake.measures.baskets import HOUSEHOLD, total
from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, beside, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

CAMPAIGN_DIMENSIONS = of_kind("household") | {"campaign_id"}


def _redemption_rate(scope: Scope) -> ir.Table:
    keys = ("campaign_id", HOUSEHOLD)
    handed_in = scope.facts("redemption").select(*keys)
    handed_in = grouped(handed_in, keys, handed_in=handed_in.count())
    contacts = beside(_contacts(scope), handed_in, keys)
    counts = grouped(
        contacts,
        scope.by,
        redeeming=contacts.handed_in.count(),
        contacts=contacts.count(),
        redemptions=total(contacts.handed_in),
    )
    return counts.mutate(value=percent(counts.redeeming, counts.contacts))


def _contacts(scope: Scope) -> ir.Table:
    """Return the contacts of the campaigns that ran on any day of the period."""
    contacts = scope.facts("campaign_contact")
    if scope.period is None:
        return contacts
    back = timedelta(weeks=scope.weeks_back)
    first = scope.period.first_week - back
    last = scope.period.last_week + timedelta(days=6) - back
    ran = scope.tables["campaign"]
    ran = ran.filter(ran.first_day <= last, ran.last_day >= first).select("campaign_id")
    return contacts.semi_join(ran, "campaign_id")


MEASURES = (
    Measure(
        id="redemption_rate",
        title="Coupon redemption rate",
        definition="The part of the households sent a campaign that handed in at least one of its "
        "coupons. With a period: campaigns that ran on any of its days, and coupons handed in "
        "within it.",
        formula="contacted households that redeemed / contacted households x 100, a household "
        "counted once for each campaign",
        unit="percent",
        needs=("campaign", "campaign_contact", "redemption"),
        dimensions=CAMPAIGN_DIMENSIONS,
        build=_redemption_rate,
        parts=("redeeming", "contacts", "redemptions"),
        variant="contacted_households",
        trap="Counts households, not coupons: redemptions / contacts can exceed 100. A campaign "
        "still running has not had all its redemptions yet.",
    ),
)
