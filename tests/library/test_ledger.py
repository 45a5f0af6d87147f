"""The ledger, dry runs and progress."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import hash_file, loads, open_entries, rule_text, set_aside_rows
from offtake.data.profile import ColumnRule
from offtake.data.store import Store
from tests.library.intake_files import (
    SALES,
    WEEK,
    demand_balance,
    load_masters,
    whole_store,
    write_csv,
)

ROWS = [("S1", "P1", WEEK, 1, 1.5), ("S2", "P9", WEEK, "x", 2.5), ("S1", "P1", WEEK, 1, 1.5)]


def test_every_load_is_entered(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", (*SALES, "note"), [(*row, "") for row in ROWS])
    with Store(tmp_path / "s.duckdb") as store:
        done = load_file(store, file, as_contract="sales")
    with Store(tmp_path / "s.duckdb", read_only=True) as store:
        (entered,) = loads(store)
        assert entered == done
        assert (entered.rows_in, entered.loaded) == (3, 1)
        assert (entered.set_aside, entered.duplicate) == (1, 1)
        assert (entered.file, entered.source, entered.profile) == ("a.csv", "a.csv", "plain")
        assert entered.unused_columns == ("note",)
        assert entered.unchecked_references == ("product", "store")
        assert store.fetch("SELECT file_hash FROM meta.loads") == [(hash_file(file),)]
        assert hash_file(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_faults_are_listed_by_load_and_up_to_a_limit(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        for name in "ab":
            rows = [(f"{name}{n}", "", WEEK, "x", 1) for n in range(3)]
            load_file(store, write_csv(tmp_path / f"{name}.csv", SALES, rows), as_contract="sales")
        assert (len(set_aside_rows(store)), open_entries(store, 2)) == (12, 3)
        assert {fault.load_id for fault in set_aside_rows(store, load_id=2)} == {2}
        assert [f.entry for f in set_aside_rows(store, limit=3)] == [1, 1, 2]


def test_a_dry_run_counts_the_same_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    second = write_csv(tmp_path / "b.csv", SALES, [*ROWS, ("S1", "P2", WEEK, 1, 2)])
    with Store(path) as store:
        load_masters(store, tmp_path)
        for file in (write_csv(tmp_path / "a.csv", SALES, ROWS), second):
            before = whole_store(store)
            store.execute("CHECKPOINT")
            content = path.read_bytes()
            dry = load_file(store, file, as_contract="sales", dry_run=True)
            assert path.read_bytes() == content
            assert whole_store(store) == before
            done = load_file(store, file, as_contract="sales")
            demand_balance(dry)
            assert dry.load_id == 0
            for count in ("rows_in", "loaded", "replaced", "set_aside", "duplicate", "combined"):
                assert getattr(dry, count) == getattr(done, count)


def test_progress_is_told_from_0_to_100(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    file = tmp_path / "big.csv"
    with Store(":memory:") as store:
        store.execute(
            "COPY (SELECT 'S' || range AS store_id, 'city' AS city FROM range(1500000)) "
            f"TO '{file}' (HEADER)"
        )
        load_file(store, file, as_contract="store", progress=lambda *step: told.append(step))
    steps = list(dict.fromkeys(step for step, _ in told))
    assert steps == ["reading", "checking", "writing", "done"]
    assert all(0 <= share <= 100 for _, share in told)
    assert len(told) > len(steps)
    assert told[0] == ("reading", 0)
    for step in steps:
        shares = [share for name, share in told if name == step]
        assert shares == sorted(shares)
    assert told[-1] == ("done", 100)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (ColumnRule(constant="7"), "always '7'"),
        (ColumnRule(column="a"), "column 'a'"),
        (
            ColumnRule(column="a", scale=1000, week_ends="sunday", values={"a": "b"}),
            "column 'a', x 1000, week ends sunday, translated",
        ),
    ],
)
def test_rules_in_words(rule: ColumnRule, words: str) -> None:
    assert rule_text(rule) == words
