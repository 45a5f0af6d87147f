"""A simulated panel of any size, with known slopes, written in blocks of stores.

The market (prices, deals, features, effects of items and of category-weeks) is drawn once from
``numpy.random.default_rng([SEED])`` and every block of stores from ``default_rng([SEED, block])``,
so a panel of more stores begins with the rows of one with fewer, and any block can be drawn alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.promotion.panels import ARRAYS, SEED, Floats, write_facts
from benchmarks.worker import Clock

TRUTH = (-2.0, 0.6, 0.4, 0.2)
"""Slopes of log price, display, feature and both: in the order of ``panels.REGRESSORS``."""

ITEMS, WEEKS, CATEGORIES = 400, 104, 40
BLOCK = 10


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """What all stores share.

    Parameters
    ----------
    log_price
        (ITEMS, 1) usual price.
    deal, featured
        (ITEMS, WEEKS) whether the chain cuts the price, and features the item.
    attraction
        (ITEMS, 1) item's part of the pair effect.
    moves
        (ITEMS, WEEKS) effect of the item's category in the week.
    """

    log_price: Floats
    deal: NDArray[np.bool_]
    featured: NDArray[np.bool_]
    attraction: Floats
    moves: Floats


def market() -> Market:
    """Draw what all stores share."""
    random = np.random.default_rng([SEED])
    deal = random.random((ITEMS, WEEKS)) < 0.15
    phase = random.uniform(0, 2 * np.pi, (CATEGORIES, 1))
    season = 0.15 * np.sin(2 * np.pi * np.arange(WEEKS) / 52 + phase)
    by_category = season + random.normal(0, 0.2, (CATEGORIES, WEEKS))
    return Market(
        log_price=random.normal(np.log(3), 0.4, (ITEMS, 1)),
        deal=deal,
        featured=random.random((ITEMS, WEEKS)) < np.where(deal, 0.5, 0.02),
        attraction=random.normal(0, 1, (ITEMS, 1)),
        moves=by_category[np.arange(ITEMS) % CATEGORIES],
    )


def blocks(stores: int) -> Iterator[dict[str, NDArray[Any]]]:
    """Draw the panel, `BLOCK` stores at a time: the arrays of ``panels.ARRAYS``."""
    shared = market()
    for first in range(0, stores, BLOCK):
        yield block(shared, first, min(BLOCK, stores - first))


def block(shared: Market, first: int, count: int) -> dict[str, NDArray[Any]]:
    """Draw `count` stores from the `first` on; `first` is a multiple of `BLOCK`."""
    random = np.random.default_rng([SEED, first // BLOCK])
    # Always a whole block, so that a store's rows do not depend on how many stores follow it.
    shape = (BLOCK, ITEMS, WEEKS)
    of_store = random.normal(0, 1, (2, BLOCK, 1, 1)) * [[[[0.5]]], [[[0.05]]]]
    of_pair = random.normal(0, 0.4, (BLOCK, ITEMS, 1)) + of_store[0] + shared.attraction
    price = random.normal(0, 0.03, shape) + of_store[1] + shared.log_price - 0.2 * shared.deal
    display = random.random(shape) < np.where(shared.deal, 0.4, 0.05)
    feature = shared.featured & (random.random(shape) < 0.9)
    x = np.stack([price, display, feature, display & feature], axis=-1).astype(np.float64)
    # The usual price is taken out of the level, so that dear items do not sell next to nothing.
    level = 0.3 + of_pair + shared.moves - TRUTH[0] * shared.log_price
    units = random.poisson(np.exp(level + x @ np.asarray(TRUTH))).astype(np.float64)
    listed = _listed(random)[:count]
    store, item, week = np.nonzero(listed)
    return {
        "units": units[:count][listed],
        "x": x[:count][listed],
        "pair": (first + store) * ITEMS + item,
        "store": first + store,
        "week": week,
        "category_week": item % CATEGORIES * WEEKS + week,
    }


def _listed(random: np.random.Generator) -> NDArray[np.bool_]:
    """Draw from when to when: one pair in five comes late, one in five goes early."""
    pairs, half = (BLOCK, ITEMS, 1), WEEKS // 2
    start = np.where(random.random(pairs) < 0.8, 0, random.integers(0, half, pairs))
    end = np.where(random.random(pairs) < 0.8, WEEKS, random.integers(half, WEEKS, pairs) + 1)
    weeks = np.arange(WEEKS)
    return (weeks >= start) & (weeks < end)


def write(_clock: Clock, folder: str, stores: int) -> dict[str, Any]:
    """Write the panel of so many stores, a block at a time."""
    target = Path(folder)
    target.mkdir(parents=True)
    parts = {name: target.joinpath(f"{name}.part").open("wb") for name in ARRAYS}
    rows = 0
    for drawn in blocks(stores):
        rows += drawn["units"].size
        for name, file in parts.items():
            drawn[name].tofile(file)
    for name, file in parts.items():
        file.close()
        _finish(target, name, rows)
    return write_facts(folder, TRUTH)


def _finish(folder: Path, name: str, rows: int) -> None:
    """Put the header of a ``.npy`` file before what was written in parts."""
    kind = np.float64 if name in ("units", "x") else np.int64
    shape = (rows, len(TRUTH)) if name == "x" else (rows,)
    part = folder / f"{name}.part"
    whole = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, shape)
    whole[:] = np.memmap(part, kind, "r", shape=shape)
    whole.flush()
    part.unlink()
