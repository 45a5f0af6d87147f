"""Whether what models need beyond the library is installed: the extra ``offtake[models]``."""

from __future__ import annotations

from importlib.util import find_spec

NEEDS = ("scipy", "joblib", "numba", "threadpoolctl")


def installed() -> bool:
    """Return whether models can be fitted here, without importing anything heavy.

    Examples
    --------
    >>> installed()
    True
    """
    return all(find_spec(name) is not None for name in NEEDS)
