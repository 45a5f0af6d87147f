"""How often somebody may ask: so many requests in each minute, counted by each process for itself.

A count that all processes share would cost a write for every read. With two processes somebody may
ask up to twice as often; the bound keeps one program from taking the workspace from everybody else.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

from django.conf import settings

from offtake_web.api.frame.problems import Problem

PER_MINUTE = 600
WINDOW = 60


class Counts:
    """Requests of the minute that runs, by whom they come from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._seen: Counter[str] = Counter()

    def one_more(self, who: str, minute: int) -> int:
        with self._lock:
            if minute != self._minute:
                self._minute, self._seen = minute, Counter()
            self._seen[who] += 1
            return self._seen[who]


_COUNTS = Counts()


def count(who: str) -> None:
    """Count a request.

    Raises
    ------
    Problem
        ``too-many`` when the minute's share is used up.
    """
    now = time.time()
    most = getattr(settings, "OFFTAKE_API_PER_MINUTE", PER_MINUTE)
    if _COUNTS.one_more(who, int(now // WINDOW)) > most:
        raise Problem("too-many", headers={"Retry-After": str(WINDOW - int(now % WINDOW))})
