"""Carry-over and saturation of advertising."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from offtake.twin.arrays import Floats


def geometric_adstock(exposure: Floats, carry_over: Floats) -> Floats:
    """Carry exposure over to later weeks: a_t = x_t + carry_over a_(t-1).

    Parameters
    ----------
    exposure
        (..., T) exposure by week.
    carry_over
        Part that is left a week later, from 0 to below 1; broadcasts over the leading axes.

    Returns
    -------
    ndarray
        (..., T) adstock (Broadbent 1979).

    Examples
    --------
    >>> geometric_adstock(np.array([1.0, 0.0, 0.0]), np.array(0.5)).tolist()
    [1.0, 0.5, 0.25]
    """
    carried = np.empty_like(exposure)
    kept = np.broadcast_to(carry_over, exposure.shape[:-1])
    for value in np.unique(kept):
        here = kept == value
        carried[here] = lfilter([1.0], [1.0, -float(value)], exposure[here], axis=-1)
    return carried


def hill(adstock: Floats, half: Floats, slope: float = 1.0) -> Floats:
    """Return the saturating curve x^slope / (x^slope + half^slope), between 0 and 1.

    Examples
    --------
    >>> float(hill(np.array(3.0), np.array(3.0)))
    0.5
    """
    raised = adstock**slope
    return raised / (raised + half**slope)
