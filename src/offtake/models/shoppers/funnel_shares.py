"""Shares of many small groups, pooled: a small group leans on how all of them are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

Floats = NDArray[np.float64]

SIZES = np.geomspace(1.0, 2000.0, 40)
"""How many people the pool may count for; the likeliest is taken."""


def posterior_shares(
    yes: Floats, asked: Floats, *, draws: int, random: np.random.Generator
) -> Floats:
    """Draw the share of every group, (N, draws).

    Shares are beta-distributed over groups, around the share of all together; how closely is the
    value of highest marginal (beta-binomial) likelihood.

    Parameters
    ----------
    yes, asked
        (N,) effective numbers; a group of which nobody was asked gets the pool's spread.
    draws
        How many to draw.
    random
        Where random numbers come from.

    References
    ----------
    Casella, G. (1985). An introduction to empirical Bayes data analysis. American Statistician 39,
    83-87.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> found = posterior_shares(np.array([5.0, 0]), np.array([9.0, 0]), draws=400, random=random)
    >>> found.shape, bool(found[0].std() < found[1].std() + 0.1)
    ((2, 400), True)
    """
    share = (yes.sum() + 0.5) / (asked.sum() + 1.0)
    first, second = share * SIZES[:, None], (1 - share) * SIZES[:, None]
    logs = betaln(first + yes, second + asked - yes) - betaln(first, second)
    size = SIZES[int(logs.sum(axis=1).argmax())]
    found: Floats = random.beta(
        (share * size + yes)[:, None],
        ((1 - share) * size + asked - yes)[:, None],
        size=(yes.size, draws),
    )
    return found
