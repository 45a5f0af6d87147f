"""Which items, brands and retailers have parameters of their own, and how retailers stand apart.

The largest have their own; all others share one set, as each alone would tell too little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.promotion.rows import Floats, Integers, PromotionRows


@dataclass(frozen=True, slots=True)
class Groups:
    """Sets that have parameters of their own.

    Parameters
    ----------
    items
        (J,) set of responses of every item.
    retailers
        Set of every retailer.
    pullers
        Set of pulls of every brand.
    """

    items: Integers
    retailers: Integers
    pullers: Integers


def response_groups(rows: PromotionRows, most: int) -> Integers:
    """Return the set of responses of every item, (J,): its own, or that of all the rest."""
    return _largest(_units(rows, rows.item, rows.names.items.size), most)


def pull_groups(rows: PromotionRows, most: int) -> Integers:
    """Return the set of pulls of every brand: its own, or that of all the rest."""
    return _largest(_units(rows, rows.brand, int(rows.brand.max()) + 1), most)


def retailer_groups(rows: PromotionRows, most: int) -> Integers:
    """Return the set of every retailer: its own, or that of all the rest."""
    return _largest(_units(rows, rows.retailer, int(rows.retailer.max()) + 1), most)


def brands_of_sets(items: Integers, brands: Integers) -> Integers:
    """Return the brand of every set of items, (G,), or -1 where its items are of several.

    Parameters
    ----------
    items, brands
        (J,) set and brand of every item.

    Examples
    --------
    >>> brands_of_sets(np.array([0, 1, 1]), np.array([7, 7, 8])).tolist()
    [7, -1]
    """
    least = np.full(int(items.max()) + 1, brands.max())
    most = np.full(least.size, brands.min())
    np.minimum.at(least, items, brands)
    np.maximum.at(most, items, brands)
    return np.where(least == most, least, -1)


def _units(rows: PromotionRows, code: Integers, size: int) -> Floats:
    return np.bincount(code, rows.units, minlength=size).astype(np.float64)


def _largest(units: Floats, most: int) -> Integers:
    """Give the largest codes of their own, 0 and up, and all others one together."""
    rank = np.argsort(np.argsort(-units))
    code = np.where(rank < most, np.arange(units.size), units.size)
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


def retailer_contrasts(rows: PromotionRows, groups: Integers) -> Floats:
    """Return how much of each contrast every set of retailers has, for every lever, (R, R - 1, 4).

    What a retailer adds to an item's responses is taken around the mean of retailers, weighed by
    what they tell of the lever: units times squared support. So an item's own response is that of
    where it was promoted, and a retailer that never uses a lever leaves it alone. Contrasts are
    orthonormal before that mean is taken off: parameters that are independent and alike in size
    make retailers independent and alike in size. Each contrast sets a retailer against all that
    tell more, so that one of which little is known blurs one contrast only.

    Parameters
    ----------
    rows
        What sold.
    groups
        Set of every retailer, as :func:`retailer_groups` gives it.
    """
    count = int(groups.max()) + 1
    group = groups[rows.retailer]
    told = rows.units[:, None] * rows.seen.columns**2 * rows.counted[:, None]
    weight = np.stack([np.bincount(group, each, minlength=count) for each in told.T], axis=1)
    total = weight.sum(axis=0)
    share = np.where(total > 0, weight / np.where(total > 0, total, 1.0), 1 / count)
    basis = np.empty((count, count - 1))
    basis[np.argsort(-share.mean(axis=1), kind="stable")] = contrasts(count)
    centred: Floats = basis[:, :, None] - (basis.T @ share)[None]
    return centred


def contrasts(count: int) -> Floats:
    """Return orthonormal columns that sum to 0, (count, count - 1): Helmert's contrasts.

    Examples
    --------
    >>> contrasts(2).round(3).tolist()
    [[0.707], [-0.707]]
    """
    found = np.zeros((count, count - 1))
    for place in range(1, count):
        found[:place, place - 1] = 1.0
        found[place, place - 1] = -place
    norms: Floats = found / np.sqrt((found**2).sum(axis=0))
    return norms
