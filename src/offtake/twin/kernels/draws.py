"""Counts drawn so that two worlds of one seed can be compared cell by cell.

A count is the quantile of its distribution at a uniform number that belongs to the cell. Raising
the mean can then only raise the count, and a cell whose mean stays as it was keeps its count.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from offtake.twin.arrays import Floats, Ints

LARGE = 60.0
"""Above this mean the quantile comes from a Cornish-Fisher expansion."""
BLOCK = 1 << 16
_STEPS = (2.0, 6.0, 15.0, 30.0, LARGE)


def poisson_quantile(uniform: Floats, mean: Floats) -> Ints:
    """Return the Poisson quantile at `uniform` for every mean.

    Parameters
    ----------
    uniform
        (N,) numbers between 0 and 1.
    mean
        (N,) means, 0 or more.

    Returns
    -------
    ndarray
        (N,) counts. Exact up to a mean of 60; above, a third-order Cornish-Fisher expansion,
        which is within one unit of the exact quantile.

    Examples
    --------
    >>> poisson_quantile(np.array([0.5, 0.5, 0.99]), np.array([0.0, 3.0, 3.0])).tolist()
    [0, 3, 8]
    """
    counts = np.zeros(len(mean), dtype=np.int64)
    low = 0.0
    for high in _STEPS:
        here = np.flatnonzero((mean > low) & (mean <= high))
        for first in range(0, len(here), BLOCK):
            some = here[first : first + BLOCK]
            counts[some] = _search(uniform[some], mean[some])
        low = high
    here = np.flatnonzero(mean > LARGE)
    counts[here] = _expand(uniform[here], mean[here])
    return counts


def _search(uniform: Floats, mean: Floats) -> Ints:
    """Walk up the distribution function until it passes the uniform number."""
    chance = np.exp(-mean)
    below = chance.copy()
    counts = (uniform > below).astype(np.int64)
    k = 0
    # Beyond this the chance left is under 1e-15 for every mean in the block.
    most = int(mean.max() + 9 * np.sqrt(mean.max()) + 18)
    while k < most:
        k += 1
        chance *= mean / k
        below += chance
        higher = uniform > below
        counts += higher
        if k > mean.max() and not higher.any():
            break
    return counts


def _expand(uniform: Floats, mean: Floats) -> Ints:
    z = ndtri(uniform)
    root = np.sqrt(mean)
    value = mean + z * root + (z * z - 1) / 6 - (z**3 - z) / (72 * root)
    # The quantile is the smallest count k with P(X <= k) >= u; k + 1/2 is its continuous twin.
    counts: Ints = np.maximum(np.ceil(value - 0.5), 0).astype(np.int64)
    return counts
