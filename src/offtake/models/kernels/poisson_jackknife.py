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

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.poisson_blocks import Block, Panel
from offtake.models.kernels.poisson_climb import Peak, solve, solve_weeks
from offtake.models.kernels.poisson_moments import Component, Sums, add, fitted, nothing
from offtake.models.kernels.threads import one_thread

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


def jackknife(panel: Panel, peak: Peak) -> Jackknife:
    """Leave every cluster out in turn.

    Parameters
    ----------
    panel
        The rows, in the order of component and cluster.
    peak
        Their maximum.
    """
    with one_thread():
        changes = _changes(panel, peak)
    count = len(changes)
    factor = (count - 1) / count if count > 1 else np.nan
    return Jackknife(changes, changes.T @ changes * factor)


def _changes(panel: Panel, peak: Peak) -> Floats:
    lost, pull = _without(panel, peak)
    at = np.ix_(peak.kept, peak.kept)
    changes = np.full((len(lost), panel.columns), np.nan)
    for cluster, (less, toward) in enumerate(zip(lost, pull, strict=True)):
        changes[cluster, peak.kept] = solve((peak.information - less)[at], toward[peak.kept])
    return changes


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


def _loss(peak: Peak, component: int, part: Sums) -> tuple[Floats, Floats]:
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


def _parts(panel: Panel, peak: Peak) -> Iterator[tuple[int, int, Sums]]:
    """Give the moments of every cluster in every component it has rows in."""
    place, part = (-1, -1), nothing(1, 0)
    for block in panel.blocks():
        effects = peak.effects[block.component]
        for piece in _by_cluster(block):
            here = (block.component, int(piece.cluster[0]))
            if here != place:
                if place[0] >= 0:
                    yield *place, part
                place, part = here, nothing(effects.size, panel.columns)
            add(part, piece, fitted(piece, peak.slopes, effects).mean)
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


def degrees(cluster: Integers, variance: Floats) -> float:
    """Return the degrees of freedom of a covariance that adds up over clusters (Satterthwaite).

    Each cluster adds a variance in proportion to that of its counts; a sum of unequal parts varies
    like one of fewer equal parts.

    Parameters
    ----------
    cluster
        (N,) codes.
    variance
        (N,) of the counts; 0 where a row tells nothing.

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin 2, 110-114.

    Examples
    --------
    >>> degrees(np.array([0, 1, 2, 2]), np.array([1.0, 1.0, 0.5, 0.5]))
    3.0
    """
    part = np.bincount(cluster, variance)
    squares = float(np.sum(part**2))
    return max(1.0, float(part.sum()) ** 2 / squares) if squares else 1.0
