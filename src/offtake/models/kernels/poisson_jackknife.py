"""What the slopes would be without one cluster: the jackknife covariance of a Poisson regression.

With some dozens of clusters of unequal size the usual sandwich is too small, because the large
clusters pull the fit towards themselves. Leaving each out in turn says how much. One Newton step
from the maximum stands for a new fit; it is exact to the order of the errors themselves.

References
----------
MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Fast and reliable jackknife and bootstrap
methods for cluster-robust inference. Journal of Applied Econometrics 38, 671-694 (the estimator
CV3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from offtake.models.kernels.poisson_climb import Peak, solve, solve_weeks
from offtake.models.kernels.poisson_moments import (
    Component,
    add_weeks,
    by_week,
    curvature_of,
    fitted,
    row_sums,
)
from offtake.models.kernels.poisson_rows import Block, Floats, Panel

GONE = 1e-12
"""Part of its information at which a week counts as lost."""


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Slopes without each cluster in turn.

    Parameters
    ----------
    changes
        (C, K) slopes without the cluster less those of all; NaN for a dropped column.
    covariance
        (K, K): (C - 1) / C times the sum of their outer products; NaN where there is one cluster.
    """

    changes: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class _Part:
    """The moments of the rows of one cluster in one component; scores instead of gradients."""

    weeks: Component
    curvature: Floats
    gradient: Floats


def jackknife(panel: Panel, peak: Peak) -> Jackknife:
    """Leave every cluster out in turn.

    Parameters
    ----------
    panel
        The rows, in the order of component and cluster.
    peak
        Their maximum.
    """
    lost, pull = _without(panel, peak)
    at = np.ix_(peak.kept, peak.kept)
    changes = np.full((len(lost), panel.columns), np.nan)
    for cluster, (less, toward) in enumerate(zip(lost, pull, strict=True)):
        changes[cluster, peak.kept] = solve((peak.information - less)[at], toward[peak.kept])
    count = len(changes)
    covariance = changes.T @ changes * (count - 1) / count if count > 1 else np.nan * lost[0]
    return Jackknife(changes, covariance)


def _without(panel: Panel, peak: Peak) -> tuple[Floats, Floats]:
    """Return by cluster the information it holds, (C, K, K), and the pull of all others, (C, K)."""
    found: dict[int, tuple[Floats, Floats]] = {}
    for component, cluster, part in _parts(panel, peak):
        less, toward = _loss(peak, component, part)
        before = found.get(cluster)
        found[cluster] = (
            (less, toward) if before is None else (before[0] + less, before[1] + toward)
        )
    count = max(found) + 1
    return (
        np.stack([found[cluster][0] for cluster in range(count)]),
        np.stack([found[cluster][1] for cluster in range(count)]),
    )


def _loss(peak: Peak, component: int, part: _Part) -> tuple[Floats, Floats]:
    """Solve the weeks of one component out without one cluster."""
    whole, solved = peak.moments.components[component], peak.solved[component]
    # A week that only this cluster has goes with it: what is left of it is rounding.
    left = np.diag(whole.curvature) - np.diag(part.weeks.curvature)
    live = left > GONE * np.diag(whole.curvature)
    rest = Component(
        gradient=-part.weeks.gradient * live,
        curvature=(whole.curvature - part.weeks.curvature) * np.outer(live, live),
        crossed=(whole.crossed - part.weeks.crossed) * live[:, None],
    )
    if rest.gradient.size == 1:
        return part.curvature, -part.gradient
    without = solve_weeks(rest)
    all_swept = whole.crossed[1:].T @ solved.crossed
    rest_swept = rest.crossed[1:].T @ without.crossed
    pull = -part.gradient - without.crossed.T @ rest.gradient[1:]
    return part.curvature + rest_swept - all_swept, pull


def _parts(panel: Panel, peak: Peak) -> Iterator[tuple[int, int, _Part]]:
    """Give the moments of every cluster in every component it has rows in."""
    place: tuple[int, int] | None = None
    part: _Part | None = None
    for block in panel.blocks():
        for piece in _by_cluster(block):
            here = (block.component, int(piece.cluster[0]))
            more = _part(piece, peak)
            if part is not None and here == place:
                part = _joined(part, more)
                continue
            if part is not None and place is not None:
                yield *place, part
            place, part = here, more
    if part is not None and place is not None:
        yield *place, part


def _by_cluster(block: Block) -> Iterator[Block]:
    cuts = np.flatnonzero(np.diff(block.cluster, prepend=-1, append=-1))
    for first, last in pairwise(cuts.tolist()):
        at = slice(int(block.starts[first]), int(block.starts[last]))
        yield replace(
            block,
            y=block.y[at],
            x=block.x[at],
            offset=None if block.offset is None else block.offset[at],
            week=block.week[at],
            starts=block.starts[first : last + 1] - block.starts[first],
            totals=block.totals[first:last],
            cluster=block.cluster[first:last],
        )


def _part(block: Block, peak: Peak) -> _Part:
    effects = peak.effects[block.component]
    mean, _ = fitted(block, peak.slopes, effects)
    residual = block.y - mean
    by_group = row_sums(block, mean) @ block.x
    size, count = effects.size, block.x.shape[1]
    weeks = Component(np.zeros(size), np.zeros((size, size)), np.zeros((size, count)))
    if size > 1:
        add_weeks(weeks, block, mean, by_group)
        weeks.gradient[:] += by_week(block, residual, size).sum(axis=0)
    return _Part(weeks, curvature_of(block, mean, by_group), residual @ block.x)


def _joined(one: _Part, other: _Part) -> _Part:
    weeks = Component(
        one.weeks.gradient + other.weeks.gradient,
        one.weeks.curvature + other.weeks.curvature,
        one.weeks.crossed + other.weeks.crossed,
    )
    return _Part(weeks, one.curvature + other.curvature, one.gradient + other.gradient)
