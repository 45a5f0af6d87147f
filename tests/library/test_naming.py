"""Names of items and stores on pages that know only their codes."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from offtake.report.availability import alarms, causes, ended, sums_by, visits
from offtake.report.naming import Names, names_in
from tests.library.test_availability_page import alert, answer, total

NAMES = Names(
    {"P1": "Acme chips 150 g", "P2": "Chips 1 kg", "P4": "Nuts"}, {"S1": "Korner 1", "S9": "S9"}
)


@pytest.mark.parametrize(
    ("code", "brand", "called"),
    [
        ("P1", "Acme", "Acme chips 150 g (P1)"),
        ("P2", "Acme", "Acme Chips 1 kg (P2)"),
        ("P2", "", "Chips 1 kg (P2)"),
        ("P3", "Acme", "Acme P3"),
        ("P3", "", "P3"),
    ],
)
def test_an_item_is_called_by_brand_name_and_code(code: str, brand: str, called: str) -> None:
    assert NAMES.item(code, brand) == called


def test_a_store_that_is_named_by_its_code_is_named_once() -> None:
    assert [NAMES.store(code) for code in ("S1", "S2", "S9")] == ["Korner 1 (S1)", "S2", "S9"]


def test_names_are_found_in_any_table_that_has_them_the_first_counts() -> None:
    tables = [
        pa.table({"product_id": ["P1", "P1", "P2", "P3"],
                  "description": ["Chips", "Chips", None, "(not stated)"]}),
        pa.table({"store_id": ["S1"], "store_name": ["Main street"], "product_id": ["P1"],
                  "description": ["Another name"]}),
        pa.table({"store_id": ["S1", "S2"], "name": ["Korner 1", "Korner 2"]}),
        pa.table({"product_id": ["P9"]}),
    ]  # fmt: skip
    found = names_in(tables)
    assert found.items == {"P1": "Chips"}
    assert found.stores == {"S1": "Main street", "S2": "Korner 2"}


def test_every_list_of_availability_names_items_and_stores() -> None:
    known = replace(answer([alert("S1")]), names=NAMES)
    (alarm,) = alarms(known)
    assert (alarm.item, alarm.store) == ("Acme chips 150 g (P1)", "Korner 1 (S1)")
    found = visits(known)
    assert found is not None
    assert [line.name for line in found.lines[:1]] == ["S9"]
    assert found.lines[0].cells[-1].text == (
        "Acme Chips 1 kg (P2): listed never sold; Acme Chips 1 kg (P2): store"
    )
    stopped = ended(known)
    assert stopped is not None
    assert stopped.lines[0].name == "Acme Nuts (P4)"


def test_sums_by_item_and_by_store_are_named() -> None:
    tables = {"availability_totals": [total("item", "P1"), total("item", "P2"),
                                      total("store", "S1"), total("store", "")]}  # fmt: skip
    known = replace(answer([]), tables=tables, names=NAMES)
    by_item, by_store = sums_by(known, "item", "Item"), sums_by(known, "store", "Store")
    assert by_item is not None
    assert by_store is not None
    assert [line.name for line in by_item.lines] == ["Acme chips 150 g (P1)", "Chips 1 kg (P2)"]
    assert [line.name for line in by_store.lines] == ["Korner 1 (S1)", "\N{EN DASH}"]
    assert causes(known) is None
