"""Which stores are alike by what they sell, and what those like a store sell that it does not.

Stores are compared by their assortments: logarithms of units by item, centred, brought down to
their leading dimensions. What a store should sell is told by those nearest to it within its
retailer. Every item is in a store or not; if it is, its units over the latest weeks are
gamma-Poisson around its share of what else the store sells of the category. That no sale was seen
then says little of an item that sells slowly, and that neighbours sold none does not say that they
have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.errors import BadInputError
from offtake.models.availability.listing_rows import (
    LEAST_TRAFFIC,
    AssortmentProfile,
    Bools,
    Floats,
    Integers,
    ListingRows,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NEIGHBOURS, DIMENSIONS = 20, 16
PARTS = 8
"""Parts of the assortment, each left out in turn."""
ROUNDS = 15
WHOLE = 400
CHUNK = 1000
FAINT = 0.02
"""Least weight of a neighbour: of nearest stores of which none is alike, all count a little."""
STORES_PRIOR = 2.0
"""Stores that the retailer's mean counts for in the share of similar stores that sell an item."""
UNITS_PRIOR = 2.0
"""Units that the retailer's mean counts for in an item's share of sales."""
LISTED_PRIOR = 5.0
SHAPES = (0.3, 30.0)
"""Limits of the shape of the gamma distribution of a store's rate around that of similar ones."""
TAIL = 0.1


@dataclass(frozen=True, slots=True)
class SimilarStores:
    """The K stores nearest to each of S stores, by each of F parts of the assortment.

    Item j is judged by neighbours in part ``j % F``, from which it was left out: else stores
    without an item would be alike because they are without it.

    Parameters
    ----------
    near
        (F, S, K) codes of stores of the same retailer, nearest first.
    weight
        (F, S, K) how alike they are, 0 to 1; 0 where the retailer has fewer stores.
    """

    near: Integers
    weight: Floats

    def sums(self, values: Floats) -> Floats:
        """Return the weighted sums over the neighbours of every store, (S, J), of values (S, J)."""
        found = np.empty_like(values)
        parts = len(self.near)
        for part in range(parts):
            found[:, part::parts] = self._matrix(part) @ values[:, part::parts]
        return found

    def _matrix(self, part: int) -> csr_array:
        from scipy.sparse import csr_array

        near, weight = self.near[part], self.weight[part]
        stores, count = near.shape
        begin = np.arange(stores + 1) * count
        return csr_array((weight.ravel(), near.ravel(), begin), shape=(stores, stores))


@dataclass(frozen=True, slots=True)
class SimilarSales:
    """What similar stores say of J items in S stores.

    Parameters
    ----------
    selling, other
        (S, J) weighted number of similar stores that have the item on the shelf, and that do not,
        the retailer's mean among them: parameters of a beta distribution.
    share_of_sales
        (S, J) units of the item per unit of what else the store sells of the category, where it is
        on the shelf; 0 where no store of the retailer sold it in the latest weeks.
    evidence
        (S, J) units on which `share_of_sales` rests, weighted.
    chance
        (S, J) probability that the item is there, before its own sales are seen. Where the store
        lists it: share of similar stores that list it in which it is on the shelf.
    there
        (S, J) the same, after the sales of the latest weeks.
    shape
        Of the gamma distribution of a store's own rate around `share_of_sales`.
    """

    selling: Floats
    other: Floats
    share_of_sales: Floats
    evidence: Floats
    chance: Floats
    there: Floats
    shape: float

    @property
    def share(self) -> Floats:
        """(S, J) probability that a store like it sells the item."""
        return self.selling / (self.selling + self.other)

    def share_interval(self, store: Integers, item: Integers) -> tuple[Floats, Floats]:
        """Return the 80 % interval of that probability for M pairs, (M,) each."""
        from scipy.special import betaincinv

        selling, other = self.selling[store, item], self.other[store, item]
        ends = (np.asarray(betaincinv(selling, other, tail)) for tail in (TAIL, 1 - TAIL))
        low, high = ends
        return low, high

    def rate_interval(self, store: Integers, item: Integers) -> tuple[Floats, Floats]:
        """Return the ends of the 80 % interval of a store's rate, as multiples of its mean."""
        return gamma_interval(1 / (1 / self.shape + 1 / self.evidence[store, item]))


def gamma_interval(shape: Floats) -> tuple[Floats, Floats]:
    """Return the 10 % and 90 % points of gamma distributions of mean 1, (M,) each.

    Parameters
    ----------
    shape
        (M,) their shapes, more than 0.

    Examples
    --------
    >>> low, high = gamma_interval(np.array([1.0]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.105, 2.303)
    """
    from scipy.special import gammaincinv

    low, high = (np.asarray(gammaincinv(shape, tail) / shape) for tail in (TAIL, 1 - TAIL))
    return low, high


def chance_of_none(expected: Floats, shape: float) -> Floats:
    """Return how likely a gamma-Poisson count of given mean is zero, of any shape of array.

    Parameters
    ----------
    expected
        Mean counts.
    shape
        Of the gamma distribution.

    Examples
    --------
    >>> chance_of_none(np.array([0.0, 1.0, 3.0]), 1.0).tolist()
    [1.0, 0.5, 0.25]
    """
    chance: Floats = np.exp(-shape * np.log1p(expected / shape))
    return chance


def similar_stores(
    profile: AssortmentProfile,
    retailer: Integers,
    items: int,
    *,
    neighbours: int = NEIGHBOURS,
    dimensions: int = DIMENSIONS,
) -> SimilarStores:
    """Find the stores of the same retailer with the most similar assortments.

    Parameters
    ----------
    profile
        What the stores sold.
    retailer
        (S,) code of every store's retailer.
    items
        Number J of items of the category.
    neighbours
        How many stores to find for each, at most.
    dimensions
        Leading dimensions of the assortments that are compared.

    Raises
    ------
    BadInputError
        When `neighbours` or `dimensions` is below 1.

    Examples
    --------
    Stores 0 and 1 sell items 0 and 2, stores 2 and 3 items 1 and 3.

    >>> profile = AssortmentProfile(
    ...     np.repeat(np.arange(4), 2), np.array([0, 2, 0, 2, 1, 3, 1, 3]), np.full(8, 5.0)
    ... )
    >>> similar_stores(profile, np.zeros(4, np.int64), 4, neighbours=1).near[0, :, 0].tolist()
    [1, 0, 3, 2]
    """
    for name, got in (("neighbours", neighbours), ("dimensions", dimensions)):
        if got < 1:
            raise BadInputError(f"{name}: got {got}, allowed: 1 or more")
    count = max(min(neighbours, int(np.bincount(retailer).max()) - 1), 1)
    parts = min(items, PARTS)
    near = np.zeros((parts, retailer.size, count), np.int64)
    weight = np.zeros(near.shape)
    for part in range(parts):
        left = (profile.item >= items) | (profile.item % parts != part)
        place = _places(profile, left, retailer.size, dimensions)
        for code in np.unique(retailer):
            own = np.flatnonzero(retailer == code)
            found = min(count, own.size - 1)
            if found > 0:
                at, alike = _nearest(place[own], found)
                near[part, own, :found], weight[part, own, :found] = own[at], alike
    return SimilarStores(near, weight)


def _places(profile: AssortmentProfile, left: Bools, stores: int, dimensions: int) -> Floats:
    """Return where the stores stand among assortments, as unit vectors, (S, D).

    The inner products of the logarithms of units, each store's brought to length 1, are centred
    and split into their leading dimensions.
    """
    from scipy.sparse import csr_array, diags_array

    sold = csr_array(
        (np.log1p(profile.units[left]), (profile.store[left], profile.item[left])),
        shape=(stores, int(profile.item.max(initial=0)) + 1),
    )
    length = np.sqrt((sold * sold).sum(axis=1))
    values, vectors = leading(diags_array(1 / np.maximum(length, 1e-12)) @ sold, dimensions)
    place = vectors * np.sqrt(np.maximum(values, 0.0))
    size = np.linalg.norm(place, axis=1, keepdims=True)
    unit: Floats = np.divide(place, size, out=np.zeros_like(place), where=size > 1e-6)
    return unit


def leading(sold: csr_array, dimensions: int, *, whole: int = WHOLE) -> tuple[Floats, Floats]:
    """Return the leading values and vectors of the centred inner products of rows, (D,) and (S, D).

    Parameters
    ----------
    sold
        (S, J) what the stores sold.
    dimensions
        D, at most S.
    whole
        Stores up to which the matrix of inner products is split as a whole; of more, only the
        leading vectors are sought, by products with the few that is sold.
    """
    from scipy.linalg import eigh
    from scipy.sparse.linalg import LinearOperator, eigsh

    stores = sold.shape[0]
    if stores <= max(whole, 2 * dimensions):
        products = (sold @ sold.T).toarray()
        sides = products.mean(axis=0)
        centred = products - sides - sides[:, None] + products.mean()
        first = max(stores - dimensions, 0)
        values, vectors = eigh(centred, subset_by_index=[first, stores - 1])
        return values, vectors
    turned = sold.T.tocsr()

    def times(vector: Floats) -> Floats:
        found: Floats = sold @ (turned @ (vector - vector.mean()))
        return np.asarray(found - found.mean())

    operator = LinearOperator((stores, stores), matvec=times, dtype=np.float64)
    start = np.random.default_rng(0).normal(size=stores)
    values, vectors = eigsh(operator, k=dimensions, which="LA", v0=start)
    return values, vectors


def _nearest(place: Floats, count: int) -> tuple[Integers, Floats]:
    """Return the nearest others of every store and how alike they are, (S, count) each."""
    parts = [_nearest_of(place, first, count) for first in range(0, len(place), CHUNK)]
    near, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    return near.astype(np.int64), np.clip(weight, FAINT, 1.0)


def _nearest_of(place: Floats, first: int, count: int) -> tuple[Integers, Floats]:
    some = place[first : first + CHUNK]
    alike = np.round(some @ place.T, 9)
    row = np.arange(len(some))
    alike[row, first + row] = -np.inf
    near = np.sort(np.argpartition(-alike, count - 1, axis=1)[:, :count], axis=1)
    found = np.take_along_axis(alike, near, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1), np.take_along_axis(found, order, axis=1)


def similar_sales(rows: ListingRows, similar: SimilarStores) -> SimilarSales:
    """Return what similar stores say of every item in every store.

    Parameters
    ----------
    rows
        Pairs of the category.
    similar
        Its stores' neighbours.
    """
    units = rows.grid(rows.totals(rows.weeks - rows.latest))
    other = np.maximum(units.sum(axis=1, keepdims=True) - units, 0.0)
    other += LEAST_TRAFFIC * rows.latest
    listed = rows.grid(rows.listed_now.astype(np.float64)) > 0
    sales = _Sales(units, other, listed, rows.retailer)
    there, shape = np.where(units > 0, 1.0, 0.3), 1.0
    for _ in range(ROUNDS):
        found = _similar(sales, similar, there, shape)
        there, shape = found.there, found.shape
    return found


@dataclass(frozen=True, slots=True)
class _Sales:
    """Units of the latest weeks, (S, J): of the item, of all others; whether listed; retailers."""

    units: Floats
    other: Floats
    listed: Bools
    retailer: Integers

    def by_retailer(self, values: Floats) -> Floats:
        """Return sums over the stores of a retailer, (S, J), for each of them alike."""
        sums = np.zeros((int(self.retailer.max()) + 1, values.shape[1]))
        np.add.at(sums, self.retailer, values)
        return sums[self.retailer]


def _similar(sales: _Sales, near: SimilarStores, there: Floats, shape: float) -> SimilarSales:
    ones = np.ones_like(there)
    mean = _ratio(sales.by_retailer(there), sales.by_retailer(ones))
    selling = near.sums(there) + STORES_PRIOR * mean
    all_near = near.sums(ones) + STORES_PRIOR
    rate, evidence = _rates(sales, near, there)
    chance = np.where(
        sales.listed,
        _share_there(sales.listed, near, there),
        _share_unlisted(sales, near, there, selling / all_near),
    )
    none = chance_of_none(rate * sales.other, shape)
    seen = _ratio(chance * none, 1 - chance * (1 - none))
    there = np.where(sales.units > 0, 1.0, np.where(rate > 0, seen, 0.0))
    return SimilarSales(
        selling=np.maximum(selling, 1e-6),
        other=np.maximum(all_near - selling, 1e-6),
        share_of_sales=rate,
        evidence=evidence,
        chance=chance,
        there=there,
        shape=_shape(sales, there, rate),
    )


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _rates(sales: _Sales, near: SimilarStores, there: Floats) -> tuple[Floats, Floats]:
    """Return the item's units per unit of other items in similar stores, and units behind it."""
    exposed = there * sales.other
    mean = _ratio(sales.by_retailer(sales.units), sales.by_retailer(exposed))
    worth = _ratio(np.full_like(mean, UNITS_PRIOR), mean)
    evidence = near.sums(sales.units) + UNITS_PRIOR
    return _ratio(evidence, near.sums(exposed) + worth) * (mean > 0), evidence


def _share_there(listed: Bools, near: SimilarStores, there: Floats) -> Floats:
    """Return the share of listings in similar stores that are on the shelf, (S, J)."""
    flags = listed.astype(np.float64)
    overall = (there.sum(where=listed) + 1.0) / (flags.sum() + 1.0)
    kept = near.sums(there * flags) + LISTED_PRIOR * overall
    found: Floats = kept / (near.sums(flags) + LISTED_PRIOR)
    return np.minimum(found, 1 - 1e-3)


def _share_unlisted(sales: _Sales, near: SimilarStores, there: Floats, share: Floats) -> Floats:
    """Return the same for what is not listed: of all stores where there is no list at all."""
    if not sales.listed.any():
        return np.minimum(share, 1 - 1e-3)
    flags = (~sales.listed).astype(np.float64)
    mean = _ratio(sales.by_retailer(there * flags), sales.by_retailer(flags))
    kept = near.sums(there * flags) + STORES_PRIOR * mean
    return np.minimum(kept / (near.sums(flags) + STORES_PRIOR), 1 - 1e-3)


def _shape(sales: _Sales, there: Floats, rate: Floats) -> float:
    """Return the shape that the scatter of units around their rates speaks for, by moments."""
    expected = rate * sales.other
    scatter = (there * ((sales.units - expected) ** 2 - expected)).sum()
    squared = (there * expected**2).sum()
    return float(np.clip(squared / max(scatter, 1e-9), *SHAPES))
