"""Fits of customer-base models: limits, what cannot be fitted, many brands; and their forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.customer_fit import fit_customers, fit_each, law
from offtake.models.kernels.customer_forecast import (
    customers_between,
    discounted,
    discounted_for_ever,
    newcomers,
    outlook,
    totals_between,
)
from offtake.models.kernels.customer_law import CUSTOMER_MODELS, CustomerModel
from offtake.models.kernels.customer_spend import expected_spend, fit_spend
from offtake.models.kernels.customer_states import customer_states
from tests.library.customer_data import cdnow, donations
from tests.library.customer_worlds import world
from tests.library.test_customer_recovery import TRUTH, drawn, true_fit

LEAVING: tuple[CustomerModel, ...] = ("bg_nbd", "mbg_nbd", "pareto_nbd")


def test_customers_who_never_leave_leave_leaving_at_its_limit() -> None:
    found = world("nbd", np.array([0.8, 6.0]), np.full(3000, 40.0), ahead=13.0, seed=3)
    still = fit_customers("nbd", found.states)
    for model in LEAVING:
        fit = fit_customers(model, found.states)
        assert fit.converged
        # Nobody leaves: what there is of it cannot be told, and is named; the rest is the NBD.
        assert fit.at_limit[2:].all(), (model, fit.point)
        assert not fit.at_limit[:2].any()
        assert np.isnan(fit.interval()[0][2:]).all()
        assert fit.log_likelihood == pytest.approx(still.log_likelihood, abs=1.5)
        bought = outlook(fit, found.states, 13.0).mean.sum()
        assert bought == pytest.approx(found.later.sum(), rel=0.05)


def test_customers_all_alike_have_rates_at_their_limit() -> None:
    frequency = np.tile([3, 4, 5, 4], 500)
    states = customer_states(frequency, np.full(2000, 20.0), np.full(2000, 20.0))
    fit = fit_customers("nbd", states)
    assert fit.converged
    assert fit.at_limit.all()
    assert outlook(fit, states, 20.0).mean.mean() == pytest.approx(frequency.mean(), rel=1e-3)
    _, total = totals_between(fit, states, 20.0)
    # 2,000 customers who buy 4 times: 8,000, give or take 1.28 times the root of 8,000, and as much
    # again for the rate, learned from as many.
    assert total.high - total.value == pytest.approx(1.28 * np.sqrt(2 * 8000), rel=0.1)


@pytest.mark.parametrize("model", CUSTOMER_MODELS)
def test_any_start_leads_to_the_same_peak(model: CustomerModel) -> None:
    states = drawn(model, 2).states
    best = fit_customers(model, states)
    rng = np.random.default_rng(1)
    for _ in range(6):
        start = best.point * np.exp(rng.uniform(-4, 4, best.point.size))
        again = fit_customers(model, states, start=start)
        assert again.converged
        assert again.log_likelihood == pytest.approx(best.log_likelihood, abs=1e-6)


def test_many_brands_give_what_each_gives_alone() -> None:
    groups = [drawn("bg_nbd", seed).states for seed in range(4)]
    for together, states in zip(fit_each("bg_nbd", groups), groups, strict=True):
        # Both searches end when less than 1e-10 can be gained.
        np.testing.assert_allclose(together.point, fit_customers("bg_nbd", states).point, rtol=1e-4)


def test_weeks_or_days_make_no_difference_but_the_unit() -> None:
    weeks = cdnow()
    days = customer_states(weeks.frequency, 7 * weeks.recency, 7 * weeks.age)
    for model, times in (("bg_nbd", [1, 7, 1, 1]), ("pareto_nbd", [1, 7, 1, 7])):
        one, other = fit_customers(model, weeks), fit_customers(model, days)
        np.testing.assert_allclose(other.point, one.point * times, rtol=1e-4)
        alive = law(model).alive(one.point, weeks)
        np.testing.assert_allclose(law(model).alive(other.point, days), alive, rtol=1e-4)


@pytest.mark.parametrize("model", CUSTOMER_MODELS)
def test_what_cannot_be_fitted_is_said(model: CustomerModel) -> None:
    with pytest.raises(BadInputError, match="nobody who bought again"):
        fit_customers(model, customer_states([0, 0], [0, 0], [5, 9]))
    with pytest.raises(BadInputError, match="got none"):
        fit_customers(model, customer_states(np.zeros(0, int), [], []))


def test_what_cannot_be_is_refused() -> None:
    for given, message in (
        (([1], [6.0], [5.0]), "recency: got 6"),
        (([0], [2.0], [5.0]), "allowed: 0 where nothing was bought again"),
        (([-1], [0.0], [5.0]), "frequency"),
        (([0.5], [0.0], [5.0]), "frequency"),
        (([1], [2.0], [np.nan]), "not finite"),
    ):
        with pytest.raises(BadInputError, match=message):
            customer_states(*given)
    with pytest.raises(BadInputError, match="customers"):
        customer_states([1], [2.0], [5.0], [-1.0])
    with pytest.raises(BadInputError, match="whole periods"):
        fit_customers("bg_bb", customer_states([1], [1.5], [3.0]))
    with pytest.raises(BadInputError, match="one in each at most"):
        fit_customers("bg_bb", customer_states([3], [2.0], [3.0]))
    with pytest.raises(UnknownNameError, match="bg_nbd"):
        fit_customers("bgnbd", cdnow())  # type: ignore[arg-type]


def test_bg_nbd_expectation_is_the_hypergeometric_one() -> None:
    # Fader, Hardie and Lee (2005), equation 10, where it can be worked out.
    states, point = cdnow(), np.array([0.243, 4.414, 0.793, 2.426])
    r, alpha, a, b = point
    x, age, horizon = states.frequency, states.age, 39.0
    z = horizon / (alpha + age + horizon)
    f = hyp2f1(r + x, b + x, a + b + x - 1, z)
    ratio = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
    top = (a + b + x - 1) / (a - 1) * (1 - ratio * f)
    last = np.where(x > 0, a / (b + np.maximum(x, 1) - 1), 0.0)
    bottom = 1 + last * ((alpha + age) / (alpha + states.recency)) ** (r + x)
    got = outlook(true_fit("bg_nbd", point), states, horizon).mean
    np.testing.assert_allclose(got, top / bottom, rtol=1e-9)


def test_expectations_stand_where_formulas_divide_by_nothing() -> None:
    for model, at in (("bg_nbd", [0.4, 5.0, 1.0, 2.0]), ("pareto_nbd", [0.4, 5.0, 1.0, 9.0]),
                      ("pareto_nbd", [0.4, 5.0, 2.0, 9.0])):  # fmt: skip
        point = np.array(at)
        near = point + np.array([0, 0, 1e-7, 0])
        for horizon in (0.0, 1e-6, 13.0, 1e4):
            here, there = (
                outlook(true_fit(model, each), cdnow(), horizon) for each in (point, near)
            )
            np.testing.assert_allclose(here.mean, there.mean, rtol=1e-6)
            np.testing.assert_allclose(here.variance, there.variance, rtol=1e-5, atol=1e-12)


def test_busy_customers_over_long_times_have_finite_forecasts() -> None:
    busy = customer_states([30_000, 500, 0], [364.0, 300.0, 0.0], [365.0, 365.0, 0.5])
    for model in LEAVING:
        got = outlook(true_fit(model, np.array([0.8, 0.5, 0.3, 40.0])), busy, 400.0)
        assert np.isfinite(got.mean).all()
        assert np.all(got.variance >= 0)


@pytest.mark.parametrize("model", LEAVING)
def test_discounted_purchases_are_those_of_every_week_discounted(model: CustomerModel) -> None:
    fit, states, discount = (
        true_fit(model, np.array(TRUTH[model])),
        drawn(model, 4, size=50).states,
        0.01,
    )
    steps = np.linspace(0, 52, 521)
    means = np.array([outlook(fit, states, step).mean for step in steps])
    middles = np.exp(-discount * (steps[1:] + steps[:-1]) / 2)
    # A tenth of a week is short beside a rate of one per cent a week: the rest is of order 1e-7.
    expected = middles @ np.diff(means, axis=0)
    np.testing.assert_allclose(
        discounted(fit, states, 52.0, discount=discount), expected, rtol=1e-6
    )
    whole = discounted(fit, states, 52.0, discount=0.0)
    np.testing.assert_allclose(whole, outlook(fit, states, 52.0).mean)


def test_purchases_for_ever_have_their_closed_forms() -> None:
    fit, states = true_fit("pareto_nbd", np.array([0.55, 10.6, 0.61, 11.7])), cdnow()
    first = customer_states([2], [30.43], [38.86])
    rate, lives = (0.55 + 2) / (10.6 + 38.86), 11.7 + 38.86
    stays = quad(lambda t: np.exp(-0.0029 * t) * (1 + t / lives) ** -0.61, 0, np.inf)[0]
    alive = law("pareto_nbd").alive(fit.point, first)
    got = discounted_for_ever(fit, first, discount=0.0029)
    assert got == pytest.approx(alive * rate * stays, rel=1e-7)
    # A century and more is for ever at 15 % a year.
    np.testing.assert_allclose(
        discounted(fit, states, 3000.0, discount=0.01),
        discounted_for_ever(fit, states, discount=0.01), rtol=1e-3,
    )  # fmt: skip
    donors = true_fit("bg_bb", np.array([1.204, 0.75, 0.657, 2.783]))
    np.testing.assert_allclose(
        discounted(donors, donations(), 300, discount=np.log(1.1)),
        discounted_for_ever(donors, donations(), discount=np.log(1.1)), rtol=1e-9,
    )  # fmt: skip
    with pytest.raises(BadInputError, match="allowed: pareto_nbd, bg_bb"):
        discounted_for_ever(true_fit("nbd", np.ones(2)), states, discount=0.1)


def test_intervals_of_customers_hold_their_values_and_widen_with_doubt() -> None:
    many, few = drawn("pareto_nbd", 3, size=4000).states, drawn("pareto_nbd", 3, size=300).states
    customer = customer_states([3], [20.0], [30.0])
    widths = []
    for states in (many, few):
        alive, bought = customers_between(fit_customers("pareto_nbd", states), customer, 13.0)
        assert 0 < alive.low[0] < alive.value[0] < alive.high[0] < 1
        assert 0 < bought.low[0] < bought.value[0] < bought.high[0]
        widths.append(bought.high[0] - bought.low[0])
    assert widths[1] > 2 * widths[0]


def test_newcomers_buy_as_customers_drawn_do() -> None:
    for model in LEAVING:
        point = np.array(TRUTH[model])
        found = world(model, point, np.zeros(40_000), ahead=26.0, seed=9)
        expected = newcomers(true_fit(model, point), np.array([26.0]))[0]
        error = found.later.std() / np.sqrt(found.later.size)
        assert abs(found.later.mean() - expected) < 4 * error


def test_spend_of_few_and_odd_customers_is_refused() -> None:
    for mean, often, message in (
        ([1.0, 2.0], [1, 1], "at least 3"),
        ([1.0, 0.0, 2.0], [1, 1, 1], "above 0"),
        ([1.0, 3.0, 2.0], [1, 0, 1], "at least 1"),
    ):
        with pytest.raises(BadInputError, match=message):
            fit_spend(mean, often)
    assert np.isnan(expected_spend(np.array([1.0, 0.5, 3.0]), np.zeros(1), np.zeros(1)))[0]
