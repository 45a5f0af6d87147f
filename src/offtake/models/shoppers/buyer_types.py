"""Kinds of buyers of a brand, each told by a rule that a row of data can be held to.

Of the buyers of a group, in this order:

- *new*: first bought it in the last weeks, too late to be followed;
- *once*: bought it on one day only;
- *pantry loader*: on days on which the group was bought on deal, buys more of the category than on
  other days, and then waits longer before buying of the category again;
- *deal only*: never bought it but on deal;
- *loyal*: covers at least half of the category's units with it;
- *switcher*: all others.

What buyers would do if deals stopped is not told by what they are called.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.measures.loyalty import FOLLOW_UP_WEEKS
from offtake.models.shoppers.won_rows import Flags, Floats, Integers, Lines, WonRows
from offtake.models.shoppers.won_spec import WonSpec

DAYS = 7
TYPES = ("new", "once", "pantry loader", "deal only", "loyal", "switcher")
NEW, ONCE, LOADER, DEAL_ONLY, LOYAL, SWITCHER = range(len(TYPES))


@dataclass(frozen=True, slots=True)
class Buyers:
    """B households that bought a group at all, with all they bought of it.

    Parameters
    ----------
    household, group
        (B,) codes, in order of household and group.
    days, deal_days
        (B,) days on which they bought it, and those on which any of it was on deal.
    units, deal_units, value
        (B,) what they bought of it.
    category_units
        (B,) what they bought of the category.
    type
        (B,) place in `TYPES`.
    loading
        (B,) whether units and waits are a pantry loader's, whatever else the buyer is.
    by_chance
        (B,) share of shuffles in which the buyer would be called a pantry loader.
    """

    household: Integers
    group: Integers
    days: Floats
    deal_days: Floats
    units: Floats
    deal_units: Floats
    value: Floats
    category_units: Floats
    type: Integers
    loading: Flags
    by_chance: Floats


def buyers(rows: WonRows, spec: WonSpec) -> Buyers:
    """Return every buyer of every group with the kind of buyer it is."""
    lines, groups = rows.lines, rows.groups.size
    pair, of = np.unique(lines.household * groups + lines.group, return_inverse=True)
    household, group = pair // groups, pair % groups
    days, deal_days = _days(lines, of, pair.size)
    units, deal_units, value = (
        _sums(of, each, pair.size)
        for each in (lines.units, lines.units * lines.on_deal, lines.value)
    )
    whole = _sums(lines.household, lines.units, rows.households.size)
    occasions = _occasions(rows, of, pair.size)
    loading = _loading(occasions, occasions.deal_day, household, spec)
    new = _new(rows, household, group)
    plain = np.select(
        [new, days == 1, np.isclose(units, deal_units), units >= spec.loyal * whole[household]],
        [NEW, ONCE, DEAL_ONLY, LOYAL],
        default=SWITCHER,
    )
    able = ~new & (days > 1)
    return Buyers(
        household=household,
        group=group,
        days=days,
        deal_days=deal_days,
        units=units,
        deal_units=deal_units,
        value=value,
        category_units=whole[household],
        type=np.where(able & loading, LOADER, plain).astype(np.int64),
        loading=loading,
        by_chance=_by_chance(occasions, household, spec) * able,
    )


def _sums(code: Integers, values: Floats, size: int) -> Floats:
    found: Floats = np.bincount(code, values, minlength=size).astype(np.float64)
    return found


def _days(lines: Lines, of: Integers, size: int) -> tuple[Floats, Floats]:
    """Return on how many days each buyer bought, and bought on deal, (B,)."""
    span = int(lines.day.max(initial=0)) + 1
    cell = np.unique(of * span + lines.day) // span
    deals = np.unique((of * span + lines.day)[lines.on_deal]) // span
    return (
        np.bincount(cell, minlength=size).astype(np.float64),
        np.bincount(deals, minlength=size).astype(np.float64),
    )


def _new(rows: WonRows, household: Integers, group: Integers) -> Flags:
    """Return which buyers first bought too late to be followed, (B,)."""
    lines, size = rows.lines, rows.groups.size
    buyer, place = np.unique(lines.household * size + lines.group, return_inverse=True)
    first = np.full(buyer.size, rows.last)
    np.minimum.at(first, place, lines.day)
    late = first + DAYS * FOLLOW_UP_WEEKS > rows.last
    found: Flags = late[np.searchsorted(buyer, household * size + group)]
    return found


@dataclass(frozen=True, slots=True)
class Occasions:
    """O days on which households bought the category, in order of household and day.

    Parameters
    ----------
    household
        (O,) codes.
    units
        (O,) of the category.
    wait
        (O,) days until the household's next; NaN for its last.
    deal_day, deal_buyer
        (D,) days on which a buyer bought its group on deal: place of the day, and of the buyer.
    """

    household: Integers
    units: Floats
    wait: Floats
    deal_day: Integers
    deal_buyer: Integers


def _occasions(rows: WonRows, buyer: Integers, size: int) -> Occasions:
    """Return the days on which the category was bought; `buyer` is that of every line, (N,)."""
    lines, span = rows.lines, rows.last + 1
    cell, of = np.unique(lines.household * span + lines.day, return_inverse=True)
    household, day = cell // span, cell % span
    next_one = np.append(household[1:], -1) == household
    wait = np.where(next_one, np.append(day[1:], 0) - day, np.nan)
    deals = np.unique((of * size + buyer)[lines.on_deal])
    return Occasions(
        household, _sums(of, lines.units, cell.size), wait, deals // size, deals % size
    )


def _loading(days: Occasions, deal_day: Integers, household: Integers, spec: WonSpec) -> Flags:
    """Return which buyers buy more on deal days and then wait longer, (B,).

    Only days after which the household bought of the category again are compared.
    """
    ended = np.isfinite(days.wait)
    homes = int(max(days.household.max(initial=0), household.max(initial=0))) + 1
    sums = np.zeros((2, 3, household.size))
    for number, values in enumerate((np.ones(days.units.size), days.units, days.wait)):
        kept = np.where(ended, values, 0.0)
        whole = np.bincount(days.household, kept, minlength=homes)[household]
        deal = np.bincount(days.deal_buyer, kept[deal_day], minlength=household.size)
        sums[:, number] = deal, whole - deal
    enough = np.all(sums[:, 0] >= spec.loading_days, axis=0)
    deal, other = sums[:, 1:] / np.maximum(sums[:, :1], 1)
    more = deal[0] >= spec.loading_units * other[0]
    longer = deal[1] >= spec.loading_wait * other[1]
    found: Flags = enough & more & longer
    return found


def _by_chance(days: Occasions, household: Integers, spec: WonSpec) -> Floats:
    """Return how often buyers are taken for pantry loaders when days of deals are dealt out anew.

    The days on deal of a household change places among its days, those after which it bought again
    among themselves; units and waits stay.
    """
    rng = np.random.default_rng(spec.seed)
    total = np.zeros(household.size)
    stratum = days.household * 2 + np.isfinite(days.wait)
    order = np.argsort(stratum, kind="stable")
    moved = np.empty_like(order)
    for _ in range(spec.shuffles):
        moved[np.lexsort((rng.random(stratum.size), stratum))] = order
        total += _loading(days, moved[days.deal_day], household, spec)
    return total / max(spec.shuffles, 1)
