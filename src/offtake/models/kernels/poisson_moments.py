"""The profile likelihood of a Poisson regression: height, slope and curvature in one pass.

For given slopes and week effects the best effect of a group has a closed form, ``log(sum y / sum
exp(...))``. With it put in, the likelihood depends on slopes and week effects alone; its curvature
is that of the full likelihood with the group effects swept out. Week effects are dummies that are
never materialised: their moments are sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from offtake.models.kernels.poisson_rows import Block, Floats, Panel

Effects = Sequence[Floats]
"""Of every component the (W,) week effects, that of the reference first."""


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
    components
        The same for the weeks of every component.
    """

    height: float
    gradient: Floats
    curvature: Floats
    components: tuple[Component, ...]


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
    count = panel.columns
    components = tuple(
        Component(np.zeros(w), np.zeros((w, w)), np.zeros((w, count))) for w in panel.layout.weeks
    )
    gradient, curvature, height = np.zeros(count), np.zeros((count, count)), 0.0
    for block in panel.blocks():
        mean, level = fitted(block, slopes, effects[block.component])
        height += level
        residual = block.y - mean
        gradient += residual @ block.x
        by_group = row_sums(block, mean) @ block.x
        curvature += curvature_of(block, mean, by_group)
        into = components[block.component]
        if into.gradient.size > 1:
            add_weeks(into, block, mean, by_group)
            into.gradient[:] += np.bincount(block.week, residual, minlength=into.gradient.size)
    return Moments(height, gradient, curvature, components)


def fitted(block: Block, slopes: Floats, effects: Floats) -> tuple[Floats, float]:
    """Return the (n,) mean of the rows with the best group effects, and the height."""
    linear = linear_part(block, slopes, effects)
    with np.errstate(over="ignore"):
        raised = np.exp(linear)
        sums = np.add.reduceat(raised, block.starts[:-1])
    sizes = np.diff(block.starts)
    if not (np.isfinite(sums).all() and sums.all()):
        # Far from the maximum: take the largest of each group out before raising.
        linear -= np.repeat(np.maximum.reduceat(linear, block.starts[:-1]), sizes)
        raised = np.exp(linear)
        sums = np.add.reduceat(raised, block.starts[:-1])
    raised *= np.repeat(block.totals / sums, sizes)
    return raised, float(block.y @ linear - block.totals @ np.log(sums))


def linear_part(block: Block, slopes: Floats, effects: Floats) -> Floats:
    """Return the (n,) log mean without the group effect."""
    linear: Floats = block.x @ slopes
    if effects.size > 1:
        linear += effects[block.week]
    if block.offset is not None:
        linear += block.offset
    return linear


def row_sums(block: Block, weight: Floats) -> csr_array:
    """Return the (G, n) matrix that adds up weighted rows of every group."""
    rows = np.arange(block.y.size, dtype=np.int32)
    return csr_array((weight, rows, block.starts), shape=(block.totals.size, block.y.size))


def by_week(block: Block, weight: Floats, weeks: int) -> Floats:
    """Return the (G, W) sums of a weight by group and week."""
    spread = csr_array((weight, block.week, block.starts), shape=(block.totals.size, weeks))
    table: Floats = spread.toarray()
    return table


def curvature_of(block: Block, mean: Floats, by_group: Floats) -> Floats:
    """Return the (K, K) curvature of a block by its regressors."""
    weighted = mean[:, None] * block.x
    swept = by_group / block.totals[:, None]
    curvature: Floats = block.x.T @ weighted - by_group.T @ swept
    return curvature


def add_weeks(into: Component, block: Block, mean: Floats, by_group: Floats) -> None:
    """Add a block to the curvature of the weeks of its component, in place."""
    weeks = into.gradient.size
    table = by_week(block, mean, weeks)
    share = table / block.totals[:, None]
    into.curvature[:] -= table.T @ share
    into.curvature[np.diag_indices(weeks)] += table.sum(axis=0)
    rows = np.arange(block.y.size + 1, dtype=np.int32)
    picked = csr_array((mean, block.week, rows), shape=(block.y.size, weeks))
    into.crossed[:] += picked.T @ block.x - share.T @ by_group
