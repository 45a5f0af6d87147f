"""What one more unit in a row does to the slopes of a Poisson regression.

Near the maximum the slopes move by ``inverse information x regressors of the row``, with what
groups and weeks explain of the regressors taken off. So what the slopes have in common with the
accidents of some rows, which a sum over these rows has too, is a sum over the rows.

References
----------
Cook, R. D. and Weisberg, S. (1982). Residuals and Influence in Regression. Chapman and Hall, ch. 3.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.poisson_blocks import Block
from offtake.models.kernels.poisson_climb import Peak, solve
from offtake.models.kernels.poisson_moments import fitted
from offtake.models.kernels.poisson_rows import Rows
from offtake.models.kernels.threads import one_thread


def influence(rows: Rows, peak: Peak, weights: csr_array) -> Floats:
    """Return by how much slopes move with sums of units, (F, K).

    Parameters
    ----------
    rows
        The rows.
    peak
        Their maximum.
    weights
        (N, F) units more in every row given, for each of F sums; rows not used say nothing.

    Returns
    -------
    array
        (F, K) change of the slopes, to first order; 0 for a column that is not kept.
    """
    order = np.arange(weights.shape[0])[rows.order]
    turned = [np.vstack([np.zeros(rows.columns), each.crossed]) for each in peak.solved]
    total, done = np.zeros((weights.shape[1], rows.columns)), 0
    with one_thread():
        for block in rows.blocks():
            at = order[done : done + block.y.size]
            done += block.y.size
            part = weights[at]
            if part.nnz:
                total += part.T @ _apart(block, peak, turned[block.component])
    moved, kept = np.zeros_like(total), peak.kept
    moved[:, kept] = solve(peak.information[np.ix_(kept, kept)], total[:, kept].T).T
    return moved


def _apart(block: Block, peak: Peak, turned: Floats) -> Floats:
    """Return the regressors less what weeks and then groups explain of them, (n, K)."""
    mean = fitted(block, peak.slopes, peak.effects[block.component]).mean
    left = block.x - turned[block.week]
    sums = np.add.reduceat(mean[:, None] * left, block.starts[:-1])
    left -= np.repeat(sums / block.totals[:, None], np.diff(block.starts), axis=0)
    return left
