"""Damaged files of promotions, costs and margins: what a person sees from load to fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.functional.promotion_files import (
    BASE,
    DISCOUNT,
    ITEMS,
    STORES,
    WEEKS,
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


def test_planned_discounts_given_as_shares_are_refused(desk: Desk) -> None:
    seen = [row | {"discount": ""} for row in promotions()]
    plan = [row | {"status": "planned", "discount": 0.2} for row in promotions()]
    assert desk.load([*seen, *plan], "promotion").code == 0
    done = desk.fit()
    assert done.code == 2
    assert "got 0.2 percent at most, allowed: percent" in done.err


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


def fitted(desk: Desk, *words: str) -> list[dict[str, Any]]:
    """Return the promotions as a program gets them."""
    done = desk.fit("--format", "json", *words)
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def test_a_cut_of_which_nobody_says_how_deep_is_as_deep_as_prices_show(desk: Desk) -> None:
    """The first promotion states no depth, only that there was a cut; its prices show it."""
    rows = [row | {"price_cut": 1} | ({"discount": ""} if row["promotion_id"] == "E1" else {})
            for row in promotions()]  # fmt: skip
    assert desk.load(rows, "promotion").code == 0
    found = {row["promotion_id"]: row for row in fitted(desk)}
    assert found["E1"]["stores_executed"] == 4
    assert found["E1"]["price_cut"] == pytest.approx(20, abs=3)
    assert found["E1"]["incremental"] > 0


def test_rows_that_wait_to_be_mended_are_told_with_the_answer(desk: Desk, tmp_path: Path) -> None:
    desk.load(edited(promotions(), discount=150), "promotion")
    page = tmp_path / "page.html"
    done = desk.fit("--page", str(page))
    assert "1 of promotion; see: offtake set-aside" in done.err
    assert "1 of promotion; see: offtake set-aside" in page.read_text(encoding="utf-8")


def test_items_without_a_margin_beside_others_are_named(desk: Desk) -> None:
    desk.load(promotions(), "promotion")
    desk.load(costs(), "promotion_cost")
    desk.load([row for row in margins() if row["product_id"] == "A1"], "unit_margin")
    done = desk.fit()
    assert "1 items without a margin beside others of their maker" in done.err
    assert "A2" in done.err


def test_everything_always_promoted_is_not_taken_for_an_effect(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    always = [
        {"promotion_id": f"E{item}", "product_id": item, "store_id": f"S{store}",
         "week": monday(week), "status": "observed", "discount": DISCOUNT, "display": 1}
        for item in ITEMS for store in range(STORES) for week in range(WEEKS)
    ]  # fmt: skip
    for name in ("store", "product"):
        desk.load(BASE[name][1](), name)
    desk.load(sales(always), "sales")
    desk.load(always, "promotion")
    for row in fitted(desk):
        assert row["grade"] == "D"
        assert row["incremental_low"] < 0 < row["incremental_high"]


@pytest.mark.parametrize("only", [{"store_id": "S0"}, {"product_id": "A1"}])
def test_one_store_or_one_item_gets_an_answer_that_says_how_weak_it_is(
    tmp_path: Path, only: dict[str, str]
) -> None:
    desk = Desk(tmp_path)

    def mine(rows: list[Row]) -> list[Row]:
        return [row for row in rows if all(row.get(n, v) == v for n, v in only.items())]

    for name in ("store", "product"):
        desk.load(BASE[name][1](), name)
    desk.load(mine(sales()), "sales")
    desk.load(mine(promotions()), "promotion")
    for row in fitted(desk):
        assert row["grade"] in {"C", "D"}
        assert row["incremental_low"] < row["incremental"] < row["incremental_high"]


def test_weeks_of_returns_count_as_no_sales(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for name in ("store", "product"):
        desk.load(BASE[name][1](), name)
    rows = [row | {"returns": 0} for row in sales()]
    rows[3] |= {"units": -2, "value": -4.0, "returns": 5}
    assert desk.load(rows, "sales").code == 0
    desk.load(promotions(), "promotion")
    whole = {row["promotion_id"]: row["incremental"] for row in fitted(desk)}
    assert all(np.isfinite(value) for value in whole.values())


def test_a_week_with_impossibly_many_units_gives_no_broken_numbers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for name in ("store", "product"):
        desk.load(BASE[name][1](), name)
    rows = sales()
    desk.load(edited(rows, units=10**12), "sales")
    desk.load(promotions(), "promotion")
    for row in fitted(desk):
        assert np.isfinite(row["incremental"])


def test_the_same_promotion_row_twice_is_combined_and_counted(desk: Desk) -> None:
    rows = promotions()
    done = desk.load([*rows, rows[0] | {"discount": 10.0}], "promotion")
    assert done.code == 0
    assert "combined" in done.all
    assert fitted(desk)


def test_a_header_without_rows_loads_nothing_and_promotions_come_from_prices(desk: Desk) -> None:
    head = ",".join(promotions()[0])
    assert desk.load(f"{head}\n", "promotion").code == 0
    done = desk.fit()
    assert "Price cuts are derived from prices paid" in done.err
    assert "no discounts are loaded" in done.err
