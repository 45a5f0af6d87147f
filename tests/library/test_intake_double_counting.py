"""One store, item and week comes as a week or as days, never as both."""

from __future__ import annotations

from pathlib import Path

import pytest

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.intake import load_file
from offtake.data.ledger import set_aside_rows
from offtake.data.store import Store
from offtake.errors import BadInputError
from tests.library.intake_files import demand_balance, sales_of, write_csv

WEEKLY = ("store_id", "product_id", "week", "units")
DAILY = ("store_id", "product_id", "date", "days", "units")


def test_days_after_a_week_are_set_aside(tmp_path: Path) -> None:
    weeks = write_csv(tmp_path / "w.csv", WEEKLY, [("S1", "P1", "2024-01-01", 7)])
    days = write_csv(
        tmp_path / "d.csv",
        DAILY,
        [("S1", "P1", "2024-01-03", 1, 2), ("S1", "P1", "2024-01-08", 1, 3),
         ("S2", "P1", "2024-01-03", 1, 4), ("S1", "P1", "2024-01-03", 1, 2)],
    )  # fmt: skip
    with Store(":memory:") as store:
        load_file(store, weeks, as_contract="sales")
        done = load_file(store, days, as_contract="sales")
        demand_balance(done)
        assert (done.loaded, done.set_aside) == (2, 2)
        first, second = set_aside_rows(store)
        assert (first.row, first.column, first.value, second.row) == (2, "days", "1", 5)
        assert first.reason == (
            "stands already with days = 7; store_id, product_id, week would count twice in sales"
        )
        assert sales_of(store, "units") == [(3,), (4,), (7,)]


def test_a_week_after_days_is_set_aside_and_restated_days_are_not(tmp_path: Path) -> None:
    days = [("S1", "P1", "2024-01-03", 1, 2), ("S1", "P1", "2024-01-04", 1, 3)]
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "d.csv", DAILY, days), as_contract="sales")
        weeks = write_csv(tmp_path / "w.csv", WEEKLY, [("S1", "P1", "2024-01-01", 5)])
        assert load_file(store, weeks, as_contract="sales").set_aside == 1
        restated = write_csv(tmp_path / "e.csv", DAILY, [(*days[0][:4], 9), days[1]])
        done = load_file(store, restated, as_contract="sales")
        assert (done.replaced, done.duplicate) == (1, 1)
        assert sales_of(store, "units") == [(3,), (9,)]


def test_inside_one_file_the_first_row_decides(tmp_path: Path) -> None:
    rows = [
        ("S1", "P1", "2024-01-02", 1, 2),
        ("S2", "P1", "2024-01-01", 7, 9),
        ("S1", "P1", "2024-01-01", 7, 5),
        ("S2", "P1", "2024-01-02", 1, 1),
        ("S2", "P1", "2024-01-02", 1, 8),
        ("S1", "P1", "2024-01-04", 1, 3),
        ("", "P1", "2024-01-04", 1, 3),
    ]
    with Store(":memory:") as store:
        done = load_file(store, write_csv(tmp_path / "d.csv", DAILY, rows), as_contract="sales")
        demand_balance(done)
        assert [f.row for f in set_aside_rows(store)] == [4, 5, 6, 8]
        assert sales_of(store, "store_id", "units") == [("S1", 2), ("S1", 3), ("S2", 9)]


def test_a_date_without_its_length_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d.csv", ("store_id", "product_id", "date", "units"), [])
    with Store(":memory:") as store, pytest.raises(BadInputError, match="no column for 'days'"):
        load_file(store, file, as_contract="sales")


def test_every_exclusive_contract_is_sound() -> None:
    for contract in CONTRACTS.values():
        rule = contract.exclusive
        if rule is not None:
            assert all(contract.column(name).required for name in (*rule.group, rule.column))
            assert rule.column in contract.key
