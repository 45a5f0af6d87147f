"""Keeps the processes of the workspace running together, and ends them together."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

PR_SET_PDEATHSIG = 1
"""Of Linux's ``prctl``."""
LOOK_EVERY = 0.2
TOO_SOON = 5.0
"""A process that ends within so many seconds of its start is not started again."""
PATIENCE = 20.0
"""Seconds that a process has to end in good order."""
Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """A process of ours: its name for people, how it is started, and since when it runs."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts processes, starts those again that die, and ends all when told to.

    Parameters
    ----------
    commands
        How each process is started, by its name.
    say
        Told in a sentence what happens.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], say: Say) -> None:
        self.commands, self.say = commands, say
        self.children: list[Child] = []
        self.told_to_end = threading.Event()

    def run(self, ready: Callable[[], bool], hello: str) -> int:
        """Run until told to end or a process cannot be kept alive; return the exit code.

        Parameters
        ----------
        ready
            Whether the workspace answers; asked until it does.
        hello
            Said then.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        greeted = False
        try:
            self.children = [_start(name, command) for name, command in self.commands.items()]
            while not self.told_to_end.wait(LOOK_EVERY):
                if not self._keep_alive():
                    return 1
                if not greeted and ready():
                    self.say(hello)
                    greeted = True
        finally:
            self._end_all()
        return 0

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.told_to_end.set()

    def _keep_alive(self) -> bool:
        """Start again what has died; False where that makes no sense."""
        for place, child in enumerate(self.children):
            code = child.process.poll()
            if code is None:
                continue
            if time.monotonic() - child.started < TOO_SOON:
                self.say(f"The {child.name} ended at once ({_reason(code)}); stopping everything.")
                return False
            self.say(f"The {child.name} ended ({_reason(code)}); starting it again.")
            self.children[place] = _start(child.name, child.command)
        return True

    def _end_all(self) -> None:
        running = [child for child in self.children if child.process.poll() is None]
        if running:
            self.say("Stopping...")
        for child in running:
            child.process.terminate()
        deadline = time.monotonic() + PATIENCE
        for child in running:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"The {child.name} does not end; it is killed.")
                child.process.kill()
                child.process.wait()


def _start(name: str, command: Sequence[str]) -> Child:
    # In a session of its own: Ctrl-C reaches us alone, and we end the others in good order.
    process = subprocess.Popen(  # noqa: S603  # our own program
        command,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  # we have no threads
    )
    return Child(name, command, process)


def _end_with_parent() -> None:
    """Have the system end this process when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
