"""Where an item should be and does not sell: every gap with its reason, chance and worth.

An item should be where the distribution list has it; elsewhere as likely as a store like it sells
it. Whether it is not there is told by its own sales where it has sold before (a change point, see
:mod:`offtake.models.availability.stopping`), else by how unlikely it would be to see no sale at the
rate of similar stores.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from offtake.models.availability.gap_spec import REASONS, GapSpec, Reason
from offtake.models.availability.histories import histories
from offtake.models.availability.listing_rows import Bools, Floats, Integers, ListingRows
from offtake.models.availability.similar import (
    SimilarSales,
    chance_of_none,
    gamma_interval,
    similar_sales,
    similar_stores,
)
from offtake.models.availability.stopping import stops

NONE = -1
YEAR = 52
SEASON_PRIOR = 10.0
MOST_SEASON = 3.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """G gaps, the most worthwhile first.

    Parameters
    ----------
    store, item
        (G,) codes.
    reason
        (G,) place in `REASONS`.
    probability
        (G,) that the item is not on the shelf and should be: `absent` times, where it is not
        listed, the share of similar stores that sell it.
    absent
        (G,) probability that it is not on the shelf.
    share, share_low, share_high
        (G,) probability that a store like it sells the item, with its 80 % interval.
    units, units_low, units_high
        (G,) units a week that it would sell were it there, with the 80 % interval.
    price
        (G,) money that shoppers pay for a unit.
    worth
        (G,) money that the manufacturer earns on a unit, or, where no margin is known, `price`.
    margin_known
        (G,) whether `worth` is a margin.
    season
        (G,) what the item sells a week in the weeks ahead over what it does now, as a year ago.
    closing
        (G,) share of such gaps that a visit or call closes.
    kept
        Share of the units of a closed gap that the brand would not have sold otherwise.
    last
        (G,) last week sold; -1 where it never did.
    without
        (G,) weeks without a sale though it could have sold.
    must_stock
        (G,) whether the list has it in the core range.
    horizon
        Weeks over which a closed gap counts.
    """

    store: Integers
    item: Integers
    reason: Integers
    probability: Floats
    absent: Floats
    share: Floats
    share_low: Floats
    share_high: Floats
    units: Floats
    units_low: Floats
    units_high: Floats
    price: Floats
    worth: Floats
    margin_known: Bools
    season: Floats
    closing: Floats
    kept: float
    last: Integers
    without: Integers
    must_stock: Bools
    horizon: int

    @property
    def size(self) -> int:
        """Number of gaps."""
        return self.store.size

    @property
    def missed(self) -> Floats:
        """(G,) units a week missed, expected."""
        return self.probability * self.units

    @property
    def recoverable(self) -> Floats:
        """(G,) money a week that a visit or call wins back, expected."""
        return self.missed * self.closing * self.kept * self.worth

    @property
    def value(self) -> Floats:
        """(G,) the same over the horizon, in season or out of it."""
        return self.horizon * self.season * self.recoverable

    def where(self, keep: Integers) -> Gaps:
        """Return some of the gaps, in the order of the places given, (G',)."""
        arrays = {
            each.name: getattr(self, each.name)[keep]
            for each in fields(self)
            if isinstance(getattr(self, each.name), np.ndarray)
        }
        return replace(self, **arrays)


def gaps(rows: ListingRows, spec: GapSpec | None = None) -> Gaps:
    """Find the gaps of a category, and rank them by what a visit or call is expected to win back.

    Stores that do not trade have none. An item that none of a retailer's stores sold in the latest
    weeks is no gap in any of them, and neither is one whose listing has ended.

    Parameters
    ----------
    rows
        Pairs of the category.
    spec
        What counts as a gap.
    """
    spec = spec or GapSpec()
    near = similar_stores(
        rows.profile, rows.retailer, rows.shape[1],
        neighbours=spec.neighbours, dimensions=spec.dimensions,
    )  # fmt: skip
    similar = similar_sales(rows, near)
    parts = [_sold_before(rows, similar, spec), _never_sold(rows, similar, spec)]
    names = [each.name for each in fields(_Found)]
    found = _Found(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})
    return _ranked(_valued(rows, similar, found, spec), spec)


@dataclass(frozen=True, slots=True)
class _Found:
    """Candidates: where, why, whether absent, how much they would sell, on which evidence."""

    store: Integers
    item: Integers
    reason: Integers
    absent: Floats
    units: Floats
    shape: Floats
    should: Floats
    last: Integers
    without: Integers
    must_stock: Bools


def _reason(name: Reason) -> int:
    return REASONS.index(name)


def _silent(rows: ListingRows, similar: SimilarSales) -> Bools:
    """Return the pairs without a sale in the latest weeks, while the retailer sells the item."""
    sells = similar.share_of_sales[rows.store, rows.item] > 0
    return (rows.last < rows.weeks - rows.latest) & rows.open[rows.store] & sells


def _sold_listing(rows: ListingRows) -> Bools:
    """Return the pairs that sold; if they are listed now, since they have been."""
    since = np.where(rows.listed_now, rows.listed_week, 0)
    found: Bools = (rows.last >= 0) & (rows.last >= since)
    return found


def _sold_before(rows: ListingRows, similar: SimilarSales, spec: GapSpec) -> _Found:
    pairs = np.flatnonzero(rows.first >= 0)
    past = histories(rows, pairs, alike=True)
    told = stops(past, spec.stopping)
    wanted = np.isnat(rows.listed_from) | rows.listed_now
    wanted &= _silent(rows, similar) & _sold_listing(rows) & rows.own[rows.item]
    chosen = np.flatnonzero(wanted[pairs])
    pair = pairs[chosen]
    listed = rows.listed_now[pair]
    share = similar.share[rows.store[pair], rows.item[pair]]
    left = told.gone[chosen] >= 0.5
    known = listed if rows.has_list else np.ones(pair.size, bool)
    listed_reason = np.where(left, _reason("lost"), _reason("listed_not_selling"))
    reason = np.where(known, listed_reason if rows.has_list else _reason("lost"), _reason("void"))
    mean = past.expected[chosen, rows.weeks - rows.latest :].mean(axis=1)
    return _Found(
        store=rows.store[pair],
        item=rows.item[pair],
        reason=reason,
        absent=np.clip(told.gone + told.away, 0.0, 1.0)[chosen],
        units=mean * told.pace[chosen],
        shape=told.shape + told.sold[chosen],
        should=np.where(listed, 1.0, share),
        last=rows.last[pair],
        without=rows.weeks - 1 - rows.last[pair],
        must_stock=rows.must_stock[pair],
    )


def _never_sold(rows: ListingRows, similar: SimilarSales, spec: GapSpec) -> _Found:
    pair = np.full(rows.shape, NONE)
    pair[rows.store, rows.item] = np.arange(rows.size)
    store, item = np.nonzero(_candidates(rows, similar, spec))
    at = pair[store, item]
    listed = (at != NONE) & rows.listed_now[at]
    start = np.where(listed, rows.listed_week[at], _first_in_chain(rows)[store, item])
    total = np.cumsum(rows.traffic()[:, ::-1], axis=1)[:, ::-1]
    other = total[store, np.minimum(start, rows.weeks - 1)]
    rate, chance = similar.share_of_sales[store, item], similar.chance[store, item]
    none = chance_of_none(rate * other, similar.shape)
    late = total[store, rows.weeks - rows.latest] / rows.latest
    return _Found(
        store=store,
        item=item,
        reason=np.where(listed, _reason("listed_never_sold"), _reason("void")),
        absent=(1 - chance) / (1 - chance * (1 - none)),
        units=rate * late,
        shape=1 / (1 / similar.shape + 1 / similar.evidence[store, item]),
        should=np.where(listed, 1.0, similar.share[store, item]),
        last=np.where(at != NONE, rows.last[at], NONE),
        without=rows.weeks - start,
        must_stock=listed & rows.must_stock[at],
    )


def _candidates(rows: ListingRows, similar: SimilarSales, spec: GapSpec) -> Bools:
    """Return where an item may be missing that has not sold, (S, J)."""
    void = (similar.share >= spec.least_share) & (similar.share_of_sales > 0) & rows.open[:, None]
    ready = rows.listed_week <= rows.weeks - max(spec.settle, 1)
    listed = _silent(rows, similar) & ~_sold_listing(rows) & rows.listed_now & ready
    void &= rows.own
    listed &= rows.own[rows.item]
    void[rows.store, rows.item] = listed | (
        void[rows.store, rows.item] & (rows.last < 0) & np.isnat(rows.listed_from)
    )
    return void


def _first_in_chain(rows: ListingRows) -> Integers:
    """Return the first week in which any store of the retailer sold the item, (S, J)."""
    first = np.full((rows.names.retailers.size, rows.shape[1]), rows.weeks)
    sold = rows.first >= 0
    np.minimum.at(first, (rows.retailer[rows.store[sold]], rows.item[sold]), rows.first[sold])
    return first[rows.retailer]


def _prices(rows: ListingRows) -> Floats:
    """Return money per unit of every item by retailer, (R, J): lately, else ever; NaN if never."""
    shape = rows.names.retailers.size, rows.shape[1]
    found = np.full(shape, np.nan)
    for first in (0, rows.weeks - rows.latest):
        units, value = np.zeros(shape), np.zeros(shape)
        place = rows.retailer[rows.store], rows.item
        np.add.at(units, place, rows.totals(first, of="valued"))
        np.add.at(value, place, rows.totals(first, of="value"))
        found = np.where(units > 0, value / np.maximum(units, 1e-9), found)
    return found


def season(rows: ListingRows, horizon: int) -> Floats:
    """Return what every item sells a week in the weeks ahead, over what it does now, (J,).

    As a year ago, where the latest weeks of a year ago are loaded too; else the weeks ahead as a
    year ago over the latest weeks of this, but at most 1: what sold more a year ago may just have
    declined. 1 where the weeks ahead were not all loaded, or the item not yet sold before them.

    Parameters
    ----------
    rows
        Pairs of the category.
    horizon
        Weeks ahead.
    """
    ahead = rows.weeks - YEAR
    if ahead < 0 or horizon > YEAR:
        return np.ones(rows.shape[1])
    before = ahead - rows.latest
    now = before if before >= 0 else rows.weeks - rows.latest
    then, latest = _pace(rows, ahead, horizon), _pace(rows, now, rows.latest)
    # Where little sold, the ratio stays near 1.
    ratio = (then + SEASON_PRIOR / horizon) / (latest + SEASON_PRIOR / horizon)
    begun = np.full(rows.shape[1], rows.weeks)
    sold = rows.first >= 0
    np.minimum.at(begun, rows.item[sold], rows.first[sold])
    known = (begun <= max(before, 0) + rows.latest) & (latest > 0)
    most = MOST_SEASON if before >= 0 else 1.0
    return np.where(known, np.minimum(ratio, most), 1.0)


def _pace(rows: ListingRows, first: int, weeks: int) -> Floats:
    """Return units a week of every item over some weeks, (J,)."""
    within = (rows.sold.week >= first) & (rows.sold.week < first + weeks)
    item = rows.item[rows.sold.pair[within]]
    return np.bincount(item, rows.sold.units[within], minlength=rows.shape[1]) / weeks


def _valued(rows: ListingRows, similar: SimilarSales, found: _Found, spec: GapSpec) -> Gaps:
    low, high = gamma_interval(found.shape)
    share_low, share_high = similar.share_interval(found.store, found.item)
    place = rows.retailer[found.store], found.item
    price, margin = _prices(rows)[place], rows.margin[place]
    known = np.isfinite(margin)
    closing = np.array([spec.closing.of(name) for name in REASONS])
    return Gaps(
        store=found.store,
        item=found.item,
        reason=found.reason,
        probability=found.absent * found.should,
        absent=found.absent,
        share=similar.share[found.store, found.item],
        share_low=share_low,
        share_high=share_high,
        units=found.units,
        units_low=low * found.units,
        units_high=high * found.units,
        price=price,
        worth=np.where(known, margin, price),
        margin_known=known,
        season=season(rows, spec.horizon)[found.item],
        closing=closing[found.reason],
        kept=spec.recovery.brand_loses,
        last=found.last,
        without=found.without,
        must_stock=found.must_stock,
        horizon=spec.horizon,
    )


def _ranked(found: Gaps, spec: GapSpec) -> Gaps:
    """Return the likely gaps in the order of their worth, to the cent; ties by store and item.

    Those with a known margin come first: retail value is larger, and cannot be compared.
    """
    missed = spec.horizon * found.season * found.missed
    likely = (found.probability >= spec.least_probability) & (missed >= spec.least_units)
    kept = np.flatnonzero(likely)
    cents = np.round(100 * found.value[kept])
    return found.where(kept[np.lexsort(_keys(found.where(kept), cents))])


def _keys(found: Gaps, cents: Floats) -> tuple[Integers, Integers, Floats, Bools]:
    """Return what gaps are sorted by, the last key first."""
    return found.item, found.store, -cents, ~found.margin_known
