"""Removes what nobody needs any more; the worker does the same each day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from offtake_web.common.tidying import tidy


class Command(BaseCommand):
    help = "Remove ended sessions, old answers of the API, old task results and stale uploads."

    def handle(self, *args: Any, **options: Any) -> None:
        done = tidy()
        for name, count in done.items():
            self.stdout.write(f"{name}: {'not removed' if count is None else f'{count} removed'}")
        if None in done.values():
            raise CommandError("some could not be removed; the log says why")
