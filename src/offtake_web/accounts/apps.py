from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "offtake_web.accounts"

    def ready(self) -> None:
        from offtake_web.accounts import receivers

        receivers.connect()
