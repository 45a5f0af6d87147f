"""Rows of households, campaigns, baskets and survey: repeatable, whole, and taken in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from offtake.data.contracts.registry import contract
from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.twin.assumptions import reaction
from offtake.twin.market.shelf import shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.shoppers import baskets as baskets_module
from offtake.twin.shoppers.baskets import baskets
from offtake.twin.shoppers.campaigns import campaign_rows, draw_campaigns
from offtake.twin.shoppers.households import draw_households, household_rows
from offtake.twin.shoppers.survey import survey
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made, merged

SPEC = TwinSpec(
    stores=12, weeks=30, households=600, respondents=60, categories=("BAG SNACKS", "COFFEE")
)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(SPEC)


def in_parts(world: World, parts: int) -> Made:
    """Let everybody shop, the stores of each retailer cut into at most `parts` blocks."""
    households = draw_households(world)
    campaigns = draw_campaigns(world, households)
    retailers = [
        np.flatnonzero(world.stores.retailer == each) for each in np.unique(world.stores.retailer)
    ]
    cut = [part for stores in retailers for part in np.array_split(stores, min(parts, len(stores)))]
    return merged(
        baskets(world, households, campaigns, of=of, blocks=shelf(world, of)) for of in cut
    )


@pytest.fixture(scope="module")
def bought(world: World) -> Made:
    return in_parts(world, 1)


@pytest.fixture(scope="module")
def everything(world: World, bought: Made) -> Made:
    households = draw_households(world)
    campaigns = draw_campaigns(world, households)
    return merged(
        [
            household_rows(world, households),
            campaign_rows(world, households, campaigns),
            bought,
            survey(world),
        ]
    )


def same(one: Made, other: Made) -> None:
    for mine, theirs in ((one.tables, other.tables), (one.truth, other.truth)):
        assert list(mine) == list(theirs)
        for name in mine:
            left, right = plain(mine[name]), plain(theirs[name])
            assert left.equals(right), name


def plain(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas()
    for name in frame.columns[frame.dtypes == "category"]:
        frame[name] = frame[name].astype(str)
    return frame.sort_values(list(frame.columns), ignore_index=True)


def test_two_calls_give_the_same(bought: Made) -> None:
    again = in_parts(make_world(SPEC), 1)
    for name, table in bought.tables.items():
        assert table.equals(again.tables[name])


def test_another_seed_gives_other_rows(bought: Made) -> None:
    other = in_parts(make_world(replace(SPEC, seed=8)), 1)
    assert not other.tables["basket_line"].equals(bought.tables["basket_line"])


def test_other_blocks_give_the_same_rows(world: World, bought: Made) -> None:
    same(bought, in_parts(world, 3))


def test_other_parts_of_a_block_give_the_same_rows(
    world: World, bought: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baskets_module, "CELLS", 1)
    same(bought, in_parts(world, 1))


def test_every_table_is_taken_in_with_nothing_set_aside(
    world: World, everything: Made, tmp_path: Path
) -> None:
    masters = {
        "product": pa.table({"product_id": list(world.items.ids)}),
        "store": pa.table({"store_id": list(world.stores.ids)}),
    }
    order = ["household", "campaign", "campaign_contact", "coupon"]
    order += ["basket_line", "redemption", "survey_answer", "message_recall"]
    assert set(order) == set(everything.tables)
    with Store(":memory:") as store:
        for name, table in (masters | {name: everything.tables[name] for name in order}).items():
            pq.write_table(table, tmp_path / f"{name}.parquet")
            load = load_file(store, tmp_path / f"{name}.parquet", as_contract=name)
            assert load.loaded == load.rows_in == table.num_rows > 0
            assert load.set_aside == load.duplicate == load.combined == 0
            assert not load.unused_columns
            assert not load.unchecked_references


def test_columns_are_those_of_the_contracts(everything: Made) -> None:
    for name, table in everything.tables.items():
        assert set(table.column_names) <= set(contract(name).column_names)


def test_lines_are_paid_as_the_store_asked(world: World, bought: Made) -> None:
    lines = bought.tables["basket_line"].to_pandas()
    assert (lines["units"] >= 1).all()
    assert (lines["coupon_discount"] <= lines["value"]).all()
    item = lines["product_id"].map({name: at for at, name in enumerate(world.items.ids)})
    store = lines["store_id"].map({name: at for at, name in enumerate(world.stores.ids)})
    week = (lines["date"].to_numpy().astype("datetime64[D]") - world.weeks[0]).astype(int) // 7
    regular = world.prices[world.stores.retailer[store.astype(int)], item.astype(int), week]
    full = (lines["value"] + lines["retailer_discount"]).to_numpy()
    assert full == pytest.approx((lines["units"] * regular).to_numpy(), abs=0.006)


def test_a_basket_is_one_household_store_and_day(bought: Made) -> None:
    lines = bought.tables["basket_line"].to_pandas()
    by = lines.groupby("basket_id")[["household_id", "store_id", "date"]].nunique()
    assert (by == 1).all(axis=None)
    days = lines.groupby(["household_id", "date"], observed=True)["basket_id"].nunique()
    assert (days == 1).all()
    assert lines.groupby("basket_id").size().max() > 1


def test_nobody_buys_what_is_not_on_the_shelf(world: World, bought: Made) -> None:
    of = np.flatnonzero(world.stores.retailer == 0)
    lines = bought.tables["basket_line"].to_pandas()
    for block in shelf(world, of):
        mine = world.items.ids[world.of_category(block.category)]
        here = lines[lines["product_id"].isin(mine) & lines["store_id"].isin(world.stores.ids[of])]
        place = np.searchsorted(world.stores.ids[of], here["store_id"].astype(str))
        item = np.searchsorted(mine, here["product_id"].astype(str))
        day = (here["date"].to_numpy().astype("datetime64[D]") - world.weeks[0]).astype(int)
        assert block.drivers.live[place, item, day // 7].all()
        assert (block.outages.lost[place, item, day] < 0.5).all()


def test_empty_shelves_cost_purchases_as_the_published_reactions_say() -> None:
    # Everywhere the same number of shelves is empty; nobody is sent to or kept from a brand.
    spec = replace(SPEC, households=4_000, weeks=52, categories=("COFFEE",))
    full = in_parts(make_world(replace(spec, without=frozenset({"out_of_stock"}))), 1)
    gaps = in_parts(make_world(spec), 1)
    before, after = (each.tables["basket_line"].num_rows for each in (full, gaps))
    react, level = reaction("COFFEE"), 0.083
    lost = level * (react.other_store + react.no_purchase)
    most = level  # were everybody lost who finds nothing
    assert lost * 0.6 < 1 - after / before < most * 1.4


def test_a_panel_and_a_survey_of_nobody() -> None:
    world = make_world(replace(SPEC, households=0, respondents=0))
    made = in_parts(world, 1)
    assert {table.num_rows for table in made.tables.values()} == {0}
    assert survey(world).tables["survey_answer"].num_rows == 0
    assert household_rows(world, draw_households(world)).tables["household"].num_rows == 0
