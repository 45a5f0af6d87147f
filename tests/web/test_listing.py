"""Rows of a table as an address asks for them."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from offtake_web.dashboards.listing import Asked, Rows, choices, find, sums

TABLE = pa.table(
    {
        "name": ["Acme bar", "ACME box", "Bolt (new)", None],
        "units": [5, 20, None, 1],
        "share": [1.5, -2.0, 30.25, None],
        "week": [date(2024, 1, 1), date(2024, 1, 8), None, date(2024, 3, 4)],
        "ours": [True, True, False, None],
        "parts": [["a", "b"], ["c"], [], None],
    }
)


def places(**where: str) -> list[int]:
    table = TABLE.append_column("place", pa.array(range(4)))
    return [int(each) for each in find(table, Asked(where)).table["place"].to_pylist()]


@pytest.mark.parametrize(
    ("column", "wish", "found"),
    [
        ("name", "acme", [0, 1]),
        ("name", "=Acme bar", [0]),
        ("name", "(new)", [2]),
        ("name", "%", []),
        ("name", "-", [3]),
        ("units", "20", [1]),
        ("units", "=20", [1]),
        ("units", ">=5", [0, 1]),
        ("units", "< 20", [0, 3]),
        ("units", "2..20", [0, 1]),
        ("units", "..5", [0, 3]),
        ("units", "5..", [0, 1]),
        ("units", "-", [2]),
        ("share", "-2", [1]),
        ("share", "\N{MINUS SIGN}2", [1]),
        ("share", ">30%", [2]),
        ("week", "2024-01-08", [1]),
        ("week", ">=2024-01-08", [1, 3]),
        ("week", "2024-01-01..2024-01-31", [0, 1]),
        ("ours", "yes", [0, 1]),
        ("ours", "no", [2]),
        ("parts", "b", [0]),
        ("nothing", "x", [0, 1, 2, 3]),
        ("name", "  ", [0, 1, 2, 3]),
    ],
)
def test_wishes(column: str, wish: str, found: list[int]) -> None:
    assert places(**{column: wish}) == found


def test_wishes_meet_each_other() -> None:
    assert places(name="acme", units=">5") == [1]


@pytest.mark.parametrize(
    ("column", "wish"),
    [("units", "many"), ("units", ".."), ("units", ">"), ("week", "monday"), ("ours", "perhaps")],
)
def test_what_is_not_understood_is_said_and_filters_nothing(column: str, wish: str) -> None:
    found = find(TABLE, Asked({column: wish}))
    assert found.table.num_rows == 4
    assert wish in found.errors[0]
    assert column in found.errors[0]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("units", [1, 5, 20, None]),
        ("-units", [20, 5, 1, None]),
        ("nothing", [5, 20, None, 1]),
        ("parts", [5, 20, None, 1]),
        ("", [5, 20, None, 1]),
    ],
)
def test_order(sort: str, found: list[int | None]) -> None:
    assert find(TABLE, Asked(sort=sort)).table["units"].to_pylist() == found


def test_rows_are_read_as_far_as_they_are_shown() -> None:
    rows = Rows(TABLE)
    assert len(rows) == 4
    assert rows[1]["name"] == "ACME box"
    assert [row["units"] for row in rows[1:3]] == [20, None]
    assert rows[4:] == []


def test_sums_and_choices() -> None:
    assert sums(TABLE, ("units", "share", "nothing")) == {"units": 26.0, "share": 29.75}
    assert sums(TABLE.slice(2, 1), ("units",)) == {"units": None}
    assert choices(TABLE, "name") == ["ACME box", "Acme bar", "Bolt (new)"]
    assert choices(TABLE, "name", most=2) == []
    assert choices(TABLE, "nothing") == []
