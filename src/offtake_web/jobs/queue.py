"""The way from a job to a worker: django-tasks, which finds a task by its path."""

from __future__ import annotations

from django.utils.module_loading import import_string

TASK = "offtake_web.jobs.tasks.run_job"


def enqueue(job_id: int) -> None:
    """Hand a job to whichever worker is free.

    The task calls our actions, which hand over jobs: as its queue does, we name it by its path.
    """
    import_string(TASK).enqueue(job_id)
