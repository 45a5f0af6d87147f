"""One task in its own process: ``python -m benchmarks.worker MODULE:NAME ARGUMENTS REPORT``."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Clock:
    """Times the parts of a task; what comes before the first part is start-up."""

    def __init__(self) -> None:
        self.startup_cpu_s: float | None = None
        self.parts: dict[str, tuple[float, float]] = {}
        self.peak_mb = 0.0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a block; a part entered again grows."""
        cpu, wall = time.process_time(), time.perf_counter()
        if self.startup_cpu_s is None:
            self.startup_cpu_s = cpu
        yield
        spent = time.process_time() - cpu, time.perf_counter() - wall
        before = self.parts.get(name, (0.0, 0.0))
        self.parts[name] = (before[0] + spent[0], before[1] + spent[1])
        self.peak_mb = peak_mb()


def peak_mb() -> float:
    """The most memory this process has held at once, in MB of 2**20 bytes.

    Linux's ``ru_maxrss`` outlives ``exec``: a small process started by a large one reports
    the large one's peak. The high-water mark of the process's own memory does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        held = next(line for line in lines if line.startswith("VmHWM:"))
        return int(held.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def main(function: str, arguments: str, report: str) -> None:
    """Run the task and write what it took."""
    module, _, name = function.partition(":")
    clock = Clock()
    facts = getattr(importlib.import_module(module), name)(clock, **json.loads(arguments))
    found = {
        "startup_cpu_s": clock.startup_cpu_s or 0.0,
        "parts": clock.parts,
        "peak_mb": clock.peak_mb,
        "facts": facts,
    }
    Path(report).write_text(json.dumps(found, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
