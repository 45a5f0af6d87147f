"""Copies the workspace's SQLite database while it is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = "Copy the database of the workspace to a file, whole, while it is in use (SQLite)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Where to; must not be there yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if connection.vendor != "sqlite":
            raise CommandError("this database is PostgreSQL: copy it with pg_dump")
        if target.exists():
            raise CommandError(f"{target} is there already; name another file")
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        try:
            _copy(part)
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"{target} cannot be written: {error}") from error
        part.replace(target)
        self.stdout.write(f"Copied to {target} ({target.stat().st_size / 1e6:.1f} MB).")


def _copy(target: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy, pages=-1)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the copy is not whole")
