"""Measure two ways of doing one job: each run in a fresh process, ours and the peer in turn."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the cases of a benchmark may write, and how often each side is measured."""

    folder: Path
    repeats: int


@dataclass(frozen=True, slots=True)
class Task:
    """A function to run in a process of its own.

    Parameters
    ----------
    function
        ``package.module:name``; called with a :class:`benchmarks.worker.Clock` and `arguments`.
    arguments
        Keyword arguments that JSON can carry.
    python
        The interpreter of another environment; empty takes this one.
    """

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    python: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a task took.

    Parameters
    ----------
    startup_cpu_s
        CPU seconds before the work began: the interpreter, imports, opening files.
    parts
        Part of the work to its (CPU seconds, wall seconds); CPU counts all threads.
    peak_mb
        Largest resident memory of the process, start-up included, until the work was done.
    facts
        What the task returned.
    """

    startup_cpu_s: float
    parts: Mapping[str, tuple[float, float]]
    peak_mb: float
    facts: Mapping[str, Any]

    def cpu_s(self, prefix: str = "") -> float:
        """CPU seconds of the parts whose name starts with `prefix`."""
        return sum(cpu for name, (cpu, _) in self.parts.items() if name.startswith(prefix))

    def wall_s(self, prefix: str = "") -> float:
        """Wall seconds of the parts whose name starts with `prefix`."""
        return sum(wall for name, (_, wall) in self.parts.items() if name.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a task may take before it is stopped: CPU seconds of all threads, resident memory."""

    cpu_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """A task that was stopped at a limit, or failed.

    Parameters
    ----------
    reason
        In a few words; of a failure, the last line it wrote to standard error.
    cpu_s, wall_s, peak_mb
        What it had taken until then, start-up included.
    """

    reason: str
    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results, as ``benchmarks/results/<name>.json`` holds it."""

    case: str
    rows: int
    ours_cpu_s: float | None
    ours_wall_s: float | None
    ours_peak_mb: float | None
    peer: str
    peer_version: str
    peer_cpu_s: float | None
    peer_wall_s: float | None
    peer_peak_mb: float | None
    ratio_cpu: float | None
    agreement: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Runs of both sides, taken in turn: the n-th of ours stands beside the n-th of the peer.

    Parameters
    ----------
    ours, peer
        The runs. The peer's facts hold its ``version``.
    name
        What the peer is called.
    """

    ours: tuple[Taken, ...]
    peer: tuple[Taken, ...]
    name: str

    def ratio(self, prefix: str = "") -> float:
        """Median CPU of ours over median CPU of the peer."""
        ours = statistics.median(run.cpu_s(prefix) for run in self.ours)
        return ours / statistics.median(run.cpu_s(prefix) for run in self.peer)

    def ratio_range(self, prefix: str = "") -> tuple[float, float]:
        """Smallest and largest ratio of two runs that stand beside each other."""
        ratios = [
            a.cpu_s(prefix) / b.cpu_s(prefix) for a, b in zip(self.ours, self.peer, strict=True)
        ]
        return min(ratios), max(ratios)


def run_task(task: Task) -> Taken:
    """Run one task in a fresh process and wait for it.

    Raises
    ------
    subprocess.CalledProcessError
        When the task fails; what it wrote to standard error stands on ours.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(_command(task, report), check=True, cwd=ROOT)
        return _taken(report)


def run_limited(task: Task, limits: Limits) -> Taken | Stopped:
    """Run one task in a fresh process, and stop it where it takes too much.

    A process that stands still is stopped too: after ten times the CPU limit by the clock.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, said = Path(folder) / "report.json", Path(folder) / "said.txt"
        with said.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(
                _command(task, report), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors
            )
            stopped = _watched(process, limits)
        if stopped.reason:
            return stopped
        if process.returncode == 0:
            return _taken(report)
        lines = said.read_text(encoding="utf-8").strip().splitlines()
        failed = f"failed: {lines[-1]}" if lines else f"ended with status {process.returncode}"
        return replace(stopped, reason=failed)


def _watched(process: subprocess.Popen[bytes], limits: Limits) -> Stopped:
    """Wait for a process; the reason is empty where it ended by itself."""
    import psutil

    began, seen = time.perf_counter(), psutil.Process(process.pid)
    cpu_s = peak_mb = 0.0
    reason = ""
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            peak_mb = max(peak_mb, seen.memory_info().rss / 2**20)
            cpu_s = sum(seen.cpu_times()[:2])
        wall_s = time.perf_counter() - began
        if cpu_s > limits.cpu_s:
            reason = f"stopped at {limits.cpu_s:.0f} CPU s"
        elif wall_s > 10 * limits.cpu_s:
            reason = f"stopped after {wall_s:.0f} s"
        elif peak_mb > limits.memory_mb:
            reason = f"stopped at {limits.memory_mb / 2**10:.0f} GB of memory"
        if reason:
            process.kill()
            process.wait()
        time.sleep(LOOK_EVERY_S)
    return Stopped(reason, cpu_s, time.perf_counter() - began, peak_mb)


def _command(task: Task, report: Path) -> list[str]:
    given = json.dumps(dict(task.arguments))
    python = task.python or sys.executable
    return [python, "-m", "benchmarks.worker", task.function, given, str(report)]


def _taken(report: Path) -> Taken:
    found = json.loads(report.read_text(encoding="utf-8"))
    parts = {name: (cpu, wall) for name, (cpu, wall) in found["parts"].items()}
    return Taken(found["startup_cpu_s"], parts, found["peak_mb"], found["facts"])


def in_turn(ours: Task, peer: Task, repeats: int, *, name: str = "SQL by hand") -> Pairs:
    """Run ours, peer, ours, peer ... so that whatever else the machine does meets both alike."""
    runs = [(run_task(ours), run_task(peer)) for _ in range(repeats)]
    return Pairs(tuple(a for a, _ in runs), tuple(b for _, b in runs), name)


def compare(
    case: str,
    pairs: Pairs,
    *,
    rows: int,
    agreement: float | None,
    note: str = "",
    prefix: str = "",
) -> Row:
    """Make a line of the results out of medians.

    Parameters
    ----------
    case, rows, agreement, note
        As in the results; the range of the pairwise ratios, and start-up where all of the work is
        counted, are added to the note.
    pairs
        The runs.
    prefix
        Count only the parts whose name starts so.
    """
    low, high = pairs.ratio_range(prefix)
    more = f"ratio of pairs {low:.2f} to {high:.2f} over {len(pairs.ours)}"
    if not prefix:
        ours, other = _startup(pairs.ours), _startup(pairs.peer)
        more += f"; start-up, not counted, {ours:.2f} s against {other:.2f} s"
    return Row(
        case=case,
        rows=rows,
        ours_cpu_s=_median(pairs.ours, "cpu_s", prefix),
        ours_wall_s=_median(pairs.ours, "wall_s", prefix),
        ours_peak_mb=round(max(run.peak_mb for run in pairs.ours)),
        peer=pairs.name,
        peer_version=str(pairs.peer[0].facts["version"]),
        peer_cpu_s=_median(pairs.peer, "cpu_s", prefix),
        peer_wall_s=_median(pairs.peer, "wall_s", prefix),
        peer_peak_mb=round(max(run.peak_mb for run in pairs.peer)),
        ratio_cpu=round(pairs.ratio(prefix), 3),
        agreement=agreement,
        note=". ".join(part for part in (note.rstrip("."), more) if part),
    )


def alone(case: str, run: Taken, *, rows: int, note: str, prefix: str = "") -> Row:
    """Make a line of the results out of one run that has no peer."""
    return Row(
        case=case,
        rows=rows,
        ours_cpu_s=round(run.cpu_s(prefix), 2),
        ours_wall_s=round(run.wall_s(prefix), 2),
        ours_peak_mb=round(run.peak_mb),
        peer="(none)",
        peer_version="",
        peer_cpu_s=None,
        peer_wall_s=None,
        peer_peak_mb=None,
        ratio_cpu=None,
        agreement=None,
        note=note,
    )


def _median(runs: Sequence[Taken], what: str, prefix: str) -> float:
    return round(float(statistics.median(getattr(run, what)(prefix) for run in runs)), 3)


def _startup(runs: Sequence[Taken]) -> float:
    return statistics.median(run.startup_cpu_s for run in runs)


def relative_difference(one: float | None, other: float | None) -> float:
    """Return by which part of the larger two numbers differ; 1 where only one is a number."""
    if one is None or other is None:
        return 0.0 if one is other else 1.0
    if one == other or (isnan(one) and isnan(other)):
        return 0.0
    return abs(one - other) / max(abs(one), abs(other))


def machine() -> str:
    """Describe the machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, Python {python}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor unknown"
