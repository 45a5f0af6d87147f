"""Customers drawn from the models themselves, with what they do later; for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.customer_states import CustomerStates, customer_states

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """Customers as seen, who still was one at the end, and (N,) purchases in the time after it."""

    states: CustomerStates
    alive: NDArray[np.bool_]
    later: NDArray[np.int64]


def world(model: CustomerModel, point: Floats, age: Floats, *, ahead: float, seed: int) -> World:
    """Draw purchase after purchase of everybody until the time is over or the customer leaves."""
    if model == "bg_bb":
        return _periods(point, age, ahead, np.random.default_rng(seed))
    rng, size = np.random.default_rng(seed), age.size
    rate = rng.gamma(point[0], 1 / point[1], size)
    life, leaves = np.full(size, np.inf), np.zeros(size)
    if model == "pareto_nbd":
        life = rng.exponential(1 / rng.gamma(point[2], 1 / point[3], size))
    elif model != "nbd":
        leaves = rng.beta(point[2], point[3], size)
    if model == "mbg_nbd":
        life[rng.random(size) < leaves] = 0.0
    frequency, later = np.zeros(size, np.int64), np.zeros(size, np.int64)
    recency, now, on = np.zeros(size), np.zeros(size), np.ones(size, bool)
    while on.any():
        now[on] += rng.exponential(1 / rate[on])
        on &= (now < age + ahead) & (now < life)
        seen = on & (now <= age)
        frequency[seen] += 1
        recency[seen] = now[seen]
        later[on & (now > age)] += 1
        gone = on & (rng.random(size) < leaves)
        life[gone] = now[gone]
        on &= ~gone
    return World(customer_states(frequency, recency, age), life > age, later)


def _periods(point: Floats, age: Floats, ahead: float, rng: np.random.Generator) -> World:
    size = age.size
    buys, leaves = rng.beta(point[0], point[1], size), rng.beta(point[2], point[3], size)
    life = rng.geometric(leaves) - 1
    periods = np.arange(1, int(age.max() + ahead) + 1)[:, None]
    bought = (rng.random((periods.size, size)) < buys) & (periods <= life)
    seen, after = periods <= age, (periods > age) & (periods <= age + ahead)
    last = np.max(np.where(bought & seen, periods, 0), axis=0)
    states = customer_states((bought & seen).sum(axis=0), last, age)
    return World(states, life > age, (bought & after).sum(axis=0))
