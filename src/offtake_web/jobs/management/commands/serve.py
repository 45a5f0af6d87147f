"""Starts the workspace: the web server and the worker, which end together."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from offtake_web.jobs.supervisor import Supervisor

THREADS = 4
"""Of each process that answers pages; more only wait for each other."""
PREPARING = 7245033
"""Any number, the same for all servers."""
APPLICATION = "offtake_web.config.wsgi:application"


class Command(BaseCommand):
    help = "Serve the workspace and do its loads and refreshes; Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Where to listen (127.0.0.1).")
        parser.add_argument("--port", type=int, default=8000, help="Port (8000).")
        parser.add_argument(
            "--workers", type=int, default=1, help="Processes that answer pages (1)."
        )
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="First bring the database up to date, and in production gather static files.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prepare"]:
            prepare()
        if _unapplied():
            raise CommandError("the database is not up to date; start with: serve --prepare")
        host, port = options["host"], options["port"]
        if not _free(host, port):
            raise CommandError(f"port {port} of {host} is taken; try another --port")
        supervisor = Supervisor(_commands(host, port, options["workers"]), self._say)
        address = f"Offtake is at http://{host}:{port}/ (Ctrl-C stops it)"
        sys.exit(supervisor.run(lambda: _answers(host, port), address))

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def prepare() -> None:
    """Bring the database up to date; in production gather static files too."""
    with _one_at_a_time():
        call_command("migrate", verbosity=0)
    if settings.STATIC_ROOT is not None:
        call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait while another server brings the same PostgreSQL database up to date."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARING])


def _unapplied() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _commands(host: str, port: int, workers: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web server": [
            *python, "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--no-ws", "--respawn-failed-workers",
            "--blocking-threads", str(THREADS), "--log-level", "warning", APPLICATION,
        ],
        "worker": [*python, "offtake_web", "worker", "--of", str(os.getpid())],
    }  # fmt: skip


def _free(host: str, port: int) -> bool:
    """Say whether nobody listens there; the web server would share the port without a word."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(address)
        except OSError:
            return False
    return True


def _answers(host: str, port: int) -> bool:
    """Say whether something answers there, whatever it says: it may know us under another name."""
    asked = http.client.HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "") else host, port, 1)  # noqa: S104  # a comparison
    try:
        asked.request("GET", "/healthz")
        asked.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
    return True
