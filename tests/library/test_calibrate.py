"""What the twin takes from real data: by hand on small tables, and recovered from simulation."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError
from offtake.validation.calibrate import as_json, calibrate
from offtake.validation.calibrate_demand import (
    POISSON_SIZE,
    RESPONSES,
    Demand,
    fit_demand,
    item_responses,
    responses,
)
from offtake.validation.calibrate_outages import (
    StockRows,
    busyness,
    outages,
    read_stock,
    short_stockout_ratio,
    weekday_traffic,
)
from offtake.validation.calibrate_rates import Cells, rates
from offtake.validation.calibrate_rows import CategoryRows
from offtake.validation.calibrate_season import season
from offtake.validation.calibrate_support import mean_run, support
from offtake.validation.outage_runs import (
    censored_lognormal,
    runs,
    survival_mean,
    survival_quantiles,
)
from offtake.validation.spread import spread

NAN = np.nan
TRUTH = np.array([-1.5, -2.5, 0.4, 0.3, 0.1])
SPREAD = np.array([0.0, 0.8, 0.3, 0.0, 0.0])


def test_the_spread_between_items_is_recovered() -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(200):
        errors = rng.uniform(0.2, 1.5, 120)
        found.append(spread(rng.normal(-2.0, 0.6, 120) + rng.normal(0, errors), errors))
    sds, means = np.array([f.sd for f in found]), np.array([f.mean for f in found])
    # The estimate is cut off at 0 and its square root is concave: some bias; 10 % is allowed.
    assert sds.mean() == pytest.approx(0.6, rel=0.1)
    # 4 Monte Carlo errors of the mean; the stated error must be the real one within 4 errors of
    # a standard deviation from 200 draws (5 % each).
    assert means.mean() == pytest.approx(-2.0, abs=4 * means.std() / np.sqrt(200))
    assert np.mean([f.se for f in found]) == pytest.approx(means.std(), rel=0.2)


def test_no_spread_where_estimates_differ_by_their_errors_only() -> None:
    found = spread(np.array([1.0, 1.1, 0.9, NAN]), np.array([0.5, 0.5, 0.5, 0.1]))
    assert (found.sd, found.count) == (0.0, 3)
    with pytest.raises(BadInputError, match="none with a finite error"):
        spread(np.array([NAN]), np.array([1.0]))


def test_the_spread_of_two_estimates_by_hand() -> None:
    # Q = 100 + 100, less one degree of freedom, over 200 - 20,000 / 200.
    found = spread(np.array([1.0, 3.0]), np.array([0.1, 0.1]))
    assert found.sd == pytest.approx(np.sqrt(199 / 100), rel=1e-12)  # rounding
    assert found.se == pytest.approx(np.sqrt(2.0 / 2), rel=1e-12)  # (0.01 + 1.99) / 2


def market(
    seed: int, *, size: float = 1e9, items: int = 60, heterogeneity: float = 1.0
) -> CategoryRows:
    """Draw a category with known responses; prices are one for all stores of a week."""
    rng = np.random.default_rng(seed)
    stores, weeks = 30, 40
    item, store, week = (each.ravel() for each in np.indices((items, stores, weeks)))
    own = TRUTH + heterogeneity * SPREAD * rng.normal(size=(items, 5))
    regular = 3 * np.exp(rng.uniform(-0.1, 0.1, (items, weeks)))
    cut = np.where(rng.random((items, weeks)) < 0.3, rng.uniform(0.1, 0.4, (items, weeks)), 0.0)
    price = regular * (1 - cut)
    display = rng.random(item.size) < 0.2
    feature = (rng.random((items, weeks)) < 0.2)[item, week]
    x = np.column_stack(
        [
            np.log(regular / 3)[item, week],
            np.log1p(-cut)[item, week],
            display,
            feature,
            display & feature,
        ]
    )
    mean = np.exp(rng.normal(-0.3, 0.4, items * stores)[item * stores + store])
    mean *= np.exp(np.sum(x * own[item], axis=1))
    units = rng.poisson(mean * rng.gamma(size, 1 / size, mean.size)).astype(float)
    shelf, everyday = price[item, week], regular[item, week]
    return CategoryRows(
        units=units,
        price=shelf,
        regular=everyday,
        price_elsewhere=shelf,
        regular_elsewhere=everyday,
        origin=np.where(units > 0, 0, 1),
        display=display,
        feature=feature,
        item=item,
        store=store,
        pair=item * stores + store,
        week=week,
        mondays=np.datetime64("2017-01-02") + 7 * np.arange(weeks),
        inside=np.ones(item.size, bool),
        manufacturer=np.zeros(items, np.int64),
    )


@pytest.fixture(scope="module")
def demand() -> Demand:
    return fit_demand(market(2))


def test_responses_and_their_spread_are_recovered(demand: Demand) -> None:
    found = responses(demand)
    assert demand.price_basis == "elsewhere"
    for name, truth, sd in zip(RESPONSES, TRUTH, SPREAD, strict=True):
        # 4 stated errors, and the second-order error of one Newton step, a twentieth here.
        assert found[name]["mean"] == pytest.approx(truth, abs=4 * found[name]["se"] + 0.05)
        # The error of a standard deviation from 60 items is 9 %; noise and one step add to it.
        assert found[name]["sd"] == pytest.approx(sd, abs=0.3 * sd + 0.15)


def test_a_step_of_the_regular_price_is_another_offer() -> None:
    """A new pack at twice the price that sells as well must not look like a price response."""
    rows = market(2)
    jump = (rows.item < 20) & (rows.week >= 30)
    for price in (rows.price_elsewhere, rows.regular_elsewhere):
        price[jump] *= 2
    # A view on the market: own and other prices are one array there.
    assert rows.regular is rows.regular_elsewhere
    found = responses(fit_demand(rows))["elasticity_regular"]
    assert found["mean"] == pytest.approx(-1.5, abs=4 * found["se"] + 0.05)


def test_an_item_that_never_had_a_display_says_nothing_about_it(demand: Demand) -> None:
    rows = market(3)
    rows.display[rows.item == 7] = False
    estimates, errors = item_responses(fit_demand(rows))
    assert np.isnan(estimates[7]).tolist() == [False, False, True, False, True]
    assert np.isfinite(errors[7, 1])
    assert np.isfinite(estimates[8]).all()


def test_the_negative_binomial_size_is_recovered(demand: Demand) -> None:
    alike = fit_demand(market(4, size=2.0, heterogeneity=0.0))
    # 72,000 rows; over six seeds the estimates had mean 2.08 and standard deviation 0.04: the
    # moments allow for the pair effects, not for the slopes. That bias and 4 deviations.
    assert alike.size == pytest.approx(2.0, abs=0.08 + 4 * 0.04)
    # Poisson counts: over four seeds the inverse size was below 0.001.
    assert 1 / fit_demand(market(4, heterogeneity=0.0)).size < 0.01
    assert alike.size <= POISSON_SIZE
    # Items that respond differently look like dispersion: the size is a lower bound.
    assert demand.size < POISSON_SIZE


def test_rates_of_items_stores_and_pairs_are_recovered() -> None:
    rng = np.random.default_rng(5)
    items, stores = 80, 60
    item, store = (each.ravel() for each in np.indices((items, stores)))
    stays = rng.random(item.size) < 0.3
    item, store = item[stays], store[stays]
    log_rate = -2 + rng.normal(0, 0.6, items)[item] + rng.normal(0, 0.4, stores)[store]
    log_rate += rng.normal(0, 0.3, item.size)
    weeks = rng.uniform(20, 60, item.size)
    found = rates(Cells(rng.poisson(weeks * np.exp(log_rate)) * 1.0, weeks, item, store), 1.0)
    # Errors of a mean and standard deviations from 80 items, 60 stores and 1,400 pairs, 3 each.
    assert found.mean == pytest.approx(-2, abs=3 * (0.6 / 80**0.5 + 0.4 / 60**0.5))
    assert found.item_sd == pytest.approx(0.6, rel=3 / (2 * 80) ** 0.5)
    assert found.store_sd == pytest.approx(0.4, rel=3 / (2 * 60) ** 0.5)
    assert found.pair_sd == pytest.approx(0.3, rel=0.3)


def test_the_mean_rate_is_that_of_the_logs() -> None:
    """Pairs that differ much have a mean far above their median."""
    rng = np.random.default_rng(12)
    item, store = (each.ravel() for each in np.indices((60, 60)))
    log_rate = rng.normal(0, 1.0, item.size)
    weeks = np.full(item.size, 20.0)
    found = rates(Cells(rng.poisson(weeks * np.exp(log_rate)) * 1.0, weeks, item, store), 1.0)
    # The variance of log-normals is estimated from heavy tails: 10 % of 1; half of it moves the
    # mean. The mean of the multipliers would be 0.5 away.
    assert found.pair_sd == pytest.approx(1.0, abs=0.1)
    assert found.mean == pytest.approx(0.0, abs=0.1)


def test_stores_that_share_no_item_do_not_make_a_spread() -> None:
    sold = np.array([5.0, 5, 5, 5, 900, 900])
    item, store = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3])
    apart = rates(Cells(sold, np.ones(6), item, store), 1.0)
    # Only the larger set is used, in which all is equal.
    assert (apart.item_sd, apart.store_sd, apart.pair_sd) == (0.0, 0.0, 0.0)
    assert apart.mean == pytest.approx(np.log(900), abs=1e-9)


def test_the_season_is_a_smooth_curve_and_holidays_stand_out() -> None:
    mondays = np.datetime64("2017-01-02") + 7 * np.arange(52)
    day = (mondays - np.datetime64("2017-01-01")).astype(float) + 3
    curve = 0.3 * np.cos(2 * np.pi * day / 365.25)
    raised = curve + np.where(mondays == np.datetime64("2017-07-03"), 0.5, 0.0)
    found = season(raised, mondays, np.ones(52))
    # An exact curve is fitted exactly: rounding only.
    assert found.holidays["Independence Day"] == pytest.approx(0.5, abs=1e-9)
    assert found.holidays["Easter"] == pytest.approx(0.0, abs=1e-9)
    assert found.before["Independence Day"] == pytest.approx(0.0, abs=1e-9)
    assert found.index.mean() == pytest.approx(0.0, abs=1e-12)
    assert found.index[0] == pytest.approx(0.3, abs=0.01)  # a week in January is near the top


def test_runs_of_support_are_counted_to_their_ends() -> None:
    on = np.array([1, 1, 0, 1, 1, 1, 0, 1], bool)
    pair = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    week = np.array([0, 1, 2, 3, 4, 0, 1, 2])
    # Weeks seen to go on or end: two, one and one; ends seen: after week 1 and week 0.
    assert mean_run(on, pair, week) == 2.0
    assert np.isnan(mean_run(np.ones(3, bool), np.zeros(3, int), np.arange(3)))


def test_shares_of_support_by_hand() -> None:
    found = support(market(2))
    rows = market(2)
    cut = 1 - rows.price / rows.regular
    assert found["cut_share"] == np.mean(cut >= 0.05)
    assert found["cut_mean"] == pytest.approx(cut[cut >= 0.05].mean(), rel=1e-12)  # rounding
    assert found["both_share"] == np.mean(rows.display & rows.feature)
    assert found["zero_share"] == np.mean(rows.units == 0)


def test_outage_runs_by_hand() -> None:
    hours = np.array([5, 0, 3, 16, 2, 0, 0, 4, 0, 1, 0, 0, 16, 16, 0, 2], float)
    found = runs(hours, np.repeat([0, 1], 8))
    # The first day's run has an unknown start; the last day's runs have unknown ends.
    assert found.hours.tolist() == [21, 4, 1, 32, 2]
    assert found.days.tolist() == [3, 1, 1, 2, 1]
    assert found.cut.tolist() == [False, True, False, False, True]
    assert np.flatnonzero(found.starts).tolist() == [2, 7, 9, 12, 15]
    assert np.flatnonzero(found.at_risk).tolist() == [2, 6, 7, 9, 11, 12, 15]


def test_durations_that_are_cut_off_do_not_shorten_the_others() -> None:
    """The classic example: Freireich's leukaemia trial, 6-MP arm; median 23 weeks."""
    weeks = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35])
    ended = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    found = survival_quantiles(weeks.astype(float), ~ended, np.array([0.25, 0.5, 0.75]))
    np.testing.assert_array_equal(found, [13.0, 23.0, NAN])
    # Published restricted mean to week 35: 23.3.
    assert survival_mean(weeks.astype(float), ~ended) == pytest.approx(23.29, abs=0.05)


def test_the_log_normal_is_recovered_under_censoring() -> None:
    rng = np.random.default_rng(6)
    true, limit = np.exp(rng.normal(0.5, 0.9, 20_000)), rng.uniform(0.5, 8, 20_000)
    mu, sigma = censored_lognormal(np.minimum(true, limit), true > limit)
    # 5 errors of a mean (0.9 / sqrt(20,000), a little more for what is censored).
    assert (mu, sigma) == (pytest.approx(0.5, abs=0.04), pytest.approx(0.9, abs=0.04))


def stock(seed: int, slope: float) -> StockRows:
    """Draw shops in which busy days sell more and start outages."""
    rng = np.random.default_rng(seed)
    shops, products, days = 40, 12, 70
    store, product, day = (each.ravel() for each in np.indices((shops, products, days)))
    busy = rng.normal(0, 0.3, (shops, days))[store, day]
    start = rng.random(store.size) < 1 / (1 + np.exp(2 - slope * busy))
    hours = np.where(start, rng.integers(1, 17, store.size), 0).astype(float)
    return StockRows(
        series=store * products + product,
        store=store,
        day=day,
        weekday=day % 7,
        hours=hours,
        sales=rng.gamma(50, np.exp(busy) / 50),
        depth=np.zeros(store.size),
    )


def test_busyness_leaves_out_the_product_and_the_day_itself() -> None:
    sales = np.array([[1.0, 2, 3]] * 6 + [[50.0, 60, 70]])
    series, day = (each.ravel() for each in np.indices(sales.shape))
    rows = StockRows(series, series * 0, day, day, day * 0.0, sales.ravel(), day * 0.0)
    found = busyness(rows).reshape(sales.shape)
    # Six shops' products sell 6, 12, 18 together; the usual day is the mean of the other two.
    expected = np.log([6 / 15, 12 / 12, 18 / 9])
    assert found[6] == pytest.approx(expected, abs=1e-12)  # rounding
    few = StockRows(*(a[:6] for a in (series, series * 0, day, day, day * 0.0, sales.ravel(),
                                      day * 0.0)))  # fmt: skip
    assert np.isnan(busyness(few)).all()


def test_busy_days_start_outages_as_simulated() -> None:
    found = outages(stock(7, slope=1.5))
    # 4 stated errors, and a few percent of attenuation: a store's sales show its busyness with
    # the noise of eleven products.
    assert found["busy_slope"] == pytest.approx(1.5, abs=4 * found["busy_slope_se"] + 0.05)
    idle = outages(stock(8, slope=0.0))
    assert abs(idle["busy_slope"]) < 4 * idle["busy_slope_se"]


def test_short_outages_fall_on_good_days() -> None:
    """The trap: days with a short outage sell more, because busy days empty the shelf."""
    assert short_stockout_ratio(stock(7, slope=1.5)) > 1.05
    # Nothing to find: 4 errors of the mean of some 800 short days with a coefficient of
    # variation of about 0.35.
    assert short_stockout_ratio(stock(8, slope=0.0)) == pytest.approx(1.0, abs=0.05)


def test_weekdays_have_mean_one() -> None:
    rows = stock(7, slope=0.0)
    weights = weekday_traffic(rows)
    assert np.mean(weights) == pytest.approx(1.0, abs=1e-12)  # by construction
    by_hand = rows.sales[rows.weekday == 2].mean()
    assert weights[2] / weights[5] == pytest.approx(by_hand / rows.sales[rows.weekday == 5].mean())


def test_stock_is_read_in_order_with_monday_first(tmp_path: Path) -> None:
    path = tmp_path / "stock.parquet"
    rows = {
        "store_id": [1, 1],
        "product_id": [5, 5],
        "dt": ["2024-04-02", "2024-04-01"],  # a Tuesday and a Monday
        "sale_amount": [2.0, 1.0],
        "stockout_hours_6_22": [3, 0],
        "discount": [0.75, 1.0],
    }
    pq.write_table(pa.table(rows), path)
    found = read_stock(path)
    assert found.weekday.tolist() == [0, 1]
    assert (found.sales.tolist(), found.hours.tolist()) == ([1.0, 2.0], [0.0, 3.0])
    assert found.depth.tolist() == [0.0, 0.25]


@pytest.mark.parametrize("content", [b"", b"not parquet", None])
def test_a_stock_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "stock.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"stock\.parquet"):
        read_stock(path)


def load_market(store: Store, folder: Path) -> None:
    """Load a small simulated category through the ordinary intake."""
    rows = market(9, items=12)
    week = [date(2017, 1, 2) + timedelta(weeks=int(each)) for each in rows.week]
    key = {
        "store_id": [f"S{each}" for each in rows.store],
        "product_id": [f"P{each}" for each in rows.item],
        "week": week,
    }
    sales = pa.table(
        key
        | {
            "units": rows.units,
            "value": rows.units * rows.price,
            "regular_price": rows.regular,
        }
    ).filter(pa.array(rows.units > 0))
    promotion = pa.table(key | {"display": rows.display, "feature": rows.feature})
    names = [f"P{each}" for each in range(12)]
    product = pa.table(
        {
            "product_id": [*names, "M"],
            "category": ["TEA"] * 12 + ["MILK"],
            "manufacturer": [*(["A", "B", "C"] * 4), "A"],
        }
    )
    # Eight households of ten buy twice a month apart, two buy milk only.
    household = pa.table({"household_id": [f"H{each}" for each in range(10)]})
    basket_line = pa.table(
        {
            "basket_id": [f"B{each}" for each in range(18)],
            "household_id": [*(f"H{each % 8}" for each in range(16)), "H8", "H9"],
            "store_id": ["S0"] * 18,
            "product_id": ["P0"] * 16 + ["M"] * 2,
            "date": [date(2017, 2 + each // 8, 1 + each % 8) for each in range(18)],
            "units": [1.0] * 18,
            "value": [2.0] * 18,
        }
    )
    tables = {
        "product": product,
        "household": household,
        "sales": sales,
        "promotion": promotion,
        "basket_line": basket_line,
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
        assert load_file(store, folder / f"{name}.parquet", as_contract=name).set_aside == 0


def test_a_store_is_calibrated_from_end_to_end(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_market(store, tmp_path)
        found = calibrate(store, outages=None, categories=["TEA"])
    tea = found["categories"]["TEA"]
    assert (tea["items"], tea["manufacturers"]) == (12, 3)
    assert sum(tea["manufacturer_shares"]) == pytest.approx(1.0, abs=1e-12)
    assert len(tea["season"]) == 52
    assert tea["converged"]
    promoted = tea["elasticity_promoted"]
    # 4 stated errors of the mean over 12 items.
    assert promoted["mean"] == pytest.approx(-2.5, abs=4 * promoted["se"])
    assert promoted["shrunk"] == promoted["mean"]
    assert tea["shoppers"]["penetration"] == pytest.approx(0.8)
    assert tea["shoppers"]["frequency"] == pytest.approx(2.0)
    assert "outages" not in found
    assert json.loads(as_json(found))["categories"]["TEA"]["items"] == 12


def test_numbers_are_written_with_six_digits_and_none_for_what_could_not_be_had() -> None:
    assert json.loads(as_json({"a": 123456.789, "b": float("nan"), "c": [1 / 3]})) == {
        "a": 123457.0,
        "b": None,
        "c": [0.333333],
    }
