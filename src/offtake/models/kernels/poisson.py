"""Poisson regression with one set of group effects concentrated out, and optional week effects.

For given slopes the best effect of a group has a closed form, ``log(sum y / sum exp(x b))``, so
Newton's method needs only the slopes: it climbs the profile likelihood, whose Hessian is the full
one with the group effects swept out. Week effects are dummies that are never materialised: their
moments are sums per week, and per group and week in blocks of groups.

References
----------
Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., section 9.4.
Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum likelihood
estimates for generalized linear models. arXiv:1903.01633.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

from offtake.errors import BadInputError
from offtake.models.kernels.poisson_rows import (
    Floats,
    Integers,
    Rows,
    linear_part,
    profile,
    slope,
    used_rows,
)

ITERATIONS = 60
HALVINGS = 30
# Newton's decrement is the squared length of the next step in standard errors.
DECREMENT = 1e-14
# A column whose squared norm shrinks by this factor, given the others, is a combination of them.
COLLINEAR = 1e-9
# A column that keeps so little of its information runs off to infinity.
SEPARATED = 1e-8


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
        (W,) by week code relative to the first that sold, -inf for a week without sales, NaN for
        a code that has no row; (0,) when no weeks were given.
    log_likelihood
        Of the Poisson distribution, with its constant.
    iterations
        Newton steps taken.
    converged
        Whether the last step was negligible and no column was separated.
    rows
        Rows used: those of groups and weeks that sold something.
    dropped_groups
        Number of groups in which every count is zero.
    dropped_columns
        Columns of the regressors that are constant within groups or follow from weeks and earlier
        columns.
    dropped_weeks
        Week codes that cannot be told from the others given the groups; their effect is held at 0.
    separated_columns
        Columns whose slope runs off to infinity because only rows without sales differ in them.
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
    mean: Floats

    @property
    def standard_errors(self) -> Floats:
        """(K,) cluster-robust standard errors."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class _Peak:
    """Where Newton's method stopped; b: (W - 1 + K,) with week effects first, kept: mask."""

    b: Floats
    kept: NDArray[np.bool_]
    hessian: Floats
    first_hessian: Floats
    iterations: int
    converged: bool


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
        (N,) codes 0, 1, ... of a second factor; the first that sold is the reference.
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
    counts = _vector("y", y)
    if np.any(counts < 0):
        raise BadInputError(f"y: got {counts.min()}, allowed: numbers >= 0")
    size = counts.size
    design = _matrix(x, size)
    group = _codes("groups", groups, size)
    week = _codes("weeks", weeks, size) if weeks is not None else np.zeros(size, np.int64)
    cluster = _codes("clusters", clusters, size) if clusters is not None else group
    _check_nested(group, cluster)
    shift = _vector("offset", offset, size) if offset is not None else np.zeros(size)
    rows = used_rows(counts, design, group, week, shift)
    peak = _climb(rows)
    return _result(rows, peak, (group, week if weeks is not None else None, cluster))


def _vector(name: str, values: ArrayLike, size: int | None = None) -> Floats:
    array = _numbers(name, values)
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: {wanted}")
    return array


def _matrix(values: ArrayLike, size: int) -> Floats:
    array = _numbers("x", values)
    if array.ndim != 2 or array.shape[0] != size:
        raise BadInputError(f"x: got shape {array.shape}, allowed: ({size}, K)")
    return array


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{name}: got {error}, allowed: an array of numbers") from error
    if not np.all(np.isfinite(array)):
        count = int(np.sum(~np.isfinite(array)))
        raise BadInputError(f"{name}: got {count} values that are not finite, allowed: none")
    return array


def _codes(name: str, values: ArrayLike, size: int) -> Integers:
    array: NDArray[Any] = np.asarray(values)
    if array.shape != (size,):
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: ({size},)")
    if array.dtype.kind not in "iu" or np.any(array < 0):
        raise BadInputError(f"{name}: got {array.dtype} {array[:3]}, allowed: integers >= 0")
    return array.astype(np.int64)


def _check_nested(group: Integers, cluster: Integers) -> None:
    of_group = np.zeros(int(group.max(initial=0)) + 1, np.int64)
    of_group[group] = cluster
    if np.any(of_group[group] != cluster):
        raise BadInputError("clusters: got a group in two clusters, allowed: each group in one")


def _independent(hessian: Floats) -> NDArray[np.bool_]:
    """Mark the columns that do not follow from earlier ones, by sweeping one after the other."""
    left, scale = hessian.copy(), np.diag(hessian).copy()
    kept = np.zeros(scale.size, dtype=bool)
    for j in range(scale.size):
        kept[j] = left[j, j] > COLLINEAR * scale[j]
        if kept[j]:
            left -= np.outer(left[:, j], left[j]) / left[j, j]
    return kept


def _climb(rows: Rows) -> _Peak:
    b = np.zeros(rows.parameters)
    gradient, hessian = slope(rows, b)
    first, kept = hessian, _independent(hessian)
    height = profile(rows, b)
    for iteration in range(ITERATIONS):
        step = np.zeros_like(b)
        step[kept] = _solve(hessian[np.ix_(kept, kept)], gradient[kept])
        b, height = _step_up(rows, b, step, height)
        decrement = float(step @ gradient)
        gradient, hessian = slope(rows, b)
        if decrement <= DECREMENT:
            return _Peak(b, kept, hessian, first, iteration + 1, True)
    return _Peak(b, kept, hessian, first, ITERATIONS, False)


def _solve(matrix: Floats, right: Floats) -> Floats:
    """Solve for (P,) or (P, C) after scaling the diagonal to one: small columns keep digits."""
    if right.size == 0:
        return right
    scale = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    scaled = matrix / np.outer(scale, scale)
    columns = right.reshape(scale.size, -1) / scale[:, None]
    solved = np.linalg.lstsq(scaled, columns, rcond=None)[0] / scale[:, None]
    return np.asarray(solved, dtype=np.float64).reshape(right.shape)


def _step_up(rows: Rows, b: Floats, step: Floats, height: float) -> tuple[Floats, float]:
    """Take the step, halved until the likelihood does not fall by more than rounding."""
    for _ in range(HALVINGS):
        reached = profile(rows, b + step)
        if reached >= height - 1e-12 * (1.0 + abs(height)):
            return b + step, reached
        step = step / 2
    return b, height


def _covariance(rows: Rows, peak: _Peak, cluster: Integers, mean: Floats) -> Floats:
    """Sandwich of the slopes: (K, K). Groups lie in clusters, so their own scores cancel."""
    _, code = np.unique(cluster[rows.order], return_inverse=True)
    count = int(code.max()) + 1
    if count == 1:
        return np.full((rows.x.shape[1], rows.x.shape[1]), np.nan)
    scores = _scores(rows, code, rows.y - mean)[:, peak.kept]
    half = _solve(peak.hessian[np.ix_(peak.kept, peak.kept)], scores.T)
    return _of_slopes(half @ half.T * count / (count - 1), rows, peak)


def _model_covariance(rows: Rows, peak: _Peak) -> Floats:
    kept = np.ix_(peak.kept, peak.kept)
    return _of_slopes(_solve(peak.hessian[kept], np.eye(int(peak.kept.sum()))), rows, peak)


def _of_slopes(covariance: Floats, rows: Rows, peak: _Peak) -> Floats:
    """Cut the slopes out of the covariance of all kept parameters: (K, K), NaN if dropped."""
    weeks = rows.weeks - 1
    whole = np.full((rows.parameters, rows.parameters), np.nan)
    whole[np.ix_(peak.kept, peak.kept)] = covariance
    return whole[weeks:, weeks:]


def _scores(rows: Rows, code: Integers, residual: Floats) -> Floats:
    """Sum of residual times each column, by cluster: (C, W - 1 + K)."""
    count = int(code.max()) + 1
    by_week = np.bincount(code * rows.weeks + rows.week, residual, minlength=count * rows.weeks)
    by_column = [np.bincount(code, residual * column, minlength=count) for column in rows.x.T]
    return np.column_stack([by_week.reshape(count, rows.weeks)[:, 1:], *by_column])


def _result(
    rows: Rows, peak: _Peak, codes: tuple[Integers, Integers | None, Integers]
) -> PoissonFit:
    group, week, cluster = codes
    weeks, slopes = rows.weeks - 1, peak.b[rows.weeks - 1 :]
    linear = linear_part(rows, peak.b, slice(0, rows.y.size))
    top = np.maximum.reduceat(linear, rows.starts)
    raised = np.add.reduceat(np.exp(linear - top[rows.group]), rows.starts)
    effects = np.log(rows.totals) - np.log(raised) - top
    mean = np.exp(linear + effects[rows.group])
    kept = peak.kept[weeks:]
    separated = _separated(peak, weeks)
    return PoissonFit(
        coefficients=np.where(kept, slopes, np.nan),
        covariance=_covariance(rows, peak, cluster, mean),
        model_covariance=_model_covariance(rows, peak),
        group_effects=_by_code(group, rows.group_codes, effects - rows.centre @ slopes),
        week_effects=np.zeros(0) if week is None else _by_code(
            week, rows.week_codes, np.concatenate([[0.0], peak.b[:weeks]])
        ),
        log_likelihood=float(np.sum(xlogy(rows.y, mean) - mean - gammaln(rows.y + 1))),
        iterations=peak.iterations,
        converged=peak.converged and not separated,
        rows=rows.y.size,
        dropped_groups=int(np.unique(group).size - rows.group_codes.size),
        dropped_columns=tuple(np.flatnonzero(~kept).tolist()),
        dropped_weeks=tuple(rows.week_codes[1:][~peak.kept[:weeks]].tolist()),
        separated_columns=separated,
        mean=_spread(mean, rows.order, group.size),
    )  # fmt: skip


def _separated(peak: _Peak, weeks: int) -> tuple[int, ...]:
    before, after = np.diag(peak.first_hessian)[weeks:], np.diag(peak.hessian)[weeks:]
    lost = peak.kept[weeks:] & (after <= SEPARATED * before)
    return tuple(np.flatnonzero(lost).tolist())


def _by_code(given: Integers, used: Integers, effects: Floats) -> Floats:
    """Put effects at their codes: -inf for a code without sales, NaN for one without rows."""
    by_code = np.full(int(given.max()) + 1, np.nan)
    by_code[given] = -np.inf
    by_code[used] = effects
    return by_code


def _spread(values: Floats, places: Integers, size: int) -> Floats:
    full = np.zeros(size)
    full[places] = values
    return full
