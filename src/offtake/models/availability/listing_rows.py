"""Pairs of store and item of a category: what sold, when it did, and what should be there.

Where :mod:`offtake.models.availability.rows` takes the steps of a store-item apart, the rows here
say of a whole pair whether and when it sold, beside the distribution list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offtake.models.names import Names

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

DAYS = 7
NEVER = -1
LEAST_TRAFFIC = 0.1
"""Units a week that every store is taken to sell beside those it does, so that none is 0."""


@dataclass(frozen=True, slots=True)
class ListingNames:
    """What the codes stand for.

    Parameters
    ----------
    items, descriptions, brands, makers
        (J,) product ids and what the product table says of them.
    stores, store_names, territories
        (S,) store ids and what the store table says of them.
    retailers
        (R,) names by retailer code.
    """

    items: Names
    descriptions: Names
    brands: Names
    makers: Names
    stores: Names
    store_names: Names
    territories: Names
    retailers: Names


@dataclass(frozen=True, slots=True)
class Sold:
    """N weeks in which a pair sold; sorted by pair and week.

    Parameters
    ----------
    pair, week
        (N,) code of the pair; whole weeks since the first week.
    units, value, valued
        (N,) units, more than 0; money; units of which the money is known.
    """

    pair: Integers
    week: Integers
    units: Floats
    value: Floats
    valued: Floats


@dataclass(frozen=True, slots=True)
class AssortmentProfile:
    """What each store sold over the last year, M store-items, to tell which stores are alike.

    Parameters
    ----------
    store, item
        (M,) codes; items of other categories have codes from J on.
    units
        (M,) units, more than 0.
    """

    store: Integers
    item: Integers
    units: Floats


@dataclass(frozen=True, slots=True)
class ListingRows:
    """P pairs of S stores and J items of one category, sold or listed; sorted by store and item.

    Parameters
    ----------
    category
        Its name.
    weeks, latest
        Weeks loaded, and how many of the last ones tell what sells now.
    first_week
        Monday of week 0.
    store, item
        (P,) codes.
    first, last
        (P,) first and last week sold, -1 where it never did.
    listed_from, listed_to
        (P,) days of the latest listing; NaT where there is none, or no end.
    must_stock
        (P,) whether the listing is part of the core range.
    sold
        Weekly sales of the pairs.
    retailer
        (S,) code of every store's retailer.
    open
        (S,) whether the store trades: not closed, and it sold anything at all in the latest weeks.
    margin
        (R, J) money that the manufacturer earns on a unit; NaN where not known.
    own
        (J,) items that filters on items leave; the others are there to compare with.
    has_list
        Whether a distribution list is loaded.
    profile
        Which stores are alike is told by this.
    names
        What the codes stand for.
    """

    category: str
    weeks: int
    latest: int
    first_week: np.datetime64
    store: Integers
    item: Integers
    first: Integers
    last: Integers
    listed_from: Days
    listed_to: Days
    must_stock: Bools
    sold: Sold
    retailer: Integers
    open: Bools
    margin: Floats
    own: Bools
    has_list: bool
    profile: AssortmentProfile
    names: ListingNames

    @property
    def size(self) -> int:
        """Number of pairs."""
        return self.store.size

    @property
    def shape(self) -> tuple[int, int]:
        """Stores and items."""
        return self.names.stores.size, self.names.items.size

    @property
    def last_day(self) -> np.datetime64:
        """The Sunday of the last week."""
        return self.first_week + np.timedelta64(DAYS * self.weeks - 1, "D")

    @property
    def listed_now(self) -> Bools:
        """(P,) whether on the list on the last day."""
        begun = self.listed_from <= self.last_day
        over = self.listed_to < self.last_day
        found: Bools = begun & ~over
        return found

    @property
    def listed_week(self) -> Integers:
        """(P,) first whole week of the listing, 0 where it began before; `weeks` without one."""
        unlisted = np.isnat(self.listed_from)
        begun = np.where(unlisted, self.last_day, self.listed_from)
        days = (begun - self.first_week).astype(np.int64)
        weeks: Integers = np.maximum(-(-days // DAYS), 0)
        return np.where(unlisted, self.weeks, weeks)

    def monday(self, week: Integers) -> Days:
        """Return the Mondays of weeks of any shape."""
        mondays: Days = self.first_week + (DAYS * week).astype("timedelta64[D]")
        return mondays

    def totals(
        self, first: int = 0, *, of: Literal["units", "value", "valued"] = "units"
    ) -> Floats:
        """Return the units or money that every pair sold from week `first` on, (P,)."""
        late = self.sold.week >= first
        values: Floats = getattr(self.sold, of)
        sums = np.bincount(self.sold.pair[late], values[late], minlength=self.size)
        return sums.astype(np.float64)

    def grid(self, values: Floats) -> Floats:
        """Return values of pairs as stores by items, (S, J), 0 where there is no pair."""
        found = np.zeros(self.shape)
        found[self.store, self.item] = values
        return found

    def by_week(self) -> Floats:
        """Return units of the category by store and week, (S, T)."""
        place = self.store[self.sold.pair] * self.weeks + self.sold.week
        stores = self.shape[0]
        found = np.bincount(place, self.sold.units, minlength=stores * self.weeks)
        return found.reshape(stores, self.weeks).astype(np.float64)

    def traffic(self) -> Floats:
        """Return how much of the category stores sell by week, (S, T): units, never quite 0."""
        return self.by_week() + LEAST_TRAFFIC

    def weekly(self, pairs: Integers) -> Floats:
        """Return units of P' pairs by week, (P', T)."""
        place = np.full(self.size, NEVER)
        place[pairs] = np.arange(pairs.size)
        at = place[self.sold.pair]
        units = np.zeros((pairs.size, self.weeks))
        units[at[at >= 0], self.sold.week[at >= 0]] = self.sold.units[at >= 0]
        return units
