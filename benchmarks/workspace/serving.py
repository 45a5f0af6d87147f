"""A production workspace behind a server, and what its processes take."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.measuring import ROOT

WORKERS, THREADS = 2, 4
APPLICATION = "offtake_web.config.wsgi:application"
START_S = 90
SERVERS = ("granian", "gunicorn")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a workspace: its markets, its database as filled, its static files."""

    folder: Path

    def environment(self, *, production: bool) -> dict[str, str]:
        """Return what the workspace reads from its environment."""
        more = {
            "OFFTAKE_WEB_MODE": "production",
            "OFFTAKE_WEB_SECRET_KEY": secret(),
            "OFFTAKE_WEB_ALLOWED_HOSTS": "127.0.0.1",
            "OFFTAKE_WEB_BEHIND_PROXY": "1",
            "OFFTAKE_WEB_TIMING": "1",
        }
        common = {
            "OFFTAKE_WEB_MODE": "development",
            "OFFTAKE_WEB_DEBUG": "0",
            "OFFTAKE_WEB_SECRET_KEY": secret(),
            "OFFTAKE_WEB_MARKETS": str(self.folder / "markets.toml"),
            "OFFTAKE_WEB_DATABASE_URL": f"sqlite:///{self.folder}/workspace.sqlite3",
            "OFFTAKE_WEB_STATIC_ROOT": str(self.folder / "static"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        return dict(os.environ) | common | (more if production else {})


_SECRET: list[str] = []


def secret() -> str:
    """Return the key of this run: cookies made while filling are good while serving."""
    if not _SECRET:
        _SECRET.append(secrets.token_urlsafe(64))
    return _SECRET[0]


def run(place: Place, *arguments: str, production: bool = False) -> None:
    """Run a module of ours to its end.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    """
    command = [sys.executable, "-m", *arguments]
    environment = place.environment(production=production)
    subprocess.run(command, env=environment, cwd=place.folder, check=True)  # ours


def command(server: str, port: int) -> list[str]:
    """Return how each server is started: as many processes and threads on either side."""
    if server == "granian":
        return [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(THREADS),
            "--no-ws", "--log-level", "warning", APPLICATION,
        ]  # fmt: skip
    return [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS),
        "--threads", str(THREADS), "--keep-alive", "60", "--log-level", "warning", APPLICATION,
    ]  # fmt: skip


@dataclass(slots=True)
class Serving:
    """A server at work.

    Parameters
    ----------
    port
        Where it listens.
    process
        The process that was started; the others are its children.
    peak_mb
        The most memory that all of them held at once; pages that they share count once for each.
    """

    port: int
    process: psutil.Process
    peak_mb: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu_s(self) -> float:
        """CPU seconds that all its processes have taken."""
        return sum(sum(each.cpu_times()[:2]) for each in self.family())

    def watch(self) -> None:
        """Look at memory until ended."""
        while not self.ended.wait(0.25):
            held = 0.0
            for each in self.family():
                try:
                    held += each.memory_info().rss / 2**20
                except psutil.NoSuchProcess:
                    continue
            self.peak_mb = max(self.peak_mb, held)


@contextmanager
def serving(place: Place, server: str) -> Iterator[Serving]:
    """Start a server on the database as it was filled, and end it."""
    shutil.copy(place.folder / "filled.sqlite3", place.folder / "workspace.sqlite3")
    for leftover in ("-wal", "-shm"):
        (place.folder / f"workspace.sqlite3{leftover}").unlink(missing_ok=True)
    port = _free_port()
    environment = place.environment(production=True)
    started = subprocess.Popen(command(server, port), env=environment, cwd=place.folder)  # ours
    try:
        _await(port, started)
        found = Serving(port, psutil.Process(started.pid))
        watcher = threading.Thread(target=found.watch)
        watcher.start()
        yield found
        found.ended.set()
        watcher.join()
    finally:
        started.terminate()
        started.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await(port: int, started: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and started.poll() is None:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        finally:
            asked.close()
    raise RuntimeError(f"the server did not answer within {START_S} s")


def write_markets(folder: Path, values: Mapping[str, str | bool]) -> None:
    """Write the file of the one market."""
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(str(value))}"
        for name, value in values.items()
    ]
    (folder / "markets.toml").write_text("\n".join(["[[market]]", *lines, ""]), encoding="utf-8")
