"""Likeness of a twin: the statistics by hand, and what thinning to a panel keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from offtake.errors import BadInputError
from offtake.twin.build import build
from offtake.twin.calibration import calibration
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.calibrate_outages import StockRows
from offtake.validation.calibrate_rows import CategoryRows
from offtake.validation.likeness import (
    STATISTICS,
    Portrait,
    compare,
    correlation,
    cuts_by_support,
    distance,
    given,
    in_common,
    portraits,
    top_share,
)
from offtake.validation.likeness_panel import largest_chain, panel_of_chain, thin, thin_sales
from offtake.validation.likeness_shelf import (
    bump,
    describe_outages,
    execution,
    hill_elasticity,
    media_elasticity,
    sources,
    twin_stock,
)
from offtake.validation.likeness_shoppers import nbd_shape

DRAWS = 400_000
SPEC = TwinSpec(
    stores=24, weeks=30, seed=11, items=8, categories=("BAG SNACKS", "SOFT DRINKS"), households=50,
    respondents=0, stock_weeks=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("likeness") / "twin"
    build(SPEC, folder)
    return folder


@pytest.mark.parametrize("size", [0.5, 3.0, np.inf])
def test_thinning_keeps_its_share_of_the_units_on_average(size: float) -> None:
    random = np.random.default_rng(1)
    units = np.full(DRAWS, 40)
    seen = thin(units, 0.025, np.full(DRAWS, size), random)
    # Five standard errors of the mean of the draws.
    assert seen.mean() == pytest.approx(1.0, abs=5 * seen.std() / np.sqrt(DRAWS))
    assert seen.min() >= 0
    assert seen.max() <= 40


def test_a_panel_taken_out_of_a_store_of_panels_is_distributed_as_a_panel_is() -> None:
    """Forty independent NB(1, 0.8) panels are NB(40, 32); one of them taken out is NB(1, 0.8)."""
    random, k, share = np.random.default_rng(2), 0.8, 1 / 40
    store = random.poisson(40 * random.gamma(k / share, share / k, DRAWS))
    seen = thin(store, share, np.full(DRAWS, k), random)
    panel = random.poisson(random.gamma(k, 1 / k, DRAWS))
    for count in range(5):
        one, other = np.mean(seen == count), np.mean(panel == count)
        # Five standard errors of the difference of two shares, at most 0.004.
        assert one == pytest.approx(other, abs=5 * np.sqrt(2 * other * (1 - other) / DRAWS))


def test_a_panel_of_everybody_sees_everything() -> None:
    units = np.array([0, 1, 7])
    assert thin(units, 1.0, np.ones(3), np.random.default_rng(0)).tolist() == [0, 1, 7]


def test_thinned_sales_keep_the_price_paid_and_drop_what_nobody_bought() -> None:
    sales = pa.table(
        {
            "store_id": ["A"] * 4,
            "units": [10.0, 1.0, 500.0, 3.0],
            "value": [25.0, 1.99, 1000.0, 9.0],
            "regular_price": [2.5, 1.99, 2.2, 3.0],
        }
    )
    found = thin_sales(sales, np.full(4, np.inf), 0.5, np.random.default_rng(3))
    assert found.num_rows < 4 or (found["units"].to_numpy() > 0).all()
    price = {10.0: 2.5, 1.99: 1.99, 2.2: 2.0, 3.0: 3.0, 2.5: 2.5}
    for row in found.to_pylist():
        assert row["value"] == pytest.approx(row["units"] * price[row["regular_price"]])
    assert found.schema == sales.schema


def test_the_largest_chain_is_the_retailer_with_most_stores() -> None:
    stores = pa.table({"store_id": ["1", "2", "3", "4"], "retailer": ["X", "Y", "Y", "X"]})
    assert largest_chain(stores).to_pylist() == ["1", "4"]  # of two as large, the first by name
    assert largest_chain(stores.slice(1)).to_pylist() == ["2", "3"]


def test_the_best_sellers_share_by_hand() -> None:
    assert top_share(np.array([5.0, 0.0, 3.0, 2.0]), 2 / 3) == pytest.approx(0.8)
    assert top_share(np.array([6.0, 2.0]), 0.25) == pytest.approx(0.375)  # half of the best


def test_what_stores_have_in_common_lies_between_nothing_and_everything() -> None:
    item, week = np.zeros(4000, int), np.repeat(np.arange(40), 100)
    random = np.random.default_rng(4)
    alone = random.random(4000) < 0.4
    assert in_common(alone, item, week) < 0.01
    assert in_common(week % 2 == 0, item, week) == 1.0
    half = (week % 2 == 0) & (random.random(4000) < 0.5)
    # In every other week half the stores: between weeks .25^2, within .25 every other week.
    assert in_common(half, item, week) == pytest.approx(0.0625 / (0.0625 + 0.125), abs=0.03)
    assert np.isnan(in_common(alone[:3], item[:3], week[:3]))


def test_price_cuts_are_counted_by_support() -> None:
    found = cuts_by_support(rows())
    assert found == {"cut_share_supported": 1.0, "cut_share_plain": pytest.approx(1 / 3)}


def rows() -> CategoryRows:
    """Return five rows of one item; the fifth has no known price."""
    zero, no = np.zeros(5, int), np.zeros(5, bool)
    price = np.array([0.8, 1.0, 0.96, 0.7, np.nan])
    return CategoryRows(
        units=np.ones(5),
        price=price,
        regular=np.ones(5),
        price_elsewhere=price,
        regular_elsewhere=np.ones(5),
        origin=np.array([0, 1, 2, 0, 3]),
        display=np.array([True, False, False, False, False]),
        feature=no,
        item=zero,
        store=zero,
        pair=zero,
        week=np.arange(5),
        mondays=np.datetime64("2024-01-01") + 7 * np.arange(5),
        inside=~no,
        manufacturer=np.zeros(1, int),
    )


def test_both_sides_are_summed_up_over_categories() -> None:
    def side(values: list[float]) -> dict[str, Portrait]:
        return {
            name: Portrait({each.name: value for each in STATISTICS}, {"display": 0.5})
            for name, value in zip("abc", values, strict=True)
        }

    lines = compare(side([1.0, 2.0, 6.0]), side([3.0, 1.0, 9.0]))
    assert [line.statistic for line in lines] == list(STATISTICS)
    first = lines[0]
    assert (first.real.middle, first.real.low, first.real.high) == (2.0, 1.0, 6.0)
    assert (first.higher, first.categories) == (2, 3)
    assert first.correlation == pytest.approx(np.corrcoef([1, 2, 6], [3, 1, 9])[0, 1])
    (display,) = (line for line in lines if line.statistic.name == "display")
    # Equal errors: the weighed mean is the plain one.
    assert display.real.middle == pytest.approx(3.0)
    assert np.isfinite(display.real.error)
    assert np.isnan(first.real.error)


def test_only_the_same_categories_are_compared() -> None:
    with pytest.raises(BadInputError, match="categories: got"):
        compare({"a": Portrait({})}, {"b": Portrait({})})


def test_distance_and_correlation_leave_gaps_out() -> None:
    one, other = np.array([1.0, np.nan, 3.0, 4.0]), np.array([1.0, 5.0, 3.0, np.inf])
    assert distance(one, other) == 0.0
    assert correlation(one, other) == pytest.approx(1.0)
    assert np.isnan(correlation(np.ones(3), np.arange(3.0)))


def test_what_the_twin_is_given_has_the_names_of_the_statistics() -> None:
    names = {each.name for each in STATISTICS}
    assert set(given(calibration().category("COFFEE"))) < names


def test_the_bump_adds_up_to_what_the_items_gained() -> None:
    found = sources(
        {"event_items": 8.0, "own_other_items": -1.0, "competitors": -2.0, "other_weeks": -4.0}
    )
    assert (found.own_other_items, found.competitors, found.other_weeks) == (0.125, 0.25, 0.5)
    assert found.growth == pytest.approx(0.125)


def test_the_elasticity_to_advertising_is_the_slope_of_the_hill_curve() -> None:
    a, h, c, step = np.array([0.5, 3.0]), np.array([2.0, 2.0]), np.array([0.3, 0.3]), 1e-6

    def effect(times: float) -> list[float]:
        return list(c * a * times / (a * times + h))

    up, down = effect(np.exp(step)), effect(np.exp(-step))
    numeric = np.subtract(up, down) / (2 * step)
    # Central differences err by the square of the step; rounding leaves about 1e-10.
    assert hill_elasticity(a, h, c) == pytest.approx(numeric, rel=1e-8)


@pytest.mark.parametrize("shape", [0.3, 1.0, 4.0])
def test_the_nbd_shape_is_found_again(shape: float) -> None:
    penetration = 1 - (1 + 5 / shape) ** -shape
    # The root is found to 2e-12 of its log.
    assert nbd_shape(penetration, 5.0) == pytest.approx(shape, rel=1e-8)


def test_no_nbd_shape_where_none_fits() -> None:
    assert np.isnan(nbd_shape(0.9, 0.5))  # more buyers than purchases


def test_outages_are_described_by_hand() -> None:
    """Seven series with 4 hours out of stock, on another weekday each; one with 20 over a night."""
    hours = np.zeros((8, 14))
    hours[np.arange(7), np.arange(1, 8)] = 4
    hours[7, 8:10] = [16, 4]
    day = np.tile(np.arange(14), 8)
    series = np.repeat(np.arange(8), 14)
    stock = StockRows(
        series=series,
        store=series,
        day=day,
        weekday=day % 7,
        hours=hours.ravel(),
        sales=np.full(day.size, np.nan),
        depth=np.where(day % 3 == 0, 0.2, 0.0),
    )
    found = describe_outages(stock)
    assert found.level == pytest.approx(48 / (16 * 8 * 14))
    assert (found.quantiles.tolist(), found.hours.tolist()) == ([4, 4, 4, 4, 20], [4, 20])
    assert found.longer.tolist() == pytest.approx([1 / 8, 0.0])
    assert found.series == 8
    # A start needs a day before it that was seen and fully stocked.
    at_risk, began = np.zeros(7), np.zeros(7)
    for one in hours:
        for number in range(1, 14):
            if one[number - 1] == 0:
                at_risk[number % 7] += 1
                began[number % 7] += one[number] > 0
    assert began.tolist() == [1, 2, 1, 1, 1, 1, 1]
    share = began / at_risk
    assert found.weekday == pytest.approx(share / share.mean())
    assert found.promotion_slope_se > 0


def test_a_panel_of_a_twin_is_labelled_smaller_and_always_the_same(twin: Path) -> None:
    sizes = dict.fromkeys(SPEC.categories, 1.0)
    found = []
    for share in (0.1, 0.1):
        with panel_of_chain(twin, share, sizes, seed=5) as store:
            assert "simulated" in store.tables().label
            found.append(store.run(store.tables()["sales"].order_by("store_id", "product_id",
                                                                    "week")))  # fmt: skip
    assert found[0].equals(found[1])
    with panel_of_chain(twin, 1.0, sizes, seed=5) as store:
        whole = store.run(store.tables()["sales"])
    ratio = found[0]["units"].to_numpy().sum() / whole["units"].to_numpy().sum()
    # Some 100,000 units in lots of a few: the share varies by about a hundredth of itself.
    assert ratio == pytest.approx(0.1, abs=0.01)


def test_a_panel_of_a_twin_can_be_described(twin: Path) -> None:
    with panel_of_chain(twin, 0.5, dict.fromkeys(SPEC.categories, np.inf), seed=5) as store:
        found = portraits(store, SPEC.categories)
    assert set(found) == set(SPEC.categories)
    for portrait in found.values():
        assert {each.name for each in STATISTICS} <= set(portrait.numbers)
        assert portrait.weeks.size == SPEC.weeks
        assert portrait.numbers["feature_in_common"] == 1.0  # leaflets are a chain's
        assert portrait.numbers["items"] <= SPEC.items
    assert [line.higher for line in compare(found, found)] == [0] * len(STATISTICS)


def test_the_shelf_of_a_twin_agrees_with_its_truth(twin: Path) -> None:
    stock = twin_stock(twin)
    days = SPEC.weeks * 7
    assert stock.hours.size % days == 0
    assert (stock.hours.min(), stock.hours.max()) == (0.0, 16.0)
    # By design 8.3 % of the time; a few dozen series, an hour of rounding a run.
    assert describe_outages(stock).level == pytest.approx(0.083, abs=0.03)


def test_execution_bump_and_media_are_read_from_the_truth(twin: Path) -> None:
    done, rows = execution(twin), read_truth(twin, "execution")
    assert done.displays == rows.num_rows
    assert done.never == pytest.approx(1 - sum(rows["reached"].to_pylist()) / rows.num_rows)
    volume = bump(twin)
    assert sum(getattr(volume, part) for part in volume.__slots__) == pytest.approx(1.0)
    media = media_elasticity(twin)
    assert 0 < media.low <= media.mean <= media.high
    assert media.brands == 6  # three advertise in each category
