"""The promotion model: derivatives and effects against brute force, events, and totals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.models.promotion.design import (
    Design,
    PromotionSpec,
    design,
    jacobian,
    log_mean,
    promoted_part,
    regrouped,
)
from offtake.models.promotion.effects import DONE, EVENT_ITEMS, EXECUTED, FULL, plan_or_seen
from offtake.models.promotion.events import find_events
from offtake.models.promotion.fit import PromotionFit, fit_promotions
from offtake.models.promotion.groups import (
    Groups,
    brands_of_sets,
    pull_groups,
    response_groups,
    retailer_groups,
)
from offtake.models.promotion.layout import LEVERS
from offtake.models.promotion.market import beside, brand_of_items, pull_weights
from offtake.models.promotion.response_tables import category_table
from offtake.models.promotion.rows import PromotionRows, Support, promotion_rows
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.truth import read_truth
from tests.library.small_promotions import SPEC, fitted


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> PromotionFit:
    return fitted(tmp_path_factory.mktemp("promotion"))


@pytest.fixture(scope="module")
def rows(fit: PromotionFit) -> PromotionRows:
    return fit.rows


def laid_out(rows: PromotionRows, leads: int = 0) -> tuple[Design, np.ndarray]:
    groups = Groups(response_groups(rows, 4), retailer_groups(rows, 2), pull_groups(rows, 2))
    found = regrouped(design(rows, PromotionSpec(leads=leads)), rows, groups)
    parameters = np.random.default_rng(1).normal(0.2, 0.2, found.layout.size)
    return found, parameters


def test_rows_are_sorted_and_complete(rows: PromotionRows) -> None:
    key = (rows.store * rows.names.items.size + rows.item) * 1000 + rows.week
    assert (np.diff(key) > 0).all()
    assert rows.has_plan
    assert rows.has_stock
    assert rows.cut_from == "stated"
    assert ((rows.available > 0) & (rows.available <= 1)).all()
    assert np.isfinite(rows.regular).all()
    assert (rows.regular > 0).all()
    assert (rows.seen.cut < 1).all()
    assert (rows.seen.display <= 1).all()


@pytest.mark.parametrize("leads", [0, 2])
def test_derivatives_are_those_of_small_steps(rows: PromotionRows, leads: int) -> None:
    found, parameters = laid_out(rows, leads)
    slopes = jacobian(found, parameters)
    for place in range(found.layout.size):
        step = np.zeros_like(parameters)
        step[place] = 1e-6
        numeric = (log_mean(found, parameters + step) - log_mean(found, parameters - step)) / 2e-6
        # Central differences of a quadratic are exact but for rounding.
        assert slopes[:, place] == pytest.approx(numeric, abs=1e-7)


def test_pulls_are_those_of_a_loop(rows: PromotionRows) -> None:
    found, _ = laid_out(rows)
    values = np.random.default_rng(2).normal(size=rows.size)
    near = found.market
    for row in np.random.default_rng(3).integers(0, rows.size, 40):
        there = (rows.store == rows.store[row]) & (rows.week == rows.week[row])
        mates = there & (rows.brand == rows.brand[row]) & (rows.item != rows.item[row])
        rivals = there & (rows.brand != rows.brand[row])
        assert near.own_others(values)[row] == pytest.approx((near.mates * values)[mates].sum())
        assert near.competitors(values)[row] == pytest.approx((near.rivals * values)[rivals].sum())
        before = (rows.pair == rows.pair[row]) & (rows.week == rows.week[row] - 2)
        assert near.lagged(values, 2)[row] == values[before].sum()


def test_weeks_ahead_are_those_of_a_loop(rows: PromotionRows) -> None:
    near = laid_out(rows, leads=2)[0].market
    values = np.random.default_rng(2).normal(size=rows.size)
    for row in np.random.default_rng(3).integers(0, rows.size, 40):
        for line, weeks in ((1, -1), (3, -3), (4, 1), (5, 2)):
            there = (rows.pair == rows.pair[row]) & (rows.week == rows.week[row] + weeks)
            assert near.lagged(values, line)[row] == values[there].sum()


def test_shoppers_who_wait_are_found_and_leave_the_other_weeks(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A twin in which nobody waits: the dip before is near 0, and effects still add up."""
    folder = build(replace(SPEC, stores=30), tmp_path_factory.mktemp("waits") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("product", "store", "sales", "promotion"))
        found = fit_promotions(store, store.tables(), "COFFEE", spec=PromotionSpec(leads=1))
    layout = found.design.layout
    place = layout.dips.stop - 1
    error = np.sqrt(found.covariance[place, place])
    # Five standard errors, and a twentieth of a gain for what dips of other promotions leave.
    assert abs(found.sober.parameters[place]) < 5 * error + 0.05
    number = int(np.argmax(found.effects.units[DONE, :, EVENT_ITEMS]))
    mine = found.events.of == number
    cut = np.where(mine[:, None], 0.0, found.design.support)
    with_it = promoted_part(found.design, found.sober.parameters)
    without = promoted_part(replace(found.design, support=cut), found.sober.parameters)
    lost = found.rows.units * -np.expm1(without - with_it)
    assert found.effects.units[DONE, number].sum() == pytest.approx(lost.sum(), rel=1e-9)
    names = category_table(found)["parameter"].to_pylist()
    assert "dip_before_1_weeks" in names
    assert len(names) == len(set(names))


def test_an_item_that_sells_as_much_as_its_mates_takes_all_from_them() -> None:
    mates, _ = pull_weights(
        np.array([2.0, 1.0, 1.0, 4.0]), np.array([2.0, 3.0, 3.0, 0.0]), np.array([4.0] * 4)
    )
    assert mates[:3] == pytest.approx([1.0, 1 / 3, 1 / 3])


def test_what_is_beside_an_item_is_what_the_same_stores_have(rows: PromotionRows) -> None:
    near = laid_out(rows)[0].market
    sizes = np.arange(1.0, rows.names.items.size + 1)
    mates, rivals = beside(near, rows, sizes)
    for item in (0, 5):
        seen = []
        for row in np.flatnonzero(rows.item == item):
            there = (rows.store == rows.store[row]) & (rows.week == rows.week[row])
            mine = there & (rows.brand == rows.brand[row]) & (rows.item != item)
            others = there & (rows.brand != rows.brand[row])
            seen.append((sizes[rows.item[mine]].sum(), sizes[rows.item[others]].sum()))
        assert (mates[item], rivals[item]) == pytest.approx(tuple(np.mean(seen, axis=0)))


def test_where_nothing_is_listed_first_and_last_sales_are_no_evidence(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = build(replace(SPEC, stores=8), tmp_path_factory.mktemp("sold") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("product", "store", "sales", "promotion"))
        rows = promotion_rows(store, store.tables(), "COFFEE")
    for pair in np.unique(rows.pair):
        mine = rows.pair == pair
        assert rows.units[mine][[0, -1]].min() > 0
        assert rows.counted[mine].tolist() == [False, *[True] * (mine.sum() - 2), False]


def test_the_fit_is_a_maximum(fit: PromotionFit) -> None:
    assert fit.response.converged
    # At the maximum fitted and real units agree for every pair, up to separated rows.
    for codes in (fit.rows.pair, fit.design.week):
        total = np.bincount(codes, fit.rows.units)
        assert np.bincount(codes, fit.response.mean) == pytest.approx(total, abs=1e-3)


@pytest.mark.parametrize("number", [0, 3, 7])
def test_the_effect_is_what_taking_the_event_away_changes(fit: PromotionFit, number: int) -> None:
    rows, events, parameters = fit.rows, fit.events, fit.sober.parameters
    mine = events.of == number
    cut = np.where(mine[:, None], 0.0, fit.design.support)
    with_it = promoted_part(fit.design, parameters)
    without = promoted_part(replace(fit.design, support=cut), parameters)
    lost = rows.units * -np.expm1(without - with_it)
    assert fit.effects.units[DONE, number].sum() == pytest.approx(lost.sum(), rel=1e-9)
    during = (rows.week >= events.first_week[number]) & (rows.week <= events.last_week[number])
    items = np.isin(rows.item, np.unique(rows.item[mine]))
    own = lost[during & items].sum()
    assert fit.effects.units[DONE, number, EVENT_ITEMS] == pytest.approx(own, rel=1e-9)


def test_as_planned_is_what_putting_the_plan_in_changes(fit: PromotionFit) -> None:
    rows, parameters, number = fit.rows, fit.sober.parameters, 3
    mine = (fit.events.of == number)[:, None]
    planned = np.where(mine, plan_or_seen(rows), fit.design.support)
    none = np.where(mine, 0.0, fit.design.support)
    full, bare, now = (
        promoted_part(replace(fit.design, support=each), parameters)
        for each in (planned, none, fit.design.support)
    )
    gain = rows.units * np.exp(bare - now) * np.expm1(full - bare)
    assert fit.effects.units[FULL, number].sum() == pytest.approx(gain.sum(), rel=1e-9)


def test_gradients_are_those_of_small_steps(fit: PromotionFit) -> None:
    from offtake.models.promotion.effects import Fitted, effects

    def at(parameters: np.ndarray) -> np.ndarray:
        sober = replace(fit.sober, parameters=parameters)
        nothing = np.zeros(fit.rows.size)
        return effects(
            Fitted(
                fit.rows,
                fit.design,
                fit.response,
                fit.events,
                sober,
                nothing,
                fit.execution.executed,
            )
        ).units

    layout = fit.design.layout
    first, last = layout.retailers.start, layout.retailers.stop - 1
    for place in (
        0,
        1,
        2,
        3,
        first,
        last,
        layout.dips.start,
        layout.own_pulls.start,
        layout.effects - 1,
    ):
        step = np.zeros(layout.size)
        step[place] = 1e-5
        numeric = (at(fit.sober.parameters + step) - at(fit.sober.parameters - step)) / 2e-5
        found = fit.effects.gradient[:, :, :, place]
        assert found == pytest.approx(numeric, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("number", [0, 3])
def test_accidents_go_together_with_the_parameters_they_moved(
    fit: PromotionFit, number: int
) -> None:
    rows, events = fit.rows, fit.events
    mine = events.of == number
    cut = np.where(mine[:, None], 0.0, fit.design.support)
    without = promoted_part(replace(fit.design, support=cut), fit.sober.parameters)
    share = -np.expm1(without - promoted_part(fit.design, fit.sober.parameters))
    during = (rows.week >= events.first_week[number]) & (rows.week <= events.last_week[number])
    part = during & np.isin(rows.item, np.unique(rows.item[mine]))
    moved = fit.response.moved_by(csr_array((fit.response.variance * share * part)[:, None]))
    count = fit.effects.shared.shape[-1]
    wanted = fit.sober.kept[:count] @ moved[0]
    found = fit.effects.shared[DONE, number, EVENT_ITEMS]
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    # More units on a promotion than expected make the promotion look better.
    assert fit.effects.gradient[DONE, number, EVENT_ITEMS] @ found > 0
    weeks = fit.effects.by_week_shared[number].sum(axis=0)
    every = moved_by_weeks(fit, number, share)
    assert weeks == pytest.approx(every, rel=1e-9, abs=1e-12)


def moved_by_weeks(fit: PromotionFit, number: int, share: np.ndarray) -> np.ndarray:
    """Return the same for all weeks in which the event acts on its items."""
    rows, events = fit.rows, fit.events
    items = np.isin(rows.item, np.unique(rows.item[events.of == number]))
    weight = fit.response.variance * share * items
    moved = fit.response.moved_by(csr_array(weight[:, None]))
    return fit.sober.kept[: fit.effects.shared.shape[-1]] @ moved[0]


def test_parts_add_up_over_stores_and_weeks(fit: PromotionFit) -> None:
    own = fit.effects.units[DONE, :, EVENT_ITEMS]
    assert fit.effects.by_store[:, :, 1].sum(axis=1) == pytest.approx(own)
    length = fit.events.last_week - fit.events.first_week + 1
    for number in range(fit.events.count):
        weeks = fit.effects.by_week[number, : length[number]]
        assert weeks[:, 1].sum() == pytest.approx(own[number])
        assert weeks[:, 0].sum() == pytest.approx(fit.effects.by_store[number, :, 0].sum())


def test_executed_is_a_part_of_what_was_done(fit: PromotionFit) -> None:
    everything = np.abs(fit.effects.units[DONE, :, EVENT_ITEMS])
    assert (np.abs(fit.effects.units[EXECUTED, :, EVENT_ITEMS]) <= everything + 1e-9).all()


def test_events_bear_the_names_of_the_source(fit: PromotionFit) -> None:
    assert fit.events.named.all()
    assert not fit.events.local.any()
    assert set(fit.events.names) == set(fit.rows.names.promotions.tolist())


def test_without_names_adjacent_weeks_of_a_chain_are_one_event(fit: PromotionFit) -> None:
    rows = replace(
        fit.rows,
        promotion=np.full(fit.rows.size, -1),
        agreed=np.zeros(fit.rows.size, bool),
    )
    events = find_events(rows)
    assert not events.named.any()
    assert len(set(events.names)) == events.count
    acted = rows.seen.any
    assert (events.of[acted] >= 0).all()
    assert (events.of[~acted] == -1).all()
    for number in range(events.count):
        mine = events.of == number
        assert np.unique(rows.item[mine]).size == np.unique(rows.retailer[mine]).size == 1
        weeks = np.unique(rows.week[mine])
        assert events.local[number] or (np.diff(weeks) == 1).all()


def test_money_goes_with_the_row_it_falls_on(fit: PromotionFit) -> None:
    known = fit.money.known
    brand = brand_of_items(fit.rows)
    assert 0 < known.mean() < 1
    assert brand.size == fit.rows.names.items.size
    assert (np.isfinite(fit.money.fixed)).any()
    assert (fit.money.per_unit >= 0).all()


def test_the_same_seed_gives_the_same_answer(fit: PromotionFit) -> None:
    from offtake.models.promotion.pooling import sober

    brands = brands_of_sets(fit.design.group_of_item, brand_of_items(fit.rows))
    again = sober(fit.response, fit.design.layout, brands, seed=3)
    assert again.parameters.tobytes() == fit.sober.parameters.tobytes()


def test_pooling_moves_towards_the_category_and_keeps_covariances_positive(
    fit: PromotionFit,
) -> None:
    own = fit.response.parameters[: fit.design.layout.responses].reshape(-1, len(LEVERS))
    pooled = fit.sober.parameters[: fit.design.layout.responses].reshape(-1, len(LEVERS))
    assert (pooled.std(axis=0) <= own.std(axis=0) + 1e-9).all()
    assert np.linalg.eigvalsh(fit.covariance).min() > -1e-10


def test_an_unknown_category_is_refused(fit: PromotionFit, tmp_path: Path) -> None:
    with Store(":memory:") as store, pytest.raises(BadInputError, match="nothing sold"):
        promotion_rows(store, store.tables(), "NOTHING")


def test_a_category_without_promotions_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = build(replace(SPEC, stores=6), tmp_path_factory.mktemp("none") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("product", "store", "sales"))
        tables = store.tables()
        with pytest.MonkeyPatch.context() as patch:
            # Prices without any cut, and no support.
            patch.setattr("offtake.models.promotion.rows.price_cut", lambda paid, _: 0 * paid)
            with pytest.raises(BadInputError, match="no promotion was seen"):
                fit_promotions(store, tables, "COFFEE")


def test_support_multiplies_display_and_feature() -> None:
    one = Support(np.array([0.5]), np.array([0.5]), np.array([1.0]))
    assert one.columns.tolist() == [[np.log(0.5), 0.5, 1.0, 0.5]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lags": 13},
        {"leads": 5},
        {"own_retailers": 51},
        {"own_responses": -1},
        {"margin_share": 1.0},
    ],
)
def test_a_wrong_specification_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="allowed"):
        PromotionSpec(**wrong)  # type: ignore[arg-type]


def test_elasticities_are_recovered_from_prices_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Sales without any promotion table, as from a scanner: cuts are derived from prices paid."""
    bare = replace(
        SPEC, stores=50, weeks=70, items=12, stock_weeks=1,
        without=frozenset({"display", "feature", "display_feature", "out_of_stock"}),
    )  # fmt: skip
    folder = build(bare, tmp_path_factory.mktemp("prices") / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("product", "store", "sales"))
        found = fit_promotions(store, store.tables(), "COFFEE")
    assert found.rows.cut_from == "derived"
    items = read_truth(folder, "item")
    true = dict(zip(items["product_id"].to_pylist(), items["elasticity_promoted"].to_pylist(),
                    strict=True))  # fmt: skip
    places = len(LEVERS) * found.design.group_of_item
    error = found.sober.parameters[places] - [true[name] for name in found.rows.names.items]
    sd = np.sqrt(np.diag(found.covariance))[places]
    # Twelve standardised errors: their root mean square is below 1.6 in 999 of 1,000 cases, and a
    # price cut that the regular price misses would bias all of them to one side.
    assert np.sqrt(np.mean((error / sd) ** 2)) < 1.6
    assert abs(np.mean(error)) < 0.15
