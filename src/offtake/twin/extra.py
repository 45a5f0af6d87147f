"""Whether what the twin needs beyond the library is installed: the extra ``offtake[twin]``."""

from __future__ import annotations

from importlib.util import find_spec

NEEDS = ("scipy", "joblib", "dateutil")


def installed() -> bool:
    """Return whether a twin can be made here, without importing anything heavy.

    Examples
    --------
    >>> installed()
    True
    """
    return all(find_spec(name) is not None for name in NEEDS)
