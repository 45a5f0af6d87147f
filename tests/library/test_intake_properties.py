"""Whatever stands in a file, every row of it is accounted for exactly once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offtake.data.intake import load_file
from offtake.data.ledger import Load, set_aside_rows
from offtake.data.store import Store
from tests.effort import examples
from tests.library.intake_files import (
    SALES,
    demand_balance,
    emptied,
    sales_of,
    write_csv,
    write_excel,
    write_parquet,
)

Row = tuple[str, ...]
EXAMPLES = settings(max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])

stores = st.sampled_from(["S1", "S2", "S3", "", "007"])
weeks = st.sampled_from(["2024-01-01", "2024-01-08", "2024-01-09", "2024-02-30", ""])
numbers = st.sampled_from(["0", "1", "2.5", "-1", "x", "", "1,5"])
rows_of_files = st.lists(
    st.tuples(stores, st.sampled_from(["P1", "P2"]), weeks, numbers, numbers), max_size=25
)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters='",\n;\t '),
    max_size=12,
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened


def load(store: Store, folder: Path, rows: list[Row], name: str = "a.csv") -> Load:
    done = load_file(store, write_csv(folder / name, SALES, rows), as_contract="sales")
    demand_balance(done)
    return done


def is_good(row: Row) -> bool:
    _, _, week, units, value = row
    readable = units in ("0", "1", "2.5") and value in ("0", "1", "2.5", "")
    return bool(row[0]) and week in ("2024-01-01", "2024-01-08") and readable


@EXAMPLES
@given(rows=rows_of_files)
def test_every_row_is_accounted_for_once(store: Store, rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        emptied(store)
        done = load(store, Path(folder), rows)
        first: dict[Row, Row] = {}
        aside, same = set(), 0
        for place, row in enumerate(rows, start=2):
            if not is_good(row):
                aside.add(place)
            elif first.setdefault(row[:3], row) == row:
                same += 1
            else:
                aside.add(place)
        assert done.rows_in == len(rows)
        assert (done.loaded, done.duplicate) == (len(first), same - len(first))
        assert {fault.row for fault in set_aside_rows(store)} == aside
        kept = Counter((s, w, float(u)) for s, _, w, u, _ in first.values())
        assert Counter(sales_of(store, "store_id", "week::VARCHAR", "units")) == kept


@EXAMPLES
@given(one=rows_of_files, other=rows_of_files)
def test_the_order_of_files_does_not_matter_for_keys_they_do_not_share(
    store: Store, one: list[Row], other: list[Row]
) -> None:
    shared = {row[:3] for row in one} & {row[:3] for row in other}
    one = [row for row in one if row[:3] not in shared]
    other = [row for row in other if row[:3] not in shared]
    results = []
    for order in ((one, other), (other, one)):
        with tempfile.TemporaryDirectory() as folder:
            emptied(store)
            for number, rows in enumerate(order):
                load(store, Path(folder), rows, f"{number}.csv")
            faults = Counter((f.column, f.value) for f in set_aside_rows(store))
            results.append((sales_of(store), faults))
    assert results[0] == results[1]


@EXAMPLES
@given(rows=rows_of_files)
def test_csv_excel_and_parquet_of_the_same_rows_load_the_same(
    store: Store, rows: list[Row]
) -> None:
    columns = dict(zip(SALES, zip(*rows, strict=True) if rows else ((),) * 5, strict=True))
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [
            write_csv(folder / "a.csv", SALES, rows),
            write_excel(folder / "a.xlsx", SALES, rows),
            write_parquet(folder / "a.parquet", {k: [*map(str, v)] for k, v in columns.items()}),
        ]
        for file in files[: None if rows else 2]:
            emptied(store)
            done = load_file(store, file, as_contract="sales")
            faults = [(f.row, f.column, f.value, f.reason) for f in set_aside_rows(store)]
            results.append((done.rows_in, sales_of(store), faults))
    assert all(result == results[0] for result in results)


@EXAMPLES
@given(bodies=st.lists(texts, min_size=1, max_size=8))
def test_any_text_survives(store: Store, bodies: list[str]) -> None:
    head = ("note_id", "store_id", "person_id", "written", "body")
    rows = [(f"N{n}", "S", "A", "2024-01-01 10:00", text) for n, text in enumerate(bodies)]
    with tempfile.TemporaryDirectory() as folder:
        emptied(store)
        file = write_csv(Path(folder) / "a.csv", head, rows)
        done = load_file(store, file, as_contract="note")
        demand_balance(done)
        assert done.rows_in == len(rows)
        spaces = " \t\r\n\u00a0\u202f\u2009\u200b\ufeff"
        kept = dict(store.fetch("SELECT note_id, body FROM note"))
        aside = {f.row - 2 for f in set_aside_rows(store)}
        for n, text in enumerate(bodies):
            assert (n in aside) != (f"N{n}" in kept)
            if text.strip(spaces):
                assert kept[f"N{n}"] == text.strip(spaces)


@EXAMPLES
@given(lines=st.lists(st.text('S1,P"\n\r2024-01-01', max_size=40), max_size=6))
def test_no_mess_of_lines_stops_a_load_or_loses_a_good_row(store: Store, lines: list[str]) -> None:
    mess = "\n".join(lines)
    good = [f"G{n},P1,2024-01-01,1,1" for n in range(3)]
    text = "\n".join([",".join(SALES), good[0], mess, good[1], good[2]]) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        emptied(store)
        file = Path(folder) / "a.csv"
        file.write_text(text, encoding="utf-8", newline="")
        done = load_file(store, file, as_contract="sales")
        demand_balance(done)
        stores = {row[0] for row in sales_of(store, "store_id")}
        assert "G0" in stores
        # A quote left open just before may take its neighbour along, but never in silence.
        lost = {"G1", "G2"} - stores
        told = " ".join(str(f.value) for f in set_aside_rows(store))
        assert all(name in told for name in lost)
