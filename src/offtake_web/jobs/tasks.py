"""What a worker does with a job."""

from __future__ import annotations

import logging

from django.utils.translation import gettext_noop as _
from django_tasks import task

from offtake.errors import OfftakeError, StoppedError
from offtake_web.common.markets import market_named
from offtake_web.jobs import actions
from offtake_web.jobs.kinds import Work, kind_named
from offtake_web.jobs.models import Job, State
from offtake_web.jobs.reporter import Reporter

logger = logging.getLogger(__name__)
FAULT = _("Something went wrong on our side; it has been written to the log.")
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
        actions.end_job(job, State.STOPPED)
    except OfftakeError as error:
        actions.end_job(job, State.FAILED, error=str(error))
    except (KeyboardInterrupt, SystemExit):
        actions.end_job(job, State.STOPPED, error=CUT_OFF)
        raise
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        actions.end_job(job, State.FAILED, error=FAULT)
    else:
        actions.end_job(job, State.DONE, outcome=outcome)


def _work(job: Job, progress: Reporter) -> Work:
    market = market_named(job.market)
    if market is None:
        raise OfftakeError(f"market {job.market!r} is no longer one of this installation")
    return Work(job_id=job.pk, market=market, arguments=job.arguments, progress=progress)
