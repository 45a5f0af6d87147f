"""People, their calls and their targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.calibration import calibration
from offtake.twin.field.audits import audits
from offtake.twin.field.notes import notes
from offtake.twin.field.people import people
from offtake.twin.field.targets import potential, quarters, targets
from offtake.twin.field.visits import visits
from offtake.twin.market.calls import capacity, chances, neighbours, workload
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.staff import REP, VACANT, Staff, draw_staff
from offtake.twin.market.stores import Stores, draw_stores
from offtake.twin.market.world import World, make_world
from offtake.twin.output.folder import labelled_rows
from offtake.twin.output.masters import masters
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made, merged

SPEC = TwinSpec(stores=160, weeks=60, seed=11, items=8)
YEAR = 52


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(SPEC)


@pytest.fixture(scope="module")
def large() -> tuple[Stores, Staff]:
    """Five hundred territories over ten years."""
    spec = TwinSpec(stores=20_000, weeks=520, seed=5)
    stores = draw_stores(spec, ASSUMPTIONS, calibration())
    return stores, draw_staff(spec, ASSUMPTIONS, stores)


def weeks_since(day: np.ndarray, first: np.datetime64) -> np.ndarray:
    return (day - first).astype(int) / 7


def exposed(staff: Staff) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pressure, whether in the first year, and how each rep-week ended."""
    territory, week = np.nonzero(staff.rep_of != VACANT)
    rep = staff.rep_of[territory, week]
    monday = np.datetime64("2024-01-01") + 7 * week
    newcomer = (monday - staff.hired[rep]).astype(int) < 7 * YEAR
    ends = staff.left_on[rep] == monday + 4
    willing = ends & (staff.left_how[rep] == "voluntary")
    return staff.pressure[territory], newcomer, willing, ends & ~willing


def poisson_fit(columns: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log hazard coefficients and their standard errors, by Newton's method."""
    beta = np.zeros(columns.shape[1])
    beta[0] = np.log(events.mean())
    for _ in range(30):
        mean = np.exp(columns @ beta)
        information = columns.T @ (columns * mean[:, None])
        beta = beta + np.linalg.solve(information, columns.T @ (events - mean))
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def test_leaving_follows_pressure_and_the_first_year(large: tuple[Stores, Staff]) -> None:
    pressure, newcomer, willing, _ = exposed(large[1])
    columns = np.column_stack([np.ones(len(pressure)), pressure, newcomer])
    beta, error = poisson_fit(columns.astype(float), willing.astype(float))
    wanted = [
        np.log(ASSUMPTIONS.leaving_per_year / YEAR),
        ASSUMPTIONS.pressure_on_leaving,
        ASSUMPTIONS.newcomer_on_leaving,
    ]
    # Four standard errors; and the errors are small enough for the test to see an absent effect.
    assert (np.abs(beta - wanted) < 4 * error).all()
    assert error[1] < 0.1 * ASSUMPTIONS.pressure_on_leaving


def test_more_leave_where_targets_are_high(large: tuple[Stores, Staff]) -> None:
    pressure, _, willing, _ = exposed(large[1])
    low, high = np.quantile(pressure, [1 / 3, 2 / 3])
    assert willing[pressure > high].mean() > 1.5 * willing[pressure < low].mean()


def test_dismissals_come_at_their_rate_whatever_the_pressure(large: tuple[Stores, Staff]) -> None:
    pressure, _, _, dismissed = exposed(large[1])
    wanted = ASSUMPTIONS.dismissal_per_year / YEAR * len(dismissed)
    assert abs(dismissed.sum() - wanted) < 4 * np.sqrt(wanted)
    half = np.median(pressure)
    counts = [dismissed[pressure > half].sum(), dismissed[pressure <= half].sum()]
    assert abs(counts[0] - counts[1]) < 4 * np.sqrt(sum(counts)) + 0.05 * sum(counts)


def test_a_vacancy_lasts_as_assumed(large: tuple[Stores, Staff]) -> None:
    rep_of = large[1].rep_of
    lengths = []
    for row in rep_of:
        ends = np.flatnonzero((row[:-1] != VACANT) & (row[1:] == VACANT)) + 1
        for start in ends[ends < 300]:  # 220 weeks of follow-up: none is cut short
            after = np.flatnonzero(row[start:] != VACANT)
            lengths.append(after[0] if len(after) else len(row) - start)
    mean = ASSUMPTIONS.vacancy_weeks
    assert abs(np.mean(lengths) - mean) < 4 * mean / np.sqrt(len(lengths))


def test_targets_of_territories_are_unfair_but_sum_to_what_is_assigned(
    large: tuple[Stores, Staff],
) -> None:
    stores, staff = large
    odds = ASSUMPTIONS.listed / (1 - ASSUMPTIONS.listed)
    odds = odds * np.exp(ASSUMPTIONS.size_on_listing * stores.size)
    weight = np.bincount(stores.territory, np.exp(stores.size) * odds / (1 + odds))
    total = weight @ np.exp(staff.pressure) / weight.sum()
    assert total == pytest.approx(ASSUMPTIONS.over_assignment)
    count = len(staff.unfairness)
    assert staff.unfairness.std() == pytest.approx(
        ASSUMPTIONS.unfairness, rel=4 / np.sqrt(2 * count)
    )


def test_one_rep_follows_the_other(large: tuple[Stores, Staff]) -> None:
    staff = large[1]
    reps = np.flatnonzero(staff.role == REP)
    same = staff.territory[reps[1:]] == staff.territory[reps[:-1]]
    assert (staff.hired[reps[1:]][same] > staff.left_on[reps[:-1]][same]).all()
    assert np.isnat(staff.left_on[reps[:-1]][~same]).mean() > 0.5


def brute_neighbours(rep_of: np.ndarray, region: np.ndarray) -> np.ndarray:
    found = np.full(rep_of.shape, -1)
    for q, week in np.argwhere(rep_of == VACANT):
        others = [p for p in range(len(rep_of)) if region[p] == region[q] and rep_of[p, week] >= 0]
        if others:
            found[q, week] = min(others, key=lambda p: (abs(p - q), p))
    return found


def test_the_nearest_rep_of_the_region_stands_in() -> None:
    random = np.random.default_rng(3)
    region = np.repeat([0, 1, 2], [5, 1, 6])
    rep_of = np.where(random.random((12, 40)) < 0.5, 1, VACANT)
    assert (neighbours(rep_of, region) == brute_neighbours(rep_of, region)).all()


def test_nobody_does_more_calls_for_having_vacant_neighbours() -> None:
    rep_of = np.array([[1], [VACANT], [2], [3]])
    stands_in = neighbours(rep_of, np.array([0, 0, 0, 1]))
    full = np.full(4, ASSUMPTIONS.calls_per_week)
    calls = capacity(rep_of, stands_in, full, ASSUMPTIONS)
    assert calls.sum() == pytest.approx(3 * ASSUMPTIONS.calls_per_week)
    assert calls[1, 0] == ASSUMPTIONS.vacancy_coverage * ASSUMPTIONS.calls_per_week


@pytest.mark.parametrize("calls", [0.0, 3.5, 12.0, 19.5, 20.0, 50.0])
def test_chances_sum_to_the_calls(calls: float) -> None:
    weight = np.random.default_rng(1).lognormal(0, 1.0, 20)
    found = chances(weight, np.array([calls]))[:, 0]
    assert found.sum() == pytest.approx(min(calls, 20))
    assert (found <= 1).all()
    free = found < 1
    assert np.ptp(found[free] / weight[free]) < 1e-9 if free.any() else True


def test_the_number_of_calls_is_what_reps_can_do(world: World) -> None:
    stands_in = neighbours(world.staff.rep_of, world.stores.territory_region)
    stores = np.bincount(world.stores.territory)
    able = workload(stores, ASSUMPTIONS)
    wanted = capacity(world.staff.rep_of, stands_in, able, ASSUMPTIONS)
    wanted = np.minimum(wanted, stores[:, None]).sum()
    # A sum of independent yes/no draws varies at most as a Poisson number does.
    assert abs(world.visited.sum() - wanted) < 4 * np.sqrt(wanted)


def test_heavy_stores_are_called_on_more(world: World) -> None:
    for q in range(len(world.stores.territories)):
        here = world.stores.territory == q
        size, share = world.stores.size[here], world.visited[here].mean(axis=1)
        assert np.corrcoef(size, share)[0, 1] > 0.7


def test_a_vacant_territory_is_called_on_less() -> None:
    spec = replace(SPEC, weeks=200)
    found = make_world(spec)
    vacant = found.staff.rep_of[found.stores.territory] == VACANT
    ratio = found.visited[vacant].mean() / found.visited[~vacant].mean()
    assert 0.1 < ratio < 0.6


def test_visits_of_a_person_do_not_overlap(world: World) -> None:
    rows = visits(world, np.arange(SPEC.stores)).tables["visit"].to_pandas()
    rows = rows.sort_values(["person_id", "started"])
    same = rows.person_id.eq(rows.person_id.shift())
    assert (rows.started[same] >= rows.ended.shift()[same]).all()
    assert rows.started.dt.day_of_week.max() <= 4
    assert rows.visit_id.is_unique
    assert len(rows) == world.visited.sum()


def test_visits_are_made_by_people_while_they_are_employed(world: World) -> None:
    rows = visits(world, np.arange(SPEC.stores)).tables["visit"].to_pandas()
    known = people(world).tables["person"].to_pandas().set_index("person_id")
    who = known.loc[rows.person_id]
    day = pd.to_datetime(rows.date).to_numpy()
    left = pd.to_datetime(who.left_on).to_numpy()
    assert (pd.to_datetime(who.hired).to_numpy() <= day).all()
    assert (np.isnat(left) | (day <= left)).all()


def test_visits_for_vacant_territories_are_marked(world: World) -> None:
    rows = visits(world, np.arange(SPEC.stores)).tables["visit"].to_pandas()
    cover = (rows.purpose == "cover for a vacancy").to_numpy()
    store, week = np.nonzero(world.visited)
    vacant = world.staff.rep_of[world.stores.territory[store], week] == VACANT
    assert (cover == vacant).all()
    assert not rows.planned[cover].any()
    planned = rows.planned[~cover]
    share = ASSUMPTIONS.calls_planned
    assert abs(planned.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(planned))


def test_people_and_calls_are_the_same_whatever_effect_is_left_out(world: World) -> None:
    other = make_world(replace(SPEC, without=frozenset({"media", "out_of_stock", "season"})))
    assert people(other).tables["person"].equals(people(world).tables["person"])
    every = np.arange(SPEC.stores)
    assert visits(other, every).tables["visit"].equals(visits(world, every).tables["visit"])


def own_sales(world: World) -> np.ndarray:
    total = np.zeros((len(world.stores.territories), world.spec.weeks))
    for of in blocks_of_stores(world):
        for block in shelf(world, of):
            mine = world.of_category(block.category)
            own = world.items.own[mine]
            price = world.prices[world.stores.retailer[of[0]], mine]
            value = block.units * price * (1 - block.drivers.cut)
            np.add.at(total, world.stores.territory[of], value[:, own].sum(axis=1))
    return total


@pytest.fixture(scope="module")
def sales(world: World) -> np.ndarray:
    return own_sales(world)


@pytest.fixture(scope="module")
def asked(world: World, sales: np.ndarray) -> Made:
    return targets(world, sales)


def test_targets_of_persons_exceed_the_companys(asked: Made, sales: np.ndarray) -> None:
    rows = asked.tables["target"].to_pandas()
    total = rows.groupby(["level", "first_day"])[["target", "actual"]].sum()
    by_level = rows.groupby("level")[["target", "actual"]].sum()
    assert len(total) > len(by_level)
    over = by_level.target["person"] / by_level.target["company"]
    assert over == pytest.approx(ASSUMPTIONS.over_assignment, rel=1e-5)
    assert by_level.target["team"] == pytest.approx(by_level.target["company"], rel=1e-6)
    assert np.allclose(by_level.actual, sales.sum(), rtol=1e-6)


def test_a_rep_is_asked_for_the_weeks_of_service_only(world: World, asked: Made) -> None:
    rows = asked.tables["target"].to_pandas()
    rows = rows[(rows.level == "person") & rows.owner.str.startswith("R")]
    staff = people(world).tables["person"].to_pandas().set_index("person_id").loc[rows.owner]
    assert (rows.first_day.to_numpy() >= staff.hired.to_numpy()).all()
    left = pd.to_datetime(staff.left_on).to_numpy()
    assert (
        np.isnat(left) | (pd.to_datetime(rows.last_day).to_numpy() <= left + 2 * 86_400 * 10**9)
    ).all()


def test_the_truth_says_how_unfair_a_target_is(asked: Made) -> None:
    truth = asked.truth["target"].to_pandas()
    assert np.allclose(np.log(truth.target / truth.potential), truth.pressure)
    assert np.allclose(np.log(truth.target / truth.fair_target), truth.unfairness)


def test_the_plan_is_near_what_is_sold(world: World, sales: np.ndarray) -> None:
    # Pull between items, listings and noise are only known on average: 15 % in all, 25 % by part.
    plan = potential(world)
    assert sales.sum() / plan.sum() == pytest.approx(1, abs=0.15)
    assert (np.abs(sales.sum(axis=1) / plan.sum(axis=1) - 1) < 0.25).all()
    assert np.corrcoef(sales.sum(axis=0), plan.sum(axis=0))[0, 1] > 0.8


def test_quarters_hold_the_thursdays(world: World) -> None:
    thursday = pd.DatetimeIndex(world.weeks + 3)
    wanted = (thursday.year - 2024) * 4 + thursday.quarter - 1
    assert (quarters(world) == wanted).all()


def everything(world: World) -> Made:
    parts = [people(world), targets(world, own_sales(world))]
    for of in blocks_of_stores(world):
        blocks = shelf(world, of)
        parts += [visits(world, of), audits(world, of, blocks), notes(world, of, blocks)]
    return merged(parts)


def test_all_rows_pass_intake(tmp_path: Path) -> None:
    world = make_world(TwinSpec(stores=40, weeks=40, seed=2, items=8))
    made = everything(world)
    first = {name: masters(world).tables[name] for name in ("store", "product")}
    names = ("person", "visit", "audit_line", "note", "target")
    tables: dict[str, pa.Table] = {**first, **{name: made.tables[name] for name in names}}
    with Store(":memory:", "twin") as store:
        for name, table in tables.items():
            path = tmp_path / f"{name}.parquet"
            pq.write_table(labelled_rows(table, world.label), path)
            done = load_file(store, path, as_contract=name)
            assert (name, done.loaded, done.set_aside) == (name, table.num_rows, 0)
            assert table.num_rows > 0
