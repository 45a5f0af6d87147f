"""Which rows make up one promotion: by the source's own name for it, else by what happened.

Where the source names promotions, a promotion is what bears the name. Elsewhere it is a run of
adjacent weeks in which enough of a retailer's stores had support for an item; what single stores do
outside such runs, such as a display of their own, is told apart as local.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offtake.models.names import joint
from offtake.models.promotion.rows import Bools, Floats, Integers, PromotionRows

ENOUGH = 0.1
"""Share of the stores that list the item which must have support for a week of a chain's event."""
LEAST_CUT = 0.03
"""Price cuts below this are noise of unit values, where the source states none."""
NONE = -1


@dataclass(frozen=True, slots=True)
class Events:
    """E promotions.

    Parameters
    ----------
    names
        (E,) ids: the source's, or retailer, item and first week.
    named
        (E,) whether the source names it.
    local
        (E,) whether it is what single stores did on their own.
    of
        (N,) event of every row that had support or was to have it; -1 elsewhere.
    first_week, last_week
        (E,) week codes, of support or plan.
    """

    names: tuple[str, ...]
    named: Bools
    local: Bools
    of: Integers
    first_week: Integers
    last_week: Integers

    @property
    def count(self) -> int:
        """E."""
        return len(self.names)


def find_events(rows: PromotionRows) -> Events:
    """Roll rows with support up into events."""
    code = np.full(rows.size, NONE)
    acted = supported(rows)
    by_name = (acted | rows.agreed) & (rows.promotion >= 0)
    code[by_name] = rows.promotion[by_name]
    names = {int(number): str(rows.names.promotions[number]) for number in np.unique(code[by_name])}
    rest = acted & ~by_name
    local = np.zeros(rows.size, bool)
    if rest.any():
        runs, local[rest] = _runs(rows, rest)
        code[rest] = runs + rows.names.promotions.size
        names |= _named_runs(rows, rest, code, local)
    codes, of = np.unique(code, return_inverse=True)
    of = of.astype(np.int64) - int(codes[0] == NONE)
    codes = codes[codes != NONE]
    inside = of >= 0
    first, last = (np.full(codes.size, fill) for fill in (np.iinfo(np.int64).max, -1))
    np.minimum.at(first, of[inside], rows.week[inside])
    np.maximum.at(last, of[inside], rows.week[inside])
    alone = np.zeros(codes.size, bool)
    alone[of[local]] = True
    return Events(
        names=tuple(names[int(each)] for each in codes),
        named=codes < rows.names.promotions.size,
        local=alone,
        of=of,
        first_week=first,
        last_week=last,
    )


def supported(rows: PromotionRows) -> Bools:
    """Return which rows had support, (N,); price cuts that may be noise do not count."""
    cut = rows.seen.cut > (0.0 if rows.cut_from == "stated" else LEAST_CUT)
    found: Bools = cut | (rows.seen.display > 0) | (rows.seen.feature > 0)
    return found


def _runs(rows: PromotionRows, rest: Bools) -> tuple[Integers, Bools]:
    """Return a run code of every row in `rest`, and whether it is local."""
    series = joint(rows.retailer, rows.item)
    span = int(rows.week.max()) + 2
    cell = series * span + rows.week
    cells = (int(series.max()) + 1) * span
    share = np.bincount(cell[rest], minlength=cells) / np.maximum(
        np.bincount(cell, minlength=cells), 1
    )
    common = share >= ENOUGH
    # A run begins where a week is common and the one before it is not; weeks end every series.
    begins = common & ~np.concatenate([[False], common[:-1]])
    run = np.cumsum(begins)
    chain = common[cell[rest]]
    of_chain = run[cell[rest]]
    # Local support: runs of adjacent weeks of the pair, by item and first week.
    start = _first_of_runs(rows.pair[rest], rows.week[rest], ~chain)
    of_local = int(run[-1]) + 1 + series[rest] * span + start
    return np.where(chain, of_chain, of_local), ~chain


def _first_of_runs(pair: Integers, week: Integers, chosen: Bools) -> Integers:
    """Return the first week of the run of adjacent chosen weeks that a row is in, (N,)."""
    follows = np.zeros(pair.size, bool)
    follows[1:] = (pair[1:] == pair[:-1]) & (week[1:] == week[:-1] + 1) & chosen[1:] & chosen[:-1]
    head = np.maximum.accumulate(np.where(follows, 0, np.arange(pair.size)))
    first: Integers = week[head]
    return first


def _named_runs(rows: PromotionRows, rest: Bools, code: Integers, local: Bools) -> dict[int, str]:
    """Name runs by retailer, item and first week."""
    places = np.flatnonzero(rest)
    order = places[np.lexsort([rows.week[places], code[places]])]
    _, heads = np.unique(code[order], return_index=True)
    names = {}
    for at in order[heads].tolist():
        retailer = rows.names.retailers[rows.store[at]]
        words = (
            ["local"] * bool(local[at])
            + [retailer] * bool(retailer)
            + [rows.names.items[rows.item[at]], str(rows.monday[at])]
        )
        names[int(code[at])] = ":".join(words)
    return names


def sums_of(values: Floats, of: Integers, count: int) -> Floats:
    """Add up values of rows by event, (E,); rows of no event do not count."""
    inside = of >= 0
    return np.bincount(of[inside], values[inside], minlength=count).astype(np.float64)


def first_rows(events: Events) -> Integers:
    """Return the first row of every event, (E,)."""
    inside = np.flatnonzero(events.of >= 0)[::-1]
    first = np.zeros(events.count, np.int64)
    first[events.of[inside]] = inside
    return first


def rows_of_events(rows: PromotionRows, events: Events) -> Iterator[tuple[int, Integers]]:
    """Give every event with the rows of each of its items at each of its retailers, all weeks."""
    series = joint(rows.retailer, rows.item)
    order = np.argsort(series, kind="stable")
    starts = np.searchsorted(series[order], np.arange(int(series.max()) + 2))
    inside = np.flatnonzero(events.of >= 0)
    pairs = np.unique(np.column_stack([events.of[inside], series[inside]]), axis=0)
    for event, each in pairs.tolist():
        yield event, order[starts[each] : starts[each + 1]]
