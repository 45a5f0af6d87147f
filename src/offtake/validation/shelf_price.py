"""The price on the shelf in weeks in which nothing sold.

A price is seen only where something sold, and more sells when the price is low. Filling gaps with
the product's own average would tie low prices to sales and high ones to their absence, which makes
elasticities nonsense; the price of the same product and week in other stores does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OWN, OTHER_STORES, OTHER_WEEKS, NOWHERE = range(4)


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
    if not price.size:
        return ShelfPrice(filled, origin)
    middle = medians(price, item, week)
    for place, table in ((OTHER_STORES, middle), (OTHER_WEEKS, _nearest(middle))):
        gap = np.isnan(filled)
        filled[gap] = table[item[gap], week[gap]]
        origin[gap] = place
    origin[np.isnan(filled)] = NOWHERE
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
    elsewhere = medians(price, item, week)[item, week]
    seen = np.flatnonzero(~np.isnan(price))
    cell = item[seen] * (int(week.max(initial=0)) + 1) + week[seen]
    order = np.lexsort((price[seen], cell))
    values = price[seen][order]
    _, starts, code, counts = np.unique(
        cell[order], return_index=True, return_inverse=True, return_counts=True
    )
    start, others, rank = starts[code], counts[code] - 1, np.arange(seen.size) - starts[code]
    middle = [
        start + half + (half >= rank)
        for half in (np.maximum(others - 1, 0) // 2, np.minimum(others // 2, others))
    ]
    last = seen.size - 1
    without = (values[np.minimum(middle[0], last)] + values[np.minimum(middle[1], last)]) / 2
    elsewhere[seen[order]] = np.where(others > 0, without, np.nan)
    return elsewhere


def medians(price: Floats, item: Integers, week: Integers) -> Floats:
    """Return the median of the prices seen, (items, weeks); NaN where none was."""
    weeks = int(week.max()) + 1
    table = np.full((int(item.max()) + 1) * weeks, np.nan)
    seen = np.flatnonzero(~np.isnan(price))
    cell = item[seen] * weeks + week[seen]
    order = np.lexsort((price[seen], cell))
    cells, starts, counts = np.unique(cell[order], return_index=True, return_counts=True)
    sorted_prices = price[seen][order]
    lower, upper = starts + (counts - 1) // 2, starts + counts // 2
    table[cells] = (sorted_prices[lower] + sorted_prices[upper]) / 2
    return table.reshape(-1, weeks)


def _nearest(middle: Floats) -> Floats:
    """Give every cell the value of the nearest week of its item that has one."""
    weeks = np.arange(middle.shape[1])
    seen = ~np.isnan(middle)
    far = 10 * weeks.size
    before = np.maximum.accumulate(np.where(seen, weeks, -far), axis=1)
    after = np.minimum.accumulate(np.where(seen, weeks, far)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(weeks - before <= after - weeks, before, after)
    return np.take_along_axis(middle, np.clip(nearest, 0, weeks.size - 1), axis=1)
