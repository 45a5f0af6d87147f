"""Shelves that empty on busy days and for days on end, with what was wanted and what was missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.series import Series, series_of


@dataclass(frozen=True, slots=True)
class World:
    """Arrays (S, T): sold, share of the day on the shelf, missed, expected; `away`: for days."""

    sold: np.ndarray
    share: np.ndarray
    missed: np.ndarray
    mean: np.ndarray
    away: np.ndarray

    def series(self, **known: np.ndarray) -> Series:
        count, days = self.sold.shape
        code, step = np.repeat(np.arange(count), days), np.tile(np.arange(days), count)
        return series_of(self.sold.ravel(), code, step, **known)


def world(seed: int, *, count: int = 200, days: int = 100, shape: float = 8.0) -> World:
    """Draw demand with a gamma push of every day; stock that lasts for most days but not for busy
    ones; and outages of some days."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(1.2, 0.7, (count, 1)))
    mean = rate * np.exp(0.25 * np.sin(np.arange(days) * 2 * np.pi / 7) + rng.normal(0, 0.1, days))
    wanted = rng.poisson(mean * rng.gamma(shape, 1 / shape, mean.shape))
    stock = np.ceil(2.2 * rate).astype(int) + rng.poisson(0.6 * np.broadcast_to(rate, mean.shape))
    ran_out = wanted >= stock
    # The stock-th of the arrivals, which are spread evenly over the day, empties the shelf.
    emptied = rng.beta(stock, np.maximum(wanted - stock + 1, 1))
    away = np.zeros(mean.shape, bool)
    for row in range(count):
        for start in np.flatnonzero(rng.random(days) < 0.012):
            away[row, start : start + 1 + rng.geometric(0.35)] = True
    sold = np.where(away, 0, np.minimum(wanted, stock))
    share = np.where(away, 0.0, np.where(ran_out, emptied, 1.0))
    return World(sold.astype(np.float64), share, (wanted - sold).astype(np.float64), mean, away)
