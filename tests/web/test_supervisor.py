"""The processes of the workspace start, live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = """
import sys
from offtake_web.jobs import supervisor
supervisor.TOO_SOON = {too_soon}
supervisor.PATIENCE = {patience}
python = [sys.executable, "-c"]
commands = {{"first": [*python, {first!r}], "second": [*python, {second!r}]}}
say = lambda sentence: print(sentence, flush=True)
sys.exit(supervisor.Supervisor(commands, say).run(lambda: True, "ready"))
"""
SLEEP = "import time; time.sleep(600)"


@contextmanager
def start(
    first: str, second: str = SLEEP, *, too_soon: float = 5.0, patience: float = 5.0
) -> Iterator[subprocess.Popen[str]]:
    script = SCRIPT.format(first=first, second=second, too_soon=too_soon, patience=patience)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # does nothing to one that has ended; a failed test must not wait for it


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def told(folder: Path, name: str) -> str:
    """Return a program that writes its number to a file and sleeps."""
    file = str(folder / name)
    return f"import os,time; open({file!r},'a').write(str(os.getpid())+' '); time.sleep(600)"


def numbers(folder: Path, name: str, count: int) -> list[int]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        path = folder / name
        found = path.read_text().split() if path.exists() else []
        if len(found) >= count:
            return [int(each) for each in found]
        time.sleep(0.05)
    raise AssertionError(f"{name} was not started {count} times")


def gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_word_ends_all_of_them(tmp_path: Path, number: signal.Signals) -> None:
    with start(told(tmp_path, "a"), told(tmp_path, "b")) as process:
        assert line(process) == "ready"
        pids = [*numbers(tmp_path, "a", 1), *numbers(tmp_path, "b", 1)]
        process.send_signal(number)
        assert process.wait(20) == 0
        assert line(process) == "Stopping..."
    assert all(gone(pid) for pid in pids)


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    with start(told(tmp_path, "a"), too_soon=0.0) as process:
        assert line(process) == "ready"
        os.kill(numbers(tmp_path, "a", 1)[0], signal.SIGKILL)
        assert line(process) == "The first ended (SIGKILL); starting it again."
        assert len(set(numbers(tmp_path, "a", 2))) == 2
        process.terminate()
        assert process.wait(20) == 0


def test_a_process_that_cannot_start_stops_everything_with_the_reason(tmp_path: Path) -> None:
    with start("raise SystemExit(3)", told(tmp_path, "b")) as process:
        said = [line(process) for _ in range(3)]
        assert process.wait(20) == 1
    assert "The first ended at once (exit code 3); stopping everything." in said
    assert all(gone(pid) for pid in numbers(tmp_path, "b", 0))


def test_a_process_that_does_not_end_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + told(tmp_path, "a")
    with start(deaf, patience=0.5) as process:
        pid = numbers(tmp_path, "a", 1)[0]
        process.terminate()
        assert process.wait(20) == 0
        assert "The first does not end; it is killed." in [line(process) for _ in range(3)]
    assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends them on Linux only")
def test_processes_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with start(told(tmp_path, "a")) as process:
        assert line(process) == "ready"
        pid = numbers(tmp_path, "a", 1)[0]
        process.kill()
        process.wait(20)
    deadline = time.monotonic() + 10
    while not gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
