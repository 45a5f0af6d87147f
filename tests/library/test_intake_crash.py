"""A load cut short leaves the last good state; the next one completes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from offtake.data import intake
from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.errors import (
    BadInputError,
    OfftakeError,
    StoppedError,
    StoreBusyError,
    UnreadableFileError,
)
from tests.library.intake_files import SALES, WEEK, sales_of, whole_store, write_csv

FIRST = [("S1", "P1", WEEK, 1, 1.5), ("S2", "P1", WEEK, 2, 2.5)]
SECOND = [("S1", "P1", WEEK, 10, 1.5), ("S9", "P1", WEEK, "x", 1), ("S4", "P1", WEEK, 4, 4)]

# Loads a file, says when it comes to a step, and waits there.
PROGRAM = """
import signal, sys, time
from pathlib import Path
from offtake.data.intake import load_file
from offtake.data.store import Store

# A shell that starts the tests in the background has them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

def stop(step, share):
    if step == sys.argv[3]:
        print("here", flush=True)
        time.sleep(600)

with Store(Path(sys.argv[1])) as store:
    try:
        load_file(store, sys.argv[2], as_contract="sales", progress=stop)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


def start(store: Path, file: Path, step: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store), str(file), step],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


@pytest.mark.parametrize("step", ["reading", "checking", "writing"])
def test_kill_in_the_middle_of_a_load(tmp_path: Path, step: str) -> None:
    path = tmp_path / "s.duckdb"
    second = write_csv(tmp_path / "2.csv", SALES, SECOND)
    with Store(path) as store:
        load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST), as_contract="sales")
        before = whole_store(store)
    with start(path, second, step) as process:
        process.send_signal(signal.SIGKILL)
    with Store(path) as store:
        assert whole_store(store) == before
        done = load_file(store, second, as_contract="sales")
        assert (done.loaded, done.replaced, done.set_aside) == (2, 1, 1)
        assert sales_of(store, "store_id", "units") == [("S1", 10), ("S2", 2), ("S4", 4)]


def test_control_c_in_the_middle_of_a_load(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with Store(path) as store:
        load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST), as_contract="sales")
        before = whole_store(store)
    with start(path, write_csv(tmp_path / "2.csv", SALES, SECOND), "writing") as process:
        process.send_signal(signal.SIGINT)
        assert process.communicate()[0] == "stopped\n"
    with Store(path) as store:
        assert whole_store(store) == before


def test_control_c_during_a_statement_of_the_engine(tmp_path: Path) -> None:
    import threading

    file = tmp_path / "big.csv"
    with Store(":memory:") as store:
        store.execute(
            "COPY (SELECT 'S' || range AS store_id, repeat('x', 40) AS city FROM range(3000000)) "
            f"TO '{file}' (HEADER)"
        )
        ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            load_file(store, file, as_contract="store")
        timer.join()
        signal.signal(signal.SIGINT, ignored)
        assert store.fetch("SELECT count(*) FROM store") == [(0,)]
        assert store.fetch("SELECT count(*) FROM meta.loads") == [(0,)]


@pytest.mark.parametrize("step", ["reading", "checking", "writing"])
def test_a_load_that_is_told_to_stop_leaves_no_trace(tmp_path: Path, step: str) -> None:
    def stop(now: str, share: float) -> None:
        if now == step:
            raise StoppedError("told to stop")

    second = write_csv(tmp_path / "2.csv", SALES, SECOND)
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST), as_contract="sales")
        before = whole_store(store)
        with pytest.raises(StoppedError, match="told to stop"):
            load_file(store, second, as_contract="sales", progress=stop)
        assert whole_store(store) == before
        assert load_file(store, second, as_contract="sales").loaded == 2


def test_a_load_is_stopped_during_a_statement_of_the_engine(tmp_path: Path) -> None:
    calls: list[float] = []

    def stop(now: str, share: float) -> None:
        calls.append(share)
        if len(calls) > 1:
            raise StoppedError("told to stop")

    with Store(":memory:") as store:
        with pytest.raises(StoppedError), store.watched(lambda share: stop("slow", share)):
            store.fetch("SELECT count(*) FROM range(9000000000000) a")
        assert len(calls) == 2
        assert store.fetch("SELECT 1") == [(1,)]


@pytest.mark.parametrize("broken", ["merge_rows", "keep_aside", "write_load", "find_lineage"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError])
def test_an_error_at_any_step_undoes_the_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, error: type[BaseException]
) -> None:
    second = write_csv(tmp_path / "2.csv", SALES, SECOND)
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST), as_contract="sales")
        before = whole_store(store)
        real = getattr(intake, broken)

        def fail(*arguments: object, **named: object) -> None:
            real(*arguments, **named)
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(intake, broken, fail)
            with pytest.raises(error):
                load_file(store, second, as_contract="sales")
        assert whole_store(store) == before
        assert load_file(store, second, as_contract="sales").loaded == 2


def test_counts_that_do_not_balance_are_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(":memory:") as store:
        before = whole_store(store)
        monkeypatch.setattr(intake, "_count", lambda *_: 99)
        with pytest.raises(OfftakeError, match=r"do not balance \(99 in, 2 accounted for\)"):
            load_file(store, write_csv(tmp_path / "1.csv", SALES, FIRST), as_contract="sales")
        assert whole_store(store) == before


def test_one_writer_or_many_readers(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    file = write_csv(tmp_path / "1.csv", SALES, FIRST)
    with Store(path) as store:
        load_file(store, file, as_contract="sales")
    process = start(path, write_csv(tmp_path / "2.csv", SALES, SECOND), "writing")
    with process:
        with pytest.raises(StoreBusyError, match="is being written by another process; wait"):
            Store(path)
        with pytest.raises(StoreBusyError):
            Store(path, read_only=True)
        process.kill()
    with Store(path, read_only=True) as reader:
        code = (
            "import sys; from offtake.data.store import Store\n"
            "with Store(sys.argv[1], read_only=True) as s: print(s.fetch('FROM main.sales'))"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
        assert other.stdout.strip() == str(reader.fetch("FROM main.sales"))
        with pytest.raises(OfftakeError):
            load_file(reader, tmp_path / "2.csv", as_contract="sales")


def test_a_limit_of_memory_that_is_none() -> None:
    with pytest.raises(BadInputError, match="memory_limit: got 'lots'"):
        Store(":memory:", memory_limit="lots")


def test_what_is_not_a_store(tmp_path: Path) -> None:
    import duckdb

    text = tmp_path / "a.duckdb"
    text.write_text("store_id\nS1\n" * 1000)
    with duckdb.connect(tmp_path / "b.duckdb") as other:
        other.execute("CREATE TABLE mine AS SELECT 1 AS x")
    for path, words in (
        (text, "is not a DuckDB file"),
        (tmp_path / "b.duckdb", "not an Offtake store"),
        (tmp_path, "is not a DuckDB file"),
    ):
        with pytest.raises(UnreadableFileError, match=words):
            Store(path)
    with pytest.raises(UnreadableFileError, match="there is no store at"):
        Store(tmp_path / "none.duckdb", read_only=True)
