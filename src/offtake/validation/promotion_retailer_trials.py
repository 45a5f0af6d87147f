"""A trial of what retailers add to responses: sales drawn anew where shoppers of each answer alike.

The twin's shoppers answer alike everywhere. So the promotion model is fitted to a twin, every
retailer is given responses of its own on top of what was found, sales are drawn from that, and the
model has to find them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.models.promotion.design import Design, PromotionSpec, promoted_part
from offtake.models.promotion.groups import brands_of_sets
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.market import brand_of_items
from offtake.models.promotion.pooling import Sober, sober
from offtake.models.promotion.response import Response, fit_response
from offtake.models.promotion.rows import PromotionRows, promotion_rows
from offtake.twin.load import load_twin
from offtake.validation.promotion_effect_trials import ON_SHELF, Found
from offtake.validation.promotion_trials import CATEGORIES, TABLES
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]

SPREAD = np.array([0.3, 0.1, 0.1, 0.0])
"""Standard deviation of what retailers add: elasticity, display, feature, both."""


def fit_retailers(folder: Path, seed: int) -> Estimates:
    """Fit the promotion model to sales that were drawn with responses of every retailer.

    Parameters
    ----------
    folder
        Of a complete twin.
    seed
        Of what retailers add, of the sales, and of the draws of partial pooling.

    Returns
    -------
    Estimates
        Per category, lever and retailer: the mean response of the items there.
    """
    found = Found()
    spec = PromotionSpec(seed=seed)
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        for place, category in enumerate(CATEGORIES):
            rows = promotion_rows(store, store.tables(), category)
            design, response = fit_response(rows, spec)
            rng = np.random.default_rng((seed, place))
            true = _true(design, _pooled(rows, design, response, seed).parameters, rng)
            drawn = replace(rows, units=_units(design, response, true, rng))
            again, seen = fit_response(drawn, spec)
            found.degrees = seen.degrees
            pooled = _pooled(drawn, again, seen, seed)
            _compare(found, rows, (design.responses(true), again, pooled))
    return found.estimates


def _pooled(rows: PromotionRows, design: Design, response: Response, seed: int) -> Sober:
    brands = brands_of_sets(design.group_of_item, brand_of_items(rows))
    return sober(response, design.layout, brands, seed=seed)


def _true(design: Design, parameters: Floats, rng: np.random.Generator) -> Floats:
    """Return the same parameters with other responses of retailers."""
    true = parameters.copy()
    added = rng.normal(0.0, 1.0, (design.layout.contrasts, len(LEVERS))) * SPREAD
    true[design.layout.retailers] = added.ravel()
    return true


def _units(design: Design, response: Response, true: Floats, rng: np.random.Generator) -> Floats:
    """Return units drawn around the fitted ones, moved by the true responses, (N,)."""
    moved = promoted_part(design, true) - promoted_part(design, response.parameters)
    mean = response.mean * np.exp(moved)
    spread = response.dispersion
    if spread:
        mean = mean * rng.gamma(1 / spread, spread, mean.size)
    return rng.poisson(mean).astype(np.float64)


def _compare(found: Found, rows: PromotionRows, known: tuple[Floats, Design, Sober]) -> None:
    true, design, pooled = known
    layout, mine = design.layout, design.responses(pooled.parameters)
    first = np.unique(rows.retailer, return_index=True)[1]
    for lever, name in enumerate(LEVERS[:3]):
        for row in first:
            group = design.retailer[row]
            shares = np.zeros(layout.size)
            shares[lever : layout.responses : len(LEVERS)] = 1 / layout.groups
            shares[layout.retailers][lever :: len(LEVERS)] = design.contrasts[group, :, lever]
            found.add(
                f"{name} at {rows.names.retailers[rows.store[row]]}, {rows.category}",
                float(true[:, group, lever].mean()),
                float(mine[:, group, lever].mean()),
                float(np.sqrt(shares @ pooled.covariance @ shares)),
            )


TRIALS = (
    Trial(
        name="promotion-retailers",
        title="The promotion model: what each retailer adds to the responses of items, where sales "
        "were drawn with retailers that differ",
        holds="mean responses of the items at every retailer (drawn with the sales)",
        spec=replace(ON_SHELF, weeks=52),
        fit=fit_retailers,
    ),
)
