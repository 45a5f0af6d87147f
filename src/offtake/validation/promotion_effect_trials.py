"""Trials of the promotion model: responses, dips and pulls, and what single promotions did."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.models.promotion.effects import DONE, FULL, PARTS
from offtake.models.promotion.fit import PromotionFit, fit_promotions
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.totals import Sum
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from offtake.validation.promotion_trials import CATEGORIES
from offtake.validation.promotion_trials import FULL as MARKET
from offtake.validation.scores import Estimates, estimates_from_errors
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TABLES = (
    "product", "store", "sales", "promotion", "distribution_list", "stock", "unit_margin",
    "promotion_cost",
)  # fmt: skip
SINGLE = 10
"""Promotions of our own, in the order of their ids, that are held to the truth one by one."""
DIPS = ("stockpiling_1", "stockpiling_2", "stockpiling_3")
TRUE_LEVERS = ("elasticity_promoted", *LEVERS[1:])
EVERYTHING = replace(MARKET, heterogeneity=1.0, stock_weeks=MARKET.weeks)
"""Items respond differently, pull from each other and from later weeks, and run out of stock; of
our own items it is known when."""
ON_SHELF = replace(EVERYTHING, stock_weeks=1, without=frozenset({"out_of_stock"}))
"""The same without empty shelves."""


@dataclass(slots=True)
class Found:
    """Quantities gathered so far, each with truth, estimate, standard error and its degrees.

    Parameters
    ----------
    degrees
        Degrees of freedom of what is added next.
    """

    degrees: float = np.inf
    names: list[str] = field(default_factory=list)
    numbers: list[tuple[float, float, float, float]] = field(default_factory=list)

    def add(self, name: str, truth: float, estimate: float, error: float) -> None:
        """Add one quantity."""
        self.names.append(name)
        self.numbers.append((truth, estimate, error, self.degrees))

    @property
    def estimates(self) -> Estimates:
        """All of them."""
        truth, estimate, error, degrees = np.transpose(self.numbers)
        return estimates_from_errors(self.names, truth, estimate, error, degrees=degrees)


def fit_effects(folder: Path, seed: int) -> Estimates:
    """Fit the promotion model to a twin, category by category.

    Parameters
    ----------
    folder
        Of a complete twin.
    seed
        Of the draws of partial pooling.

    Returns
    -------
    Estimates
        Per category: mean responses, dips, the effect of all our own promotions by part, done and
        as planned, and the effect of single promotions. Pulls are held to the units they move:
        their strength is per size of what is on the shelf, the twin's per size of the category.
    """
    found = Found()
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        tables = store.tables()
        for category in CATEGORIES:
            fit = fit_promotions(store, tables, category)
            found.degrees = fit.response.degrees
            _parameters(found, folder, category, fit)
            _events(found, folder, category, (fit, ours(store, tables, fit)))
    return found.estimates


def _parameters(found: Found, folder: Path, category: str, fit: PromotionFit) -> None:
    items = read_truth(folder, "item")
    mine = np.array(items["category"].to_pylist()) == category
    layout = fit.design.layout
    for place, (lever, column) in enumerate(zip(LEVERS, TRUE_LEVERS, strict=True)):
        # The mean over the items that are there, not over those there might be.
        at = np.arange(place, layout.responses, len(LEVERS))
        found.add(
            f"mean {lever}, {category}",
            float(items[column].to_numpy()[mine].mean()),
            float(fit.sober.parameters[at].mean()),
            float(np.sqrt(fit.covariance[np.ix_(at, at)].mean())),
        )
    for lag, name in enumerate(DIPS, start=1):
        place = layout.dips.start + lag - 1
        error = float(np.sqrt(fit.covariance[place, place]))
        dip = float(fit.sober.parameters[place])
        found.add(f"dip after {lag} weeks, {category}", getattr(ASSUMPTIONS, name), dip, error)


def ours(store: Store, tables: Tables, fit: PromotionFit) -> Bools:
    """Return which promotions are of items that we earn on, (E,)."""
    names = store.run(tables["unit_margin"].select("product_id").distinct())
    own = np.isin(fit.rows.names.items, names["product_id"].to_pylist())
    inside = fit.events.of >= 0
    ours = np.zeros(fit.events.count, bool)
    ours[fit.events.of[inside]] = own[fit.rows.item[inside]]
    return ours


def _events(found: Found, folder: Path, category: str, known: tuple[PromotionFit, Bools]) -> None:
    fit, ours = known
    truth = true_effects(folder)
    for view, kind in ((DONE, "sales"), (FULL, "planned")):
        for part, name in enumerate(PARTS):
            true = sum(truth[fit.events.names[event]][f"{name}_{kind}"]
                       for event in np.flatnonzero(ours))  # fmt: skip
            found.add(f"all, {name} ({kind}), {category}", true, *_sum(fit, view, part, ours))
    for place, event in enumerate(np.flatnonzero(ours)[:SINGLE], start=1):
        alone = np.zeros_like(ours)
        alone[event] = True
        true = truth[fit.events.names[event]]["event_items_sales"]
        found.add(f"promotion {place}, {category}", true, *_sum(fit, DONE, 0, alone))


def _sum(fit: PromotionFit, view: int, part: int, chosen: Bools) -> tuple[float, float]:
    """Return the units of a part of the chosen promotions, and their standard error."""
    found = fit.effects
    units = Sum(found.units, found.gradient, found.noise, found.shared)
    total = units.at(view, chosen, part).total()
    return float(total.value), float(total.error(fit.covariance))


def true_effects(folder: Path) -> dict[str, dict[str, float]]:
    """Return the true effect and base of every promotion, blocks of stores added up."""
    table = read_truth(folder, "event")
    columns = [f"{part}_{kind}" for part in PARTS for kind in ("sales", "planned")]
    columns.append("base_sales")
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in table.select(["promotion_id", *columns]).to_pylist():
        for column in columns:
            totals[row["promotion_id"]][column] += row[column]
    return totals


_HOLDS = (
    "mean responses, dips (truth tables item, assumptions) and units by part of our own "
    "promotions, together and one by one (truth table event)"
)

TRIALS = (
    Trial(
        name="promotion-effects",
        title="The promotion model: responses by item with partial pooling, dips, pulls, and the "
        "effect of every promotion, where shelves are never empty",
        holds=_HOLDS,
        spec=ON_SHELF,
        fit=fit_effects,
    ),
    Trial(
        name="promotion-effects-full",
        title="The same where items run out of stock, which is known of our own items only",
        holds=_HOLDS,
        spec=EVERYTHING,
        fit=fit_effects,
    ),
)
