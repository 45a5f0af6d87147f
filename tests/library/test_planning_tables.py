"""What a run holds for planning: base, errors, execution, and tables of the measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import stdtrit

from offtake.data.store import Store
from offtake.decisions.planning.activity import Activity
from offtake.decisions.planning.facts import TABLES, PlanningFacts, planning_facts
from offtake.decisions.planning.forecast import Forecast, forecast
from offtake.decisions.planning.response import LEVERS, read_response
from offtake.models.promotion.base_errors import ASSUMED, base_errors
from offtake.models.promotion.base_rates import base_rates, own_base, season_index
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.forecast_tables import event_error, forecast_tables
from offtake.pipeline.model_planning import FORECAST_TABLES, PLANNING
from offtake.pipeline.refresh import refresh
from offtake.report.run import Run
from tests.library.small_market import VIEW as MARKET_VIEW
from tests.library.small_market import fill
from tests.library.small_promotions import fitted
from tests.library.small_twin import VIEW, fill_twin

MODELS = replace(VIEW, models=("promotion", "planning"))
NAMES = {table.name for table in (*FORECAST_TABLES, *PLANNING.tables)}


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> PromotionFit:
    return fitted(tmp_path_factory.mktemp("planning"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("planned")
    with Store(folder / "twin.duckdb", "twin") as opened:
        return refresh(fill_twin(opened, folder), folder / "runs", MODELS)


@pytest.fixture(scope="module")
def facts(run: Run) -> PlanningFacts:
    return planning_facts({name: _table(run, name) for name in TABLES})


def _table(run: Run, name: str) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(run.folder / "tables" / f"{name}.parquet")


def test_where_nothing_was_promoted_the_base_is_what_sold(fit: PromotionFit) -> None:
    near = fit.design.market
    support = fit.design.own(fit.sober.parameters)
    quiet = (support == 0) & (near.own_others(np.abs(support)) == 0)
    for lag in range(1, fit.design.layout.lags + 1):
        quiet &= near.lagged(support, lag) == 0
    assert quiet.any()
    assert own_base(fit)[quiet] == pytest.approx(fit.rows.units[quiet])
    gained = (support > 0.1) & (fit.rows.units > 0)
    assert own_base(fit)[gained].sum() < fit.rows.units[gained].sum()


def test_levels_are_means_of_the_latest_weeks(fit: PromotionFit) -> None:
    rates, rows = base_rates(fit), fit.rows
    assert not rates.season.size
    for place in range(rates.units.size):
        mine = (rows.item == rates.item[place]) & (rows.retailer == rates.retailer[place])
        end = rows.week.max() + 1
        start = max(end - 13, rows.week[mine].min())
        late = mine & (rows.week >= start)
        assert rates.units[place] == pytest.approx(own_base(fit)[late].sum() / (end - start))
        assert rates.sold[place] == pytest.approx(rows.units[late].sum() / (end - start))
        last = mine & (rows.week == rows.week[mine].max())
        assert rates.price[place] == pytest.approx(rows.regular[last].mean())


def test_a_planted_season_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    iso = np.tile(np.arange(1, 53), 3)
    wave = 0.3 * np.sin(2 * np.pi * iso / 52)
    found = season_index(np.exp(wave + 0.002 * np.arange(156) + rng.normal(0, 0.02, 156)), iso)
    assert np.log(found[:52]) == pytest.approx(wave[:52], abs=0.05)
    noise = season_index(np.exp(rng.normal(0, 0.3, 156)), iso)
    # Of a standard error of 0.3 / sqrt(3) without drawing in and smoothing.
    assert np.log(noise[:52]).std() < 0.08
    assert season_index(np.exp(wave[:100]), iso[:100]).size == 0


def test_errors_of_the_base_are_told_apart_into_common_and_own() -> None:
    rng = np.random.default_rng(2)
    common = np.repeat(rng.normal(0, 0.2, 30), 13)
    own = np.repeat(rng.normal(0, 0.1, (40, 30)), 13, axis=1)
    found = base_errors(100 * np.exp(common + own), np.zeros(40, np.int64))
    assert found.tried
    # Levels of blocks of 13 weeks: a forecast is off by the difference of two, or of their mixes.
    assert 0.15 < found.common < 0.30
    assert 0.07 < np.median(found.own) < 0.15


def test_errors_are_assumed_where_too_few_weeks_are_there() -> None:
    found = base_errors(np.ones((2, 20)), np.zeros(2, np.int64))
    assert (found.common, found.own.tolist(), found.tried) == (ASSUMED[0], [ASSUMED[1]] * 2, False)


def test_responses_are_those_of_the_fit_with_its_errors(fit: PromotionFit) -> None:
    tables = forecast_tables(fit)
    response = read_response(tables)
    assert response is not None
    rows = tables["planning_responses"].to_pylist()
    for row in rows:
        at = response.at[row["product_id"], row["retailer"]]
        item = int(np.flatnonzero(fit.rows.names.items == row["product_id"])[0])
        store = int(np.flatnonzero(fit.rows.names.retailers == row["retailer"])[0])
        place = int(np.flatnonzero(fit.rows.store == store)[0])
        sets = fit.design.group_of_item[item], fit.design.retailer[place]
        said = fit.design.responses(fit.sober.parameters)[sets]
        assert response.levers[0, at] == pytest.approx(said)
        low, high = np.quantile(response.levers[1:, at], [0.1, 0.9], axis=0)
        reach = stdtrit(fit.response.degrees, 0.9)
        sds = np.array([row[f"{name}_sd"] for name in ("promoted", *LEVERS[1:])])
        # A quantile from 1000 draws, of which half mirror the others, errs by a twelfth.
        assert (high - low) / 2 == pytest.approx(reach * sds, rel=0.2)


def test_usual_execution_by_counting(fit: PromotionFit) -> None:
    rows, base = fit.rows, own_base(fit)
    for row in forecast_tables(fit)["planning_execution"].to_pylist():
        done = agreed = 0.0
        for place in np.flatnonzero(rows.agreed & (rows.planned.display > 0)):
            if rows.names.retailers[rows.store[place]] == row["retailer"]:
                agreed += base[place]
                share = rows.seen.display[place] / rows.planned.display[place]
                done += base[place] * min(1.0, share)
        assert row["display"] == pytest.approx(100 * done / agreed)


def test_what_promotions_do_around_their_responses_is_found(fit: PromotionFit) -> None:
    rng = np.random.default_rng(3)
    of = fit.events.of
    off = np.append(rng.normal(0, 0.3, fit.events.count), 0.0)[of]
    exact = replace(fit.response, mean=np.maximum(fit.rows.units, 1e-9))
    assert event_error(replace(fit, response=exact)) == 0
    moved = replace(fit.response, mean=fit.response.mean * np.exp(off))
    before = event_error(fit)
    assert before < 0.15
    assert event_error(replace(fit, response=moved)) == pytest.approx(
        np.hypot(before, 0.3), abs=0.1
    )


def test_a_run_holds_every_table_with_its_passport(run: Run) -> None:
    assert set(run.table_names) >= NAMES
    assert set(run.manifest.passports) >= NAMES
    assert set(TABLES) == NAMES


def test_facts_of_a_run_are_those_of_its_measures(run: Run, facts: PlanningFacts) -> None:
    own = {item.product_id for item in facts.items.values() if item.own}
    assert own
    assert {item.manufacturer for item in facts.items.values() if item.own} == {"Alder"}
    assert len(facts.stores) == 20
    for where in facts.retailers:
        shares = [shop.share for shop in facts.stores.values() if shop.retailer == where]
        assert sum(shares) == pytest.approx(100)
    for found in facts.distribution.values():
        assert 0 <= found.selling <= found.stores
        assert found.listed is not None
        if found.stores:
            assert found.numeric == pytest.approx(100 * found.selling / found.stores)
    assert facts.cover
    assert {item for item, _ in facts.cover} <= own


def test_a_plan_in_a_run_has_a_forecast(facts: PlanningFacts) -> None:
    assert facts.last_week is not None
    monday = facts.last_week + timedelta(weeks=4)
    item, where = next(pair for pair in sorted(facts.base) if facts.items[pair[0]].own
                       and facts.base[pair].units > 0)  # fmt: skip
    plan = Activity(
        key="1", kind="promotion", product_ids=(item,), retailers=(where,), price_cut=20.0,
        first_day=monday, last_day=monday + timedelta(days=6), cost=100.0,
    )  # fmt: skip
    found = forecast(plan, facts)
    assert isinstance(found, Forecast)
    assert found.planned.base.value == pytest.approx(facts.base[item, where].units)
    assert found.planned.incremental.value > 0
    assert found.planned.roi_net is not None


def test_what_is_not_loaded_is_a_gap(tmp_path: Path) -> None:
    view = replace(MARKET_VIEW, models=("planning",))
    with fill(Store(tmp_path / "m.duckdb"), tmp_path) as opened:
        run = refresh(opened, tmp_path / "runs", view)
    gaps = {gap.name: gap.load for gap in run.manifest.gaps}
    assert gaps["planning_cover"] == ("stock",)
    rows: list[dict[str, Any]] = run.rows("planning_distribution")
    assert {row["listed"] for row in rows} == {None}
    assert {row["retailer"] for row in rows} <= {shop.retailer for shop in planning_facts(
        {"planning_stores": _table(run, "planning_stores")}).stores.values()}  # fmt: skip
    assert planning_facts({}).cover is None
