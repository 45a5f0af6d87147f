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
MEANINGS: Mapping[tuple[str, int], str] = MappingProxyType({
    ("penetration", -1): "Fewer buyers than its size calls for, who buy it more often: a niche.",
    ("penetration", 1): "More buyers than its size calls for, who buy it less often: a change of "
    "pace, or bought on deal.",
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


def readings(purchases: BrandPurchases, direction: Integers) -> list[str]:
    """Return a reading of every brand.

    Parameters
    ----------
    purchases
        The brands.
    direction
        (Q, J) from :func:`directions`.
    """
    return [
        _reading(direction[:, brand]) if single else "Small brands together: not compared."
        for brand, single in enumerate(purchases.listed)
    ]


def _reading(direction: Integers) -> str:
    told = [
        MEANINGS[name, way]
        for name in TESTED
        if (way := int(direction[FIGURES.index(name)])) and (name, way) in MEANINGS
    ]
    return " ".join(told) or AS_EXPECTED
