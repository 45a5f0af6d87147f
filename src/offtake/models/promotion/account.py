"""What a promotion did, in the trade's terms: base, incremental, lifts, source, money, verdict.

Definitions are those of the catalogue of measures. Units where the promotion ran are base and
incremental together; incremental is what came from the brand's other items, from competitors, from
other weeks, and the growth of the category together: both exactly, at every level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from offtake.models.promotion.effects import (
    COMPETITORS,
    DONE,
    EVENT_ITEMS,
    EXECUTED,
    FULL,
    OTHER_WEEKS,
    OWN_OTHERS,
)
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.rows import Floats
from offtake.models.promotion.totals import Sum, Totals, parameter_covariance

LEVEL = 0.8
"""Probability that an interval holds the truth."""
Verdict = Literal["paid", "badly_executed", "bad_idea", "open", "no_cost", "no_margin"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
VIEW_SUFFIX: Mapping[int, str] = MappingProxyType(
    {DONE: "", EXECUTED: "_where_executed", FULL: "_if_fully_executed"}
)
SOURCES: Mapping[str, int] = MappingProxyType(
    {
        "from_own_other_items": OWN_OTHERS,
        "from_competitors": COMPETITORS,
        "from_other_weeks": OTHER_WEEKS,
    }
)
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Interval:
    """Estimates with both ends of their interval, (G,) each; NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Account:
    """What the promotions of each of G groups did.

    Parameters
    ----------
    figures
        Named (G,) numbers without an interval of their own: observed, or following from others.
    intervals
        Named estimates.
    verdict
        (G,) whether it was a bad idea or badly executed.
    """

    figures: Mapping[str, Floats]
    intervals: Mapping[str, Interval]
    verdict: NDArray[np.str_]


def account(fit: PromotionFit, found: Totals) -> Account:
    """Draw up the account of every group.

    Parameters
    ----------
    fit
        The category.
    found
        Its promotions, added up.

    Returns
    -------
    Account
        Units, percent for lifts and shares, money, and ratios for returns: 0 breaks even for
        ``roi_net``, 1 for ``roi_gross``. A return as planned counts the cost of all stores agreed
        with, also where nothing was done. ``incremental_margin`` is that of all promotions with a
        margin, whatever they cost: at a higher cost they did not pay. ``costed_margin`` is that of
        those whose cost is known, too, which is what returns are about.
    """
    scale = _Scale(parameter_covariance(fit), reach(fit))
    incremental = {
        view: scale.of(found.units.at(view, slice(None), EVENT_ITEMS)) for view in range(3)
    }
    intervals = {f"incremental{VIEW_SUFFIX[view]}": each for view, each in incremental.items()}
    intervals |= _lifts(found, incremental) | _sources(found, scale) | _money(found, scale)
    figures = _figures(found, incremental[DONE]) | _costs(found)
    told = verdicts(
        found.with_margin, found.costed, _profit(found, scale, DONE), _profit(found, scale, FULL)
    )
    return Account(MappingProxyType(figures), MappingProxyType(intervals), told)


def reach(fit: PromotionFit) -> float:
    """Return how many standard errors an interval of probability `LEVEL` reaches to each side."""
    return float(stdtrit(fit.response.degrees, (1 + LEVEL) / 2))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Covariance of the parameters, and how many standard errors an interval reaches."""

    covariance: Floats
    reach: float

    def of(self, each: Sum) -> Interval:
        around = self.reach * each.error(self.covariance)
        return Interval(each.value, each.value - around, each.value + around)


def _lifts(found: Totals, incremental: Mapping[int, Interval]) -> dict[str, Interval]:
    return {
        "lift_in_promoted_stores": _lift(incremental[DONE], found.in_promoted_stores),
        "lift_whole_chain": _lift(incremental[DONE], found.in_chain),
        "lift_where_executed": _lift(incremental[EXECUTED], found.in_executed_stores),
    }


def _lift(incremental: Interval, sold: Floats) -> Interval:
    """Return incremental over base, where both add up to what sold; it rises with the first."""
    ends = [
        np.divide(PERCENT * each, sold - each, out=np.full(sold.size, np.nan),
                  where=sold - each > 0)
        for each in (incremental.value, incremental.low, incremental.high)
    ]  # fmt: skip
    return Interval(*ends)


def _sources(found: Totals, scale: _Scale) -> dict[str, Interval]:
    """Return what the incremental units were taken from, and what was added to the category."""
    every = slice(None)
    intervals = {}
    for name, part in SOURCES.items():
        each = scale.of(found.units.at(DONE, every, part))
        intervals[name] = Interval(-each.value, -each.high, -each.low)
    units = found.units
    grown = Sum(
        units.value[DONE].sum(axis=-1),
        units.gradient[DONE].sum(axis=-2),
        units.noise[DONE].sum(axis=-1),
        units.shared[DONE].sum(axis=-2),
    )
    intervals["category_growth"] = scale.of(grown)
    return intervals


def _money(found: Totals, scale: _Scale) -> dict[str, Interval]:
    known, some = found.with_margin > 0, found.costed > 0
    intervals = {}
    for view, suffix in VIEW_SUFFIX.items():
        margin, cost = found.costed_margin.at(view), found.cost.at(view)
        intervals[f"incremental_margin{suffix}"] = _where(known, scale.of(found.margin.at(view)))
        intervals[f"costed_margin{suffix}"] = _where(some, scale.of(margin))
        ratio = scale.of(_ratio(margin, cost))
        paid = some & (cost.value > 0)
        intervals[f"roi_gross{suffix}"] = _where(paid, ratio)
        less = Interval(ratio.value - 1, ratio.low - 1, ratio.high - 1)
        intervals[f"roi_net{suffix}"] = _where(paid, less)
    return intervals


def _profit(found: Totals, scale: _Scale, view: int) -> Interval:
    """Return what is above 0 where money was made: the net return, the margin at no cost, (G,)."""
    margin, cost = found.costed_margin.at(view), found.cost.at(view)
    ratio, free = scale.of(_ratio(margin, cost)), scale.of(margin)
    return Interval(*(
        np.where(cost.value > 0, one - 1, other)
        for one, other in (
            (ratio.value, free.value), (ratio.low, free.low), (ratio.high, free.high)
        )
    ))  # fmt: skip


def _ratio(one: Sum, other: Sum) -> Sum:
    """Return one over the other; both err by the same parameters."""
    bottom = np.where(other.value > 0, other.value, np.nan)
    value = one.value / bottom
    gradient = (one.gradient - value[:, None] * other.gradient) / bottom[:, None]
    return Sum(value, gradient, one.noise / bottom**2, one.shared / bottom[:, None])


def _where(some: NDArray[np.bool_], each: Interval) -> Interval:
    return Interval(*(np.where(some, end, np.nan) for end in (each.value, each.low, each.high)))


def _figures(found: Totals, incremental: Interval) -> dict[str, Floats]:
    promoted = found.in_promoted_stores
    base = promoted - incremental.value
    return {
        "events": found.events.astype(np.float64),
        "units_promoted": promoted,
        "units_chain": found.in_chain,
        "base": base,
        # What would have sold anyway was sold at the promotion's price.
        "subsidised": base,
        "subsidised_of_promoted": percent(base, promoted),
        "subsidised_of_total": percent(base, found.in_chain),
        "merchandising_efficiency": percent(incremental.value, promoted),
    }


def _costs(found: Totals) -> dict[str, Floats]:
    some = found.costed > 0
    figures = {
        f"cost{suffix}": np.where(some, found.cost.value[view], np.nan)
        for view, suffix in VIEW_SUFFIX.items()
    }
    figures["events_with_margin"] = found.with_margin.astype(np.float64)
    figures["events_costed"] = found.costed.astype(np.float64)
    figures["break_even_ratio"] = np.where(some, _break_even(found), np.nan)
    return figures


def _break_even(found: Totals) -> Floats:
    """Return how strongly stores that did not execute must respond for the whole to pay, (G,).

    As a share of the response counted with; 0 where it pays as it is, NaN where it never does.
    """
    profit = found.costed_margin.value - found.cost.value
    more = profit[FULL] - profit[DONE]
    needed = np.divide(-profit[DONE], more, out=np.full(more.size, np.nan), where=more > 0)
    return np.where(profit[DONE] >= 0, 0.0, np.where(needed <= 1, needed, np.nan))


def percent(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Return parts in per cent of wholes; NaN where there is no whole."""
    share: Floats = np.divide(
        PERCENT * part, whole, out=np.full(whole.size, np.nan), where=whole > 0
    )
    return share


def verdicts(
    with_margin: NDArray[np.int64], costed: NDArray[np.int64], done: Interval, full: Interval
) -> NDArray[np.str_]:
    """Say of every group whether it was a bad idea or badly executed, (G,).

    ``paid``: the whole interval of the return is above 0. ``bad_idea``: it would be below 0 had all
    been executed. ``badly_executed``: as it was it is below 0, fully executed it would be above.
    ``open``: the data do not tell. ``no_margin``: no margin is known. ``no_cost``: a margin is, but
    no cost.

    Parameters
    ----------
    with_margin, costed
        (G,) promotions with a margin, and with margin and cost.
    done, full
        (G,) net return as planned and if fully executed; the margin where there was no cost.
    """
    found = np.select(
        [
            with_margin == 0,
            costed == 0,
            done.low > 0,
            full.high < 0,
            (done.high < 0) & (full.low > 0),
        ],
        ["no_margin", "no_cost", "paid", "bad_idea", "badly_executed"],
        default="open",
    )
    return found.astype(np.str_)
