"""Answers of the promotion model: they add up at every level, and mean what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from offtake.errors import UnknownNameError
from offtake.models.promotion.account import Account, Interval, account, verdicts
from offtake.models.promotion.effects import DONE, EVENT_ITEMS, EXECUTED, FULL
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.grade import REASONS, by_width, grades
from offtake.models.promotion.tables import (
    DIMENSIONS,
    event_table,
    promotion_tables,
    total_table,
)
from offtake.models.promotion.totals import Totals, addends, margin_known, singly, totals
from offtake.report.promotion import sentence
from tests.library.small_promotions import fitted

SOURCES = ("from_own_other_items", "from_competitors", "from_other_weeks", "category_growth")
VIEWS = ("", "_where_executed", "_if_fully_executed")


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> PromotionFit:
    return fitted(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def tables(fit: PromotionFit) -> dict[str, pa.Table]:
    return dict(promotion_tables(fit))


def single(fit: PromotionFit) -> tuple[Totals, Account]:
    found = singly(addends(fit))
    return found, account(fit, found)


def test_base_and_incremental_are_what_sold_where_it_ran(fit: PromotionFit) -> None:
    found, told = single(fit)
    value = told.intervals["incremental"].value
    assert told.figures["base"] + value == pytest.approx(found.in_promoted_stores)
    assert (found.in_promoted_stores <= found.in_chain + 1e-9).all()
    assert (found.in_executed_stores <= found.in_promoted_stores + 1e-9).all()
    shares = told.figures["subsidised_of_promoted"] + told.figures["merchandising_efficiency"]
    sold = found.in_promoted_stores > 0
    assert shares[sold] == pytest.approx(100.0)
    assert np.isnan(shares[~sold]).all()


def test_incremental_is_the_sum_of_where_it_came_from(fit: PromotionFit) -> None:
    told = single(fit)[1]
    total = sum(told.intervals[name].value for name in SOURCES)
    assert total == pytest.approx(told.intervals["incremental"].value)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_roll_up_is_the_sum_of_its_promotions(fit: PromotionFit, data: st.DataObject) -> None:
    groups = data.draw(st.integers(1, 4))
    of = np.array(
        data.draw(
            st.lists(
                st.integers(-1, groups - 1), min_size=fit.events.count, max_size=fit.events.count
            )
        )
    )
    rolled, each = totals(addends(fit), of, groups), single(fit)[0]
    for group in range(groups):
        mine = of == group
        assert rolled.events[group] == mine.sum()
        for one, other in (
            (rolled.units, each.units),
            (rolled.margin, each.margin),
            (rolled.cost, each.cost),
        ):
            assert one.value[:, group] == pytest.approx(other.value[:, mine].sum(axis=1))
            assert one.gradient[:, group] == pytest.approx(other.gradient[:, mine].sum(axis=1))
            assert one.noise[:, group] == pytest.approx(other.noise[:, mine].sum(axis=1))
        # A store-week in two promotions counts once.
        assert rolled.in_chain[group] <= each.in_chain[mine].sum() + 1e-6


def test_totals_of_every_dimension_agree(fit: PromotionFit) -> None:
    rows = total_table(fit, tuple(DIMENSIONS)).to_pylist()
    sums = {
        dimension: sum(row["incremental"] for row in rows if row["dimension"] == dimension)
        for dimension in DIMENSIONS
    }
    assert len({round(value, 6) for value in sums.values()}) == 1


def test_an_interval_of_a_sum_is_not_the_sum_of_intervals(fit: PromotionFit) -> None:
    together = totals(addends(fit), np.zeros(fit.events.count, int), 1)
    whole = account(fit, together).intervals["incremental"]
    each = single(fit)[1].intervals["incremental"]
    width = float(whole.high[0] - whole.low[0])
    assert 0 < width < float((each.high - each.low).sum())


def test_lift_in_promoted_stores_is_above_that_of_the_chain(fit: PromotionFit) -> None:
    told = single(fit)[1].intervals
    one, other = told["lift_in_promoted_stores"].value, told["lift_whole_chain"].value
    gain = told["incremental"].value > 0
    assert (one[gain] >= other[gain] - 1e-9).all()
    assert (one[gain] > other[gain] + 1).any()


def test_net_return_is_gross_less_one_and_margin_over_cost(fit: PromotionFit) -> None:
    told = single(fit)[1]
    for view in VIEWS:
        net, gross = (told.intervals[f"roi_{kind}{view}"].value for kind in ("net", "gross"))
        known = np.isfinite(net)
        assert known.any()
        assert net[known] == pytest.approx(gross[known] - 1)
        earned = told.intervals[f"incremental_margin{view}"].value[known]
        assert gross[known] == pytest.approx(earned / told.figures[f"cost{view}"][known])


def test_money_is_what_units_of_the_maker_earn(fit: PromotionFit) -> None:
    from offtake.models.promotion.effects import Fitted, effects

    flat = effects(
        Fitted(
            fit.rows, fit.design, fit.response, fit.events, fit.sober,
            np.full(fit.rows.size, 2.0), fit.execution.executed,
        )
    )  # fmt: skip
    # In the twin a maker has one brand in a category; competitors' losses are not its own.
    own = flat.units[:, :, [0, 1, 3]].sum(axis=2)
    assert len(set(fit.rows.names.brands)) == len(set(fit.rows.names.makers))
    assert flat.margin == pytest.approx(2 * own, abs=1e-9)


def test_break_even_is_where_the_return_is_nought(fit: PromotionFit) -> None:
    told = single(fit)[1]
    ratio = told.figures["break_even_ratio"]
    inside = np.isfinite(ratio) & (ratio > 0)
    profit = {
        view: told.intervals[f"incremental_margin{view}"].value - told.figures[f"cost{view}"]
        for view in ("", "_if_fully_executed")
    }
    at = profit[""] + ratio * (profit["_if_fully_executed"] - profit[""])
    assert at[inside] == pytest.approx(0.0, abs=1e-9)


def test_what_was_not_executed_responds_by_the_ratio(fit: PromotionFit) -> None:
    half = replace(fit, execution=replace(fit.execution, ratio=0.5, ratio_sd=0.0))
    whole = replace(fit, execution=replace(fit.execution, ratio=1.0, ratio_sd=0.0))
    sure = [singly(addends(each)) for each in (half, whole)]
    at = (DONE, slice(None), EVENT_ITEMS)
    full = (FULL, slice(None), EVENT_ITEMS)
    middle = (sure[1].units.value[at] + sure[1].units.value[full]) / 2
    assert sure[0].units.value[full] == pytest.approx(middle)
    open_ = replace(fit, execution=replace(fit.execution, ratio=1.0, ratio_sd=0.3))
    wide = account(open_, totals(addends(open_), np.zeros(fit.events.count, int), 1))
    narrow = account(whole, totals(addends(whole), np.zeros(fit.events.count, int), 1))
    name = "incremental_if_fully_executed"
    widths = [float((each.intervals[name].high - each.intervals[name].low)[0])
              for each in (wide, narrow)]  # fmt: skip
    assert widths[0] > widths[1]


def test_where_executed_counts_part_of_the_fixed_cost(fit: PromotionFit) -> None:
    cost = single(fit)[0].cost.value
    assert (cost[EXECUTED] <= cost[DONE] + 1e-9).all()
    assert (cost[EXECUTED] < cost[DONE]).any()


@pytest.mark.parametrize(
    ("done", "full", "verdict"),
    [
        ((0.1, 0.3), (0.4, 0.6), "paid"),
        ((-0.5, -0.1), (0.1, 0.4), "badly_executed"),
        ((-0.9, -0.5), (-0.4, -0.1), "bad_idea"),
        ((-0.3, 0.2), (-0.1, 0.4), "open"),
    ],
)
def test_a_verdict_needs_its_interval(
    done: tuple[float, float], full: tuple[float, float], verdict: str
) -> None:
    assert judged(1, 1, done, full) == verdict


def judged(
    with_margin: int, costed: int, done: tuple[float, float], full: tuple[float, float]
) -> str:
    counts = np.array([with_margin]), np.array([costed])
    ends = [
        Interval(*(np.array([each]) for each in (np.mean(pair), *pair))) for pair in (done, full)
    ]
    return str(verdicts(*counts, *ends)[0])


def test_a_verdict_says_what_is_not_loaded() -> None:
    assert judged(0, 0, (0.1, 0.2), (0.1, 0.2)) == "no_margin"
    assert judged(1, 0, (0.1, 0.2), (0.1, 0.2)) == "no_cost"


def without_cost(fit: PromotionFit, chosen: NDArray[np.bool_]) -> PromotionFit:
    fixed = np.where(chosen, np.nan, fit.money.fixed)
    return replace(fit, money=replace(fit.money, fixed=fixed))


def test_margin_is_told_where_the_cost_is_not_known(fit: PromotionFit) -> None:
    known = event_table(fit).to_pylist()
    costless = event_table(without_cost(fit, np.ones(fit.events.count, bool))).to_pylist()
    for one, other in zip(costless, known, strict=True):
        if other["verdict"] == "no_margin":
            assert one["verdict"] == "no_margin"
            continue
        for view in VIEWS:
            for end in ("", "_low", "_high"):
                name = f"incremental_margin{view}{end}"
                assert one[name] == other[name]
                assert one[name] is not None
            assert one[f"cost{view}"] is None
            assert one[f"roi_net{view}"] is None
            assert one[f"roi_gross{view}"] is None
        assert one["verdict"] == "no_cost"


def test_returns_of_a_sum_are_about_those_with_a_cost(fit: PromotionFit) -> None:
    known = margin_known(fit)
    half = known & (np.cumsum(known) % 2 == 0)
    (row,) = total_table(without_cost(fit, half), ["category"]).to_pylist()
    (whole,) = total_table(fit, ["category"]).to_pylist()
    assert row["events_with_margin"] == known.sum()
    assert row["events_costed"] == (known & ~half).sum()
    assert row["incremental_margin"] == pytest.approx(whole["incremental_margin"])
    assert row["costed_margin"] != pytest.approx(row["incremental_margin"])
    assert row["roi_gross"] == pytest.approx(row["costed_margin"] / row["cost"])


def test_without_margins_nothing_is_said_of_money(fit: PromotionFit) -> None:
    none = replace(fit, money=replace(fit.money, margin=np.full(fit.rows.size, np.nan)))
    for row in event_table(none).to_pylist():
        assert row["verdict"] == "no_margin"
        assert row["incremental_margin"] is None
        assert row["cost"] is None


def test_what_cost_nothing_paid_where_it_earned(fit: PromotionFit) -> None:
    nothing = np.zeros(fit.events.count)
    free = replace(fit, money=replace(fit.money, fixed=nothing, per_unit=nothing))
    rows = [row for row in event_table(free).to_pylist() if row["verdict"] != "no_margin"]
    paid = [row for row in rows if row["verdict"] == "paid"]
    assert paid
    for row in rows:
        assert row["cost"] == 0
        assert row["roi_net"] is None
        assert (row["verdict"] == "paid") == (row["incremental_margin_low"] > 0)
    said = sentence(paid[0], "$")
    assert "It cost $0.00 and brought" in said
    assert "It paid off: margin $" in said
    assert "at no cost" in said


def test_grades_follow_width_and_are_held_down(fit: PromotionFit) -> None:
    exact = Interval(*(np.full(fit.events.count, 100.0) for _ in range(3)))
    found = grades(fit, exact)
    few = fit.execution.executed.sum(axis=1) < 5
    assert set(found.grade[few]) <= {"C", "D"}
    assert (found.grade[~few] != "D").all()
    assert all(set(reasons) <= set(REASONS) for reasons in found.reasons)
    guess = replace(fit.rows, cut_from="derived")
    assert "A" not in grades(replace(fit, rows=guess), exact).grade
    assert by_width(Interval(np.zeros(1), np.zeros(1), np.zeros(1))).tolist() == [3]


def test_every_table_has_its_rows(fit: PromotionFit, tables: dict[str, pa.Table]) -> None:
    events = tables["promotion_events"]
    assert events["promotion_id"].to_pylist() == list(fit.events.names)
    ids = set(fit.events.names)
    for name in ("promotion_weeks", "promotion_stores"):
        assert set(tables[name]["promotion_id"].to_pylist()) == ids
    assert tables["promotion_responses"].num_rows == fit.rows.names.items.size
    assert tables["promotion_category"].num_rows == 4 + 1 + 3 + 2 + 1
    assert set(tables["promotion_retailers"]["retailer"].to_pylist()) == set(
        fit.rows.names.retailers
    )


def test_stores_and_weeks_add_up_to_the_promotion(tables: dict[str, pa.Table]) -> None:
    events = {row["promotion_id"]: row for row in tables["promotion_events"].to_pylist()}
    stores = tables["promotion_stores"].group_by("promotion_id")
    for row in stores.aggregate([("incremental", "sum"), ("units", "sum")]).to_pylist():
        event = events[row["promotion_id"]]
        assert row["incremental_sum"] == pytest.approx(event["incremental"])
        assert row["units_sum"] == pytest.approx(event["units_chain"])
    weeks = tables["promotion_weeks"].to_pylist()
    for name, event in events.items():
        mine = [row for row in weeks if row["promotion_id"] == name]
        gain = sum(row["units"] - row["base"] for row in mine if row["during"])
        assert gain == pytest.approx(event["incremental"])
        lead = [row for row in mine if row["week"] < event["first_week"]]
        assert len(lead) <= 4
        assert all(row["units"] == row["base"] for row in lead)


def test_an_unknown_dimension_or_manufacturer_is_refused(fit: PromotionFit) -> None:
    with pytest.raises(UnknownNameError, match="dimension of promotions"):
        total_table(fit, ["weather"])
    with pytest.raises(UnknownNameError, match="manufacturer"):
        total_table(fit, ["brand"], manufacturer="Nobody")


def test_one_manufacturer_alone_has_the_same_total(fit: PromotionFit) -> None:
    everyone = total_table(fit, ["manufacturer"]).to_pylist()
    alder = next(row for row in everyone if row["name"] == "Alder")
    (alone,) = total_table(fit, ["category"], manufacturer="Alder").to_pylist()
    for name in ("incremental", "incremental_low", "roi_net", "base"):
        assert alone[name] == pytest.approx(alder[name])


def test_percentages_and_counts_of_execution_are_in_range(fit: PromotionFit) -> None:
    rows = event_table(fit).to_pylist()
    shares = [row["display_compliance"] for row in rows if row["display_compliance"] is not None]
    assert shares
    assert all(0 <= share <= 100 for share in shares)
    days = [row["display_days_compliance"] for row in rows]
    assert all(0 <= share <= 100 for share in days if share is not None)
