"""EANCOM SLSRPT: the samples by hand, every fault, the envelopes, and a round trip."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydifact.parser import Parser

from offtake.data.sources import edi_stream
from offtake.data.sources.eancom_slsrpt import reader
from offtake.data.sources.eancom_slsrpt.segments import read_segments
from offtake.data.sources.edi_table import COLUMNS
from offtake.data.sources.extract import Extract
from offtake.errors import UnreadableFileError
from tests.effort import examples

SAMPLES = Path(reader.__file__).parent / "sample"
WEEKLY = SAMPLES / "weekly_d96a.edi"
DAILY = SAMPLES / "daily_d01b.edi"
UNB = "UNB+UNOC:3+SENDER:14+RECEIVER:14+260112:0630+REF1"
PERIOD = "DTM+356:2026010520260111:718"
PLACE = "LOC+162+0012::92"
ITEM = "LIN+1++9521230005005:EN"
SOLD = "QTY+153:4"
MARKS = "+:'?*|^~!@#$%&;<>{}[]\x1c\x1d\x1e\x1f"


def extract_of(text: str | bytes) -> Extract:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.edi"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("latin-1"))
        return reader.read(path)


def interchange(*bodies: tuple[str, ...], kind: str = "SLSRPT:D:96A:UN:EAN004") -> str:
    """One interchange with a correct envelope around each body."""
    segments = [UNB]
    for i, body in enumerate(bodies, 1):
        segments += [f"UNH+{i}+{kind}", *body, f"UNT+{len(body) + 2}+{i}"]
    segments.append(f"UNZ+{len(bodies)}+REF1")
    return "".join(segment + "'" for segment in segments)


def rows_of(*body: str) -> list[dict[str, str]]:
    """Records of a body that is read without a fault, without their empty columns."""
    extract = extract_of(interchange(body))
    assert extract.unreadable.to_pylist() == []
    return [{k: v for k, v in row.items() if v is not None} for row in extract.rows.to_pylist()]


def brief(rows: list[dict[str, str]], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row.get(name) for name in names) for row in rows]


# --- the samples, computed by hand -------------------------------------------------------------


def test_weekly_sample_is_that_computed_by_hand() -> None:
    extract = reader.read(WEEKLY)
    names = ("_row", "contract", "store_id", "product_id", "date", "days", "units", "returns",
             "value", "regular_price", "on_hand", "out_of_stock")  # fmt: skip
    first, second = "9521230009010", "9521230009027"
    week, day = ("2026-01-05", "7"), ("2026-01-06", "1")
    none = (None, None)
    assert extract.unreadable.num_rows == 0
    assert extract.rows.column_names == ["_row", *COLUMNS]
    assert brief(extract.rows.to_pylist(), *names) == [
        (15, "sales", first, "9521230005005", *week, "20", None, "49.80", "2.49", *none),
        (20, "sales", first, "9521230005012", *week, "6", "1", "23.94", "3.99", *none),
        (21, "stock", first, "9521230005012", "2026-01-11", "7", *none, *none, "31", None),
        (27, "sales", second, "9521230005005", *day, "4", None, "7.96", "2.49", *none),
        (30, "sales", second, "000777", *day, "1.250", None, None, None, *none),
        (32, "stock", second, "012345678905", *day, *none, *none, None, "3"),
    ]


def test_daily_sample_adds_up_the_tills_of_a_day() -> None:
    extract = reader.read(DAILY)
    assert extract.unreadable.num_rows == 0
    assert brief(extract.rows.to_pylist(), "date", "days", "units", "value", "reference") == [
        ("2026-01-12", "1", "2", "4.98", "SDR0101"),
        ("2026-01-13", "1", "2", "4.98", "SDR0102"),
    ]


def test_who_reported_and_which_numbers_are_global() -> None:
    row = reader.read(WEEKLY).rows.to_pylist()[0]
    assert (row["reporter_id"], row["store_gln"]) == ("9521230009003", "9521230009010")
    (row,) = rows_of(PERIOD, PLACE, "LIN+1", "PIA+5+A1:SA", SOLD)
    assert brief([row], "reporter_id", "store_id", "store_gln", "product_id", "gtin") == [
        ("SENDER", "0012", None, "A1", None)
    ]


# --- what counts as what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "units", "value", "regular"),
    [
        (("QTY+153:4", "MOA+203:10"), "4", "10", None),
        (("QTY+210:1", "QTY+153:4", "MOA+203:10"), "3", "10", None),
        (("QTY+210:2", "MOA+203:5", "PRI+AAE:2.5"), "-2", "-5", "2.5"),
        (("QTY+210:2", "PRI+AAE:2.5"), "-2", "-5.0", "2.5"),
        (("QTY+153:4", "PRI+AAB:3::RTP", "PRI+AAA:2::RTP"), "4", "8", "3"),
        (("QTY+153:4", "PRI+AAA:2:CA:RTP:1:PCE"), "4", "8", "2"),
        (("QTY+153:1,5:KGM", "PRI+AAE:2,5"), "1.5", "3.75", "2.5"),
    ],
)
def test_value_is_the_amount_or_else_units_at_the_selling_price(
    figures: tuple[str, ...], units: str, value: str, regular: str | None
) -> None:
    (row,) = rows_of(PERIOD, PLACE, ITEM, *figures)
    assert (row["units"], row["value"], row.get("regular_price")) == (units, value, regular)


def test_a_value_is_given_only_where_it_is_known_for_every_part() -> None:
    (row,) = rows_of(PERIOD, PLACE, ITEM, SOLD, "MOA+203:10", ITEM, SOLD)
    assert (row["units"], row.get("value")) == ("8", None)


def test_tills_at_two_prices_keep_the_higher_as_the_regular_one() -> None:
    (row,) = rows_of(PERIOD, PLACE, ITEM, SOLD, "PRI+AAE:2", ITEM, SOLD, "PRI+AAE:10")
    assert (row["value"], row["regular_price"]) == ("48", "10")


@pytest.mark.parametrize(
    ("numbers", "product_id", "gtin"),
    [
        (("LIN+1++9521230005005:SRV", "PIA+1+7:IN"), "9521230005005", "9521230005005"),
        (("LIN+1++A1:SA", "PIA+5+012345678905:UP"), "012345678905", "012345678905"),
        (("LIN+1++A1:SA", "PIA+1+007:IN"), "007", None),
        (("LIN+1", "PIA+5+A1:SA+B2:MF"), "A1", None),
        (("LIN+1++A1:SA", "PIA+4+9521230005005:EN"), "A1", None),
    ],
)
def test_products_go_by_gtin_first_and_keep_their_zeros(
    numbers: tuple[str, ...], product_id: str, gtin: str | None
) -> None:
    (row,) = rows_of(PERIOD, PLACE, *numbers, SOLD)
    assert (row["product_id"], row.get("gtin")) == (product_id, gtin)


@pytest.mark.parametrize(
    ("heading", "local", "first", "days"),
    [
        ((PERIOD,), (), "2026-01-05", "7"),
        (("DTM+356:20260105-20260106:718",), (), "2026-01-05", "2"),
        (("DTM+90:20260105:102", "DTM+91:20260107:102"), (), "2026-01-05", "3"),
        ((PERIOD,), ("DTM+356:20260107:102",), "2026-01-07", "1"),
        ((PERIOD,), ("DTM+90:202601080000:203", "DTM+91:202601082359:203"), "2026-01-08", "1"),
        (("DTM+90:20250101:102", "DTM+91:20251231:102", PERIOD), (), "2026-01-05", "7"),
    ],
)
def test_the_period_is_that_of_the_place_or_else_of_the_report(
    heading: tuple[str, ...], local: tuple[str, ...], first: str, days: str
) -> None:
    (row,) = rows_of("DTM+137:20260112:102", *heading, PLACE, *local, ITEM, SOLD)
    assert (row["date"], row["days"]) == (first, days)


def test_a_period_of_one_place_does_not_carry_over_to_the_next() -> None:
    day = "DTM+356:20260107:102"
    rows = rows_of(PERIOD, PLACE, day, ITEM, SOLD, "LOC+162+0027", ITEM, SOLD)
    assert [row["days"] for row in rows] == ["1", "7"]


def test_the_store_may_be_a_party_of_the_heading() -> None:
    (row,) = rows_of(PERIOD, "NAD+ST+9521230009010::9", ITEM, SOLD)
    assert row["store_gln"] == "9521230009010"


def test_the_store_may_be_a_party_after_the_quantity() -> None:
    rows = rows_of(PERIOD, PLACE, ITEM, SOLD, "NAD+SN+0027::92", SOLD, "PRI+AAE:2")
    assert brief(rows, "store_id", "units", "value") == [("0027", "4", "8"), ("0012", "4", "8")]


def test_a_report_by_item_names_the_places_inside_each_line() -> None:
    rows = rows_of(PERIOD, ITEM, "PRI+AAE:2", PLACE, SOLD, "LOC+162+0027", SOLD,
                   "LIN+2++9521230005012:EN", PLACE, "QTY+153:9")  # fmt: skip
    assert brief(rows, "product_id", "store_id", "units", "value") == [
        ("9521230005005", "0012", "4", "8"),
        ("9521230005005", "0027", "4", "8"),
        ("9521230005012", "0012", "9", None),
    ]


def test_released_characters_are_data() -> None:
    rows = rows_of("BGM+73E+A?+B?:C?'D???+E+9", PERIOD, PLACE, "LIN+1++X?+1??:SA", SOLD)
    assert brief(rows, "reference", "product_id") == [("A+B:C'D?+E", "X+1?")]


def test_other_separators_come_from_the_una_and_hold_for_their_interchange() -> None:
    body = ("BGM+73E+N?+1+9", PERIOD, PLACE, ITEM, SOLD)
    plain = interchange(body)
    swapped = plain.translate(str.maketrans("+:?'", "|^\\~"))
    rows = extract_of("UNA^|.\\ ~\r\n" + swapped + "\n" + plain).rows.to_pylist()
    assert brief(rows, "_row", "reference") == [(8, "N|1"), (17, "N+1")]


def test_a_blank_in_the_una_means_there_is_no_release_character() -> None:
    body = ("BGM+73E+WHY?+9", PERIOD, PLACE, ITEM, SOLD)
    (row,) = extract_of("UNA:+.  '" + interchange(body)).rows.to_pylist()
    assert row["reference"] == "WHY?"


def test_text_is_read_in_the_character_set_the_interchange_names() -> None:
    text = interchange((PERIOD, PLACE, "LIN+1++ČAJ:SA", SOLD))
    for syntax, encoding in (("UNOD", "iso8859-2"), ("UNOY", "utf-8")):
        (row,) = extract_of(text.replace("UNOC", syntax).encode(encoding)).rows.to_pylist()
        assert row["product_id"] == "ČAJ"


# --- faults ------------------------------------------------------------------------------------

FAULTS = [
    ((PERIOD, PLACE, ITEM, "QTY+153:four"), "QTY 6060", "four", "not a number"),
    ((PERIOD, PLACE, ITEM, "QTY+153"), "QTY 6060", "", "not a number"),
    ((PERIOD, PLACE, ITEM, "QTY+26:4"), "QTY 6063", "26", "read codes: 17, 145, 153, 210, 217"),
    ((PERIOD, PLACE, ITEM, "QTY+153:4:CT"), "QTY 6411", "CT", "measure unit CT is not read"),
    ((PERIOD, PLACE, SOLD), "QTY 6060", "4", "quantity without a product"),
    ((PERIOD, PLACE, "LIN+1++1:HS", SOLD), "QTY 6060", "4", "without a number that Offtake reads"),
    ((PERIOD, ITEM, SOLD), "QTY 6060", "4", "quantity without a store"),
    ((PLACE, ITEM, SOLD), "QTY 6060", "4", "quantity without a period"),
    (("DTM+90:20260105:102", PLACE, ITEM, SOLD), "QTY 6060", "4", "quantity without a period"),
    ((PERIOD, "DTM+7:20260105:102", PLACE, ITEM, SOLD), "DTM 2005", "7", "not read by Offtake"),
    ((PERIOD, PLACE, ITEM, SOLD, PERIOD), "DTM 2005", "356", "expected after LOC"),
    ((PERIOD, PLACE, ITEM, SOLD, "MOA+203:ten"), "MOA 5004", "ten", "not a number"),
    ((PERIOD, PLACE, ITEM, SOLD, "MOA+79:10"), "MOA 5025", "79", "read code: 203"),
    ((PERIOD, PLACE, ITEM, SOLD, *["MOA+203:1"] * 2), "MOA 5004", "1", "a second amount"),
    ((PERIOD, PLACE, "MOA+203:1", ITEM, SOLD), "MOA 5004", "1", "amount without a product"),
    ((PERIOD, PLACE, ITEM, "QTY+145:4", "MOA+203:1"), "MOA 5004", "1", "expected QTY 153"),
    ((PERIOD, PLACE, ITEM, SOLD, "PRI+AAA:x"), "PRI 5118", "x", "not a number"),
    ((PERIOD, PLACE, ITEM, SOLD, "PRI+XYZ:1"), "PRI 5125", "XYZ", "read codes: AAB"),
    ((PERIOD, PLACE, ITEM, SOLD, "PRI+AAE:1::SRP"), "PRI 5387", "SRP", "price kind SRP"),
    ((PERIOD, PLACE, ITEM, SOLD, "PRI+AAE:1:::100"), "PRI 5284", "100", "several units"),
    ((PERIOD, PLACE, "PRI+AAE:1", ITEM, SOLD), "PRI 5118", "1", "price without a product"),
    ((PERIOD, PLACE, "PIA+5+1:EN", ITEM, SOLD), "PIA 4347", "5", "expected after LIN"),
    ((PERIOD, PLACE, ITEM, SOLD, "NAD+DP+1"), "NAD 3035", "DP", "expected one of SN, ST"),
    ((PERIOD, PLACE, ITEM, SOLD, "LIN+2++1:EN+1:1", SOLD), "LIN 5495", "2", "count nothing twice"),
    ((PERIOD, PLACE, ITEM, SOLD, "XYZ+1"), "XYZ", "1", "segment is not read"),
    ((PERIOD, PLACE, ITEM, SOLD, "UNS+S", "CNT+2:3"), "CNT 6066", "3", "the message has 1"),
    ((PERIOD, PLACE, ITEM, SOLD, "UNS+S", "QTY+1:1"), "QTY", "1:1", "after UNS"),
    ((PERIOD, PLACE, ITEM, *["QTY+145:4"] * 2), "QTY 6060", "4", "stated twice; kept 4"),
]


@pytest.mark.parametrize(("body", "column", "value", "reason"), FAULTS)
def test_what_cannot_be_read_is_named_with_element_value_and_reason(
    body: tuple[str, ...], column: str, value: str, reason: str
) -> None:
    (fault,) = extract_of(interchange(body)).unreadable.to_pylist()
    assert (fault["column"], fault["value"]) == (column, value.partition(":")[0])
    assert reason in fault["reason"]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ((PERIOD, "LOC+7+0012", ITEM, SOLD), ["LOC 3227", "QTY 6060"]),
        ((PERIOD, "LOC+162", ITEM, SOLD), ["LOC 3225", "QTY 6060"]),
        (("DTM+356:2026:102", PLACE, ITEM, SOLD), ["DTM 2380", "QTY 6060"]),
        (("DTM+356:260105:101", PLACE, ITEM, SOLD), ["DTM 2380", "QTY 6060"]),
        (("DTM+356:2026011120260105:718", PLACE, ITEM, SOLD), ["DTM 2380", "QTY 6060"]),
        ((PERIOD, PLACE, "DTM+356:20260230:102", ITEM, SOLD), ["DTM 2380", "QTY 6060"]),
    ],
)
def test_a_quantity_is_never_put_on_a_guessed_date_or_place(
    body: tuple[str, ...], faults: list[str]
) -> None:
    extract = extract_of(interchange(body))
    assert extract.rows.num_rows == 0
    assert extract.unreadable.column("column").to_pylist() == faults


def test_an_amount_of_several_stores_values_none_of_them() -> None:
    body = (PERIOD, PLACE, ITEM, "MOA+203:9", "PRI+AAE:2", SOLD, "NAD+SN+1", SOLD, "NAD+SN+2")
    extract = extract_of(interchange(body))
    (fault,) = extract.unreadable.to_pylist()
    assert "amount of 2 stores" in fault["reason"]
    assert extract.rows.column("value").to_pylist() == [None, None]
    assert extract.rows.column("regular_price").to_pylist() == ["2", "2"]


# --- envelopes ---------------------------------------------------------------------------------

BODY = (PERIOD, PLACE, ITEM, SOLD)


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("UNT+6+1", "UNT+7+1", "UNT 0074", "counts 7 segments; the file has 6"),
        ("UNT+6+1", "UNT+6+2", "UNT 0062", "control number differs from UNH"),
        ("UNZ+1+REF1", "UNZ+2+REF1", "UNZ 0036", "counts 2 messages or groups; the file has 1"),
        ("UNZ+1+REF1", "UNZ+1+REF2", "UNZ 0020", "control number differs from UNB"),
        ("UNZ+1+REF1'", "", "UNZ", "UNB in segment 1 has no UNZ"),
        ("UNT+6+1'", "", "UNT", "UNH in segment 2 has no UNT"),
        ("UNZ+1", "UNT+6+1'UNZ+1", "UNT", "closes nothing"),
        ("UNZ+1", "LIN+1'UNZ+1", "LIN", "outside a message"),
        ("UNOC", "UNOQ", "UNB 0001", "read as ISO 8859-1"),
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


def test_groups_are_counted_where_they_are_used() -> None:
    text = interchange(BODY).replace("UNH+", "UNG+SLSRPT+A+B+260112:0630+G1+UN+D:96A'UNH+")
    assert extract_of(text.replace("UNZ+", "UNE+1+G1'UNZ+")).unreadable.num_rows == 0
    (fault,) = extract_of(text.replace("UNZ+", "UNE+2+G1'UNZ+")).unreadable.to_pylist()
    assert fault["column"] == "UNE 0060"


def test_another_type_of_message_is_named_and_passed_over() -> None:
    text = interchange(BODY, BODY).replace("SLSRPT", "INVRPT", 1)
    extract = extract_of(text)
    (fault,) = extract.unreadable.to_pylist()
    assert (fault["column"], fault["value"]) == ("UNH 0065", "INVRPT")
    assert extract.rows.num_rows == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an EDIFACT interchange"),
        (b"UNH+1+SLSRPT'", "not an EDIFACT interchange"),
        (b"UNA:+.? 'UNH+1'", "not an EDIFACT interchange"),
        (b"UNA:+.", "separators"),
        (b"UNA::.? 'UNB", "separators"),
        (b"UNAA+.? 'UNB", "separators"),
    ],
)
def test_a_file_that_is_not_edifact_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        extract_of(content)


def test_a_damaged_second_interchange_spoils_nothing_of_the_first() -> None:
    extract = extract_of(interchange(BODY) + "UNA::::::UNB+cut")
    assert extract.rows.num_rows == 1
    assert extract.unreadable.column("column").to_pylist() == ["UNB 0001", "UNZ"]


@pytest.mark.parametrize("chunk", [1, 7, 64])
@pytest.mark.parametrize("sample", [WEEKLY, DAILY])
def test_segments_are_cut_right_wherever_the_reads_fall(
    monkeypatch: pytest.MonkeyPatch, sample: Path, chunk: int
) -> None:
    whole = reader.read(sample)
    monkeypatch.setattr(edi_stream, "_CHUNK", chunk)
    assert reader.read(sample).rows.equals(whole.rows)


# --- against another program, and round trip ---------------------------------------------------


# It warns that it knows no rules for these segments; only its cutting is compared here.
@pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")
@pytest.mark.parametrize("sample", [WEEKLY, DAILY])
def test_segments_are_those_pydifact_finds(sample: Path) -> None:
    theirs = [
        [segment.tag, *segment.elements]
        for segment in Parser().parse(sample.read_text(encoding="latin-1"))
        if segment.tag != "UNA"
    ]
    with sample.open("rb") as stream:
        ours = [
            [part[0] if len(part) == 1 else part for part in segment.elements]
            for segment in read_segments(stream)
        ]
    assert ours == theirs


numbers = st.decimals(0, 99_999, places=2) | st.integers(0, 9_999).map(Decimal)
names = st.text("ABCD0123" + MARKS, min_size=1, max_size=8)
sales = st.dictionaries(names, st.dictionaries(names, numbers, min_size=1, max_size=4), max_size=4)
marks = st.lists(st.sampled_from(MARKS), min_size=4, max_size=4, unique=True)


@settings(deadline=None, max_examples=examples(25))
@given(sales, marks, st.sampled_from(["", "\n", "\r\n"]), st.integers(0, 400))
def test_what_was_written_is_read_back(
    report: dict[str, dict[str, Decimal]], separators: list[str], gap: str, length: int
) -> None:
    component, element, release, terminator = separators

    def segment(*elements: list[str] | str) -> str:
        def released(text: str) -> str:
            return "".join(release + c if c in separators else c for c in text)

        parts = [[e] if isinstance(e, str) else e for e in elements]
        written = [component.join(released(p) for p in part) for part in parts]
        return element.join(written) + terminator + gap

    last = date(2026, 1, 5) + timedelta(length)
    body = [segment("DTM", ["356", f"20260105{last:%Y%m%d}", "718"])]
    for store, products in report.items():
        body.append(segment("LOC", "162", store))
        for product, number in products.items():
            body.append(segment("LIN", "1", "", [product, "SA"]))
            body.append(segment("QTY", ["153", f"{number:f}"]))
    text = "".join(
        [
            f"UNA{component}{element}.{release} {terminator}{gap}",
            segment("UNB", ["UNOC", "3"], "A", "B", ["260112", "0630"], "R"),
            segment("UNH", "1", ["SLSRPT", "D", "96A", "UN"]),
            *body,
            segment("UNT", str(len(body) + 2), "1"),
            segment("UNZ", "1", "R"),
        ]
    )
    extract = extract_of(text)
    rows = extract.rows.to_pylist()
    found = {(r["store_id"], r["product_id"]): Decimal(r["units"]) for r in rows}
    expected = {(s, p): n for s, products in report.items() for p, n in products.items()}
    assert extract.unreadable.to_pylist() == []
    assert found == expected
    assert {row["days"] for row in rows} <= {str(length + 1)}


@settings(deadline=None, max_examples=examples(40))
@given(st.binary(max_size=300))
def test_garbage_after_an_interchange_never_breaks_the_reader(garbage: bytes) -> None:
    extract = extract_of(interchange(BODY).encode() + garbage)
    assert extract.rows.num_rows == 1


STRAY = ("QTY+210:1", "MOA+203:1", "PRI+AAA:1", "PIA+5+1:EN", "NAD+SN+1", "UNS+S", "CNT+2:1",
         "UNH+1+SLSRPT", "UNT+1+1", "UNZ+1+R", "LOC", "LIN", "QTY", "DTM", "+", "?")  # fmt: skip


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(st.sampled_from([*BODY, *STRAY])))
def test_segments_in_any_order_never_break_the_reader(segments: list[str]) -> None:
    extract = extract_of(interchange(tuple(segments)))
    assert extract.unreadable.schema.names == ["row", "column", "value", "reason"]
