"""The campaign trials: truth is the difference to the world in which nobody answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.twin.market.world import make_world
from offtake.twin.shoppers.campaigns import draw_campaigns
from offtake.twin.shoppers.households import draw_households
from offtake.twin.truth import read_truth
from offtake.validation.campaign_trials import CROWDED, WORLD, fit_pairs, fit_plain, make_pair
from offtake.validation.registry import trial
from offtake.validation.scores import Estimates

SMALL = replace(WORLD, stores=6, weeks=40, items=6, households=900, seed=4)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trials") / "world"
    make_pair(SMALL, folder)
    return folder


@pytest.fixture(scope="module")
def found(world: Path) -> Estimates:
    return fit_pairs(world, 0)


def test_every_quantity_has_a_truth_and_an_interval(found: Estimates) -> None:
    assert len(found.quantities) == 10
    assert found.usable.all()
    assert (found.lower[:, 2] < found.upper[:, 2]).all()


def test_truth_is_near_what_the_twin_expected(found: Estimates, world: Path) -> None:
    expected = read_truth(world, "campaign_household")
    named = np.array(expected["campaign_id"].to_pylist())
    # The first campaign begins in the fifth week, too soon to be judged.
    units = expected["incremental_units"].to_numpy()[named != "M001"].sum()
    told = sum(value for name, value in zip(found.quantities, found.truth, strict=True)
               if name.startswith("products units"))  # fmt: skip
    # Purchases of 1.35 units on average: the sum is Poisson, with about that much more spread.
    assert abs(told - units) < 4 * np.sqrt(2 * units) + 0.15 * units


@pytest.mark.slow
def test_what_is_easily_said_is_of_the_same_truth(found: Estimates, world: Path) -> None:
    plain = fit_plain(world, 0)
    truth = dict(zip(found.quantities, found.truth, strict=True))
    for name, value in zip(plain.quantities, plain.truth, strict=True):
        category = name.split(", ")[1]
        assert value == truth[f"products units total, {category}"]


def test_campaigns_follow_as_closely_as_asked() -> None:
    spec = replace(CROWDED, households=50, stores=5)
    world = make_world(spec)
    campaigns = draw_campaigns(world, draw_households(world))
    assert campaigns.count == 26
    assert set(np.diff(campaigns.start)) == {3}
    assert trial("campaigns-crowded").spec.campaign_every == 3
