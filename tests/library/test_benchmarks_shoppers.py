"""The benchmark of customer bases, on a few customers: every side finds the same parameters."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks.measuring import Taken
from benchmarks.shoppers.cases import CASES, difference
from benchmarks.shoppers.customers import DAYS, TRUTH, made, read_customers, write_purchases
from benchmarks.shoppers.norms import SWITCHING
from benchmarks.shoppers.norms import ours as norms_of_ours
from benchmarks.shoppers.panel import difference as panel_difference
from benchmarks.shoppers.sides import SIDES, brands, measured
from benchmarks.worker import Clock


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, int]:
    path = tmp_path_factory.mktemp("bench") / "purchases.parquet"
    customers, rows = write_purchases(path, 2, 100_000)
    return str(path), customers, rows


def test_customers_are_drawn_as_the_model_has_it() -> None:
    customers, who, day = made(20_000, 1)
    assert made(20_000, 1)[1].tobytes() == who.tobytes()
    np.testing.assert_array_equal(np.bincount(who) - 1, customers.frequency)
    assert day.max() == DAYS - 1
    found, _ = SIDES["ours"]()[0](customers)
    # Two purchases of a day count once, which takes some of the busiest: r and alpha to a tenth.
    np.testing.assert_allclose(found, TRUTH, rtol=0.15)


@pytest.mark.parametrize("side", [side for side in SIDES if side != "ours"])
def test_other_software_finds_our_parameters(side: str) -> None:
    if find_spec(side.replace("-", "_")) is None:
        pytest.skip(f"{side}: not installed (uv sync --group bench)")
    ours, theirs = (measured(Clock(), each, "") for each in ("ours", side))
    assert ours["said"] == theirs["said"] == ""
    # Their searches stop a little early.
    np.testing.assert_allclose(ours["coefficients"], theirs["coefficients"], rtol=1e-3)
    assert read_customers("").age.size == 2357


def test_brands_counted_in_the_engine_are_those_counted_by_lifetimes(
    purchases: tuple[str, int, int],
) -> None:
    path, customers, rows = purchases
    assert 0 < customers < rows
    clock = Clock()
    ours, theirs = (brands(clock, side, path) for side in ("ours", "lifetimes"))
    assert np.shape(ours["coefficients"]) == (2, 4)
    np.testing.assert_allclose(ours["coefficients"], theirs["coefficients"], rtol=1e-3)
    one, other = (Taken(0.0, {}, 0.0, facts) for facts in (ours, theirs))
    assert difference(one, one) == 0
    assert 0 < difference(one, other) < 1e-3
    assert {"cdnow", "million", "brands", "norms", "catalogue", "peer"} <= set(CASES)


def test_norms_find_the_market_that_was_drawn() -> None:
    found = norms_of_ours(Clock(), 20_000)
    assert found["rows"] > 20_000
    assert found["found"] == pytest.approx(SWITCHING, rel=0.05)


def test_a_peer_that_tells_something_else_is_said_to_differ() -> None:
    told = {"buyers 1": 10.0, "buyers 2": 4.0}
    assert panel_difference(told, dict(told)) == 0
    assert panel_difference(told, {"buyers 1": 9.0}) == pytest.approx(0.1)
    assert panel_difference(told, {}) is None
