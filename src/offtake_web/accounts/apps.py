from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "offtake_web.accounts"

    def ready(self) -> None:
        from offtake_web.accounts import receivers
        from offtake_web.accounts.actions import forget_sessions
        from offtake_web.common.tidying import add_sweep

        receivers.connect()
        add_sweep("ended sessions", forget_sessions)
