"""How far an interval reaches, in standard errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import ndtri

from offtake.errors import BadInputError


def normal_ends(level: float) -> float:
    """Return how many standard errors an interval reaches either way.

    Raises
    ------
    BadInputError
        When the level is not between 0 and 1.

    Examples
    --------
    >>> round(normal_ends(0.8), 4)
    1.2816
    """
    if not 0 < level < 1:
        raise BadInputError(f"level: got {level}, allowed: between 0 and 1")
    return float(ndtri((1 + level) / 2))


def student_ends(level: float, degrees: ArrayLike) -> NDArray[np.float64]:
    """Return the same where the errors themselves are estimated, by Student's t.

    Parameters
    ----------
    level
        Between 0 and 1.
    degrees
        Degrees of freedom of the errors, any shape.

    Examples
    --------
    >>> student_ends(0.8, [3.0, 1e9]).round(4).tolist()
    [1.6377, 1.2816]
    """
    found: NDArray[np.float64] = stats.t.ppf(0.5 + level / 2, degrees)
    return found
