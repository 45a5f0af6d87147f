"""Likelihoods of customer-base models: other software, brute force, extremes, derivatives."""

from __future__ import annotations

import warnings
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, gammaln

from offtake.models.kernels.customer_fit import fit_customers, law
from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.customer_states import CustomerStates, counted, customer_states
from tests.library.customer_data import cdnow, donations

POINTS: dict[CustomerModel, list[float]] = {
    "bg_nbd": [0.6, 7.0, 0.9, 5.0],
    "mbg_nbd": [0.6, 7.0, 0.9, 5.0],
    "pareto_nbd": [0.6, 7.0, 0.9, 5.0],
    "bg_bb": [1.2, 0.8, 0.7, 2.8],
}


@pytest.fixture(scope="module")
def lifetimes() -> ModuleType:
    with warnings.catch_warnings():
        # Not maintained since 2020: what it uses of others is deprecated.
        warnings.simplefilter("ignore")
        import lifetimes
    return lifetimes


def some(count: int, seed: int, *, most: int = 30) -> CustomerStates:
    rng = np.random.default_rng(seed)
    frequency = rng.integers(0, most, count) * (rng.random(count) < 0.7)
    age = rng.uniform(1.0, 100.0, count)
    return customer_states(frequency, np.where(frequency > 0, age * rng.random(count), 0.0), age)


def test_bg_and_mbg_nbd_agree_with_lifetimes_customer_by_customer(lifetimes: ModuleType) -> None:
    states, point = some(150, 1), np.array([0.4, 6.0, 0.8, 2.5])
    for model, fitter in (
        ("bg_nbd", lifetimes.BetaGeoFitter), ("mbg_nbd", lifetimes.ModifiedBetaGeoFitter),
    ):  # fmt: skip
        theirs = [
            -fitter._negative_log_likelihood(
                np.log(point), states.frequency[i : i + 1], states.recency[i : i + 1],
                states.age[i : i + 1], np.ones(1), 0.0,
            ) for i in range(states.size)
        ]  # fmt: skip
        # Both work in doubles: sums of some tens of logs.
        np.testing.assert_allclose(law(model).each(point, states), theirs, rtol=1e-11)


def test_pareto_nbd_agrees_with_lifetimes_customer_by_customer(lifetimes: ModuleType) -> None:
    states = some(500, 2)
    for point in ([0.55, 10.6, 0.61, 11.7], [2.0, 3.0, 0.4, 30.0], [1.0, 30.0, 3.0, 4.0]):
        theirs = lifetimes.ParetoNBDFitter._conditional_log_likelihood(
            np.array(point), states.frequency, states.recency, states.age
        )
        np.testing.assert_allclose(
            law("pareto_nbd").each(np.array(point), states), theirs, rtol=1e-11
        )


def test_bg_bb_agrees_with_lifetimes_customer_by_customer(lifetimes: ModuleType) -> None:
    states, point = donations(), np.array([1.2, 0.75, 0.66, 2.78])
    theirs = lifetimes.BetaGeoBetaBinomFitter._loglikelihood(
        point, states.frequency, states.recency, states.age
    )
    np.testing.assert_allclose(law("bg_bb").each(point, states), theirs, rtol=1e-11)


def test_pareto_nbd_integrated_by_brute_force() -> None:
    # Over the time of leaving, split finely; quad itself promises 1e-10 here.
    for r, alpha, s, beta, x, last, age in (
        (0.5, 10.0, 0.6, 12.0, 2, 30.0, 39.0), (5.0, 2.0, 9.0, 500.0, 300, 40.0, 41.0),
        (0.3, 90.0, 2.0, 0.5, 0, 0.0, 52.0), (3.0, 0.4, 0.2, 80.0, 40, 1.0, 52.0),
    ):  # fmt: skip
        point = np.array([r, alpha, s, beta])

        def dies(
            y: float, k: float = r + x, to: tuple[float, ...] = (alpha, s, beta, last)
        ) -> float:
            alpha, s, beta, last = to
            log = -k * np.log((alpha + y) / (alpha + last))
            return float(np.exp(log - (s + 1) * np.log((beta + y) / (beta + last))))

        edges = last + (age - last) * np.concatenate([[0.0], np.geomspace(1e-5, 1.0, 30)])
        whole = sum(quad(dies, a, b, epsabs=0, epsrel=1e-11)[0]
                    for a, b in pairwise(edges))  # fmt: skip
        start = -(r + x) * np.log(alpha + last) - (s + 1) * np.log(beta + last)
        stays = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        log = np.logaddexp(stays, np.log(s * whole) + start)
        log += gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        got = law("pareto_nbd").each(point, customer_states([x], [last], [age]))[0]
        assert got == pytest.approx(log, rel=1e-9)


def test_bg_nbd_integrated_by_brute_force() -> None:
    # A likelihood given rate and chance to leave, over a fine grid of quantiles of the chance.
    r, alpha, a, b, x, last, age = 0.7, 5.0, 1.4, 3.1, 3, 20.0, 39.0

    def of_chance(p: float) -> float:
        log_beta = (a - 1) * np.log(p) + (b - 1) * np.log1p(-p) - betaln(a, b)
        stays = x * np.log1p(-p) - (r + x) * np.log(alpha + age)
        leaves = np.log(p) + (x - 1) * np.log1p(-p) - (r + x) * np.log(alpha + last)
        rest = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        return float(np.exp(np.logaddexp(stays, leaves) + rest + log_beta))

    expected = np.log(quad(of_chance, 0, 1, epsabs=0, epsrel=1e-10)[0])
    got = law("bg_nbd").each(np.array([r, alpha, a, b]), customer_states([x], [last], [age]))[0]
    assert got == pytest.approx(expected, rel=1e-8)


def test_bg_bb_adds_up_to_one_over_everything_that_can_happen() -> None:
    # Of n periods, each string of purchases is as likely as any other with its x and last.
    point, periods = np.array(POINTS["bg_bb"]), 7
    strings = np.array(np.meshgrid(*[[0, 1]] * periods)).reshape(periods, -1).T
    last = np.max(strings * np.arange(1, periods + 1), axis=1)
    states = customer_states(strings.sum(axis=1), last, [periods] * len(strings))
    assert np.exp(law("bg_bb").each(point, states)).sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("model", ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_nothing_overflows(model: CustomerModel, lifetimes: ModuleType) -> None:
    rng = np.random.default_rng(4)
    frequency = rng.choice([0, 1, 50, 2000, 30_000], 400)
    age = rng.choice([0.0, 1e-3, 1.0, 365.0, 1e5], 400)
    frequency = np.where(age > 0, frequency, 0)
    recency = np.where(frequency > 0, age * rng.random(400), 0.0)
    states = customer_states(frequency, recency, age)
    for _ in range(20):
        point = np.exp(rng.uniform(np.log(1e-4), np.log(1e4), len(law(model).names)))
        assert np.isfinite(law(model).each(point, states)).all()
        alive = law(model).alive(point, states)
        assert np.all((alive >= 0) & (alive <= 1))
        value, slope, bend = law(model).likelihood(states)(point)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()
        assert np.isfinite(bend).all()
    if model == "pareto_nbd":
        # Why it is not worked out with hypergeometric functions.
        busy = customer_states([2000], [300.0], [365.0])
        point = np.array([5.0, 2.0, 20.0, 500.0])
        with np.errstate(all="ignore"):
            theirs = lifetimes.ParetoNBDFitter._conditional_log_likelihood(
                point, busy.frequency, busy.recency, busy.age
            )
        assert not np.isfinite(theirs).all()
        assert np.isfinite(law(model).each(point, busy)).all()


@pytest.mark.parametrize("model", POINTS)
def test_derivatives_are_those_of_the_likelihood(model: CustomerModel) -> None:
    states = donations() if model == "bg_bb" else counted(cdnow())[0]
    of, point = law(model).likelihood(states), np.array(POINTS[model])
    value, slope, bend = of(point)
    assert value == pytest.approx(states.customers @ law(model).each(point, states), rel=1e-12)
    step = 1e-5 * np.eye(point.size)
    by_steps = [(of(point + each), of(point - each)) for each in step]
    slopes = np.array([(up[0] - down[0]) / 2e-5 for up, down in by_steps])
    bends = np.array([(up[1] - down[1]) / 2e-5 for up, down in by_steps])
    # Differences over steps of 1e-5 lose half of the digits.
    np.testing.assert_allclose(slope, slopes, rtol=1e-6)
    np.testing.assert_allclose(bend, bends, rtol=1e-6, atol=1e-7 * np.abs(bend).max())


def test_customers_alike_count_together() -> None:
    kinds, place = counted(cdnow())
    assert kinds.size < cdnow().size
    assert kinds.customers.sum() == 2357
    np.testing.assert_array_equal(kinds.age[place], cdnow().age)
    apart, together = (fit_customers("pareto_nbd", each) for each in (cdnow(), kinds))
    np.testing.assert_array_equal(apart.point, together.point)


def test_pareto_nbd_whose_customers_hardly_leave_is_the_nbd() -> None:
    states = some(200, 5)
    # Where a busy customer has long been silent, even a small chance of having left counts.
    lately = np.where(states.frequency > 0, 0.9 * states.age, 0.0)
    states = customer_states(states.frequency, lately, states.age)
    point = np.array([0.6, 7.0, 1e-4, 1e6])
    apart = law("pareto_nbd").each(point, states) - law("nbd").each(point[:2], states)
    # Leaving at 1e-10 a week, over at most 100 weeks and 20 times likelier by silence.
    assert np.abs(apart).max() < 1e-6
