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

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlogy

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import codes, matrix, vector
from offtake.models.kernels.poisson_climb import Peak, climb, sandwich, scores
from offtake.models.kernels.poisson_moments import linear_part
from offtake.models.kernels.poisson_rows import Floats, Given, Integers, Order, Rows, used_rows


@dataclass(frozen=True, slots=True)
class PoissonFit:
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
    mean
        (N,) fitted mean of every row given, 0 in rows not used.
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
    mean: Floats

    @property
    def standard_errors(self) -> Floats:
        """(K,) cluster-robust standard errors."""
        return np.sqrt(np.diag(self.covariance))


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
    """Return the arrays of :func:`fit_poisson` checked; the same arguments and errors."""
    counts = vector("y", y)
    if np.any(counts < 0):
        raise BadInputError(f"y: got {counts.min()}, allowed: numbers >= 0")
    size = counts.size
    group = codes("groups", groups, size)
    cluster = codes("clusters", clusters, size) if clusters is not None else group
    return Given(
        y=counts,
        x=matrix("x", x, size),
        group=group,
        week=codes("weeks", weeks, size) if weeks is not None else None,
        offset=vector("offset", offset, size) if offset is not None else None,
        cluster_of=_nested(group, cluster),
    )


def _nested(group: Integers, cluster: Integers) -> Integers:
    """Return the cluster of every group."""
    of_group = np.arange(int(group.max(initial=0)) + 1)
    if cluster is not group:
        of_group[group] = cluster
        if np.any(of_group[group] != cluster):
            raise BadInputError("clusters: got a group in two clusters, allowed: each group in one")
    return of_group


def finished(given: Given, rows: Rows, peak: Peak) -> PoissonFit:
    """Return everything in the order of the rows, columns and codes given."""
    mean = np.empty(rows.y.size)
    by_cluster = np.zeros((int(rows.cluster.max()) + 1, rows.columns))
    done = 0
    for each in scores(rows, peak):
        mean[done : done + each.mean.size] = each.mean
        np.add.at(by_cluster, each.block.cluster, each.by_group)
        done += each.mean.size
    kept = peak.kept
    return PoissonFit(
        coefficients=np.where(kept, peak.slopes, np.nan),
        covariance=sandwich(peak, by_cluster),
        model_covariance=peak.inverse,
        group_effects=_by_code(given.group, rows.group_codes, _group_effects(rows, peak)),
        week_effects=_week_effects(given, rows, peak),
        log_likelihood=float(np.sum(xlogy(rows.y, mean) - mean - gammaln(rows.y + 1))),
        iterations=peak.steps,
        converged=peak.converged,
        rows=rows.y.size,
        dropped_groups=int(np.count_nonzero(np.bincount(given.group)) - rows.group_codes.size),
        dropped_columns=tuple(np.flatnonzero(~kept).tolist()),
        dropped_weeks=tuple(int(codes[0]) for codes in rows.week_codes[1:]),
        separated_columns=tuple(np.flatnonzero(peak.separated).tolist()),
        separated_rows=rows.separated,
        mean=_spread(mean, rows.order, given.group.size),
    )


def _group_effects(rows: Rows, peak: Peak) -> Floats:
    """Return the (G,) effects: log of units over what they would be without the effect."""
    effects = []
    for block in rows.blocks():
        linear = linear_part(block, peak.slopes, peak.effects[block.component])
        top = np.maximum.reduceat(linear, block.starts[:-1])
        linear -= np.repeat(top, np.diff(block.starts))
        sums = np.add.reduceat(np.exp(linear), block.starts[:-1])
        effects.append(np.log(block.totals) - np.log(sums) - top)
    return np.concatenate(effects) - rows.centre @ peak.slopes


def _week_effects(given: Given, rows: Rows, peak: Peak) -> Floats:
    if given.week is None:
        return np.zeros(0)
    used = np.concatenate(rows.week_codes)
    return _by_code(given.week, used, np.concatenate(peak.effects))


def _by_code(given: Integers, used: Integers, effects: Floats) -> Floats:
    """Put effects at their codes: -inf for a code without sales, NaN for one without rows."""
    by_code = np.where(np.bincount(given) > 0, -np.inf, np.nan)
    by_code[used] = effects
    return by_code


def _spread(values: Floats, places: Order, size: int) -> Floats:
    full = np.zeros(size)
    full[places] = values
    return full
