"""Cuts of price: recorded ones, those read from prices, and of a step without a sale."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.models.availability.series import Floats
from offtake.models.availability.support import cuts, promoted, regressors

NAN = float("nan")


def facts(**given: list[float]) -> dict[str, Floats]:
    size = len(next(iter(given.values())))
    every = ("units", "value", "regular_price", "discount", "display", "feature")
    return {name: np.array(given.get(name, [NAN] * size)) for name in every}


def test_a_recorded_cut_stands_whatever_was_paid() -> None:
    given = facts(
        units=[2, 2], value=[4, 4], regular_price=[4, 4], discount=[10.0, 0.0],
    )  # fmt: skip
    assert cuts(given, np.array([0, 1])).tolist() == [10.0, 0.0]


def test_without_one_it_is_read_from_the_price_and_small_ones_are_none() -> None:
    given = facts(units=[2, 1, 1], value=[6, 3.9, 4.2], regular_price=[4, 4, 4])
    assert cuts(given, np.array([0, 1, 2])).tolist() == [25.0, 0.0, 0.0]


def test_a_step_without_a_sale_takes_the_cut_of_other_stores_and_not_its_own_usual_price() -> None:
    # Steps 0 and 1 of one store-item, which sold in the first alone, and of two others.
    given = facts(
        units=[1, 0, 1, 1, 1, 1], value=[4, NAN, 4, 2, 4, 3],
        regular_price=[4, NAN, 4, 4, 4, 4],
    )  # fmt: skip
    found = cuts(given, np.array([0, 1, 0, 1, 0, 1]))
    assert found.tolist() == [0.0, 37.5, 0.0, 50.0, 0.0, 25.0]


def test_nothing_known_is_no_cut() -> None:
    given = facts(units=[0, 3], value=[NAN, NAN])
    assert cuts(given, np.array([0, 0])).tolist() == [0.0, 0.0]
    assert promoted(np.zeros(2), given).tolist() == [0, 0]
    assert not regressors(np.zeros(2), given).any()


def test_kinds_and_regressors_of_promotions() -> None:
    given = facts(display=[0, 0, 1, NAN], feature=[NAN, 0, 1, 1])
    cut = np.array([0.0, 50.0, 20.0, 0.0])
    assert promoted(cut, given).tolist() == [0, 1, 2, 2]
    wanted = [[0, 0, 0, 0], [np.log(0.5), 0, 0, 0], [np.log(0.8), 1, 1, 1], [0, 0, 1, 0]]
    assert regressors(cut, given) == pytest.approx(np.array(wanted))
