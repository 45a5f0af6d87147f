"""Contracts are sound: keys, defaults, rules and references are what intake relies on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offtake.data.contracts.contract import WEEKS, Contract
from offtake.data.contracts.registry import CONTRACTS, contract
from offtake.data.intake import load_file
from offtake.data.ledger import set_aside_rows
from offtake.data.mapping import names_in
from offtake.data.store import Store
from offtake.errors import UnknownNameError
from tests.library.intake_files import WEEK, write_csv

ISSUE = {
    "product", "store", "calendar", "sales", "basket_line", "household",
    "promotion", "media", "stock", "distribution_list", "visit", "audit_line",
    "note", "survey_answer", "target", "person", "campaign", "campaign_contact",
    "promotion_cost", "unit_margin", "stockout_response", "message_recall",
}  # fmt: skip
each = pytest.mark.parametrize("one", CONTRACTS.values(), ids=lambda one: one.name)

SAMPLE = {
    "text": "a", "integer": "1", "number": "1", "boolean": "true", "date": WEEK,
    "timestamp": f"{WEEK} 10:00",
}  # fmt: skip
OTHER_SAMPLES = {
    **{("stockout_response", name): "20" for name in
       ("same_brand", "other_brand", "other_store", "later", "given_up")},
    ("calendar", "iso_year"): "2024", ("calendar", "year"): "2024",
    ("calendar", "nrf_year"): "2024",
    ("product", "gtin"): "4006381333931", ("store", "gln"): "6291041500213",
    ("sales", "days"): "7", ("promotion", "status"): "observed", ("target", "level"): "team",
    ("person", "left_how"): "voluntary", ("message_recall", "fit"): "neutral",
}  # fmt: skip


def sample_row(one: Contract) -> dict[str, str]:
    """One good row: the first allowed word, or a plain value of the column's type."""
    return {
        c.name: OTHER_SAMPLES.get((one.name, c.name), c.allowed[0] if c.allowed else SAMPLE[c.type])
        for c in one.columns
    }


def test_every_table_of_the_issue_has_a_contract() -> None:
    assert set(CONTRACTS) >= ISSUE


def test_unknown_names_list_what_is_known() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sales'"):
        contract("sale")
    with pytest.raises(UnknownNameError, match="column of contract 'sales' 'unit'"):
        contract("sales").column("unit")


@each
def test_keys_are_columns_that_are_never_empty(one: Contract) -> None:
    assert one.key
    assert len(set(one.column_names)) == len(one.column_names)
    assert all(one.column(name).required for name in one.key)


@each
def test_every_column_says_what_it_means(one: Contract) -> None:
    for column in one.columns:
        assert column.meaning
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert (column.type in ("number", "integer")) == bool(column.unit), column.name


@each
def test_defaults_rules_and_parts_name_columns(one: Contract) -> None:
    for column in one.columns:
        assert set(names_in(column.default or "")) <= set(one.column_names)
        assert set(column.needs) <= set(one.column_names)
    for rule in one.rules:
        assert rule.column in one.column_names
        assert set(names_in(rule.condition)) <= set(one.column_names)
    if one.combine:
        assert {name for name, _ in one.combine} == set(one.values)


@each
def test_references_lead_to_a_single_key(one: Contract) -> None:
    for column in one.columns:
        if column.references is not None:
            assert len(CONTRACTS[column.references].key) == 1


@each
def test_a_good_row_of_every_column_loads(one: Contract, tmp_path: Path) -> None:
    row = sample_row(one)
    file = write_csv(tmp_path / "a.csv", list(row), [list(row.values())])
    with Store(":memory:") as store:
        done = load_file(store, file, as_contract=one.name)
        assert set_aside_rows(store) == []
        assert (done.loaded + done.duplicate, done.unused_columns) == (1, ())


@each
def test_required_columns_alone_load(one: Contract, tmp_path: Path) -> None:
    row = {name: cell for name, cell in sample_row(one).items() if one.column(name).required}
    file = write_csv(tmp_path / "a.csv", list(row), [list(row.values())])
    with Store(":memory:") as store:
        done = load_file(store, file, as_contract=one.name)
        assert (done.loaded, set_aside_rows(store)) == (1, [])


@each
def test_an_empty_required_cell_is_named_alone(one: Contract, tmp_path: Path) -> None:
    row = sample_row(one)
    needed = [c.name for c in one.columns if c.required and c.default is None]
    rows = [[*({**row, name: ""}).values()] for name in needed]
    file = write_csv(tmp_path / "a.csv", list(row), rows)
    with Store(":memory:") as store:
        done = load_file(store, file, as_contract=one.name)
        assert done.set_aside == len(needed)
        assert [f.column for f in set_aside_rows(store)] == needed


def test_the_calendar_of_a_store_holds_the_weeks_that_intake_allows() -> None:
    with Store(":memory:") as store:
        assert store.fetch("SELECT min(week), max(week) FROM calendar") == [WEEKS]


@pytest.mark.parametrize(
    ("name", "changes", "column"),
    [
        ("sales", {"units": "-1", "returns": "0"}, "units"),
        ("sales", {"units": "-3", "returns": "2", "value": "0"}, "units"),
        ("sales", {"date": "2024-01-03", "days": "7"}, "date"),
        ("sales", {"date": "2024-01-03", "days": "1", "week": "2024-01-08"}, "week"),
        ("sales", {"days": "2"}, "days"),
        ("store", {"latitude": "91"}, "latitude"),
        ("store", {"gln": "6291041500214"}, "gln"),
        ("store", {"opened": "2024-02-01", "closed": "2024-01-31"}, "closed"),
        ("product", {"gtin": "4006381333932"}, "gtin"),
        ("product", {"gtin": "406381333931"}, "gtin"),
        ("product", {"is_private_label": "perhaps"}, "is_private_label"),
        ("promotion", {"discount": "101"}, "discount"),
        ("promotion", {"status": "seen"}, "status"),
        ("promotion_cost", {"fixed_cost": "-0.01"}, "fixed_cost"),
        ("promotion_cost", {"cost_per_unit": "-1"}, "cost_per_unit"),
        ("unit_margin", {"margin": "much"}, "margin"),
        ("stockout_response", {"later": "101"}, "later"),
        ("stockout_response", {"later": "40"}, "given_up"),
        ("stock", {"hours_available": "9", "hours_open": "8"}, "hours_available"),
        ("person", {"left_on": "", "left_how": "voluntary"}, "left_how"),
        ("target", {"last_day": "2023-12-31"}, "last_day"),
        ("note", {"answered": "2023-12-31 10:00"}, "answered"),
        ("audit_line", {"points_earned": "2", "points_possible": "1"}, "points_earned"),
        ("basket_line", {"line": "0"}, "line"),
        ("basket_line", {"line": "1.5"}, "line"),
        ("visit", {"ended": "2024-01-01 09:00"}, "ended"),
        ("survey_answer", {"week": "2024-01-02"}, "week"),
        ("stock", {"date": "2024-02-30", "week": ""}, "date"),
    ],
)  # fmt: skip
def test_rules_catch_what_they_are_for(
    tmp_path: Path, name: str, changes: dict[str, str], column: str
) -> None:
    row = sample_row(CONTRACTS[name]) | changes
    file = write_csv(tmp_path / "a.csv", list(row), [list(row.values())])
    with Store(":memory:") as store:
        assert load_file(store, file, as_contract=name).set_aside == 1
        assert [f.column for f in set_aside_rows(store)] == [column]


def test_returns_may_take_sales_below_zero(tmp_path: Path) -> None:
    row = sample_row(CONTRACTS["sales"]) | {"units": "-3", "returns": "3", "value": "-7"}
    file = write_csv(tmp_path / "a.csv", list(row), [list(row.values())])
    with Store(":memory:") as store:
        assert load_file(store, file, as_contract="sales").loaded == 1
