"""Shares of counts and ratios of sums, each with an interval that few rows do not make too short.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal
of the American Statistical Association 22, 209-212.
Cochran, W. G. (1977). Sampling Techniques, 3rd edition, section 6.3 (variance of a ratio).
Agresti, A. and Coull, B. A. (1998). Approximate is better than "exact" for interval estimation of
binomial proportions. American Statistician 52, 119-126.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, codes, vector
from offtake.models.kernels.normal_ends import normal_ends


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of G groups.

    Parameters
    ----------
    share, low, high
        (G,) from 0 to 1, and the ends of the intervals; NaN where there is nothing to share.
    """

    share: Floats
    low: Floats
    high: Floats


def shares_of_counts(part: ArrayLike, whole: ArrayLike, *, level: float = 0.8) -> Shares:
    """Return part / whole with Wilson's score interval.

    Parameters
    ----------
    part, whole
        (G,) counts.
    level
        Of the intervals.

    Raises
    ------
    BadInputError
        When shapes disagree, or a part is below 0 or above its whole.

    Examples
    --------
    >>> found = shares_of_counts([0, 5], [10, 10], level=0.95)
    >>> found.high.round(3).tolist()
    [0.278, 0.763]
    """
    k, n = vector("part", part), vector("whole", whole)
    if k.shape != n.shape or np.any(k < 0) or np.any(k > n):
        raise BadInputError(
            f"part: got shape {k.shape} beside {n.shape}, or a part out of range, allowed: one "
            "shape, 0 to the whole"
        )
    some, reach = np.where(n > 0, n, np.nan), normal_ends(level)
    share = k / some
    centre = (share + reach**2 / (2 * some)) / (1 + reach**2 / some)
    half = np.sqrt(share * (1 - share) / some + (reach / (2 * some)) ** 2)
    half *= reach / (1 + reach**2 / some)
    # At 0 and 1 rounding would put the share outside its own interval.
    return Shares(
        share,
        np.minimum(np.maximum(centre - half, 0.0), share),
        np.maximum(np.minimum(centre + half, 1.0), share),
    )


def shares_of_sums(
    part: ArrayLike, whole: ArrayLike, group: ArrayLike, *, size: int, level: float = 0.8
) -> Shares:
    """Return the sum of parts over the sum of wholes by group, the rows being a sample.

    The variance is that of a ratio of means, and never below that of a share of so many units of
    the whole in which one more is a part and one is not (Agresti and Coull).

    Parameters
    ----------
    part, whole
        (N,) amounts, 0 <= part <= whole.
    group
        (N,) codes from 0 to size - 1.
    size
        G.
    level
        Of the intervals.

    Raises
    ------
    BadInputError
        When shapes disagree, or a part is below 0 or above its whole.

    Examples
    --------
    >>> found = shares_of_sums([1.0, 3.0], [2.0, 4.0], [0, 0], size=2)
    >>> found.share.round(3).tolist(), bool(found.low[0] < found.share[0] < found.high[0])
    ([0.667, nan], True)
    """
    a, b = vector("part", part), vector("whole", whole)
    of = codes("group", group, a.size)
    if a.shape != b.shape or np.any(a < 0) or np.any(a > b * (1 + 1e-9)):
        raise BadInputError(
            f"part: got shape {a.shape} beside {b.shape}, or a part out of range, allowed: one "
            "shape, 0 to the whole"
        )
    top, bottom = (np.bincount(of, each, minlength=size) for each in (a, b))
    rows = np.bincount(of, b > 0, minlength=size)
    some = np.where(bottom > 0, bottom, np.nan)
    share = np.minimum(top / some, 1.0)
    off = np.bincount(of, (a - np.where(b > 0, share[of], 0.0) * b) ** 2, minlength=size)
    sampled = off / some**2 * rows / np.maximum(rows - 1, 1)
    guess = (top + 1) / (some + 2)
    error = np.sqrt(np.maximum(sampled, guess * (1 - guess) / (some + 2)))
    reach = normal_ends(level) * error
    return Shares(share, np.maximum(share - reach, 0.0), np.minimum(share + reach, 1.0))
