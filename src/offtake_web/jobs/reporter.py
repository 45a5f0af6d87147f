"""Tells a job's page how far it is, and the job that it is to stop."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from django.db import Error as DatabaseProblem
from django.db import connection

from offtake.errors import StoppedError
from offtake_web.jobs import actions
from offtake_web.jobs.models import Job

logger = logging.getLogger(__name__)
EVERY = 0.5
"""Seconds between two looks at the database."""
HEARTBEATS = 10
"""Looks after which the job is written anew though nothing has changed."""
SHUTDOWN = threading.Event()
"""Set when the worker is to end: whatever it does stops in good order."""


class Reporter:
    """The progress of one attempt at a job: called by the work, written by a thread of its own.

    So a call costs nothing however often it comes, and a long silent step is not taken for a dead
    worker.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.step, self.share = "", 0.0
        self._stop, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __call__(self, step: str, share: float) -> None:
        self.step, self.share = step, share
        if self._stop.is_set() or SHUTDOWN.is_set():
            raise StoppedError("somebody asked for it to stop")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        written, looks = ("", 0.0), 0
        try:
            while not self._over.wait(EVERY):
                now = (self.step, self.share)
                looks = 0 if now != written or looks >= HEARTBEATS else looks + 1
                if not self._look(*now, anew=looks == 0):
                    self._stop.set()
                written = now
        finally:
            connection.close()

    def _look(self, step: str, share: float, *, anew: bool) -> bool:
        try:
            if anew:
                return actions.report(self.job, step, share)
            return actions.goes_on(self.job)
        except DatabaseProblem:
            logger.exception("job %s: its progress could not be written", self.job.pk)
            connection.close()  # the database may have been started anew
            return True
