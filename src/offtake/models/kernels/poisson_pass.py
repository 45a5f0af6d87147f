"""The inner loops of the Poisson regression: what one block adds to the moments, in one sweep.

With a few regressors the sums of a block are cheaper in a loop over its rows, which stay in the
processor's cache, than as products of matrices that have to be written down first. Columns are
taken four at a time (`LANES`), so that their sums stay in registers; the loops are written out for
that reason, and take their outputs as arguments because they fill arrays in place.
"""
# ruff: noqa: PLR0913, PLR0917 -- compiled loops take their arrays one by one

from __future__ import annotations

import numpy as np

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.poisson_ties import Places

LANES = 4


def shared(raised: Floats, starts: Places, totals: Floats, sums: Floats) -> None:
    """Scale (n,) numbers so that every group adds up to its total; note its (G,) sum before."""
    for group in range(totals.size):
        total = 0.0
        for row in range(starts[group], starts[group + 1]):
            total += raised[row]
        sums[group] = total
        factor = totals[group] / total
        for row in range(starts[group], starts[group + 1]):
            raised[row] *= factor


def summed(values: Floats, week: Places, sums: Floats) -> None:
    """Add (n,) values to (W,) sums by week."""
    for row in range(values.size):
        sums[week[row]] += values[row]


def by_week(
    y: Floats, mean: Floats, week: Places, starts: Places, totals: Floats,
    table: Floats, weight: Floats, gradient: Floats,
) -> None:  # fmt: skip
    """Fill the week columns of the (G, W + ...) table, and add to (W,) means and residuals.

    The table holds means by group and week over the root of the group's total.
    """
    weeks = weight.size
    for group in range(totals.size):
        for column in range(weeks):
            table[group, column] = 0.0
        scale = 1.0 / np.sqrt(totals[group])
        for row in range(starts[group], starts[group + 1]):
            at = week[row]
            table[group, at] += mean[row] * scale
            weight[at] += mean[row]
            gradient[at] += y[row] - mean[row]


def by_columns(
    y: Floats, mean: Floats, x: Floats, week: Places, starts: Places, totals: Floats,
    first: int, table: Floats, crossed: Floats, gradient: Floats, own: Floats,
) -> None:  # fmt: skip
    """Add four columns to the table's last columns, to sums by week, gradient and X'WX.

    A column beyond the last repeats it; its sums are not used.
    """
    last = x.shape[1] - 1
    a, b, c, d = first, min(first + 1, last), min(first + 2, last), min(first + 3, last)
    at = table.shape[1] - crossed.shape[1] + first
    r0 = r1 = r2 = r3 = 0.0
    p00 = p01 = p02 = p03 = p11 = p12 = p13 = p22 = p23 = p33 = 0.0
    for group in range(totals.size):
        s0 = s1 = s2 = s3 = 0.0
        for row in range(starts[group], starts[group + 1]):
            x0, x1, x2, x3 = x[row, a], x[row, b], x[row, c], x[row, d]
            weight = mean[row]
            residual = y[row] - weight
            r0 += residual * x0
            r1 += residual * x1
            r2 += residual * x2
            r3 += residual * x3
            m0, m1, m2, m3 = weight * x0, weight * x1, weight * x2, weight * x3
            s0 += m0
            s1 += m1
            s2 += m2
            s3 += m3
            into = week[row]
            crossed[into, first] += m0
            crossed[into, first + 1] += m1
            crossed[into, first + 2] += m2
            crossed[into, first + 3] += m3
            p00 += m0 * x0
            p01 += m0 * x1
            p02 += m0 * x2
            p03 += m0 * x3
            p11 += m1 * x1
            p12 += m1 * x2
            p13 += m1 * x3
            p22 += m2 * x2
            p23 += m2 * x3
            p33 += m3 * x3
        scale = 1.0 / np.sqrt(totals[group])
        table[group, at] = s0 * scale
        table[group, at + 1] = s1 * scale
        table[group, at + 2] = s2 * scale
        table[group, at + 3] = s3 * scale
    gradient[first] += r0
    gradient[first + 1] += r1
    gradient[first + 2] += r2
    gradient[first + 3] += r3
    own[0, 0], own[0, 1], own[0, 2], own[0, 3] = p00, p01, p02, p03
    own[1, 0], own[1, 1], own[1, 2], own[1, 3] = p01, p11, p12, p13
    own[2, 0], own[2, 1], own[2, 2], own[2, 3] = p02, p12, p22, p23
    own[3, 0], own[3, 1], own[3, 2], own[3, 3] = p03, p13, p23, p33


def scored(
    residual: Floats, x: Floats, week: Places, starts: Places, turned: Floats, by_group: Floats
) -> None:
    """Set the (G, K) sums of residuals times regressors less the (W, K) part that weeks explain."""
    count = x.shape[1]
    for group in range(starts.size - 1):
        for column in range(count):
            by_group[group, column] = 0.0
        for row in range(starts[group], starts[group + 1]):
            at = week[row]
            for column in range(count):
                by_group[group, column] += residual[row] * (x[row, column] - turned[at, column])
