"""How long promotions last."""

from __future__ import annotations

from math import comb

import numpy as np

from offtake.twin.arrays import Floats

LONGEST = 4
"""Weeks of the longest event."""


def event_lengths(mean: float) -> Floats:
    """Return how often events last 1, 2, ... weeks: one and a binomial number more.

    Examples
    --------
    >>> event_lengths(1.0).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    more = (float(np.clip(mean, 1.0, LONGEST)) - 1) / (LONGEST - 1)
    return np.array(
        [comb(LONGEST - 1, k) * more**k * (1 - more) ** (LONGEST - 1 - k) for k in range(LONGEST)]
    )
