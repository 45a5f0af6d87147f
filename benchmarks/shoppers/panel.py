"""Panel analytics of Complete Journey: all household measures, and those that a peer has, too.

``openretailscience`` asks for an older engine and an older pandas than ours, and its licence keeps
it out of what Offtake installs: it is given an environment of its own.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.foundation import catalogue
from benchmarks.foundation.stores import filled_store, open_ours
from benchmarks.measuring import (
    ROOT,
    Bench,
    Limits,
    Row,
    Stopped,
    Task,
    alone,
    compare,
    in_turn,
    run_limited,
    run_task,
)
from benchmarks.worker import Clock

PEER, VERSION = "openretailscience", "0.48.1"
LIMITS = Limits(cpu_s=300.0, memory_mb=11 * 2**10)
CATEGORY, MAKER = "BAG SNACKS", "544"
NOW, BEFORE = ("2017-07-03", "2017-12-25"), ("2017-01-02", "2017-06-26")
"""First and last Mondays of the two halves of the year."""
TASKS = {
    "buyers": "buyers, trips and spend of every manufacturer",
    "switching": "gain and loss of one manufacturer between two half-years",
    "flow": "new, retained and lapsed buyers of it",
    "heavy": "heavy, medium and light buyers of it (the peer cuts at 20 and 50 %)",
}


def whole_catalogue(bench: Bench) -> list[Row]:
    """Ask every measure of households, against hand-written SQL."""
    from offtake.measures.catalogue import CATALOGUE

    of_households = {name for name, each in CATALOGUE.items() if "basket_line" in each.needs}
    names = sorted({each.measure for each in catalogue.asked()} & of_households)
    store = filled_store(bench)
    ours, hand = (
        Task(f"{catalogue.ME}:{side}", {"store": store, "measures": names})
        for side in ("ours", "by_hand")
    )
    pairs = in_turn(ours, hand, bench.repeats)
    found = catalogue.worst(pairs, names)
    questions = len(catalogue.asked(names))
    return [
        compare(
            "the panel's catalogue", pairs, rows=catalogue.answered(pairs, ""),
            agreement=max(gap for gap, _ in found.values()),
            note=f"{questions} questions to {len(names)} measures",
        )
    ]  # fmt: skip


def peer_functions(bench: Bench) -> list[Row]:
    """Ask what openretailscience has functions for, of the same baskets."""
    store, lines = filled_store(bench), bench.folder / "lines.parquet"
    _write_lines(store, lines)
    python = _environment(bench.folder / "peer")
    return [
        _asked(bench, name, title, (store, str(lines), python)) for name, title in TASKS.items()
    ]


def _asked(bench: Bench, name: str, title: str, places: tuple[str, str, str]) -> Row:
    store, lines, python = places
    ours = Task("benchmarks.shoppers.panel:ours", {"store": store, "name": name})
    peer = Task("benchmarks.shoppers.openretail:peer", {"lines": lines, "name": name}, python)
    first = run_task(ours)
    base = replace(alone(title, first, rows=first.facts["rows"], note=""), peer=PEER)
    if not python:
        return replace(base, note="peer: no environment could be made for it (needs uv, network)")
    run = run_limited(peer, LIMITS)
    if isinstance(run, Stopped):
        return replace(base, peer_version=VERSION, note=f"peer: {run.reason}")
    pairs = in_turn(ours, peer, bench.repeats, name=PEER)
    return compare(
        title, pairs, rows=first.facts["rows"],
        agreement=difference(first.facts["answer"], run.facts["answer"]), note=run.facts["note"],
    )  # fmt: skip


def difference(one: dict[str, float], other: dict[str, float]) -> float | None:
    """Return the largest relative difference of what both tell; None where that is nothing."""
    both = one.keys() & other.keys()
    gaps = [abs(one[name] - other[name]) / max(abs(one[name]), 1.0) for name in both]
    return max(gaps) if gaps else None


def _environment(folder: Path) -> str:
    """Return the interpreter of an environment with the peer in it; empty where none is made."""
    tool = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([tool, "venv", "--quiet", str(folder)], check=True)
        subprocess.run(
            [tool, "pip", "install", "--quiet", "--python", str(python), f"{PEER}=={VERSION}"],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return str(python)


def _write_lines(store: str, path: Path) -> None:
    """Write basket lines as the peer wants them: with what it is asked by beside each."""
    import ibis
    import pyarrow.parquet as pq

    with open_ours(store) as opened:
        tables = opened.tables()
        goods = tables["product"].select("product_id", "category", "manufacturer")
        lines = tables["basket_line"].inner_join(goods, "product_id")
        lines = lines.filter(lines.units > 0)
        period = ibis.cases(
            *(
                (lines.week.between(*map(date.fromisoformat, each)), name)
                for name, each in (("now", NOW), ("before", BEFORE))
            )
        )
        found = lines.select(
            "category",
            "manufacturer",
            customer_id="household_id",
            transaction_id="basket_id",
            unit_spend="value",
            unit_quantity="units",
            period=period,
        )
        pq.write_table(opened.run(found), path)


def ours(clock: Clock, store: str, name: str) -> dict[str, Any]:
    """Ask the catalogue one task."""
    from offtake.measures.ask import ask

    where = [f"category={CATEGORY}"]
    half = f"{_week(NOW[0])}..{_week(NOW[1])}"
    questions: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "buyers": [
            (measure, {"by": ["manufacturer"], "where": where})
            for measure in ("buyers", "trips", "household_sales_value")
        ],
        "switching": [("switching", {"where": [*where, f"manufacturer={MAKER}"], "period": half})],
        "flow": [("buyer_flow", {"where": [*where, f"manufacturer={MAKER}"], "period": half})],
        "heavy": [("heavy_medium_light", {"where": [*where, f"manufacturer={MAKER}"]})],
    }
    with open_ours(store) as opened:
        tables = opened.tables()
        opened.run(tables["store"].count().as_table())  # what is set up once is start-up
        with clock.part("asked"):
            tables_found = [
                opened.run(ask(tables, measure, **rest)).to_pylist()
                for measure, rest in questions[name]
            ]
    answer: dict[str, float] = {}
    for (measure, _), rows in zip(questions[name], tables_found, strict=True):
        for row in rows:
            group = row.get("manufacturer") or row.get("buyer_status") or row.get("buyer_group", "")
            answer[f"{measure} {group}".strip()] = float(row["value"] or 0)
    if name == "flow":
        answer["buyer_flow new"] += answer.pop("buyer_flow returning")
    if name == "heavy":
        answer = {}
    return {"answer": answer, "rows": sum(map(len, tables_found))}


def _week(monday: str) -> str:
    year, week, _ = date.fromisoformat(monday).isocalendar()
    return f"{year}-W{week:02d}"
