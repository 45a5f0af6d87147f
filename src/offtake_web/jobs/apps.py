from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "offtake_web.jobs"

    def ready(self) -> None:
        from offtake_web.common.tidying import add_sweep
        from offtake_web.jobs.actions import forget_tasks

        add_sweep("old task results", forget_tasks)
