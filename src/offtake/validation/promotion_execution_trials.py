"""A trial of who executed: return had all been done as agreed, where good stores execute more.

Better managers sell more and put more displays up. So stores with a display sell more than stores
without for two reasons, and an estimate that compares them without an effect of every store-item
takes one for the other. It is worked out beside ours and held to the same truth.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.models.kernels.poisson import fit_poisson
from offtake.models.names import joint
from offtake.models.promotion.account import account, reach
from offtake.models.promotion.design import log_mean
from offtake.models.promotion.effects import DONE, Fitted, effects
from offtake.models.promotion.execution import display_part
from offtake.models.promotion.fit import PromotionFit, fit_promotions
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.totals import addends, totals
from offtake.twin.load import load_twin
from offtake.validation.promotion_effect_trials import (
    ON_SHELF,
    TABLES,
    Found,
    ours,
    true_effects,
)
from offtake.validation.promotion_trials import CATEGORIES
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARGIN = 2.0
"""Money per unit of every item of ours, so that the true return follows from true units."""
SELECTIVE = replace(ON_SHELF, heterogeneity=0.0)
"""Items respond alike, so that one naive slope is enough."""
OUR_PARTS = ("event_items", "own_other_items", "other_weeks")
NAIVE = "naive return if fully executed"


def fit_execution(folder: Path, seed: int) -> Estimates:
    """Fit the promotion model to a twin, and work out the return of all our promotions.

    Parameters
    ----------
    folder
        Of a complete twin.
    seed
        Of the draws of partial pooling; not used, as the specification has its own.

    Returns
    -------
    Estimates
        Per category: net return as it was and if fully executed; the latter from a comparison of
        stores without effects of their own; the ratio of responses of stores that did not execute.
    """
    found = Found()
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        tables = store.tables()
        for category in CATEGORIES:
            fit = fit_promotions(store, tables, category)
            found.degrees = fit.response.degrees
            _returns(found, folder, fit, ours(store, tables, fit))
    return found.estimates


def _returns(found: Found, folder: Path, fit: PromotionFit, chosen: Bools) -> None:
    flat = with_margin(fit, fit.sober.parameters)
    done, full = (_return(flat, chosen, view) for view in ("", "_if_fully_executed"))
    truth = _true_returns(folder, flat, chosen)
    category = fit.rows.category
    found.add(f"return as planned, {category}", truth[0], *done)
    found.add(f"return if fully executed, {category}", truth[1], *full)
    slope, error = naive_slope(fit)
    naive = with_margin(fit, _with_displays(fit, slope))
    more = with_margin(fit, _with_displays(fit, slope + error))
    value = _return(naive, chosen, "_if_fully_executed")[0]
    spread = abs(_return(more, chosen, "_if_fully_executed")[0] - value)
    found.add(f"{NAIVE}, {category}", truth[1], value, float(np.hypot(spread, full[1])))
    found.add(f"ratio of responses, {category}", 1.0, fit.execution.ratio, fit.execution.ratio_sd)


def with_margin(fit: PromotionFit, parameters: Floats) -> PromotionFit:
    """Return the same promotions with other parameters, and `MARGIN` for every unit."""
    margin = np.full(fit.rows.size, MARGIN)
    sober = replace(fit.sober, parameters=parameters)
    again = effects(
        Fitted(
            rows=fit.rows,
            design=fit.design,
            events=fit.events,
            sober=sober,
            response=fit.response,
            margin=margin,
            executed=fit.execution.executed,
        )
    )
    return replace(fit, sober=sober, money=replace(fit.money, margin=margin), effects=again)


def _return(fit: PromotionFit, chosen: Bools, view: str) -> tuple[float, float]:
    """Return the net return of the chosen promotions together, and its standard error."""
    together = totals(addends(fit), np.where(chosen, 0, -1), 1)
    found = account(fit, together).intervals[f"roi_net{view}"]
    return float(found.value[0]), float(found.high[0] - found.value[0]) / reach(fit)


def naive_slope(fit: PromotionFit) -> tuple[float, float]:
    """Return displays' effect over what the model says, without effects of single store-items.

    Stores of a chain that put an item up are set against those that did not in the same week.
    """
    rows, design, parameters = fit.rows, fit.design, fit.sober.parameters
    display = display_part(design, parameters, design.support)
    chain = joint(rows.retailer, rows.item)
    found = fit_poisson(
        rows.units,
        display[:, None],
        chain,
        weeks=joint(chain, rows.week),
        offset=log_mean(design, parameters) - display,
    )
    return float(found.coefficients[0]), float(found.standard_errors[0])


def _with_displays(fit: PromotionFit, slope: float) -> Floats:
    parameters = fit.sober.parameters.copy()
    for lever in (1, 3):
        # Those of items, and what retailers add to them.
        parameters[lever : fit.design.layout.regular : len(LEVERS)] *= slope
    return parameters


def _true_returns(folder: Path, fit: PromotionFit, chosen: Bools) -> tuple[float, float]:
    """Return the true net return of the chosen promotions: as it was, and fully executed.

    What was paid as it was is known. Fully executed, all that the items sell in the weeks of the
    promotion is sold on it.
    """
    truth = true_effects(folder)
    earned, cost = np.zeros(2), np.zeros(2)
    cost[0] = totals(addends(fit), np.where(chosen, 0, -1), 1).cost.value[DONE, 0]
    for event in np.flatnonzero(chosen):
        true = truth[fit.events.names[event]]
        for place, kind in enumerate(("sales", "planned")):
            earned[place] += MARGIN * sum(true[f"{part}_{kind}"] for part in OUR_PARTS)
        sold = true["base_sales"] + true["event_items_planned"]
        cost[1] += fit.money.fixed[event] + fit.money.per_unit[event] * sold
    net = (earned - cost) / cost
    return float(net[0]), float(net[1])


TRIALS = (
    Trial(
        name="promotion-execution",
        title="Return of our promotions had all been done as agreed, where good stores execute "
        "more; beside it a naive comparison of stores",
        holds="truth table event at a margin of 2 per unit, costs as paid; ratio of responses 1",
        spec=SELECTIVE,
        fit=fit_execution,
    ),
)

__all__ = ["NAIVE", "TRIALS", "fit_execution", "naive_slope", "with_margin"]
