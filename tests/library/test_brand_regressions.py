"""The brand survey: what was wrong once stays right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.models.shoppers.funnel_draws import Funnel, fit_funnel
from offtake.models.shoppers.funnel_messages import conflict_table, fit_recall
from offtake.models.shoppers.funnel_rows import SurveyRows, survey_rows
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_steps import step_table
from offtake.models.shoppers.funnel_tables import BrandDraws, brand_draws, change_table
from offtake.models.shoppers.heads_or_stores import heads_or_stores
from offtake.twin.assumptions import ASSUMPTIONS
from tests.library.small_survey import SPEC, fielded

QUICK = FunnelSpec(draws=200)
YES = ["first_mention", "aware", "considers", "tried", "repeats", "loyal"]
TOLD = ["more heads", "more stores"]
WEEKS = 52
Found = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """Return the answers of six brands in seven waves and three regions."""
    _, made = fielded(ASSUMPTIONS, replace(SPEC, respondents=120, weeks=28))
    return made.tables["survey_answer"].to_pandas().astype({"week": "datetime64[ns]"})


def loaded(store: Store, folder: Path, frames: Found) -> Store:
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        load_file(store, folder / f"{name}.parquet", as_contract=name)
    return store


def market(survey: pd.DataFrame, weeks: int = WEEKS) -> Found:
    """Return the same sales in each of the weeks up to the last wave, of brands in 1 to 6 stores.

    Two stores are in each of the three regions.
    """
    brands, regions = sorted(survey["brand"].unique()), sorted(survey["region"].unique())
    last: date = survey["week"].max().date()
    stores = [f"S{number}" for number in range(2 * len(regions))]
    sales = [
        {"store_id": store, "product_id": brand, "units": 20.0 + 7 * at, "days": 7,
         "value": 50.0 + 9 * at * at, "week": last - timedelta(weeks=week),
         "date": last - timedelta(weeks=week)}
        for at, brand in enumerate(brands)
        for number, store in enumerate(stores) if (at + number) % 3 or at == 0
        for week in range(weeks)
    ]  # fmt: skip
    return {
        "product": pd.DataFrame({"product_id": brands, "brand": brands, "category": "COFFEE"}),
        "store": pd.DataFrame({"store_id": stores, "region": [*regions, *regions]}),
        "sales": pd.DataFrame(sales),
    }


def funnel_of(store: Store) -> tuple[Funnel, list[BrandDraws]]:
    funnel = fit_funnel(survey_rows(store, store.tables(), "COFFEE"), QUICK)
    return funnel, list(brand_draws(funnel))


def heads(folder: Path, survey: pd.DataFrame, weeks: int = WEEKS) -> pd.DataFrame:
    """Return what is advised by first mentions; the funnel's other stages are not asked."""
    asked = survey.assign(**dict.fromkeys(["considers", "tried", "repeats", "loyal"]))
    with Store(":memory:") as opened:
        store = loaded(opened, folder, {**market(survey, weeks), "survey_answer": asked})
        return heads_or_stores(store, store.tables(), *funnel_of(store)).to_pandas()


def by_first_mention(found: Found) -> pd.DataFrame:
    table = found["shopper_heads_or_stores"]
    return table[table["basis"] == "first_mention"].reset_index(drop=True)


def counted(folder: Path, survey: pd.DataFrame) -> SurveyRows:
    with Store(":memory:") as opened:
        store = loaded(opened, folder, {"survey_answer": survey})
        return survey_rows(store, store.tables(), "COFFEE")


@pytest.fixture(scope="module")
def found(survey: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Found:
    frames = {**market(survey), "survey_answer": survey}
    with Store(":memory:") as opened:
        store = loaded(opened, tmp_path_factory.mktemp("whole"), frames)
        funnel, draws = funnel_of(store)
        made = {
            "shopper_heads_or_stores": heads_or_stores(store, store.tables(), funnel, draws),
            "shopper_funnel_steps": step_table(funnel, draws),
            "shopper_funnel_changes": change_table(funnel, draws),
        }
    return {name: table.to_pandas() for name, table in made.items()}


def unstated(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the survey with nothing in place of every mention that is not the first."""
    said = survey["first_mention"].astype(object)
    return survey.assign(first_mention=said.where(survey["first_mention"], None))


def test_a_mention_that_is_not_stated_changes_no_share_in_heads_and_no_advice(
    survey: pd.DataFrame, found: Found, tmp_path: Path
) -> None:
    table = by_first_mention(found)
    assert len(table)
    pd.testing.assert_frame_equal(heads(tmp_path, unstated(survey)), table)


def test_a_survey_in_which_nobody_mentions_first_has_no_such_stage(
    survey: pd.DataFrame, tmp_path: Path
) -> None:
    rows = counted(tmp_path, survey.assign(first_mention=False))
    assert "first_mention" not in rows.counts
    assert "aware" in rows.counts


def test_a_region_that_is_asked_about_one_brand_only_keeps_its_weight(
    survey: pd.DataFrame, tmp_path: Path
) -> None:
    brand, region = sorted(survey["brand"].unique())[3], "West"
    here = survey["region"] == region
    part = survey[~here | (survey["brand"] == brand)].copy()
    part.loc[part["region"] == region, YES] = False
    weight = survey[survey["brand"] == brand].groupby("region")["weight"].sum()
    rows = counted(tmp_path, part)
    assert rows.people == pytest.approx((weight / weight.sum())[rows.groups].to_numpy())
    with Store(":memory:") as opened:
        _, draws = funnel_of(loaded(opened, tmp_path, {"survey_answer": part}))
    everywhere = 100 * draws[3].stages["aware"][:, :, 0].mean()
    mine = part[part["brand"] == brand]
    assert everywhere == pytest.approx(
        100 * np.average(mine["aware"], weights=mine["weight"]), abs=3
    )


def test_brands_no_longer_asked_about_have_no_share_and_the_others_add_up(
    survey: pd.DataFrame, tmp_path: Path
) -> None:
    gone = sorted(survey["brand"].unique())[3]
    # Distribution is of the latest 13 weeks, and so are the brands that people are asked about.
    asked = survey[
        (survey["brand"] != gone) | (survey["week"] <= sorted(survey["week"].unique())[2])
    ]
    table = heads(tmp_path, asked)
    assert table.loc[table["brand"] == gone, ["mental", "physical"]].isna().all(axis=None)
    sums = table.groupby(["basis", "region"])[["mental", "physical"]].sum()
    assert sums["physical"].to_numpy() == pytest.approx(100)
    assert sums["mental"].to_numpy() == pytest.approx(100, abs=1)


def test_nothing_is_worth_what_is_not_advised(found: Found) -> None:
    table = found["shopper_heads_or_stores"]
    advised = table["recommendation"].isin(TOLD)
    assert advised.any()
    assert not advised.all()
    ends = ["worth", "worth_low", "worth_high"]
    assert table.loc[~advised, ends].isna().all(axis=None)
    assert table.loc[advised & (table["physical"] > 0), ends].notna().all(axis=None)


def test_what_a_share_is_worth_a_year_does_not_hang_on_the_weeks_loaded(
    survey: pd.DataFrame, found: Found, tmp_path: Path
) -> None:
    quarter = heads(tmp_path, survey, 13)
    year = by_first_mention(found)
    assert quarter["recommendation"].equals(year["recommendation"])
    assert year["worth"].notna().any()
    assert quarter["worth"].to_numpy() == pytest.approx(year["worth"].to_numpy(), nan_ok=True)


def test_what_grew_or_fell_did_so_at_both_ends_of_its_interval(found: Found) -> None:
    table = found["shopper_funnel_changes"]
    # An end is read off between two draws.
    close = 0.2
    assert (table.loc[table["finding"] == "grew", "change_low"] > -close).all()
    assert (table.loc[table["finding"] == "fell", "change_high"] < close).all()
    unsure = table[table["finding"] == "not sure"]
    assert (unsure["change_low"] < close).all()
    assert (unsure["change_high"] > -close).all()


def test_what_leaks_loses_people_at_both_ends_of_its_interval(found: Found) -> None:
    steps = found["shopper_funnel_steps"]
    assert (steps.loc[steps["leak"], "probability_below"] >= 90).all()
    assert (steps.loc[steps["leak"], "lost_low"] > -0.1).all()
    # Where both ends are below what is usual, somewhere the brand leaks.
    surely = steps[steps["gap_high"] < -0.1].groupby("brand").size().index
    assert set(surely) <= set(steps.loc[steps["leak"], "brand"])


def test_with_a_wave_a_year_nothing_is_said_of_half_a_year_ago(
    survey: pd.DataFrame, tmp_path: Path
) -> None:
    waves = sorted(survey["week"].unique())[:3]
    years = {wave: waves[0] + pd.Timedelta(weeks=52 * at) for at, wave in enumerate(waves)}
    yearly = survey[survey["week"].isin(waves)]
    yearly = yearly.assign(week=yearly["week"].map(years))
    with Store(":memory:") as opened:
        changes = change_table(*funnel_of(loaded(opened, tmp_path, {"survey_answer": yearly})))
    assert set(changes["weeks_back"].to_pylist()) == {52}


Noticed = tuple[str, str, str | None]
"""A message, its touchpoint, and whether it fits what else was noticed."""


def people(many: int, *noticed: Noticed, start: int = 0, weight: float = 1.0) -> pd.DataFrame:
    """Return the answers of some who noticed the same messages of one brand."""
    rows = [
        {"respondent_id": f"R{start}-{number}", "brand": "Alder", "category": "TEA",
         "week": date(2024, 1, 1) + timedelta(weeks=4 * (number % 3)), "message": message,
         "touchpoint": place, "weight": weight, "noticed": True, "fit": fit,
         "take_out": message}
        for number in range(many) for message, place, fit in noticed
    ]  # fmt: skip
    return pd.DataFrame(rows)


def conflicts(folder: Path, *groups: pd.DataFrame) -> pd.DataFrame:
    with Store(":memory:") as opened:
        store = loaded(opened, folder, {"message_recall": pd.concat(groups)})
        recall = fit_recall(store, store.tables(), "TEA", QUICK)
        assert recall is not None
        return conflict_table(store, store.tables(), "TEA", recall).to_pandas()


GOOD, CHEAP = ("good", "shelf", "consistent"), ("cheap", "radio", "consistent")
AGAINST = ("cheap", "radio", "contradicts")


def test_people_count_by_their_weight_in_what_contradicts(tmp_path: Path) -> None:
    heavy = people(30, GOOD, AGAINST, start=1, weight=3.0)
    light = people(90, GOOD, CHEAP, start=2, weight=1.0)
    (row,) = conflicts(tmp_path, heavy, light).to_dict("records")
    assert row["contradicts"] == pytest.approx(50, abs=2)
    assert row["respondents"] == 120


def test_who_noticed_three_and_left_one_out_did_not_notice_two(tmp_path: Path) -> None:
    two = people(24, GOOD, CHEAP, start=1)
    three = people(30, GOOD, AGAINST, ("new", "poster", None), start=2)
    (row,) = conflicts(tmp_path, two, three).to_dict("records")
    assert row["respondents"] == 24
    assert row["contradicts"] < 10


def test_without_anybody_who_noticed_one_message_mistakes_are_not_known(tmp_path: Path) -> None:
    some = people(57, GOOD, AGAINST, start=1), people(43, GOOD, CHEAP, start=2)
    (row,) = conflicts(tmp_path, *some).to_dict("records")
    assert np.isnan(row["usual"])
    assert row["contradicts"] == pytest.approx(57, abs=2)
    assert row["finding"] == "contradict each other"


def test_two_messages_at_one_touchpoint_are_a_pair(tmp_path: Path) -> None:
    here = ("cheap", "shelf", "contradicts")
    (row,) = conflicts(tmp_path, people(40, GOOD, here)).to_dict("records")
    assert (row["touchpoint"], row["message"]) == ("shelf", "cheap")
    assert (row["touchpoint_2"], row["message_2"]) == ("shelf", "good")
    assert row["respondents"] == 40
    assert row["finding"] == "contradict each other"
