"""What to beware of in what is said of campaigns, in plain words."""

from __future__ import annotations

import numpy as np

from offtake.models.shoppers.campaign_fit import CampaignFit, CampaignFits

ALWAYS = (
    "Households were chosen, not drawn by lot. Effects compare them with households of like "
    "history that were not sent the campaign; what else told the sender whom to choose stays in "
    "them.",
    "Figures are of the panel's households, not projected to all.",
    "Subsidised redemptions are a lower bound: those beyond them may have come through the coupon.",
)
DAYS = 7
MIXED = (
    "Coupons are for products of several categories; the effect is on this category of being sent "
    "the campaign. Where every household is sent only some of the coupons, those of other "
    "categories water it down."
)


def campaign_notes(found: CampaignFits) -> list[tuple[str, str]]:
    """Return campaign and note; ``all`` for what holds for every campaign."""
    notes = [("all", note) for note in ALWAYS] if found.fits else []
    if any(found.plan.by_coupon[fit.campaign] for fit in found.fits):
        notes.append(("all", MIXED))
    if not found.fits:
        return [("all", "No campaign that is loaded is for products of this category.")]
    for fit in found.fits:
        name = str(found.plan.ids[fit.campaign])
        notes += [(name, note) for note in _of_one(found, fit)]
    return notes


def _of_one(found: CampaignFits, fit: CampaignFit) -> list[str]:
    notes = []
    if not found.plan.by_coupon[fit.campaign]:
        notes.append("No coupon of it is loaded for this category: all of its brand's products are "
                     "taken to be promoted.")  # fmt: skip
    first, start = (found.plan.first[fit.campaign], found.plan.start[fit.campaign])
    if abs((start - first).astype(int)) > DAYS:
        notes.append(
            f"It is loaded to begin on {first}, but was sent from {start} on: that is taken for "
            "its start."
        )
    effects = fit.effects
    if effects is None:
        return notes
    if effects.compared.outside:
        notes.append(
            f"{effects.compared.outside} contacted households are left out: nobody like them was "
            "not contacted, or they bought nothing at all before it began."
        )
    worst = float(np.abs(effects.compared.after).max(initial=0.0))
    if worst > 0.1:
        notes.append(
            f"After weighting, one covariate is still {worst:.2f} standard deviations off."
        )
    return notes
