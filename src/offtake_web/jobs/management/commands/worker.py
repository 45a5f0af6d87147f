"""The worker: does loads and refreshes, one at a time, until it is told to end."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from offtake_web.common.queries import AWAY
from offtake_web.common.tidying import tidy
from offtake_web.jobs import actions
from offtake_web.jobs.reporter import SHUTDOWN

logger = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between two looks for work."""
A_DAY = 24 * 3600.0
"""Seconds between two times of tidying up."""


class JobWorker(Worker):
    """Does what is in the queue and returns; told to end, it stops its job in good order."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["default"],
            interval=EVERY,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        SHUTDOWN.set()
        super().shutdown(signum, frame)


class Daily:
    """Tidies up at the first look and then once a day, between two jobs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.last = clock, -math.inf

    def look(self) -> None:
        now = self.clock()
        if now - self.last >= A_DAY:
            self.last = now
            tidy()


class Command(BaseCommand):
    help = "Do the loads and refreshes that people ask for in the workspace."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what waits, then end.")
        parser.add_argument(
            "--of", type=int, metavar="PID", help="End when this process, the parent, has ended."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
        worker, daily = JobWorker(), Daily(time.monotonic)
        worker.configure_signals()
        while worker.running:
            _look(worker)
            daily.look()
            if options["once"] or options["of"] not in (None, os.getppid()):
                return
            time.sleep(EVERY)


def _look(worker: JobWorker) -> None:
    """Find out what waits and do it; a database that is locked or away is asked again later."""
    close_old_connections()
    try:
        actions.sweep()
        worker.run()
    except AWAY:
        logger.exception("the database could not be used; trying again")
