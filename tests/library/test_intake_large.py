"""Two million rows under a limit of memory: what does not fit is spilled, nothing fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from offtake.data.store import Store

ROWS = 2_000_000
PEAK_MB = 1_300
ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from pathlib import Path
from benchmarks.worker import peak_mb
from offtake.data.intake import load_file
from offtake.data.store import Store

with Store(Path(sys.argv[1]), memory_limit="1GB") as store:
    for file in sys.argv[2:]:
        done = load_file(store, file, as_contract="sales")
        print(done.loaded, done.replaced, done.set_aside, done.duplicate)
print(peak_mb())
"""


def write_sales(path: Path, *, restated: bool) -> None:
    units = "CASE WHEN range % 4 = 0 THEN 99 ELSE range % 7 END" if restated else "range % 7"
    with Store(":memory:") as store:
        store.execute(
            "COPY (SELECT 'S' || range % 2000 AS store_id, 'P' || range // 2000 AS product_id, "
            f"DATE '2024-01-01' AS week, {units} AS units, round(range % 900 * 1.1, 2) AS value "
            f"FROM range({ROWS})) TO '{path}' (HEADER)"
        )


@pytest.mark.slow
def test_two_million_rows_load_and_are_restated_under_1_gb(tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    write_sales(first, restated=False)
    write_sales(second, restated=True)
    # One broken line: the file is read again, every line numbered.
    with second.open("a", encoding="utf-8") as handle:
        handle.write('S1,"P1,2024-01-01,1,1\n')
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "s.duckdb"), str(first), str(second)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    one, other, peak = done.stdout.splitlines()
    assert one == f"{ROWS} 0 0 0"
    changed, broken = ROWS // 4, 1
    assert other == f"{changed} {changed} {broken} {ROWS - changed}"
    assert float(peak) < PEAK_MB
