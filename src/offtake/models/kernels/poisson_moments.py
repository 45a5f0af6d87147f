"""The profile likelihood of a Poisson regression: height, slope and curvature in one pass.

For given slopes and week effects the best effect of a group has a closed form, ``log(sum y / sum
exp(...))``. With it put in, the likelihood depends on slopes and week effects alone; its curvature
is that of the full likelihood with the group effects swept out. Week effects are dummies that are
never materialised: their moments are sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_blocks import Block, Panel
from offtake.models.kernels.poisson_pass import (
    LANES,
    by_columns,
    leaned,
    scored,
    shared,
    week_by_week,
)
from offtake.models.kernels.poisson_ties import Places

Effects = Sequence[Floats]
"""Of every component the (W,) week effects, that of the reference first."""
NARROW = 12
"""Most regressors for which loops over rows are faster than products of matrices."""
FAR = 690.0
"""Log means within this are raised as they are: a billion of them still add up to a number."""


@dataclass(frozen=True, slots=True)
class Component:
    """What the rows of one component say of its W week effects: (W,), (W, W), (W, K)."""

    gradient: Floats
    curvature: Floats
    crossed: Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """The profile likelihood at one place.

    Parameters
    ----------
    height
        Log-likelihood, less what depends on neither slopes nor week effects.
    gradient, curvature
        (K,) and (K, K): slope, and negative second derivatives, by the regressors alone.
    squares
        (K,) of the regressors, weighted by the means, before group effects are swept out: what
        rounding is relative to.
    components
        The same as gradient and curvature for the weeks of every component.
    """

    height: float
    gradient: Floats
    curvature: Floats
    squares: Floats
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """One block with the best group effects.

    Parameters
    ----------
    mean
        (n,) of the rows.
    level
        (G,) group effects, for the regressors of the block.
    height
        What it adds to :attr:`Moments.height`.
    """

    mean: Floats
    level: Floats
    height: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What rows of one component add up to, filled in place; as in :class:`Moments`."""

    gradient: Floats
    curvature: Floats
    squares: Floats
    weeks: Component


@dataclass(frozen=True, slots=True)
class Products:
    """Sums over the rows of a block by which :func:`add` sweeps group effects out.

    Parameters
    ----------
    table
        (G, W + K) means by week, then means times regressors, over the root of the group's total.
    by_week
        (W, 2 + K) of means, residuals, and means times regressors.
    gradient, inner
        (K,) of residuals times regressors, and (K, K) of regressors, weighted by the means.
    """

    table: Floats
    by_week: Floats
    gradient: Floats
    inner: Floats


def moments(panel: Panel, slopes: Floats, effects: Effects) -> Moments:
    """Go through the rows once.

    Parameters
    ----------
    panel
        The rows.
    slopes
        (K,).
    effects
        Week effects of every component.
    """
    whole = nothing(1, panel.columns)
    sums = [
        replace(whole, weeks=nothing(weeks, panel.columns).weeks) for weeks in panel.layout.weeks
    ]
    height = 0.0
    for block in panel.blocks():
        at = fitted(block, slopes, effects[block.component])
        height += at.height
        add(sums[block.component], block, at.mean)
    components = tuple(each.weeks for each in sums)
    return Moments(height, whole.gradient, whole.curvature, whole.squares, components)


def nothing(weeks: int, columns: int) -> Sums:
    """Return sums of no rows."""
    component = Component(np.zeros(weeks), np.zeros((weeks, weeks)), np.zeros((weeks, columns)))
    return Sums(np.zeros(columns), np.zeros((columns, columns)), np.zeros(columns), component)


def fitted(block: Block, slopes: Floats, effects: Floats) -> Fitted:
    """Return the means of the rows with the best group effects, and the height."""
    mean = linear_part(block, slopes, effects)
    height = float(block.y @ mean)
    top, sums = _lowered(mean, block.starts), np.empty(block.totals.size)
    np.exp(mean, out=mean)
    compiled(shared)(mean, block.starts, block.totals, sums)
    logs = np.log(sums) + top
    return Fitted(mean, np.log(block.totals) - logs, height - float(block.totals @ logs))


def linear_part(block: Block, slopes: Floats, effects: Floats) -> Floats:
    """Return the (n,) log mean without the group effect."""
    linear = np.empty(block.y.size)
    if slopes.size > NARROW:
        np.add(block.centred @ slopes, effects.take(block.week), out=linear)
    else:
        # Where every slope is 0, as at the start, x need not be read.
        leaning = filled_up(slopes) if slopes.any() else slopes[:0]
        compiled(leaned)(block.x, block.centre, leaning, effects, block.week, linear)
    if block.offset is not None:
        linear += block.offset
    return linear


def filled_up(columns: Floats) -> Floats:
    """Add zeros to the last axis, up to a multiple of `LANES`."""
    count = columns.shape[-1]
    whole = np.zeros((*columns.shape[:-1], _lanes(count)))
    whole[..., :count] = columns
    return whole


def _lanes(columns: int) -> int:
    return -(-columns // LANES) * LANES


def _lowered(linear: Floats, starts: Places) -> Floats | float:
    """Far from the maximum, take the largest of each group out, in place, before raising."""
    if linear.min() > -FAR and linear.max() < FAR:
        return 0.0
    top: Floats = np.maximum.reduceat(linear, starts[:-1])
    linear -= np.repeat(top, np.diff(starts))
    return top


def add(into: Sums, block: Block, mean: Floats) -> None:
    """Add a block with its (n,) means to the sums of its component, in place."""
    products = row_by_row if 0 < block.x.shape[1] <= NARROW else by_matrices
    weeks = into.weeks.gradient.size
    found = products(block, mean, weeks)
    explained = found.table.T @ found.table
    into.gradient[:] += found.gradient
    into.squares[:] += np.diag(found.inner)
    into.curvature[:] += found.inner - explained[weeks:, weeks:]
    if weeks > 1:
        into.weeks.gradient[:] += found.by_week[:, 1]
        into.weeks.crossed[:] += found.by_week[:, 2:] - explained[:weeks, weeks:]
        into.weeks.curvature[:] -= explained[:weeks, :weeks]
        into.weeks.curvature[np.diag_indices(weeks)] += found.by_week[:, 0]


def row_by_row(block: Block, mean: Floats, weeks: int) -> Products:
    """Go through the rows one by one: for a narrow design."""
    columns = block.x.shape[1]
    table = np.empty((block.totals.size, weeks + _lanes(columns)))
    gradient, by_week = np.zeros(_lanes(columns)), np.zeros((weeks, 2 + _lanes(columns)))
    for first in range(0, columns, LANES):
        sums, own = np.zeros((weeks, 2 + LANES)), np.empty((LANES + 1, LANES))
        compiled(by_columns)(
            block.y, mean, block.x, block.centre, block.week, block.starts, block.totals,
            first, table, sums, own,
        )  # fmt: skip
        gradient[first : first + LANES] = own[LANES]
        by_week[:, :2] = sums[:, :2]
        by_week[:, 2 + first : 2 + first + LANES] = sums[:, 2:]
    inner = own[:columns, :columns]
    if columns > LANES:
        inner = block.centred.T @ (mean[:, None] * block.centred)
    return Products(
        table[:, : weeks + columns], by_week[:, : 2 + columns], gradient[:columns], inner
    )


def by_matrices(block: Block, mean: Floats, weeks: int) -> Products:
    """Do the same with products of matrices: for a wide design."""
    x, groups = block.centred, block.totals.size
    table, by_week = np.empty((groups, weeks + x.shape[1])), np.zeros((weeks, 2 + x.shape[1]))
    compiled(week_by_week)(block.y, mean, block.week, block.starts, block.totals, table, by_week)
    rows = np.arange(block.y.size + 1, dtype=np.int32)
    of_group = csr_array((mean, rows[:-1], block.starts), shape=(groups, mean.size))
    table[:, weeks:] = of_group @ x / np.sqrt(block.totals)[:, None]
    if weeks > 1:
        of_week = csr_array((mean, block.week, rows), shape=(mean.size, weeks))
        by_week[:, 2:] = of_week.T @ x
    # The square of one matrix takes half the work of a product of two.
    root = np.sqrt(mean)[:, None] * x
    return Products(table, by_week, (block.y - mean) @ x, root.T @ root)


def scores_by_group(block: Block, mean: Floats, turned: Floats) -> Floats:
    """Return the (G, K) scores, less what weeks explain: residuals times (W, K) by week."""
    columns = block.x.shape[1]
    by_group = np.empty((block.totals.size, _lanes(columns)))
    compiled(scored)(
        block.y, mean, block.x, block.centre, block.week, block.starts,
        filled_up(turned), by_group,
    )  # fmt: skip
    return np.ascontiguousarray(by_group[:, :columns])
