"""Numbers on shoppers that were once wrong, each held to what it should have been."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.export import export_tables, read_export
from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.brand_choice import BrandMarket
from offtake.models.kernels.customer_fit import CustomerFit, fit_customers, law
from offtake.models.kernels.customer_forecast import Between, mean_between, widened
from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.purchase_counts import PurchaseCounts
from offtake.models.shoppers.customer_bases import customer_bases
from offtake.models.shoppers.customer_query import Histories, category_histories, observed
from offtake.models.shoppers.customer_spec import CustomerSpec
from offtake.models.shoppers.customer_trial import Trial, choose
from offtake.models.shoppers.customer_worth import spending, worth
from offtake.models.shoppers.norm_fit import fit_norms
from offtake.models.shoppers.norm_query import question
from offtake.models.shoppers.norm_spec import Method, NormSpec
from offtake.models.shoppers.norm_tables import norm_tables, purchase_norm_tables
from tests.effort import examples
from tests.library.customer_worlds import World, world
from tests.library.dirichlet_world import MARKET, as_purchases, drawn, fill
from tests.library.small_customers import MONDAY as FIRST
from tests.library.small_customers import Row
from tests.library.small_customers import fill as fill_customers
from tests.library.small_panel import MONDAY, Line, Panel, weeks

AHEAD = 13
WORLDS = examples(60)
BRANDS = CustomerSpec(by="brand")
FLOWS = ("buyer_flow", "switching")


@pytest.fixture
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        yield Panel(store)


def small_base(seed: int, size: int = 80) -> World:
    age = np.random.default_rng(seed + 10_000).uniform(30.0, 52.0, size)
    return world("nbd", np.array([0.8, 8.0]), age, ahead=float(AHEAD), seed=seed)


def test_eighty_percent_intervals_of_lifetime_value_hold_what_comes() -> None:
    spec = CustomerSpec(horizon=AHEAD, lifetime_weeks=AHEAD, discount=0.0)
    bought, paid = [], []
    for seed in range(WORLDS):
        found, rng = small_base(seed), np.random.default_rng(seed)
        often, rate = found.states.frequency + 1, rng.gamma(4.0, 1 / 10.0, found.later.size)
        day = np.zeros(often.size, "datetime64[D]")
        spend = spending(
            Histories(
                np.arange(often.size).astype(str), day, day, often,
                rng.gamma(5.0 * often, 1 / rate), day, often,
            )
        )  # fmt: skip
        told = worth(fit_customers("nbd", found.states), found.states, spend, spec)
        came = np.where(found.later > 0, rng.gamma(5.0 * np.maximum(found.later, 1), 1 / rate), 0.0)
        assert told.lifetime_value is not None
        bought.append(holds(told.lifetime_purchases, found.later.sum()))
        paid.append(holds(told.lifetime_value, came.sum()))
    # Standard deviation of a share of 60 worlds: .05 about .8.
    assert 0.68 < np.mean(bought) < 0.92
    assert 0.68 < np.mean(paid) < 0.92


def holds(between: Between, truth: float) -> bool:
    return bool(between.low <= truth <= between.high)


def until(day: int) -> list[Row]:
    """Return purchases of forty households, of whom one buys on the last day only."""
    rows = [(f"H{at}", "Alba", at % 50 + 30 * turn, 2.0) for at in range(40) for turn in range(3)]
    return [*rows, ("H1", "Alba", day, 2.0), ("Late", "Alba", day, 2.0)]


def test_a_week_that_has_only_begun_is_not_counted() -> None:
    with Store(":memory:") as store:
        fill_customers(store, until(7 * 20))  # a Monday
        span = observed(store, store.tables(), BRANDS)
        found = category_histories(store, store.tables(), "TEA", spec=BRANDS, unit="day")
    assert (span.weeks, span.end) == (20, FIRST + timedelta(days=7 * 20 - 1))
    assert found.span == span
    base = found.of["Alba"]
    assert "Late" not in base.households
    assert base.last.max() <= np.datetime64(span.end)
    assert base.purchases.sum() == 120
    assert found.repeats["Alba"].shape == (20,)


def test_a_week_that_ends_on_its_sunday_is_counted() -> None:
    with Store(":memory:") as store:
        fill_customers(store, until(7 * 20 - 1))
        found = category_histories(store, store.tables(), "TEA", spec=BRANDS, unit="day")
    assert found.span.weeks == 20
    assert "Late" in found.of["Alba"].households


def test_customers_of_an_unknown_name_are_refused() -> None:
    with Store(":memory:") as store:
        fill_customers(store, until(7 * 20 - 1))
        with pytest.raises(UnknownNameError, match="Albaa"):
            customer_bases(store, store.tables(), "TEA", spec=replace(BRANDS, listed=("Albaa",)))


def sold_since(store: Store, first: date, last: date) -> None:
    """Put sales of two weeks into a store: with them alone, weeks between look loaded."""
    for week in (first, last):
        store.execute(
            "INSERT INTO main.sales (store_id, product_id, week, units, value, load_id) "
            "VALUES ('S1', 'P1', ?, 1, 1, 1)",
            [week],
        )


@pytest.mark.parametrize("measure", FLOWS)
def test_weeks_with_sales_but_no_baskets_are_not_compared(panel: Panel, measure: str) -> None:
    panel.load([Line("H1", "P1", "S1", 7 * week, 1, 1) for week in range(4, 8)])
    sold_since(panel.store, MONDAY, MONDAY + timedelta(weeks=11))
    assert panel.ask(measure, by=["brand"], period=weeks(6, 7))
    for first, last in ((4, 5), (8, 9)):
        with pytest.raises(BadInputError, match="loaded: 2017-01-30 to 2017-02-20"):
            panel.ask(measure, by=["brand"], period=weeks(first, last))


@pytest.mark.parametrize("measure", FLOWS)
def test_periods_a_year_apart_share_no_week(panel: Panel, measure: str) -> None:
    panel.load([Line("H1", "P1", "S1", 7 * week, 1, 1) for week in range(120)])
    assert panel.ask(f"{measure}_year_ago", by=["brand"], period=weeks(60, 111))
    with pytest.raises(BadInputError, match="share no week: got 53 weeks, allowed: 52"):
        panel.ask(f"{measure}_year_ago", by=["brand"], period=weeks(60, 112))


def test_norms_go_by_the_weeks_of_baskets() -> None:
    with Store(":memory:") as store:
        fill(store, drawn(np.random.default_rng(1), 200))
        sold_since(store, date(2015, 1, 5), date(2018, 12, 31))
        asked = question(store.tables(), "TEA", NormSpec())
    assert (asked.period.first_week, asked.period.weeks) == (date(2017, 1, 2), 52)
    assert asked.period.last_week == date(2017, 12, 25)


def test_an_export_keeps_the_weeks_of_baskets(tmp_path: Path, panel: Panel) -> None:
    assert panel.store.tables().basket_span is None
    panel.load([Line("H1", "P1", "S1", 7 * week, 1, 1) for week in (4, 7)])
    sold_since(panel.store, MONDAY, MONDAY + timedelta(weeks=11))
    export_tables(panel.store, tmp_path)
    found = read_export(tmp_path)
    assert found.basket_span == (date(2017, 1, 30), date(2017, 2, 20))
    assert found.basket_span == panel.store.tables().basket_span
    assert found.span == (MONDAY, MONDAY + timedelta(weeks=11))


@pytest.mark.parametrize("exponent", ["likelihood", "zeros"])
def test_norms_of_buyers_with_weights_in_fractions_do_not_fail_by_rounding(
    exponent: Method,
) -> None:
    # Heavy buyers: hardly anybody never bought, and sums of weights are not exact.
    heavy = BrandMarket(PurchaseCounts(60.0, 5.0), 1.3, MARKET.share)
    for seed in range(6):
        random = np.random.default_rng(seed)
        counts = drawn(random, 300, heavy)
        counts = counts[:, counts.sum(axis=(0, 2)) > 0]
        weight = np.array(random.uniform(0.5, 2.0, counts.shape[1]))
        fit = fit_norms(as_purchases(counts, weight), NormSpec(exponent=exponent))
        assert fit.market.category.mean == pytest.approx(60, rel=0.15)


def test_buyers_alone_give_no_penetration_above_all_of_them() -> None:
    market = BrandMarket(PurchaseCounts(3.0, 0.8), 1.3, np.array([0.98, 0.01, 0.01]))
    for seed in range(4):
        counts = drawn(np.random.default_rng(seed), 400, market)
        counts = counts[:, counts.sum(axis=(0, 2)) > 0]
        found = purchase_norm_tables(as_purchases(counts), NormSpec(least_buyers=1))
        for name in ("shopper_norms", "shopper_norm_line"):
            assert highest_penetration(found[name]) <= 100, name
        fit = {row["name"]: row["value"] for row in found["shopper_norm_fit"].to_pylist()}
        assert fit["category_penetration_expected"] <= 100


def highest_penetration(table: pa.Table) -> float:
    names = {"penetration", *(f"penetration_{end}" for end in ("low", "high", "expected",
             "expected_low", "expected_high", "norm_low", "norm_high"))}  # fmt: skip
    columns = [table[name].drop_null().to_numpy() for name in names & set(table.column_names)]
    return float(np.max(np.concatenate(columns)))


def test_duplication_counts_households_by_their_weights() -> None:
    random = np.random.default_rng(1)
    counts, weight = drawn(random, 300), np.round(random.uniform(0.5, 3.0, 300), 2)
    with Store(":memory:") as store:
        fill(store, counts, weight)
        table = norm_tables(store, store.tables(), "TEA", spec=NormSpec(least_buyers=20))
    pairs = {
        (row["name"], row["also_bought"]): row for row in table["shopper_duplication"].to_pylist()
    }
    bought, pair = counts.sum(axis=0) > 0, pairs["B0", "B1"]
    assert {"buyers", "both"}.isdisjoint(pair)
    assert pair["buyers_weight"] == pytest.approx(weight[bought[:, 0]].sum())
    assert pair["both_weight"] == pytest.approx(weight[bought[:, 0] & bought[:, 1]].sum())


def trial(model: CustomerModel, scores: np.ndarray) -> Trial:
    names = law(model).names
    size = len(names)
    fit = CustomerFit(
        model, names, np.ones(size), np.zeros((size, size)), np.zeros(size, bool), 0.0, 1.0, True, 0
    )
    one = np.ones(1)
    return Trial(fit, fit, "day", scores, 1.0, Between(one, one, one), 0.0, 1.0)


def test_a_model_that_has_run_into_a_simpler_one_is_not_chosen_by_rounding() -> None:
    scores = np.random.default_rng(1).normal(-2.0, 1.0, 500)
    simple, rich = trial("nbd", scores), trial("pareto_nbd", scores + 1e-10)
    place, why = choose([simple, rich])
    assert (place, "simpler" in why) == (0, True)
    assert choose([simple, trial("pareto_nbd", scores + 1e-3)])[0] == 1


def test_totals_of_which_hardly_anything_is_known_have_no_ends() -> None:
    fit = trial("nbd", np.zeros(1)).fit
    for error, known in ((1.0, True), (30.0, False)):
        vague = replace(fit, covariance=np.diag([error**2, 0.0]))
        found = mean_between(vague, lambda point: 5.0 * point[:1])
        assert found.value.tolist() == [5.0]
        for each in (found, widened(found, allowance=0.1)):
            assert (np.isfinite(each.low[0]), np.isfinite(each.high[0])) == (known, known)
    known_well = Between(np.array([5.0]), np.array([4.0]), np.array([6.25]))
    assert np.isnan(widened(known_well, found).high[0])
    assert np.isnan(widened(known_well, allowance=30.0).high[0])
    assert np.isfinite(widened(known_well, allowance=0.5).high[0])
