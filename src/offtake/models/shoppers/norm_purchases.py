"""What every household bought of every brand, as arrays: what norms are fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offtake.models.names import Names

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

OTHER = "other brands"
"""Stands for all brands with too few buyers to be told apart."""


@dataclass(frozen=True, slots=True)
class BrandPurchases:
    """R rows, one for every household and brand that it bought, in order of brand.

    A purchase is a shopping basket with at least one unit of the brand.

    Parameters
    ----------
    brands
        (J,) names.
    listed
        (J,) whether it is one brand, not all small ones together.
    weight
        (H,) what each household counts for; those who bought nothing of the category too.
    household, brand
        (R,) codes.
    purchases
        (R,) baskets with the brand.
    units
        (R,) units of it.
    baskets
        Baskets with anything of the category.
    halves
        Length of one half over the length of the period; 0 where there is but one week.
    first, second
        (R,) whether it was bought in the earlier and in the later half of the period.
    unseen
        How many of the households, the last ones, are not in the data: they stand for those who
        never bought where the data have buyers only.
    weeks
        What the period is called.
    """

    brands: Names
    listed: Bools
    weight: Floats
    household: Integers
    brand: Integers
    purchases: Integers
    units: Floats
    baskets: int
    halves: float
    first: Bools
    second: Bools
    unseen: int = 0
    weeks: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of households and of brands."""
        return self.weight.size, self.brands.size

    @property
    def bounds(self) -> Integers:
        """(J + 1,) where the rows of every brand begin, and where the last ones end."""
        return np.searchsorted(self.brand, np.arange(self.brands.size + 1)).astype(np.int64)

    @property
    def total(self) -> Integers:
        """(H,) purchases of the category: of all its brands."""
        found = np.bincount(self.household, self.purchases, self.weight.size)
        return np.rint(found).astype(np.int64)

    @property
    def known(self) -> Floats:
        """Weights of the households that are in the data."""
        return self.weight[: self.weight.size - self.unseen]

    @property
    def seen(self) -> float:
        """Share of all households, those who are not in the data too, that are in the data."""
        return float(self.known.sum() / self.weight.sum())

    def with_unseen(self, weight: float) -> BrandPurchases:
        """Return the same with households added who never bought, of so much weight together."""
        usual = float(self.weight.mean())
        count = round(weight / usual)
        return replace(
            self,
            weight=np.concatenate([self.weight, np.full(count, usual)]),
            unseen=count,
        )

    def sums(self, values: Floats) -> Floats:
        """Return weighted sums of values of rows by brand, (J,)."""
        weighted = values * self.weight[self.household]
        return np.bincount(self.brand, weighted, self.brands.size).astype(np.float64)
