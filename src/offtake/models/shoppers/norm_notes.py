"""What to beware of in the norms of a category: plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offtake.models.kernels.brand_switching import SWITCHING
from offtake.models.kernels.purchase_counts import EXPONENTS
from offtake.models.shoppers.norm_fit import NormFit
from offtake.models.shoppers.norm_purchases import OTHER, BrandPurchases, Integers
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_words import market_wide

FIGURE_NAMES = {
    "penetration": "penetration", "frequency": "purchase frequency",
    "requirements": "share of category purchases", "sole": "sole buyers", "repeat": "coming back",
}  # fmt: skip


def data_notes(purchases: BrandPurchases, spec: NormSpec) -> Iterator[str]:
    """Say what the figures are taken of."""
    if purchases.weeks:
        yield f"Period: {purchases.weeks}. Compare figures of equal periods only."
    yield (
        "A purchase is a basket with at least one unit, as in the measure trips; a basket with two "
        "brands is a purchase of each, so that the category has more purchases than baskets: "
        f"{purchases.purchases.sum() / max(purchases.baskets, 1):.2f} for each."
    )
    weight = purchases.weight
    if np.ptp(weight) > 0:
        size = weight.sum() ** 2 / np.sum(weight**2)
        yield (
            "Households count by their weights: penetration is that of the measure "
            f"penetration_weighted. For errors the {weight.size:,} households are worth "
            f"{size:,.0f}."
        )
    elif spec.weights == "equal":
        yield "All households count alike, whatever their weights: as in the measure penetration."
    if not purchases.listed.all():
        yield (
            f"Brands with fewer than {spec.least_buyers} buyers, and lines without a brand, are "
            f"together as {OTHER!r}: they are part of the market and are not compared."
        )
    if purchases.halves == 0:
        yield "The period has one week: nothing is said of buyers who come back."


def fit_notes(fit: NormFit, spec: NormSpec, direction: Integers) -> Iterator[str]:
    """Say what to beware of in the fit.

    Parameters
    ----------
    fit, spec
        The market, and how it was asked for.
    direction
        (Q, J) which figures deviate, and how.
    """
    purchases = fit.purchases
    if purchases.unseen:
        yield (
            "Every household in the data bought the category: those who never buy it are missing. "
            f"They are taken to be {100 * (1 - purchases.seen):.0f} % of all households, and count "
            "as having bought nothing; penetrations are of the households in the data. Load the "
            "baskets of all categories for better norms."
        )
    elif fit.exponent != spec.exponent:
        yield "Every household bought the category, so that K comes from the likelihood."
    if fit.market.category.exponent in EXPONENTS:
        yield (
            "K is at its limit: households differ no more than chance makes them (Poisson), and "
            "it has no interval."
        )
    if fit.market.switching in SWITCHING:
        yield "S is at its limit: the brands' penetrations are out of the reach of the Dirichlet."
    yield from _common(fit, direction)


def _common(fit: NormFit, direction: Integers) -> Iterator[str]:
    count = int(fit.purchases.listed.sum())
    for (name, way), many in market_wide(fit.purchases, direction).items():
        yield (
            f"{FIGURE_NAMES[name].capitalize()}: {many} of {count} brands are "
            f"{'below' if way < 0 else 'above'} the norm, so the market as a whole is not as the "
            "model has it (it assumes one that is steady and not parted). Compare brands with each "
            "other instead; their readings leave it out."
        )
