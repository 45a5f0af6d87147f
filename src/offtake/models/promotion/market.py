"""How the items of a category stand to each other in every store and week, and to their past.

What an item gains from its promotion is taken from others in proportion to their size: the item's
size over that of the brand's other items that are usually on the shelf with it, and over that of
the other brands' items there. So one number per kind of pull says how much of a gain comes from
there, whatever the number of items, and however few of a long list a single store has.

References
----------
van Heerde, H. J., Leeflang, P. S. H. and Wittink, D. R. (2004). Decomposing the sales promotion
bump with store data. Marketing Science 23, 317-334.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.names import joint
from offtake.models.promotion.rows import Bools, Floats, Integers, PromotionRows

LEAST_OTHERS = 0.1
"""Where others hold less than this share, they give no more than if they held it."""


@dataclass(frozen=True, slots=True)
class Market:
    """Neighbours of N rows in their store and week, and their earlier weeks.

    Parameters
    ----------
    mates, rivals
        (N,) weight of the row's item in the pull on its brand's other items, and on other brands.
    cell, brand_cell
        (N,) codes of store and week, and of store, week and brand.
    earlier
        (L, N) place of the same pair so many weeks before (or after, see :func:`market`); -1 where
        there is no such row.
    """

    mates: Floats
    rivals: Floats
    cell: Integers
    brand_cell: Integers
    earlier: Integers

    def own_others(self, values: Floats) -> Floats:
        """Return what values, (N,), weigh on the brand's other items in the same shop and week."""
        weighed = self.mates * values
        others = np.bincount(self.brand_cell, weighed)[self.brand_cell] - weighed
        return np.asarray(others, dtype=np.float64)

    def competitors(self, values: Floats) -> Floats:
        """Return what values, (N,), weigh on other brands in the same shop and week."""
        weighed = self.rivals * values
        everybody = np.bincount(self.cell, weighed)[self.cell]
        others = everybody - np.bincount(self.brand_cell, weighed)[self.brand_cell]
        return np.asarray(others, dtype=np.float64)

    def lagged(self, values: Floats, lag: int) -> Floats:
        """Return values, (N,), of the same pair at the `lag`th of the other weeks kept; else 0."""
        at = self.earlier[lag - 1]
        return np.where(at >= 0, values[at], 0.0)


def market(rows: PromotionRows, lags: int, leads: int = 0) -> Market:
    """Work out the neighbours of every row; an item is as large as it sells without support.

    Parameters
    ----------
    rows
        Sorted by store, item, week.
    lags, leads
        How many weeks back and ahead are kept; L together, those ahead last.
    """
    cell = joint(rows.store, rows.week)
    nothing = np.zeros(rows.size)
    offsets = (*range(1, lags + 1), *range(-1, -leads - 1, -1))
    unweighed = Market(nothing, nothing, cell, joint(cell, rows.brand), _earlier(rows, offsets))
    return sized(unweighed, rows, plain_rates(rows))


def sized(near: Market, rows: PromotionRows, rates: Floats) -> Market:
    """Return the same neighbours with items of other base rates, (J,)."""
    mates, rivals = pull_weights(rates, *beside(near, rows, rates))
    return replace(near, mates=mates[rows.item], rivals=rivals[rows.item])


def brand_of_items(rows: PromotionRows) -> Integers:
    """Return the brand of every item, (J,)."""
    brand = np.zeros(rows.names.items.size, np.int64)
    brand[rows.item] = rows.brand
    return brand


def plain_rates(rows: PromotionRows) -> Floats:
    """Return units of every item per store and week without support, over all stores, (J,).

    An item that always has support counts with its mean over all weeks.
    """
    plain = ~rows.seen.any
    found = rates(rows, rows.units * plain, plain)
    return np.where(found > 0, found, rates(rows, rows.units, np.ones(rows.size, bool)))


def rates(rows: PromotionRows, units: Floats, counted: Bools) -> Floats:
    """Return units, (N,), of every item per row counted, (J,); 0 where none is."""
    count = rows.names.items.size
    total = np.bincount(rows.item, units, minlength=count)
    weeks = np.bincount(rows.item, counted, minlength=count)
    return np.divide(total, weeks, out=np.zeros(count), where=weeks > 0)


def beside(near: Market, rows: PromotionRows, rates: Floats) -> tuple[Floats, Floats]:
    """Return the size of what is on the shelf beside every item, mean over its rows, (J,) each.

    Of the brand's other items, and of other brands.
    """
    size = rates[rows.item]
    brand = np.bincount(near.brand_cell, size)[near.brand_cell]
    everything = np.bincount(near.cell, size)[near.cell]
    count = rates.size
    rows_of = np.maximum(np.bincount(rows.item, minlength=count), 1)
    mates = np.bincount(rows.item, brand - size, minlength=count) / rows_of
    rivals = np.bincount(rows.item, everything - brand, minlength=count) / rows_of
    return np.maximum(mates, 0.0), np.maximum(rivals, 0.0)


def pull_weights(rates: Floats, mates: Floats, rivals: Floats) -> tuple[Floats, Floats]:
    """Return how heavily each item weighs on its brand's others, and on other brands, (J,) each.

    Parameters
    ----------
    rates
        (J,) base rates of sale of the items.
    mates, rivals
        (J,) sizes of what is beside them, as :func:`beside` gives them.

    Examples
    --------
    >>> found = pull_weights(np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([2.0, 2.0]))
    >>> found[0].tolist(), found[1].tolist()
    ([1.0, 10.0], [0.5, 1.0])
    """
    brand = rates + mates
    whole = brand + rivals
    within = np.maximum(mates, LEAST_OTHERS * brand)
    between = np.maximum(rivals, LEAST_OTHERS * whole)
    return _over(rates, within), _over(rates, between)


def _over(one: Floats, other: Floats) -> Floats:
    ratio: Floats = np.divide(one, other, out=np.zeros_like(one), where=other > 0)
    return ratio


def _earlier(rows: PromotionRows, offsets: tuple[int, ...]) -> Integers:
    """Return the places of the same pair so many weeks before each row, (L, N), or -1."""
    reach = max((abs(offset) for offset in offsets), default=0)
    span = int(rows.week.max()) + 1 + 2 * reach
    # Weeks are moved up, so that those before the first do not run into another pair.
    key = rows.pair * span + rows.week + reach
    places = np.full((len(offsets), rows.size), -1)
    for line, offset in enumerate(offsets):
        at = np.minimum(np.searchsorted(key, key - offset), rows.size - 1)
        found = key[at] == key - offset
        places[line, found] = at[found]
    return places
