"""Forecasts of planned promotions, held to the truth of simulated worlds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from offtake.data.store import Store
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from offtake.validation.harness import verify
from offtake.validation.plan_trials import (
    AHEAD,
    EVENTS,
    TABLES,
    WORLD,
    before,
    planned_after,
    true_effects,
)
from offtake.validation.registry import trial

SMALL = replace(WORLD, stores=15, weeks=60, seed=9)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SMALL, tmp_path_factory.mktemp("plans") / "world").folder


def test_nothing_after_the_cut_reaches_the_fit_and_plans_are_those_after_it(world: Path) -> None:
    truth = read_truth(world, "event")
    with Store(":memory:", "twin") as store:
        load_twin(store, world, contracts=TABLES)
        tables = store.tables()
        assert tables.span is not None
        cut = tables.span[1] - timedelta(weeks=AHEAD - 1)
        known = before(tables, cut)
        for name in ("sales", "promotion"):
            weeks = store.run(known[name].aggregate(last=known[name].week.max()))
            assert weeks["last"][0].as_py() == cut - timedelta(weeks=1)
        plans = planned_after(store, tables, cut, true_effects(world))
    assert len(plans) > 3
    rows = {row["promotion_id"]: row for row in truth.to_pylist()}
    for each in plans:
        true = rows[each.activity.key]
        assert each.activity.first_day == true["first_week"] >= cut
        assert each.activity.days == 7 * true["weeks"]
        assert each.activity.retailers == (true["retailer"],)
        # An item that no store of the retailer lists is in the truth and not in the plan.
        assert 0 < len(each.activity.product_ids) <= true["items"]
        assert each.activity.price_cut == pytest.approx(100 * true["cut"])
        assert (each.activity.display, each.activity.feature) == (true["display"], true["feature"])


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(tmp_path: Path) -> None:
    found = verify(trial("plan-forecast"), replicates=12, seed=3, out=tmp_path)
    for name in ("base", "incremental as planned", "incremental as executed"):
        scores = [each for each in found.scores if each.quantity.endswith(name)]
        assert len(scores) == EVENTS
        held = np.mean([each.coverage[1].share for each in scores])
        # 72 promotions of 12 worlds, those of one world alike: some 30 are worth their own, so that
        # a share of .8 is known to within .15.
        assert 0.65 <= held <= 0.99
        assert abs(np.mean([each.bias for each in scores])) < 0.2
