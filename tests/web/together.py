"""Do things at the same moment, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def together(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Return what came of each, in their order: its answer, or the error that it raised."""
    barrier = threading.Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        barrier.wait(timeout=30)
        try:
            return act()
        except Exception as error:  # noqa: BLE001  # it is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))
