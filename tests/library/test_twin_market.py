"""The market half of the twin: its effects are what its truth says, by brute force."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from offtake.twin.assumptions import ASSUMPTIONS, reaction
from offtake.twin.kernels.demand import later_dip
from offtake.twin.kernels.draws import poisson_quantile
from offtake.twin.kernels.media import geometric_adstock, hill
from offtake.twin.kernels.outages import lost_time, starts_per_week
from offtake.twin.market.block import Block
from offtake.twin.market.events import NONE
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.output.event_truth import PARTS, event_truth
from offtake.twin.output.sales import on_record, sales_rows, units_by_day
from offtake.twin.output.truth_rows import SWITCHED, effect_truth, lost_truth
from offtake.twin.spec import EFFECTS, Effect, TwinSpec

SPEC = TwinSpec(stores=40, weeks=60, items=10, categories=("BAG SNACKS", "COFFEE"), seed=11)


@cache
def world(*without: Effect) -> World:
    return make_world(replace(SPEC, without=frozenset(without)))


@cache
def blocks(*without: Effect) -> tuple[Block, ...]:
    """Every block of the world, retailer by retailer and category by category."""
    made = world(*without)
    return tuple(block for of in blocks_of_stores(made) for block in shelf(made, of))


def demand(*without: Effect) -> np.ndarray:
    return np.concatenate([block.demand.ravel() for block in blocks(*without)])


def units(*without: Effect) -> np.ndarray:
    return np.concatenate([block.units.ravel() for block in blocks(*without)])


@pytest.mark.parametrize("effect", SWITCHED)
def test_switching_an_effect_off_takes_away_what_truth_says(effect: Effect) -> None:
    told = sum(
        row["units"]
        for block in blocks()
        for row in effect_truth(world(), block).to_pylist()
        if row["effect"] == effect
    )
    lost = demand().sum() - demand(effect).sum()
    assert abs(told) > 1, "the effect must be there at all"
    # The same sums in another order: only rounding may differ.
    assert lost == pytest.approx(told, rel=1e-9)


@pytest.mark.parametrize("effect", ["display", "media", "promoted_price", "stockpiling"])
def test_sales_differ_where_demand_does_and_nowhere_else(effect: Effect) -> None:
    here, off = units("out_of_stock"), units("out_of_stock", effect)
    before, after = demand("out_of_stock"), demand("out_of_stock", effect)
    same = np.isclose(before, after, rtol=1e-12, atol=0)
    assert same.any()
    assert (here[same] == off[same]).all()
    # One uniform number belongs to a cell: more demand can only mean more sales.
    assert (here[before > after] >= off[before > after]).all()
    assert (here[before < after] <= off[before < after]).all()


@pytest.mark.parametrize("effect", ["display", "media", "promoted_price", "stockpiling"])
def test_sales_differ_by_as_much_as_demand(effect: Effect) -> None:
    told = demand("out_of_stock").sum() - demand("out_of_stock", effect).sum()
    change = units("out_of_stock") - units("out_of_stock", effect)
    # The cells are independent: four standard errors of a sum of independent differences.
    error = 4 * np.sqrt((change.astype(float) ** 2).sum())
    assert change.sum() == pytest.approx(told, abs=error)
    assert abs(told) > error, "the test must be able to see the effect"


def test_every_effect_can_be_switched_off_and_changes_something() -> None:
    for effect in sorted(set(EFFECTS) - {"campaigns"}):
        assert not np.array_equal(units(), units(effect)), effect


def test_switching_one_effect_off_leaves_every_other_draw_as_it_was() -> None:
    one, other = world(), world("competitor_actions")
    assert np.array_equal(one.events.start, other.events.start)
    own = one.brands.own[one.events.brand]
    assert np.array_equal(other.events.held, own)
    kept = np.where(np.append(own, False)[one.events.of], one.events.of, NONE)
    assert np.array_equal(other.events.of, kept)


@pytest.mark.parametrize("number", [0, 3, 17])
def test_the_truth_of_an_event_is_the_difference_it_makes(number: int) -> None:
    made = world()
    block = max(blocks(), key=lambda each: len(each.which))
    event = block.which[number]
    without = replace(made, events=replace(made.events, of=_dropped(made, int(event))))
    off = shelf(without, block.of)[block.category]
    assert np.array_equal(off.drivers.live, block.drivers.live)
    (row,) = [
        each
        for each in event_truth(made, block).to_pylist()
        if each["promotion_id"] == made.events.ids[event]
    ]
    change = block.demand - off.demand
    start, weeks = made.events.start[event], made.events.weeks[event]
    mine = (block.event == number).any(axis=1)
    brand = made.items.brand[made.of_category(block.category)]
    mates = (brand == made.events.brand[event]) & ~mine
    during = change[:, :, start : start + weeks]
    assert row["event_items_demand"] == pytest.approx(during[:, mine].sum(), rel=1e-9)
    assert row["own_other_items_demand"] == pytest.approx(during[:, mates].sum(), abs=1e-9)
    rivals = during[:, ~(mine | mates)].sum()
    assert row["competitors_demand"] == pytest.approx(rivals, rel=1e-9)
    later = change[:, :, start + weeks :].sum()
    assert row["other_weeks_demand"] == pytest.approx(later, abs=1e-9)
    assert sum(row[f"{part}_demand"] for part in PARTS) == pytest.approx(change.sum(), rel=1e-9)


def _dropped(made: World, event: int) -> np.ndarray:
    return np.where(made.events.of == event, NONE, made.events.of)


def test_an_event_as_planned_is_what_full_compliance_would_have_made() -> None:
    """Where every store complied, planned and done are the same."""
    eager = replace(ASSUMPTIONS, display_never=1e-6, display_days=1 - 1e-6, price_cut_executed=1.0)
    made = make_world(SPEC, eager)
    block = shelf(made, blocks_of_stores(made)[0])[0]
    for row in event_truth(made, block).to_pylist():
        for part in PARTS:
            assert row[f"{part}_planned"] == pytest.approx(row[f"{part}_demand"], rel=1e-6)


def test_how_stores_are_put_into_blocks_changes_nothing() -> None:
    made = world()
    of = blocks_of_stores(made)[0]
    whole, one = shelf(made, of)[0], shelf(made, of[3:4])[0]
    assert np.array_equal(whole.units[3:4], one.units)
    # Matrix products of another shape may round differently.
    assert np.allclose(whole.demand[3:4], one.demand, rtol=1e-12)


def test_same_seed_same_world_other_seed_another() -> None:
    again = make_world(SPEC)
    assert np.array_equal(again.prices, world().prices)
    assert not np.array_equal(make_world(replace(SPEC, seed=12)).prices, again.prices)


# --- execution --------------------------------------------------------------------------------

WIDE = TwinSpec(stores=600, weeks=60, items=10, categories=("COFFEE",), seed=5)


@cache
def wide(*without: Effect) -> tuple[World, tuple[Block, ...]]:
    made = make_world(replace(WIDE, without=frozenset(without)))
    return made, tuple(shelf(made, of)[0] for of in blocks_of_stores(made))


def _displays(*without: Effect) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return for every planned display: reached, part of the days, manager, visits of the store."""
    made, parts = wide(*without)
    rows = []
    for block in parts:
        planned = made.events.display[block.which]
        agreed = 7 * made.events.weeks[block.which][planned]
        reached = block.execution.reached[:, planned]
        part = block.execution.stood[:, planned] / agreed
        shape = reached.shape
        manager = np.broadcast_to(made.stores.manager[block.of, None], shape)
        visits = np.broadcast_to(made.visited[block.of].mean(axis=1)[:, None], shape)
        rows.append([each.ravel() for each in (reached, part, manager, visits)])
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]  # four of them


def test_displays_reach_the_floor_and_stand_as_published() -> None:
    reached, part, _, _ = _displays()
    # 600 stores with 40 or so displays each; stores differ, hence 2 points and not less.
    assert 1 - reached.mean() == pytest.approx(0.29, abs=0.02)
    assert part[reached].mean() == pytest.approx(0.62, abs=0.02)
    assert (part[~reached] == 0).all()


def test_execution_is_not_at_random_unless_switched_off() -> None:
    reached, _, manager, visits = _displays()
    error = 1 / np.sqrt(len(reached))
    assert stats.pearsonr(reached, manager)[0] > 8 * error
    assert stats.pearsonr(reached, visits)[0] > 4 * error
    reached, _, manager, visits = _displays("selective_execution")
    assert abs(stats.pearsonr(reached, manager)[0]) < 4 * error
    assert abs(stats.pearsonr(reached, visits)[0]) < 4 * error


def test_complying_stores_sell_more_even_without_a_display() -> None:
    made, parts = wide()
    share = np.concatenate([b.execution.reached.sum(1) for b in parts])
    level = np.concatenate([made.stores.size[b.of] for b in parts])
    assert stats.spearmanr(share, level).statistic > 4 / np.sqrt(len(level))


# --- availability -----------------------------------------------------------------------------


def test_the_level_of_outages_is_the_published_one() -> None:
    _, parts = wide()
    lost = np.concatenate([b.outages.lost_week[b.drivers.live] for b in parts])
    # Starts are one a week at most and the first week begins full: half a point.
    assert lost.mean() == pytest.approx(ASSUMPTIONS.out_of_stock, abs=0.005)


def test_durations_are_those_measured() -> None:
    made, parts = wide()
    days = np.concatenate([b.outages.days for b in parts])
    measured = made.measured.outages
    found = stats.kstest(np.log(days), "norm", args=(measured.mu, measured.sigma))
    assert found.pvalue > 1e-3


def test_outages_start_more_often_under_promotion_and_in_busy_weeks() -> None:
    _, parts = wide()
    starts, support, busy = [], [], []
    for block in parts:
        begun = np.zeros(block.units.shape)
        week = (block.outages.start // 7).astype(int)
        np.add.at(begun, (block.outages.store, block.outages.item, week), 1)
        live = block.drivers.live
        starts.append(begun[live])
        support.append(block.support[live])
        wide_busy = np.broadcast_to(block.drivers.busy[:, None, :], live.shape)
        busy.append(wide_busy[live])
    begun, lift, crowd = (np.concatenate(each) for each in (starts, support, busy))
    promoted = lift > 0.3
    rate = begun[promoted].mean() / begun[~promoted].mean()
    # What is put in is exp(slope x support); the mean over promoted cells, within a tenth.
    told = np.exp(ASSUMPTIONS.promotion_on_outage * lift[promoted]).mean()
    assert rate == pytest.approx(told, rel=0.1)
    quiet, full = np.quantile(crowd[~promoted], [0.25, 0.75])
    plain = begun[~promoted]
    assert plain[crowd[~promoted] > full].mean() > plain[crowd[~promoted] < quiet].mean()


def test_an_empty_shelf_sells_nothing_and_sends_shoppers_elsewhere() -> None:
    for block in blocks():
        lost = block.outages.lost_week
        assert (block.units[lost >= 1] == 0).all()
        told = (block.demand + block.received) * (1 - lost)
        assert np.allclose(block.expected, told)


def test_shoppers_react_by_the_published_table() -> None:
    made = world()
    block = next(b for b in blocks() if made.names[b.category] == "COFFEE")
    missed = (block.demand * block.outages.lost_week).sum()
    known = reaction("COFFEE")
    # A store without another item of the brand, and the last week, bring less back: from below.
    most = known.delay + known.same_brand + known.other_brand
    assert 0.75 * most < block.received.sum() / missed <= most


def test_stock_records_are_wrong_as_often_as_assumed_and_show_phantoms() -> None:
    made, parts = wide()
    days = np.arange(made.spec.weeks * 7 - 56, made.spec.weeks * 7)
    own = np.flatnonzero(made.items.own)
    empty, record = [], []
    for block in parts:
        live = np.repeat(block.drivers.live[:, own], 7, axis=2)[:, :, days]
        empty.append((block.outages.lost[:, own][:, :, days] >= 0.5)[live])
        record.append(on_record(made, block, own, days)[live])
    none, held = np.concatenate(empty), np.concatenate(record)
    phantom = (held[none] > 0).mean()
    # Store-items, not days, are the independent draws: some 1,500 of them.
    assert phantom == pytest.approx(ASSUMPTIONS.record_wrong, abs=0.04)


# --- kernels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0.01, 0.7, 3.0, 14.0, 31.0, 59.0])
def test_small_counts_are_exact_quantiles(mean: float) -> None:
    uniform = np.random.default_rng(1).random(4000)
    exact = stats.poisson.ppf(uniform, mean)
    assert np.array_equal(poisson_quantile(uniform, np.full(4000, mean)), exact)


@pytest.mark.parametrize("mean", [61.0, 250.0, 4000.0])
def test_large_counts_are_within_one_of_the_exact_quantile(mean: float) -> None:
    uniform = np.random.default_rng(2).random(4000)
    found = poisson_quantile(uniform, np.full(4000, mean))
    off = np.abs(found - stats.poisson.ppf(uniform, mean))
    assert off.max() <= 1
    assert (off > 0).mean() < 0.01


def test_adstock_and_saturation_by_hand() -> None:
    carried = geometric_adstock(np.array([[10.0, 0.0, 5.0]]), np.array([0.5]))
    assert carried.tolist() == [[10.0, 5.0, 7.5]]
    assert hill(np.array([0.0, 2.0, 6.0]), np.array(2.0)).tolist() == [0.0, 0.5, 0.75]


def test_dips_come_after_support_by_hand() -> None:
    support = np.array([[[2.0, 0.0, 0.0, 1.0]]])
    assert later_dip(support, np.array([0.5, 0.25])).tolist() == [[[0.0, 1.0, 0.5, 0.0]]]


def test_outages_that_overlap_count_once() -> None:
    lost = lost_time(np.array([0, 0, 1]), np.array([0.5, 0.25, 1.0]), np.ones(3), (2, 3))
    assert lost.tolist() == [[0.75, 0.5, 0.0], [0.0, 1.0, 0.0]]


def test_the_hazard_gives_the_level_of_a_queue_without_limits() -> None:
    random = np.random.default_rng(3)
    hazard, mean = starts_per_week(0.1, 3.0), 3.0
    days = 200_000
    many = random.poisson(hazard / 7 * days)
    lost = lost_time(
        np.zeros(many, dtype=int), random.uniform(0, days, many), random.exponential(mean, many),
        (1, days),
    )  # fmt: skip
    # Some 7,000 outages: the share of time has a standard error of about 0.0015.
    assert (lost > 0).sum() > 1000
    assert lost.mean() == pytest.approx(0.1, abs=0.006)


def test_sales_rows_hold_what_the_block_sold_at_the_price_paid() -> None:
    made, block = world(), blocks()[0]
    rows = sales_rows(made, block).to_pydict()
    assert sum(rows["units"]) == block.units.sum()
    assert min(rows["units"]) > 0
    paid = np.array(rows["value"]) / np.array(rows["units"])
    assert (paid <= np.array(rows["regular_price"]) + 0.005).all()


def test_sales_by_day_are_those_of_the_week_on_days_on_which_the_item_was_there() -> None:
    daily = make_world(replace(SPEC, daily=True))
    block, weekly = blocks()[0], sales_rows(world(), blocks()[0])
    same = next(iter(shelf(daily, blocks_of_stores(daily)[0])))
    assert (same.units == block.units).all(), "the weeks are the same"
    store, item, day, sold = units_by_day(daily, same)
    week = np.zeros(block.units.shape, np.int64)
    np.add.at(week, (store, item, day // 7), sold)
    assert (week == block.units).all()
    assert not sold[same.outages.lost[store, item, day] > 0.999].any()
    # Busy days sell more, as the traffic says: a thousand weeks and more of some ten units each.
    traffic = np.asarray(daily.measured.outages.weekday)
    there = (1 - same.outages.lost).reshape(-1, 7) * (same.expected.reshape(-1, 1) > 0)
    due = (there * traffic / np.maximum((there * traffic).sum(axis=1, keepdims=True), 1e-9)
           * block.units.reshape(-1, 1)).sum(axis=0)  # fmt: skip
    found = np.bincount(day % 7, sold, minlength=7)
    assert (np.abs(found - due) < 4 * np.sqrt(due)).all()
    rows = sales_rows(daily, same)
    assert set(rows["days"].to_pylist()) == {1}
    assert "week" not in rows.column_names
    assert sum(rows["units"].to_pylist()) == sum(weekly["units"].to_pylist())
    # Of every row, the value is of whole cents: half a cent may be rounded away.
    assert sum(rows["value"].to_pylist()) == pytest.approx(
        sum(weekly["value"].to_pylist()), abs=0.005 * rows.num_rows
    )


def test_truth_with_push_is_what_the_week_as_chance_made_it_missed() -> None:
    block = blocks()[0]
    told = lost_truth(world(), block).to_pydict()
    missed, pushed = np.array(told["missed_units"]), np.array(told["missed_with_push"])
    # The push is around 1, whatever ran out: its mean over thousands of weeks is near it.
    assert pushed.sum() == pytest.approx(missed.sum(), rel=0.03)
    assert (pushed / missed).std() > 0.1
    # What sold goes with the same push.
    sold, due = block.units.ravel(), block.expected.ravel()
    some = due > 20
    assert np.corrcoef(sold[some] / due[some], block.push.ravel()[some])[0, 1] > 0.7
