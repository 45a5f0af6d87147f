"""What a worker does with a job."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import close_old_connections
from django.utils.translation import gettext_noop as _
from django_tasks import task

from offtake.errors import OfftakeError, StoppedError
from offtake_web.common.markets import market_named
from offtake_web.common.queries import AWAY
from offtake_web.jobs import actions
from offtake_web.jobs.kinds import Work, kind_named
from offtake_web.jobs.models import Job, State
from offtake_web.jobs.reporter import Reporter

logger = logging.getLogger(__name__)
FAULT = _("Something went wrong on our side; it has been written to the log.")
PATIENCE = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before the database is asked again to keep how a job ended."""
CUT_OFF = _("The worker was shut down.")


@task()
def run_job(job_id: int) -> None:
    """Do a job, if it is still to be done, and note how it ended."""
    job = actions.claim(job_id)
    if job is not None:
        do(job)


def do(job: Job) -> None:
    try:
        with Reporter(job) as progress:
            outcome = kind_named(job.kind).run(_work(job, progress))
    except StoppedError:
        _end(job, State.STOPPED)
    except OfftakeError as error:
        _end(job, State.FAILED, error=str(error))
    except (KeyboardInterrupt, SystemExit):
        _end(job, State.STOPPED, error=CUT_OFF)
        raise
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        _end(job, State.FAILED, error=FAULT)
    else:
        _end(job, State.DONE, outcome=outcome)


def _end(job: Job, state: State, **more: Any) -> None:
    """Note how a job ended, though the database was started anew meanwhile, or is just now."""
    for wait in (*PATIENCE, None):
        close_old_connections()  # hours may have gone by since this one was used
        try:
            return actions.end_job(job, state, **more)
        except AWAY:
            if wait is None:
                raise
            logger.warning("job %s: the database does not answer; asking again", job.pk)
            time.sleep(wait)
    return None


def _work(job: Job, progress: Reporter) -> Work:
    market = market_named(job.market)
    if market is None:
        raise OfftakeError(f"market {job.market!r} is no longer one of this installation")
    return Work(job_id=job.pk, market=market, arguments=job.arguments, progress=progress)
