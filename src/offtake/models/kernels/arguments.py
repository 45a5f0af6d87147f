"""Checks of the arrays that kernels are given, with errors that name the argument."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offtake.errors import BadInputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def vector(name: str, values: ArrayLike, size: int | None = None) -> Floats:
    """Return finite numbers in one dimension.

    Parameters
    ----------
    name
        What the argument is called, for the error.
    values
        (N,) what was given.
    size
        The N that is wanted, if it is known.

    Raises
    ------
    BadInputError
        When the shape is another, or a value is no finite number.

    Examples
    --------
    >>> vector("y", [1, 2])
    array([1., 2.])
    """
    array = finite(name, numbers(name, values))
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: {wanted}")
    return array


def matrix(name: str, values: ArrayLike, rows: int) -> Floats:
    """Return finite numbers in two dimensions, (rows, K).

    Raises
    ------
    BadInputError
        When the shape is another, or a value is no finite number.

    Examples
    --------
    >>> matrix("x", [[1], [2]], 2).shape
    (2, 1)
    """
    array = finite(name, numbers(name, values))
    if array.ndim != 2 or array.shape[0] != rows:
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: ({rows}, K)")
    return array


def codes(name: str, values: ArrayLike, size: int) -> Integers:
    """Return integers >= 0 in one dimension, (size,).

    Raises
    ------
    BadInputError
        When the shape is another, or a value is no integer >= 0.

    Examples
    --------
    >>> codes("groups", [0, 2, 0], 3)
    array([0, 2, 0])
    """
    array: NDArray[Any] = np.asarray(values)
    if array.shape != (size,):
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: ({size},)")
    if array.dtype.kind not in "iu" or array.min(initial=0) < 0:
        raise BadInputError(f"{name}: got {array.dtype} {array[:3]}, allowed: integers >= 0")
    return array.astype(np.int64, copy=False)


def numbers(name: str, values: ArrayLike) -> Floats:
    """Return an array of numbers of any shape; NaN and infinity are numbers here.

    Raises
    ------
    BadInputError
        When the values are no array of numbers.

    Examples
    --------
    >>> numbers("scale", 2)
    array(2.)
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{name}: got {error}, allowed: an array of numbers") from error


def finite(name: str, array: Floats) -> Floats:
    """Return the array if every value is finite.

    Raises
    ------
    BadInputError
        When a value is NaN or infinite.

    Examples
    --------
    >>> finite("x", np.array([1.0, 1e308, 1e308])).size
    3
    """
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.isfinite(array.sum())
    # A sum is finite only if every value is; it takes no second array.
    if whole:
        return array
    count = int(np.sum(~np.isfinite(array)))
    if count:
        raise BadInputError(f"{name}: got {count} values that are not finite, allowed: none")
    return array
