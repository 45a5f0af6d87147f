"""Cholesky factors of many small matrices at once, the matrices along the last axes.

With (K, K, ...) arrays every step is one operation on all matrices, which for K near 5 is several
times faster than a call of LAPACK per matrix.
"""

from __future__ import annotations

import numpy as np

from offtake.models.kernels.arguments import Floats


def cholesky(matrices: Floats) -> Floats:
    """Return the lower triangular L with L L' = A.

    Parameters
    ----------
    matrices
        (K, K, ...) symmetric positive definite matrices A; the lower triangle is read.

    Returns
    -------
    Floats
        (K, K, ...) factors; NaN for a matrix that is not positive definite.

    Examples
    --------
    >>> cholesky(np.array([[[4.0], [2.0]], [[2.0], [5.0]]]))[..., 0]
    array([[2., 0.],
           [1., 2.]])
    """
    lower = np.zeros_like(matrices)
    for j in range(matrices.shape[0]):
        column = matrices[j:, j] - np.einsum("ik...,k...->i...", lower[j:, :j], lower[j, :j])
        lower[j:, j] = column / np.sqrt(column[0])
    return lower


def inverse(lower: Floats) -> Floats:
    """Return the inverse of lower triangular matrices.

    Parameters
    ----------
    lower
        (K, K, ...) lower triangular matrices without a zero on the diagonal.

    Returns
    -------
    Floats
        (K, K, ...) inverses, lower triangular.

    Examples
    --------
    >>> inverse(np.array([[[2.0], [0.0]], [[1.0], [2.0]]]))[..., 0]
    array([[ 0.5 ,  0.  ],
           [-0.25,  0.5 ]])
    """
    upside = np.zeros_like(lower)
    for j in range(lower.shape[0]):
        upside[j, j] = 1 / lower[j, j]
        row = np.einsum("k...,kj...->j...", lower[j, :j], upside[:j, :j])
        upside[j, :j] = -row * upside[j, j]
    return upside
