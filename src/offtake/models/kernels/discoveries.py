"""Which of many deviations to believe: the share of false ones among those told is held."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, numbers


def q_values(p: ArrayLike) -> Floats:
    """Return, for every p-value, the least share of false discoveries at which it would be told.

    Parameters
    ----------
    p
        (N,) p-values; NaN for what was not tested.

    Returns
    -------
    numpy array
        (N,) adjusted p-values; NaN where not tested.

    Raises
    ------
    BadInputError
        When a value is not within 0 and 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> q_values([0.01, 0.5, 0.02, np.nan]).round(2).tolist()
    [0.03, 0.5, 0.03, nan]
    """
    values = numbers("p", p)
    tested = np.flatnonzero(~np.isnan(values))
    known = values[tested]
    if known.size and (known.min() < 0 or known.max() > 1):
        raise BadInputError(f"p: got {known.min():g} to {known.max():g}, allowed: 0 to 1")
    order = np.argsort(known)
    scaled = known[order] * known.size / np.arange(1, known.size + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.full(values.shape, np.nan)
    found[tested[order]] = np.minimum(adjusted, 1.0)
    return found
