"""Run the benchmarks: ``python -m benchmarks [NAME] [--case CASE] [--repeats N]``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.measuring import Bench, Row, machine
from benchmarks.printing import print_rows

HERE = Path(__file__).parent
RESULTS = HERE / "results"


Case = Callable[[Bench], list[Row]]


def names() -> list[str]:
    """Return the benchmarks there are: the folders with a ``cases.py``."""
    return sorted(path.parent.name for path in HERE.glob("*/cases.py"))


def cases_of(name: str) -> Mapping[str, Case]:
    """Return the cases of one benchmark."""
    cases: Mapping[str, Case] = importlib.import_module(f"benchmarks.{name}.cases").CASES
    return cases


def run(name: str, only: Sequence[str], repeats: int) -> None:
    """Measure, print, and write the results."""
    print(f"{name}: {machine()}")
    with tempfile.TemporaryDirectory(prefix="offtake-bench-") as folder:
        bench = Bench(Path(folder), repeats)
        cases = {key: case for key, case in cases_of(name).items() if not only or key in only}
        rows = []
        for key, case in cases.items():
            print(f"\n{name} {key}", flush=True)
            new = case(bench)
            print_rows(new)
            rows += new
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{'-'.join([name, *only])}.json"
    target.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {target.relative_to(HERE.parent)}")


def main(arguments: Sequence[str]) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=names(), help="one benchmark; all without it")
    parser.add_argument("--case", action="append", default=[], help="only this case of it")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each side (default 3)")
    given = parser.parse_args(arguments)
    for name in [given.name] if given.name else names():
        unknown = set(given.case) - set(cases_of(name))
        if unknown:
            parser.error(f"{name} has no case {sorted(unknown)}; it has {list(cases_of(name))}")
        run(name, given.case, given.repeats)


if __name__ == "__main__":
    main(sys.argv[1:])
