"""Trials of a promotion regression: what sells more under a price cut, on display, in a leaflet.

The worlds give every item of a category the same responses, so that the truth is one number per
category and response.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.models.kernels.poisson import checked
from offtake.models.names import joint
from offtake.models.panel import Support
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.jackknifed import Jackknifed, jackknifed
from offtake.validation.promotion_rows import RESPONSES, PromotionRows, promotion_rows
from offtake.validation.scores import Estimates, estimates_from_errors
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]

CATEGORIES = ("BAG SNACKS", "COFFEE")
TABLES = ("product", "store", "sales", "promotion", "distribution_list")
YEAR = 52
FULL = TwinSpec(
    stores=60,
    weeks=78,
    items=12,
    categories=CATEGORIES,
    households=0,
    respondents=0,
    stock_weeks=1,
    heterogeneity=0.0,
)
"""Everything acts: items pull sales from each other and from later weeks, and run out."""
DIRECT = replace(
    FULL, without=frozenset({"cannibalisation", "switching", "stockpiling", "out_of_stock"})
)
"""Only what the regression knows of acts through promotions."""


def fit_promotion(folder: Path, _seed: int, *, support: Support = "observed") -> Estimates:
    """Fit the regression to a twin, category by category.

    Parameters
    ----------
    folder
        Of a complete twin.
    support
        Promotions as seen, or as planned.

    Returns
    -------
    Estimates
        (10,) five responses in each of two categories, beside the mean of the items' true ones.
    """
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        tables = store.tables()
        fits = [
            _responses(promotion_rows(store, tables, category, support=support))
            for category in CATEGORIES
        ]
    own = len(RESPONSES)
    return estimates_from_errors(
        [f"{response}, {category}" for category in CATEGORIES for response in RESPONSES],
        np.concatenate([_truth(folder, category) for category in CATEGORIES]),
        np.concatenate([fit.slopes[:own] for fit in fits]),
        np.concatenate([fit.errors[:own] for fit in fits]),
        degrees=np.repeat([fit.degrees for fit in fits], own),
    )


def _responses(rows: PromotionRows) -> Jackknifed:
    """Return estimates, the five responses first, with errors by leaving one store out.

    What all stores share in a week would make the stores alike, and their errors too small: an
    effect of every brand and week takes up season and advertising, a straight line for every item
    its trend.
    """
    return jackknifed(
        checked(
            rows.units,
            np.hstack([rows.x, _trends(rows)]),
            rows.pair,
            weeks=joint(rows.brand, rows.week),
            clusters=rows.store,
        )
    )


def _trends(rows: PromotionRows) -> Floats:
    """Return a straight line for every item but the first, (N, items - 1); per year."""
    items = np.arange(1, int(rows.item.max()) + 1)
    lines: Floats = (rows.week / YEAR)[:, None] * (rows.item[:, None] == items)
    return lines


def _truth(folder: Path, category: str) -> Floats:
    items = read_truth(folder, "item")
    mine = np.array(items["category"].to_pylist()) == category
    return np.array([items[name].to_numpy()[mine].mean() for name in RESPONSES])


_HOLDS = "the items' own responses in logs, one number per category (truth table item)"

TRIALS = (
    Trial(
        name="promotion-response",
        title="Poisson regression on promotions as seen, with effects of store-items, brand-weeks "
        "and item trends, errors clustered by store",
        holds=_HOLDS,
        spec=DIRECT,
        fit=fit_promotion,
    ),
    Trial(
        name="promotion-planned",
        title="The same with planned promotions taken for executed ones: must show a bias",
        holds=_HOLDS,
        spec=DIRECT,
        fit=partial(fit_promotion, support="planned"),
    ),
    Trial(
        name="promotion-plain",
        title="The same as promotion-response where items pull from each other and from later "
        "weeks and run out of stock, which it leaves out",
        holds=_HOLDS,
        spec=FULL,
        fit=fit_promotion,
    ),
)
