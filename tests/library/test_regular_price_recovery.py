"""Regular prices recovered from simulated stores, beside simpler rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from offtake.models.kernels import regular_windows
from offtake.models.kernels.regular_price import RegularPrice, regular_price

NAN = math.nan


@dataclass(frozen=True, slots=True)
class Stores:
    """Simulated series: regular price, price and whether on sale, each (series, weeks)."""

    regular: np.ndarray
    price: np.ndarray
    sale: np.ndarray

    def found(self, **more: Any) -> RegularPrice:
        series, week = (each.ravel() for each in np.indices(self.price.shape))
        return regular_price(self.price.ravel(), series, week, **more)

    def right(self, regular: np.ndarray) -> float:
        """Share of the weeks in which a regular price is the true one within 1 %."""
        close = np.abs(regular.reshape(self.price.shape) / self.regular - 1) <= 0.01
        return float(close.mean())


def stores(noise: float = 0.0, unseen: float = 0.0) -> Stores:
    """Draw 400 series of two years: a step of 3 to 12 % a year, one up in four down; sales of one
    to three weeks, 10 to 40 % deep, in 15 % of the weeks."""
    rng = np.random.default_rng(7)
    size = (400, 104)
    step = rng.uniform(0.03, 0.12, size) * rng.choice([1, 1, 1, -1], size)
    step *= rng.random(size) < 0.02
    step[:, 0] = rng.normal(1.2, 0.5, size[0])
    regular = np.round(np.exp(np.cumsum(step, axis=1)), 2)
    left, cut, depth = np.zeros(size[0], int), np.zeros(size[0]), np.zeros(size)
    for week in range(size[1]):
        begins = (left == 0) & (rng.random(size[0]) < 0.08)
        left[begins] = rng.integers(1, 4, begins.sum())
        cut[begins] = rng.uniform(0.1, 0.4, begins.sum())
        depth[:, week] = np.where(left > 0, cut, 0.0)
        left = np.maximum(left - 1, 0)
    price = np.round(regular * (1 - depth), 2) * (1 + rng.normal(0, noise, size))
    return Stores(regular, np.where(rng.random(size) < unseen, NAN, price), depth > 0)


def highest_of_eight_weeks(price: np.ndarray) -> np.ndarray:
    weeks = range(price.shape[1])
    return np.column_stack([np.fmax.reduce(price[:, max(t - 7, 0) : t + 1], axis=1) for t in weeks])


@pytest.mark.parametrize(("noise", "unseen"), [(0.0, 0.0), (0.005, 0.0), (0.0, 0.3)])
def test_the_regular_price_of_simulated_stores_is_found(noise: float, unseen: float) -> None:
    drawn = stores(noise, unseen)
    ours = drawn.right(drawn.found().price)
    flagged = drawn.right(drawn.found(promoted=drawn.sale.ravel()).price)
    mean = np.broadcast_to(np.nanmean(drawn.price, axis=1, keepdims=True), drawn.price.shape)
    assert 0.95 < ours < flagged
    assert ours > drawn.right(highest_of_eight_weeks(drawn.price)) + 0.01
    assert ours > drawn.right(mean) + 0.5


def test_sales_of_simulated_stores_are_found() -> None:
    drawn = stores()
    cut = drawn.found().cut.reshape(drawn.price.shape) > 0
    assert cut[drawn.sale].mean() > 0.95
    assert cut[~drawn.sale].mean() < 0.01


def test_neither_order_nor_blocks_nor_other_series_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = stores(noise=0.005, unseen=0.3)
    series, week = (each.ravel() for each in np.indices(drawn.price.shape))
    price, expected = drawn.price.ravel(), drawn.found()
    order = np.random.default_rng(0).permutation(price.size)
    shuffled = regular_price(price[order], series[order], week[order])
    np.testing.assert_array_equal(shuffled.price, expected.price[order])
    few = series < 30
    monkeypatch.setattr(regular_windows, "BLOCK", 7)
    alone = regular_price(price[few], series[few] * 1000, week[few] + 3)
    np.testing.assert_array_equal(alone.price, expected.price[few])
    np.testing.assert_array_equal(alone.basis, expected.basis[few])
