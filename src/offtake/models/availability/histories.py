"""What pairs of store and item sold, week by week, beside what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.listing_rows import (
    LEAST_TRAFFIC,
    Bools,
    Floats,
    Integers,
    ListingRows,
)

SMOOTH = 2
"""Weeks on either side over which an item's ups and downs are taken together."""
UNITS_PRIOR = 5.0
"""Units of an item that what is assumed of it counts for."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Weekly sales of P pairs over T weeks beside what is expected of them.

    Parameters
    ----------
    begin
        (P,) first week that counts; the week of a first sale by which the pair came to be known
        does not, as it sold by selection.
    last
        (P,) last week sold, at least ``begin - 1``.
    units
        (P, T) units sold.
    expected
        (P, T) units expected at the mean rate of stores with the item.
    """

    begin: Integers
    last: Integers
    units: Floats
    expected: Floats

    @property
    def counted(self) -> Bools:
        """(P, T) weeks that count."""
        found: Bools = np.arange(self.units.shape[1]) >= self.begin[:, None]
        return found

    @property
    def alive(self) -> Bools:
        """(P, T) weeks that count, up to the one before the last sale."""
        found: Bools = self.counted & (np.arange(self.units.shape[1]) < self.last[:, None])
        return found


def histories(rows: ListingRows, pairs: Integers, *, alike: bool = False) -> Histories:
    """Return the histories of pairs that sold.

    What is expected is the item's share of sales in its retailer's stores, while it sells there,
    times what else the store sold of the category in the week. Where little sold, the share is
    that of all weeks since the first sale, which is lower.

    Parameters
    ----------
    rows
        Pairs of the category.
    pairs
        (P,) which; each has sold.
    alike
        Whether the item's ups and downs in the retailer's other stores count as well. They tell a
        pair that stopped from an item that stopped everywhere, or is out of season.
    """
    units = rows.weekly(pairs)
    other = np.maximum(rows.traffic()[rows.store[pairs]] - units, LEAST_TRAFFIC)
    first, last = rows.first[pairs], rows.last[pairs]
    listed = rows.listed_week[pairs]
    week = np.arange(rows.weeks)
    group = rows.retailer[rows.store[pairs]] * rows.shape[1] + rows.item[pairs]
    expected = _share(group, units, other, (first, last))[:, None] * other
    if alike:
        known = expected * (week >= first[:, None])
        others = _smoothed(_sum_by(group, units) - units)
        foreseen = _smoothed(_sum_by(group, known) - known)
        expected = expected * (others + UNITS_PRIOR) / (foreseen + UNITS_PRIOR)
    return Histories(np.where(listed <= first, listed, first + 1), last, units, expected)


def _share(
    group: Integers, units: Floats, other: Floats, ends: tuple[Integers, Integers]
) -> Floats:
    """Return each item's units by unit of other items, in a retailer's stores, (P,)."""
    week = np.arange(units.shape[1])
    first, last = (each[:, None] for each in ends)
    after = (week > first) & (week <= last)
    sold = _sum_by(group, (units * after).sum(axis=1))
    exposed = _sum_by(group, (other * after).sum(axis=1))
    since = np.maximum(_sum_by(group, (other * (week >= first)).sum(axis=1)), 1e-9)
    least = _sum_by(group, units.sum(axis=1)) / since
    found: Floats = (sold + UNITS_PRIOR) / (exposed + UNITS_PRIOR / least)
    return found


def _sum_by(group: Integers, values: Floats) -> Floats:
    """Return sums over the pairs of a group, for each of them alike."""
    found, code = np.unique(group, return_inverse=True)
    sums = np.zeros((found.size, *values.shape[1:]))
    np.add.at(sums, code, values)
    return sums[code]


def _smoothed(values: Floats) -> Floats:
    """Return sums over weeks near each week, (P, T)."""
    total = np.cumsum(np.pad(values, ((0, 0), (SMOOTH + 1, SMOOTH)), mode="constant"), axis=1)
    found: Floats = total[:, 2 * SMOOTH + 1 :] - total[:, : -2 * SMOOTH - 1]
    return found
