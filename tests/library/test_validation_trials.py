"""The promotion trials: the rows they are fitted on, and that the harness tells good from bad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError
from offtake.models.panel import panel
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.harness import verify
from offtake.validation.promotion_rows import RESPONSES, PromotionRows, promotion_rows
from offtake.validation.promotion_trials import CATEGORIES, DIRECT, TABLES
from offtake.validation.registry import SUBJECTS, TRIALS, trial
from offtake.validation.scores import Score

WORLD = replace(DIRECT, stores=30, weeks=40, seed=3, truth="rows")
CATEGORY = CATEGORIES[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(WORLD, tmp_path_factory.mktemp("trials") / "world").folder


@pytest.fixture(scope="module")
def loaded(world: Path) -> Store:
    store = Store(":memory:", "twin")
    load_twin(store, world, contracts=TABLES)
    return store


@pytest.fixture(scope="module")
def rows(loaded: Store) -> PromotionRows:
    return promotion_rows(loaded, loaded.tables(), CATEGORY)


def test_rows_are_the_listed_weeks_of_pairs_that_sold(
    rows: PromotionRows, loaded: Store, world: Path
) -> None:
    sold = loaded.run(panel(loaded.tables(), where=[f"category={CATEGORY}"], min_units=1.0))
    assert rows.units.sum() == sum(sold["units"].to_pylist())
    assert rows.units.size >= sold.num_rows
    assert (rows.units == 0).any()
    items = read_truth(world, "item")
    mine = set(items["product_id"].to_numpy()[np.array(items["category"].to_pylist()) == CATEGORY])
    demand = read_truth(world, "demand")
    live = np.array([name in mine for name in demand["product_id"].to_pylist()])
    # A pair on the shelf that never sold is left out: it tells nothing beside its own effect.
    assert 0.98 * live.sum() <= rows.units.size <= live.sum()


def test_regressors_are_what_acted(rows: PromotionRows, world: Path) -> None:
    """With one response per item, the true log support is a fixed mixture of the columns."""
    items, demand = read_truth(world, "item"), read_truth(world, "demand")
    category = np.array(items["category"].to_pylist()) == CATEGORY
    response = np.array([items[name].to_numpy()[category].mean() for name in RESPONSES[1:]])
    named = dict(zip(items["product_id"].to_pylist(), category, strict=True))
    mine = np.array([named[name] for name in demand["product_id"].to_pylist()])
    true = demand["log_support"].to_numpy()[mine].sum()
    # Pairs that never sold are in the truth, and not in the rows.
    assert (rows.x[:, 1:] @ response).sum() == pytest.approx(true, rel=0.02)


def test_prices_are_the_retailers_where_nothing_sold(rows: PromotionRows) -> None:
    assert np.isfinite(rows.x).all()
    by_item_week = rows.item * (rows.week.max() + 1) + rows.week
    for cell in np.unique(by_item_week[rows.units == 0])[:50]:
        prices = np.round(rows.x[by_item_week == cell, 0], 9)
        assert len(np.unique(prices)) <= 5  # one per retailer at most


def test_names_are_unique_and_an_unknown_one_is_refused() -> None:
    assert len(TRIALS) == sum(len(subject.TRIALS) for subject in SUBJECTS)
    assert set(TRIALS) >= {"promotion-response", "promotion-planned", "promotion-plain"}
    with pytest.raises(UnknownNameError, match="Did you mean 'promotion-plain'"):
        trial("promotion-plan")


def test_sizes_are_replaced_and_checked() -> None:
    spec = trial("promotion-plain").sized(stores=20, items=8).spec
    assert (spec.stores, spec.weeks, spec.items) == (20, TwinSpec(weeks=78).weeks, 8)
    with pytest.raises(BadInputError, match="stores: got 1"):
        trial("promotion-plain").sized(stores=1)


def scores(folder: Path, name: str) -> dict[str, Score]:
    sized = trial(name).sized(stores=30, weeks=52)
    found = verify(sized, replicates=3, seed=7, out=folder)
    for each in found.replicates:
        assert each.estimates.usable.all()
    return {each.quantity: each for each in found.scores}


@pytest.mark.slow
def test_the_regression_finds_the_truth(tmp_path: Path) -> None:
    sized = trial("promotion-response").sized(stores=30, weeks=52)
    found = verify(sized, replicates=3, seed=7, out=tmp_path)
    for each in found.replicates:
        errors = each.estimates.less_truth()
        # Ends at 95 % are about two standard errors away, so this asks for less than five.
        reach = (errors.upper - errors.lower)[:, -1] / 2
        assert (np.abs(errors.estimate) < 2.5 * reach).all()


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    """The fit adds up on several threads, each process on fewer of them."""
    sized = trial("promotion-response").sized(stores=20, weeks=30, items=6)
    one, two = (
        verify(sized, replicates=2, seed=7, out=tmp_path / str(workers), workers=workers)
        for workers in (1, 2)
    )
    assert one.scores == two.scores


@pytest.mark.slow
def test_plans_taken_for_execution_bias_the_display(tmp_path: Path) -> None:
    found = scores(tmp_path, "promotion-planned")
    for category in CATEGORIES:
        display = found[f"display, {category}"]
        # Displays stand .71 x .62 of the agreed time: more than half of the response is lost.
        assert display.bias < -0.3 * display.truth
        assert display.bias < -3 * display.bias_error
        assert display.coverage[-1].share < 0.5
