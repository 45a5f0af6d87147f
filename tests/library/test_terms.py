"""What promotions cost and units earn: good rows load, bad ones are named, later ones replace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import Load, set_aside_rows
from offtake.data.store import Store
from tests.library.intake_files import load_masters, write_csv

COST = ("promotion_id", "fixed_cost", "cost_per_unit")
MARGIN = ("product_id", "retailer", "valid_from", "margin")


def loaded(store: Store, folder: Path, contract: str, *rows: tuple[object, ...]) -> Load:
    header = COST if contract == "promotion_cost" else MARGIN
    return load_file(
        store, write_csv(folder / f"{contract}.csv", header, rows), as_contract=contract
    )


def test_what_is_left_out_costs_nothing_and_holds_everywhere_and_always(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        loaded(store, tmp_path, "promotion_cost", ("E1", 120.5, ""), ("E2", 0, 0.25))
        loaded(store, tmp_path, "unit_margin", ("P1", "", "", 0.8), ("P1", "Maxi", WHEN, -0.1))
        assert set_aside_rows(store) == []
        assert store.fetch("FROM main.promotion_cost SELECT * EXCLUDE load_id ORDER BY ALL") == [
            ("E1", 120.5, 0.0),
            ("E2", 0.0, 0.25),
        ]
        assert store.fetch("FROM main.unit_margin SELECT * EXCLUDE load_id ORDER BY ALL") == [
            ("P1", "Maxi", date(2024, 7, 1), -0.1),
            ("P1", "all", date(1990, 1, 1), 0.8),
        ]


WHEN = "2024-07-01"


@pytest.mark.parametrize(
    ("contract", "row", "column", "value", "reason"),
    [
        ("promotion_cost", ("", 1, 1), "promotion_id", None, "is empty"),
        ("promotion_cost", ("E1", "", 1), "fixed_cost", None, "is empty"),
        ("promotion_cost", ("E1", -1, 1), "fixed_cost", "-1", "a number >= 0"),
        ("promotion_cost", ("E1", "12 EUR", 1), "fixed_cost", "12 EUR", "a number"),
        ("promotion_cost", ("E1", 1, -0.01), "cost_per_unit", "-0.01", "a number >= 0"),
        ("unit_margin", ("", "Maxi", WHEN, 1), "product_id", None, "is empty"),
        ("unit_margin", ("P999", "Maxi", WHEN, 1), "product_id", "P999", "products table"),
        ("unit_margin", ("P1", "Maxi", WHEN, ""), "margin", None, "is empty"),
        ("unit_margin", ("P1", "Maxi", WHEN, "40%"), "margin", "40%", "a number"),
        ("unit_margin", ("P1", "Maxi", "1 July", 1), "valid_from", "1 July", "YYYY-MM-DD"),
    ],
)
def test_a_bad_row_is_named_by_file_row_and_column(
    tmp_path: Path, contract: str, row: tuple[object, ...], column: str, value: str, reason: str
) -> None:
    good = ("E0", 1, 1) if contract == "promotion_cost" else ("P0", "all", WHEN, 1)
    with Store(":memory:") as store:
        load_masters(store, tmp_path)
        done = loaded(store, tmp_path, contract, good, row)
        assert (done.loaded, done.set_aside) == (1, 1)
        (fault,) = set_aside_rows(store)
    assert (fault.file, fault.row) == (f"{contract}.csv", 3)
    assert (fault.column, fault.value) == (column, value)
    assert reason in fault.reason


def test_terms_agreed_anew_stand_beside_the_old_and_corrected_ones_replace_them(
    tmp_path: Path,
) -> None:
    with Store(":memory:") as store:
        loaded(store, tmp_path, "unit_margin", ("P1", "Maxi", "2024-01-01", 1.0))
        loaded(store, tmp_path, "unit_margin", ("P1", "Maxi", "2025-01-01", 1.1))
        done = loaded(store, tmp_path, "unit_margin", ("P1", "Maxi", "2025-01-01", 1.2))
        assert done.replaced == 1
        now = "FROM main.unit_margin SELECT margin ORDER BY valid_from"
        assert store.fetch(now) == [(1.0,), (1.2,)]
