from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "offtake_web.runs"

    def ready(self) -> None:
        from offtake_web.runs.tasks import add_kinds

        add_kinds()
