"""Gaps and voids: what is missing, how likely, what it is worth; known answers and properties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.errors import BadInputError
from offtake.models.availability.gap_spec import REASONS, ClosingShares, GapSpec
from offtake.models.availability.gap_tables import gap_table, gap_tables
from offtake.models.availability.gaps import Gaps, gaps, season
from offtake.models.availability.listing_rows import AssortmentProfile
from offtake.models.availability.recovery import Recovery
from offtake.models.availability.similar import (
    chance_of_none,
    gamma_interval,
    leading,
    similar_sales,
    similar_stores,
)
from tests.library.small_listings import rows_of, stopped

EVERY = GapSpec(least_probability=0.0, least_units=0.0)
STORES, ITEMS, WEEKS = 12, 4, 30


def market(rate: float = 5.0) -> np.ndarray:
    """Twelve stores alike that sell four items at one rate every week."""
    return np.full((STORES, ITEMS, WEEKS), rate)


def reason_of(found: Gaps, store: int, item: int) -> str:
    at = np.flatnonzero((found.store == store) & (found.item == item))
    return REASONS[int(found.reason[at[0]])] if at.size else "no gap"


def the_gap(found: Gaps, store: int, item: int) -> Gaps:
    return found.where(np.flatnonzero((found.store == store) & (found.item == item)))


def test_stores_that_sell_the_same_are_near() -> None:
    store, item = np.nonzero(np.kron(np.eye(2), np.ones((3, 4))))
    profile = AssortmentProfile(store, item, np.full(store.size, 9.0))
    found = similar_stores(profile, np.zeros(6, np.int64), 8, neighbours=2)
    assert {frozenset(found.near[0, s].tolist()) | {s} for s in range(6)} == {
        frozenset({0, 1, 2}),
        frozenset({3, 4, 5}),
    }


def test_few_leading_dimensions_are_those_of_the_whole_split() -> None:
    from scipy.sparse import csr_array

    sold = csr_array(np.random.default_rng(5).random((60, 25)) ** 4)
    (some, few), (every, all_of) = leading(sold, 6, whole=10), leading(sold, 6)
    assert np.sort(some) == pytest.approx(every)
    assert np.abs(few.T @ all_of).max(axis=1) == pytest.approx(1.0)


def test_an_item_takes_no_part_in_who_is_its_neighbour() -> None:
    # Without item 0 all stores are alike; were it counted, sellers would only be near sellers.
    units = market()
    units[6:, 0] = 0.0
    rows = rows_of(units)
    near = similar_stores(rows.profile, rows.retailer, ITEMS, neighbours=11)
    assert np.ptp(near.weight[0]) == pytest.approx(0.0)
    share = similar_sales(rows, near).share
    assert share[0, 0] == pytest.approx(share[11, 0], abs=0.1)


def test_neighbours_are_of_the_same_retailer() -> None:
    retailer = np.repeat([0, 1], 6)
    rows = rows_of(market(), retailer=retailer)
    found = similar_stores(rows.profile, retailer, ITEMS, neighbours=20)
    assert (retailer[found.near] == retailer[:, None]).all()
    assert found.near.shape == (4, 12, 5)


def test_a_store_alone_at_its_retailer_has_no_gaps() -> None:
    units = market()
    units[0, 0] = 0.0
    rows = rows_of(units, retailer=np.array([1] + [0] * 11))
    assert reason_of(gaps(rows, EVERY), 0, 0) == "no gap"


def test_the_chance_of_no_sale_is_that_of_a_gamma_poisson_count() -> None:
    from scipy.stats import nbinom

    mean, shape = np.array([0.1, 2.0, 30.0]), 1.7
    assert chance_of_none(mean, shape) == pytest.approx(
        nbinom.pmf(0, shape, shape / (shape + mean))
    )


def test_the_interval_of_a_rate_holds_80_percent() -> None:
    from scipy.stats import gamma

    low, high = gamma_interval(np.array([0.5, 4.0]))
    held = [
        gamma.cdf(b * a, a) - gamma.cdf(c * a, a)
        for a, b, c in ((0.5, high[0], low[0]), (4.0, high[1], low[1]))
    ]
    assert held == pytest.approx([0.8, 0.8])


def test_every_reason_by_hand() -> None:
    units, listed = market(), np.ones((STORES, ITEMS), bool)
    units[0, 0] = 0.0  # listed, never came
    units[1, 1, 12:] = 0.0  # gone for eighteen weeks
    units[2, 2] = 0.0  # nobody listed it
    listed[2, 2] = False
    found = gaps(rows_of(units, listed=listed), EVERY)
    assert reason_of(found, 0, 0) == "listed_never_sold"
    assert reason_of(found, 1, 1) == "lost"
    assert reason_of(found, 2, 2) == "void"
    assert found.size == 3
    assert (found.absent > 0.9).all()


def test_what_it_would_sell_is_what_it_sells_elsewhere() -> None:
    units = market()
    units[0, 0] = 0.0
    units[1, 1, 12:] = 0.0
    found = gaps(rows_of(units, listed=np.ones((STORES, ITEMS), bool)), EVERY)
    assert found.units == pytest.approx([5.0, 5.0], rel=0.05)
    assert (found.units_low < 5.0).all()
    assert (found.units_high > 5.0).all()


def test_a_slow_item_without_a_sale_may_well_be_there() -> None:
    random = np.random.default_rng(3)
    units = random.poisson(0.04, (60, 5, 30)).astype(float)
    units[:, 4] = random.poisson(9.0, (60, 30))
    rows = rows_of(units, listed=np.ones((60, 5), bool))
    found = gaps(rows, EVERY)
    assert found.size > 20
    assert found.absent.mean() < 0.4


def test_no_gap_where_the_store_does_not_trade_or_the_retailer_has_dropped_the_item() -> None:
    units = market()
    units[0, :, 15:] = 0.0  # closed
    units[:, 1, 15:] = 0.0  # dropped everywhere
    assert gaps(rows_of(units, listed=np.ones((STORES, ITEMS), bool)), EVERY).size == 0


def test_a_listing_that_has_just_begun_is_no_gap() -> None:
    from dataclasses import replace

    units, listed = market(), np.ones((STORES, ITEMS), bool)
    units[0, 0] = 0.0
    rows = rows_of(units, listed=listed)
    since = rows.listed_from.copy()
    since[0] = rows.monday(np.array(WEEKS - 2))
    assert gaps(replace(rows, listed_from=since), EVERY).size == 0


def test_a_listing_that_has_ended_is_no_gap() -> None:
    from dataclasses import replace

    units = market()
    units[0, 0, 10:] = 0.0
    rows = rows_of(units, listed=np.ones((STORES, ITEMS), bool))
    ended = rows.listed_to.copy()
    ended[0] = rows.monday(np.array(10))
    assert gaps(replace(rows, listed_to=ended), EVERY).size == 0


def test_few_similar_stores_that_sell_it_make_no_void() -> None:
    units = market()
    units[2:, 0] = 0.0
    assert gaps(rows_of(units), GapSpec()).size == 0
    some = gaps(rows_of(units), GapSpec(least_share=0.0, least_probability=0.0))
    assert some.size == 10


def test_worth_is_margin_where_it_is_known_else_retail_value() -> None:
    units = market()
    units[0, 0] = 0.0
    listed = np.ones((STORES, ITEMS), bool)
    plain = gaps(rows_of(units, listed=listed, price=3.0), EVERY)
    earned = gaps(rows_of(units, listed=listed, price=3.0, margin=0.6), EVERY)
    assert plain.worth.tolist() == [3.0]
    assert earned.worth.tolist() == [0.6]
    assert plain.value[0] == pytest.approx(5 * earned.value[0])
    expected = 13 * earned.probability[0] * earned.units[0] * 0.6 * 0.5 * Recovery().brand_loses
    assert earned.value[0] == pytest.approx(expected)


def test_what_is_recovered_follows_the_stated_assumptions() -> None:
    units = market()
    units[0, 0] = 0.0
    rows = rows_of(units, listed=np.ones((STORES, ITEMS), bool))
    half = gaps(rows, GapSpec(closing=ClosingShares(listed_never_sold=0.25)))
    none = gaps(rows, GapSpec(closing=ClosingShares(listed_never_sold=0.0)))
    longer = gaps(rows, GapSpec(horizon=26))
    whole = gaps(rows)
    assert half.value == pytest.approx(whole.value / 2)
    assert longer.value == pytest.approx(whole.value * 2)
    assert none.value.tolist() == [0.0]


def test_filters_on_items_leave_the_others_to_compare_with() -> None:
    from dataclasses import replace

    units = market()
    units[0, 0], units[1, 1] = 0.0, 0.0
    rows = rows_of(units)
    own = np.array([True, False, False, False])
    whole, mine = gaps(rows, EVERY), gaps(replace(rows, own=own), EVERY)
    assert set(whole.item.tolist()) == {0, 1}
    assert mine.item.tolist() == [0]
    assert mine.probability == pytest.approx(the_gap(whole, 0, 0).probability)


def test_out_of_season_a_gap_is_worth_less() -> None:
    units = np.full((STORES, 2, 70), 5.0)
    summer = np.r_[0:9, 53:61]
    units[:, 0] = 0.5
    units[:, 0, summer] = 10.0
    rows = rows_of(units[:, :, :61])
    ahead = season(rows, 13)
    assert ahead[0] == pytest.approx(0.06, abs=0.03)
    assert ahead[1] == pytest.approx(1.0)
    assert season(rows_of(units[:, :, :40]), 13).tolist() == [1.0, 1.0]


def test_the_table_says_what_the_arrays_say() -> None:
    units = market()
    units[0, 0] = 0.0
    units[1, 1, 12:] = 0.0
    rows = rows_of(units, listed=np.ones((STORES, ITEMS), bool))
    found = gaps(rows, EVERY)
    table = gap_table(rows, found).to_pylist()
    assert [row["rank"] for row in table] == [1, 2]
    lost = next(row for row in table if row["reason"] == "lost")
    assert (lost["store_id"], lost["product_id"]) == ("S001", "P001")
    assert lost["last_sold"] == date(2024, 3, 18)
    assert lost["weeks_without"] == 18
    assert lost["money"] == pytest.approx(2.0 * lost["units"])
    assert next(row for row in table if row["reason"] != "lost")["last_sold"] is None
    assert sum(row["recoverable_over_horizon"] for row in table) == pytest.approx(found.value.sum())
    visits = {row["store_id"]: row["recoverable_per_visit"] for row in table}
    assert sum(visits.values()) == pytest.approx(found.value.sum())


def test_a_category_gives_three_tables() -> None:
    units = market()
    units[0, 0] = 0.0
    tables = gap_tables(rows_of(units), EVERY)
    assert {name: table.num_rows for name, table in tables.items()} == {
        "availability_gaps": 1,
        "availability_builds": 0,
        "availability_delistings": 0,
    }
    everywhere = gap_tables(rows_of(market()), EVERY)
    assert everywhere["availability_gaps"].num_rows == 0
    assert everywhere["availability_gaps"].schema.names == tables["availability_gaps"].schema.names


@st.composite
def small_markets(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    stores, items = draw(st.integers(2, 7)), draw(st.integers(1, 5))
    weeks = draw(st.integers(9, 20))
    rate = random.gamma(0.7, draw(st.floats(0.2, 8.0)), (stores, items, 1))
    there = random.random((stores, items, 1)) < 0.7
    units = random.poisson(rate * there, (stores, items, weeks)).astype(float)
    units[:, 0, 0] += 1.0
    return units, random.random((stores, items)) < draw(st.floats(0.0, 1.0))


@settings(max_examples=40, deadline=None)
@given(small_markets())
def test_whatever_the_market_chances_are_chances_and_ranks_are_in_order(
    made: tuple[np.ndarray, np.ndarray],
) -> None:
    units, listed = made
    rows = rows_of(units, listed=listed)
    found = gaps(rows, EVERY)
    for chance in (found.probability, found.absent, found.share):
        assert ((chance >= 0) & (chance <= 1)).all()
    assert (found.probability <= found.absent + 1e-12).all()
    assert (found.share_low <= found.share_high).all()
    assert (found.units_low <= found.units_high).all()
    assert np.isfinite(found.value).all()
    assert (np.diff(np.round(100 * found.value)) <= 0).all()
    pairs = found.store * rows.shape[1] + found.item
    assert np.unique(pairs).size == found.size
    sold = units[:, :, -rows.latest :].sum(axis=2)
    assert (sold[found.store, found.item] == 0).all()
    assert rows.open[found.store].all()


@settings(max_examples=15, deadline=None)
@given(small_markets(), st.integers(0, 1000))
def test_the_order_of_stores_changes_nothing(
    made: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    units, listed = made
    order = np.random.default_rng(seed).permutation(len(units))
    # Fewer neighbours than stores could be chosen among equals by their place.
    spec = GapSpec(least_probability=0.0, least_units=0.0, neighbours=10)
    one = gaps(rows_of(units, listed=listed), spec)
    two = gaps(rows_of(units[order], listed=listed[order]), spec)
    assert one.size == two.size
    assert one.value.sum() == pytest.approx(two.value.sum(), rel=1e-5, abs=1e-6)


def test_more_weeks_without_a_sale_make_a_loss_likelier() -> None:
    random = np.random.default_rng(7)
    units = random.poisson(1.0, (30, 4, 40)).astype(float)
    rows = rows_of(units, listed=np.ones((30, 4), bool))
    one = np.zeros(rows.size, bool)
    one[0] = True
    chances = [
        the_gap(gaps(stopped(rows, one, week), EVERY), 0, 0).absent[0] for week in (32, 26, 20)
    ]
    assert chances == sorted(chances)
    assert chances[-1] > 0.9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ClosingShares(lost=1.2), "lost: got 1.2, allowed: 0 to 1"),
        (lambda: GapSpec(horizon=0), "horizon: got 0, allowed: 1 to 520"),
        (lambda: GapSpec(neighbours=0), "neighbours: got 0"),
    ],
)
def test_assumptions_out_of_range_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        make()
