"""Norms from a store: one number with the measures, and honest where there is little to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.measures.ask import ask
from offtake.models.shoppers.norm_purchases import OTHER
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_tables import norm_tables
from offtake.twin.build import build
from offtake.twin.load import load_twin
from tests.library.dirichlet_world import MARKET, drawn, fill
from tests.library.small_twin import SPEC

WHERE = ["category=TEA"]
Found = dict[str, pa.Table]
Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        random = np.random.default_rng(1)
        fill(opened, drawn(random, 900), np.round(random.uniform(0.5, 3.0, 900), 2))
        yield opened


@pytest.fixture(scope="module")
def equal(store: Store) -> Found:
    return norm_tables(store, store.tables(), "TEA", spec=NormSpec(weights="equal", least_buyers=1))


@pytest.fixture(scope="module")
def weighted(store: Store) -> Found:
    return norm_tables(store, store.tables(), "TEA")


def by_brand(table: pa.Table) -> Rows:
    return {row["name"]: row for row in table.to_pylist()}


def measured(store: Store, measure: str) -> dict[str, float]:
    rows = store.run(ask(store.tables(), measure, by=["brand"], where=WHERE)).to_pylist()
    return {row["brand"]: row["value"] for row in rows}


@pytest.mark.parametrize(
    ("column", "measure"),
    [
        ("buyers", "buyers"),
        ("trips", "trips"),
        ("penetration", "penetration"),
        ("purchase_frequency", "purchase_frequency"),
        ("scr", "scr"),
        ("bought_twice", "repeat_rate_buyers_with_2plus"),
    ],
)
def test_what_is_observed_is_what_the_measure_says(
    store: Store, equal: Found, column: str, measure: str
) -> None:
    ours = {name: row[column] for name, row in by_brand(equal["shopper_norms"]).items()}
    assert ours == pytest.approx(measured(store, measure))


def test_weighted_penetration_is_that_of_the_weighted_measure(
    store: Store, weighted: Found
) -> None:
    asked = measured(store, "penetration_weighted")
    rows = by_brand(weighted["shopper_norms"])
    single = [name for name in rows if name != OTHER]
    assert {name: rows[name]["penetration"] for name in single} == pytest.approx(
        {name: asked[name] for name in single}
    )
    notes = " ".join(weighted["shopper_norm_notes"]["note"].to_pylist())
    assert "penetration_weighted" in notes


def test_duplication_and_its_law_are_those_of_the_measure(store: Store, equal: Found) -> None:
    asked = {
        (row["brand"], row["also_bought"]): (row["both"], row["value"], row["expected"])
        for row in store.run(
            ask(store.tables(), "duplication_of_purchase", by=["brand"], where=WHERE)
        ).to_pylist()
    }
    ours = {
        (row["name"], row["also_bought"]): (
            row["both_weight"], row["duplication"], row["duplication_expected"],
        )
        for row in equal["shopper_duplication"].to_pylist()
    }  # fmt: skip
    assert ours.keys() == asked.keys()
    for pair, numbers in asked.items():
        assert ours[pair] == pytest.approx(numbers), pair


def test_a_true_market_is_found_again_and_nobody_is_told_off(equal: Found) -> None:
    fit = {row["name"]: row for row in equal["shopper_norm_fit"].to_pylist()}
    for name, true in (("mean", 6.0), ("exponent", 0.8), ("switching", 1.3)):
        low, value, high = (fit[name][key] for key in ("value_low", "value", "value_high"))
        assert low < value < high
        # Three times the reach of an 80 % interval: nearly four standard errors.
        assert value * (low / value) ** 3 < true < value * (high / value) ** 3
    assert fit["category_p"]["value"] > 0.001
    rows = equal["shopper_norms"]
    for name in ("penetration", "purchase_frequency", "scr_purchases", "sole_buyers", "repeat"):
        assert set(rows[f"{name}_deviates"].to_pylist()) == {"no"}
    assert set(rows["reading"].to_pylist()) == {"Bought as a brand of its size is."}


def test_small_brands_are_together_and_not_compared(weighted: Found) -> None:
    rows = weighted["shopper_norms"].to_pylist()
    assert rows[-1]["name"] == OTHER
    assert rows[-1]["penetration_deviates"] is None
    assert "not compared" in rows[-1]["reading"]
    assert sum(row["share_of_purchases"] for row in rows) == pytest.approx(100)
    assert OTHER not in weighted["shopper_duplication"]["name"].to_pylist()


def test_largest_brands_stand_first(equal: Found) -> None:
    shares = equal["shopper_norms"]["share_of_purchases"].to_pylist()
    assert shares == sorted(shares, reverse=True)


def test_households_by_how_often_they_bought_add_up(equal: Found) -> None:
    table = equal["shopper_norm_counts"].to_pylist()
    for key in ("households", "households_expected"):
        whole = sum(row[key] for row in table if row["name"] == "(category)")
        assert whole == pytest.approx(100)
    never = {row["name"]: row["households"] for row in table if row["purchases"] == 0}
    for name, row in by_brand(equal["shopper_norms"]).items():
        assert 100 - never[name] == pytest.approx(row["penetration"])


def test_line_of_double_jeopardy_rises(equal: Found) -> None:
    line = equal["shopper_norm_line"]
    for name in line.column_names:
        assert np.all(np.diff(line[name].to_numpy()) > 0), name


def test_no_table_holds_a_number_that_is_none(equal: Found, weighted: Found) -> None:
    for found in (equal, weighted):
        for name, table in found.items():
            for column in table.column_names:
                if pa.types.is_floating(table.schema.field(column).type):
                    values = table[column].drop_null().to_numpy()
                    assert np.all(np.isfinite(values)), (name, column)


def test_same_data_give_the_same_tables(store: Store, weighted: Found) -> None:
    again = norm_tables(store, store.tables(), "TEA")
    assert all(again[name].equals(table) for name, table in weighted.items())


def test_progress_is_told(store: Store) -> None:
    told: list[float] = []
    norm_tables(store, store.tables(), "TEA", progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 100


def test_period_is_halved_and_kept_to(store: Store) -> None:
    spec = NormSpec(period="latest 26 weeks", least_buyers=10)
    half = norm_tables(store, store.tables(), "TEA", spec=spec)["shopper_norm_fit"]
    whole = norm_tables(store, store.tables(), "TEA")["shopper_norm_fit"]
    # All households shopped for milk in the first week only, so fewer are seen in the second half.
    assert half["value"][0].as_py() < whole["value"][0].as_py()


def test_one_week_has_nobody_who_comes_back(store: Store) -> None:
    spec = NormSpec(period="latest 1 week", least_buyers=1)
    found = norm_tables(store, store.tables(), "TEA", spec=spec)
    assert found["shopper_norms"]["repeat"].null_count == found["shopper_norms"].num_rows
    assert any("one week" in note for note in found["shopper_norm_notes"]["note"].to_pylist())


def test_households_that_count_for_nothing_are_left_out() -> None:
    with Store(":memory:") as zeros:
        weight = np.where(np.arange(500) < 200, 0.0, 2.0)
        fill(zeros, drawn(np.random.default_rng(5), 500), weight)
        fit = norm_tables(zeros, zeros.tables(), "TEA")["shopper_norm_fit"].to_pylist()
        assert {row["name"]: row["value"] for row in fit}["households"] == 300
        zeros.execute("UPDATE main.household SET weight = 0")
        with pytest.raises(BadInputError, match="nobody bought"):
            norm_tables(zeros, zeros.tables(), "TEA")


@pytest.mark.parametrize("group", ["product_id", "manufacturer", "is_private_label"])
def test_brands_may_be_any_grouping_of_items(store: Store, group: str) -> None:
    spec = NormSpec(by=group, least_buyers=1, where=("store_id=S1",))
    if group == "product_id":
        rows = norm_tables(store, store.tables(), "TEA", spec=spec)["shopper_norms"]
        assert "P0" in rows["name"].to_pylist()
        return
    # The products here have neither: all of them are one group, and there is nothing to compare.
    with pytest.raises(BadInputError, match="two or more"):
        norm_tables(store, store.tables(), "TEA", spec=spec)


def test_all_brands_too_small_are_one_and_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match="two or more"):
        norm_tables(store, store.tables(), "TEA", spec=NormSpec(least_buyers=10_000))


def test_an_unknown_category_is_named(store: Store) -> None:
    with pytest.raises(BadInputError, match="category=SOAP"):
        norm_tables(store, store.tables(), "SOAP")


def test_an_empty_store_says_what_to_load() -> None:
    with (
        Store(":memory:") as empty,
        pytest.raises(MissingContractError, match="offtake load FILE --as basket_line"),
    ):
        norm_tables(empty, empty.tables(), "TEA")


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        ({"by": "income"}, UnknownNameError),
        ({"weights": "none"}, UnknownNameError),
        ({"exponent": "guess"}, UnknownNameError),
        ({"least_buyers": 0}, BadInputError),
        ({"false_discoveries": 0.0}, BadInputError),
        ({"least_deviation": 1.0}, BadInputError),
    ],
)
def test_choices_that_do_not_exist_are_refused(
    choice: dict[str, Any], error: type[BadInputError]
) -> None:
    with pytest.raises(error, match="got|unknown|allowed"):  # noqa: RUF043  # alternatives
        NormSpec(**choice)


def test_where_only_buyers_are_loaded_penetrations_are_still_those_of_the_measure() -> None:
    with Store(":memory:") as buyers:
        counts = drawn(np.random.default_rng(2), 700)
        fill(buyers, counts)
        buyers.execute("DELETE FROM main.basket_line WHERE product_id = 'M'")
        found = norm_tables(buyers, buyers.tables(), "TEA")
        asked = measured(buyers, "penetration")
    rows = by_brand(found["shopper_norms"])
    for name in rows.keys() - {OTHER}:
        assert rows[name]["penetration"] == pytest.approx(asked[name])
    fit = {row["name"]: row["value"] for row in found["shopper_norm_fit"].to_pylist()}
    assert fit["households"] == np.sum(counts.sum(axis=(0, 2)) > 0)
    true = 100 * (1 - MARKET.category.penetration)
    assert fit["never_seen"] == pytest.approx(true, abs=6)
    assert "missing" in " ".join(found["shopper_norm_notes"]["note"].to_pylist())


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    spec = replace(SPEC, households=600, items=12)
    with Store(":memory:", "twin") as opened:
        load_twin(opened, build(spec, tmp_path_factory.mktemp("twin") / "data").folder)
        yield opened


def test_the_twin_has_norms_and_the_numbers_of_its_measures(twin: Store) -> None:
    spec = NormSpec(weights="equal", least_buyers=20)
    found = norm_tables(twin, twin.tables(), "COFFEE", spec=spec)
    rows = by_brand(found["shopper_norms"])
    for column in ("penetration", "purchase_frequency", "scr"):
        asked = {
            row["brand"]: row["value"]
            for row in twin.run(
                ask(twin.tables(), column, by=["brand"], where=["category=COFFEE"])
            ).to_pylist()
        }
        for name, row in rows.items():
            if name != OTHER:
                assert row[column] == pytest.approx(asked[name])
    weighted = norm_tables(twin, twin.tables(), "COFFEE", spec=NormSpec(least_buyers=20))
    fit = {row["name"]: row["value"] for row in weighted["shopper_norm_fit"].to_pylist()}
    assert fit["effective_households"] < fit["households"]
    # Loyalty of the twin's households is 1.2 (docs/explanation/the-twin.md). What stores do not
    # have makes them look more loyal, promotions less.
    assert fit["switching"] == pytest.approx(1.2, rel=0.4)
