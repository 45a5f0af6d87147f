"""Effects of promotions added up, with everything that intervals of the sums need.

Each sum keeps its derivatives by the parameters, and the accidents of sales in it. So the interval
of a brand's whole year is no more and no less than what the parameters and those accidents leave
open; intervals of single promotions, which err together, are never added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from offtake.models.promotion.effects import DONE, EVENT_ITEMS, EXECUTED, FULL
from offtake.models.promotion.events import rows_of_events, supported
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.rows import Bools, Floats, Integers, PromotionRows


@dataclass(frozen=True, slots=True)
class Sum:
    """Numbers with what their errors come from.

    Parameters
    ----------
    value
        (...,) numbers.
    gradient
        (..., P) derivatives by the parameters, the last of them the ratio of responses of stores
        that did not execute.
    noise
        (...,) variance from the accidents of sales.
    shared
        (..., P) covariance of these accidents with the parameters.
    """

    value: Floats
    gradient: Floats
    noise: Floats
    shared: Floats

    def error(self, covariance: Floats) -> Floats:
        """Return standard errors for a (P, P) covariance of the parameters."""
        own = self.gradient @ covariance + 2 * self.shared
        variance = (own * self.gradient).sum(axis=-1) + self.noise
        error: Floats = np.sqrt(np.maximum(variance, 0.0))
        return error

    def at(self, *place: int | slice | Bools | Integers) -> Sum:
        """Return a part."""
        return Sum(self.value[place], self.gradient[place], self.noise[place], self.shared[place])

    def total(self) -> Sum:
        """Return the sum over the first axis."""
        return Sum(
            self.value.sum(axis=0),
            self.gradient.sum(axis=0),
            self.noise.sum(axis=0),
            self.shared.sum(axis=0),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the promotions of each of G groups.

    Parameters
    ----------
    events
        (G,) promotions in it.
    units
        Sum of shape (3, G, 4): by view, group and part.
    margin
        Sum of shape (3, G): money of all parts, promotions with a margin only.
    cost
        Sum of shape (3, G): money, promotions with margin and cost only.
    costed_margin
        As `margin`, of those promotions only.
    with_margin, costed
        (G,) how many have a margin, and how many a cost, too.
    in_promoted_stores, in_executed_stores, in_chain
        (G,) units of the items in the weeks of their promotions: in stores that took part, in
        stores that executed, in all stores of the retailers; a store-week in two promotions of the
        group counts once.
    """

    events: Integers
    units: Sum
    margin: Sum
    cost: Sum
    costed_margin: Sum
    with_margin: Integers
    costed: Integers
    in_promoted_stores: Floats
    in_executed_stores: Floats
    in_chain: Floats


def parameter_covariance(fit: PromotionFit) -> Floats:
    """Return the (P, P) covariance of the parameters of :class:`Sum`."""
    count = fit.covariance.shape[0]
    whole = np.zeros((count + 1, count + 1))
    whole[:count, :count] = fit.covariance
    whole[count, count] = fit.execution.ratio_sd**2
    return whole


@dataclass(frozen=True, slots=True)
class Covered:
    """M pairs of a promotion and a row of its items in its weeks, in any store of its retailers.

    Parameters
    ----------
    event, row
        (M,) which promotion, and which row.
    promoted, executed
        (M,) whether the store took part, and whether it executed.
    """

    event: Integers
    row: Integers
    promoted: Bools
    executed: Bools


@dataclass(frozen=True, slots=True)
class Addends:
    """What any sum over the E promotions of a category is made from: worked out once for all sums.

    Parameters
    ----------
    rows
        The category.
    units
        Sum of shape (3, E, 4): by view, promotion and part.
    margin
        Sum of shape (3, E): money of all parts; nothing where the margin is not known.
    cost, costed_margin
        Sums of shape (3, E): money; nothing where margin or cost is not known.
    with_margin, costed
        (E,) whether the margin is known, and whether the cost is, too.
    covered
        Which rows each promotion covers.
    """

    rows: PromotionRows
    units: Sum
    margin: Sum
    cost: Sum
    costed_margin: Sum
    with_margin: Bools
    costed: Bools
    covered: Covered

    @property
    def count(self) -> int:
        """E."""
        return self.costed.size


def addends(fit: PromotionFit) -> Addends:
    """Work out what sums over promotions are made from.

    Parameters
    ----------
    fit
        A category.
    """
    units, margin = _units(fit), _margin(fit)
    has_margin = margin_known(fit)
    costed = has_margin & np.isfinite(fit.money.fixed)
    return Addends(
        rows=fit.rows,
        units=units,
        margin=_only(margin, has_margin),
        cost=_only(_cost(fit, units), costed),
        costed_margin=_only(margin, costed),
        with_margin=has_margin,
        costed=costed,
        covered=_covered(fit),
    )


def totals(each: Addends, of: Integers, count: int) -> Totals:
    """Add promotions up.

    Parameters
    ----------
    each
        The promotions of a category.
    of
        (E,) the group of every promotion, -1 for none.
    count
        G.
    """
    inside = np.flatnonzero(of >= 0)
    adder = coo_array(
        (np.ones(inside.size), (of[inside], inside)), shape=(count, of.size)
    ).tocsr()  # fmt: skip
    covered = each.covered
    return Totals(
        events=np.bincount(of[inside], minlength=count),
        units=_added(adder, each.units),
        margin=_added(adder, each.margin),
        cost=_added(adder, each.cost),
        costed_margin=_added(adder, each.costed_margin),
        with_margin=_count(of[inside], each.with_margin[inside], count),
        costed=_count(of[inside], each.costed[inside], count),
        in_promoted_stores=_distinct(each.rows, covered, of, covered.promoted, count),
        in_executed_stores=_distinct(each.rows, covered, of, covered.executed, count),
        in_chain=_distinct(each.rows, covered, of, np.ones(covered.row.size, bool), count),
    )


def singly(each: Addends) -> Totals:
    """Return every promotion as a group of its own."""
    return totals(each, np.arange(each.count), each.count)


def _count(of: Integers, chosen: Bools, count: int) -> Integers:
    return np.bincount(of[chosen], minlength=count).astype(np.int64)


def _added(adder: csr_array, each: Sum) -> Sum:
    def sums(values: Floats) -> Floats:
        found = [adder @ view.reshape(len(view), -1) for view in values]
        return np.stack([one.reshape(-1, *values.shape[2:]) for one in found])

    return Sum(sums(each.value), sums(each.gradient), sums(each.noise), sums(each.shared))


def _only(each: Sum, chosen: Bools) -> Sum:
    """Return the same with nothing from promotions that are not chosen, (E,)."""
    value, noise = (np.where(chosen, one, 0.0) for one in (each.value, each.noise))
    gradient, shared = (np.where(chosen[:, None], one, 0.0) for one in (each.gradient, each.shared))
    return Sum(value, gradient, noise, shared)


def _units(fit: PromotionFit) -> Sum:
    found = fit.effects
    each = Sum(found.units, found.gradient, found.noise, found.shared)
    return _with_ratio(each, fit.execution.ratio)


def _margin(fit: PromotionFit) -> Sum:
    found = fit.effects
    each = Sum(found.margin, found.margin_gradient, found.margin_noise, found.margin_shared)
    return _with_ratio(each, fit.execution.ratio)


def _with_ratio(each: Sum, ratio: float) -> Sum:
    """Let what was not executed respond `ratio` times as the rest, and add its derivative."""
    gap = each.value[FULL] - each.value[DONE]
    value, noise = each.value.copy(), each.noise.copy()
    gradient, shared = each.gradient.copy(), each.shared.copy()
    value[FULL] = value[DONE] + ratio * gap
    for one in (gradient, shared):
        one[FULL] = one[DONE] + ratio * (one[FULL] - one[DONE])
    # The accidents of both are those of the same rows: at most as if they went together.
    noise[FULL] = (abs(1 - ratio) * np.sqrt(noise[DONE]) + ratio * np.sqrt(noise[FULL])) ** 2
    by_ratio = np.zeros((*value.shape, 1))
    by_ratio[FULL] = gap[..., None]
    wider = np.concatenate([gradient, by_ratio], axis=-1)
    return Sum(value, wider, noise, np.concatenate([shared, np.zeros_like(by_ratio)], axis=-1))


def margin_known(fit: PromotionFit) -> Bools:
    """Return which promotions have a margin for every row of theirs, (E,)."""
    inside = fit.events.of >= 0
    known = np.ones(fit.events.count, bool)
    known[fit.events.of[inside & ~fit.money.known]] = False
    return known


def _cost(fit: PromotionFit, units: Sum) -> Sum:
    """Return what every promotion costs, (3, E): by view."""
    events, money, per_unit = fit.events, fit.money, fit.money.per_unit
    fixed = np.nan_to_num(money.fixed)
    sold = np.stack(_sold_on(fit))
    sold[FULL] += units.value[FULL, :, EVENT_ITEMS] - units.value[DONE, :, EVENT_ITEMS]
    share = np.ones((3, events.count))
    share[EXECUTED] = _executed_share(fit)
    more = units.gradient[FULL, :, EVENT_ITEMS] - units.gradient[DONE, :, EVENT_ITEMS]
    gradient = np.zeros((3, *more.shape))
    gradient[FULL] = per_unit[:, None] * more
    value = share * fixed + per_unit * sold
    return Sum(value, gradient, np.zeros_like(value), np.zeros_like(gradient))


def _sold_on(fit: PromotionFit) -> tuple[Floats, Floats, Floats]:
    """Return units sold with support: in all stores, in those that executed, and where agreed."""
    rows, events = fit.rows, fit.events
    inside = events.of >= 0
    acted = inside & supported(rows)
    executed = acted.copy()
    executed[acted] = fit.execution.executed[events.of[acted], rows.store[acted]]
    found = [
        np.bincount(events.of[each], rows.units[each], minlength=events.count).astype(np.float64)
        for each in (acted, executed, inside)
    ]
    return found[0], found[1], found[2]


def _executed_share(fit: PromotionFit) -> Floats:
    """Return the share of the stores agreed with that executed, (E,); 1 without a plan."""
    agreed = fit.execution.agreed.sum(axis=1)
    done = (fit.execution.agreed & fit.execution.executed).sum(axis=1)
    share: Floats = np.divide(done, agreed, out=np.ones(agreed.size), where=agreed > 0)
    return share


def _covered(fit: PromotionFit) -> Covered:
    rows, events = fit.rows, fit.events
    pieces = []
    for number, at in rows_of_events(rows, events):
        week = rows.week[at]
        during = at[(week >= events.first_week[number]) & (week <= events.last_week[number])]
        pieces.append((np.full(during.size, number), during))
    event, row = (np.concatenate(each) for each in zip(*pieces, strict=True))
    took_part = np.zeros((events.count, rows.names.stores.size), bool)
    acted = np.flatnonzero((events.of >= 0) & supported(rows))
    took_part[events.of[acted], rows.store[acted]] = True
    place = event, rows.store[row]
    return Covered(event, row, took_part[place], fit.execution.executed[place])


def _distinct(
    rows: PromotionRows, covered: Covered, of: Integers, chosen: Bools, count: int
) -> Floats:
    """Add up units of rows, each once in a group."""
    chosen = chosen & (of[covered.event] >= 0)
    key = np.unique(of[covered.event[chosen]] * rows.size + covered.row[chosen])
    group, row = np.divmod(key, rows.size)
    return np.bincount(group, rows.units[row], minlength=count).astype(np.float64)
