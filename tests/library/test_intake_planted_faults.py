"""A sales file of 10,000 rows with 37 planted faults: exactly these are set aside, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import set_aside_rows
from offtake.data.profile import plain_profile
from offtake.data.store import Store
from tests.library.intake_files import demand_balance, load_masters, write_excel, write_parquet

HEAD = ("store_id", "product_id", "week", "units", "value", "regular_price")
MONDAY = date(2024, 1, 1)
Cells = list[str]
# Row of the spreadsheet -> (column to spoil, what to write there, column and words of the report).
CELL_FAULTS: dict[int, tuple[str, str, str, str]] = {
    2: ("store_id", "", "store_id", "is empty"),
    17: ("store_id", "  ", "store_id", "is empty"),
    101: ("product_id", "", "product_id", "is empty"),
    205: ("week", "", "week", "is empty"),
    309: ("units", "", "units", "is empty"),
    400: ("store_id", "S999", "store_id", "not in the stores table"),
    401: ("store_id", "s1", "store_id", "not in the stores table"),
    502: ("product_id", "P999", "product_id", "not in the products table"),
    603: ("units", "many", "units", "a number"),
    604: ("units", "1O", "units", "a number"),
    705: ("value", "12,50", "value", "a number"),
    706: ("units", "1,5", "units", "a number"),
    807: ("value", "1.234.5", "value", "a number"),
    808: ("regular_price", "2.50 EUR", "regular_price", "a number"),
    909: ("regular_price", "NaN", "regular_price", "a number"),
    910: ("units", "inf", "units", "a number"),
    911: ("units", "1e999", "units", "a number"),
    912: ("units", "1_000", "units", "a number"),
    1013: ("units", "-3", "units", "number >= 0"),
    1114: ("value", "-0.01", "value", "number >= 0"),
    1215: ("regular_price", "-2", "regular_price", "a number >= 0"),
    2316: ("week", "2024-01-02", "week", "a Monday"),
    2317: ("week", "2024-01-07", "week", "a Monday"),
    3418: ("week", "2024-02-30", "week", "YYYY-MM-DD"),
    3419: ("week", "01.01.2024", "week", "YYYY-MM-DD"),
    3420: ("week", "2024-13-01", "week", "YYYY-MM-DD"),
    3421: ("week", "24-01-01", "week", "YYYY-MM-DD"),
    4522: ("week", "1988-01-04", "week", "a week of the calendar"),
    4523: ("week", "last week", "week", "YYYY-MM-DD"),
    5624: ("value", "#N/A", "value", "a number"),
    5625: ("store_id", "#REF!", "store_id", "error of a spreadsheet"),
}
# Faults that only a text file can have: what happens to the line, column and words of the report.
LINE_FAULTS: dict[int, tuple[Callable[[str], str], str, str]] = {
    6001: (lambda line: line.rsplit(",", 1)[0], "regular_price", "5 cells where the header has 6"),
    6002: (lambda line: line + ",9", "regular_price", "7 cells where the header has 6"),
    7003: (lambda line: line.replace(",P", ',"P', 1), "product_id", "a quote"),
    7004: (lambda line: line.replace("S", "S\udce9", 1), "store_id", "encoding"),
}
TWICE = {9000: 9001, 9500: 120}


def good_rows() -> list[Cells]:
    return [
        [f"S{n % 50}", f"P{n // 50 % 20}", str(MONDAY + timedelta(weeks=n // 1000)),
         str(n % 7), f"{n % 90}.5", "2.25"]
        for n in range(10_000)
    ]  # fmt: skip


def spoilt_rows(rows: list[Cells]) -> list[Cells]:
    for row, (column, text, _, _) in CELL_FAULTS.items():
        rows[row - 2][HEAD.index(column)] = text
    for row, first in TWICE.items():
        rows[max(row, first) - 2] = [*rows[min(row, first) - 2][:3], "77", "7.5", "2.25"]
    return rows


def spoilt_csv(path: Path) -> Path:
    lines = [
        ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)
        for cells in spoilt_rows(good_rows())
    ]
    for row, (spoil, _, _) in LINE_FAULTS.items():
        lines[row - 2] = spoil(lines[row - 2])
    text = "\n".join([",".join(HEAD), *lines]) + "\n"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def spoilt_excel(path: Path) -> Path:
    return write_excel(path, HEAD, spoilt_rows(good_rows()))


def spoilt_parquet(path: Path) -> Path:
    columns = zip(*spoilt_rows(good_rows()), strict=True)
    return write_parquet(path, dict(zip(HEAD, columns, strict=True)))


def expected(*, lines: bool) -> dict[int, tuple[str, str]]:
    """Row to the column and the words of its fault."""
    wanted = {row: (column, words) for row, (_, _, column, words) in CELL_FAULTS.items()}
    for row, first in TWICE.items():
        wanted[max(row, first)] = ("store_id", f"already stands in row {min(row, first)}")
    if lines:
        wanted |= {row: (column, words) for row, (_, column, words) in LINE_FAULTS.items()}
    return wanted


@pytest.mark.parametrize(
    ("write", "name", "count"),
    [
        (spoilt_csv, "sales.csv", 37),
        (spoilt_excel, "sales.xlsx", 33),
        (spoilt_parquet, "sales.parquet", 33),
    ],
)
def test_exactly_the_planted_faults_are_set_aside(
    tmp_path: Path, write: Callable[[Path], Path], name: str, count: int
) -> None:
    wanted = expected(lines=write is spoilt_csv)
    if write is spoilt_parquet:
        # Only what people or spreadsheets typed is searched for formula errors.
        wanted[5625] = ("store_id", "not in the stores table")
    with Store(":memory:") as store:
        load_masters(store, tmp_path)
        done = load_file(store, write(tmp_path / name), as_contract="sales")
        demand_balance(done)
        assert (done.rows_in, done.set_aside, done.loaded) == (10_000, count, 10_000 - count)
        found = set_aside_rows(store)
        assert len({fault.row for fault in found}) == done.set_aside == len(wanted)
        for row, (column, words) in wanted.items():
            here = [f for f in found if f.row == row and f.column == column]
            assert here, (row, column, [f for f in found if f.row == row])
            assert words in here[0].reason
        assert {f.file for f in found} == {name}


def test_the_value_is_what_stood_there(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_masters(store, tmp_path)
        load_file(store, spoilt_csv(tmp_path / "sales.csv"), as_contract="sales")
        values = {(f.row, f.column): f.value for f in set_aside_rows(store)}
    for row, (column, text, _, _) in CELL_FAULTS.items():
        assert values[row, column] == (text.strip() or None)
    assert values[7003, "product_id"].startswith('S1,"P')
    assert values[9001, "store_id"] == "S48, P19, 2024-02-26, 7"


def test_only_one_fault_is_named_for_each_row(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_masters(store, tmp_path)
        load_file(store, spoilt_csv(tmp_path / "sales.csv"), as_contract="sales")
        rows = [f.row for f in set_aside_rows(store)]
        named = {row: rows.count(row) for row in rows if rows.count(row) > 1}
        # The formula error is an unknown store as well.
        assert named == {5625: 2}


def test_without_masters_ids_are_not_checked(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        done = load_file(store, spoilt_csv(tmp_path / "sales.csv"), profile=plain_profile("sales"))
        assert done.set_aside == 34
        assert done.unchecked_references == ("product", "store")
