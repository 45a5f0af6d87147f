"""Logs of rising factorials c (c + 1) ... (c + n - 1), with their derivatives in c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Floats, Integers


@dataclass(frozen=True, slots=True)
class Rising:
    """Of one c, for every n from 0 to M.

    Parameters
    ----------
    log, first, second
        (M + 1,) the log, and its derivatives in c.
    """

    log: Floats
    first: Floats
    second: Floats


def rising(c: float, most: int) -> Rising:
    """Return the logs of rising factorials up to `most` factors.

    They are sums of logs, so nothing overflows and nothing large is taken off something large.

    Examples
    --------
    >>> np.exp(rising(2.0, 3).log).round(6).tolist()
    [1.0, 2.0, 6.0, 24.0]
    """
    factors = c + np.arange(most)
    return Rising(_summed(np.log(factors)), _summed(1 / factors), _summed(-1 / factors**2))


def more_than(counts: Integers, weight: Floats) -> Floats:
    """Return the weight of the counts above 0, above 1 and so on, (largest count,).

    A weighted sum of logs of rising factorials is the sum of ``log(c + j)`` with these weights.

    Examples
    --------
    >>> more_than(np.array([0, 2, 3]), np.array([5.0, 1.0, 1.0])).tolist()
    [2.0, 2.0, 1.0]
    """
    whole = np.bincount(counts, weight).astype(np.float64)
    above: Floats = whole[::-1].cumsum()[::-1]
    return above[1:]


def weighted(c: float, above: Floats) -> tuple[float, float, float]:
    """Return a weighted sum of logs of rising factorials, and its derivatives in c.

    Parameters
    ----------
    c
        Positive.
    above
        What :func:`more_than` returns.

    Examples
    --------
    >>> round(float(np.exp(weighted(2.0, more_than(np.array([3]), np.ones(1)))[0])), 6)
    24.0
    """
    factors = c + np.arange(above.size)
    inverse = 1 / factors
    return (
        float(above @ np.log(factors)),
        float(above @ inverse),
        -float(above @ (inverse * inverse)),
    )


def _summed(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])
