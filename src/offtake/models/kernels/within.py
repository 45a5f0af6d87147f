"""Least squares with an effect for every group, and a separate fit for every group.

The group effects are concentrated out: taking group means off both sides leaves the same slopes
(Frisch, Waugh and Lovell), so that no dummy variable is ever made. For the log of sales of dense
panels; counts with zeros belong to :mod:`.poisson`.

References
----------
Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., ch. 10.
Cameron, A. C. and Miller, D. L. (2015). A practitioner's guide to cluster-robust inference.
Journal of Human Resources 50, 317-372.
Correia, S. (2015). Singletons, cluster-robust standard errors and fixed effects: a bad mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, Integers, codes, matrix, vector

CONSTANT = 1e-10
"""A column has no variation within groups when what is left is below this share of its size."""
COLLINEAR = 1e-8
"""A column follows from earlier ones when what they leave is below this share of it."""
SINGULAR = 1e-10
"""Eigenvalue of a group's correlation matrix below which a direction is not identified."""
TOUCHED = 1e-6
"""Squared share of a coefficient in the directions not identified above which it is not either."""


@dataclass(frozen=True, slots=True)
class WithinFit:
    """A fitted regression: ``y = group effect + x b + error``.

    Parameters
    ----------
    coefficients
        (K,) slopes; NaN for a dropped column.
    covariance
        (K, K) classic covariance of the slopes, with N - G - K degrees of freedom; NaN for
        dropped columns, and everywhere when no degree of freedom is left.
    cluster_covariance
        (K, K) cluster-robust covariance with the factor C / (C - 1) * (N - 1) / (N - p) (CR1) for
        C clusters and N rows outside singletons. p counts slopes and group effects, but the
        effects as one when each group lies in one cluster. NaN where there are not two clusters.
    group_effects
        (G,) by group code; NaN for a code that has no row.
    residual_sd
        Standard deviation of the error, in the units of y; NaN without degrees of freedom.
    degrees
        Degrees of freedom N - G - K, with K the columns kept.
    rows
        Rows given.
    clusters
        Number of clusters with a row outside singletons.
    r2_within
        Share of the variation within groups that the regressors explain; NaN without any.
    dropped_columns
        Columns of the regressors that are constant within groups or follow from earlier columns.
    singletons
        Number of groups with one row: they say nothing about slopes.
    """

    coefficients: Floats
    covariance: Floats
    cluster_covariance: Floats
    group_effects: Floats
    residual_sd: float
    degrees: int
    rows: int
    clusters: int
    r2_within: float
    dropped_columns: tuple[int, ...]
    singletons: int

    @property
    def standard_errors(self) -> Floats:
        """(K,) classic standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def cluster_errors(self) -> Floats:
        """(K,) cluster-robust standard errors."""
        return np.sqrt(np.diag(self.cluster_covariance))


@dataclass(frozen=True, slots=True)
class GroupFits:
    """One regression per group: ``y = intercept + x b + error``, with its own error variance.

    Parameters
    ----------
    estimates
        (G, 1 + K) by group code, the intercept first; NaN where the rows of the group do not
        identify the coefficient (its regressor does not vary, or follows from others).
    covariances
        (G, 1 + K, 1 + K) covariances; NaN in rows and columns of what is not identified, and
        everywhere in a group without degrees of freedom.
    residual_variances
        (G,) error variances, in squared units of y; NaN without degrees of freedom.
    degrees
        (G,) degrees of freedom: rows less identified directions; 0 for a code without rows.
    usable
        (G,) whether all coefficients are identified with a degree of freedom left.
    """

    estimates: Floats
    covariances: Floats
    residual_variances: Floats
    degrees: Integers
    usable: Flags


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows by group, codes made dense, with what sums over groups need.

    Parameters
    ----------
    place
        (N,) place of each row's group among the codes that occur.
    present
        (g,) the codes that occur, ascending.
    counts
        (g,) rows of each.
    """

    place: Integers
    present: Integers
    counts: Integers

    def sums(self, columns: Floats) -> Floats:
        """Return the (g, K) sums of (N, K) columns over the rows of each group."""
        sums = np.empty((self.present.size, columns.shape[1]))
        for place, column in enumerate(columns.T):
            sums[:, place] = np.bincount(self.place, column, self.present.size)
        return sums

    def centred(self, columns: Floats) -> tuple[Floats, Floats]:
        """Return the (g, K) means over the rows of each group, and the (N, K) columns less them."""
        means = self.sums(columns) / self.counts[:, None]
        return means, columns - means[self.place]

    def by_code(self, values: NDArray[Any], fill: float) -> NDArray[Any]:
        """Put values (g, ...) at their codes, and `fill` elsewhere."""
        full = np.full((int(self.present[-1]) + 1, *values.shape[1:]), fill, values.dtype)
        full[self.present] = values
        return full


def fit_within(
    y: ArrayLike, x: ArrayLike, groups: ArrayLike, *, clusters: ArrayLike | None = None
) -> WithinFit:
    """Fit y by regressors and an effect for every group.

    Parameters
    ----------
    y
        (N,) outcome, e.g. log units.
    x
        (N, K) regressors without a constant; K may be 0.
    groups
        (N,) codes 0, 1, ... of the groups, e.g. pairs of store and product.
    clusters
        (N,) codes of what is independent of each other, e.g. stores. Without it the groups are
        the clusters.

    Returns
    -------
    WithinFit
        With everything in the order of the columns and codes given.

    Raises
    ------
    BadInputError
        When there are no rows, shapes disagree, a value is not finite, or a code is not an
        integer >= 0.

    Examples
    --------
    Volume falls by 2 % for each per cent of price, from a level of its own in each shop.

    >>> price = np.array([1.0, 1.2, 1.5, 1.0, 2.0])
    >>> volume = np.array([100.0, 100.0, 100.0, 7.0, 7.0]) * price**-2
    >>> fit = fit_within(np.log(volume), np.log(price)[:, None], [0, 0, 0, 1, 1])
    >>> fit.coefficients.round(6).tolist(), np.exp(fit.group_effects).round(6).tolist()
    ([-2.0], [100.0, 7.0])
    """
    outcome, regressors, by_group = _checked(y, x, groups)
    cluster = codes("clusters", clusters, outcome.size) if clusters is not None else None
    level, centred = by_group.centred(outcome[:, None])
    means, inner_x = by_group.centred(regressors)
    inner_y = centred[:, 0]
    kept = _independent(inner_x, np.sqrt(np.sum(regressors**2, axis=0)))
    root, slopes = _least_squares(inner_x[:, kept], inner_y)
    residual = inner_y - inner_x[:, kept] @ slopes
    degrees = outcome.size - by_group.present.size - int(kept.sum())
    variance = float(residual @ residual) / degrees if degrees > 0 else np.nan
    robust, count = _robust(root, inner_x[:, kept] * residual[:, None], by_group, cluster)
    total = float(inner_y @ inner_y)
    return WithinFit(
        coefficients=_spread(slopes, kept),
        covariance=_spread_square(root @ root.T * variance, kept),
        cluster_covariance=_spread_square(robust, kept),
        group_effects=by_group.by_code(level[:, 0] - means[:, kept] @ slopes, np.nan),
        residual_sd=float(np.sqrt(variance)),
        degrees=degrees,
        rows=outcome.size,
        clusters=count,
        r2_within=1 - float(residual @ residual) / total if total > 0 else np.nan,
        dropped_columns=tuple(np.flatnonzero(~kept).tolist()),
        singletons=int(np.sum(by_group.counts == 1)),
    )


def fit_each(y: ArrayLike, x: ArrayLike, groups: ArrayLike) -> GroupFits:
    """Fit y by an intercept and regressors in every group on its own.

    Parameters
    ----------
    y
        (N,) outcome, e.g. log units.
    x
        (N, K) regressors without a constant; K may be 0.
    groups
        (N,) codes 0, 1, ... of the groups.

    Returns
    -------
    GroupFits
        By group code. What a group identifies does not depend on what it does not.

    Raises
    ------
    BadInputError
        When there are no rows, shapes disagree, a value is not finite, or a code is not an
        integer >= 0.

    Examples
    --------
    The regressor never moves in the second group.

    >>> fits = fit_each([1, 3, 5.5, 4, 6], [[0], [1], [2], [0], [0]], [0, 0, 0, 1, 1])
    >>> fits.estimates.round(3).tolist(), fits.usable.tolist()
    ([[0.917, 2.25], [5.0, nan]], [True, False])
    """
    outcome, regressors, by_group = _checked(y, x, groups)
    level, inner_y = by_group.centred(outcome[:, None])
    means, inner_x = by_group.centred(regressors)
    scale, inner_x = _scaled(inner_x, regressors, by_group)
    means = means / scale
    inverse, missing = _pseudo_inverses(_cross_products(inner_x, by_group))
    moments = by_group.sums(inner_x * inner_y)
    slopes = np.einsum("gij,gj->gi", inverse, moments)
    residual = inner_y[:, 0] - np.einsum("ni,ni->n", inner_x, slopes[by_group.place])
    degrees = by_group.counts - _rank(missing)
    squares = by_group.sums(residual[:, None] ** 2)[:, 0]
    variance = np.where(degrees > 0, squares / np.maximum(degrees, 1), np.nan)
    known = _identified(missing, means)
    intercept = level[:, 0] - np.einsum("gi,gi->g", means, slopes)
    units = np.column_stack([np.ones(intercept.size), scale])
    covariance = _with_intercept(inverse, means, by_group.counts) * variance[:, None, None]
    both_known = known[:, :, None] & known[:, None, :]
    scaled = np.where(both_known, covariance, np.nan) / (units[:, :, None] * units[:, None, :])
    estimates = np.where(known, np.column_stack([intercept, slopes]), np.nan) / units
    return GroupFits(
        estimates=by_group.by_code(estimates, np.nan),
        covariances=by_group.by_code(scaled, np.nan),
        residual_variances=by_group.by_code(variance, np.nan),
        degrees=by_group.by_code(degrees, 0),
        usable=by_group.by_code(known.all(axis=1) & (degrees > 0), fill=False),
    )


def _checked(y: ArrayLike, x: ArrayLike, groups: ArrayLike) -> tuple[Floats, Floats, _Groups]:
    outcome = vector("y", y)
    if not outcome.size:
        raise BadInputError("y: got no rows, allowed: at least one")
    group = codes("groups", groups, outcome.size)
    present, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    return outcome, matrix("x", x, outcome.size), _Groups(place, present, counts)


def _independent(inner: Floats, sizes: Floats) -> Flags:
    """Tell which columns vary and do not follow from earlier ones, (K,)."""
    kept = np.zeros(sizes.size, dtype=bool)
    basis = np.empty((inner.shape[0], 0))
    for place, column in enumerate(inner.T):
        size = float(np.linalg.norm(column))
        if size <= CONSTANT * sizes[place]:
            continue
        rest = column / size
        for _ in range(2):  # once more takes off what rounding left
            rest = rest - basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        if left > COLLINEAR:
            kept[place] = True
            basis = np.column_stack([basis, rest / left])
    return kept


def _least_squares(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the inverse of R in X = Q R, whose square is the inverse of X'X, and the slopes."""
    basis, root = np.linalg.qr(x)
    inverse = np.linalg.solve(root, np.eye(root.shape[0]))
    return inverse, inverse @ (basis.T @ y)


def _robust(
    root: Floats, scores: Floats, by_group: _Groups, cluster: Integers | None
) -> tuple[Floats, int]:
    """Return the CR1 covariance and the number of clusters."""
    used = by_group.counts[by_group.place] > 1
    of_row = by_group.place[used] if cluster is None else cluster[used]
    group, rows, columns = by_group.place[used], int(used.sum()), root.shape[0]
    present, place = np.unique(of_row, return_inverse=True)
    nested = np.unique(np.column_stack([group, place]), axis=0).shape[0] == np.unique(group).size
    free = rows - columns - (1 if nested else np.unique(group).size)
    if present.size < 2 or free <= 0:
        return np.full((columns, columns), np.nan), present.size
    sums = np.zeros((present.size, columns))
    np.add.at(sums, place, scores[used])
    half = sums @ root @ root.T
    factor = present.size / (present.size - 1) * (rows - 1) / free
    return half.T @ half * factor, present.size


def _spread(values: Floats, kept: Flags) -> Floats:
    full = np.full(kept.size, np.nan)
    full[kept] = values
    return full


def _spread_square(values: Floats, kept: Flags) -> Floats:
    full = np.full((kept.size, kept.size), np.nan)
    full[np.ix_(kept, kept)] = values
    return full


def _scaled(inner: Floats, raw: Floats, by_group: _Groups) -> tuple[Floats, Floats]:
    """Return the (g, K) sizes of columns within groups, and the columns over their size.

    A column that stands still in a group is 0 there, with a size of 1.
    """
    inside, size = (np.sqrt(by_group.sums(each**2)) for each in (inner, raw))
    still = inside <= CONSTANT * size
    scale = np.where(still, 1.0, inside)
    return scale, np.where(still[by_group.place], 0.0, inner / scale[by_group.place])


def _cross_products(inner: Floats, by_group: _Groups) -> Floats:
    """Return the (g, K, K) sums of products: one pass over the rows for each column."""
    columns = range(inner.shape[1])
    rows = [by_group.sums(inner * inner[:, [i]]) for i in columns]
    return np.stack(rows, axis=1) if rows else np.empty((by_group.present.size, 0, 0))


def _pseudo_inverses(products: Floats) -> tuple[Floats, Floats]:
    """Return the pseudo-inverses and the projections on what is not identified, (g, K, K) each."""
    values, vectors = np.linalg.eigh(products)
    null = values <= SINGULAR
    weights = np.where(null, 0.0, 1 / np.where(null, 1.0, values))
    inverse = (vectors * weights[:, None, :]) @ vectors.transpose(0, 2, 1)
    return inverse, (vectors * null[:, None, :]) @ vectors.transpose(0, 2, 1)


def _rank(missing: Floats) -> Integers:
    """Return the (g,) directions identified, the intercept among them."""
    found = 1 + missing.shape[1] - np.trace(missing, axis1=1, axis2=2)
    rank: Integers = np.rint(found).astype(np.int64)
    return rank


def _identified(missing: Floats, means: Floats) -> Flags:
    """Tell which coefficients, the intercept first, the rows of a group identify, (g, 1 + K)."""
    touched = np.einsum("gij,gj->gi", missing, means)
    size = np.einsum("gi,gi->g", means, means)
    intercept = np.einsum("gi,gi->g", touched, touched) <= TOUCHED * size
    return np.column_stack([intercept, np.diagonal(missing, axis1=1, axis2=2) <= TOUCHED])


def _with_intercept(inverse: Floats, means: Floats, counts: Integers) -> Floats:
    """Return the (g, 1 + K, 1 + K) covariances of all coefficients for an error variance of 1."""
    pull = -np.einsum("gij,gj->gi", inverse, means)
    size = means.shape[1] + 1
    shape = np.empty((counts.size, size, size))
    shape[:, 1:, 1:] = inverse
    shape[:, 0, 1:] = shape[:, 1:, 0] = pull
    shape[:, 0, 0] = 1 / counts - np.einsum("gi,gi->g", means, pull)
    return shape
