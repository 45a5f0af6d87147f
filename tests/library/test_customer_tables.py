"""Customer bases of a category, from baskets to tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.models.kernels.customer_forecast import Between
from offtake.models.shoppers.customer_answer import customer_tables
from offtake.models.shoppers.customer_bases import CustomerBases, customer_bases
from offtake.models.shoppers.customer_query import category_histories
from offtake.models.shoppers.customer_spec import CustomerSpec
from offtake.models.shoppers.customer_tables import tables_of
from offtake.models.shoppers.customer_trial import Trial, choose, misfit
from tests.library.small_customers import BRANDS, MONDAY, WEEKS, customer_store, fill

SPEC = CustomerSpec(by="brand", horizon=8, lifetime_weeks=52)
TABLES = (
    "shopper_customer_base", "shopper_customer_models", "shopper_customer_parameters",
    "shopper_customer_tracking", "shopper_customers", "shopper_customer_notes",
)  # fmt: skip


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with customer_store() as opened:
        yield opened


@pytest.fixture(scope="module")
def found(store: Store) -> CustomerBases:
    return customer_bases(store, store.tables(), "TEA", spec=SPEC)


@pytest.fixture(scope="module")
def tables(found: CustomerBases) -> dict[str, pa.Table]:
    return tables_of(found)


def rows(tables: dict[str, pa.Table], name: str, brand: str) -> list[dict[str, object]]:
    return [row for row in tables[name].to_pylist() if row["name"] == brand]


def test_every_table_is_there_and_nothing_in_it_is_nan(tables: dict[str, pa.Table]) -> None:
    assert tuple(tables) == TABLES
    for table in tables.values():
        for name in table.column_names:
            values = table[name].drop_null().to_pylist()
            assert not any(isinstance(value, float) and np.isnan(value) for value in values), name


def test_customers_are_those_who_bought(store: Store, tables: dict[str, pa.Table]) -> None:
    for brand, (count, _) in BRANDS.items():
        base = rows(tables, "shopper_customer_base", brand)[0]
        bought = store.fetch(
            "SELECT count(*), sum(value) FROM basket_line WHERE product_id = ?", [brand]
        )[0]
        days = store.fetch(
            "SELECT count(DISTINCT (household_id, date)) FROM basket_line WHERE product_id = ?",
            [brand],
        )[0][0]
        assert base["customers"] == count
        assert base["spend_per_purchase"] == pytest.approx(bought[1] / days)
        assert bought[0] > days or brand == "Cer"


def test_whose_customers_stay_is_told_from_whose_leave(tables: dict[str, pa.Table]) -> None:
    share = {
        brand: rows(tables, "shopper_customer_base", brand)[0]["alive_share"]
        for brand in ("Alba", "Bora")
    }
    assert share["Alba"] > 90  # type: ignore[operator]
    assert share["Bora"] < 70  # type: ignore[operator]


def test_a_brand_with_few_customers_is_counted_but_not_modelled(
    tables: dict[str, pa.Table],
) -> None:
    few = CustomerSpec(by="brand", least_repeaters=50, models=("nbd",))
    with customer_store() as store:
        found = customer_tables(store, store.tables(), "TEA", spec=few)
    base = rows(found, "shopper_customer_base", "Cer")[0]
    assert base["customers"] == 40
    assert base["model"] is None
    assert base["purchases"] is None
    assert rows(found, "shopper_customer_models", "Cer") == []
    notes = found["shopper_customer_notes"]["note"].to_pylist()
    assert any("no model was fitted: Cer" in note for note in notes)
    for name in TABLES:
        assert found[name].schema == tables[name].schema


def test_weeks_held_out_are_forecast_within_what_chance_allows(found: CustomerBases) -> None:
    for base in found.bases[:2]:
        trial = base.trial
        value, low, high = (end[-1] for end in (trial.forecast.value, trial.forecast.low,
                                                trial.forecast.high))  # fmt: skip
        # Drawn from the model: off by no more than three times what 80 % intervals reach.
        wide = 3 * np.log(high / low) / 2
        assert abs(np.log(trial.actual / value)) < wide


def test_actual_repeat_purchases_are_those_of_the_baskets(
    store: Store, tables: dict[str, pa.Table]
) -> None:
    track = rows(tables, "shopper_customer_tracking", "Alba")
    assert len(track) == WEEKS
    cut = next(row["week"] for row in track if row["held_out"]) - timedelta(days=1)  # type: ignore[operator]
    query = (
        "WITH days AS (SELECT DISTINCT household_id AS h, date AS d FROM basket_line "
        "WHERE product_id = 'Alba'), firsts AS (SELECT h, min(d) AS f FROM days GROUP BY h) "
        "SELECT count(*) FROM days JOIN firsts USING (h) WHERE d > f AND f <= ?"
    )
    assert track[-1]["actual"] == store.fetch(query, [cut])[0][0]
    assert all(row["forecast"] is None for row in track if not row["held_out"])
    expected = [row["expected"] for row in track]
    assert expected == sorted(expected)  # type: ignore[type-var]


def test_households_add_up_to_the_name(tables: dict[str, pa.Table]) -> None:
    for brand in ("Alba", "Bora"):
        base = rows(tables, "shopper_customer_base", brand)[0]
        homes = rows(tables, "shopper_customers", brand)
        assert len(homes) == base["customers"]
        for each, total in (("purchases", "purchases"), ("value", "value"),
                            ("lifetime_value", "lifetime_value")):  # fmt: skip
            assert sum(row[each] for row in homes) == pytest.approx(base[total], rel=1e-9)  # type: ignore[misc]
        assert sum(row["p_alive"] for row in homes) / 100 == pytest.approx(base["alive"])  # type: ignore[misc]
        worth = [row["lifetime_value"] for row in homes]
        assert worth == sorted(worth, reverse=True)  # type: ignore[type-var]


def test_models_that_differ_in_who_is_left_are_named(tables: dict[str, pa.Table]) -> None:
    shares = [row["alive_share"] for row in rows(tables, "shopper_customer_models", "Bora")
              if row["model"] != "nbd"]  # fmt: skip
    notes = [row["note"] for row in rows(tables, "shopper_customer_notes", "Bora")]
    apart = max(shares) - min(shares)  # type: ignore[type-var, operator]
    assert any("Models put" in str(note) for note in notes) == (apart > 10)
    still = next(row for row in rows(tables, "shopper_customer_models", "Bora") if row["chosen"])
    base = rows(tables, "shopper_customer_base", "Bora")[0]
    assert still["alive_share"] == pytest.approx(base["alive_share"])


def test_a_margin_takes_its_share_of_every_value(store: Store, tables: dict[str, pa.Table]) -> None:
    spec = replace(SPEC, margin=0.3, models=("bg_nbd",), listed=("Bora",), most_listed=5)
    found = customer_tables(store, store.tables(), "TEA", spec=spec)
    plain = customer_tables(
        store, store.tables(), "TEA", spec=replace(SPEC, models=("bg_nbd",))
    )  # fmt: skip
    for name in ("value", "lifetime_value", "lifetime_value_high"):
        got = rows(found, "shopper_customer_base", "Bora")[0][name]
        whole = rows(plain, "shopper_customer_base", "Bora")[0][name]
        assert got == pytest.approx(0.3 * whole)  # type: ignore[operator]
    assert found["shopper_customers"].num_rows == 5
    assert set(found["shopper_customers"]["name"].to_pylist()) == {"Bora"}
    assert rows(found, "shopper_customer_base", "Bora")[0]["valued_at"] == "margin"


def test_weeks_and_the_bg_bb_count_weeks(store: Store) -> None:
    spec = replace(SPEC, models=("bg_bb",))
    found = customer_tables(store, store.tables(), "TEA", spec=spec)
    base = rows(found, "shopper_customer_base", "Alba")[0]
    assert (base["model"], base["unit"]) == ("bg_bb", "week")
    weekly = replace(SPEC, unit="week", models=("bg_nbd",))
    whole = category_histories(store, store.tables(), "TEA", spec=weekly, unit="week").of["Alba"]
    counted = store.fetch(
        "SELECT count(DISTINCT (household_id, week)) FROM basket_line WHERE product_id = 'Alba'"
    )[0][0]
    assert whole.purchases.sum() == counted


def test_the_same_store_gives_the_same_tables(store: Store, tables: dict[str, pa.Table]) -> None:
    again = customer_tables(store, store.tables(), "TEA", spec=SPEC)
    assert all(again[name].equals(tables[name]) for name in TABLES)


def test_several_baskets_on_one_day_are_one_purchase() -> None:
    twice = [("H1", "Alba", 3, 2.0), ("H1", "Alba", 3, 1.0), ("H1", "Alba", 202, 4.0)]
    with Store(":memory:") as store:
        fill(store, twice)
        spec = CustomerSpec(by="brand")
        found = category_histories(store, store.tables(), "TEA", spec=spec, unit="day").of["Alba"]
    assert found.purchases.tolist() == [2]
    assert found.value.tolist() == [7.0]


def test_nothing_to_go_by_is_said() -> None:
    with Store(":memory:") as store:
        with pytest.raises(MissingContractError, match="basket_line"):
            customer_tables(store, store.tables(), "TEA")
        fill(store, [("H1", "Alba", 3, 2.0), ("H2", "Alba", 13, 2.0)])
        with pytest.raises(BadInputError, match="weeks: got 2"):
            customer_tables(store, store.tables(), "TEA")
    with Store(":memory:") as store:
        fill(store, [("H1", "Alba", 3, 0.0), ("H2", "Alba", 90, 0.0)])
        with pytest.raises(BadInputError, match="no household bought"):
            customer_tables(store, store.tables(), "COFFEE")
        found = customer_tables(store, store.tables(), "TEA", spec=CustomerSpec(by="brand"))
    assert found["shopper_customer_base"]["customers"].to_pylist() == [2]
    assert found["shopper_customers"].num_rows == 0


def test_what_is_asked_is_checked() -> None:
    with pytest.raises(BadInputError, match="horizon: got 0"):
        CustomerSpec(horizon=0)
    with pytest.raises(UnknownNameError, match="customer model"):
        CustomerSpec(models=("arima",))  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="models: got none"):
        CustomerSpec(models=())
    with pytest.raises(UnknownNameError, match="grouping of customers"):
        CustomerSpec(by="category")  # type: ignore[arg-type]


def shifted(trial: Trial, by: float, *, noise: float) -> Trial:
    """Return a trial whose scores are so much better on average, customer by customer noisy."""
    drawn = np.random.default_rng(1).standard_normal(trial.scores.size)
    step = by + noise * (drawn - drawn.mean()) / drawn.std()
    return replace(trial, scores=trial.scores + step)


def test_the_simplest_of_models_that_forecast_alike_is_chosen(found: CustomerBases) -> None:
    still, leaving = found.bases[0].trials[:2]
    assert [still.fit.model, leaving.fit.model] == ["nbd", "bg_nbd"]
    level = replace(leaving, scores=still.scores)
    error = 0.5 / np.sqrt(still.scores.size)
    place, why = choose([still, shifted(level, 0.3 * error, noise=0.5)])
    assert (place, "simpler" in why) == (0, True)
    place, why = choose([still, shifted(level, 10 * error, noise=0.5)])
    assert (place, why) == (1, "forecast the weeks held out best")
    failed = replace(leaving, fit=replace(leaving.fit, converged=False))
    assert choose([failed])[0] == 0
    assert choose([failed, still])[0] == 1


def test_misfit_is_what_intervals_do_not_hold(found: CustomerBases) -> None:
    trial = found.bases[0].trial
    one = np.ones(1)
    # 80 % intervals of one standard error of .1 around forecasts that are off by .3.
    sure = replace(
        trial, actual=float(np.exp(0.3)),
        forecast=Between(one, one * np.exp(-0.128155), one * np.exp(0.128155)),
    )  # fmt: skip
    assert misfit([sure, sure]) == pytest.approx(np.sqrt(0.3**2 - 0.1**2), rel=1e-4)
    assert misfit([replace(sure, actual=1.05)]) == 0.0
    assert misfit([]) == 0.0


def test_the_first_week_is_that_of_the_panel(found: CustomerBases) -> None:
    span = found.bases[0].held.span
    assert (span.monday, span.weeks, span.held_out) == (MONDAY, WEEKS, WEEKS // 3)
