from __future__ import annotations

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "offtake_web.feeds"

    def ready(self) -> None:
        from offtake_web.feeds.tasks import add_kinds

        add_kinds()
