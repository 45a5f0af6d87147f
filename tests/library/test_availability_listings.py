"""Stops with their dates, builds of new items, and all of it on a market whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError
from offtake.models.availability.chain_stopping import chain_stops
from offtake.models.availability.gap_spec import REASONS, GapSpec
from offtake.models.availability.gap_tables import build_table, delisting_table, gap_table
from offtake.models.availability.gaps import gaps
from offtake.models.availability.histories import Histories, histories
from offtake.models.availability.listing_query import listing_rows
from offtake.models.availability.listing_rows import ListingRows
from offtake.models.availability.listings import NewItemSpec, builds, delistings, new_items
from offtake.models.availability.stopping import StoppingSpec, dispersion, stops
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from tests.library.small_listings import SPEC, rows_of, stopped, twin_rows
from tests.library.small_market import fill

EVERY = GapSpec(least_probability=0.0, least_units=0.0)


def history(*series: list[float], expected: float = 3.0) -> Histories:
    units = np.array(series)
    weeks = units.shape[1]
    last = weeks - 1 - np.argmax(units[:, ::-1] > 0, axis=1)
    return Histories(np.zeros(len(units), np.int64), last, units, np.full(units.shape, expected))


def test_the_chance_of_a_stop_is_that_of_summing_over_rates_by_brute_force() -> None:
    spec = StoppingSpec(shape=1.5)
    found = history([2.0, 4.0, 3.0, 1.0, 3.0, 2.0, 0.0, 0.0, 0.0], expected=2.5)
    told = stops(found, spec)
    rates = np.linspace(1e-4, 12, 40_000)
    prior = rates**0.5 * np.exp(-1.5 * rates)
    weeks, scatter, scale = 9, told.dispersion[0], told.scale
    likelihood = [
        (prior * rates ** (15 / scatter) * np.exp(-rates * scale * 2.5 * (t + 1) / scatter)).sum()
        for t in range(weeks)
    ]
    hazard, onset = told.hazard, spec.outages_a_year / (365.25 / 7)
    gone = sum(likelihood[t] * hazard * (1 - hazard) ** t for t in range(5, 8))
    stay = (1 - hazard) ** weeks
    away = sum(likelihood[t] * stay * onset * (1 - 0.5) ** (weeks - 2 - t) for t in range(5, 8))
    total = gone + away + stay * likelihood[-1]
    assert told.gone[0] == pytest.approx(gone / total, rel=1e-3)
    assert told.away[0] == pytest.approx(away / total, rel=1e-3)


def test_a_stop_is_dated_to_its_week() -> None:
    told = stops(history([3.0] * 10 + [0.0] * 10, [3.0] * 15 + [0.0] * 5, [3.0] * 20))
    assert told.week[:2].tolist() == [10, 15]
    assert told.gone[0] > 0.9
    assert told.gone[2] == 0.0
    assert (told.early <= told.week).all()
    assert (told.late >= told.week).all()


def test_a_pair_that_sells_to_the_end_has_not_stopped() -> None:
    told = stops(history([0.0] * 10 + [3.0] * 10))
    assert (told.gone[0], told.away[0]) == (0.0, 0.0)


def test_dispersion_is_that_of_the_counts() -> None:
    random = np.random.default_rng(2)
    rate = np.repeat(random.uniform(1, 20, 400)[:, None], 60, axis=1)
    poisson = Histories(
        np.zeros(400, np.int64), np.full(400, 59), random.poisson(rate).astype(float), rate
    )
    assert np.median(dispersion(poisson)) == pytest.approx(1.0, abs=0.1)
    size = 2.0
    counts = random.negative_binomial(size, size / (size + rate)).astype(float)
    wide = dispersion(replace(poisson, units=counts))
    assert wide == pytest.approx(1 + rate[:, 0] / size, rel=0.25)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(1, 12))
def test_chances_of_stops_are_chances(seed: int, weeks: int, pairs: int) -> None:
    random = np.random.default_rng(seed)
    units = random.poisson(random.gamma(0.7, 2.0, (pairs, 1)), (pairs, weeks)).astype(float)
    units[:, random.integers(weeks) :] *= random.random((pairs, 1)) < 0.5
    units[:, 0] += 1.0
    found = history(*units.tolist())
    told = stops(found)
    both = told.gone + told.away
    assert ((told.gone >= 0) & (told.away >= 0) & (both <= 1 + 1e-9)).all()
    assert (told.week > found.last).all()
    chain = chain_stops(told, np.zeros(pairs, np.int64), np.zeros(pairs, np.int64))
    assert ((chain.pair_gone >= 0) & (chain.pair_gone <= 1 + 1e-9)).all()
    assert 0 <= chain.gone[0] <= 1


def retailers_market() -> np.ndarray:
    """Return units of 20 stores, 3 items, 40 weeks; slow sellers: one store tells little."""
    random = np.random.default_rng(11)
    units = random.poisson(0.5, (20, 3, 40)).astype(float)
    units[:, 2] += 6.0
    return units


def test_a_retailer_that_drops_an_item_is_seen_where_no_store_of_its_own_is_enough() -> None:
    units = retailers_market()
    units[:10, 0, 28:] = 0.0
    rows = rows_of(units, retailer=np.repeat([0, 1], 10))
    found = delistings(rows)
    whole = found.store < 0
    assert found.item[whole].tolist() == [0]
    assert found.retailer[whole].tolist() == [0]
    assert abs(int(found.week[whole][0]) - 28) <= 1
    stores = found.store[~whole]
    assert set(stores.tolist()) == set(range(10))
    assert (found.probability[~whole] > 0.8).all()
    table = delisting_table(rows, found).to_pylist()
    assert table[0]["scope"] == "retailer"
    assert table[0]["store_id"] is None
    assert table[0]["stopped_low"] <= table[0]["stopped"] <= table[0]["stopped_high"]
    assert table[0]["stores_before"] == pytest.approx(10, abs=1.0)


def test_nothing_is_delisted_where_everything_sells() -> None:
    assert delistings(rows_of(retailers_market())).size == 0


def test_ups_and_downs_of_the_other_stores_excuse_a_pair() -> None:
    units = retailers_market()
    units[:, 0, 28:] = 0.0
    rows = rows_of(units)
    pairs = np.flatnonzero(rows.item == 0)
    alone, alike = (stops(histories(rows, pairs, alike=flag)) for flag in (False, True))
    assert alike.gone.mean() < alone.gone.mean()


def test_a_build_by_hand() -> None:
    units = np.full((4, 2, 20), 5.0)
    units[:, 1] = 0.0
    units[0, 1, 10:] = 2.0
    units[1, 1, 12:] = 2.0
    units[2, 0] = 10.0
    listed = np.ones((4, 2), bool)
    rows = rows_of(units, listed=listed)
    begun = rows.listed_from.copy()
    begun[rows.item == 1] = rows.monday(np.array(10))
    rows = replace(rows, listed_from=begun)
    assert [each.tolist() for each in new_items(rows)] == [[1], [10]]
    found = builds(rows)
    assert found.week.tolist() == list(range(10, 20))
    assert found.reached.tolist() == [1, 1] + [2] * 8
    assert found.selling.tolist() == [1, 1] + [2] * 8
    assert found.listed.tolist() == [4.0] * 10
    assert found.numeric[-1] == 50.0
    size = units.sum(axis=(1, 2))
    assert found.weighted[-1] == pytest.approx(100 * size[:2].sum() / size.sum())
    assert found.plan_weighted[-1] == pytest.approx(100.0)
    table = build_table(rows, found).to_pylist()
    assert table[0]["launched"] == date(2024, 3, 11)
    assert table[-1]["points_behind_plan"] == pytest.approx(100 - found.weighted[-1])


def test_without_a_list_there_is_no_plan_and_a_rare_seller_is_not_new() -> None:
    units = np.full((6, 3, 30), 5.0)
    units[:, 1:] = 0.0
    units[0, 1, 20] = 1.0  # sold once: may have been there all the time
    units[:, 2, 15:] = 4.0
    rows = rows_of(units)
    assert new_items(rows)[0].tolist() == [2]
    table = build_table(rows, builds(rows)).to_pylist()
    assert {row["stores_listed"] for row in table} == {None}
    assert {row["points_behind_plan"] for row in table} == {None}


def test_no_new_item_gives_an_empty_table() -> None:
    rows = rows_of(np.full((4, 2, 20), 5.0))
    assert build_table(rows, builds(rows)).num_rows == 0


def test_sums_over_retailers_are_those_of_all() -> None:
    units = np.full((6, 2, 30), 5.0)
    units[:, 1, :15] = 0.0
    rows = rows_of(units, retailer=np.array([0, 0, 1, 1, 1, 1]))
    found = builds(rows)
    for name in ("active", "selling", "reached", "units"):
        values, whole = getattr(found, name), found.retailer == "all"
        assert values[~whole].sum() == pytest.approx(values[whole].sum())


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> ListingRows:
    return twin_rows(tmp_path_factory.getbasetemp() / "listings")


def test_the_twin_is_read_as_it_was_written(rows: ListingRows) -> None:
    assert rows.shape == (SPEC.stores, SPEC.items)
    assert rows.weeks == SPEC.weeks
    assert rows.has_list
    assert rows.totals().sum() == pytest.approx(rows.by_week().sum())
    assert (rows.first <= rows.last).all()
    assert ((rows.first >= 0) | ~np.isnat(rows.listed_from)).all()


def test_delistings_of_the_twin_are_found_with_their_dates(rows: ListingRows) -> None:
    ended = ~np.isnat(rows.listed_to) & ~rows.listed_now & (rows.first >= 0)
    assert ended.sum() >= 30
    day = (rows.listed_to - rows.first_week).astype(np.int64) + 1
    true = dict(
        zip(zip(rows.store[ended], rows.item[ended], strict=True), day[ended] // 7, strict=True)
    )
    found = delistings(rows)
    one = found.store >= 0
    told = dict(
        zip(zip(found.store[one], found.item[one], strict=True), found.week[one], strict=True)
    )
    right = set(told) & set(true)
    assert len(right) / len(told) >= 0.95
    assert len(right) / len(true) >= 0.95
    assert np.mean([abs(int(told[at]) - int(true[at])) for at in right]) <= 1.0
    chains = {(int(rows.retailer[store]), int(item)) for store, item in true}
    whole = ~one
    assert {
        (int(r), int(i)) for r, i in zip(found.retailer[whole], found.item[whole], strict=True)
    } == chains


def test_what_never_reached_the_shelf_in_the_twin_is_told_as_likely(
    rows: ListingRows, tmp_path_factory: pytest.TempPathFactory
) -> None:
    truth = read_truth(tmp_path_factory.getbasetemp() / "listings" / "twin", "void")
    void = set(zip(truth["store_id"].to_pylist(), truth["product_id"].to_pylist(), strict=True))
    found = gaps(rows, EVERY)
    never = found.where(np.flatnonzero(found.reason == REASONS.index("listed_never_sold")))
    ids = zip(rows.names.stores[never.store], rows.names.items[never.item], strict=True)
    is_void = np.array([(str(store), str(item)) in void for store, item in ids])
    assert never.size >= 15
    # On the cautious side: items that never sold in sixty weeks may all be missing.
    assert 0.6 * is_void.sum() <= never.probability.sum() <= 1.1 * is_void.sum()
    assert is_void[never.probability > 0.8].mean() > 0.9


def test_sales_taken_away_from_the_twin_are_missed(rows: ListingRows) -> None:
    week = rows.weeks - 12
    there = rows.listed_now & (rows.last >= rows.weeks - 3)
    taken = there & (np.random.default_rng(4).random(rows.size) < 0.05)
    found = gaps(stopped(rows, taken, week), EVERY)
    silent = found.where(
        np.flatnonzero((found.reason != REASONS.index("void")) & (found.last >= 0))
    )
    pair = {at: number for number, at in enumerate(zip(rows.store, rows.item, strict=True))}
    at = np.array([pair[each] for each in zip(silent.store, silent.item, strict=True)])
    true = taken[at]
    assert true.sum() == taken.sum()
    likely = silent.absent > 0.5
    assert true[likely].mean() > 0.9
    assert likely[true].mean() > 0.6
    assert silent.absent.sum() <= 1.1 * true.sum()
    # What they would sell is what they did sell until then.
    sold = np.bincount(rows.sold.pair, rows.sold.units * (rows.sold.week >= week), rows.size)
    assert silent.units[true].sum() == pytest.approx(sold[taken].sum() / 12, rel=0.3)


def test_the_launch_of_the_twin_builds_up_towards_its_list(rows: ListingRows) -> None:
    found = builds(rows)
    whole = found.retailer == "all"
    assert np.unique(found.item).size == 1
    assert (np.diff(found.reached[whole]) >= 0).all()
    assert (found.selling[whole] <= found.listed[whole] + 15).all()
    assert 0 <= found.behind[whole][-1] < 15
    assert found.numeric[whole][-1] > 3 * found.numeric[whole][0]
    assert found.week[whole][0] == found.start[whole][0]
    assert new_items(rows, NewItemSpec(within=4))[0].size == 0


def test_the_query_says_what_it_cannot_do(tmp_path: Path, rows: ListingRows) -> None:
    del rows  # made once; the folder is there
    folder = tmp_path.parent / "listings" / "twin"
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("product", "store", "sales"))
        tables = store.tables()
        with pytest.raises(BadInputError, match="got 'TEA', in which nothing sold"):
            listing_rows(store, tables, "TEA")
        with pytest.raises(BadInputError, match="latest: got 61, allowed: 1 to 60 weeks"):
            listing_rows(store, tables, "COFFEE", latest=61)
        with pytest.raises(UnknownNameError, match="unknown profile of stores 'some'"):
            listing_rows(store, tables, "COFFEE", profile="some")  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="unknown grouping of pairs"):
            listing_rows(store, tables, "COFFEE", where=["channel=tv"])
        some = listing_rows(store, tables, "COFFEE", where=["brand=Alder Coffee"], profile="all")
    assert not some.has_list
    assert 0 < some.own.sum() < some.own.size
    assert set(some.names.brands[some.own].tolist()) == {"Alder Coffee"}
    table = gap_table(some, gaps(some, EVERY))
    assert set(table["brand"].to_pylist()) <= {"Alder Coffee"}


def test_a_store_without_list_retailers_and_margins_has_voids_at_retail_value(
    tmp_path: Path,
) -> None:
    with fill(Store(":memory:"), tmp_path) as store:
        rows = listing_rows(store, store.tables(), "Snacks", latest=4)
        kept = listing_rows(store, store.tables(), "Snacks", latest=4, where=["manufacturer=Acme"])
    assert (rows.has_list, rows.weeks, rows.names.retailers.tolist()) == (False, 9, [""])
    assert rows.names.items.tolist() == ["P1", "P2", "P3", "P4"]
    assert rows.own.all()
    assert kept.own.tolist() == [True, True, False, False]
    found = gaps(rows, replace(EVERY, least_share=0.0))
    # Acme is in every store but the sixth.
    sixth = found.where(np.flatnonzero(rows.names.stores[found.store] == "S6"))
    assert {"P1", "P2"} <= set(rows.names.items[sixth.item].tolist())
    assert not found.margin_known.any()
    assert set(gap_table(rows, found)["valued_at"].to_pylist()) == {"retail_value"}
