"""The inner loops of the Poisson regression: what one block adds to the moments, in one sweep.

With a few regressors the sums of a block are cheaper in a loop over its rows, which stay in the
processor's cache, than as products of matrices that have to be written down first. Columns are
taken four at a time (`LANES`), so that their sums stay in registers; the loops are written out for
that reason, and take their outputs as arguments because they fill arrays in place.
"""
# ruff: noqa: PLR0913, PLR0917 -- compiled loops take their arrays one by one

from __future__ import annotations

from math import lgamma

import numpy as np

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.poisson_ties import Places

LANES = 4


def leaned(
    x: Floats, centre: Floats, slopes: Floats, effects: Floats, week: Places, linear: Floats
) -> None:
    """Set the (n,) log means without group effects and offset.

    The slopes are filled up with zeros to a multiple of `LANES`.
    """
    for row in range(linear.size):
        linear[row] = effects[week[row]]
    last = x.shape[1] - 1
    for first in range(0, slopes.size, LANES):
        a, b, c, d = first, min(first + 1, last), min(first + 2, last), min(first + 3, last)
        c0, c1, c2, c3 = centre[a], centre[b], centre[c], centre[d]
        s0, s1, s2, s3 = slopes[first], slopes[first + 1], slopes[first + 2], slopes[first + 3]
        for row in range(linear.size):
            linear[row] += (
                (x[row, a] - c0) * s0
                + (x[row, b] - c1) * s1
                + (x[row, c] - c2) * s2
                + (x[row, d] - c3) * s3
            )


def shared(raised: Floats, starts: Places, totals: Floats, sums: Floats) -> None:
    """Scale (n,) numbers so that every group adds up to its total; note its (G,) sum before."""
    for group in range(totals.size):
        own = raised[starts[group] : starts[group + 1]]
        total = 0.0
        for row in range(own.size):
            total += own[row]
        sums[group] = total
        factor = totals[group] / total
        for row in range(own.size):
            own[row] *= factor


def summed(values: Floats, week: Places, sums: Floats) -> None:
    """Add (n,) values to (W,) sums by week."""
    for row in range(values.size):
        sums[week[row]] += values[row]


def by_columns(
    y: Floats, mean: Floats, x: Floats, centre: Floats, week: Places, starts: Places,
    totals: Floats, first: int, table: Floats, by_week: Floats, own: Floats,
) -> None:  # fmt: skip
    """Fill the table for the weeks and four columns, add to sums by week, set X'WX and gradient.

    The (G, W + ...) table holds means by group and week, then means times columns by group, over
    the root of the group's total. The (W, 2 + 4) sums by week are those of means, residuals, and
    means times columns. X'WX and below it the gradient are (4 + 1, 4). A column beyond the last
    repeats it; its sums are not used.
    """
    last, weeks = x.shape[1] - 1, by_week.shape[0]
    a, b, c, d = first, min(first + 1, last), min(first + 2, last), min(first + 3, last)
    c0, c1, c2, c3 = centre[a], centre[b], centre[c], centre[d]
    r0 = r1 = r2 = r3 = 0.0
    p00 = p01 = p02 = p03 = p11 = p12 = p13 = p22 = p23 = p33 = 0.0
    for group in range(totals.size):
        own_rows = slice(starts[group], starts[group + 1])
        counts, weights, design, at = y[own_rows], mean[own_rows], x[own_rows], week[own_rows]
        into = table[group]
        for column in range(weeks):
            into[column] = 0.0
        scale = 1.0 / np.sqrt(totals[group])
        s0 = s1 = s2 = s3 = 0.0
        for row in range(weights.size):
            x0, x1 = design[row, a] - c0, design[row, b] - c1
            x2, x3 = design[row, c] - c2, design[row, d] - c3
            weight = weights[row]
            residual = counts[row] - weight
            r0 += residual * x0
            r1 += residual * x1
            r2 += residual * x2
            r3 += residual * x3
            m0, m1, m2, m3 = weight * x0, weight * x1, weight * x2, weight * x3
            s0 += m0
            s1 += m1
            s2 += m2
            s3 += m3
            into[at[row]] += weight * scale
            sums = by_week[at[row]]
            sums[0] += weight
            sums[1] += residual
            sums[2] += m0
            sums[3] += m1
            sums[4] += m2
            sums[5] += m3
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
        e = weeks + first
        into[e], into[e + 1], into[e + 2], into[e + 3] = (
            s0 * scale, s1 * scale, s2 * scale, s3 * scale
        )  # fmt: skip
    own[0, 0], own[0, 1], own[0, 2], own[0, 3] = p00, p01, p02, p03
    own[1, 0], own[1, 1], own[1, 2], own[1, 3] = p01, p11, p12, p13
    own[2, 0], own[2, 1], own[2, 2], own[2, 3] = p02, p12, p22, p23
    own[3, 0], own[3, 1], own[3, 2], own[3, 3] = p03, p13, p23, p33
    own[4, 0], own[4, 1], own[4, 2], own[4, 3] = r0, r1, r2, r3


def week_by_week(
    y: Floats, mean: Floats, week: Places, starts: Places, totals: Floats,
    table: Floats, sums: Floats,
) -> None:  # fmt: skip
    """Do what :func:`by_columns` does for the weeks alone."""
    weeks = sums.shape[0]
    for group in range(totals.size):
        for column in range(weeks):
            table[group, column] = 0.0
        scale = 1.0 / np.sqrt(totals[group])
        for row in range(starts[group], starts[group + 1]):
            at = week[row]
            table[group, at] += mean[row] * scale
            sums[at, 0] += mean[row]
            sums[at, 1] += y[row] - mean[row]


def scored(
    y: Floats, mean: Floats, x: Floats, centre: Floats, week: Places, starts: Places,
    turned: Floats, by_group: Floats,
) -> None:  # fmt: skip
    """Set the (G, ...) sums of residuals times regressors less the part that weeks explain.

    That part, (W, ...) by week, and the sums are filled up to a multiple of `LANES`.
    """
    last = x.shape[1] - 1
    for first in range(0, by_group.shape[1], LANES):
        a, b, c, d = first, min(first + 1, last), min(first + 2, last), min(first + 3, last)
        c0, c1, c2, c3 = centre[a], centre[b], centre[c], centre[d]
        for group in range(starts.size - 1):
            s0 = s1 = s2 = s3 = 0.0
            for row in range(starts[group], starts[group + 1]):
                residual = y[row] - mean[row]
                less = turned[week[row]]
                s0 += residual * (x[row, a] - c0 - less[first])
                s1 += residual * (x[row, b] - c1 - less[first + 1])
                s2 += residual * (x[row, c] - c2 - less[first + 2])
                s3 += residual * (x[row, d] - c3 - less[first + 3])
            by_group[group, first] = s0
            by_group[group, first + 1] = s1
            by_group[group, first + 2] = s2
            by_group[group, first + 3] = s3


def pooled(by_group: Floats, cluster: Integers, by_cluster: Floats) -> None:
    """Add (G, K) sums by group to (C, K) sums by cluster."""
    for group in range(cluster.size):
        into = by_cluster[cluster[group]]
        for column in range(into.size):
            into[column] += by_group[group, column]


def log_factorials(y: Floats, known: Floats) -> float:
    """Return the sum of ``log(y!)``; those of 0, 1, ... are known."""
    total = 0.0
    for row in range(y.size):
        whole = int(min(y[row], known.size))
        if whole < known.size and y[row] == whole:
            total += known[whole]
        else:
            total += lgamma(y[row] + 1.0)
    return total
