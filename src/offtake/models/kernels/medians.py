"""Medians of groups of rows by sorting: no loop over groups, no table of all possible groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Floats, Integers

DIGIT = 16


@dataclass(frozen=True, slots=True)
class Medians:
    """Medians of the groups that have a value.

    Parameters
    ----------
    group
        (G,) their codes, ascending.
    median
        (G,) their medians.
    """

    group: Integers
    median: Floats

    def at(self, group: Integers) -> Floats:
        """Return the medians of the groups asked for, (N,); NaN for one without a value."""
        place = first_at_or_after(self.group, group)
        found = place < self.group.size
        found[found] = self.group[place[found]] == group[found]
        medians = np.full(group.size, np.nan)
        medians[found] = self.median[place[found]]
        return medians


def medians(values: Floats, group: Integers) -> Medians:
    """Return the median of the values of every group.

    Parameters
    ----------
    values
        (N,) values; NaN where there is none.
    group
        (N,) codes >= 0; they may be far apart.

    Returns
    -------
    Medians
        Of the groups with a value: the middle value, or the mean of the two in the middle.

    Examples
    --------
    >>> found = medians(np.array([1.0, 5.0, 2.0, np.nan]), np.array([7, 7, 7, 3]))
    >>> found.group.tolist(), found.median.tolist()
    ([7], [2.0])
    >>> found.at(np.array([7, 3])).tolist()
    [2.0, nan]
    """
    seen = np.flatnonzero(~np.isnan(values))
    order = seen[sorted_by_group(values[seen], group[seen])]
    ordered = group[order]
    starts = starts_of_groups(ordered)
    counts = np.diff(starts, append=ordered.size)
    lower, upper = (values[order[starts + half]] for half in ((counts - 1) // 2, counts // 2))
    return Medians(ordered[starts], (lower + upper) / 2)


def sorted_by_group(values: Floats, group: Integers) -> Integers:
    """Return the order of rows by group, and by value within a group, (N,).

    Integers of 16 bits are sorted stably in linear time, so the groups are, digit by digit.
    """
    order = np.argsort(values)
    for shift in range(0, int(group.max(initial=0)).bit_length(), DIGIT):
        digit = (group[order] >> shift).astype(np.uint16)
        order = order[np.argsort(digit, kind="stable")]
    return order


def starts_of_groups(ordered: Integers) -> Integers:
    """Return where each group of equal codes begins in a sorted array, (G,)."""
    begins = np.ones(ordered.size, dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(begins)


def first_at_or_after(ordered: Integers, wanted: Integers) -> Integers:
    """Return the place of the first sorted code that is not less, (N,); their number if none is.

    Looking up in order is several times faster than at random: what is near stays in the cache.
    """
    order = np.argsort(wanted)
    place = np.empty(wanted.size, dtype=np.int64)
    place[order] = np.searchsorted(ordered, wanted[order])
    return place
