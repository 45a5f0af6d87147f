"""Levels of demand: what moves an item, how sure that is, and whether days tell the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from offtake.models.availability.demand import Demand, expected
from offtake.models.availability.series import Floats, Series, series_of
from offtake.models.availability.shelf import watch
from offtake.models.availability.specification import AvailabilitySpec

SPEC = AvailabilitySpec(draws=20)
STORES, ITEMS = 12, 4


def sold(mean: Floats, seed: int, *, shape: float = 1e4, weekly: bool = False) -> Floats:
    """Return counts around means, (S, T), with a push of the day or of the whole week."""
    random = np.random.default_rng(seed)
    size = (len(mean), -(-mean.shape[1] // 7)) if weekly else mean.shape
    push = random.gamma(shape, 1 / shape, size)
    if weekly:
        push = np.repeat(push, 7, axis=1)[:, : mean.shape[1]]
    return random.poisson(mean * push).astype(float)


def series(units: Floats, **known: object) -> Series:
    code, step = np.indices(units.shape)
    return series_of(units.ravel(), code.ravel(), step.ravel(), **known)


def demand(given: Series) -> Demand:
    full, found = np.ones(given.size), None
    for _ in range(4):
        found = expected(given, full, found, SPEC)
    assert found is not None
    return found


def test_days_that_have_nothing_in_common_all_count() -> None:
    found = demand(series(sold(np.full((150, 140), 4.0), 1, shape=8.0)))
    assert found.alone == pytest.approx(1.0, abs=0.03)


def test_days_of_weeks_that_are_high_or_low_as_a_whole_count_less() -> None:
    found = demand(series(sold(np.full((150, 140), 4.0), 2, shape=8.0, weekly=True)))
    # A week's sum has a variance of 28 + 28^2 / 8; by days that have nothing in common, with their
    # own push of shape 8, 28 + 7 x 4^2 / 8; the level of weeks around adds a little to the first.
    ratio = (28 + 28**2 / 8) / (28 + 7 * 16 / 8)
    assert found.alone == pytest.approx(1 / (1 + (ratio - 1) / 4), abs=0.06)


def test_weeks_are_steps_of_their_own() -> None:
    units = sold(np.full((80, 60), 8.0), 3, shape=4.0)
    assert demand(series(units, days=7)).alone == 1.0


def test_listings_answer_to_promotions_in_ways_of_their_own() -> None:
    """Two items whose deals do three and one and a half times their usual sales."""
    promoted = np.zeros((2 * STORES, 80), np.int64)
    promoted[:, 20:30] = promoted[:, 50:60] = 2
    lift = np.repeat([3.0, 1.5], STORES)[:, None]
    mean = np.where(promoted > 0, 5.0 * lift, 5.0)
    flag = (promoted > 0).astype(float).reshape(-1, 1)
    given = series(
        sold(mean, 4), listing=np.repeat([0, 1], STORES), promoted=promoted.ravel(),
        regressors=flag, days=7,
    )  # fmt: skip
    found = demand(given).mean.reshape(mean.shape)
    for item in range(2):
        rows = slice(item * STORES, (item + 1) * STORES)
        told, true = found[rows][promoted[rows] > 0], mean[rows][promoted[rows] > 0]
        # 240 steps of 7.5 or 15 units are known to some 2 %.
        assert told.mean() == pytest.approx(true.mean(), rel=0.05)
    # One response for both would have been wrong by some 40 %.
    assert (
        found[:STORES][promoted[:STORES] > 0].mean()
        > 1.7 * found[STORES:][promoted[STORES:] > 0].mean()
    )


def test_what_moves_an_item_in_all_stores_is_no_empty_shelf() -> None:
    """A rival's deal takes a quarter of an item's sales in all stores for a week."""
    mean = np.full((STORES * ITEMS, 60), 12.0)
    listing = np.repeat(np.arange(ITEMS), STORES)
    mean[listing == 0, 30] *= 0.75
    given = series(sold(mean, 5, shape=20.0), listing=listing, days=7)
    shelf = watch(given, SPEC)
    low = shelf.states.all[:, 1:].sum(axis=1).reshape(mean.shape)
    assert low[listing == 0, 30].mean() < 0.35
    apart = watch(series(sold(mean, 5, shape=20.0), days=7), SPEC)
    other = apart.states.all[:, 1:].sum(axis=1).reshape(mean.shape)
    assert low[listing == 0, 30].mean() < other[listing == 0, 30].mean()


def test_an_item_missing_everywhere_is_still_missing() -> None:
    mean = np.full((STORES * ITEMS, 60), 40.0)
    listing = np.repeat(np.arange(ITEMS), STORES)
    mean[listing == 0, 30:32] *= 0.02
    shelf = watch(series(sold(mean, 6, shape=20.0), listing=listing, days=7), SPEC)
    assert shelf.empty.reshape(mean.shape)[listing == 0, 30:32].min() > 0.9


def test_calm_listings_vary_less_than_wild_ones() -> None:
    calm = sold(np.full((60, 90), 10.0), 7, shape=50.0)
    wild = sold(np.full((60, 90), 10.0), 8, shape=5.0)
    given = series(np.vstack([calm, wild]), listing=np.repeat([0, 1], 60), days=7)
    shape = demand(given).dispersion.reshape(120, 90)
    # Not more than four times as calm as all, nor much wilder than they.
    assert shape[:60].mean() > 2.5 * shape[60:].mean()
    assert shape[60:].mean() > 5.0
