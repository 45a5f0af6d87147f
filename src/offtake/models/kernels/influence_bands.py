"""Bands and tests for many effects at once, from their influence functions.

References
----------
Callaway, B. and Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
Journal of Econometrics 225, 200-230, algorithm 1 (multiplier bootstrap, simultaneous bands).
Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
Biometrics Bulletin 2, 110-114.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, vector
from offtake.models.kernels.doubly_robust import standard_errors
from offtake.models.kernels.normal_ends import normal_ends

AT_ONCE = 250
"""Draws that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A test that M effects are all zero.

    Parameters
    ----------
    statistic, degrees
        Wald statistic, and its degrees of freedom: directions in which the effects vary.
    p_value
        Chance of a statistic as large if all were zero.
    """

    statistic: float
    degrees: int
    p_value: float


def band_factor(
    influence: ArrayLike, *, level: float = 0.8, draws: int = 1000, seed: int = 0
) -> float:
    """Return how many standard errors a band must reach to hold all M effects at once.

    Parameters
    ----------
    influence
        (N, M) of the effects.
    level
        Chance that the band holds all of them.
    draws
        Of random signs for every household.
    seed
        Of the draws.

    Raises
    ------
    BadInputError
        When the level is not within 0 and 1, or there are no draws.

    Examples
    --------
    One effect needs no more than its own interval, about 1.28 for 80 %.

    >>> rows = np.random.default_rng(1).standard_normal((500, 1))
    >>> abs(band_factor(rows, draws=4000, seed=2) - 1.28) < 0.06
    True
    """
    rows = _rows(influence)
    if not 0 < level < 1 or draws < 1:
        raise BadInputError(f"level, draws: got {level}, {draws}, allowed: 0 to 1, 1 or more")
    errors = standard_errors(rows) * len(rows)
    rows = rows[:, errors > 0] / errors[errors > 0]
    if not rows.shape[1]:
        return normal_ends(level)
    random = np.random.default_rng(seed)
    largest = np.empty(draws)
    for first in range(0, draws, AT_ONCE):
        size = min(AT_ONCE, draws - first)
        signs = random.integers(0, 2, (size, len(rows))) * 2.0 - 1.0
        largest[first : first + size] = np.abs(signs @ rows).max(axis=1)
    return float(np.quantile(largest, level))


def degrees_of_freedom(influence: ArrayLike) -> Floats:
    """Return how well standard errors are known, (M,), as degrees of freedom of Student's t.

    A variance that is a sum of squares has 2 V^2 / var(V) of them (Satterthwaite 1946), with the
    fourth powers for its own variance: where few households make nearly all of it, there are few.

    Parameters
    ----------
    influence
        (N, M) how much each household moved M effects.

    Examples
    --------
    Of 400 households that are alike it is near 400; one that moves all makes it two or three.

    >>> rows = np.random.default_rng(1).standard_normal((400, 1))
    >>> bool(300 < degrees_of_freedom(rows)[0] < 500)
    True
    >>> degrees_of_freedom([[5.0], [0.0], [0.0], [0.0]]).round(2).tolist()
    [2.67]
    """
    rows = _rows(influence)
    squares = (rows**2).sum(axis=0)
    fourth = (rows**4).sum(axis=0)
    spread = np.divide(fourth, squares**2, out=np.zeros_like(fourth), where=squares > 0)
    spread -= 1 / len(rows)
    nothing = np.full_like(spread, np.inf)
    found = np.divide(2.0, spread, out=nothing, where=spread > 0)
    most = max(len(rows) - 1, 1)  # of a few that moved it alike, the formula knows no bound
    degrees: Floats = np.minimum(found, most)
    return degrees


def joint_test(effect: ArrayLike, influence: ArrayLike) -> Joint:
    """Test that all effects are zero.

    Parameters
    ----------
    effect
        (M,) effects.
    influence
        (N, M) how much each household moved them.

    Examples
    --------
    >>> rows = np.random.default_rng(1).standard_normal((400, 2))
    >>> joint_test([0.0, 0.0], rows).p_value
    1.0
    """
    rows = _rows(influence)
    values = vector("effect", effect, rows.shape[1])
    covariance = rows.T @ rows / len(rows) ** 2
    size, direction = np.linalg.eigh(covariance)
    kept = size > 1e-8 * max(float(size.max(initial=0.0)), 1e-300)
    if not kept.any():
        return Joint(0.0, 0, 1.0)
    along = direction[:, kept].T @ values
    statistic = float((along**2 / size[kept]).sum())
    degrees = int(kept.sum())
    return Joint(statistic, degrees, float(stats.chi2.sf(statistic, degrees)))


def _rows(influence: ArrayLike) -> Floats:
    rows = np.asarray(influence, dtype=np.float64)
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise BadInputError(f"influence: got shape {rows.shape}, allowed: (N, M) finite, not empty")
    return rows
