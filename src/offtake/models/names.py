"""Texts as codes: what models count with, and what stands for it in answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Names = NDArray[np.str_]
Integers = NDArray[np.int64]

UNNAMED = ""
"""Stands for a text that is not known."""


def texts(values: NDArray[Any]) -> Names:
    """Return values as texts, `UNNAMED` for None."""
    return np.array([UNNAMED if value is None else str(value) for value in values], dtype=np.str_)


def coded(values: NDArray[Any]) -> tuple[Names, Integers]:
    """Return the distinct names in order, and the code of each, (N,).

    Examples
    --------
    >>> coded(np.array(["b", "a", "b"]))[1].tolist()
    [1, 0, 1]
    """
    found, code = np.unique(texts(values), return_inverse=True)
    return found, code.astype(np.int64)


def by_code(values: NDArray[Any], code: Integers, size: int) -> Names:
    """Return the text that belongs to every code, (size,); `UNNAMED` for a code that none has.

    Examples
    --------
    >>> by_code(np.array(["x", "y", "x"]), np.array([1, 0, 1]), 3).tolist()
    ['y', 'x', '']
    """
    _, first = np.unique(code, return_index=True)
    found = np.full(size, UNNAMED, dtype=object)
    found[code[first]] = texts(values[first])
    return found.astype(np.str_)


def joint(one: Integers, other: Integers) -> Integers:
    """Return a code of its own for every combination of two codes that occurs, (N,).

    Examples
    --------
    >>> joint(np.array([0, 0, 1]), np.array([2, 2, 0])).tolist()
    [0, 0, 1]
    """
    found = np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)[1]
    codes: Integers = found.astype(np.int64)
    return codes
