"""A trial of forecasts of planned promotions: fitted before a day, held to what came after it.

The promotion model is fitted to a twin's weeks before a cut. Promotions of ours that are planned
after it are forecast from the tables that a run would have, and held to their true effect: as
planned, and as they were executed. All is in shares of the truth, which is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.decisions.planning.activity import Activity
from offtake.decisions.planning.effects import Cell, effects
from offtake.decisions.planning.facts import PlanningFacts, planning_facts
from offtake.errors import OfftakeError
from offtake.models.promotion.fit import fit_promotions
from offtake.models.promotion.forecast_tables import forecast_tables
from offtake.twin.load import load_twin
from offtake.validation.promotion_effect_trials import ON_SHELF, TABLES, true_effects
from offtake.validation.scores import LEVELS, Estimates
from offtake.validation.trial import Trial

if TYPE_CHECKING:
    import ibis.expr.types as ir

Floats = NDArray[np.float64]

CATEGORY = "BAG SNACKS"
AHEAD = 16
"""Weeks after the cut, of which the last are only there for promotions to be felt in."""
FELT = 3
EVENTS = 6
"""Promotions of ours after the cut that are held to the truth."""
LEAST_UNITS = 20.0
"""True units on top below which shares of the truth say nothing."""
WORLD = replace(ON_SHELF, categories=(CATEGORY,), weeks=104 + AHEAD, stores=80, items=8)
PARTS = ("event_items", "own_other_items", "competitors", "other_weeks")


@dataclass(frozen=True, slots=True)
class Planned:
    """A promotion that is planned, with the truth of it."""

    activity: Activity
    truth: Mapping[str, float]


def fit_forecasts(folder: Path, _seed: int) -> Estimates:
    """Fit the promotion model before the cut, and forecast promotions after it.

    Parameters
    ----------
    folder
        Of a complete twin.

    Returns
    -------
    Estimates
        Of each of `EVENTS` promotions: base, incremental units and growth of the category as
        planned, incremental units as executed, each over its truth (growth over true incremental
        units).

    Raises
    ------
    OfftakeError
        When the world has too few promotions after the cut.
    """
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        tables = store.tables()
        cut = _cut(tables)
        fit = fit_promotions(store, before(tables, cut), CATEGORY)
        facts = planning_facts(forecast_tables(fit))
        coming = planned_after(store, tables, cut, true_effects(folder))
    known = [each for each in coming if _askable(each, facts)][:EVENTS]
    if len(known) < EVENTS:
        raise OfftakeError(
            f"{folder}: got {len(known)} promotions of ours after the cut, asked: {EVENTS}"
        )
    names, rows = [], []
    for place, each in enumerate(known, start=1):
        for name, drawn in _drawn(each, facts).items():
            names.append(f"promotion {place}, {name}")
            rows.append(drawn)
    return _estimates(names, np.array(rows))


def _cut(tables: Tables) -> date:
    if tables.span is None:
        raise OfftakeError("a twin without sales")
    return tables.span[1] - timedelta(weeks=AHEAD - 1)


def before(tables: Tables, cut: date) -> Tables:
    """Return the tables as they were before a day: rows of later weeks left out.

    Parameters
    ----------
    tables
        Of a store.
    cut
        A Monday.
    """
    kept: dict[str, ir.Table] = {}
    for name, table in tables.by_name.items():
        column = next((each for each in ("week", "date") if each in table.columns), None)
        kept[name] = table if column is None else table.filter(table[column] < cut)
    span = None if tables.span is None else (tables.span[0], cut - timedelta(weeks=1))
    return replace(tables, by_name=kept, span=span)


def planned_after(
    store: Store, tables: Tables, cut: date, truth: Mapping[str, Mapping[str, float]]
) -> list[Planned]:
    """Return our promotions that are planned to begin after a cut and be over in time.

    Parameters
    ----------
    store, tables
        With the whole twin.
    cut
        A Monday.
    truth
        True effects by promotion.
    """
    plan, shops, margin = tables["promotion"], tables["store"], tables["unit_margin"]
    mine = plan.filter(plan.status == "planned").semi_join(margin, "product_id")
    placed = mine.inner_join(shops.select("store_id", "retailer"), "store_id")
    found = placed.group_by("promotion_id").aggregate(
        first=placed.week.min(),
        last=placed.week.max(),
        items=placed.product_id.collect(distinct=True),
        retailers=placed.retailer.collect(distinct=True),
        cut=placed.discount.max(),
        display=placed.display.any(),
        feature=placed.feature.any(),
    )
    end = (tables.span or (cut, cut))[1] - timedelta(weeks=FELT)
    rows: list[dict[str, Any]] = store.run(found.order_by("promotion_id")).to_pylist()
    return [
        Planned(_activity(row), truth[row["promotion_id"]])
        for row in rows
        if row["first"] >= cut and row["last"] <= end and row["promotion_id"] in truth
    ]


def _activity(row: Mapping[str, Any]) -> Activity:
    return Activity(
        key=row["promotion_id"],
        kind="promotion",
        product_ids=tuple(sorted(row["items"])),
        retailers=tuple(sorted(row["retailers"])),
        first_day=row["first"],
        last_day=row["last"] + timedelta(days=6),
        price_cut=row["cut"] or 0.0,
        display=bool(row["display"]),
        feature=bool(row["feature"]),
    )


def _askable(planned: Planned, facts: PlanningFacts) -> bool:
    """Whether every item sells at the retailer before the cut, and there is something to find."""
    activity = planned.activity
    pairs = [(item, where) for item in activity.product_ids for where in activity.retailers]
    sells = all(pair in facts.base and facts.base[pair].units > 0 for pair in pairs)
    return sells and planned.truth["event_items_planned"] >= LEAST_UNITS


def _drawn(planned: Planned, facts: PlanningFacts) -> dict[str, Floats]:
    """Return draws of each quantity over its truth, the estimate first."""
    activity, truth = planned.activity, planned.truth
    pairs = [(item, where) for where in activity.retailers for item in activity.product_ids]
    if facts.response is None:
        raise OfftakeError("no promotion model was fitted")
    found = effects(activity, facts, facts.response, pairs)
    units = truth["event_items_planned"]
    grown = sum(truth[f"{part}_planned"] for part in PARTS)
    return {
        "base": found.base.sum(axis=1) / truth["base_sales"],
        "incremental as planned": _part(found.planned, 0) / units,
        "growth as planned": 1 + (found.planned.units.sum(axis=(1, 2)) - grown) / units,
        "incremental as executed": _part(found.usual, 0) / truth["event_items_sales"],
    }


def _part(cell: Cell, part: int) -> Floats:
    total: Floats = cell.units[:, :, part].sum(axis=1)
    return total


def _estimates(names: Sequence[str], drawn: Floats) -> Estimates:
    ends = np.quantile(drawn[:, 1:], [(1 + sign * level) / 2 for sign in (-1, 1)
                                      for level in LEVELS], axis=1)  # fmt: skip
    lower, upper = ends.reshape(2, len(LEVELS), -1).transpose(0, 2, 1)
    return Estimates(tuple(names), np.ones(len(names)), drawn[:, 0], lower, upper)


TRIALS = (
    Trial(
        name="plan-forecast",
        title="Forecasts of planned promotions: the promotion model fitted before a day, held to "
        "promotions planned after it",
        holds="base, incremental units and growth of the category of single promotions over their "
        "truth (truth table event)",
        spec=WORLD,
        fit=fit_forecasts,
    ),
)
