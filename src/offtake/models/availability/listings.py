"""New items: how distribution builds up, against the list. Old ones: where and when they ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.errors import BadInputError
from offtake.models.availability.chain_stopping import chain_stops
from offtake.models.availability.histories import Histories, histories
from offtake.models.availability.listing_rows import Bools, Floats, Integers, ListingRows
from offtake.models.availability.stopping import StoppingSpec, stops
from offtake.models.names import Names

EVERY_RETAILER = "all"
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItemSpec:
    """Which items are new.

    Parameters
    ----------
    within
        Weeks, the last ones loaded, in which an item must have begun.
    before
        Weeks loaded before it began, at least: else nobody knows that it was not there.
    period
        Weeks, the last ones up to a week, in which a store must have sold an item to count as
        selling it.
    surprise
        How unlikely so long a silence before the first sale must be at the rate of sale since.

    Raises
    ------
    BadInputError
        When a number is out of range.

    Examples
    --------
    >>> NewItemSpec(within=26).within
    26
    """

    within: int = 52
    before: int = 4
    period: int = 4
    surprise: float = 0.01

    def __post_init__(self) -> None:
        for name, low, high in (
            ("within", 1, 1040), ("before", 1, 520), ("period", 1, 52), ("surprise", 1e-9, 0.5),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")


@dataclass(frozen=True, slots=True)
class Builds:
    """Distribution of new items, B rows: item, retailer and week since the item began.

    Parameters
    ----------
    item
        (B,) codes.
    retailer
        (B,) names; ``all`` for all of them together.
    start, week
        (B,) week in which the item began, and the week meant.
    active
        (B,) stores that sold anything of the category by then, and trade.
    listed, selling, reached
        (B,) stores with the item on the list; that sold it in the period up to the week; that sold
        it at any time up to then.
    numeric, weighted
        (B,) distribution, percent: stores selling, of those active; their part of category sales.
    plan_numeric, plan_weighted
        (B,) the same of stores on the list; NaN where no list is loaded, as `listed`.
    units
        (B,) units sold in the week.
    """

    item: Integers
    retailer: Names
    start: Integers
    week: Integers
    active: Integers
    listed: Floats
    selling: Integers
    reached: Integers
    numeric: Floats
    weighted: Floats
    plan_numeric: Floats
    plan_weighted: Floats
    units: Floats

    @property
    def behind(self) -> Floats:
        """(B,) points of weighted distribution by which the build lags the plan."""
        return self.plan_weighted - self.weighted


def new_items(rows: ListingRows, spec: NewItemSpec | None = None) -> tuple[Integers, Integers]:
    """Return the codes of new items and the weeks in which they began, (N,) each.

    An item began with its first listing or its first sale, whichever came first. One that is not
    listed may just have sold rarely: it is new if what it sold since makes the silence before
    unlikely.

    Parameters
    ----------
    rows
        Pairs of the category.
    spec
        Which items are new.
    """
    spec = spec or NewItemSpec()
    items = rows.shape[1]
    sold, listed = (np.full(items, rows.weeks) for _ in range(2))
    some = rows.first >= 0
    np.minimum.at(sold, rows.item[some], rows.first[some])
    np.minimum.at(listed, rows.item, rows.listed_week)
    start = np.minimum(sold, listed)
    units = np.bincount(rows.item, rows.totals(), minlength=items)
    since = np.maximum(rows.weeks - sold, 1)
    # Were its sales spread evenly over all weeks, none would fall on those before.
    silence = np.where(listed < rows.weeks, 0.0, (since / rows.weeks) ** np.maximum(units - 1, 0))
    recent = (start >= spec.before) & (start >= rows.weeks - spec.within) & (start < rows.weeks)
    code = np.flatnonzero(recent & (silence < spec.surprise) & rows.own)
    return code, start[code]


def builds(rows: ListingRows, spec: NewItemSpec | None = None) -> Builds:
    """Return how the distribution of new items has built up, week by week, against the list.

    Parameters
    ----------
    rows
        Pairs of the category.
    spec
        Which items are new.
    """
    spec = spec or NewItemSpec()
    item, start = new_items(rows, spec)
    size = rows.by_week().sum(axis=1) * rows.open
    groups = [(EVERY_RETAILER, np.ones(rows.shape[0], bool))]
    if rows.names.retailers.size > 1:
        groups += [(name, rows.retailer == code) for code, name in enumerate(rows.names.retailers)]
    parts = [
        _build(rows, (int(code), int(week)), name, (size * stores, spec.period))
        for code, week in zip(item, start, strict=True)
        for name, stores in groups
    ]
    empty = _build(rows, (0, rows.weeks), EVERY_RETAILER, (size, spec.period))
    names = Builds.__dataclass_fields__
    return Builds(**{
        name: np.concatenate([getattr(part, name) for part in (*parts, empty)]) for name in names
    })  # fmt: skip


def _build(
    rows: ListingRows, which: tuple[int, int], retailer: str, among: tuple[Floats, int]
) -> Builds:
    """Return the build of one item among the stores that have a size, by periods."""
    (item, start), (size, period) = which, among
    week = np.arange(start, rows.weeks)
    pair = np.flatnonzero((rows.item == item) & (size[rows.store] > 0))
    first = np.where(rows.first[pair] >= 0, rows.first[pair], rows.weeks)
    reached = first[:, None] <= week
    planned = _on_list(rows, pair, week)
    weight = size[rows.store[pair]]
    active, whole = int((size > 0).sum()), size.sum()
    units = rows.weekly(pair)
    selling = _within(units > 0, period)[:, start:]
    known = 1.0 if rows.has_list else np.nan
    count = week.size
    return Builds(
        item=np.full(count, item),
        retailer=np.full(count, retailer),
        start=np.full(count, start),
        week=week,
        active=np.full(count, active),
        listed=known * planned.sum(axis=0),
        selling=selling.sum(axis=0),
        reached=reached.sum(axis=0),
        numeric=_percent(selling.sum(axis=0), active),
        weighted=_percent(weight @ selling, whole),
        plan_numeric=known * _percent(planned.sum(axis=0), active),
        plan_weighted=known * _percent(weight @ planned, whole),
        units=units[:, start:].sum(axis=0),
    )


def _percent(part: Floats | Integers, whole: float) -> Floats:
    return 100.0 * np.asarray(part, np.float64) / (whole if whole > 0 else np.nan)


def _on_list(rows: ListingRows, pair: Integers, week: Integers) -> Bools:
    """Return whether pairs are on the list on the last day of weeks, (P', T')."""
    sunday = rows.monday(week) + np.timedelta64(6, "D")
    begun = rows.listed_from[pair][:, None] <= sunday
    over = rows.listed_to[pair][:, None] < sunday
    found: Bools = begun & ~over
    return found


def _within(sold: Bools, period: int) -> Bools:
    """Return whether anything was sold in the weeks of a period up to each, (P', T)."""
    total = np.cumsum(np.pad(sold.astype(np.int64), ((0, 0), (period, 0))), axis=1)
    found: Bools = total[:, period:] > total[:, :-period]
    return found


@dataclass(frozen=True, slots=True)
class Delistings:
    """D delistings: of an item at a retailer as a whole, and in single stores.

    Parameters
    ----------
    item, retailer
        (D,) codes.
    store
        (D,) code, -1 where the retailer as a whole has delisted the item.
    probability
        (D,) that sales have stopped for good.
    last
        (D,) last week sold.
    week, early, late
        (D,) first week without the item, and the ends of the 80 % interval of it.
    stores
        (D,) stores with the item just before; 1 for a single store.
    units
        (D,) units a week that were sold while it was there.
    listed
        (D,) stores in which it is on the list still; NaN where no list is loaded.
    """

    item: Integers
    retailer: Integers
    store: Integers
    probability: Floats
    last: Integers
    week: Integers
    early: Integers
    late: Integers
    stores: Floats
    units: Floats
    listed: Floats

    @property
    def size(self) -> int:
        """Number of delistings."""
        return self.item.size


def delistings(
    rows: ListingRows, spec: StoppingSpec | None = None, *, least_probability: float = 0.5
) -> Delistings:
    """Find where sales have stopped for good, with the date; retailers first, the likeliest first.

    Parameters
    ----------
    rows
        Pairs of the category.
    spec
        What is assumed of sales that cease.
    least_probability
        Stops less likely than this are not told.
    """
    spec = spec or StoppingSpec()
    pairs = np.flatnonzero(rows.first >= 0)
    past = histories(rows, pairs)
    told = stops(past, spec)
    series = rows.retailer[rows.store[pairs]] * rows.shape[1] + rows.item[pairs]
    found, group = np.unique(series, return_inverse=True)
    chain = chain_stops(told, group, rows.first[pairs], spec)
    pace = _pace(past)
    on_list = rows.listed_now[pairs].astype(np.float64) if rows.has_list else pace * np.nan
    of_chain = chain.gone[group] >= 0.5
    week = np.where(of_chain, np.maximum(chain.week[group], past.last + 1), told.week)
    reach = spec.within
    one = Delistings(
        item=rows.item[pairs],
        retailer=rows.retailer[rows.store[pairs]],
        store=rows.store[pairs],
        probability=chain.pair_gone,
        last=past.last,
        week=week,
        early=np.where(of_chain, np.maximum(week - reach, past.last + 1), told.early),
        late=np.where(of_chain, np.minimum(week + reach, rows.weeks - 1), told.late),
        stores=np.ones(pairs.size),
        units=pace,
        listed=on_list,
    )
    whole = Delistings(
        item=found % rows.shape[1],
        retailer=found // rows.shape[1],
        store=np.full(found.size, NONE),
        probability=chain.gone,
        last=_largest(group, past.last, found.size),
        week=chain.week,
        early=chain.early,
        late=chain.late,
        stores=chain.stores,
        units=_before(past, group, chain.week),
        listed=np.bincount(group, on_list).astype(np.float64),
    )
    return _sorted(rows, (whole, one), least_probability)


def _pace(past: Histories) -> Floats:
    """Return units a week from each pair's first to its last sale, (P,)."""
    on_shelf = past.last - past.begin + 2
    return np.asarray(past.units.sum(axis=1) / np.maximum(on_shelf, 1))


def _largest(group: Integers, values: Integers, size: int) -> Integers:
    found = np.full(size, NONE)
    np.maximum.at(found, group, values)
    return found


def _before(past: Histories, group: Integers, week: Integers, weeks: int = 13) -> Floats:
    """Return units a week of every group over the quarter before a week, (G,)."""
    t = np.arange(past.units.shape[1])
    near = (t < week[group][:, None]) & (t >= week[group][:, None] - weeks)
    span = np.maximum(np.minimum(week, weeks), 1)
    return np.bincount(group, (past.units * near).sum(axis=1), minlength=week.size) / span


def _sorted(rows: ListingRows, parts: tuple[Delistings, Delistings], least: float) -> Delistings:
    kept = []
    for part in parts:
        likely = np.flatnonzero((part.probability >= least) & rows.own[part.item])
        rounded = np.round(part.probability[likely], 3)
        order = np.lexsort((part.store[likely], part.item[likely], -part.units[likely], -rounded))
        kept.append(likely[order])
    return Delistings(**{
        name: np.concatenate(
            [getattr(part, name)[keep] for part, keep in zip(parts, kept, strict=True)]
        )
        for name in Delistings.__dataclass_fields__
    })  # fmt: skip
