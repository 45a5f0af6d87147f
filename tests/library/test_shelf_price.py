"""The price on the shelf: by hand, and against a table of items by weeks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.models.kernels.medians import medians
from offtake.models.kernels.shelf_price import (
    NOWHERE,
    OTHER_STORES,
    OTHER_WEEKS,
    OWN,
    price_elsewhere,
    shelf_price,
)
from tests.effort import examples

NAN = np.nan

# item, store, week, price seen; price expected and where it is from.
SHELF = [
    (0, 0, 0, 2.0, 2.0, 0),
    (0, 1, 0, 4.0, 4.0, 0),
    (0, 2, 0, 5.0, 5.0, 0),
    (0, 3, 0, NAN, 4.0, 1),  # median of three stores
    (0, 0, 1, 3.0, 3.0, 0),
    (0, 1, 1, 2.0, 2.0, 0),
    (0, 2, 1, NAN, 2.5, 1),  # median of two
    (0, 0, 2, NAN, 2.5, 2),  # one week after week 1, two before week 4
    (0, 0, 3, NAN, 1.0, 2),  # one week before week 4
    (0, 0, 4, 1.0, 1.0, 0),
    (0, 0, 6, NAN, 1.0, 2),
    (0, 0, 7, NAN, 1.0, 2),
    (1, 0, 0, NAN, 9.0, 2),  # two weeks from both: the earlier of equals is asked below
    (1, 0, 2, 9.0, 9.0, 0),
    (1, 0, 4, NAN, 9.0, 2),  # as near to week 2 as to week 6
    (1, 0, 6, 7.0, 7.0, 0),
    (2, 0, 3, NAN, NAN, 3),  # never sold anywhere
]


def test_shelf_prices_come_from_other_stores_then_from_neighbouring_weeks() -> None:
    item, _, week, seen, expected, origin = (np.array(each) for each in zip(*SHELF, strict=True))
    found = shelf_price(seen, item, week)
    assert found.origin.tolist() == origin.tolist()
    np.testing.assert_array_equal(found.price, expected)


def test_no_price_is_the_average_of_the_product_over_time() -> None:
    """The trap: a low price that sold would be pulled up in the weeks without sales."""
    week = np.arange(4)
    found = shelf_price(np.array([4.0, 4.0, 1.0, NAN]), np.zeros(4, int), week)
    assert found.price[3] == 1.0


def test_nothing_to_impute() -> None:
    empty = np.zeros(0, int)
    assert shelf_price(np.zeros(0), empty, empty).price.size == 0
    assert price_elsewhere(np.zeros(0), empty, empty).size == 0
    assert medians(np.zeros(0), empty).group.size == 0


def test_nothing_was_seen() -> None:
    unseen, code = np.full(3, NAN), np.arange(3)
    found = shelf_price(unseen, code, code)
    assert np.isnan(found.price).all()
    assert found.origin.tolist() == [NOWHERE] * 3
    assert np.isnan(price_elsewhere(unseen, code, code)).all()


def test_prices_elsewhere_leave_the_own_one_out() -> None:
    rng = np.random.default_rng(0)
    item, week = rng.integers(0, 5, 300), rng.integers(0, 8, 300)
    price = np.where(rng.random(300) < 0.4, NAN, rng.integers(1, 9, 300))
    found = price_elsewhere(price, item, week)
    for row in range(300):
        others = (item == item[row]) & (week == week[row]) & ~np.isnan(price)
        others[row] = False
        expected = np.median(price[others]) if others.any() else NAN
        np.testing.assert_array_equal(found[row], expected)


ROWS = st.lists(
    st.tuples(st.sampled_from([NAN, 1.0, 2.0, 3.5, 4.0]), st.integers(0, 2), st.integers(0, 9)),
    max_size=40,
)


def slow(price: np.ndarray, item: np.ndarray, week: np.ndarray, row: int) -> tuple[float, int]:
    """Search all rows for the price of one."""
    if not np.isnan(price[row]):
        return price[row], OWN
    seen = (item == item[row]) & ~np.isnan(price)
    if not seen.any():
        return NAN, NOWHERE
    nearest = min(week[seen], key=lambda w: (abs(w - week[row]), w))
    middle = float(np.median(price[seen & (week == nearest)]))
    return middle, OTHER_STORES if nearest == week[row] else OTHER_WEEKS


@given(ROWS)
@settings(max_examples=examples(150), deadline=None)
def test_prices_are_those_a_search_of_all_rows_finds(rows: list[tuple[float, int, int]]) -> None:
    price, item, week = (np.array([row[at] for row in rows]) for at in range(3))
    item, week = item.astype(np.int64), week.astype(np.int64)
    found = shelf_price(price.astype(float), item, week)
    for row in range(len(rows)):
        expected = slow(price, item, week, row)
        np.testing.assert_array_equal(found.price[row], expected[0])
        assert found.origin[row] == expected[1]


@pytest.mark.parametrize("highest", [3, 1 << 16, 1 << 40])
def test_medians_of_groups_whose_codes_are_far_apart(highest: int) -> None:
    rng = np.random.default_rng(1)
    codes = np.unique(rng.integers(0, highest, 30))
    group, values = rng.choice(codes, 400), rng.normal(size=400)
    found = medians(values, group)
    assert found.group.tolist() == np.unique(group).tolist()
    assert found.median.tolist() == [np.median(values[group == each]) for each in found.group]


def test_memory_is_by_rows_and_not_by_items_and_weeks() -> None:
    """A table of 100,000 items by 500 weeks alone would take 400 MB."""
    rng = np.random.default_rng(2)
    item, week = rng.integers(0, 100_000, 20_000), rng.integers(0, 500, 20_000)
    price = np.where(rng.random(20_000) < 0.5, NAN, 1.0)
    tracemalloc.start()
    try:
        shelf_price(price, item, week)
        price_elsewhere(price, item, week)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()
