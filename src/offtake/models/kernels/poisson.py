"""Poisson regression with one set of group effects concentrated out, and optional week effects.

For given slopes the best effect of a group has a closed form, so Newton's method needs only the
slopes and the week effects: it climbs the profile likelihood (:mod:`.poisson_moments`), with the
week effects solved out exactly (:mod:`.poisson_climb`).

References
----------
Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., section 9.4.
Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum likelihood
estimates for generalized linear models. arXiv:1903.01633.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers, codes, matrix, vector
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_blocks import Layout, Panel
from offtake.models.kernels.poisson_climb import Peak, Scores, climb, sandwich, scores
from offtake.models.kernels.poisson_pass import log_factorials, pooled
from offtake.models.kernels.poisson_rows import Given, Rows, used_rows
from offtake.models.kernels.threads import one_thread

KNOWN = 256
"""Counts below this have their log factorials looked up."""


@dataclass(frozen=True, slots=True)
class PoissonEstimates:
    """A fitted regression: ``mean = exp(group effect + week effect + x b + offset)``.

    Parameters
    ----------
    coefficients
        (K,) slopes; NaN for a dropped column.
    covariance
        (K, K) cluster-robust covariance of the slopes, with the factor C / (C - 1) for C
        clusters; NaN for dropped columns, and everywhere when there is but one cluster.
    model_covariance
        (K, K) inverse of the information: right for counts that are Poisson given the mean.
    group_effects
        (G,) by group code, -inf for a group without sales, NaN for a code that has no row.
    week_effects
        (W,) by week code relative to the first that sold in its component (weeks that hang
        together through groups), -inf for a week without sales, NaN for a code that has no row;
        (0,) when no weeks were given.
    log_likelihood
        Of the Poisson distribution, with its constant.
    iterations
        Newton steps taken.
    converged
        Whether the last step was negligible and no column was separated.
    rows
        Rows used: those whose mean is above 0 at the maximum.
    dropped_groups
        Number of groups in which every count is zero.
    dropped_columns
        Columns of the regressors that are constant within groups or follow from weeks and earlier
        columns.
    dropped_weeks
        First week codes of further components: they cannot be told from the others given the
        groups, and are held at 0.
    separated_columns
        Columns whose slope runs off to infinity because only rows without sales differ in them.
    separated_rows
        Rows without sales that were left out although their group and week sold: group and week
        effects can push their mean to 0, and nothing pushes back.
    """

    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    group_effects: Floats
    week_effects: Floats
    log_likelihood: float
    iterations: int
    converged: bool
    rows: int
    dropped_groups: int
    dropped_columns: tuple[int, ...]
    dropped_weeks: tuple[int, ...]
    separated_columns: tuple[int, ...]
    separated_rows: int

    @property
    def standard_errors(self) -> Floats:
        """(K,) cluster-robust standard errors."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class PoissonFit(PoissonEstimates):
    """A fitted regression of rows in memory.

    Parameters
    ----------
    mean
        (N,) fitted mean of every row given, 0 in rows not used.
    """

    mean: Floats


def fit_poisson(
    y: ArrayLike,
    x: ArrayLike,
    groups: ArrayLike,
    *,
    weeks: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> PoissonFit:
    """Fit counts by regressors, an effect for every group and, if wanted, one for every week.

    Parameters
    ----------
    y
        (N,) counts or amounts, not negative.
    x
        (N, K) regressors without a constant; K may be 0.
    groups
        (N,) codes 0, 1, ... of the groups, e.g. pairs of store and product.
    weeks
        (N,) codes 0, 1, ... of a second factor, e.g. categories and weeks.
    offset
        (N,) known part of the log mean.
    clusters
        (N,) codes of what is independent of each other, e.g. stores; a group must lie in one
        cluster. Without it the groups are the clusters.

    Returns
    -------
    PoissonFit
        With everything in the order of the rows, columns and codes given.

    Raises
    ------
    BadInputError
        When shapes disagree, a value is not finite, `y` is negative or all zero, a code is not an
        integer >= 0, or a group lies in two clusters.

    Examples
    --------
    Each promotion sells twice what the same shop sells without it.

    >>> fit = fit_poisson([1, 2, 5, 10, 0, 0], [[0], [1], [0], [1], [0], [1]], [0, 0, 1, 1, 2, 2])
    >>> np.round(np.exp(fit.coefficients), 6).tolist(), fit.dropped_groups, fit.rows
    ([2.0], 1, 4)
    """
    given = checked(y, x, groups, weeks=weeks, offset=offset, clusters=clusters)
    rows = used_rows(given)
    return finished(given, rows, climb(rows))


def checked(
    y: ArrayLike,
    x: ArrayLike,
    groups: ArrayLike,
    *,
    weeks: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> Given:
    """Return the arrays of :func:`fit_poisson` checked; the same arguments and errors.

    The errors about all rows together, that none sold and that a group lies in two clusters, come
    later.
    """
    counts = vector("y", y)
    if counts.min(initial=0.0) < 0:
        raise BadInputError(f"y: got {counts.min()}, allowed: numbers >= 0")
    size = counts.size
    return Given(
        y=counts,
        x=matrix("x", x, size),
        group=codes("groups", groups, size),
        week=codes("weeks", weeks, size) if weeks is not None else None,
        offset=vector("offset", offset, size) if offset is not None else None,
        cluster=codes("clusters", clusters, size) if clusters is not None else None,
    )


def finished(given: Given, rows: Rows, peak: Peak) -> PoissonFit:
    """Return everything in the order of the rows, columns and codes given."""
    mean = np.zeros(given.group.size)
    found = estimates(rows, peak, _noted(scores(rows, peak), rows, mean))
    return PoissonFit(**{each.name: getattr(found, each.name) for each in fields(found)}, mean=mean)


def _noted(found: Iterable[Scores], rows: Rows, mean: Floats) -> Iterator[Scores]:
    """Pass scores on, and write the means down in the order given."""
    done = 0
    for each in found:
        here = slice(done, done + each.mean.size)
        mean[here if isinstance(rows.order, slice) else rows.order[here]] = each.mean
        done = here.stop
        yield each


def estimates(panel: Panel, peak: Peak, found: Iterable[Scores]) -> PoissonEstimates:
    """Return everything but the means, in the order of the columns and codes given.

    Parameters
    ----------
    panel
        The rows.
    peak
        Their maximum.
    found
        Their scores there.
    """
    layout, kept = panel.layout, peak.kept
    with one_thread():
        seen = _summed(found, np.zeros((layout.clusters, panel.columns)))
    levels = seen.levels - panel.centre @ peak.slopes
    return PoissonEstimates(
        coefficients=np.where(kept, peak.slopes, np.nan),
        covariance=sandwich(peak, seen.by_cluster),
        model_covariance=peak.inverse,
        group_effects=_by_code(layout.groups_seen, layout.group_codes, levels),
        week_effects=_week_effects(layout, peak),
        log_likelihood=seen.height,
        iterations=peak.steps,
        converged=peak.converged,
        rows=layout.rows,
        dropped_groups=int(np.count_nonzero(layout.groups_seen)) - layout.group_codes.size,
        dropped_columns=tuple(np.flatnonzero(~kept).tolist()),
        dropped_weeks=tuple(int(codes[0]) for codes in layout.week_codes[1:]),
        separated_columns=tuple(np.flatnonzero(peak.separated).tolist()),
        separated_rows=layout.separated,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """All rows at the maximum: scores by cluster, (C, K), group effects, (G,), log-likelihood."""

    by_cluster: Floats
    levels: Floats
    height: float


def _summed(found: Iterable[Scores], by_cluster: Floats) -> _Seen:
    """Add up scores by cluster, in place, and the log-likelihood."""
    levels, height, known = [], 0.0, gammaln(np.arange(KNOWN) + 1.0)
    for each in found:
        compiled(pooled)(each.by_group, each.block.cluster, by_cluster)
        levels.append(each.level)
        totals = each.block.totals
        # The height leaves out what the totals of the groups say.
        height += each.height + float(totals @ (np.log(totals) - 1))
        height -= compiled(log_factorials)(each.block.y, known)
    return _Seen(by_cluster, np.concatenate(levels), height)


def _week_effects(layout: Layout, peak: Peak) -> Floats:
    if not layout.weeks_seen.size:
        return np.zeros(0)
    used = np.concatenate(layout.week_codes)
    return _by_code(layout.weeks_seen, used, np.concatenate(peak.effects))


def _by_code(seen: Flags, used: Integers, effects: Floats) -> Floats:
    """Put effects at their codes: -inf for a code without sales, NaN for one without rows."""
    by_code = np.where(seen, -np.inf, np.nan)
    by_code[used] = effects
    return by_code
