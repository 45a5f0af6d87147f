"""Loops over numbers compiled to machine code on first use, and kept on disk for the next process.

Numba loads when the first loop runs: importing this module costs nothing. A loop is a plain
function that also runs, slowly, as Python. Sums are added in the order written, so that one
machine gives one result; a product and the sum it goes into may be rounded once instead of twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@cache
def compiled(function: Function) -> Function:
    """Return the function compiled; it compiles once for each new set of array types.

    Parameters
    ----------
    function
        Of arrays and numbers, without Python objects.

    Examples
    --------
    >>> def twice(x: float) -> float:
    ...     return 2 * x
    >>> compiled(twice)(4.0)
    8.0
    """
    from numba import njit

    rules = {"contract"}
    try:
        fast: Function = njit(function, cache=True, error_model="numpy", fastmath=rules)
    except RuntimeError:
        # Nowhere to keep it: neither beside the source nor in the user's cache folder.
        fast = njit(function, error_model="numpy", fastmath=rules)
    return fast
