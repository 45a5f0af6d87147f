"""Estimates of groups as :mod:`.hierarchy` reads them: checked, with gaps, and as precisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, numbers

SPREADS = 2.0
"""Default prior scale of a population standard deviation, in spreads of the estimates."""
NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
SINGULAR = 1e-12
"""Least eigenvalue that a correlation matrix of estimates may have."""
FOLLOWS = 1e-10
"""Share of a regressor below which what others leave of it is rounding."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates with their errors.

    Parameters
    ----------
    values
        (G, K) estimates; 0 where there is none.
    errors
        (G, K) standard errors; 1 where there is none.
    correlations
        (G, K, K) correlations of the errors; those of the identity where there is none.
    known
        (G, K) whether there is an estimate.
    """

    values: Floats
    errors: Floats
    correlations: Floats
    known: Flags

    @property
    def anything(self) -> Flags:
        """(G,) whether a group has an estimate of any coefficient."""
        found: Flags = np.any(self.known, axis=1)
        return found

    def precision(self, scale: Floats) -> Floats:
        """Return the (G, K, K) precisions of values / scale; 0 for what is not known.

        Parameters
        ----------
        scale
            (K,) units of the coefficients.
        """
        inverse = np.linalg.inv(self.correlations)
        units = self.known * scale / self.errors
        symmetric = (inverse + inverse.transpose(0, 2, 1)) / 2
        return symmetric * (units[:, :, None] * units[:, None, :])

    def spreads(self) -> Floats:
        """Return the (K,) default prior scales; NaN for a coefficient without an estimate.

        Twice the larger of robust spread and median standard error: :class:`.hierarchy.Sampling`.
        """
        found = np.full(self.known.shape[1], np.nan)
        for place in np.flatnonzero(self.known.any(axis=0)):
            values, errors = (
                each[self.known[:, place], place] for each in (self.values, self.errors)
            )
            spread = NORMAL_MAD * np.median(np.abs(values - np.median(values)))
            found[place] = SPREADS * max(spread, np.median(errors))
        return found


def read_estimates(estimates: ArrayLike, covariances: ArrayLike) -> Estimates:
    """Check estimates and covariances, and note what is missing.

    Parameters
    ----------
    estimates
        (G, K) estimates, NaN where there is none.
    covariances
        (G, K, K) covariances; NaN or infinite variances say the same.

    Raises
    ------
    BadInputError
        When shapes disagree, an estimate is infinite, or the covariance of what is known is not
        finite, symmetric and positive definite.

    Examples
    --------
    >>> found = read_estimates([[1.0, np.nan]], [[[0.25, 0.0], [0.0, 1.0]]])
    >>> found.precision(np.ones(2)).tolist()
    [[[4.0, 0.0], [0.0, 0.0]]]
    """
    values, square = numbers("estimates", estimates), numbers("covariances", covariances)
    if values.ndim != 2 or not values.size:
        raise BadInputError(f"estimates: got shape {values.shape}, allowed: (G, K), not empty")
    if square.shape != (*values.shape, values.shape[1]):
        wanted = (*values.shape, values.shape[1])
        raise BadInputError(f"covariances: got shape {square.shape}, allowed: {wanted}")
    if np.any(np.isinf(values)):
        raise BadInputError("estimates: got an infinite value, allowed: numbers or NaN")
    variances = np.diagonal(square, axis1=1, axis2=2)
    known = np.isfinite(values) & ~np.isnan(variances) & (variances != np.inf)
    _refuse("variances not above 0", known & ~(variances > 0))
    errors = np.sqrt(np.where(known, variances, 1.0))
    return Estimates(
        values=np.where(known, values, 0.0),
        errors=errors,
        correlations=_correlations(square, errors, known),
        known=known,
    )


def _correlations(square: Floats, errors: Floats, known: Flags) -> Floats:
    both = known[:, :, None] & known[:, None, :]
    read = np.where(both, square, np.eye(known.shape[1]))
    _refuse("values that are not finite", ~np.isfinite(read))
    found = read / errors[:, :, None] / errors[:, None, :]
    _refuse("a matrix that is not symmetric", np.abs(found - found.transpose(0, 2, 1)) > 1e-8)
    least = np.linalg.eigvalsh(found)[:, 0]
    _refuse("a matrix that is not positive definite", least < SINGULAR)
    return found


def _refuse(what: str, wrong: Flags) -> None:
    """Raise with the first group for which something is wrong, (G, ...)."""
    if wrong.any():
        allowed = "symmetric positive definite matrices, NaN or infinite variances for no estimate"
        raise BadInputError(
            f"covariances: got {what} in group {np.argwhere(wrong)[0, 0]}, allowed: {allowed}"
        )


def orthonormal(regressors: Floats) -> tuple[Floats, Floats]:
    """Return orthogonal columns of mean square 1, and the (Q, Q) matrix that undoes it.

    Parameters
    ----------
    regressors
        (G, Q) group-level regressors: the product of the two results.

    Raises
    ------
    BadInputError
        When a column follows from the others, or there is none.
    """
    groups, count = regressors.shape
    basis, back = np.linalg.qr(regressors)
    left = np.abs(np.diag(back)) if back.shape[0] == count else np.zeros(count)
    if not count or np.any(left <= FOLLOWS * np.linalg.norm(regressors, axis=0)):
        raise BadInputError(
            f"regressors: got {count} columns over {groups} groups of which one follows from the"
            " others, allowed: at least one column, independent of each other"
        )
    return basis * np.sqrt(groups), back / np.sqrt(groups)


def told_apart(basis: Floats, known: Flags, precision: Floats) -> Flags:
    """Tell for which coefficients estimates and prior identify the population mean, (K,).

    Parameters
    ----------
    basis
        (G, Q) regressors of :func:`orthonormal`.
    known
        (G, K) which coefficients are estimated where.
    precision
        (K, Q, Q) prior precision of the population mean.
    """
    data = np.einsum("gk,gq,gr->kqr", known.astype(np.float64), basis, basis) / basis.shape[0]
    size = np.maximum(np.abs(precision).max(axis=(1, 2), keepdims=True), 1e-300)
    least = np.linalg.eigvalsh(data + precision / size)[:, 0]
    found: Flags = least > FOLLOWS
    return found
