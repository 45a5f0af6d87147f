"""Run pytest with a PostgreSQL server of its own: ``python -m tests.postgres -q tests/web``.

The server is thrown away afterwards: its files lie in a temporary folder, it listens on a socket
there and on nothing else. Where there is no PostgreSQL and it cannot be installed, the run is
skipped, loudly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

NEEDED = "PostgreSQL's server programs (initdb, pg_ctl): apt-get install postgresql"
SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def programs() -> Path | None:
    """Return the folder of the newest server's programs."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").is_file()), None)


def install() -> None:
    """Install PostgreSQL where that is possible; whether it worked shows in `programs`."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "postgresql"]):
        subprocess.run(["apt-get", *words], env=quiet, check=False, stdout=subprocess.DEVNULL)


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Start a server; yield the address of its database."""
    with tempfile.TemporaryDirectory(prefix="offtake-postgres-") as folder:
        as_user = unprivileged(Path(folder))
        data = f"{folder}/data"
        run(
            [
                *as_user,
                f"{binaries}/initdb",
                "-D",
                data,
                "-U",
                "offtake",
                "-A",
                "trust",
                "-E",
                "UTF8",
            ]
        )
        start = f"-k {folder} -c listen_addresses='' {SPEED}"
        run(
            [
                *as_user,
                f"{binaries}/pg_ctl",
                "-D",
                data,
                "-w",
                "-l",
                f"{folder}/log",
                "-o",
                start,
                "start",
            ]
        )
        try:
            yield f"postgresql://offtake@/postgres?host={quote(folder, safe='')}"
        finally:
            run([*as_user, f"{binaries}/pg_ctl", "-D", data, "-m", "immediate", "stop"])


def unprivileged(folder: Path) -> list[str]:
    """Return how to run as another user where we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def run(words: list[str]) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")


def main() -> int:
    if programs() is None:
        install()
    binaries = programs()
    if binaries is None:
        print(f"NOT RUN HERE: the workspace's tests on PostgreSQL; needed: {NEEDED}")
        return 0
    with server(binaries) as address:
        environ = os.environ | {"OFFTAKE_WEB_DATABASE_URL": address}
        return subprocess.run(
            [sys.executable, "-m", "pytest", *sys.argv[1:]], env=environ, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
