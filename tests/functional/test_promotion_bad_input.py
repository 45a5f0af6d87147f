"""Damaged files of promotions, costs and margins: what a person sees from load to fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.promotion_files import (
    BASE,
    Desk,
    Row,
    copied,
    costs,
    margins,
    monday,
    promotions,
    sales,
)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Stores, products and sales are loaded."""
    desk = Desk(tmp_path_factory.mktemp("sold"))
    for name in ("store", "product", "sales"):
        assert desk.load(BASE[name][1](), name).code == 0
    return desk


@pytest.fixture
def desk(sold: Desk, tmp_path: Path) -> Desk:
    return copied(sold, tmp_path)


def edited(rows: list[Row], **changes: object) -> list[Row]:
    return [rows[0] | changes, *rows[1:]]


def without(rows: list[Row], column: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name != column} for row in rows]


@pytest.mark.parametrize(
    ("contract", "rows", "said"),
    [
        ("promotion_cost", edited(costs(), fixed_cost=-5), "row 2, fixed_cost: got '-5'; allowed"),
        ("promotion_cost", edited(costs(), fixed_cost="20 EUR"), "got '20 EUR'; cannot be read"),
        ("promotion_cost", edited(costs(), fixed_cost="NaN"), "row 2, fixed_cost: got 'NaN'"),
        ("promotion_cost", [*costs(), costs()[0] | {"fixed_cost": 9}], "already stands in row 2"),
        ("unit_margin", edited(margins(), margin="12,5"), "row 2, margin: got '12,5'; cannot be"),
        ("unit_margin", edited(margins(), product_id="ZZ"), "got 'ZZ'; is not in the products"),
        ("unit_margin", edited(margins(), valid_from="31.12.2023"), "got '31.12.2023'; cannot"),
        ("promotion", edited(promotions(), discount=150), "row 2, discount: got '150'; allowed"),
        ("promotion", edited(promotions(), week="05.02.2024"), "a date written YYYY-MM-DD"),
        ("promotion", edited(promotions(), week="2024-02-07"), "allowed: a Monday"),
        ("promotion", edited(promotions(), product_id="ZZ"), "got 'ZZ'; is not in the products"),
        ("promotion", edited(promotions(), store_id="S99"), "got 'S99'; is not in the stores"),
        ("promotion_cost", "promotion_id,fixed_cost\nFrühling,30\n".encode("latin-1"), "encoding"),
    ],
)  # fmt: skip
def test_a_bad_row_is_set_aside_and_named(
    desk: Desk, contract: str, rows: list[Row] | bytes, said: str
) -> None:
    done = desk.load(rows, contract)
    assert done.code == 0
    assert "1 rows set aside" in done.err
    assert said in done.err


@pytest.mark.parametrize(
    ("contract", "rows", "said"),
    [
        ("promotion", without(promotions(), "week"), "no column for 'week'"),
        ("promotion_cost", without(costs(), "fixed_cost"), "no column for 'fixed_cost'"),
        ("unit_margin", without(margins(), "margin"), "no column for 'margin'"),
        ("promotion_cost", "", "has no header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    desk: Desk, contract: str, rows: list[Row] | str, said: str
) -> None:
    done = desk.load(rows, contract)
    assert done.code == 2
    assert f"{contract}.csv" in done.err
    assert said in done.err


def of_sales(keep: Callable[[Row], bool]) -> list[Row]:
    return [row for row in sales() if keep(row)]


def test_discounts_given_as_shares_are_refused(desk: Desk) -> None:
    desk.load([row | {"discount": 0.2} for row in promotions()], "promotion")
    done = desk.fit()
    assert done.code == 2
    assert "promotion, discount: got 0.2 percent at most, allowed: percent" in done.err


def test_what_was_given_away_is_left_out_and_said(desk: Desk) -> None:
    rows = [row | ({"discount": 100} if row["promotion_id"] == "E1" else {}) for row in
            promotions()]  # fmt: skip
    assert desk.load(rows, "promotion").code == 0
    done = desk.fit()
    assert done.code == 0
    assert "8 store-item-weeks are left out" in done.err


def test_one_week_is_too_few(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for name in ("store", "product"):
        desk.load(BASE[name][1](), name)
    desk.load(of_sales(lambda row: row["week"] == monday(5)), "sales")
    desk.load([row for row in promotions() if row["week"] == monday(5)], "promotion")
    done = desk.fit()
    assert done.code == 2
    assert "too few weeks of sales" in done.err


def test_without_costs_the_margin_is_shown_and_what_to_load(desk: Desk) -> None:
    desk.load(promotions(), "promotion")
    desk.load(margins(), "unit_margin")
    done = desk.fit()
    assert "at most" in done.out
    assert "no_cost" in done.out
    assert "promotion_cost" in done.out
    told = desk.fit("--explain", "E1").out
    assert "worth it if it cost less than that" in told


def test_promotions_outside_the_sales_are_named(desk: Desk) -> None:
    desk.load([*promotions(), promotions()[0] | {"promotion_id": "E9", "week": monday(60)}],
              "promotion")  # fmt: skip
    assert "E9" in desk.fit().all


def test_costs_of_no_known_promotion_are_named(desk: Desk) -> None:
    desk.load(promotions(), "promotion")
    desk.load(edited(costs(), promotion_id="E99"), "promotion_cost")
    assert "E99" in desk.fit().all


def test_margins_of_no_known_retailer_are_named(desk: Desk) -> None:
    desk.load(promotions(), "promotion")
    desk.load([row | {"retailer": "Typo"} for row in margins()], "unit_margin")
    assert "Typo" in desk.fit().all
