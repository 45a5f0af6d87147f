"""What every promotion did: units with it less units without it, and where they came from.

The change that an event makes to the log mean of a row is linear in its support; taking it off
leaves ``units x exp(-change)``: what would have sold. Units are the ones that sold, so that base
and incremental add up to them in every row, whatever else made that week good or bad. The effect
falls into parts by the row it falls on: the event's items in its weeks, the brand's other items,
other brands, other weeks. Their sum is the growth of the category. Had all that was agreed been
done, the row would have sold ``units x exp(-change) x exp(change as planned)``.

Intervals come from the gradient of each sum (the delta method) and from the accidents of sales in
the rows it is made of, so that any roll-up of events has one too. The two go together: a row that
happened to sell more adds to the sum, and has moved the parameters as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offtake.models.names import UNNAMED, coded
from offtake.models.promotion.accidents import Accidents
from offtake.models.promotion.design import Design
from offtake.models.promotion.events import Events, first_rows, rows_of_events
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.pooling import Sober
from offtake.models.promotion.response import Response
from offtake.models.promotion.rows import Bools, Floats, Integers, PromotionRows

PARTS = ("event_items", "own_other_items", "competitors", "other_weeks")
EVENT_ITEMS, OWN_OTHERS, COMPETITORS, OTHER_WEEKS = range(4)
VIEWS = ("as_planned", "where_executed", "if_fully_executed")
"""What came of the plan in all its stores, in those that executed alone, and had all been done."""
DONE, EXECUTED, FULL = range(3)
BY_PART, BY_MARGIN, BY_WEEK = range(3)
CHUNK = 2_000_000
"""Links between rows that are held at once, about."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects of E events in Q = 4 parts, K' parameters.

    Parameters
    ----------
    units
        (3, E, 4) units by view, event and part; what was taken from others is negative.
    gradient
        (3, E, 4, K') its derivatives by the parameters.
    noise
        (3, E, 4) variance of units that the accidents of sales bring in.
    shared
        (3, E, 4, K') covariance of these accidents with the parameters; taken as 0 for competitors,
        of whose many rows each has little to do with the promotion.
    margin, margin_gradient, margin_noise, margin_shared
        (3, E), (3, E, K'), (3, E) and (3, E, K'): the same for money, at the margin of the row the
        effect falls on. What others than the maker of the promoted items earn or lose, and rows
        without a margin, count nothing.
    by_store
        (E, S, 3) units of the event's items by store: sold in its weeks, incremental, and
        incremental as planned.
    by_week
        (E, T, 2) units of the event's items by week: sold, and incremental; from the first week
        of the event.
    by_week_gradient, by_week_noise, by_week_shared
        (E, T, K'), (E, T) and (E, T, K') of the latter.
    """

    units: Floats
    gradient: Floats
    noise: Floats
    shared: Floats
    margin: Floats
    margin_gradient: Floats
    margin_noise: Floats
    margin_shared: Floats
    by_store: Floats
    by_week: Floats
    by_week_gradient: Floats
    by_week_noise: Floats
    by_week_shared: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """All that effects are worked out from.

    Parameters
    ----------
    rows, design, response, events, sober
        What sold, the regression, its fit, the promotions, the parameters.
    margin
        (N,) money per unit, 0 where not known.
    executed
        (E, S) in which stores an event counts as executed.
    """

    rows: PromotionRows
    design: Design
    response: Response
    events: Events
    sober: Sober
    margin: Floats
    executed: Bools


@dataclass(frozen=True, slots=True)
class _Links:
    """M links from a source row with support to a target row whose log mean it moves.

    source, target: (M,); factor: (M,) what a unit of support of the source adds to the target;
    common: (M,) place of the parameter in the factor, or -1; slope: (M,) of the factor by it.
    """

    source: Integers
    target: Integers
    factor: Floats
    common: Integers
    slope: Floats


def effects(fitted: Fitted) -> Effects:
    """Work out the effect of every event.

    Parameters
    ----------
    fitted
        What sold and what is known of the responses.
    """
    found = _empty(fitted)
    accidents = Accidents(
        fitted.rows.size, (found.units.shape, found.margin.shape, found.by_week_noise.shape)
    )
    parameters = fitted.sober.parameters
    seen = fitted.design.own(parameters)
    planned = fitted.design.own(parameters, plan_or_seen(fitted.rows))
    for links in _links(fitted, (seen != 0) | (planned != 0)):
        _add(found, accidents, fitted, links, (seen, planned))
    _sold(found, fitted)
    into = found.shared, found.margin_shared, found.by_week_shared
    for array, values in zip(into, accidents.shared(fitted.response, fitted.sober), strict=True):
        array[:] = values[..., : array.shape[-1]]
    return found


def plan_or_seen(rows: PromotionRows) -> Floats:
    """Return support as agreed where a plan names the row, and as seen elsewhere, (N, 4)."""
    return np.where(rows.agreed[:, None], rows.planned.columns, rows.seen.columns)


def _empty(fitted: Fitted) -> Effects:
    events, count = fitted.events, fitted.design.layout.effects
    stores = fitted.rows.names.stores.size
    weeks = _longest(fitted)
    size = events.count
    return Effects(
        units=np.zeros((3, size, 4)),
        gradient=np.zeros((3, size, 4, count)),
        noise=np.zeros((3, size, 4)),
        shared=np.zeros((3, size, 4, count)),
        margin=np.zeros((3, size)),
        margin_gradient=np.zeros((3, size, count)),
        margin_noise=np.zeros((3, size)),
        margin_shared=np.zeros((3, size, count)),
        by_store=np.zeros((size, stores, 3)),
        by_week=np.zeros((size, weeks, 2)),
        by_week_gradient=np.zeros((size, weeks, count)),
        by_week_noise=np.zeros((size, weeks)),
        by_week_shared=np.zeros((size, weeks, count)),
    )


def _longest(fitted: Fitted) -> int:
    """Return the number of weeks from the first of an event in which it can act, at most."""
    events = fitted.events
    length = events.last_week - events.first_week + 1
    return int(length.max(initial=1)) + fitted.design.layout.after


def _links(fitted: Fitted, acting: Bools) -> Iterator[_Links]:
    """Give links in chunks of whole stores."""
    rows = fitted.rows
    acting = acting & (fitted.events.of >= 0)
    near = np.bincount(fitted.design.market.cell)[fitted.design.market.cell]
    weight = np.bincount(rows.store, acting * (near + 1.0 + fitted.design.layout.lags))
    part = (np.cumsum(weight) // CHUNK).astype(np.int64)
    for each in np.unique(part):
        stores = part == each
        yield _links_of(fitted, acting & stores[rows.store], stores[rows.store])


def _links_of(fitted: Fitted, acting: Bools, here: Bools) -> _Links:
    layout, near = fitted.design.layout, fitted.design.market
    parameters = fitted.sober.parameters
    source = np.flatnonzero(acting)
    nothing = np.zeros(source.size)
    pieces = [(source, source, nothing + 1, np.full(source.size, -1), nothing)]
    for lag in range(1, layout.lags + 1):
        place = layout.dips.start + lag - 1
        target = np.flatnonzero(here & (near.earlier[lag - 1] >= 0))
        target = target[acting[near.earlier[lag - 1, target]]]
        slope = -np.ones(target.size)
        origin = near.earlier[lag - 1, target]
        at = np.full(target.size, place)
        pieces.append((origin, target, parameters[place] * slope, at, slope))
    one, other = _neighbours(near.cell, source, here)
    same = fitted.rows.brand[one] == fitted.rows.brand[other]
    for chosen, weights, first in (
        (same & (one != other), near.mates, layout.own_pulls.start),
        (~same, near.rivals, layout.rival_pulls.start),
    ):
        origin, slope = one[chosen], -weights[one[chosen]]
        at = first + fitted.design.puller[origin]
        pieces.append((origin, other[chosen], parameters[at] * slope, at, slope))
    return _Links(*(np.concatenate(each) for each in zip(*pieces, strict=True)))


def _neighbours(cell: Integers, source: Integers, here: Bools) -> tuple[Integers, Integers]:
    """Return every pair of a source and a row in its store and week, itself included."""
    members = np.flatnonzero(here)
    members = members[np.argsort(cell[members], kind="stable")]
    first = np.searchsorted(cell[members], cell[source], side="left")
    last = np.searchsorted(cell[members], cell[source], side="right")
    many = last - first
    starts = np.repeat(first - np.concatenate([[0], np.cumsum(many)[:-1]]), many)
    return np.repeat(source, many), members[starts + np.arange(int(many.sum()))]


@dataclass(frozen=True, slots=True)
class _Cells:
    """U pairs of an event and a row it moves, and to which of them each link belongs.

    event, target, part: (U,); of: (M,); change: (U, 2) of the log mean, as seen and as planned.
    """

    event: Integers
    target: Integers
    part: Integers
    of: Integers
    change: Floats


def _add(
    found: Effects,
    accidents: Accidents,
    fitted: Fitted,
    links: _Links,
    support: tuple[Floats, Floats],
) -> None:
    cells = _cells(fitted, links, support)
    units = fitted.rows.units[cells.target]
    base = units * np.exp(-cells.change[:, 0])
    raised = np.exp(cells.change[:, 1])
    done, planned = units - base, base * (raised - 1)
    store = fitted.rows.store[cells.target]
    executed = fitted.executed[cells.event, store]
    # Derivatives by the change as seen and by the change as planned.
    slopes = {
        DONE: (base, np.zeros_like(base)),
        EXECUTED: (base * executed, np.zeros_like(base)),
        FULL: (-planned, base * raised),
    }
    share = -np.expm1(-cells.change[:, 0])
    gain = {
        DONE: (done, share),
        EXECUTED: (done * executed, share * executed),
        FULL: (planned, np.exp(-cells.change[:, 0]) * (raised - 1)),
    }
    features = fitted.design.support, plan_or_seen(fitted.rows)
    sponsored = _sponsored(fitted, cells.event, cells.target)
    spread = fitted.response.variance[cells.target]
    near = np.where(cells.part != COMPETITORS, spread, 0.0)
    for view in (DONE, EXECUTED, FULL):
        effect, share = gain[view]
        _sum(found.units[view], (cells.event, cells.part), effect)
        variance = spread * share**2
        _sum(found.noise[view], (cells.event, cells.part), variance)
        margin = fitted.margin[cells.target] * sponsored
        _sum(found.margin[view], (cells.event,), effect * margin)
        _sum(found.margin_noise[view], (cells.event,), variance * margin**2)
        by_part = view, cells.event, cells.part
        accidents.add(BY_PART, by_part, cells.target, near * share)
        accidents.add(BY_MARGIN, by_part[:2], cells.target, near * share * margin)
        for which in (0, 1):
            slope = slopes[view][which]
            if slope.any():
                by = _Derivative(fitted, links, features[which], support[which])
                by.add(found.gradient[view], (cells.event, cells.part), cells.of, slope)
                by.add(found.margin_gradient[view], (cells.event,), cells.of, slope * margin)
    mine = cells.part == EVENT_ITEMS
    _sum(found.by_store[:, :, 1], (cells.event, store), done * mine)
    _sum(found.by_store[:, :, 2], (cells.event, store), planned * mine)
    week = fitted.rows.week[cells.target] - fitted.events.first_week[cells.event]
    # Weeks before the promotion count among the other weeks, and are not in its picture.
    item_rows = _is_of_event(fitted, cells.event, cells.target) & (week >= 0)
    place = cells.event, np.maximum(week, 0)
    _sum(found.by_week[:, :, 1], place, done * item_rows)
    share = gain[DONE][1] * item_rows
    _sum(found.by_week_noise, place, spread * share**2)
    accidents.add(BY_WEEK, place, cells.target, spread * share)
    by = _Derivative(fitted, links, features[0], support[0])
    by.add(found.by_week_gradient, place, cells.of, base * item_rows)


def _cells(fitted: Fitted, links: _Links, support: tuple[Floats, Floats]) -> _Cells:
    events, rows = fitted.events, fitted.rows
    key = events.of[links.source] * rows.size + links.target
    keys, of = np.unique(key, return_inverse=True)
    event, target = np.divmod(keys, rows.size)
    moved = [
        np.bincount(of, links.factor * each[links.source], minlength=keys.size) for each in support
    ]
    during = rows.week[target] <= events.last_week[event]
    during &= rows.week[target] >= events.first_week[event]
    mine = _is_of_event(fitted, event, target)
    mates = rows.brand[target] == _brand_of(fitted)[event]
    part = np.select(
        [~during, mine, mates], [OTHER_WEEKS, EVENT_ITEMS, OWN_OTHERS], default=COMPETITORS
    )
    return _Cells(event, target, part, of, np.column_stack(moved))


def _is_of_event(fitted: Fitted, event: Integers, target: Integers) -> Bools:
    """Return whether the item of a row is one of an event's, (U,)."""
    items = fitted.rows.names.items.size
    inside = fitted.events.of >= 0
    member = np.zeros(fitted.events.count * items, bool)
    member[fitted.events.of[inside] * items + fitted.rows.item[inside]] = True
    found: Bools = member[event * items + fitted.rows.item[target]]
    return found


def _brand_of(fitted: Fitted) -> Integers:
    """Return the brand of every event, (E,): that of its first row."""
    brand: Integers = fitted.rows.brand[first_rows(fitted.events)]
    return brand


def _sponsored(fitted: Fitted, event: Integers, target: Integers) -> Bools:
    """Return whether the maker of an event earns on a row, (U,); a brand where none is named."""
    rows = fitted.rows
    maker, item = coded(rows.names.makers)[1], rows.item[first_rows(fitted.events)]
    named = rows.names.makers[item] != UNNAMED
    same = maker[rows.item[target]] == maker[item][event]
    found: Bools = np.where(named[event], same, rows.brand[target] == _brand_of(fitted)[event])
    return found


@dataclass(frozen=True, slots=True)
class _Derivative:
    """Derivatives of the change of the log mean: by the responses, and by dips and pulls."""

    fitted: Fitted
    links: _Links
    features: Floats
    support: Floats

    def add(self, into: Floats, place: tuple[Integers, ...], of: Integers, slope: Floats) -> None:
        """Add slope times derivative at the place of each cell, in place; of: (M,) cells."""
        links, design = self.links, self.fitted.design
        layout, retailers = design.layout, len(design.contrasts)
        shape = into.shape[:-1]
        flat = np.ravel_multi_index(place, shape)[of]
        view = into.reshape(-1, into.shape[-1])
        outer = slope[of] * links.factor
        sets = design.group[links.source] * retailers + design.retailer[links.source]
        code = flat * (layout.groups * retailers) + sets
        for lever in range(len(LEVERS)):
            weight = outer * self.features[links.source, lever]
            sums = np.bincount(code, weight, minlength=len(view) * layout.groups * retailers)
            by = sums.reshape(len(view), layout.groups, retailers)
            view[:, lever : layout.responses : len(LEVERS)] += by.sum(axis=2)
            added = view[:, layout.retailers][:, lever :: len(LEVERS)]
            added += by.sum(axis=1) @ design.contrasts[:, :, lever]
        common = links.common >= 0
        weight = slope[of[common]] * links.slope[common] * self.support[links.source[common]]
        code = flat[common] * into.shape[-1] + links.common[common]
        view += np.bincount(code, weight, minlength=view.size).reshape(view.shape)


def _sum(into: Floats, place: tuple[Integers, ...], values: Floats) -> None:
    flat = np.ravel_multi_index(place, into.shape)
    into += np.bincount(flat, values, minlength=into.size).reshape(into.shape)


def _sold(found: Effects, fitted: Fitted) -> None:
    """Fill in what the event's items sold in its weeks by store, and around it by week."""
    rows, events = fitted.rows, fitted.events
    weeks = found.by_week.shape[1]
    for event, places in rows_of_events(rows, events):
        after = rows.week[places] - events.first_week[event]
        near = (after >= 0) & (after < weeks)
        at = places[near]
        _sum(found.by_week[event, :, 0], (after[near],), rows.units[at])
        during = at[rows.week[at] <= events.last_week[event]]
        _sum(found.by_store[event, :, 0], (rows.store[during],), rows.units[during])
