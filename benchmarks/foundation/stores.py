"""A store filled with Complete Journey, made once for the cases that only read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.foundation.intake import MEMORY
from benchmarks.measuring import Bench, Task, run_task

if TYPE_CHECKING:
    import duckdb

    from offtake.data.store import Store


def filled_store(bench: Bench) -> str:
    """Return the path of a store that holds every table."""
    store = bench.folder / "ours.duckdb"
    if not store.exists():
        run_task(Task("benchmarks.foundation.intake:ours", {"store": str(store)}))
    return str(store)


def open_ours(store: str) -> Store:
    """Open a store as the commands do, to read."""
    from offtake.data.store import Store

    return Store(Path(store), read_only=True, memory_limit=MEMORY)


def open_by_hand(store: str) -> duckdb.DuckDBPyConnection:
    """Open the same file with the engine alone, under the same settings."""
    import duckdb

    con = duckdb.connect(store, read_only=True)
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    return con
