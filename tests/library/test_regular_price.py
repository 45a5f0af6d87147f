"""Regular prices: the traps by hand, and the rule against plain loops."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.errors import BadInputError
from offtake.models.kernels.regular_path import (
    CARRIED,
    HIGH,
    MODAL,
    NOWHERE,
    ONLY,
    STATED,
    SUPPORT,
)
from offtake.models.kernels.regular_price import RegularPrice, price_cut, regular_price
from offtake.models.kernels.regular_windows import REACH, STEP
from tests.effort import examples

NAN = math.nan


def find(price: Sequence[float], weeks: Sequence[int] | None = None, **more: Any) -> RegularPrice:
    """Find the regular prices of one series, one row a week."""
    week = range(len(price)) if weeks is None else weeks
    return regular_price(price, [0] * len(price), week, **more)


# What was charged from week to week, and the regular price.
PATHS = {
    "one price for ever": ([4.0] * 60, [4.0] * 60),
    "a step up moves it in its week": ([4.0] * 9 + [5.0] * 9, [4.0] * 9 + [5.0] * 9),
    "a step down moves it in its week": ([5.0] * 9 + [4.0] * 9, [5.0] * 9 + [4.0] * 9),
    "a step near the start": ([4.0] * 2 + [5.0] * 9, [5.0] * 2 + [5.0] * 9),
    "a step of three weeks' standing": ([4.0] * 3 + [5.0] * 3, [5.0] * 3 + [5.0] * 3),
    "a sale of one week": ([4.0] * 8 + [3.0] + [4.0] * 8, [4.0] * 17),
    "a sale of two weeks": ([4.0] * 8 + [3.0] * 2 + [4.0] * 8, [4.0] * 18),
    "a sale of three weeks": ([4.0] * 8 + [3.0] * 3 + [4.0] * 8, [4.0] * 19),
    "a sale that deepens": ([4.0] * 8 + [3.0, 2.5, 2.0] + [4.0] * 8, [4.0] * 19),
    "a sale at the start": ([3.0] * 3 + [4.0] * 9, [4.0] * 12),
    "a sale at the end": ([4.0] * 9 + [3.0] * 3, [4.0] * 12),
    "a sale that ends in a higher price": (
        [4.0] * 9 + [3.0] * 3 + [5.0] * 9,
        [4.0] * 12 + [5.0] * 9,
    ),
    "a step before a sale": (
        [4.0] * 9 + [5.0] * 2 + [3.5] * 2 + [5.0] * 8,
        [4.0] * 9 + [5.0] * 12,
    ),
    "sales every third week": ([4.0, 4.0, 3.0] * 10, [4.0] * 30),
    "a price of one week above": ([4.0] * 8 + [6.0] + [4.0] * 8, [4.0] * 17),
    "two steps": ([4.0] * 8 + [4.5] * 8 + [5.0] * 8, [4.0] * 8 + [4.5] * 8 + [5.0] * 8),
}


@pytest.mark.parametrize("name", PATHS)
def test_the_regular_price_of_a_path(name: str) -> None:
    price, expected = PATHS[name]
    assert find(price).price.tolist() == expected


def test_a_cut_is_the_share_below_the_regular_price() -> None:
    found = find([4.0] * 8 + [3.0, 3.0, 4.4] + [4.0] * 8)
    assert found.cut.tolist() == [0.0] * 8 + [0.25, 0.25, 0.0] + [0.0] * 8


@pytest.mark.parametrize(("price", "cut"), [(3.96, 0.0), (3.95, 0.0125), (4.2, 0.0), (NAN, NAN)])
def test_a_cut_within_the_tolerance_is_none(price: float, cut: float) -> None:
    found = price_cut(np.array([price]), np.array([4.0]), 0.01)
    np.testing.assert_allclose(found, [cut], rtol=1e-12)  # rounding


def test_a_hi_lo_product_needs_to_be_known_as_promoted() -> None:
    """Two weeks of three at 3: without support that is the mode, with it 4 is regular."""
    price, promoted = [4.0, 3.0, 3.0] * 12, [False, True, True] * 12
    assert set(find(price).price[6:-6]) == {3.0}
    found = find(price, promoted=promoted)
    assert set(found.price) == {4.0}
    assert (found.cut > 0).tolist() == promoted


def test_promoted_weeks_look_back_and_not_ahead() -> None:
    """A sale that ends in a higher price is told from the lower one, as without flags."""
    price = [4.0] * 9 + [3.0] * 3 + [5.0] * 9
    promoted = [False] * 9 + [True] * 3 + [False] * 9
    found = find(price, promoted=promoted)
    assert found.price.tolist() == find(price).price.tolist() == [4.0] * 12 + [5.0] * 9
    assert found.basis.tolist() == [MODAL] * 9 + [CARRIED] * 3 + [MODAL] * 9


def test_weeks_that_are_all_promoted_are_all_the_evidence_there_is() -> None:
    found = find([4.0] * 5 + [3.0] + [4.0] * 5, promoted=[True] * 11)
    assert set(found.price) == {4.0}


def test_weeks_without_a_price_get_that_of_the_nearest_week() -> None:
    price = [NAN] + [4.0] * 5 + [NAN] * 5 + [5.0] * 5 + [NAN]
    found = find(price)
    assert found.price.tolist() == [4.0] * 9 + [5.0] * 8  # week 8 is as near to both: the earlier
    assert found.basis.tolist() == [
        *[CARRIED, MODAL, MODAL, MODAL, MODAL, MODAL],
        *[CARRIED] * 5,
        *[MODAL] * 5,
        CARRIED,
    ]
    assert np.isnan(found.cut).tolist() == np.isnan(price).tolist()


def test_a_gap_longer_than_a_window_parts_what_lies_around_it() -> None:
    found = find([4.0] * 6 + [5.0] * 6, weeks=[*range(6), *range(40, 46)])
    assert found.price.tolist() == [4.0] * 6 + [5.0] * 6


def test_a_single_observation_is_its_own_regular_price() -> None:
    found = find([NAN, 3.0, NAN])
    assert found.price.tolist() == [3.0] * 3
    assert found.basis.tolist() == [CARRIED, ONLY, CARRIED]
    assert found.cut[1] == 0


def test_a_price_alone_in_its_window_is_that_of_a_week_before() -> None:
    found = find([4.0] * 5 + [3.0], weeks=[0, 1, 2, 3, 4, 30])
    assert (found.price[-1], found.basis[-1], found.cut[-1]) == (4.0, CARRIED, 0.25)


def test_without_a_mode_it_is_the_upper_quartile() -> None:
    found = find([4.0, 5.0, 6.0, 7.0])
    assert found.basis.tolist() == [HIGH] * 4
    assert found.price.tolist() == [6.0] * 4


def test_nothing_known() -> None:
    found = find([NAN, -1.0, 0.0])
    assert np.isnan(found.price).all()
    assert np.isnan(found.cut).all()
    assert found.basis.tolist() == [NOWHERE] * 3
    none = np.zeros(0, int)
    assert regular_price([], none, none).price.size == 0


def test_a_stated_price_wins_and_is_evidence_for_weeks_without() -> None:
    """Charged 3 all the time, stated as 4 in two weeks: a series that is always reduced."""
    stated = [NAN, 4.0, 4.0, NAN, 3.0, 3.0, NAN, NAN]
    found = find([3.0] * 8, stated=stated)
    assert found.basis[[1, 2, 4, 5]].tolist() == [STATED] * 4
    assert found.price[[1, 2, 4, 5]].tolist() == [4.0, 4.0, 3.0, 3.0]
    np.testing.assert_allclose(found.cut[[1, 2, 4]], [0.25, 0.25, 0.0])
    unseen = find([NAN] * 3, stated=[NAN, 4.0, NAN])
    assert unseen.price.tolist() == [4.0] * 3
    assert unseen.basis.tolist() == [CARRIED, STATED, CARRIED]


def test_a_week_stated_by_one_store_holds_for_the_others() -> None:
    found = regular_price(
        [3.0, 3.0, 3.5, 3.0, 3.0, 3.0],
        [0] * 6,
        [0, 0, 0, 1, 2, 3],
        stated=[4.0, NAN, NAN, NAN, NAN, NAN],
    )
    assert found.price[:3].tolist() == [4.0] * 3
    assert found.basis[:3].tolist() == [STATED] * 3


def test_rows_of_several_stores_make_the_price_of_a_retailer() -> None:
    week = np.repeat(np.arange(11), 3)
    price = np.where(np.arange(33) % 3 == 0, 3.0, 4.0)  # one store of three is always cheaper
    found = regular_price(price, np.zeros(33, int), week)
    assert set(found.price) == {4.0}
    np.testing.assert_array_equal(found.cut > 0, price == 3.0)


def test_noise_within_the_tolerance_is_no_sale_and_no_step() -> None:
    rng = np.random.default_rng(0)
    price = 4.0 * (1 + rng.uniform(-0.004, 0.004, 52))
    found = find(price.tolist())
    assert set(found.basis) == {MODAL}
    assert np.all(found.cut == 0)
    np.testing.assert_allclose(found.price, 4.0, rtol=0.004)


def test_of_prices_that_are_the_same_the_most_frequent_is_the_mode() -> None:
    assert set(find([2.99, 2.99, 3.0, 2.99, 2.98, 2.99]).price) == {2.99}
    assert set(find([2.99, 3.0, 2.98, 2.99, 3.0]).price) == {3.0}  # of equals the highest


def test_slow_inflation_is_followed() -> None:
    """A tenth of a percent a week, 5 % a year, in whole cents."""
    regular = np.round(4.0 * 1.001 ** np.arange(104), 2)
    price = regular.copy()
    price[5::9] *= 0.75
    found = find(price.tolist())
    np.testing.assert_allclose(found.price, regular, rtol=0.01)
    assert (found.cut > 0).sum() == len(price[5::9])


def test_prices_of_any_size() -> None:
    price = np.array(PATHS["a step before a sale"][0])
    for unit in (1e-6, 1.0, 1e9):
        found = find((price * unit).tolist())
        np.testing.assert_array_equal(
            found.price, np.array(PATHS["a step before a sale"][1]) * unit
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tolerance": 0.2}, "tolerance: got 0.2, allowed: a share from 0 to 0.1"),
        ({"tolerance": NAN}, "tolerance: got nan"),
        ({"price": [1.0, math.inf]}, "price: got 1 infinite values, allowed: none"),
        ({"price": [[1.0], [2.0]]}, r"price: got shape \(2, 1\), allowed: one dimension"),
        ({"price": ["a", "b"]}, "price: got .*, allowed: an array of numbers"),
        ({"stated": [1.0]}, r"stated: got shape \(1,\), allowed: shape \(2,\)"),
        ({"series": [0]}, r"series: got shape \(1,\), allowed: \(2,\)"),
        ({"week": [0, -1]}, "week: got int64 .*, allowed: integers >= 0"),
        ({"week": [0.0, 1.0]}, "week: got float64 .*, allowed: integers >= 0"),
        ({"promoted": [0, 1]}, r"promoted: got int64 of shape \(2,\), allowed: bool"),
    ],
)
def test_what_cannot_be_used_is_refused(changed: dict[str, Any], message: str) -> None:
    given = {"price": [1.0, 2.0], "series": [0, 0], "week": [0, 1]} | changed
    with pytest.raises(BadInputError, match=message):
        regular_price(**given)


@dataclass(frozen=True, slots=True)
class Slow:
    """The rule as plain loops over the weeks of one series."""

    week: list[int]
    price: list[float]
    stated: list[bool]
    limit: int

    def code(self, i: int) -> int:
        return round(math.log(self.price[i]) / STEP)

    def same(self, i: int, j: int) -> bool:
        return abs(self.code(i) - self.code(j)) <= self.limit

    def window(self, i: int) -> list[int]:
        return [j for j, week in enumerate(self.week) if abs(week - self.week[i]) <= REACH]

    def mode(self, i: int) -> tuple[int, bool]:
        window = self.window(i)

        def rank(j: int) -> tuple[int, int, int, int]:
            alike = sum(self.same(j, k) for k in window)
            return alike, sum(self.code(j) == self.code(k) for k in window), self.code(j), j

        best = max(window, key=rank)
        alike = rank(best)[0]
        return best, alike >= SUPPORT and 3 * alike >= len(window)

    def own(self, i: int) -> tuple[int, int] | None:
        """What week i says of itself: the week that charges its regular price, and the basis."""
        if self.stated[i]:
            return i, STATED
        best, usual = self.mode(i)
        if usual:
            return (best, MODAL) if i == 0 or self.same(i, best) else None
        if len(self.window(i)) == 1:
            return None
        ranked = sorted(self.window(i), key=lambda j: (self.code(j), j))
        return ranked[math.ceil(0.75 * len(ranked)) - 1], HIGH

    def path(self) -> list[tuple[int, int]]:
        found = [self.own(i) for i in range(len(self.week))]
        if not any(found):
            return [(i, ONLY) for i in range(len(self.week))]
        last = next(each for each in found if each)
        path = []
        for each in found:
            last = each or last
            path.append(each or (last[0], CARRIED))
        for _ in range(REACH):
            path = self.aligned(path)
        return path

    def aligned(self, path: list[tuple[int, int]]) -> list[tuple[int, int]]:
        moves = []
        for i in range(1, len(path)):
            if self.same(path[i][0], path[i - 1][0]) or not self.same(i, i - 1):
                continue
            now, before = self.same(i, path[i][0]), self.same(i - 1, path[i - 1][0])
            if now and not before:
                moves.append((0, i - 1, path[i][0]))
            if before and not now:
                moves.append((1, i, path[i - 1][0]))
        moved = list(path)
        for _, i, at in sorted(moves):
            if not self.stated[i]:
                moved[i] = (at, CARRIED)
        return moved


Row = tuple[float, int, int, bool, float]


def slowly(rows: Sequence[Row], tolerance: float) -> list[tuple[float, int]]:
    """Return regular price and basis of every row: price, series, week, promoted, stated."""
    answer = [(NAN, NOWHERE)] * len(rows)
    for series in {row[1] for row in rows}:
        mine = [i for i, row in enumerate(rows) if row[1] == series]
        for i, found in zip(mine, one_series([rows[i] for i in mine], tolerance), strict=True):
            answer[i] = found
    return answer


def one_series(rows: Sequence[Row], tolerance: float) -> list[tuple[float, int]]:
    said: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for price, _, week, promoted, stated in rows:
        if stated > 0:
            said[week][0].append(stated)
        elif price > 0:
            said[week][2 if promoted else 1].append(price)
    level = {week: min(levels) for week, levels in said.items()}
    if any(each < 2 for each in level.values()):
        level = {week: each for week, each in level.items() if each < 2}
    weeks = sorted(level)
    slow = Slow(
        weeks,
        [float(np.median(said[week][level[week]])) for week in weeks],
        [level[week] == 0 for week in weeks],
        round(math.log1p(tolerance) / STEP),
    )
    by_week = dict(zip(weeks, slow.path(), strict=True)) if weeks else {}
    return [one_row(row, by_week, slow) for row in rows]


def one_row(row: Row, by_week: dict[int, tuple[int, int]], slow: Slow) -> tuple[float, int]:
    price, _, week, _, stated = row
    if stated > 0:
        return stated, STATED
    if not by_week:
        return NAN, NOWHERE
    before = [each for each in by_week if each < week]
    if week in by_week:
        source, basis = week, by_week[week][1]
    elif price > 0 and before:
        source, basis = max(before), CARRIED
    else:
        source, basis = min(by_week, key=lambda each: (abs(each - week), each)), CARRIED
    return slow.price[by_week[source][0]], basis


LEVELS = [NAN, 0.0, 3.0, 3.02, 3.9, 3.95, 4.0, 4.0, 4.0, 4.01, 5.0, 5.0]
SERIES = st.tuples(
    st.sampled_from(LEVELS),
    st.integers(0, 2),
    st.integers(0, 25),
    st.booleans(),
    st.sampled_from([NAN] * 9 + [4.0, 5.0]),
)
RUNS = st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(1, 5)), max_size=12)


def check(rows: Sequence[Row], tolerance: float) -> None:
    price, series, week, promoted, stated = ([row[at] for row in rows] for at in range(5))
    found = regular_price(
        np.array(price, float),
        np.array(series, np.int64),
        np.array(week, np.int64),
        promoted=np.array(promoted, bool),
        stated=np.array(stated, float),
        tolerance=tolerance,
    )
    expected = slowly(rows, tolerance)
    np.testing.assert_array_equal(found.price, [each[0] for each in expected])
    assert found.basis.tolist() == [each[1] for each in expected]


@given(st.lists(SERIES, max_size=40), st.sampled_from([0.0, 0.01, 0.02]))
@settings(max_examples=examples(100), deadline=None)
def test_scattered_rows_get_what_plain_loops_find(rows: list[Row], tolerance: float) -> None:
    check(rows, tolerance)


@given(RUNS, st.sampled_from([0.0, 0.01, 0.02]))
@settings(max_examples=examples(100), deadline=None)
def test_runs_of_prices_get_what_plain_loops_find(
    runs: list[tuple[float, int]], tolerance: float
) -> None:
    price = [each for each, weeks in runs for _ in range(weeks)]
    check([(each, 0, week, False, NAN) for week, each in enumerate(price)], tolerance)
