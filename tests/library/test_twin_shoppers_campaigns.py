"""Campaigns: what they add against the truth, who is contacted, and how buyers were won."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.randomness import stream
from offtake.twin.shoppers.baskets import baskets
from offtake.twin.shoppers.campaigns import Campaigns, campaign_rows, draw_campaigns
from offtake.twin.shoppers.expected import kept
from offtake.twin.shoppers.households import Households, draw_households
from offtake.twin.shoppers.lines import shoppers_of
from offtake.twin.shoppers.offer import offer_of
from offtake.twin.shoppers.purchases import CAMPAIGN, Wants, purchases, taken
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made, merged

SPEC = TwinSpec(stores=10, weeks=40, households=6_000, categories=("BAG SNACKS", "COFFEE"))
STRONG = replace(ASSUMPTIONS, campaign_lift=0.9, campaign_spread=0.0, deal_won_repeat=1.0)


@dataclass(frozen=True)
class Panel:
    world: World
    households: Households
    campaigns: Campaigns
    made: Made

    @property
    def lines(self) -> pa.Table:
        return self.made.tables["basket_line"]


def panel(spec: TwinSpec, assumed: Assumptions) -> Panel:
    world = make_world(spec, assumed)
    households = draw_households(world)
    campaigns = draw_campaigns(world, households)
    made = merged(
        baskets(world, households, campaigns, of=of, blocks=shelf(world, of))
        for of in blocks_of_stores(world)
    )
    return Panel(world, households, campaigns, made)


@pytest.fixture(scope="module")
def acting() -> Panel:
    return panel(SPEC, STRONG)


@pytest.fixture(scope="module")
def idle() -> Panel:
    return panel(replace(SPEC, without=frozenset({"campaigns"})), STRONG)


@pytest.fixture(scope="module")
def ordinary() -> Panel:
    """Promotions win buyers on deals."""
    return panel(SPEC, ASSUMPTIONS)


def of_households(lines: pa.Table, ids: np.ndarray) -> pa.Table:
    return lines.filter(pc.is_in(pc.cast(lines["household_id"], pa.string()), pa.array(list(ids))))


def brand_sum(one: Panel, brand: int, column: str) -> float:
    return float(brand_amounts(one, brand, column).sum())


def brand_amounts(one: Panel, brand: int, column: str) -> np.ndarray:
    ids = one.world.items.ids[one.world.items.brand == brand]
    mine = pc.is_in(pc.cast(one.lines["product_id"], pa.string()), pa.array(list(ids)))
    return np.asarray(one.lines.filter(mine)[column])


def test_who_is_not_contacted_buys_the_very_same(acting: Panel, idle: Panel) -> None:
    never = acting.households.ids[~acting.campaigns.contacted.any(axis=0)]
    assert 500 < len(never) < SPEC.households
    columns = [name for name in acting.lines.column_names if name != "line"]
    theirs = of_households(acting.lines, never).select(columns).to_pylist()
    assert theirs == of_households(idle.lines, never).select(columns).to_pylist()


def test_who_is_contacted_loses_nothing_that_was_bought_anyway(acting: Panel, idle: Panel) -> None:
    keys = ["basket_id", "product_id", "line"]
    there = {tuple(row.values()) for row in acting.lines.select(keys).to_pylist()}
    before = {tuple(row.values()) for row in idle.lines.select(keys).to_pylist()}
    assert before < there


@pytest.mark.parametrize(
    ("column", "truth"), [("units", "incremental_units"), ("value", "incremental_value")]
)
def test_truth_is_the_difference_to_a_world_without_campaigns(
    acting: Panel, idle: Panel, column: str, truth: str
) -> None:
    rows = acting.made.truth["campaign_household"]
    expected = np.asarray(rows[truth]).reshape(-1)
    campaign = np.array(rows["campaign_id"].to_pylist())
    for brand in np.unique(acting.campaigns.brand):
        mine = np.isin(campaign, acting.campaigns.ids[acting.campaigns.brand == brand])
        found = brand_sum(acting, int(brand), column) - brand_sum(idle, int(brand), column)
        total = expected[mine].sum()
        # A Poisson number of purchases of x each sums up to variance = mean x E x^2 / E x.
        each = brand_amounts(idle, int(brand), column)
        error = np.sqrt(total * (each**2).mean() / each.mean())
        assert abs(found - total) < 4 * error
        # Enough of them to notice a quarter: units per purchase forgotten would be 26 %.
        assert 4 * error < 0.25 * total


def test_what_comes_of_a_wish_is_worked_out_as_it_is_drawn() -> None:
    world = make_world(replace(SPEC, households=3_000), replace(STRONG, out_of_stock=0.25))
    of = blocks_of_stores(world)[0]
    offer = offer_of(world, shelf(world, of)[1])
    brand = int(offer.real.sum(axis=1).argmax())  # several items: one can stand in for another
    assert offer.real[brand].sum() > 1
    shoppers = shoppers_of(households := draw_households(world), *households.of_stores(of))
    random, many = stream(1, "test"), 300_000
    who = random.integers(0, shoppers.count, many)
    week = random.integers(0, SPEC.weeks, many)
    there = offer.on_offer[shoppers.place[who], brand, week] > 0
    who, week = who[there], week[there]
    wants = Wants(who, week, np.full(len(who), brand), np.arange(len(who)))
    lines = taken(world, offer, shoppers, wants)
    stays = lines.brand == offer.first_brand + brand
    comes = kept(world, offer, brand, np.arange(SPEC.weeks))
    at = (shoppers.place[who], week, shoppers.main_day[who])
    share = comes.share[at].mean()
    assert share < 0.95  # shelves are empty often enough for reactions to matter
    # A share of 300,000 wishes: four errors are a third of a percent.
    error = np.sqrt(share * (1 - share) / len(who))
    assert abs(stays.sum() / len(who) - share) < 4 * error
    paid = np.where(stays, lines.paid, 0.0)
    error = np.sqrt((paid**2).sum() / len(who) - comes.money[at].mean() ** 2) / np.sqrt(len(who))
    assert abs(paid.sum() / len(who) - comes.money[at].mean()) < 4 * error


def test_no_two_purchases_share_their_numbers(acting: Panel) -> None:
    of = blocks_of_stores(acting.world)[0]
    offer = offer_of(acting.world, shelf(acting.world, of)[1])
    shoppers = shoppers_of(acting.households, *acting.households.of_stores(of))
    lines = purchases(acting.world, offer, shoppers, acting.campaigns)
    assert (lines.identity >= CAMPAIGN).sum() > 50
    assert len(np.unique(lines.identity)) == lines.count


def test_only_who_is_contacted_has_anything_to_add(acting: Panel) -> None:
    rows = acting.made.truth["campaign_household"]
    contacted, added = np.asarray(rows["contacted"]), np.asarray(rows["incremental_units"])
    assert rows.num_rows == acting.campaigns.count * SPEC.households
    assert (added[~contacted] == 0).all()
    assert (added[contacted] > 0).mean() > 0.5


def test_contact_is_as_frequent_as_assumed_and_goes_to_heavy_buyers(acting: Panel) -> None:
    for campaign, brand in enumerate(acting.campaigns.brand):
        contacted = acting.campaigns.contacted[campaign]
        reach = STRONG.campaign_reach
        error = np.sqrt(reach * (1 - reach) / SPEC.households)
        assert abs(contacted.mean() - reach) < 4 * error
        rate = acting.households.rate[:, acting.world.brands.category[brand]]
        assert rate[contacted].mean() > 1.3 * rate[~contacted].mean()


def test_lift_fades_after_the_campaign() -> None:
    world = make_world(SPEC, STRONG)
    campaigns = draw_campaigns(world, draw_households(world))
    start = int(campaigns.start[0])
    course = campaigns.log_lift[0, start - 1 : start + 9] / campaigns.lift[0]
    assert course.round(6).tolist() == [0, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0]


def test_coupons_are_handed_in_once_by_holders_on_the_brand(ordinary: Panel) -> None:
    rows = ordinary.made.tables["redemption"].to_pylist()
    assert len(rows) > 20
    assert len({(row["campaign_id"], row["household_id"]) for row in rows}) == len(rows)
    plan = campaign_rows(ordinary.world, ordinary.households, ordinary.campaigns)
    days = {row["campaign_id"]: row for row in plan.tables["campaign"].to_pylist()}
    for row in rows:
        campaign = days[row["campaign_id"]]
        assert campaign["first_day"] <= row["date"] <= campaign["last_day"]
    holders = ordinary.campaigns.holds.sum()
    contacts = ordinary.campaigns.contacted.sum()
    assert len(rows) <= holders
    share = ASSUMPTIONS.redemption
    assert abs(holders / contacts - share) < 4 * np.sqrt(share * (1 - share) / contacts)
    assert pc.sum(pc.greater(ordinary.lines["coupon_discount"], 0)).as_py() == len(rows)


def test_nobody_hands_in_coupons_in_a_world_without_campaigns(idle: Panel) -> None:
    assert idle.made.tables["redemption"].num_rows == 0
    assert (np.asarray(idle.made.truth["campaign_household"]["incremental_units"]) == 0).all()


def test_first_purchases_are_what_the_truth_says_won_the_household(ordinary: Panel) -> None:
    trial = frame(ordinary.made.truth["trial"])
    first = with_brand(ordinary).groupby(["household_id", "brand"])["date"].min()
    truth = trial.set_index(["household_id", "brand"])["date"].sort_index()
    assert truth.index.equals(first.index)
    assert (truth == first).all()
    assert set(trial["trigger"]) == {"coupon", "display", "leaflet", "deal", "full price"}
    assert not trial.loc[trial["trigger"] == "full price", "on_deal"].any()
    assert trial.loc[trial["trigger"] == "deal", "on_deal"].all()


def frame(table: pa.Table) -> pd.DataFrame:
    found = table.to_pandas()
    return found.astype(dict.fromkeys(found.columns[found.dtypes == "category"], str))


def with_brand(one: Panel) -> pd.DataFrame:
    lines = frame(one.lines)
    brand = dict(zip(one.world.items.ids, one.world.items.brand, strict=True))
    lines["brand"] = one.world.brands.names[lines["product_id"].map(brand).astype(int)]
    return lines


def repeats(one: Panel) -> tuple[int, int]:
    """Count purchases after the first by households won at full price, and on a deal."""
    lines = with_brand(one).groupby(["household_id", "brand"]).size()
    trial = frame(one.made.truth["trial"]).set_index(["household_id", "brand"])
    later = (lines - 1).reindex(trial.index)
    return int(later[~trial["on_deal"]].sum()), int(later[trial["on_deal"]].sum())


def test_who_was_won_on_a_deal_buys_less_often_again_by_the_ratio_in_the_truth() -> None:
    free = panel(SPEC, replace(ASSUMPTIONS, deal_won_repeat=1.0))
    held = panel(SPEC, ASSUMPTIONS)
    (full, deal), (full_held, deal_held) = repeats(free), repeats(held)
    assert full_held == full
    share = ASSUMPTIONS.deal_won_repeat
    assert abs(deal_held / deal - share) < 4 * np.sqrt(share * (1 - share) / deal)


def test_price_cuts_that_do_nothing_win_nobody_for_less() -> None:
    spec = replace(SPEC, households=500, without=frozenset({"promoted_price"}))
    trial = panel(spec, ASSUMPTIONS).made.truth["trial"]
    assert pc.any(trial["on_deal"]).as_py()
    assert pc.min(trial["repeat"]).as_py() == 1
