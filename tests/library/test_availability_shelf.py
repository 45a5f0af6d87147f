"""Empty shelves: demand behind them, alarms, and lost sales, held to shelves that were drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from offtake.errors import BadInputError
from offtake.models.availability import shelf as shelf_module
from offtake.models.availability.lost import Groups, Sums, expected_loss, imputed, lost_sales
from offtake.models.availability.outages import outages
from offtake.models.availability.series import series_of
from offtake.models.availability.shelf import LEVELS, Shelf, emission, watch
from offtake.models.availability.specification import AvailabilitySpec
from tests.library.small_shelves import World, world

SPEC = AvailabilitySpec(draws=60)


@pytest.fixture(scope="module")
def drawn() -> World:
    return world(1)


@pytest.fixture(scope="module")
def hidden(drawn: World) -> Shelf:
    return watch(drawn.series(), SPEC)


@pytest.fixture(scope="module")
def flagged(drawn: World) -> Shelf:
    return watch(drawn.series(share=drawn.share.ravel()), SPEC)


def test_emission_is_the_negative_binomial_of_scipy() -> None:
    units, mean, shape = np.array([0.0, 3.0, 9.0]), np.array([0.5, 2.0, 7.0]), 3.7
    found = emission(units, mean, shape)
    full = nbinom.logpmf(units, shape, shape / (shape + mean))
    for state, level in enumerate(LEVELS):
        wanted = nbinom.logpmf(units, shape, shape / (shape + mean * level)) - full
        np.testing.assert_allclose(found[:, state], wanted, rtol=1e-9, atol=1e-12)


def test_some_store_items_are_enough_to_learn_from(drawn: World, hidden: Shelf) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf_module, "LEARNED", 60)
        found = watch(drawn.series(), SPEC)
    assert found.series.count == hidden.series.count
    assert np.abs(found.empty - hidden.empty).mean() < 0.01
    away = drawn.away.ravel() & (drawn.mean.ravel() > 2)
    assert np.mean(found.empty[away] > 0.5) > 0.7


def test_demand_is_recovered_though_busy_days_empty_the_shelf(drawn: World, flagged: Shelf) -> None:
    mean = drawn.mean.ravel()
    # 20,000 days of some four units: the total is known to about 1 %.
    assert flagged.demand.mean.sum() == pytest.approx(mean.sum(), rel=0.02)
    assert np.median(flagged.demand.dispersion) == pytest.approx(8.0, rel=0.4)
    ran_out = (drawn.share > 0.2) & (drawn.share < 1)
    # A regression of what sold on such days would have them sell more, not less.
    assert drawn.sold[ran_out].sum() > drawn.mean[ran_out].sum()
    assert flagged.demand.mean[ran_out.ravel()].sum() == pytest.approx(
        drawn.mean[ran_out].sum(), rel=0.03
    )


def test_lost_sales_hold_where_the_time_off_the_shelf_is_known() -> None:
    inside, standardised = 0, []
    for seed in range(12):
        drawn = world(100 + seed, count=80, days=80)
        series = drawn.series(share=drawn.share.ravel())
        # A world of the model's own form.
        spec = replace(SPEC, form=0.0)
        each = Groups(np.arange(series.count), series.count)
        wanted = Sums(price=np.ones(series.count), series={"each": each})
        found = lost_sales(watch(series, spec), np.zeros(series.size, np.int64), wanted, spec)
        lost = found.units["each"]
        total, true = lost.sum(axis=1), drawn.missed.sum()
        standardised.append((total.mean() - true) / total.std(ddof=1))
        low, high = np.quantile(lost, [0.1, 0.9], axis=0)
        of_series = drawn.missed.sum(axis=1)
        inside += int(np.sum((low <= of_series) & (of_series <= high)))
        assert found.unseen == 0
        assert found.mean[0] == pytest.approx(total.mean())
        assert found.low[0] < total.mean() < found.high[0]
        assert found.expected.sum() == pytest.approx(total.mean(), rel=0.02)
    # 960 store-items, each an interval of 80 %: 4 standard errors are 5 points; counts make
    # intervals of whole units a little wide.
    assert 0.75 < inside / 960 < 0.88
    # No bias: the mean of twelve standardised errors has a standard error of .3.
    assert abs(np.mean(standardised)) < 1.2


def test_long_outages_are_found_from_sales_alone(drawn: World, hidden: Shelf) -> None:
    away = drawn.away.ravel() & (drawn.mean.ravel() > 2)
    there = (drawn.share.ravel() == 1) & (drawn.mean.ravel() > 2)
    assert np.mean(hidden.empty[away] > 0.5) > 0.7
    assert np.mean(hidden.empty[there] > 0.5) < 0.01


def test_chances_are_as_good_as_they_say(drawn: World, hidden: Shelf) -> None:
    empty = drawn.share.ravel() < 0.2
    for low, high in ((0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.0)):
        some = (hidden.empty > low) & (hidden.empty <= high)
        assert some.sum() > 50
        assert np.mean(empty[some]) == pytest.approx(hidden.empty[some].mean(), abs=0.12)


def test_what_is_known_up_to_a_day_does_not_look_ahead(hidden: Shelf) -> None:
    last = hidden.series.first[1:] - 1
    np.testing.assert_allclose(hidden.empty_now[last], hidden.empty[last], atol=1e-9)
    assert np.abs(hidden.empty_now - hidden.empty).max() > 0.1


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.8))
def test_the_list_of_alarms_keeps_its_word(hidden: Shelf, share: float) -> None:
    found = outages(hidden, false_alarms=share)
    assert (np.diff(found.probability) <= 0).all()
    listed = int(found.listed.sum())
    assert found.listed[:listed].all()
    assert found.false_alarms <= share * max(listed, 1) + 1e-9
    more = outages(hidden, false_alarms=min(share + 0.1, 0.9))
    assert more.listed.sum() >= listed
    # Runs do not overlap, and stay within their store-item.
    order = np.argsort(found.begin)
    assert (found.end[order][:-1] <= found.begin[order][1:]).all()
    assert (hidden.series.of[found.begin] == hidden.series.of[found.end - 1]).all()


def test_alarms_are_right_as_often_as_promised(drawn: World, hidden: Shelf) -> None:
    found = outages(hidden, false_alarms=0.1)
    short = (drawn.share < 0.85).ravel()
    listed = np.flatnonzero(found.listed & found.empty)
    right = np.mean([short[found.begin[r] : found.end[r]].any() for r in listed])
    assert listed.size > 100
    assert right > 0.85


def test_an_item_that_stops_for_good_is_gone_and_loses_nothing_more() -> None:
    drawn = world(3, count=40, days=120)
    sold = drawn.sold.copy()
    sold[:6, 60:] = 0.0
    shelf = watch(replace(drawn, sold=sold).series(), SPEC)
    gone = shelf.states.all[:, -1].reshape(sold.shape)
    busy = drawn.mean[:6].mean(axis=1) > 1
    assert (gone[:6, -1][busy] > 0.9).all()
    assert (gone[6:, -1] < 0.5).mean() > 0.95
    lost = expected_loss(shelf, SPEC).reshape(sold.shape)
    late = lost[:6, 90:][busy].sum()
    assert late < 0.05 * drawn.mean[:6, 90:][busy].sum()


def test_days_that_are_not_seen_are_filled_without_bias(drawn: World) -> None:
    rng = np.random.default_rng(5)
    full = (drawn.share == 1).ravel()
    masked = full & (rng.random(full.size) < 0.1)
    series = drawn.series(share=drawn.share.ravel(), seen=~masked)
    found = imputed(watch(series, SPEC), SPEC)
    sold = drawn.sold.ravel()
    # A full day was a quiet one: the mean of all days would be too high.
    assert found[masked].sum() == pytest.approx(sold[masked].sum(), rel=0.03)
    plain = np.abs(sold[full & ~masked].mean() - sold[masked]).mean()
    assert np.abs(found[masked] - sold[masked]).mean() < 0.8 * plain


def test_a_stock_record_that_is_wrong_does_not_hide_an_empty_shelf(drawn: World) -> None:
    rng = np.random.default_rng(6)
    there = drawn.share.ravel() > 0
    # Half of the empty shelves stand in the books as full: phantom stock.
    on_hand = np.where(there | (rng.random(there.size) < 0.5), 12.0, 0.0)
    shelf = watch(drawn.series(on_hand=on_hand), SPEC)
    chance = shelf.told["on_hand"]
    assert chance[0] > 0.95
    assert chance[4] == pytest.approx(0.5, abs=0.2)
    phantom = ~there & (on_hand > 0) & (drawn.mean.ravel() > 3)
    assert np.mean(shelf.empty[phantom] > 0.5) > 0.6


def test_the_same_seed_gives_the_same_draws(flagged: Shelf) -> None:
    wanted = Sums(price=np.ones(flagged.series.count))
    run = flagged.series.step // 7 + 100 * flagged.series.of
    run = np.unique(run, return_inverse=True)[1]
    one, other = (lost_sales(flagged, run, wanted, SPEC) for _ in range(2))
    assert one.high.tobytes() == other.high.tobytes()
    assert lost_sales(flagged, run, wanted, replace(SPEC, seed=9)).high.tobytes() != (
        one.high.tobytes()
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": np.array([0, 2, 0])}, "gaps"),
        ({"units": np.array([1.0, -1.0, 0.0])}, "below 0"),
        ({"share": np.zeros(2)}, "share: got 2 steps"),
    ],
)
def test_wrong_series_are_refused(change: dict[str, np.ndarray], words: str) -> None:
    given = {"units": np.ones(3), "step": np.array([0, 1, 0])} | change
    with pytest.raises(BadInputError, match=words):
        series_of(given.pop("units"), np.array([0, 0, 1]), given.pop("step"), **given)


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"drift": 0.0}, {"false_alarms": 1.0}])
def test_a_wrong_specification_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="allowed"):
        AvailabilitySpec(**wrong)
