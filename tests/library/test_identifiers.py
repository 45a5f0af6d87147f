"""GTIN and GLN check digits, in Python and in SQL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.data.identifiers import (
    GTIN_LENGTHS,
    gln_valid_sql,
    gtin_check_digit,
    gtin_valid_sql,
    is_gln,
    is_gtin,
    normalise_gtin,
)
from offtake.errors import BadInputError

# Numbers printed in public documents: GS1's worked example and well-known bar codes.
PUBLIC_GTINS = ["6291041500213", "4006381333931", "96385074", "73513537", "036000291452"]

digits = st.text("0123456789", min_size=1, max_size=17)
bodies = st.sampled_from(GTIN_LENGTHS).flatmap(
    lambda size: st.text("0123456789", min_size=size - 1, max_size=size - 1)
)
gtins = bodies.filter(lambda body: body.strip("0")).map(lambda body: body + gtin_check_digit(body))
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=16)
not_numbers = ["", " 96385074", "96385074\n", "+9638507", "-96385074", "9638507.4", "1e000007"]
odd_numbers = [
    "0x385074",
    "963_85074",
    "٩٦٣٨٥٠٧٤",
    "²²²²²²²²",
    "0" * 8,
    "0" * 13,
    "0" * 14,
    "9" * 20,
]
awkward = st.sampled_from(not_numbers + odd_numbers)
texts = st.lists(gtins | digits | words | awkward, min_size=1, max_size=60)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def ask(engine: duckdb.DuckDBPyConnection, sql: str, values: list[str]) -> list[bool]:
    query = f"SELECT list({sql} ORDER BY place) FROM (SELECT unnest(?::VARCHAR[]) AS code, \
        generate_subscripts(?::VARCHAR[], 1) AS place)"
    row = engine.execute(query, [values, values]).fetchone()
    assert row is not None
    return list(row[0])


@pytest.mark.parametrize("text", PUBLIC_GTINS)
def test_public_gtins_pass(text: str) -> None:
    assert is_gtin(text)
    assert gtin_check_digit(text[:-1]) == text[-1]


@given(gtins)
def test_a_number_with_its_check_digit_is_a_gtin(text: str) -> None:
    assert is_gtin(text)
    assert is_gln(text) == (len(text) == 13)


@given(gtins, st.data())
def test_one_wrong_digit_is_always_found(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != text[place]))
    assert not is_gtin(text[:place] + wrong + text[place + 1 :])


@given(gtins)
def test_filling_with_zeros_keeps_the_check_digit(text: str) -> None:
    full = normalise_gtin(text)
    assert len(full) == 14
    assert full.endswith(text)
    assert is_gtin(full)
    assert normalise_gtin(full) == full


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("36000291452", "has 11 digits; .* a leading zero may be lost"),
        ("629104150021300", "has 15 digits; a GTIN has 8, 12, 13 or 14"),
        ("", "must hold digits only"),
        ("0360002914 2", "must hold digits only"),
        ("٩٦٣٨٥٠٧٤", "must hold digits only"),
        ("036000291453", "ends in 3; its check digit must be 2"),
        ("00000000", "is zeros only"),
    ],
)
def test_what_is_wrong_with_a_gtin_is_said(text: str, why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        normalise_gtin(text)


@pytest.mark.parametrize("body", ["", "12a", " 12", "٩٦"])
def test_a_check_digit_needs_digits(body: str) -> None:
    with pytest.raises(BadInputError, match="the digits 0 to 9"):
        gtin_check_digit(body)


@pytest.mark.parametrize("text", ["0000000000000", "036000291452", "6291041500214", "", "x"])
def test_what_is_no_gln(text: str) -> None:
    assert not is_gln(text)


@given(texts)
def test_sql_and_python_agree_on_gtins(
    engine: duckdb.DuckDBPyConnection, values: list[str]
) -> None:
    assert ask(engine, gtin_valid_sql("code"), values) == [is_gtin(text) for text in values]


@given(texts)
def test_sql_and_python_agree_on_glns(engine: duckdb.DuckDBPyConnection, values: list[str]) -> None:
    assert ask(engine, gln_valid_sql("code"), values) == [is_gln(text) for text in values]


def test_only_the_lengths_of_a_gtin_pass(engine: duckdb.DuckDBPyConnection) -> None:
    bodies_of_each_length = ["123456789012345678"[:size] for size in range(1, 18)]
    numbers = [body + gtin_check_digit(body) for body in bodies_of_each_length]
    assert [len(text) for text in numbers if is_gtin(text)] == [8, 12, 13, 14]
    assert ask(engine, gtin_valid_sql("code"), numbers) == [is_gtin(text) for text in numbers]
    assert ask(engine, gln_valid_sql("code"), numbers) == [len(text) == 13 for text in numbers]


def test_sql_leaves_an_absent_number_undecided(engine: duckdb.DuckDBPyConnection) -> None:
    sql = (
        f"SELECT {gtin_valid_sql('code')}, {gln_valid_sql('code')} FROM (SELECT NULL::VARCHAR code)"
    )
    assert engine.execute(sql).fetchone() == (None, None)
