"""Units and how values are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.errors import UnknownNameError
from offtake.units import MISSING, UNITS, Unit, check_unit, format_value, unit_label


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234567.4, "units", "1,234,567"),
        (1234.5, "money", "1,234.50"),
        (2.345, "money_per_unit", "2.35"),
        (25, "percent", "25.0%"),
        (0.25, "percent", "0.2%"),
        (-3.14, "points", "-3.1"),
        (112.4, "index", "112"),
        (1.005, "per_store_week", "1.00"),
        (1469307, "rows", "1,469,307"),
        (7.25, "hours", "7.2"),
        (-0.04, "percent", "0.0%"),
        (-0.0, "units", "0"),
        (-1000, "units", "-1,000"),
    ],
)
def test_a_value_in_its_unit(value: float, unit: Unit, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("currency", "text"), [("$", "-$1,234.50"), ("EUR", "-EUR 1,234.50"), ("", "-1,234.50")]
)
def test_money_carries_its_currency(currency: str, text: str) -> None:
    assert format_value(-1234.5, "money", currency=currency) == text


def test_only_money_carries_a_currency() -> None:
    assert format_value(3, "units", currency="$") == "3"


def test_decimals_can_be_chosen() -> None:
    assert format_value(1234.567, "money", currency="$", decimals=0) == "$1,235"
    assert format_value(12.345, "percent", decimals=2) == "12.35%"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("unit", UNITS)
def test_no_value_is_a_dash_in_every_unit(value: float | None, unit: Unit) -> None:
    assert format_value(value, unit, currency="$") == MISSING


@given(st.floats(-1e12, 1e12), st.sampled_from(UNITS))
def test_what_is_written_is_the_value_rounded(value: float, unit: Unit) -> None:
    text = format_value(value, unit, decimals=3).replace(",", "").rstrip("%")
    assert float(text) == pytest.approx(value, abs=0.0005, rel=1e-12)
    assert text != "-0.000"


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_words(unit: Unit) -> None:
    assert unit_label(unit).strip()
    assert check_unit(unit) == unit


def test_a_label_names_the_currency() -> None:
    assert unit_label("money", currency="EUR") == "EUR"
    assert unit_label("money") == "money"
    assert unit_label("units", currency="EUR") == "units"


def test_an_unknown_unit_is_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown unit 'percents'\. Did you mean 'percent'"):
        check_unit("percents")
    with pytest.raises(UnknownNameError, match="unknown unit"):
        format_value(1, "kilos")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="unknown unit"):
        unit_label("kilos")  # type: ignore[arg-type]
