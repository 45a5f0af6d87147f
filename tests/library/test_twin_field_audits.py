"""Audits: what was there, and the errors in what was reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.field.audits import POINTS_DISPLAY, POINTS_SHELF, audits
from offtake.twin.field.shelf_counts import CHECK, true_facings
from offtake.twin.market.block import Block
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made

SPEC = TwinSpec(stores=60, weeks=60, seed=4)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(SPEC)


@pytest.fixture(scope="module")
def of(world: World) -> np.ndarray:
    return blocks_of_stores(world)[0]


@pytest.fixture(scope="module")
def blocks(world: World, of: np.ndarray) -> tuple[Block, ...]:
    return shelf(world, of)


@pytest.fixture(scope="module")
def made(world: World, of: np.ndarray, blocks: tuple[Block, ...]) -> Made:
    return audits(world, of, blocks)


@pytest.fixture(scope="module")
def lines(world: World, of: np.ndarray, made: Made) -> pd.DataFrame:
    """Audit lines with the truth beside them, and places in the blocks' arrays."""
    rows = made.tables["audit_line"].to_pandas()
    rows = rows[rows.check_name.isna()].reset_index(drop=True)
    rows = rows.astype(dict.fromkeys(["targeted", "available", "display_agreed"], bool))
    truth = made.truth["audit"].to_pandas()
    assert (rows.visit_id == truth.visit_id).all()
    assert (rows.product_id.astype(str) == truth.product_id.astype(str)).all()
    number = rows.product_id.astype(str).str[1:].astype(int) - 1
    day = (pd.to_datetime(rows.date) - pd.Timestamp(SPEC.first_week)).dt.days
    store = rows.store_id.astype(str).str[1:].astype(int) - 1
    return rows.assign(
        true=truth.available,
        stands=truth.display_stands,
        error=truth.error.astype(str),
        category=number // SPEC.items,
        item=number % SPEC.items,
        day=day,
        place=np.searchsorted(of, store),
    )


def near(found: pd.Series, share: float) -> bool:
    """Within four standard errors of a binomial share."""
    return abs(float(found.mean()) - share) < 4 * np.sqrt(share * (1 - share) / len(found))


def test_error_rates_are_as_assumed(lines: pd.DataFrame) -> None:
    said = lines.available.astype(bool)
    assert near(~said[lines.true], ASSUMPTIONS.audit_misses)
    assert near(said[~lines.true], ASSUMPTIONS.audit_invents)
    assert ((lines.error == "missed") == (lines.true & ~said)).all()
    assert ((lines.error == "invented") == (~lines.true & said)).all()


def test_displays_are_reported_with_the_same_errors(lines: pd.DataFrame) -> None:
    agreed = lines[lines.display_agreed.astype(bool)]
    stands, seen = agreed.stands.astype(bool), agreed.display_found.astype(bool)
    assert near(~seen[stands], ASSUMPTIONS.audit_misses)
    assert near(seen[~stands], ASSUMPTIONS.audit_invents)
    assert 0.1 < stands.mean() < 0.9
    assert lines.display_found[~lines.display_agreed.astype(bool)].isna().all()


def overlap(block: Block, place: int, item: int, day: int) -> float:
    """Return the part of a day that outages of a shelf take, minute by minute."""
    out = block.outages
    mine = (out.store == place) & (out.item == item)
    minute = day + (np.arange(1440) + 0.5) / 1440
    start, end = out.start[mine, None], (out.start + out.days)[mine, None]
    return float(((start <= minute) & (minute < end)).any(axis=0).mean())


def test_the_truth_is_what_stood_on_the_shelf(
    lines: pd.DataFrame, blocks: tuple[Block, ...]
) -> None:
    some = lines.sample(800, random_state=1)
    for row in some.itertuples():
        block = blocks[row.category]
        listing = block.distribution
        at = (row.place, row.item)
        on_list = listing.listed[at] and listing.first[at] <= row.day // 7 <= listing.last[at]
        there = on_list and not listing.void[at] and overlap(block, *at, row.day) < 0.5
        assert (row.targeted, row.true) == (on_list, there)
    assert (~some.true & some.targeted).sum() > 0


def test_displays_stand_from_the_day_they_were_put_up(
    world: World, lines: pd.DataFrame, blocks: tuple[Block, ...]
) -> None:
    for row in lines[lines.display_agreed.astype(bool)].itertuples():
        block = blocks[row.category]
        event = block.event[row.item, row.day // 7]
        assert world.events.display[block.which[event]]
        since = row.day - 7 * world.events.start[block.which[event]]
        up = block.execution.offset[row.place, event]
        stood = block.execution.stood[row.place, event]
        live = block.drivers.live[row.place, row.item, row.day // 7]
        assert row.stands == (up <= since < up + stood and live)


def test_a_visit_checks_so_many_items_and_all_get_their_turn(
    world: World, lines: pd.DataFrame
) -> None:
    assert (lines.groupby("visit_id").size() == ASSUMPTIONS.audit_items).all()
    assert set(lines.product_id) == set(world.items.ids[world.items.own])


def test_points_are_given_for_what_applies(lines: pd.DataFrame) -> None:
    applies = lines.targeted | lines.display_agreed
    assert lines.points_possible.isna().equals(~applies)
    full = POINTS_SHELF * lines.targeted + POINTS_DISPLAY * lines.display_agreed
    assert (lines.points_possible[applies] == full[applies]).all()
    perfect = applies & (lines.available | ~lines.targeted)
    perfect &= lines.display_found.eq(True) | ~lines.display_agreed
    assert (lines.points_earned[applies] == lines.points_possible[applies]).equals(perfect[applies])


def test_labels_show_the_price_at_the_till(
    world: World, lines: pd.DataFrame, blocks: tuple[Block, ...]
) -> None:
    some = lines[lines.available.astype(bool)]
    retailer = world.stores.retailer[blocks[0].of[0]]
    week = some.day.to_numpy() // 7
    number = (some.category * SPEC.items + some.item).to_numpy()
    cut = [
        blocks[c].drivers.cut[p, i, w]
        for c, p, i, w in zip(some.category, some.place, some.item, week, strict=True)
    ]
    paid = world.prices[retailer, number, week] * (1 - np.array(cut))
    wrong = pd.Series(np.abs(some.shelf_price.to_numpy() - paid) > 0.0051)
    assert near(wrong, ASSUMPTIONS.audit_price_error)
    assert lines.shelf_price[~lines.available.astype(bool)].isna().all()


def test_blocks_may_be_cut_anyhow(world: World, of: np.ndarray, made: Made) -> None:
    parts = [audits(world, each, shelf(world, each)) for each in np.array_split(of, 3)]
    for kind in ("tables", "truth"):
        for name, table in getattr(made, kind).items():
            joined = pd.concat([getattr(part, kind)[name].to_pandas() for part in parts])
            keys = ["visit_id", "product_id", *(["check_name"] if kind == "tables" else [])]
            whole = table.to_pandas().astype(dict.fromkeys(keys, str)).sort_values(keys)
            cut = joined.astype(dict.fromkeys(keys, str)).sort_values(keys)
            for column in whole:
                assert whole[column].astype(str).tolist() == cut[column].astype(str).tolist()


@pytest.fixture(scope="module")
def counts(made: Made) -> pd.DataFrame:
    rows = made.tables["audit_line"].to_pandas()
    return rows[rows.check_name == CHECK].assign(
        number=lambda each: each.product_id.astype(str).str[1:].astype(int) - 1,
        store=lambda each: each.store_id.astype(str).str[1:].astype(int) - 1,
    )


def test_shelf_counts_take_in_the_whole_shelf(
    counts: pd.DataFrame, world: World, of: np.ndarray, blocks: tuple[Block, ...]
) -> None:
    days = (pd.to_datetime(counts.date) - pd.Timestamp(SPEC.first_week)).dt.days
    seen = counts.assign(week=days // 7, category=counts.number // SPEC.items)
    for (category, store, week), lines in list(seen.groupby(["category", "store", "week"]))[::7]:
        block = blocks[category]
        live = block.drivers.live[np.flatnonzero(of == store)[0], :, week]
        assert sorted(lines.number % SPEC.items) == np.flatnonzero(live).tolist()
    assert not counts.targeted.astype(bool).any()
    assert set(world.items.own[counts.number]) == {True, False}


def test_counts_are_sometimes_one_off(
    counts: pd.DataFrame, world: World, of: np.ndarray, blocks: tuple[Block, ...]
) -> None:
    there = np.stack([true_facings(world, block) for block in blocks])
    place = np.searchsorted(of, counts.store)
    told = there[counts.number // SPEC.items, place, counts.number % SPEC.items]
    off = np.abs(counts.facings.to_numpy() - told)
    assert set(off) == {0.0, 1.0}
    assert near(pd.Series(off[told > 1] > 0), ASSUMPTIONS.audit_count_error)


def test_large_stores_have_more_facings(world: World, counts: pd.DataFrame) -> None:
    mean = counts.groupby("store").facings.mean()
    assert np.corrcoef(mean, world.stores.size[mean.index])[0, 1] > 0.5
