"""CSV files as they come: blank lines, broken quotes, line breaks in cells, any newline."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import Load, set_aside_rows
from offtake.data.profile import FileOptions, Profile
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError
from tests.library.intake_files import WEEK, demand_balance, faults, sales_of

HEAD = b"store_id,product_id,week,units,value\n"


def row(n: int, units: str = "1") -> bytes:
    return f"S{n},P{n},{WEEK},{units},2.5\n".encode()


def load(
    tmp_path: Path, content: bytes, store: Store, name: str = "sales.csv", **options: object
) -> Load:
    path = tmp_path / name
    path.write_bytes(content)
    profile = Profile(name="p", contract="sales", file=FileOptions(**options))  # type: ignore[arg-type]
    done = load_file(store, path, profile=profile)
    demand_balance(done)
    return done


@pytest.mark.parametrize(
    ("content", "loaded", "bad"),
    [
        (HEAD + row(1) + b"\n\n" + row(2, "x"), 1, [(5, "units", "x")]),
        (HEAD + b"\n" + row(1, "x") + b",,,,\n" + row(2, "y"), 0,
         [(3, "units", "x"), (5, "units", "y")]),
        (HEAD.replace(b"\n", b"\r\n") + row(1).replace(b"\n", b"\r\n") + b"\r\n" + row(2, "x"), 1,
         [(4, "units", "x")]),
        (HEAD.replace(b"\n", b"\r") + row(1).replace(b"\n", b"\r") + row(2, "x"), 1,
         [(3, "units", "x")]),
        (HEAD + b"\n" + row(1)[:-1], 1, []),
        (b"\xef\xbb\xbf" + HEAD + row(1, "x"), 0, [(2, "units", "x")]),
        (HEAD + b"S1,P1\n" + row(2) + row(3)[:-1] + b",9\n" + row(4, "x"), 1,
         [(2, "week", "S1,P1"), (4, "value", f"S3,P3,{WEEK},1,2.5,9"), (5, "units", "x")]),
    ],
    ids=["blank lines", "blank cells", "mixed newlines", "old Mac", "no last newline", "BOM",
         "wrong number of cells"],
)  # fmt: skip
def test_rows_keep_their_numbers(
    tmp_path: Path, content: bytes, loaded: int, bad: list[tuple[int, str, str]]
) -> None:
    with Store(":memory:") as store:
        done = load(tmp_path, content, store)
        assert (done.loaded, faults(store)) == (loaded, bad)


def test_a_line_break_in_a_cell_is_one_row(tmp_path: Path) -> None:
    content = (
        b'note_id,store_id,person_id,written,body\nN1,S1,A,2024-01-01 10:00,"one\n\n  two, three"\n'
        b'N2,S1,A,never,"x\ny"\n'
    )
    path = tmp_path / "notes.csv"
    path.write_bytes(content)
    with Store(":memory:") as store:
        done = load_file(store, path, as_contract="note")
        assert store.fetch("SELECT body FROM note") == [("one\n\n  two, three",)]
        assert (done.rows_in, faults(store)) == (2, [(3, "written", "never")])


def test_a_broken_quote_costs_one_row_only(tmp_path: Path) -> None:
    rows = [row(n) for n in range(2, 2001)]
    rows[10] = b'S12,"P12,2024-01-01,1,2.5\n'
    rows[700] = b'"S702,P702,2024-01-01,1,2.5\n'
    rows[1500] = b'S1502,P1502,2024-01-01,"1"0,2.5\n'
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + b"".join(rows), store)
        assert (done.rows_in, done.loaded) == (1999, 1996)
        assert [f.row for f in set_aside_rows(store)] == [12, 702, 1502]
        assert {f.reason for f in set_aside_rows(store)} == {
            "a quote opens or closes in the wrong place"
        }


def test_a_quote_that_closes_far_away_swallows_nothing(tmp_path: Path) -> None:
    rows = [row(n) for n in range(2, 101)]
    rows[10] = b'S12,"P12,2024-01-01,1,2.5\n'
    rows[60] = b'S62,P62",2024-01-01,1,2.5\n'
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + b"".join(rows), store)
        assert done.rows_in == 99
        assert [f.row for f in set_aside_rows(store)] == [12]
        assert ('P62"',) in sales_of(store, "product_id")


def test_a_quote_that_closes_in_the_next_line_is_not_taken_for_an_id(tmp_path: Path) -> None:
    content = HEAD + row(1) + b'S2,"P2,2024-01-01,1,2.5\nS3,P3",2024-01-01,1,2.5\n' + row(4)
    with Store(":memory:") as store:
        done = load(tmp_path, content, store)
        assert done.loaded == 2
        assert [(f.row, f.column) for f in set_aside_rows(store)] == [(3, "product_id")]
        assert "is a quote missing?" in set_aside_rows(store)[0].reason


@pytest.mark.slow
def test_a_broken_quote_in_a_large_file_loses_no_row(tmp_path: Path) -> None:
    rows = b"".join(row(n) for n in range(1_000_000))
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + b'"S,P,2024-01-01,1,1\n' + rows, store)
        assert (done.rows_in, done.loaded, done.set_aside) == (1_000_001, 1_000_000, 1)
        assert faults(store)[0][0] == 2


def test_bytes_outside_the_encoding_cost_one_row_only(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + row(1) + b"S\xe9,P1,2024-01-01,1,1\n" + row(2), store)
        assert (done.loaded, done.set_aside) == (2, 1)
        (fault,) = set_aside_rows(store)
        assert (fault.row, fault.column) == (3, "store_id")
        assert "encoding" in fault.reason


def test_bytes_that_cp1250_does_not_know_cost_one_row_only(tmp_path: Path) -> None:
    content = HEAD + "Čačak,P1,2024-01-01,1,1\n".encode("cp1250") + b"S\x81,P1,2024-01-01,1,1\n"
    with Store(":memory:") as store:
        done = load(tmp_path, content, store, encoding="cp1250")
        assert sales_of(store, "store_id") == [("Čačak",)]
        assert (done.set_aside, faults(store)[0][:2]) == (1, (3, "store_id"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1250", "utf-32"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = (HEAD.decode() + "Žabalj šđčć,P1,2024-01-01,1,1\n").encode(encoding)
    with Store(":memory:") as store:
        load(tmp_path, text, store, encoding=encoding)
        assert sales_of(store, "store_id") == [("Žabalj šđčć",)]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"", {}, "has no header"),
        (b"\n\n \n", {}, "has no header"),
        (HEAD, {"skip_rows": 3}, "has no header in row 4"),
        (HEAD.decode().encode("utf-16"), {}, "encoding = 'utf-16'"),
        ("rtgž,šđ\n1,2\n".encode("cp1250"), {}, "name the file's encoding"),
        (b"\x00\xd8\x00", {"encoding": "utf-16-le"}, "cannot be read as utf-16-le"),
        (b"units,Store_ID,store_id\n1,2,3\n", {}, "stands twice in the header (places 2 and 3)"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, content: bytes, options: dict[str, object], words: str
) -> None:
    with Store(":memory:") as store, pytest.raises(BadInputError) as raised:
        load(tmp_path, content, store, **options)
    assert words in str(raised.value)
    assert "sales.csv" in str(raised.value)


def test_a_header_alone_loads_nothing(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD, store)
        assert (done.rows_in, done.load_id) == (0, 1)


def test_gzip(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        done = load(tmp_path, gzip.compress(HEAD + row(1) + b"\n" + row(2)), store, "sales.csv.gz")
        assert (done.loaded, done.set_aside) == (2, 0)


def test_half_a_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(HEAD + b"".join(row(n) for n in range(5000)))
    with Store(":memory:") as store, pytest.raises(UnreadableFileError, match="gzip"):
        load(tmp_path, whole[: len(whole) // 2], store, "sales.csv.gz")


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        with pytest.raises(UnreadableFileError, match="does not exist"):
            load_file(store, tmp_path / "none.csv", as_contract="sales")
        with pytest.raises(UnreadableFileError, match="is a folder"):
            load_file(store, tmp_path, as_contract="sales")


def test_a_very_long_line_is_set_aside(tmp_path: Path) -> None:
    long = b"S1,P1,2024-01-01,1," + b"9" * (5 * 1024 * 1024) + b"\n"
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + row(1) + long + row(2, "x") + row(3), store)
        assert (done.loaded, done.set_aside) == (2, 2)
        assert [f.row for f in set_aside_rows(store)] == [3, 4]


def test_300_columns(tmp_path: Path) -> None:
    more = [f"c{n}" for n in range(295)]
    head = HEAD.decode().strip() + "," + ",".join(more)
    cells = row(1).decode().strip() + "," + ",".join(more)
    with Store(":memory:") as store:
        done = load(tmp_path, f"{head}\n{cells}\n\n{cells[:-1]}x\n".encode(), store)
        assert (done.loaded, done.duplicate, done.unused_columns) == (1, 1, tuple(more))


def test_rows_above_the_header_and_a_header_of_two_lines(tmp_path: Path) -> None:
    content = (
        b'Report "of January\n\n"store_id",product_id,week,"units","in\nmoney"\n'
        + row(1)
        + row(2, "x")
    )
    with Store(":memory:") as store:
        done = load(tmp_path, content, store, skip_rows=1)
        assert (done.loaded, done.unused_columns) == (1, ("in\nmoney",))
        assert faults(store) == [(5, "units", "x")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    head = HEAD.decode().replace("value", '"value, in; dinars"').replace(",", delimiter, 4)
    content = head + row(1).decode().replace(",", delimiter)
    with Store(":memory:") as store:
        assert load(tmp_path, content.encode(), store).loaded == 1


def test_a_file_without_quotes(tmp_path: Path) -> None:
    content = b'store_id|product_id|week|units\n"S1|P1|2024-01-01|1\nS2|P"2|2024-01-01|1\n'
    with Store(":memory:") as store:
        assert load(tmp_path, content, store, quote="", delimiter="|").loaded == 2
        assert sales_of(store, "store_id") == [('"S1',), ("S2",)]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_file_full_of_broken_quotes_comes_to_an_end(tmp_path: Path, every: int) -> None:
    rows = [
        b'S%d,"P1,2024-01-01,1,1\n' % n if n % every == 0 else b"S%d,P1,2024-01-01,1,1\n" % n
        for n in range(1, 3001)
    ]
    with Store(":memory:") as store:
        done = load(tmp_path, HEAD + b"".join(rows), store)
        assert (done.rows_in, done.set_aside) == (3000, 3000 // every)
        assert [f.row for f in set_aside_rows(store)] == list(range(every + 1, 3002, every))
