"""How often somebody may ask: so many requests in each minute, counted where all processes see it."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache

from offtake_web.api.frame.problems import Problem

PER_MINUTE = 600
WINDOW = 60


def count(who: str) -> None:
    """Count a request.

    Raises
    ------
    Problem
        ``too-many`` when the minute's share is used up.
    """
    now = time.time()
    key = f"api-rate-{who}-{int(now // WINDOW)}"
    cache.add(key, 0, timeout=2 * WINDOW)
    if _one_more(key) > getattr(settings, "OFFTAKE_API_PER_MINUTE", PER_MINUTE):
        rest = WINDOW - int(now % WINDOW)
        raise Problem("too-many", headers={"Retry-After": str(rest)})


def _one_more(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # thrown out of a full cache between two lines
        return 1
