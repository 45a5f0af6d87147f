"""Workbooks and Parquet: typed cells, formula errors, odd headers, numbers as ids."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import set_aside_rows
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError
from tests.library.intake_files import (
    SALES,
    faults,
    profile_of,
    sales_of,
    write_excel,
    write_parquet,
)


def test_numbers_of_a_workbook_have_no_decimal_comma_of_their_own(tmp_path: Path) -> None:
    rows = [
        ("S1", "P1", date(2024, 1, 1), 1.5, "1.234,5"),
        ("S2", "P1", "01.01.2024", "1,5", 1234.5),
        ("S3", "P1", datetime(2024, 1, 8, 12), "1.5", 1),
    ]
    toml = (
        '[profile]\ncontract="sales"\n[file]\ndecimal=","\nthousands="."\ndate_format="%d.%m.%Y"\n'
    )
    with Store(":memory:") as store:
        file = write_excel(tmp_path / "s.xlsx", SALES, rows)
        load_file(store, file, profile=profile_of(tmp_path, toml))
        assert sales_of(store) == [
            ("S1", "P1", date(2024, 1, 1), 1.5, 1234.5),
            ("S2", "P1", date(2024, 1, 1), 1.5, 1234.5),
        ]
        assert faults(store) == [(4, "units", "1.5")]


def test_ids_that_went_through_numbers_stay_the_same(tmp_path: Path) -> None:
    excel = write_excel(tmp_path / "p.xlsx", ["product_id", "gtin"],
                        [(101, 8600123456788), ("0012", None)])  # fmt: skip
    parquet = write_parquet(
        tmp_path / "p.parquet", {"product_id": [101.0, 12.5], "gtin": [8600123456788.0, None]}
    )
    for file, ids in ((excel, ["0012", "101"]), (parquet, ["101", "12.5"])):
        with Store(":memory:") as store:
            assert load_file(store, file, as_contract="product").set_aside == 0
            assert store.fetch("SELECT product_id FROM product ORDER BY 1") == [(i,) for i in ids]
            assert ("8600123456788",) in store.fetch("SELECT gtin FROM product")


def test_a_formula_error_is_not_an_empty_cell(tmp_path: Path) -> None:
    import openpyxl

    path = write_excel(tmp_path / "p.xlsx", ["product_id", "description", "pack_content"],
                       [("P1", "a", 1), ("P2", "b", 2), ("P3", None, None)])  # fmt: skip
    book = openpyxl.load_workbook(path)
    for cell, word in (("B3", "#REF!"), ("C2", "#DIV/0!")):
        book.active[cell].value, book.active[cell].data_type = word, "e"
    book.save(path)
    with Store(":memory:") as store:
        assert load_file(store, path, as_contract="product").loaded == 1
        assert faults(store) == [
            (2, "pack_content", "#DIV/0!"), (3, "description", "#REF!"),
        ]  # fmt: skip


def test_rows_of_a_workbook_keep_their_numbers(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for cell, value in {"B3": "store_id", "C3": "acv", "B4": "S1", "C4": 1, "B7": "S2",
                        "C7": "x", "C9": 3, "B200": " "}.items():  # fmt: skip
        sheet[cell] = value
    book.save(tmp_path / "s.xlsx")
    with Store(":memory:") as store:
        done = load_file(store, tmp_path / "s.xlsx", as_contract="store")
        assert (done.rows_in, done.loaded) == (3, 1)
        assert faults(store) == [(7, "acv", "x"), (9, "store_id", None)]


def test_workbooks_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "no.xlsx").write_text("not a workbook")
    empty = write_excel(tmp_path / "empty.xlsx", [], [])
    twice = write_excel(tmp_path / "twice.xlsx", ["store_id", "Store_ID "], [("a", "b")])
    with Store(":memory:") as store:
        for path, words in (
            (tmp_path / "no.xlsx", "is not an Excel workbook"),
            (empty, "has no header"),
            (twice, "stands twice in the header"),
        ):
            with pytest.raises(BadInputError, match=words):
                load_file(store, path, as_contract="store")
        only_header = write_excel(tmp_path / "h.xlsx", ["store_id"], [])
        assert load_file(store, only_header, as_contract="store").rows_in == 0


def test_parquet_of_every_type(tmp_path: Path) -> None:
    from decimal import Decimal

    import pyarrow as pa

    columns = {
        "store_id": pa.array(["S1", " S2 "]).dictionary_encode(),
        "product_id": pa.array([b"P1", b"P2"]),
        "week": pa.array([datetime(2024, 1, 1)] * 2, pa.timestamp("ns")),
        "units": pa.array([Decimal("1.50"), Decimal("-1.00")]),
        "value": pa.array([1.0, float("nan")], pa.float32()),
        "regular_price": pa.nulls(2),
        "returns": pa.array([0, 2], pa.uint8()),
    }
    file = write_parquet(tmp_path / "s.parquet", {})
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), file)
    toml = '[profile]\ncontract="sales"\n[file]\ndecimal=","\nnull_values=["S9"]\n'
    with Store(":memory:") as store:
        assert load_file(store, file, profile=profile_of(tmp_path, toml)).loaded == 2
        assert sales_of(store, *SALES, "returns") == [
            ("S1", "P1", date(2024, 1, 1), 1.5, 1.0, 0.0),
            ("S2", "P2", date(2024, 1, 1), -1.0, None, 2.0),
        ]


def test_parquet_that_cannot_be_read(tmp_path: Path) -> None:
    whole = write_parquet(tmp_path / "w.parquet", {"store_id": [f"S{n}" for n in range(5000)]})
    (tmp_path / "half.parquet").write_bytes(whole.read_bytes()[:3000])
    # The directory at the end is whole, a page before it is not.
    content = bytearray(whole.read_bytes())
    content[200:2000] = bytes(1800)
    (tmp_path / "page.parquet").write_bytes(bytes(content))
    twice = write_parquet(tmp_path / "t.parquet", {"store_id": ["a"], "STORE_ID": ["b"]})
    clash = write_parquet(tmp_path / "c.parquet", {"store_id": ["a"], "file_row_number": [1]})
    with Store(":memory:") as store:
        for path, words in (
            (tmp_path / "half.parquet", "is not a Parquet file"),
            (tmp_path / "page.parquet", "nothing was written"),
            (twice, "more than one column is called 'store_id'"),
            (clash, "rename column 'file_row_number'"),
        ):
            with pytest.raises(BadInputError, match=words):
                load_file(store, path, as_contract="store")
        assert store.fetch("SELECT count(*) FROM store") == [(0,)]
        assert load_file(store, whole, as_contract="store").loaded == 5000


def test_names_with_wildcards_mean_themselves(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a1.parquet", {"store_id": ["S1"]})
    one = write_parquet(tmp_path / "a[1].parquet", {"store_id": ["S2"]})
    csv = tmp_path / "b*.csv"
    csv.write_text("store_id\nS3\n")
    (tmp_path / "bb.csv").write_text("store_id\nS4\n")
    with Store(":memory:") as store:
        load_file(store, one, as_contract="store")
        load_file(store, csv, as_contract="store")
        assert store.fetch("SELECT store_id FROM store ORDER BY 1") == [("S2",), ("S3",)]


def test_a_timestamp_column_with_null_words(tmp_path: Path) -> None:
    columns = {"store_id": ["S1", "S2"], "acv": [-999, 5]}
    file = write_parquet(tmp_path / "s.parquet", columns)
    toml = '[profile]\ncontract="store"\n[file]\nnull_values=[-999]\n'
    with Store(":memory:") as store:
        load_file(store, file, profile=profile_of(tmp_path, toml))
        assert store.fetch("SELECT acv FROM store ORDER BY store_id") == [(None,), (5.0,)]
        assert set_aside_rows(store) == []


def test_reading_errors_are_ours(tmp_path: Path) -> None:
    assert issubclass(UnreadableFileError, BadInputError)
