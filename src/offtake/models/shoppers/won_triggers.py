"""What won each first-time buyer, who they were before, and what they did after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.measures.first_purchases import WASHOUT_WEEKS
from offtake.measures.loyalty import FOLLOW_UP_WEEKS
from offtake.models.shoppers.won_rows import Flags, Floats, Integers, WonRows, within

DAYS = 7
YEAR = 365.25
TRIGGERS = ("coupon", "display", "leaflet", "deal", "full price", "not known")
"""What won a buyer; where several apply the first counts. ``not known``: no coupon, in a store
whose displays and leaflets nobody reports."""
COUPON, DISPLAY, LEAFLET, DEAL, FULL_PRICE, NOT_KNOWN = range(len(TRIGGERS))
SUPPORTED = (COUPON, DISPLAY, LEAFLET, DEAL)


@dataclass(frozen=True, slots=True)
class Triggers:
    """What was there when T households first bought a group.

    Parameters
    ----------
    trigger
        (T,) place in `TRIGGERS`.
    coupon, display, leaflet, on_deal
        (T,) each kind of support by itself.
    tier
        (T,) log of the regular price of what was bought over that of the category's typical
        purchase, per unit.
    retailer
        (T,) code of the retailer.
    """

    trigger: Integers
    coupon: Flags
    display: Flags
    leaflet: Flags
    on_deal: Flags
    tier: Floats
    retailer: Integers


def triggers(rows: WonRows) -> Triggers:
    """Return what won every first-time buyer.

    A first purchase of several items counts as supported where any of them was.
    """
    lines, trials = rows.lines, rows.trials
    window, place = within(lines, trials.household, trials.day, trials.day + 1)
    mine = lines.group[place] == trials.group[window]
    window, place = window[mine], place[mine]

    def held(flags: Flags) -> Flags:
        found: Flags = np.bincount(window, flags[place], minlength=trials.size) > 0
        return found

    coupon, display, leaflet, deal = (
        held(each) for each in (lines.coupon, lines.display, lines.leaflet, lines.on_deal)
    )
    known = held(lines.known) if rows.has_promotions else np.ones(trials.size, dtype=np.bool_)
    trigger = np.select(
        [coupon, display, leaflet, ~known, deal],
        [COUPON, DISPLAY, LEAFLET, NOT_KNOWN, DEAL],
        default=FULL_PRICE,
    ).astype(np.int64)
    each = lines.regular / lines.units
    usual = float(np.median(each[each > 0])) if np.any(each > 0) else 1.0
    paid = np.bincount(window, lines.regular[place], minlength=trials.size)
    units = np.bincount(window, lines.units[place], minlength=trials.size)
    price = np.divide(paid, units, out=np.full(trials.size, usual), where=(units > 0) & (paid > 0))
    retailer = np.zeros(trials.size, dtype=np.int64)
    retailer[window] = lines.retailer[place]
    return Triggers(trigger, coupon, display, leaflet, deal, np.log(price / usual), retailer)


@dataclass(frozen=True, slots=True)
class Before:
    """Who T first-time buyers were in the washout before.

    Parameters
    ----------
    days, units
        (T,) days on which anything of the category was bought, and units of it.
    deal_share
        (T,) share of those units bought on deal; 0 where there were none.
    groups
        (T,) groups of the category bought.
    """

    days: Floats
    units: Floats
    deal_share: Floats
    groups: Floats


def before(rows: WonRows) -> Before:
    """Return what first-time buyers bought of the category in the washout before."""
    lines, trials = rows.lines, rows.trials
    start = trials.day - DAYS * WASHOUT_WEEKS
    window, place = within(lines, trials.household, start, trials.day)
    units = _sums(window, lines.units[place], trials.size)
    on_deal = _sums(window, lines.units[place] * lines.on_deal[place], trials.size)
    return Before(
        days=_distinct(window, lines.day[place], trials.size),
        units=units,
        deal_share=np.divide(on_deal, units, out=np.zeros(trials.size), where=units > 0),
        groups=_distinct(window, lines.group[place], trials.size),
    )


def offers_after(rows: WonRows, won: Triggers) -> Floats:
    """Return what others bought of the group at the retailer in the follow-up, (T, 2).

    The share of it on deal, and the log of how much it was beside what it usually is. It stands
    for what the household would find: after a deal there is often none for a while, which makes
    those won on it look worse than they are. What the household itself bought is left out.
    """
    lines, trials, reach = rows.lines, rows.trials, DAYS * FOLLOW_UP_WEEKS
    span = rows.last + 1
    shop = int(lines.retailer.max(initial=0)) + 1
    place = lines.group * shop + lines.retailer
    mine = trials.group * shop + won.retailer
    key = place * span + lines.day
    order = np.argsort(key, kind="stable")
    begin, end = (mine * span + np.minimum(trials.day + step, rows.last) for step in (0, reach))
    low = np.searchsorted(key[order], begin, side="right")
    high = np.searchsorted(key[order], end, side="right")
    window, own = within(lines, trials.household, trials.day + 1, trials.day + reach + 1)
    same = place[own] == mine[window]
    sums = []
    for values in (lines.units, lines.units * lines.on_deal):
        running = np.append(0.0, np.cumsum(values[order]))
        self_bought = _sums(window[same], values[own[same]], trials.size)
        sums.append(np.maximum(running[high] - running[low] - self_bought, 0.0))
    bought, on_deal = sums
    loaded = np.maximum(np.minimum(reach, rows.last - trials.day), 1) / span
    usual = np.bincount(place, lines.units, minlength=rows.groups.size * shop)[mine] * loaded
    return np.column_stack([(on_deal + 1) / (bought + 2), np.log((bought + 1) / (usual + 1))])


def covariates(rows: WonRows, won: Triggers) -> Floats:
    """Return what is known of T first purchases apart from their trigger, (T, K).

    The first column is a constant. Then: how often and how much of the category was bought in the
    washout, what share of it on deal, whether any at all, how many brands, shopping days of any
    kind, whether the household is described, the price tier of what was bought, and when: a curve
    over the loaded weeks, and the season; and what was on offer afterwards.
    """
    trials, found = rows.trials, before(rows)
    when = trials.day / max(rows.last, 1)
    angle = 2 * np.pi * trials.day / YEAR
    return np.column_stack([
        np.ones(trials.size), np.log1p(found.days), np.log1p(found.units), found.deal_share,
        found.units > 0, np.log1p(found.groups), np.log1p(trials.trips), trials.described, won.tier,
        when, when**2, np.sin(angle), np.cos(angle),
        offers_after(rows, won),
    ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class After:
    """What T first-time buyers did in the follow-up after the day of the first purchase.

    Parameters
    ----------
    followed
        (T,) whether all of the follow-up is loaded; sums of the others are short.
    again
        (T,) whether they bought the group again in it.
    watched
        (T,) days until they bought it again, or else for which they are watched.
    came
        (T,) whether they bought it again at all.
    days
        (T,) further days on which they bought it.
    units, deal_units, value, margin
        (T,) what they bought of it, what of that on deal, money to the retailer, and money to the
        manufacturer (NaN where a margin is not known).
    category_units
        (T,) what they bought of the category.
    """

    followed: Flags
    again: Flags
    watched: Integers
    came: Flags
    days: Floats
    units: Floats
    deal_units: Floats
    value: Floats
    margin: Floats
    category_units: Floats


def after(rows: WonRows) -> After:
    """Return what first-time buyers did after the day of the first purchase."""
    lines, trials = rows.lines, rows.trials
    reach = DAYS * FOLLOW_UP_WEEKS
    came = trials.again >= 0
    window, place = within(lines, trials.household, trials.day + 1, trials.day + reach + 1)
    mine = lines.group[place] == trials.group[window]
    own, at = window[mine], place[mine]
    return After(
        followed=trials.day + reach <= rows.last,
        again=came & (trials.again <= reach),
        watched=np.where(came, trials.again, rows.last - trials.day),
        came=came,
        days=_distinct(own, lines.day[at], trials.size),
        units=_sums(own, lines.units[at], trials.size),
        deal_units=_sums(own, lines.units[at] * lines.on_deal[at], trials.size),
        value=_sums(own, lines.value[at], trials.size),
        margin=_sums(own, lines.margin[at], trials.size),
        category_units=_sums(window, lines.units[place], trials.size),
    )


def _sums(window: Integers, values: Floats, size: int) -> Floats:
    found: Floats = np.bincount(window, values, minlength=size).astype(np.float64)
    return found


def _distinct(window: Integers, code: Integers, size: int) -> Floats:
    """Return how many different codes each window holds, (size,)."""
    span = int(code.max(initial=0)) + 1
    each = np.unique(window * span + code) // span
    found: Floats = np.bincount(each, minlength=size).astype(np.float64)
    return found
