from __future__ import annotations

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "offtake_web.plans"

    def ready(self) -> None:
        from offtake_web.plans.tasks import add_kinds

        add_kinds()
