"""Tables of a run are read once and kept within bounds."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offtake.errors import UnknownNameError, UnreadableFileError
from offtake.report.manifest import EXAMPLE, TableEntry
from offtake.report.run import Run
from offtake_web.runs import tables
from offtake_web.runs.tables import TableCache

BYTES = 100 * 8 + 13
"""Of one table: a hundred numbers, and a bit for each that says whether it is there."""


def run_with(folder: Path, *names: str) -> Run:
    (folder / "tables").mkdir(parents=True)
    for place, name in enumerate(names):
        rows = pa.table({"week": [place] * 100})
        pq.write_table(rows, folder / "tables" / f"{name}.parquet")
    entries = tuple(
        TableEntry(name=name, measure=name, fingerprint="", sha256="", rows=100, seconds=0.0)
        for name in names
    )
    return Run(folder, replace(EXAMPLE, tables=entries))


def test_a_table_is_read_once(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "sales")
    first = tables.table(run, "sales")
    (run.folder / "tables" / "sales.parquet").unlink()
    assert tables.table(run, "sales") is first


def test_runs_do_not_mix(tmp_path: Path) -> None:
    first = run_with(tmp_path / "monday", "sales")
    second = run_with(tmp_path / "tuesday", "other", "sales")
    assert tables.table(first, "sales")["week"][0].as_py() == 0
    assert tables.table(second, "sales")["week"][0].as_py() == 1


def test_a_table_that_the_run_has_not(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "sales")
    with pytest.raises(UnknownNameError, match="sales"):
        tables.table(run, "../published")


def test_a_file_that_is_gone_or_damaged(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "sales", "prices")
    (run.folder / "tables" / "sales.parquet").unlink()
    (run.folder / "tables" / "prices.parquet").write_bytes(b"PAR1nonsense")
    for name in run.table_names:
        with pytest.raises(UnreadableFileError, match=f"table {name} of run"):
            tables.table(run, name)


def test_the_table_longest_unused_leaves_first(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "a", "b", "c", "d")
    cache = TableCache(most_bytes=2 * BYTES)
    first = cache.table(run, "a")
    cache.table(run, "b")
    assert cache.table(run, "a") is first
    cache.table(run, "c")
    assert (len(cache), cache.bytes) == (2, 2 * BYTES)
    (run.folder / "tables" / "a.parquet").unlink()
    (run.folder / "tables" / "b.parquet").unlink()
    assert cache.table(run, "a") is first
    with pytest.raises(UnreadableFileError):
        cache.table(run, "b")


def test_a_table_larger_than_the_room_is_not_kept(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "a")
    cache = TableCache(most_bytes=10)
    assert cache.table(run, "a") is not cache.table(run, "a")
    assert (len(cache), cache.bytes) == (0, 0)


def test_threads_that_ask_together_count_a_table_once(tmp_path: Path) -> None:
    run = run_with(tmp_path / "monday", "a", "b")
    cache = TableCache(most_bytes=10_000)
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        for name in ("a", "b") * 20:
            cache.table(run, name)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(cache), cache.bytes) == (2, 2 * BYTES)
