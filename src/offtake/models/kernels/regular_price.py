"""The regular price of an item, from the prices at which it was sold, where no source states it.

A price is regular if the store charges it often in the weeks around. The rule is that of Kehoe and
Midrigan: find for every week the modal price of the window of five weeks before and after. Where
the store charges it, and at least a third of the prices in the window are it, it is the regular
price; elsewhere the regular price is that of the week before. Then, where the regular price changes
between two weeks in which the price charged does not, the change moves to where the latter changes.

What differs here, and why:

- Prices of stores are value over units, so they carry noise of rounding, mixed tills and loyalty
  cards. Two prices are the same when they differ by no more than `tolerance`, a share of the price;
  no grid of rounded prices is laid, which would part neighbours at its edges. Each price in a
  window is a candidate, counted with all that are the same; of equals the one that occurs most
  exactly (to ``STEP``), and then the highest, is the mode.
- A mode needs three weeks that charge it, or the only price in a window would be its mode (Kehoe
  and Midrigan ask for prices in half the weeks). Where no price reaches that and a third, the
  regular price is the upper quartile of the window, by nearest rank: of two or three prices the
  highest. A price alone in its window says nothing, unless the series has no other regular price.
- Weeks known to be promoted are no evidence, unless the series has no other weeks. A stated regular
  price is evidence and wins.
- Windows are cut short at both ends of a series. Weeks before the first regular price found get
  that one, and weeks without a price that of the nearest week.

The rule knows what was paid, not what stood on the label: where nearly everybody pays less, as with
a loyalty card, or a sale lasts most of a window, the lower price is the regular one.

References
----------
Kehoe, P. J. and Midrigan, V. (2015). Prices are sticky after all. Journal of Monetary Economics,
75, 35-53; the algorithm is in section 1 of the appendix to Federal Reserve Bank of Minneapolis
Staff Report 413.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers, codes, numbers
from offtake.models.kernels.medians import first_at_or_after, medians, starts_of_groups
from offtake.models.kernels.regular_path import (
    CARRIED,
    NOWHERE,
    STATED,
    Path,
    Weeks,
    by_week,
    regular_path,
)

TOLERANCE = 0.01
LARGEST_TOLERANCE = 0.1
ROUNDING = 1e-9
# What a row can be: stated, not promoted, promoted.
LEVELS = 3
FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class RegularPrice:
    """Regular prices, and how far below them the prices on the shelf were.

    Parameters
    ----------
    price
        (N,) regular price, money per unit; NaN where nothing is known of the series.
    cut
        (N,) share of the regular price by which the shelf price is below it; 0 where it is less
        than the tolerance below, or above; NaN where either is unknown.
    basis
        (N,) where the regular price is from: 0 stated, 1 the mode of the weeks around, 2 their
        upper quartile, 3 a neighbouring week of the series, 4 its own price, the only one in the
        weeks around, 5 nowhere.
    """

    price: Floats
    cut: Floats
    basis: Integers


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was given: price, stated (N,) NaN where unknown, series, week (N,), promoted (N,)."""

    price: Floats
    stated: Floats
    promoted: Flags
    series: Integers
    week: Integers


def regular_price(
    price: ArrayLike,
    series: ArrayLike,
    week: ArrayLike,
    *,
    promoted: ArrayLike | None = None,
    stated: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
) -> RegularPrice:
    """Find the regular price of every row.

    Parameters
    ----------
    price
        (N,) price on the shelf or value over units, money per unit; NaN where none was seen. One
        that is not above zero (returns, free goods) counts as unseen.
    series
        (N,) codes 0, 1, ... of what has one price over time: an item at a retailer, or in a store.
        Where it has several rows in a week, their median is the price of the week: of those with
        a stated price if any, else of those not promoted if any.
    week
        (N,) codes 0, 1, ...; weeks one code apart are neighbours.
    promoted
        (N,) whether the row is known to be promoted; such weeks are left out of the evidence as
        long as the series has others. Without it no week is known to be.
    stated
        (N,) regular price where the source states it, NaN where not.
    tolerance
        Two prices that differ by no more than this share are the same: from 0 to 0.1.

    Returns
    -------
    RegularPrice
        With everything in the order of the rows.

    Raises
    ------
    BadInputError
        When shapes disagree, a price is infinite, a code is not an integer >= 0, or the tolerance
        is out of range.

    Examples
    --------
    Two weeks at 3 are a sale; from week 7 on the regular price is 5.

    >>> price = [4, 4, 4, 3, 3, 4, 4, 5, 5, 5, 5]
    >>> found = regular_price(price, [0] * 11, range(11))
    >>> found.price.tolist()
    [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0]
    >>> np.flatnonzero(found.cut).tolist(), found.cut.max()
    ([3, 4], np.float64(0.25))
    """
    if not 0 <= tolerance <= LARGEST_TOLERANCE:
        raise BadInputError(
            f"tolerance: got {tolerance}, allowed: a share from 0 to {LARGEST_TOLERANCE}"
        )
    rows = _checked((price, stated), promoted, (series, week))
    weeks = _evidence(rows, span=int(rows.week.max(initial=0)) + 1)
    path = regular_path(weeks, tolerance)
    found, basis = _of_rows(rows, weeks, path)
    return RegularPrice(found, price_cut(rows.price, found, tolerance), basis)


def price_cut(price: Floats, regular: Floats, tolerance: float = TOLERANCE) -> Floats:
    """Return the share of the regular price by which a price is below it.

    Parameters
    ----------
    price, regular
        (N,) money per unit; NaN where unknown.
    tolerance
        A share not above it is noise and counts as none.

    Returns
    -------
    ndarray
        (N,) from 0 to 1; NaN where either price is.

    Examples
    --------
    >>> price_cut(np.array([3.0, 3.98, 5.0, np.nan]), np.full(4, 4.0)).tolist()
    [0.25, 0.0, 0.0, nan]
    """
    share = 1 - price / regular
    return np.where(share <= tolerance + ROUNDING, 0.0, share)


def _evidence(rows: _Rows, span: int) -> Weeks:
    """Return what each week says: its stated price, else one not promoted, else any.

    Weeks that are promoted only are left out where the series has others.
    """
    stated = ~np.isnan(rows.stated)
    level = np.where(stated, 0, np.where(rows.promoted, 2, 1))
    price = np.where(stated, rows.stated, rows.price)
    found = medians(price, LEVELS * (rows.series * span + rows.week) + level)
    best = starts_of_groups(found.group // LEVELS)
    key, level = np.divmod(found.group[best], LEVELS)
    starts = starts_of_groups(key // span)
    plain = np.logical_or.reduceat(level < 2, starts) if starts.size else np.zeros(0, bool)
    kept = (level < 2) | ~np.repeat(plain, np.diff(starts, append=key.size))
    return by_week(key[kept], found.median[best][kept], level[kept] == 0, span)


def _of_rows(rows: _Rows, weeks: Weeks, path: Path) -> tuple[Floats, Integers]:
    """Return price and basis of every row."""
    price, basis = np.full(rows.price.size, np.nan), np.full(rows.price.size, NOWHERE)
    if weeks.key.size:
        source, away = _source(rows, weeks)
        known = away < FAR
        price[known] = weeks.price[path.at[source[known]]]
        basis[known] = np.where(away == 0, path.basis[source], CARRIED)[known]
    said = ~np.isnan(rows.stated)
    price[said], basis[said] = rows.stated[said], STATED
    return price, basis


def _source(rows: _Rows, weeks: Weeks) -> tuple[Integers, Integers]:
    """Return the week each row has its regular price from, and how far it is: FAR if none.

    Failing the row's own week, a row with a price, which is promoted, looks back as the rule does;
    one without looks to the nearest week, the earlier of two.
    """
    key = rows.series * weeks.span + rows.week
    after = first_at_or_after(weeks.key, key)
    options = [np.maximum(after - 1, 0), np.minimum(after, weeks.key.size - 1)]
    away = [
        np.where(weeks.key[week] // weeks.span == rows.series, np.abs(weeks.key[week] - key), FAR)
        for week in options
    ]
    back = (away[0] < FAR) & (away[1] > 0) & ~np.isnan(rows.price)
    back |= away[0] <= away[1]
    return np.where(back, *options), np.where(back, *away)


def _checked(
    prices: tuple[ArrayLike, ArrayLike | None],
    promoted: ArrayLike | None,
    codes_given: tuple[ArrayLike, ArrayLike],
) -> _Rows:
    price = _prices("price", prices[0])
    size = price.size
    return _Rows(
        price=price,
        stated=np.full(size, np.nan) if prices[1] is None else _prices("stated", prices[1], size),
        promoted=np.zeros(size, bool) if promoted is None else _flags(promoted, size),
        series=codes("series", codes_given[0], size),
        week=codes("week", codes_given[1], size),
    )


def _prices(name: str, values: ArrayLike, size: int | None = None) -> Floats:
    """Return prices, NaN where one is not above zero."""
    array = numbers(name, values)
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: {wanted}")
    if np.any(np.isinf(array)):
        raise BadInputError(f"{name}: got {np.isinf(array).sum()} infinite values, allowed: none")
    return np.where(array > 0, array, np.nan)


def _flags(values: ArrayLike, size: int) -> Flags:
    array: NDArray[Any] = np.asarray(values)
    if array.shape != (size,) or array.dtype != np.bool_:
        raise BadInputError(
            f"promoted: got {array.dtype} of shape {array.shape}, allowed: bool of shape ({size},)"
        )
    return array
