"""Regular prices: a level for every retailer, and list prices that move a few times a year."""

from __future__ import annotations

import numpy as np

from offtake.twin.arrays import Floats
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.items import Items
from offtake.twin.market.stores import RETAILERS
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec


def regular_prices(spec: TwinSpec, items: Items, assumed: Assumptions) -> Floats:
    """Return the regular price of every item at every retailer and week.

    Returns
    -------
    ndarray
        Shape (R, P, T), money, in whole cents.
    """
    random = stream(spec.seed, "prices")
    shape = (len(RETAILERS), len(items.ids), spec.weeks)
    level = assumed.retailer_price_spread * random.standard_normal((len(RETAILERS), 1, 1))
    moves = random.random(shape) < assumed.price_moves_per_year / 52
    moves[:, :, 0] = False
    upward = np.where(random.random(shape) < 0.25, -1.0, 1.0)
    step = assumed.price_move * random.gamma(4.0, 0.25, shape)
    moving = spec.has("regular_price") & (items.own | spec.has("competitor_actions"))
    log_change = np.cumsum(moves * upward * step, axis=2) * moving[None, :, None]
    return np.round(items.price[None, :, None] * np.exp(level + log_change), 2)
