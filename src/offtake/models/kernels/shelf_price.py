"""The price on the shelf in weeks in which nothing sold.

A price is seen only where something sold, and more sells when the price is low. Filling gaps with
the product's own average would tie low prices to sales and high ones to their absence, which makes
elasticities nonsense; the price of the same product and week in other stores does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.medians import (
    Medians,
    first_at_or_after,
    medians,
    sorted_by_group,
    starts_of_groups,
)

OWN, OTHER_STORES, OTHER_WEEKS, NOWHERE = range(4)
FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class ShelfPrice:
    """Prices without gaps.

    Parameters
    ----------
    price
        (N,) price of every row; NaN where the product was seen in no store and week.
    origin
        (N,) where it is from: 0 own sale, 1 other stores in the week, 2 the nearest week in which
        any store sold the product, 3 nowhere.
    """

    price: Floats
    origin: Integers


def shelf_price(price: Floats, item: Integers, week: Integers) -> ShelfPrice:
    """Fill the gaps of a price from the same product in other stores.

    Parameters
    ----------
    price
        (N,) price where something sold, NaN elsewhere.
    item, week
        (N,) codes 0, 1, ...; weeks one code apart are neighbours.

    Returns
    -------
    ShelfPrice
        The median over stores of the week; failing that, of the nearest week in time, the earlier
        of two equally near.

    Examples
    --------
    >>> import numpy as np
    >>> nan = np.nan
    >>> item, week = np.zeros(4, int), np.array([0, 0, 0, 1])
    >>> shelf_price(np.array([2.0, 3.0, nan, nan]), item, week).price.tolist()
    [2.0, 3.0, 2.5, 2.5]
    """
    filled, origin = price.copy(), np.full(price.size, OWN)
    gap = np.flatnonzero(np.isnan(price))
    cell, span = _cells(item, week)
    weekly = medians(price, cell)
    place, away = _nearest(weekly, cell[gap], span)
    known = place >= 0
    filled[gap[known]] = weekly.median[place[known]]
    origin[gap] = np.where(known, np.where(away == 0, OTHER_STORES, OTHER_WEEKS), NOWHERE)
    return ShelfPrice(filled, origin)


def price_elsewhere(price: Floats, item: Integers, week: Integers) -> Floats:
    """Return the price of the same product and week in other stores, for every row alike.

    A store's own price is known only where it sold, so a price that is the own one in rows with
    sales and another store's in rows without them errs differently in the two, and what differs
    looks like a response. This one errs alike in both.

    Parameters
    ----------
    price
        (N,) price where something sold, NaN elsewhere; one row per store, product and week.
    item, week
        (N,) codes 0, 1, ...

    Returns
    -------
    ndarray
        (N,) median of the other rows of the item and week; NaN where no other store sold it.

    Examples
    --------
    >>> nan = np.nan
    >>> price = np.array([2.0, 3.0, 5.0, nan])
    >>> price_elsewhere(price, np.zeros(4, int), np.zeros(4, int)).tolist()
    [4.0, 3.5, 2.5, 3.0]
    """
    cell, _ = _cells(item, week)
    unseen = np.isnan(price)
    elsewhere = np.full(price.size, np.nan)
    elsewhere[unseen] = medians(price, cell).at(cell[unseen])
    seen = np.flatnonzero(~unseen)
    order = seen[sorted_by_group(price[seen], cell[seen])]
    elsewhere[order] = _median_of_others(price[order], cell[order])
    return elsewhere


def _median_of_others(values: Floats, group: Integers) -> Floats:
    """Leave each row out of the median of its group; rows are sorted by group and value: (N,)."""
    starts = starts_of_groups(group)
    counts = np.diff(starts, append=group.size)
    start, others = np.repeat(starts, counts), np.repeat(counts - 1, counts)
    rank = np.arange(group.size) - start
    # Without the row itself, those from its rank on move down by one.
    lower, upper = (
        values[np.minimum(start + half + (half >= rank), values.size - 1)]
        for half in (np.maximum(others - 1, 0) // 2, others // 2)
    )
    return np.where(others > 0, (lower + upper) / 2, np.nan)


def _cells(item: Integers, week: Integers) -> tuple[Integers, int]:
    """Return one code for item and week, (N,), and the distance between items: > all weeks."""
    span = int(week.max(initial=0)) + 1
    return item * span + week, span


def _nearest(weekly: Medians, cell: Integers, span: int) -> tuple[Integers, Integers]:
    """Return the place of the item's nearest week, the earlier of two, and how far it is.

    Where the item was never seen the place is -1.
    """
    if not weekly.group.size:
        return np.full(cell.size, -1), np.full(cell.size, FAR)
    after = first_at_or_after(weekly.group, cell)
    options = [np.maximum(after - 1, 0), np.minimum(after, weekly.group.size - 1)]
    codes = [weekly.group[option] for option in options]
    away = [np.where(code // span == cell // span, np.abs(code - cell), FAR) for code in codes]
    place = np.where(away[0] <= away[1], options[0], options[1])
    distance = np.minimum(*away)
    place[distance == FAR] = -1
    return place, distance
