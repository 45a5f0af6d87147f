"""Customer-base models find the truth they were drawn from, as surely as they say."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.models.kernels.customer_fit import CustomerFit, fit_customers, law
from offtake.models.kernels.customer_forecast import Between, outlook, totals_between
from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.customer_spend import fit_spend
from offtake.models.kernels.customer_states import counted
from tests.effort import examples
from tests.library.customer_worlds import World, world

TRUTH: dict[CustomerModel, list[float]] = {
    "nbd": [0.6, 8.0],
    "bg_nbd": [0.5, 6.0, 0.7, 3.0],
    "mbg_nbd": [0.6, 6.0, 0.7, 3.0],
    "pareto_nbd": [0.6, 8.0, 0.6, 12.0],
    "bg_bb": [1.2, 3.0, 0.7, 8.0],
}
AHEAD = 13.0
WORLDS = examples(60)


def drawn(model: CustomerModel, seed: int, *, size: int = 1500) -> World:
    age = np.random.default_rng(seed + 10_000).integers(20, 40, size).astype(np.float64)
    return world(model, np.array(TRUTH[model]), age, ahead=AHEAD, seed=seed)


def holds(between: Between, truth: float) -> bool:
    return bool(between.low <= truth <= between.high)


@pytest.mark.parametrize("model", TRUTH)
def test_intervals_hold_the_truth_as_often_as_they_say(model: CustomerModel) -> None:
    truth, inside, coming, alive = np.array(TRUTH[model]), [], [], []
    for seed in range(WORLDS):
        found = drawn(model, seed)
        fit = fit_customers(model, found.states)
        assert fit.converged
        low, high = fit.interval(0.8)
        inside.append((low <= truth) & (truth <= high) | fit.at_limit)
        kinds, _ = counted(found.states)
        customers, total = totals_between(fit, kinds, AHEAD)
        alive.append(holds(customers, found.alive.sum()))
        coming.append(holds(total, found.later.sum()))
    # 80 %, four standard errors of a share of 60 worlds either way: one false alarm in 16,000.
    error = 4 * np.sqrt(0.8 * 0.2 / WORLDS)
    for share in (*np.mean(inside, axis=0), np.mean(coming)):
        assert share == pytest.approx(0.8, abs=error)
    # In the NBD everybody stays, and that is what it says.
    assert model == "nbd" or np.mean(alive) == pytest.approx(0.8, abs=error)
    assert model != "nbd" or np.mean(alive) == 1


@pytest.mark.parametrize("model", TRUTH)
def test_forecasts_are_the_means_of_what_customers_do(model: CustomerModel) -> None:
    found, truth = drawn(model, 7, size=40_000), np.array(TRUTH[model])
    kinds, place = counted(found.states)
    fit = true_fit(model, truth)
    ahead = outlook(fit, kinds, AHEAD)
    # By frequency: what they bought, its spread, and who was still there.
    for low, high in ((0, 1), (1, 3), (3, 100)):
        of = (found.states.frequency >= low) & (found.states.frequency < high)
        bought, told = found.later[of], ahead.mean[place][of]
        error = np.sqrt(ahead.variance[place][of].mean() / of.sum())
        assert abs(bought.mean() - told.mean()) < 4 * error
        spread = np.mean((bought - told) ** 2) / ahead.variance[place][of].mean()
        # Squares of counts have heavy tails: their mean over thousands is good to a tenth.
        assert spread == pytest.approx(1.0, abs=0.1)
        chance = ahead.alive[place][of]
        error = np.sqrt((chance * (1 - chance)).mean() / of.sum())
        assert abs(found.alive[of].mean() - chance.mean()) <= 4 * error


def true_fit(model: CustomerModel, point: np.ndarray) -> CustomerFit:
    count = point.size
    return CustomerFit(
        model, law(model).names, point, np.zeros((count, count)), np.zeros(count, bool), 0.0, 1.0,
        True, 0,
    )  # fmt: skip


def test_spend_intervals_hold_the_truth_as_often_as_they_say() -> None:
    truth, inside = np.array([6.0, 4.0, 15.0]), []
    for seed in range(WORLDS):
        rng = np.random.default_rng(seed)
        often = rng.integers(1, 8, 800)
        rate = rng.gamma(truth[1], 1 / truth[2], 800)
        fit = fit_spend(rng.gamma(truth[0] * often, 1 / (rate * often)), often)
        low, high = fit.interval(0.8)
        inside.append((low <= truth) & (truth <= high))
    error = 4 * np.sqrt(0.8 * 0.2 / WORLDS)
    assert np.mean(inside, axis=0) == pytest.approx([0.8] * 3, abs=error)


def test_the_same_customers_give_the_same_fit() -> None:
    states = drawn("pareto_nbd", 1).states
    one, other = (fit_customers("pareto_nbd", states) for _ in range(2))
    assert one.point.tobytes() == other.point.tobytes()
    assert one.covariance.tobytes() == other.covariance.tobytes()
