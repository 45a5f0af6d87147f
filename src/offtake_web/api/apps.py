from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "offtake_web.api"

    def ready(self) -> None:
        from offtake_web.api.actions import forget_answers
        from offtake_web.common.tidying import add_sweep

        add_sweep("old answers of the API", forget_answers)
