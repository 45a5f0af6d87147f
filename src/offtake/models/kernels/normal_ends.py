"""How far an interval reaches, in standard errors."""

from __future__ import annotations

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
