"""Rows of a Poisson regression sorted by group, and the moments of its profile likelihood.

Week dummies are never materialised: their moments are sums per week, and per group and week in
blocks of whole groups, so that memory does not grow with rows times weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows used, sorted by group.

    y, offset: (n,); x: (n, K) less its mean in the group; centre: (G, K) those means;
    group, week: (n,) dense codes; starts: (G,) first row of each group; totals: (G,) of y;
    order: (n,) places in the arrays given; group_codes, week_codes: the codes given.
    """

    y: Floats
    x: Floats
    offset: Floats
    group: Integers
    week: Integers
    starts: Integers
    totals: Floats
    centre: Floats
    order: Integers
    group_codes: Integers
    week_codes: Integers

    @property
    def weeks(self) -> int:
        """Number of week effects, with the reference; 1 without weeks."""
        return max(1, int(self.week_codes.size))

    @property
    def parameters(self) -> int:
        """Number of week dummies and slopes, in this order."""
        return self.weeks - 1 + int(self.x.shape[1])


def used_rows(
    y: Floats, x: Floats, group: Integers, week: Integers, offset: Floats
) -> Rows:  # fmt: skip
    """Leave out groups and weeks without sales: their mean is exactly 0 at the maximum."""
    sold = np.bincount(group, y)[group] > 0 if y.size else np.zeros(0, bool)
    if not np.any(sold):
        raise BadInputError(f"y: got {y.size} rows without a count above 0, allowed: at least one")
    used = np.flatnonzero(sold & (np.bincount(week, y)[week] > 0))
    order = used[np.argsort(group[used], kind="stable")]
    group_codes, starts, dense, sizes = np.unique(
        group[order], return_index=True, return_inverse=True, return_counts=True
    )
    week_codes, dense_week = np.unique(week[order], return_inverse=True)
    rows = x[order]
    centre = np.add.reduceat(rows, starts, axis=0) / sizes[:, None]
    centred = rows - centre[dense]
    _flatten(centred, rows)
    counts = y[order]
    totals = np.add.reduceat(counts, starts)
    return Rows(
        counts, centred, offset[order], dense, dense_week, starts, totals, centre, order,
        group_codes, week_codes,
    )  # fmt: skip


def _flatten(centred: Floats, rows: Floats) -> None:
    """Set to zero, in place, what is left of columns that are constant within every group."""
    if rows.shape[1]:
        # Rounding of a group mean is some 1e-16 of the value; real variation is far above 1e-9.
        constant = np.abs(centred).max(axis=0) <= 1e-9 * np.abs(rows).max(axis=0)
        centred[:, constant] = 0.0


def _blocks(rows: Rows) -> Iterator[tuple[slice, slice]]:
    """Give slices of groups and of their rows, with about `BLOCK_ROWS` rows each."""
    ends = np.append(rows.starts[1:], rows.y.size)
    first = 0
    while first < ends.size:
        start = int(rows.starts[first])
        last = max(first + 1, int(np.searchsorted(ends, start + BLOCK_ROWS, side="right")))
        yield slice(first, last), slice(start, int(ends[last - 1]))
        first = last


def linear_part(rows: Rows, b: Floats, at: slice) -> Floats:
    """Log mean of the rows at a slice without the group effect, for week effects and slopes b."""
    weeks = np.concatenate([[0.0], b[: rows.weeks - 1]])
    linear: Floats = rows.x[at] @ b[rows.weeks - 1 :] + weeks[rows.week[at]] + rows.offset[at]
    return linear


def _log_shares(rows: Rows, b: Floats, groups: slice, at: slice) -> Floats:
    """Log of each row's share of its group's mean; the group effect cancels."""
    starts = rows.starts[groups] - at.start
    local = rows.group[at] - groups.start
    linear = linear_part(rows, b, at)
    linear -= np.maximum.reduceat(linear, starts)[local]
    linear -= np.log(np.add.reduceat(np.exp(linear), starts))[local]
    return linear


def profile(rows: Rows, b: Floats) -> float:
    """Profile log-likelihood, less what does not depend on the slopes."""
    return float(sum(rows.y[at] @ _log_shares(rows, b, groups, at) for groups, at in _blocks(rows)))


def slope(rows: Rows, b: Floats) -> tuple[Floats, Floats]:
    """Gradient (P,) and negative Hessian (P, P) of the profile log-likelihood."""
    gradient, hessian = np.zeros(rows.parameters), np.zeros((rows.parameters, rows.parameters))
    for groups, at in _blocks(rows):
        share = np.exp(_log_shares(rows, b, groups, at))
        mean = rows.totals[rows.group[at]] * share
        gradient += _column_sums(rows, at, rows.y[at] - mean)
        hessian += _raw_moments(rows, at, mean) - _swept(rows, groups, at, mean)
    return gradient, hessian


def _column_sums(rows: Rows, at: slice, weight: Floats) -> Floats:
    by_week = np.bincount(rows.week[at], weight, minlength=rows.weeks)
    return np.concatenate([by_week[1:], weight @ rows.x[at]])


def _raw_moments(rows: Rows, at: slice, mean: Floats) -> Floats:
    """Sum of mean times the outer product of each row's columns, (P, P)."""
    x, week, weeks = rows.x[at], rows.week[at], rows.weeks
    weighted = mean[:, None] * x
    crossed = np.empty((weeks, x.shape[1]))
    for k in range(x.shape[1]):
        crossed[:, k] = np.bincount(week, weighted[:, k], minlength=weeks)
    by_week = np.diag(np.bincount(week, mean, minlength=weeks)[1:])
    return np.block([[by_week, crossed[1:]], [crossed[1:].T, x.T @ weighted]])


def _swept(rows: Rows, groups: slice, at: slice, mean: Floats) -> Floats:
    """The part of the moments that the group effects take, (P, P)."""
    weeks, starts = rows.weeks, rows.starts[groups] - at.start
    local = rows.group[at] - groups.start
    by_week = np.bincount(local * weeks + rows.week[at], mean, minlength=starts.size * weeks)
    by_column = np.add.reduceat(mean[:, None] * rows.x[at], starts, axis=0)
    sums = np.hstack([by_week.reshape(starts.size, weeks)[:, 1:], by_column])
    taken: Floats = sums.T @ (sums / rows.totals[groups, None])
    return taken
