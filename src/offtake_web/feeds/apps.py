from __future__ import annotations

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "offtake_web.feeds"

    def ready(self) -> None:
        from offtake_web.common.tidying import add_sweep
        from offtake_web.feeds.tasks import add_kinds
        from offtake_web.feeds.uploads import tidy

        add_kinds()
        add_sweep("stale uploads", tidy)
