"""How much less buyers won with support like what they bought: counted by hand, and taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from offtake.data.store import Store
from offtake.models.shoppers.won_effects import effects
from offtake.models.shoppers.won_liking import liking
from offtake.models.shoppers.won_rows import SupportRows, WonRows, won_rows
from offtake.models.shoppers.won_spec import WonSpec
from offtake.models.shoppers.won_tables import won_tables
from offtake.models.shoppers.won_triggers import (
    COUPON,
    DEAL,
    DISPLAY,
    FULL_PRICE,
    LEAFLET,
    SUPPORTED,
    after,
    triggers,
)
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.validation.won_trials import CATEGORY, TABLES, WORLD
from tests.library.small_purchases import Purchase, Support, fill_panel

NOTHING = SupportRows(np.zeros(0, np.int64), np.zeros(0, np.str_), np.zeros(0), np.zeros(0))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> WonRows:
    spec = replace(WORLD, stores=10, weeks=60, households=900, seed=8)
    folder = build(spec, tmp_path_factory.mktemp("liking") / "world").folder
    with Store(":memory:", "twin") as opened:
        load_twin(opened, folder, contracts=TABLES)
        return won_rows(opened, opened.tables(), CATEGORY)


def test_occasions_and_choices_are_counted_by_hand(store: Store) -> None:
    bought = [
        Purchase("H1", "A1", 0),
        Purchase("H1", "A2", 0),  # the same brand, day and household: one choice
        Purchase("H1", "B1", 0),
        Purchase("H2", "B1", 1),
        Purchase("H2", "A1", 8),
        Purchase("H3", "A1", 9, store="S2"),  # nobody reports its promotions
    ]
    shown = [Support("A1", 0, display=True, feature=True), Support("A2", 1, feature=True)]
    found = won_rows(fill_panel(store, bought, shown), store.tables(), "SNACKS").support
    told = sorted(zip(found.place, found.kind, found.chosen, found.occasions, strict=True))
    assert told == [
        (0, "", 2, 3), (0, "display", 1, 2), (0, "leaflet", 1, 1),
        (1, "", 2, 3),
    ]  # fmt: skip


def test_who_was_won_with_support_is_expected_back_less_often(rows: WonRows) -> None:
    won = triggers(rows)
    found = liking(rows, won)
    assert found.known == (False, True, True, True)
    for kind in (DISPLAY, LEAFLET, DEAL):
        mine = found.shift[won.trigger == kind]
        assert (mine < 0).all()
        assert -0.06 < mine.mean() < -0.003
        assert (found.error[won.trigger == kind] < 0.02).all()
    for kind in (COUPON, FULL_PRICE):
        assert not found.shift[won.trigger == kind].any()


def test_differences_are_those_without_it_less_what_it_explains(rows: WonRows) -> None:
    won, then, spec = triggers(rows), after(rows), WonSpec()
    told = effects(rows, won, then, spec)
    untold = effects(replace(rows, support=NOTHING), won, then, spec)
    assert np.isnan(untold.liking).all()
    some = [DISPLAY, LEAFLET, DEAL]
    np.testing.assert_allclose(
        told.overall[some], untold.overall[some] - told.liking[some], rtol=1e-9
    )
    assert (told.overall_error[some] > untold.overall_error[some]).all()
    assert np.isnan(told.liking[COUPON])


def test_notes_say_what_was_taken_out_and_what_was_not(store: Store) -> None:
    random = np.random.default_rng(4)
    bought = [
        Purchase(f"H{home}", product, int(day), off=float(home % 2))
        for home in range(60)
        for product in ("A1", "B1", "C1")
        for day in np.unique(random.integers(0, 364, 5))
    ]
    shown = [Support("A1", week, display=True) for week in range(0, 52, 3)]
    fill_panel(store, bought, shown)
    notes = [row["note"] for row in won_tables(
        store, store.tables(), "SNACKS")["shopper_won_notes"].to_pylist()]  # fmt: skip
    taken = [each for each in notes if each.startswith("Support wins")]
    assert len(taken) == 1
    assert "display " in taken[0]
    assert any("not told for: deal." in each for each in notes)
    fill_panel(store, bought)
    notes = [row["note"] for row in won_tables(
        store, store.tables(), "SNACKS")["shopper_won_notes"].to_pylist()]  # fmt: skip
    assert not any(each.startswith("Support wins") for each in notes)


def test_one_brand_alone_has_nothing_to_be_chosen_from(rows: WonRows) -> None:
    lines = replace(rows.lines, group=np.zeros_like(rows.lines.group))
    trials = replace(rows.trials, group=np.zeros_like(rows.trials.group))
    alone = replace(rows, lines=lines, trials=trials, groups=rows.groups[:1])
    found = liking(alone, triggers(alone))
    assert not any(found.known)
    assert not found.shift.any()
    assert len(found.known) == len(SUPPORTED)
