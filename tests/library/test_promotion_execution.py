"""Who executed, and whether the others would respond alike: held to sales made up exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from offtake.models.promotion.execution import (
    Execution,
    _matched,
    _posterior,
    _willing,
    display_part,
    execution,
)
from offtake.models.promotion.fit import PromotionFit
from tests.library.small_promotions import fitted


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> PromotionFit:
    return fitted(tmp_path_factory.mktemp("execution"))


def told(fit: PromotionFit, units: np.ndarray, prior_sd: float = 0.25) -> Execution:
    rows = replace(fit.rows, units=units)
    return execution(rows, fit.events, fit.design, fit.response.parameters, prior_sd=prior_sd)


def test_counts_are_those_of_a_loop(fit: PromotionFit) -> None:
    rows, events, done = fit.rows, fit.events, fit.execution
    for event in range(0, events.count, 7):
        mine = events.of == event
        asked = mine & rows.agreed & (rows.planned.display > 0)
        stood = asked & (rows.seen.display > 0)
        assert done.displays_agreed[event] == asked.sum()
        assert done.displays_seen[event] == stood.sum()
        assert done.days_agreed[event] == pytest.approx(7 * rows.planned.display[asked].sum())
        assert set(np.flatnonzero(done.agreed[event])) == set(rows.store[mine & rows.agreed])
        shown = stood if asked.any() else mine & rows.seen.any
        assert set(np.flatnonzero(done.executed[event])) == set(rows.store[shown])
    assert (done.displays_seen <= done.displays_agreed).all()
    assert (done.days_seen <= done.days_agreed + 1e-9).all()


def test_sales_as_the_model_has_them_agree_with_it(fit: PromotionFit) -> None:
    found = told(fit, fit.response.mean)
    assert found.agreement[0] == pytest.approx(1.0, abs=1e-6)
    assert found.willing[0] == pytest.approx(1.0, abs=1e-6)
    assert found.before[0] == pytest.approx(0.0, abs=1e-6)


def test_willing_stores_that_respond_more_are_found(fit: PromotionFit) -> None:
    rows, strength = fit.rows, 1.5
    found = _matched(rows, fit.events)
    assert found is not None
    row, event, after = found
    did = rows.seen.display[row] > 0
    willing = _willing(rows, row, event, after)
    centre, others = willing[after & did].mean(), willing[after & ~did].mean()
    pull = display_part(fit.design, fit.response.parameters, fit.design.support)
    units = fit.response.mean.copy()
    units[row[after]] *= np.exp(strength * pull[row] * (willing - centre))[after]
    seen = told(fit, units)
    assert others < centre
    # Without noise what is left is the weak prior of the slopes.
    assert seen.willing[0] == pytest.approx(1 + strength * (others - centre), abs=0.02)
    assert seen.willing[0] < seen.ratio < 1


def test_stores_that_were_rising_before_are_found(fit: PromotionFit) -> None:
    rows = fit.rows
    found = _matched(rows, fit.events)
    assert found is not None
    row, event, after = found
    key = event * (rows.pair.max() + 1) + rows.pair[row]
    shown = np.isin(key, key[after & (rows.seen.display[row] > 0)])
    early = ~after & shown & (rows.week[row] >= fit.events.first_week[event] - 2)
    units = fit.response.mean.copy()
    units[row[early]] *= 1.3
    assert told(fit, units).before[0] > 0.2


def test_each_store_is_judged_by_its_other_displays(fit: PromotionFit) -> None:
    rows = fit.rows
    found = _matched(rows, fit.events)
    assert found is not None
    row, event, after = found
    willing = _willing(rows, row, event, after)
    place = int(np.flatnonzero(after)[0])
    others = after & (rows.store[row] == rows.store[row[place]]) & (event != event[place])
    did = (rows.seen.display[row] > 0) & after
    share = (did[others].sum() + 4 * did.sum() / after.sum()) / (others.sum() + 4)
    assert willing[place] == pytest.approx(share)


def test_weeks_before_have_no_support_and_lie_just_before(fit: PromotionFit) -> None:
    found = _matched(fit.rows, fit.events)
    assert found is not None
    row, event, after = found
    lag = fit.events.first_week[event] - fit.rows.week[row]
    assert ((lag[~after] >= 1) & (lag[~after] <= 4)).all()
    assert not fit.rows.seen.any[row[~after]].any()
    assert (lag[after] <= 0).all()


def test_without_a_plan_nothing_is_compared(fit: PromotionFit) -> None:
    rows = replace(fit.rows, agreed=np.zeros(fit.rows.size, bool))
    found = execution(rows, fit.events, fit.design, fit.response.parameters, prior_sd=0.25)
    assert not found.agreed.any()
    assert np.isnan(found.willing).all()
    assert (found.ratio, found.ratio_sd) == (1.0, 0.25)


def test_the_prior_speaks_where_the_data_do_not() -> None:
    assert _posterior((float("nan"), float("nan")), 0.25) == (1.0, 0.25)
    assert _posterior((0.3, 0.1), 0.0) == (1.0, 0.0)
    ratio, error = _posterior((0.5, 0.05), 0.25)
    assert 0.5 < ratio < 0.55
    assert error < 0.05
    assert _posterior((-4.0, 0.1), 1.0)[0] == 0.0
