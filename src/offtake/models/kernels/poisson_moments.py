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
from offtake.models.kernels.poisson_pass import LANES, by_columns, by_week, scored, shared

Effects = Sequence[Floats]
"""Of every component the (W,) week effects, that of the reference first."""
NARROW = 12
"""Most regressors for which loops over rows are faster than products of matrices."""


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
        (G, W + K) means by week, then means times regressors, over the root of the group's total;
        without the weeks where there is but one.
    inner
        (K, K) of the regressors, weighted by the means.
    """

    table: Floats
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
    linear = linear_part(block, slopes, effects)
    height = float(block.y @ linear)
    top, sums = np.zeros(block.totals.size), np.empty(block.totals.size)
    with np.errstate(over="ignore"):
        raised = np.exp(linear)
    compiled(shared)(raised, block.starts, block.totals, sums)
    if not (np.isfinite(sums).all() and sums.all()):
        # Far from the maximum: take the largest of each group out before raising.
        top = np.maximum.reduceat(linear, block.starts[:-1])
        raised = np.exp(linear - np.repeat(top, np.diff(block.starts)))
        compiled(shared)(raised, block.starts, block.totals, sums)
    logs = np.log(sums) + top
    return Fitted(raised, np.log(block.totals) - logs, height - float(block.totals @ logs))


def linear_part(block: Block, slopes: Floats, effects: Floats) -> Floats:
    """Return the (n,) log mean without the group effect."""
    linear: Floats = block.x @ slopes
    if effects.size > 1:
        linear += effects.take(block.week)
    if block.offset is not None:
        linear += block.offset
    return linear


def add(into: Sums, block: Block, mean: Floats) -> None:
    """Add a block with its (n,) means to the sums of its component, in place."""
    products = row_by_row if block.x.shape[1] <= NARROW else by_matrices
    found = products(into, block, mean)
    explained = found.table.T @ found.table
    weeks = shown(into)
    into.squares[:] += np.diag(found.inner)
    into.curvature[:] += found.inner - explained[weeks:, weeks:]
    into.weeks.crossed[:weeks] -= explained[:weeks, weeks:]
    into.weeks.curvature[:weeks, :weeks] -= explained[:weeks, :weeks]


def shown(into: Sums) -> int:
    """Return how many weeks there are to tell apart: none where there is one."""
    weeks = into.weeks.gradient.size
    return weeks if weeks > 1 else 0


def row_by_row(into: Sums, block: Block, mean: Floats) -> Products:
    """Add gradients and what is crossed with weeks, and return the rest: for a narrow design."""
    columns, weeks = block.x.shape[1], shown(into)
    padded = -(-columns // LANES) * LANES
    table = np.empty((block.totals.size, weeks + padded))
    gradient, crossed = np.zeros(padded), np.zeros((into.weeks.gradient.size, padded))
    inner = np.zeros((LANES, LANES))
    _add_weeks(into, block, mean, table)
    for first in range(0, columns, LANES):
        compiled(by_columns)(
            block.y, mean, block.x, block.week, block.starts, block.totals,
            first, table, crossed, gradient, inner,
        )  # fmt: skip
    into.gradient[:] += gradient[:columns]
    into.weeks.crossed[:weeks] += crossed[:weeks, :columns]
    if columns > LANES:
        inner = block.x.T @ (mean[:, None] * block.x)
    return Products(table[:, : weeks + columns], inner[:columns, :columns])


def by_matrices(into: Sums, block: Block, mean: Floats) -> Products:
    """Do the same with products of matrices, for a wide design."""
    weeks = shown(into)
    table = np.empty((block.totals.size, weeks + block.x.shape[1]))
    _add_weeks(into, block, mean, table)
    rows = np.arange(block.y.size + 1, dtype=np.int32)
    of_group = csr_array((mean, rows[:-1], block.starts), shape=(block.totals.size, mean.size))
    table[:, weeks:] = of_group @ block.x / np.sqrt(block.totals)[:, None]
    into.gradient[:] += (block.y - mean) @ block.x
    if weeks:
        of_week = csr_array((mean, block.week, rows), shape=(mean.size, weeks))
        into.weeks.crossed[:] += of_week.T @ block.x
    # The square of one matrix takes half the work of a product of two.
    root = np.sqrt(mean)[:, None] * block.x
    return Products(table, root.T @ root)


def _add_weeks(into: Sums, block: Block, mean: Floats, table: Floats) -> None:
    """Add what needs no regressors to the sums of the weeks, and fill their part of the table."""
    weeks = shown(into)
    if weeks:
        weight = np.zeros(weeks)
        compiled(by_week)(
            block.y, mean, block.week, block.starts, block.totals,
            table, weight, into.weeks.gradient,
        )  # fmt: skip
        into.weeks.curvature[np.diag_indices(weeks)] += weight


def scores_by_group(block: Block, mean: Floats, turned: Floats) -> Floats:
    """Return the (G, K) scores, less what weeks explain: residuals times (W, K) by week."""
    residual = block.y - mean
    by_group = np.empty((block.totals.size, block.x.shape[1]))
    compiled(scored)(residual, block.x, block.week, block.starts, turned, by_group)
    return by_group
