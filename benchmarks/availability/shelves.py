"""Simulated daily sales with empty shelves, as large as wanted, and how well scores find them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAYS = 100
STORES = 100
"""Stores; a store-item is one of them and an item."""
SHAPE = 8.0
"""Of the gamma push of a day."""
START, STAY = 0.01, 0.6
"""Chance that a shelf empties on a day, and that an empty one stays so."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Arrays (S, T): units sold, and whether the shelf was empty all day."""

    units: Floats
    empty: NDArray[np.bool_]


def made(series: int, seed: int) -> Shelves:
    """Draw daily sales of so many store-items; the weekend sells more, every day its own."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(1.2, 0.6, (series, 1)))
    week = np.where(np.arange(DAYS) % 7 >= 5, 1.3, 0.9)
    mean = rate * week * np.exp(rng.normal(0, 0.1, DAYS))
    units = rng.poisson(mean * rng.gamma(SHAPE, 1 / SHAPE, mean.shape)).astype(np.float64)
    empty = np.zeros(mean.shape, bool)
    out = np.zeros(series, bool)
    for day in range(DAYS):
        out = rng.random(series) < np.where(out, STAY, START)
        empty[:, day] = out
    units[empty] = 0.0
    return Shelves(units, empty)


def write(path: Path, series: int, *, seed: int = 1) -> None:
    """Draw and keep them."""
    found = made(series, seed)
    np.savez(path, units=found.units, empty=found.empty)


def read(path: str) -> Shelves:
    """Read what :func:`write` kept."""
    with np.load(path) as found:
        return Shelves(found["units"], found["empty"])


def found_at(score: Floats, empty: NDArray[np.bool_], false_alarms: float) -> float:
    """Return the share of empty days that score above all but so many of the others."""
    spread = score + 1e-9 * np.random.default_rng(0).random(score.shape)
    return float(np.mean(spread[empty] > np.quantile(spread[~empty], 1 - false_alarms)))
