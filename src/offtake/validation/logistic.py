"""Logistic regression with cluster-robust errors, for a few regressors and many rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ITERATIONS = 50
DECREMENT = 1e-16


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients (K,) and their cluster-robust standard errors (K,)."""

    coefficients: Floats
    standard_errors: Floats


def fit_logistic(y: Floats, x: Floats, clusters: Integers) -> LogisticFit:
    """Fit log-odds that are linear in `x`.

    Parameters
    ----------
    y
        (N,) zeros and ones.
    x
        (N, K) regressors, with a column of ones; one that does not vary gets a slope of 0.
    clusters
        (N,) codes of what is independent of each other.

    Examples
    --------
    >>> y, x = np.array([1.0, 0, 0, 0, 1, 1]), np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1],
    ...                                                   [1, 1]])
    >>> fit_logistic(y, x, np.arange(6)).coefficients.round(6).tolist()
    [-0.693147, 1.386294]
    """
    b = np.zeros(x.shape[1])
    for _ in range(ITERATIONS):
        share = expit(x @ b)
        bread = np.linalg.pinv((x * (share * (1 - share))[:, None]).T @ x)
        gradient = x.T @ (y - share)
        b = b + bread @ gradient
        if gradient @ bread @ gradient < DECREMENT:
            break
    residual = y - expit(x @ b)
    scores = np.column_stack([np.bincount(clusters, residual * column) for column in x.T])
    count = np.unique(clusters).size
    covariance = bread @ scores.T @ scores @ bread * count / (count - 1)
    return LogisticFit(b, np.sqrt(np.diag(covariance)))
