"""X12 852: the sample by hand, every fault, the envelopes, and a round trip."""

from __future__ import annotations

import gzip
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.data.sources import edi_stream
from offtake.data.sources.edi_table import COLUMNS
from offtake.data.sources.extract import Extract
from offtake.data.sources.x12_852 import reader
from offtake.errors import UnreadableFileError
from tests.effort import examples

SAMPLE = Path(reader.__file__).parent / "sample" / "weekly_stores.edi"
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260112*0630*U*00401"
HEAD = ("XQ*H*20260105*20260111", "LIN**UP*012345678905")
MARKS = "*|+^~!@#$%&;:,'\"<>{}[]\x1c\x1d\x1e\x1f"


def extract_of(text: str | bytes) -> Extract:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.edi"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return reader.read(path)


def interchange(*bodies: tuple[str, ...], end: str = "~") -> str:
    """One interchange with a correct envelope around each body."""
    segments = [f"{ISA}*000000007*0*P*>", "GS*PD*S*R*20260112*0630*70*X*004010"]
    for i, body in enumerate(bodies, 1):
        segments += [f"ST*852*{i:04d}", *body, f"SE*{len(body) + 2}*{i:04d}"]
    segments += [f"GE*{len(bodies)}*70", "IEA*1*000000007"]
    return "".join(segment + end for segment in segments)


def rows_of(*body: str) -> list[dict[str, str]]:
    """Records of a body that is read without a fault, without their empty columns."""
    extract = extract_of(interchange(body))
    assert extract.unreadable.to_pylist() == []
    return [{k: v for k, v in row.items() if v is not None} for row in extract.rows.to_pylist()]


def faults_of(*body: str) -> list[tuple[int, str, str, str]]:
    return [tuple(f.values()) for f in extract_of(interchange(body)).unreadable.to_pylist()]


def only_fault(*body: str) -> tuple[str, str, str]:
    (fault,) = faults_of(*body)
    return fault[1:]


def brief(rows: list[dict[str, str]], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row.get(name) for name in names) for row in rows]


# --- the sample, computed by hand --------------------------------------------------------------


def test_sample_sales_are_those_computed_by_hand() -> None:
    rows = [r for r in reader.read(SAMPLE).rows.to_pylist() if r["contract"] == "sales"]
    names = ("_row", "store_id", "product_id", "date", "days", "units", "returns", "value")
    assert brief(rows, *names) == [
        (12, "0012", "012345678905", "2026-01-05", "7", "12", "2", "29.88"),
        (10, "0027", "012345678905", "2026-01-05", "7", "9", None, "22.41"),
        (10, "0103", "012345678905", "2026-01-05", "7", "0", None, "0.00"),
        (22, "0012", "9521230005005", "2026-01-05", "7", "20", None, "79.80"),
        (22, "0027", "9521230005005", "2026-01-05", "7", "6", None, "23.94"),
        (32, "9521230009010", "000451", "2026-01-12", "1", "3", None, None),
        (36, "9521230009010", "9521230005005", "2026-01-12", "1", "1.250", None, None),
    ]


def test_sample_stock_is_that_computed_by_hand() -> None:
    rows = [r for r in reader.read(SAMPLE).rows.to_pylist() if r["contract"] == "stock"]
    names = ("_row", "activity_code", "store_id", "date", "on_hand", "on_order", "in_transit",
             "received", "out_of_stock")  # fmt: skip
    assert brief(rows, *names) == [
        (16, "QA QP", "0012", "2026-01-11", "40", "24", None, None, None),
        (14, "QA", "0027", "2026-01-11", "31", None, None, None, None),
        (24, "QR", "0027", "2026-01-11", None, None, None, "36", None),
        (34, "QA QO", "9521230009010", "2026-01-12", "37", None, None, None, "0"),
        (37, "QI", "9521230009010", "2026-01-12", None, None, "24", None, None),
    ]


def test_sample_is_read_without_faults_and_says_who_reported() -> None:
    extract = reader.read(SAMPLE)
    first = extract.rows.to_pylist()[0]
    assert extract.unreadable.num_rows == 0
    assert extract.rows.column_names == ["_row", *COLUMNS]
    assert first["reporter_id"] == "9521230009003"
    assert first["reference"] == "000000101/101/0001"
    assert first["regular_price"] == "2.49"
    assert (first["gtin"], first["unit_of_measure"]) == ("012345678905", "EA")


def test_a_packed_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "weekly.edi.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    assert reader.read(packed).rows.equals(reader.read(SAMPLE).rows)


# --- what counts as what -----------------------------------------------------------------------


def test_returns_alone_are_negative_units_whatever_their_sign() -> None:
    rows = rows_of(*HEAD, "ZA*QU", "SDQ*EA*92*0012*2*0027*-3")
    assert brief(rows, "store_id", "units", "returns") == [("0012", "-2", "2"), ("0027", "-3", "3")]


def test_value_uses_the_promotion_price_and_regular_price_the_shelf_price() -> None:
    rows = rows_of(*HEAD, "CTP**RES*2.50", "ZA*QS", "CTP**PRP*2.00", "SDQ*EA*92*0012*10", "ZA*QU",
                   "SDQ*EA*92*0027*1")  # fmt: skip
    assert brief(rows, "store_id", "value", "regular_price") == [
        ("0012", "20.00", "2.50"),
        ("0027", "-2.50", "2.50"),
    ]


def test_a_suggested_price_values_nothing() -> None:
    (row,) = rows_of(*HEAD, "CTP**MSR*2.50", "ZA*QS", "SDQ*EA*92*0012*10")
    assert (row.get("value"), row["regular_price"]) == (None, "2.50")


@pytest.mark.parametrize(
    ("line", "product_id", "gtin"),
    [
        ("LIN*1*IN*000451*UP*012345678905", "012345678905", "012345678905"),
        ("LIN*1*UK*10012345678902*EN*9521230005005", "9521230005005", "9521230005005"),
        ("LIN*1*UK*10012345678902*VN*A1", "10012345678902", "10012345678902"),
        ("LIN*1*VN*A1*BP*0077", "0077", None),
        ("LIN*1*VN*A 1", "A 1", None),
    ],
)
def test_products_go_by_gtin_first_and_keep_their_zeros(
    line: str, product_id: str, gtin: str | None
) -> None:
    (row,) = rows_of(HEAD[0], line, "ZA*QS", "SDQ*EA*92*0012*1")
    assert (row["product_id"], row.get("gtin")) == (product_id, gtin)


def test_a_store_number_with_qualifier_ul_is_a_gln_and_the_qualifier_carries_on() -> None:
    rows = rows_of(*HEAD, "ZA*QS", "SDQ*EA*UL*9521230009010*1", "SDQ*EA**9521230009027*2")
    assert brief(rows, "store_id", "store_gln") == [("9521230009010",) * 2, ("9521230009027",) * 2]


def test_ten_pairs_and_further_segments_all_count() -> None:
    pairs = "".join(f"*{i:04d}*{i}" for i in range(1, 11))
    rows = rows_of(*HEAD, "ZA*QS", f"SDQ*EA*92{pairs}*AISLE", "SDQ*EA*92*0011*11")
    assert [int(row["units"]) for row in rows] == list(range(1, 12))


def test_the_reporting_location_is_the_store_where_there_is_no_sdq() -> None:
    body = ("N1*ST*DEPOT*92*0900", "N1*RL*SHOP*92*0012", "N1*FR*HEAD OFFICE*1*123456789")
    (row,) = rows_of(*body, *HEAD, "ZA*QS*4*EA")
    assert (row["store_id"], row["reporter_id"]) == ("0012", "123456789")


def test_a_report_of_one_date_covers_one_day() -> None:
    (row,) = rows_of("XQ*G*260105", HEAD[1], "ZA*QS", "SDQ*EA*92*0012*1")
    assert (row["date"], row["days"], row["last_day"]) == ("2026-01-05", "1", "2026-01-05")


@pytest.mark.parametrize(
    ("segments", "period"),
    [
        (("ZA*QS***007*20260107",), ("2026-01-07", "1")),
        (("ZA*QS", "DTM*090*20260106", "DTM*091*20260107"), ("2026-01-06", "2")),
        (("ZA*QS***091*20260108",), ("2026-01-05", "4")),
    ],
)
def test_an_activity_may_have_dates_of_its_own(
    segments: tuple[str, ...], period: tuple[str, str]
) -> None:
    (row,) = rows_of(*HEAD, *segments, "SDQ*EA*92*0012*1")
    assert (row["date"], row["days"]) == period


def test_cases_become_units_through_the_case_size() -> None:
    (row,) = rows_of(*HEAD, "PO4*12", "ZA*QS", "SDQ*CA*92*0012*3")
    assert (row["units"], row["unit_of_measure"]) == ("36", "EA")


def test_stock_of_two_dates_makes_two_records() -> None:
    rows = rows_of(*HEAD, "N9*DP*1", "ZA*QA***007*20260110", "SDQ*EA*92*0012*5",
                   "ZA*QA", "SDQ*EA*92*0012*4")  # fmt: skip
    assert brief(rows, "date", "on_hand") == [("2026-01-10", "5"), ("2026-01-11", "4")]


def test_each_transaction_set_and_interchange_is_read_with_its_own_delimiters() -> None:
    body = (*HEAD, "ZA*QS", "SDQ*EA*92*0012*1")
    first = interchange(body, body)
    second = interchange(body).replace("*", "|").replace(">~", "^!").replace("~", "!")
    rows = extract_of(first + "\r\n" + second).rows.to_pylist()
    assert [r["_row"] for r in rows] == [7, 13, 23]


# --- faults ------------------------------------------------------------------------------------

SDQ = "SDQ*EA*92*0012*1"
FAULTS = [
    ((*HEAD, "ZA*QS", "SDQ*EA*92*0012*1x"), "SDQ04", "1x", "not a number"),
    ((*HEAD, "ZA*QS", "SDQ*EA*92*0012*1*0027*"), "SDQ06", "", "not a number"),
    ((*HEAD, "ZA*QS", "SDQ*EA*92**7"), "SDQ03", "", "quantity 7 has no store"),
    ((*HEAD, "ZA*QS", "SDQ*CA*92*0012*1"), "SDQ04", "1", "expected its size in PO401"),
    ((*HEAD, "ZA*QS", "SDQ*ZZ*92*0012*1"), "SDQ04", "1", "unit of measure ZZ is not read"),
    ((*HEAD, "ZA*QS", SDQ + "*" * 20 + "9"), "SDQ24", "9", "ten pairs at most"),
    ((*HEAD, "ZA*QS*1e3*EA", "N2*X"), "ZA02", "1e3", "not a number"),
    ((*HEAD, "ZA*QS*5*EA"), "ZA02", "5", "quantity without a store"),
    ((*HEAD, "ZA*QS"), "ZA02", "", "no quantity"),
    ((*HEAD, "ZA*QS*5*EA", SDQ), "ZA02", "5", "total differs from the SDQ quantities, 1"),
    ((*HEAD, "ZA*QS*five*EA", SDQ), "ZA02", "five", "expected the sum"),
    ((*HEAD, "ZA*QZ", SDQ), "ZA01", "QZ", "read codes: QA, QI, QO, QP, QR, QS, QU"),
    ((*HEAD, SDQ), "SDQ", "SDQ", "quantities without an activity"),
    ((HEAD[0], "ZA*QS", SDQ), "SDQ04", "1", "quantity without a product"),
    ((*HEAD, "PO4*none", "ZA*QS", SDQ), "PO401", "none", "not a case size"),
    ((*HEAD, "CTP**XYZ*1", "ZA*QS", SDQ), "CTP02", "XYZ", "read codes: GSP"),
    ((*HEAD, "CTP**RES*1,2,3", "ZA*QS", SDQ), "CTP03", "1,2,3", "not a unit price"),
    ((*HEAD, "CTP**RES*9********3", "ZA*QS", SDQ), "CTP11", "3", "several units"),
    ((HEAD[0], "CTP**RES*1", HEAD[1], "ZA*QS", SDQ), "CTP03", "1", "price without a product"),
    ((HEAD[0], "PO4*1", HEAD[1], "ZA*QS", SDQ), "PO401", "1", "case size without a product"),
    ((*HEAD, "DTM*007*20260105", "ZA*QS", SDQ), "DTM01", "007", "expected after ZA"),
    ((*HEAD, "N1*RL*X*92*1", "ZA*QS", SDQ), "N101", "RL", "expected before LIN"),
    (("N1*RL*X", *HEAD, "ZA*QS", SDQ), "N104", "", "has no number"),
    (("N1*RL*X*92*1", "N1*RL*X*92*2", *HEAD, "ZA*QS", SDQ), "N104", "2", "a second RL party"),
    ((*HEAD, "AMT*1*20", "ZA*QS", SDQ), "AMT", "AMT", "segment is not read"),
    ((*HEAD, "ZA*QS", SDQ, "CTT*2"), "CTT01", "2", "the file has 1"),
    ((*HEAD, "ZA*QA", SDQ, "ZA*QA", "SDQ*EA*92*0012*9"), "SDQ04", "9", "stated twice; kept 1"),
]


@pytest.mark.parametrize(("body", "column", "value", "reason"), FAULTS)
def test_what_cannot_be_read_is_named_with_element_value_and_reason(
    body: tuple[str, ...], column: str, value: str, reason: str
) -> None:
    fault = only_fault(*body)
    assert fault[:2] == (column, value)
    assert reason in fault[2]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (("XQ*H*20261305", HEAD[1], "ZA*QS", SDQ), ["XQ02", "SDQ04"]),
        (("XQ*H*20260105*bad", HEAD[1], "ZA*QS", SDQ), ["XQ03", "SDQ04"]),
        (("XQ*H*20260111*20260105", HEAD[1], "ZA*QS", SDQ), ["XQ03", "SDQ04"]),
        ((HEAD[0], "LIN*1*XX*1", "ZA*QS", SDQ), ["LIN02", "SDQ04"]),
        ((*HEAD, "ZA*QS***999*20260105", SDQ), ["ZA04", "SDQ04"]),
        ((*HEAD, "ZA*QS***007*2026", SDQ), ["ZA05", "SDQ04"]),
        ((*HEAD, "ZA*QS", "DTM*007*never", SDQ), ["DTM02", "SDQ04"]),
        ((HEAD[1], "ZA*QS", SDQ), ["SDQ04"]),
    ],
)
def test_a_quantity_is_never_put_on_a_guessed_date_or_product(
    body: tuple[str, ...], faults: list[str]
) -> None:
    extract = extract_of(interchange(body))
    assert extract.rows.num_rows == 0
    assert extract.unreadable.column("column").to_pylist() == faults


def test_a_fault_stands_at_the_number_of_its_segment_and_spares_its_neighbours() -> None:
    extract = extract_of(interchange((*HEAD, "ZA*QS", "SDQ*EA*92*0012*oops*0027*8")))
    assert extract.unreadable.column("row").to_pylist() == [7]
    assert extract.rows.column("units").to_pylist() == ["8"]


# --- envelopes ---------------------------------------------------------------------------------

BODY = (*HEAD, "ZA*QS", SDQ)


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("SE*6*0001", "SE*7*0001", "SE01", "counts 7 segments; the file has 6"),
        ("SE*6*0001", "SE*x*0001", "SE01", "counts x segments"),
        ("SE*6*0001", "SE*6*0002", "SE02", "which has '0001'"),
        ("GE*1*70", "GE*2*70", "GE01", "counts 2 transaction sets; the file has 1"),
        ("GE*1*70", "GE*1*71", "GE02", "control number differs from GS"),
        ("IEA*1*000000007", "IEA*3*000000007", "IEA01", "counts 3 functional groups"),
        ("IEA*1*000000007", "IEA*1*000000008", "IEA02", "control number differs from ISA"),
        ("IEA*1*000000007~", "", "IEA", "ISA in segment 1 has no IEA"),
        ("SE*6*0001~", "", "SE", "ST in segment 3 has no SE"),
        ("GS*PD", "GS*PO", "GS01", "expected PD"),
        ("IEA*1", "SE*1*1~IEA*1", "SE", "closes nothing"),
        ("IEA*1", "LIN**UP*1~IEA*1", "LIN", "outside a transaction set"),
    ],
)
def test_an_envelope_that_does_not_add_up_is_a_fault_and_the_file_is_still_read(
    old: str, new: str, column: str, reason: str
) -> None:
    text = interchange(BODY)
    assert old in text
    extract = extract_of(text.replace(old, new))
    (fault,) = extract.unreadable.to_pylist()
    assert fault["column"] == column
    assert reason in fault["reason"]
    assert extract.rows.num_rows == 1


def test_a_transaction_set_outside_a_group_is_a_fault_and_still_read() -> None:
    text = interchange(BODY).replace("GS*PD*S*R*20260112*0630*70*X*004010~", "")
    extract = extract_of(text)
    assert extract.rows.num_rows == 1
    assert extract.unreadable.column("column").to_pylist() == ["ST", "GE"]


def test_another_kind_of_transaction_set_is_named_and_passed_over() -> None:
    text = interchange(BODY, BODY).replace("ST*852*0001", "ST*850*0001")
    extract = extract_of(text)
    (fault,) = extract.unreadable.to_pylist()
    assert (fault["column"], fault["value"]) == ("ST01", "850")
    assert extract.rows.num_rows == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an X12 file"),
        (b"GS*PD*S*R~", "not an X12 file"),
        (b"UNB+UNOC:3+A+B'", "not an X12 file"),
        (b"ISA*00*", "cut short"),
        (b"ISA", "cut short"),
        (f"{ISA}*000000007*0*P***".encode(), "delimiters"),
        (f"{ISA}*000000007*0*P*>A".encode(), "delimiters"),
    ],
)
def test_a_file_that_is_not_x12_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        extract_of(content)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot read"):
        reader.read(tmp_path / "absent.edi")


def test_a_damaged_second_interchange_spoils_nothing_of_the_first() -> None:
    extract = extract_of(interchange(BODY) + "ISA*00*cut~")
    assert extract.rows.num_rows == 1
    assert extract.unreadable.column("column").to_pylist() == ["IEA"]


def test_a_file_whose_segments_never_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edi_stream, "_LONGEST_SEGMENT", 2_000)
    monkeypatch.setattr(edi_stream, "_CHUNK", 1_000)
    with pytest.raises(UnreadableFileError, match="no segment ends with"):
        extract_of(interchange(BODY) + "A" * 10_000)


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_segments_are_cut_right_wherever_the_reads_fall(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    whole = reader.read(SAMPLE)
    monkeypatch.setattr(edi_stream, "_CHUNK", chunk)
    assert reader.read(SAMPLE).rows.equals(whole.rows)


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r\n", "\r"])
def test_any_line_ends_do(end: str) -> None:
    assert extract_of(interchange(BODY, end=end)).rows.num_rows == 1


def test_lines_wrapped_at_eighty_characters_are_put_together() -> None:
    text = interchange(BODY)
    wrapped = "\n".join(text[i : i + 80] for i in range(0, len(text), 80))
    assert extract_of(wrapped).rows.equals(extract_of(text).rows)


def test_the_last_segment_may_lack_its_terminator() -> None:
    assert extract_of(interchange(BODY).removesuffix("~")).unreadable.num_rows == 0


def test_a_byte_order_mark_and_letters_of_any_encoding_do_no_harm() -> None:
    body = ("N1*BY*CAFÉ*92*7", *BODY)
    for encoding in ("utf-8-sig", "latin-1"):
        extract = extract_of(interchange(body).encode(encoding))
        assert (extract.rows.num_rows, extract.unreadable.num_rows) == (1, 0)


# --- round trip --------------------------------------------------------------------------------

numbers = st.decimals(0, 99_999, places=2) | st.integers(0, 9_999).map(Decimal)
names = st.text("ABCDEFGHIJ0123456789", min_size=2, max_size=8)
activities = st.dictionaries(
    st.sampled_from(["QS", "QA", "QP", "QI", "QR", "QO"]),
    st.dictionaries(names, numbers, min_size=1, max_size=23),
    min_size=1,
    max_size=4,
)
reports = st.dictionaries(names, activities, min_size=1, max_size=4)
delimiters = st.lists(st.sampled_from(MARKS), min_size=3, max_size=3, unique=True)
LEVELS = {"QA": "on_hand", "QP": "on_order", "QI": "in_transit", "QR": "received",
          "QO": "out_of_stock", "QS": "units"}  # fmt: skip


@settings(deadline=None, max_examples=examples(25))
@given(reports, delimiters, st.sampled_from(["", "\n", "\r\n"]), st.integers(0, 400))
def test_what_was_written_is_read_back(
    report: dict[str, dict[str, dict[str, Decimal]]], marks: list[str], gap: str, length: int
) -> None:
    element, component, terminator = marks
    start = date(2026, 1, 5)
    body = [f"XQ*H*{start:%Y%m%d}*{start + timedelta(length):%Y%m%d}"]
    for product, codes in report.items():
        body.append(f"LIN**IN*{product}")
        for code, stores in codes.items():
            body.append(f"ZA*{code}")
            pairs = [f"{store}*{number:f}" for store, number in stores.items()]
            body += [f"SDQ*EA*92*{'*'.join(pairs[i : i + 10])}" for i in range(0, len(pairs), 10)]
    body.append(f"CTT*{len(report)}")
    text = interchange(tuple(body), end="\0").replace("*", element)
    text = text.replace(">\0", component + "\0").replace("\0", terminator + gap)
    extract = extract_of(text)
    expected = {
        (product, code, store): number
        for product, codes in report.items()
        for code, stores in codes.items()
        for store, number in stores.items()
    }
    found = {
        (row["product_id"], code, row["store_id"]): Decimal(row[LEVELS[code]])
        for row in extract.rows.to_pylist()
        for code in row["activity_code"].split()
    }
    assert extract.unreadable.to_pylist() == []
    assert found == expected
    assert set(extract.rows.column("days").to_pylist()) == {str(length + 1)}


@settings(deadline=None, max_examples=examples(40))
@given(st.binary(max_size=300))
def test_garbage_after_a_header_never_breaks_the_reader(garbage: bytes) -> None:
    extract = extract_of(interchange(BODY).encode() + garbage)
    assert extract.rows.num_rows == 1


STRAY = ("ZA*QU*1*EA", "CTP**RES*1", "ST*852*1", "SE*1*1", "GS*PD", "IEA", "SDQ", "N1", "XQ",
         "LIN", "ZA", "CTT", "PO4", "DTM", "*", "?")  # fmt: skip


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(st.sampled_from([*BODY, *STRAY])))
def test_segments_in_any_order_never_break_the_reader(segments: list[str]) -> None:
    extract = extract_of(interchange(tuple(segments)))
    assert extract.unreadable.schema.names == ["row", "column", "value", "reason"]
