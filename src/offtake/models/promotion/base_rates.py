"""What every item sells at every retailer without promotions, by season, and how far that errs.

The base of a week is what sold with the effect of the item's own promotions taken off, of that
week and of the weeks before. What all other items usually take from it stays taken: they go on. Its
level is the mean of the latest weeks with the season taken off; the season is the category's, told
only where two years are there, and drawn towards none where the years disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.names import joint
from offtake.models.promotion.base_errors import base_errors, level
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.rows import DAYS, Floats, Integers

SELLING = 4
"""Weeks in which a store sold it, to count as selling it."""
TWO_YEARS = 104
ISO_WEEKS = 53


@dataclass(frozen=True, slots=True)
class BaseRates:
    """Base of Q pairs of item and retailer.

    Parameters
    ----------
    item, retailer
        (Q,) codes; `retailer` as in the rows.
    row
        (Q,) a row of each.
    units, sold
        (Q,) units a week at the season's mean: without its promotion, and as sold.
    stores
        (Q,) stores that sold it lately.
    price, margin
        (Q,) latest money per unit; NaN where not known.
    log_sd
        (Q,) error of the log of the base that is the pair's own.
    common_sd
        Error that all share.
    tried
        Whether errors were tried, or are assumed.
    season
        (53,) index by ISO week, or (0,) where less than two years are there.
    """

    item: Integers
    retailer: Integers
    row: Integers
    units: Floats
    sold: Floats
    stores: Integers
    price: Floats
    margin: Floats
    log_sd: Floats
    common_sd: float
    tried: bool
    season: Floats


def base_rates(fit: PromotionFit) -> BaseRates:
    """Work out the base of every pair of item and retailer.

    Parameters
    ----------
    fit
        A category.
    """
    rows = fit.rows
    series = joint(rows.item, rows.retailer)
    _, row = np.unique(series, return_index=True)
    count, span = row.size, int(rows.week.max()) + 1
    cell = series * span + rows.week
    weekly, as_sold = (
        np.bincount(cell, values, minlength=count * span).reshape(count, span)
        for values in (own_base(fit), rows.units)
    )
    first = np.full(count, span)
    np.minimum.at(first, series, rows.week)
    index = season_index(weekly.sum(axis=0), _iso_weeks(fit, span))
    season = index[_iso_weeks(fit, span) - 1] if index.size else np.ones(span)
    plain = weekly / season
    errors = base_errors(plain, first)
    late = (rows.week >= span - SELLING) & (rows.units > 0)
    shops = int(rows.store.max()) + 1
    selling = np.unique(series[late] * shops + rows.store[late]) // shops
    return BaseRates(
        item=rows.item[row],
        retailer=rows.retailer[row],
        row=row,
        units=level(plain, first, span),
        sold=level(as_sold / season, first, span),
        stores=np.bincount(selling, minlength=count),
        price=_latest(rows.regular, series, rows.week),
        margin=_latest(fit.money.margin, series, rows.week),
        log_sd=errors.own,
        common_sd=errors.common,
        tried=errors.tried,
        season=index,
    )


def own_base(fit: PromotionFit) -> Floats:
    """Return the units of every row without the item's promotions, then and before, (N,).

    Parameters
    ----------
    fit
        A category.
    """
    design, parameters = fit.design, fit.sober.parameters
    support = design.own(parameters)
    change = support.copy()
    for lag, dip in enumerate(parameters[design.layout.dips], start=1):
        change -= dip * design.market.lagged(support, lag)
    found: Floats = fit.rows.units * np.exp(-change)
    return found


def _iso_weeks(fit: PromotionFit, span: int) -> Integers:
    mondays = fit.rows.first_week + DAYS * np.arange(span)
    return np.array([day.isocalendar().week for day in mondays.astype(object)])


def season_index(weekly: Floats, iso: Integers) -> Floats:
    """Return the season by ISO week, (53,), around 1; (0,) where less than two years are there.

    Parameters
    ----------
    weekly
        (T,) base of the category by week.
    iso
        (T,) ISO week of each.

    Examples
    --------
    >>> season_index(np.ones(10), np.arange(1, 11)).size
    0
    >>> bool(np.allclose(season_index(np.ones(104), np.tile(np.arange(1, 53), 2)), 1.0))
    True
    """
    if weekly.size < TWO_YEARS or (weekly <= 0).any():
        return np.zeros(0)
    log = np.log(weekly)
    time = np.arange(log.size) - (log.size - 1) / 2
    around = log - log.mean() - time * (time @ log) / (time @ time)
    counts = np.bincount(iso - 1, minlength=ISO_WEEKS)
    mean = np.divide(np.bincount(iso - 1, around, minlength=ISO_WEEKS), counts,
                     out=np.zeros(ISO_WEEKS), where=counts > 0)  # fmt: skip
    within = float(np.sum((around - mean[iso - 1]) ** 2)) / max(log.size - (counts > 0).sum(), 1)
    said = float(np.mean(mean[counts > 0] ** 2))
    noise = within * float(np.mean(1 / counts[counts > 0]))
    shrink = max(0.0, 1 - noise / said) if said > 0 else 0.0
    smooth = _smoothed(shrink * mean)
    found: Floats = np.exp(smooth - smooth[counts > 0].mean())
    return found


def _smoothed(values: Floats) -> Floats:
    """Return the mean over adjacent weeks of the year, which comes round."""
    weights = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    moved = [np.roll(values, shift) for shift in range(-2, 3)]
    found: Floats = (weights / weights.sum()) @ np.stack(moved)
    return found


def _latest(values: Floats, series: Integers, week: Integers) -> Floats:
    """Return the mean of the last week in which a value is known, by series; NaN without one."""
    count = int(series.max()) + 1
    known = np.isfinite(values)
    last = np.full(count, -1)
    np.maximum.at(last, series[known], week[known])
    chosen = known & (week == last[series])
    many = np.bincount(series[chosen], minlength=count)
    total = np.bincount(series[chosen], values[chosen], minlength=count)
    found: Floats = np.divide(total, many, out=np.full(count, np.nan), where=many > 0)
    return found
