"""Steps of many store-items, a day or a week each: what sold, and what is known of the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


STEPWISE = (
    "units", "step", "regressors", "promoted", "cell", "share", "on_hand", "audit", "seen",
)  # fmt: skip
"""Fields with one value, or one row, for each step."""


@dataclass(frozen=True, slots=True)
class Series:
    """N steps of S store-items, sorted by store-item and step, without gaps.

    Parameters
    ----------
    units
        (N,) units sold; 0 where nothing was.
    first
        (S + 1,) place of the first step of every store-item, and N.
    step
        (N,) number of the day or week.
    days
        Length of a step: 1 or 7.
    regressors
        (N, P) what moves demand besides the step: price cut, display, feature ...; P may be 0.
    promoted
        (N,) code of the kind of promotion that runs, 0 for none. Every listing answers to a kind in
        a way of its own, beside the regressors.
    cell
        (N,) codes of what shares the ups and downs of a step: the retailer's, or the market's.
    listing
        (S,) codes of the item at a retailer, whose rise and fall all its stores there share.
    share
        (N,) share of the step's shopping that found the item on the shelf, where it was recorded;
        else NaN.
    on_hand
        (N,) units on hand by the stock record; else NaN.
    audit
        (N,) 1 where a visit found the item saleable, 0 where it did not; else NaN.
    seen
        (N,) whether sales of the step are known at all.
    may_end
        (S,) whether the item may go for good before the last step. Not where a distribution list
        says how long it is to be there: then a shelf that stays empty is a long outage.

    Raises
    ------
    BadInputError
        When lengths disagree, units are below 0 or not finite, or store-items are not whole.
    """

    units: Floats
    first: Integers
    step: Integers
    days: int
    regressors: Floats
    promoted: Integers
    cell: Integers
    listing: Integers
    share: Floats
    on_hand: Floats
    audit: Floats
    seen: Bools
    may_end: Bools

    def __post_init__(self) -> None:
        size = self.units.size
        for name in STEPWISE:
            got = len(getattr(self, name))
            if got != size:
                raise BadInputError(f"{name}: got {got} steps, allowed: {size} as units")
        if self.listing.size != self.first.size - 1:
            raise BadInputError(f"listing: got {self.listing.size}, allowed: {self.first.size - 1}")
        if self.first[0] != 0 or self.first[-1] != size or np.any(np.diff(self.first) < 1):
            raise BadInputError("first: got places that do not part the steps into store-items")
        if not np.all(np.isfinite(self.units) & (self.units >= 0)):
            raise BadInputError("units: got numbers below 0 or not finite, allowed: 0 and above")
        inside = np.ones(max(size - 1, 0), bool)
        inside[self.first[1:-1] - 1] = False
        if np.any(np.diff(self.step)[inside] != 1):
            raise BadInputError("step: got gaps within a store-item, allowed: one after the other")

    @property
    def size(self) -> int:
        """Number of steps, N."""
        return self.units.size

    @property
    def count(self) -> int:
        """Number of store-items, S."""
        return self.first.size - 1

    def only(self, which: slice) -> Series:
        """Return some of the store-items."""
        chosen = np.zeros(self.count, bool)
        chosen[which] = True
        inside = np.repeat(chosen, np.diff(self.first))
        steps = {name: getattr(self, name)[inside] for name in STEPWISE}
        first = np.concatenate([[0], np.cumsum(np.diff(self.first)[chosen])])
        return replace(
            self, first=first, listing=self.listing[chosen], may_end=self.may_end[chosen], **steps
        )

    @property
    def of(self) -> Integers:
        """(N,) store-item of every step."""
        return np.repeat(np.arange(self.count), np.diff(self.first))


def blocks(first: Integers, size: int) -> Iterator[tuple[int, int]]:
    """Give ranges of whole store-items of at most so many steps, or of one that has more.

    Examples
    --------
    >>> list(blocks(np.array([0, 3, 5, 12, 13]), 6))
    [(0, 2), (2, 3), (3, 4)]
    """
    begin, count = 0, first.size - 1
    while begin < count:
        end = int(np.searchsorted(first, first[begin] + size, side="right")) - 1
        end = max(end, begin + 1)
        yield begin, end
        begin = end


def series_of(units: Floats, code: Integers, step: Integers, **known: Any) -> Series:
    """Return series of plain arrays; of what is not given, nothing is known.

    Parameters
    ----------
    units, code, step
        (N,) units, codes 0 to S - 1 of the store-items, steps; sorted by code and step.
    **known
        Fields of :class:`Series`. Without them steps are days, ups and downs are shared by all, and
        each store-item is a listing of its own.

    Examples
    --------
    >>> found = series_of(np.array([2.0, 0.0, 1.0]), np.array([0, 0, 1]), np.array([0, 1, 0]))
    >>> found.count, found.first.tolist()
    (2, [0, 2, 3])
    """
    size = units.size
    unknown = np.full(size, np.nan)
    first = np.append(np.flatnonzero(np.diff(code, prepend=-1)), size)
    given: dict[str, Any] = {
        "days": 1, "regressors": np.zeros((size, 0)),
        "promoted": np.zeros(size, np.int64), "cell": step, "seen": np.ones(size, bool),
        "listing": np.arange(first.size - 1), "share": unknown, "on_hand": unknown,
        "audit": unknown, "may_end": np.ones(first.size - 1, bool),
    }  # fmt: skip
    return Series(units=units, first=first, step=step, **(given | known))
