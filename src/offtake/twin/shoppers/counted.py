"""Random numbers that belong to one household, week or purchase, however these are grouped.

A purchase that is added, or a block of stores that is cut another way, moves no other number:
every number is a function of a key and of the index of what it belongs to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offtake.twin.arrays import Floats, Ints
from offtake.twin.randomness import stream

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def counted(seed: int, *purpose: str | int, index: Ints) -> Floats:
    """Return the uniform number of every index.

    Parameters
    ----------
    seed, purpose
        As in :func:`offtake.twin.randomness.stream`, which sets the key.
    index
        Whole numbers of any shape, 0 or more: what the numbers belong to.

    Returns
    -------
    ndarray
        Shape of `index`, above 0 and below 1: the numbers that SplitMix64 (Steele, Lea and Flood
        2014), started at the key, gives at these places.

    Examples
    --------
    >>> one, two = counted(7, "a", index=np.array([3, 5])), counted(7, "a", index=np.array([5]))
    >>> bool(one[1] == two[0])
    True
    """
    bits = _mixed(index.astype(np.uint64), _key(seed, *purpose))
    return (bits >> np.uint64(12)).astype(np.float64) * 2.0**-52 + 2.0**-53


def _key(seed: int, *purpose: str | int) -> np.uint64:
    return np.uint64(stream(seed, *purpose).integers(0, 2**64, dtype=np.uint64))


def _mixed(state: NDArray[np.uint64], key: np.uint64) -> NDArray[np.uint64]:
    """Scramble in place: the output function of SplitMix64."""
    state *= _GOLDEN
    state += key
    state ^= state >> np.uint64(30)
    state *= _FIRST
    state ^= state >> np.uint64(27)
    state *= _SECOND
    state ^= state >> np.uint64(31)
    return state


def pick(weights: Floats, uniform: Floats) -> Ints:
    """Choose one of K for every row, in proportion to the weights.

    Parameters
    ----------
    weights
        (N, K), 0 or more.
    uniform
        (N,) uniform numbers.

    Returns
    -------
    ndarray
        (N,) what was chosen, or -1 where every weight is 0.

    Examples
    --------
    >>> pick(np.array([[1.0, 3.0], [0.0, 0.0]]), np.array([0.3, 0.3])).tolist()
    [1, -1]
    """
    edges = np.cumsum(weights, axis=1)
    total = edges[:, -1]
    chosen = np.count_nonzero(edges <= (uniform * total)[:, None], axis=1)
    return np.where(total > 0, np.minimum(chosen, weights.shape[1] - 1), -1)
