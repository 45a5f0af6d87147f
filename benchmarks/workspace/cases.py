"""The workspace: fifty people on a copy of the demonstration, behind two servers in turn."""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.measuring import ROOT, Bench, Row
from benchmarks.workspace.serving import SERVERS, Place, run, serving, write_markets

REQUESTS, PAUSE_S = 20, 2.0
"""How many pages each of the fifty opens, and how long they look at each on average."""
MEDIAN_MS, P95_MS = 100.0, 400.0
"""Server time that is aimed at."""
DEMO = "OFFTAKE_DEMO"
"""The folder that ``make demo`` filled; the one of this repository where it is not set."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what for, milliseconds at the server (wall, CPU) and at the browser, bytes."""

    name: str
    right: bool
    wall_ms: float
    cpu_ms: float
    latency_ms: float
    size: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of everybody: the server's CPU and memory, the visitors' CPU, and every request."""

    asked: tuple[Asked, ...]
    wall_s: float
    cpu_s: float
    peak_mb: float
    visitors_cpu_s: float


def people(bench: Bench) -> list[Row]:
    """Measure fifty people who look at what they open."""
    return _measure(bench, "50 people", pause_s=PAUSE_S)


def hurry(bench: Bench) -> list[Row]:
    """Measure fifty who ask again at once: more than anybody's fifty people do."""
    return _measure(bench, "50 without a pause", pause_s=0.0)


def _measure(bench: Bench, case: str, *, pause_s: float) -> list[Row]:
    place = _place(bench.folder / "workspace")
    visits: dict[str, list[Visit]] = {server: [] for server in SERVERS}
    for number in range(bench.repeats):
        for server in SERVERS:
            visits[server].append(_visit(place, server, pause_s=pause_s, seed=number))
    return list(_rows(case, *(visits[server] for server in SERVERS)))


def _place(folder: Path) -> Place:
    """Copy the demonstration's published runs, and fill a workspace beside them, once."""
    place = Place(folder)
    if (folder / "filled.sqlite3").is_file():
        return place
    demo = Path(os.environ.get(DEMO) or ROOT / "demo").absolute()
    if not (demo / "twin" / "runs" / "published").is_file():
        raise SystemExit(f"{demo} holds no simulated market: make demo SERVE=0, or set {DEMO}")
    shutil.copytree(demo / "twin" / "runs", folder / "runs")
    write_markets(
        folder,
        {
            "key": "alder",
            "title": "Alder",
            "store": str(demo / "offtake.duckdb"),
            "runs": str(folder / "runs"),
            "simulated": True,
            "category": "BAG SNACKS",
            "manufacturer": "Alder",
            "currency": "EUR",
        },
    )
    run(place, "benchmarks.workspace.preparing", str(folder / "visitors.json"))
    run(place, "offtake_web", "collectstatic", "--no-input", "-v", "0", production=True)
    run(place, "offtake_web", "backup", str(folder / "filled.sqlite3"))
    return place


def _visit(place: Place, server: str, *, pause_s: float, seed: int) -> Visit:
    with serving(place, server) as server_at_work:
        port = server_at_work.port
        _go(place, port, pause_s=0.0, seed=seed, requests=4)
        cpu = server_at_work.cpu_s()
        found = _go(place, port, pause_s=pause_s, seed=seed, requests=REQUESTS)
        cpu = server_at_work.cpu_s() - cpu
    asked = tuple(Asked(name, bool(right), *more) for name, right, *more in found["seen"])
    wrong = [each.name for each in asked if not each.right]
    if wrong:
        raise SystemExit(f"{server}: {len(wrong)} requests went wrong, such as {wrong[:5]}")
    return Visit(asked, found["wall_s"], cpu, server_at_work.peak_mb, found["cpu_s"])


def _go(place: Place, port: int, *, pause_s: float, seed: int, requests: int) -> dict[str, Any]:
    visit = {
        "host": "127.0.0.1",
        "port": port,
        "pause_s": pause_s,
        "seed": seed,
        "requests": requests,
        "visitors": json.loads((place.folder / "visitors.json").read_text(encoding="utf-8")),
    }
    (place.folder / "visit.json").write_text(json.dumps(visit), encoding="utf-8")
    report = place.folder / "seen.json"
    run(place, "benchmarks.workspace.visiting", str(place.folder / "visit.json"), str(report))
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def _rows(case: str, ours: Sequence[Visit], peer: Sequence[Visit]) -> Iterator[Row]:
    yield _row(case, ours, peer)
    sides = [_by_name(ours), _by_name(peer)]
    for name in sorted(sides[0]):
        yield _page_row(f"{case}: {name}", sides[0][name], sides[1].get(name, []))


def _by_name(visits: Sequence[Visit]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for visit in visits:
        for each in visit.asked:
            found[each.name].append(each)
    return found


def _row(case: str, ours: Sequence[Visit], peer: Sequence[Visit]) -> Row:
    mine, other = [[each for visit in side for each in visit.asked] for side in (ours, peer)]
    cpu = [statistics.median(visit.cpu_s for visit in side) for side in (ours, peer)]
    median, p95 = (percentile([each.wall_ms for each in mine], share) for share in (50, 95))
    met = "met" if median < MEDIAN_MS and p95 < P95_MS else "MISSED"
    aim = f"aim of median {MEDIAN_MS:.0f} and p95 {P95_MS:.0f} ms server time {met}"
    load = statistics.median(visit.visitors_cpu_s for visit in ours)
    return Row(
        case=case,
        rows=len(ours[0].asked),
        ours_cpu_s=round(cpu[0], 2),
        ours_wall_s=round(statistics.median(visit.wall_s for visit in ours), 2),
        ours_peak_mb=round(max(visit.peak_mb for visit in ours)),
        peer="gunicorn",
        peer_version=version("gunicorn"),
        peer_cpu_s=round(cpu[1], 2),
        peer_wall_s=round(statistics.median(visit.wall_s for visit in peer), 2),
        peer_peak_mb=round(max(visit.peak_mb for visit in peer)),
        ratio_cpu=round(cpu[0] / cpu[1], 3),
        agreement=None,
        note=f"granian {_words(mine, ours)}; gunicorn {_words(other, peer)}; {aim}; no errors; the "
        f"visitors took {load:.1f} CPU s of the same cores",
    )


def _words(asked: Sequence[Asked], visits: Sequence[Visit]) -> str:
    rate = len(visits[0].asked) / statistics.median(visit.wall_s for visit in visits)
    return f"{_times(asked)}, {rate:.1f} requests a second"


def _times(asked: Sequence[Asked]) -> str:
    def of(values: Sequence[float]) -> str:
        return " / ".join(f"{percentile(values, share):.0f}" for share in (50, 95, 99))

    return (
        f"server {of([each.wall_ms for each in asked])} ms, at the browser "
        f"{of([each.latency_ms for each in asked])} ms (median / p95 / p99)"
    )


def _page_row(case: str, ours: Sequence[Asked], peer: Sequence[Asked]) -> Row:
    size = statistics.median(each.size for each in ours) / 1000
    sides = [sum(each.cpu_ms for each in side) / 1000 for side in (ours, peer)]
    return Row(
        case=case,
        rows=len(ours),
        ours_cpu_s=round(sides[0], 2),
        ours_wall_s=round(sum(each.wall_ms for each in ours) / 1000, 2),
        ours_peak_mb=None,
        peer="gunicorn",
        peer_version=version("gunicorn"),
        peer_cpu_s=round(sides[1], 2),
        peer_wall_s=round(sum(each.wall_ms for each in peer) / 1000, 2),
        peer_peak_mb=None,
        ratio_cpu=None,
        agreement=None,
        note=f"{_times(ours)}; {size:.0f} kB",
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]


CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {"people": people, "hurry": hurry}
)
