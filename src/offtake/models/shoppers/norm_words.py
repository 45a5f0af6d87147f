"""What a brand's place beside its norm means, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from offtake.models.shoppers.norm_deviations import TESTED, Deviations
from offtake.models.shoppers.norm_figures import FIGURES
from offtake.models.shoppers.norm_purchases import BrandPurchases, Integers
from offtake.models.shoppers.norm_spec import NormSpec

AS_EXPECTED = "Bought as a brand of its size is."
AS_OTHERS = "Bought as the other brands of this market are."
NOT_COMPARED = "Small brands together: not compared."
MANY = 0.6
"""Share of brands off in one direction from which the market, not the brand, is what deviates."""
SEVERAL = 5
MEANINGS: Mapping[tuple[str, int], str] = MappingProxyType({
    ("penetration", -1): "Fewer buyers than its size calls for, who buy it more often.",
    ("penetration", 1): "More buyers than its size calls for, who buy it less often.",
    ("requirements", -1): "Its buyers give it less of their category purchases than usual.",
    ("requirements", 1): "Its buyers give it more of their category purchases than usual.",
    ("sole", -1): "Fewer of its buyers than usual buy nothing else.",
    ("sole", 1): "More of its buyers than usual buy nothing else.",
    ("repeat", -1): "Fewer of its buyers than usual came back.",
    ("repeat", 1): "More of its buyers than usual came back.",
})  # fmt: skip
"""By figure and direction. Purchases being what they are, frequency mirrors penetration."""


def directions(found: Deviations, spec: NormSpec) -> Integers:
    """Return which figures deviate: -1 below the norm, 1 above it, 0 neither, (Q, J)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(found.observed / found.expected - 1) >= spec.least_deviation
        sure = found.q < spec.false_discoveries
    gap = np.nan_to_num(found.observed - found.expected)
    return np.where(far & sure, np.sign(gap), 0).astype(np.int64)


def market_wide(purchases: BrandPurchases, direction: Integers) -> dict[tuple[str, int], int]:
    """Return in which figures most brands deviate the same way, and how many of them do.

    Parameters
    ----------
    purchases
        The brands.
    direction
        (Q, J) from :func:`directions`.
    """
    single = purchases.listed
    count = int(single.sum())
    found = {}
    for name in TESTED:
        for way in (-1, 1):
            many = int(np.sum(direction[FIGURES.index(name), single] == way))
            if count >= SEVERAL and many >= MANY * count:
                found[name, way] = many
    return found


def readings(purchases: BrandPurchases, direction: Integers) -> list[str]:
    """Return a reading of every brand; what goes for most of them is not said of each.

    Parameters
    ----------
    purchases
        The brands.
    direction
        (Q, J) from :func:`directions`.
    """
    common = market_wide(purchases, direction)
    return [
        _reading(direction[:, brand], set(common)) if single else NOT_COMPARED
        for brand, single in enumerate(purchases.listed)
    ]


def _reading(direction: Integers, common: set[tuple[str, int]]) -> str:
    ways = [(name, int(direction[FIGURES.index(name)])) for name in TESTED]
    told = [MEANINGS[way] for way in ways if way in MEANINGS and way not in common]
    return " ".join(told) or (AS_OTHERS if any(way in common for way in ways) else AS_EXPECTED)
