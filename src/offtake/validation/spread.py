"""How much estimates differ beyond their sampling errors.

References
----------
DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical
Trials 7, 177-188.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """What a set of estimates has in common, and how much they truly differ.

    Parameters
    ----------
    mean, se
        Mean over the population and its standard error.
    sd
        True standard deviation; 0 when the estimates differ no more than by their errors.
    count
        Estimates used.
    """

    mean: float
    se: float
    sd: float
    count: int


def spread(estimates: Floats, errors: Floats) -> Spread:
    """Split the variance of estimates into sampling error and true differences.

    Parameters
    ----------
    estimates, errors
        (N,) estimates and standard errors; rows with a NaN or infinite value are left out.

    Raises
    ------
    BadInputError
        When no usable estimate is left.

    Returns
    -------
    Spread
        By the method of moments of DerSimonian and Laird.

    Examples
    --------
    >>> import numpy as np
    >>> spread(np.array([1.0, 3.0]), np.array([0.1, 0.1])).mean
    2.0
    """
    usable = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    values, weights = estimates[usable], errors[usable] ** -2.0
    if not values.size:
        raise BadInputError(f"estimates: got {estimates.size}, none with a finite error > 0")
    variance = _between(values, weights)
    shrunk = 1 / (1 / weights + variance)
    return Spread(
        mean=float(shrunk @ values / shrunk.sum()),
        se=float(shrunk.sum() ** -0.5),
        sd=float(np.sqrt(variance)),
        count=int(values.size),
    )


def _between(values: Floats, weights: Floats) -> float:
    total = weights.sum()
    distance = weights @ (values - weights @ values / total) ** 2
    scale = total - weights @ weights / total
    return max(0.0, float((distance - (values.size - 1)) / scale)) if values.size > 1 else 0.0
