"""The brand survey against its truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World, make_world
from offtake.twin.shoppers.health import SEGMENT_SHARES, SEGMENTS, STAGES, population, wins
from offtake.twin.shoppers.survey import HOUSES, house_effects, survey, waves_of
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made

SPEC = TwinSpec(stores=40, weeks=24, respondents=4_000, categories=("CHEESE", "COFFEE"))
ALIKE = replace(ASSUMPTIONS, house_effect=0.0)
APART = replace(ASSUMPTIONS, house_effect=0.6)


def fielded(assumed: Assumptions, spec: TwinSpec = SPEC) -> tuple[World, Made]:
    world = make_world(spec, assumed)
    return world, survey(world)


@pytest.fixture(scope="module")
def alike() -> Made:
    """Houses that ask alike."""
    return fielded(ALIKE)[1]


@pytest.fixture(scope="module")
def answers(alike: Made) -> pd.DataFrame:
    return alike.tables["survey_answer"].to_pandas()


def by_cell(answers: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Put found share, true share and number of answers side by side."""
    cell = ["brand", "region", "week"]
    answers = answers.astype(dict.fromkeys(("brand", "region"), str))
    truth = truth.astype(dict.fromkeys(("brand", "region"), str))
    found = answers.groupby(cell)[list(STAGES)].mean()
    found["asked"] = answers.groupby(cell).size()
    return found.reset_index().merge(truth, on=cell, suffixes=("", "_true"), validate="1:1")


def z_scores(both: pd.DataFrame, stage: str) -> pd.Series:
    true = both[f"{stage}_true"]
    return (both[stage] - true) / np.sqrt(true * (1 - true) / both["asked"])


@pytest.mark.parametrize("stage", STAGES)
def test_answers_are_the_true_shares_but_for_the_draw(
    alike: Made, answers: pd.DataFrame, stage: str
) -> None:
    both = by_cell(answers, alike.truth["brand_health"].to_pandas())
    both = both[both["asked"] * both[f"{stage}_true"] > 8]
    z = z_scores(both, stage)
    assert len(z) > 100
    # Means of a few hundred cells: standard normal, so mean 0 and variance 1 within 5 errors.
    assert abs(z.mean()) < 5 / np.sqrt(len(z))
    assert abs(z.var() - 1) < 5 * np.sqrt(2 / len(z))
    assert z.abs().max() < 5


def test_houses_differ_as_the_truth_says() -> None:
    world, made = fielded(APART)
    table = made.tables["survey_answer"].to_pandas()
    truth = made.truth["brand_health"].to_pandas()
    effects = dict(zip(made.truth["house"]["house"].to_pylist(), house_effects(world), strict=True))
    assert made.truth["house"]["effect"].to_pylist() == house_effects(world).tolist()
    found = {}
    for house in HOUSES:
        mine = by_cell(table[table["house"] == house], truth)
        true = np.average(mine["aware_true"], weights=mine["asked"])
        got = np.average(mine["aware"], weights=mine["asked"])
        found[house] = np.log(got / (1 - got)) - np.log(true / (1 - true))
    for house, effect in effects.items():
        # Averaging over brands shrinks a logit by a tenth or so; sampling adds 0.02.
        assert found[house] == pytest.approx(effect, abs=0.15 * abs(effect) + 0.08)


def test_house_mix_shifts_over_the_waves(answers: pd.DataFrame) -> None:
    once = answers.drop_duplicates("respondent_id")
    mix = pd.crosstab(once["week"], once["house"], normalize="index")
    assert mix["Quorum"].iloc[-1] > mix["Quorum"].iloc[0] + 0.15


def test_answers_are_nested(answers: pd.DataFrame) -> None:
    assert not (answers["considers"] & ~answers["aware"]).any()
    assert not (answers["tried"] & ~answers["aware"]).any()
    assert not (answers["repeats"] & ~answers["tried"]).any()
    assert not (answers["loyal"] & ~answers["repeats"]).any()
    assert not (answers["first_mention"] & ~answers["aware"]).any()
    assert (answers["tried"] & ~answers["considers"]).any()


def test_nobody_names_two_brands_of_a_category_first(answers: pd.DataFrame) -> None:
    named = answers.groupby(["respondent_id", "category"], observed=True)["first_mention"].sum()
    assert set(named.unique()) == {0, 1}


def test_nobody_is_asked_about_more_than_three_categories() -> None:
    spec = replace(SPEC, respondents=200, weeks=8, categories=())
    table = fielded(ALIKE, spec)[1].tables["survey_answer"].to_pandas()
    asked = table.groupby("respondent_id", observed=True)["category"].nunique()
    assert set(asked) == {3}
    assert table["category"].nunique() == 10


def test_weights_give_back_the_regions(answers: pd.DataFrame) -> None:
    world = make_world(SPEC, ALIKE)
    once = answers.drop_duplicates("respondent_id")
    people = once.groupby("region", observed=True)["weight"].sum() / once["weight"].sum()
    found = people.reindex(list(REGIONS)).to_numpy()
    assert found == pytest.approx(population(world), abs=1e-9)
    assert once["weight"].std() > 0.02  # regions are not sampled in proportion
    assert once["weight"].mean() == pytest.approx(1)


def test_segments_are_asked_in_their_shares(answers: pd.DataFrame) -> None:
    once = answers.drop_duplicates("respondent_id")
    share = once["segment"].value_counts(normalize=True).reindex(list(SEGMENTS))
    assert share.to_numpy() == pytest.approx(SEGMENT_SHARES, abs=4 * 0.5 / np.sqrt(len(once)))


def test_a_wave_every_four_weeks(answers: pd.DataFrame) -> None:
    world = make_world(SPEC, ALIKE)
    assert waves_of(world).tolist() == [0, 4, 8, 12, 16, 20]
    assert answers["week"].nunique() == 6


def test_media_raise_awareness_of_who_advertises_and_nothing_else_changes() -> None:
    world, made = fielded(ALIKE)
    without = fielded(ALIKE, replace(SPEC, without=frozenset({"media"})))[1]
    truth, plain = (each.truth["brand_health"].to_pandas() for each in (made, without))
    on_air = set(world.brands.names[world.media.advertised])
    advertised = truth["brand"].isin(on_air)
    assert (truth.loc[~advertised, "aware"] == plain.loc[~advertised, "aware"]).all()
    reached = truth["media"] > 0  # small regions may never be bought into
    assert (truth.loc[reached, "aware"] > plain.loc[reached, "aware"]).all()
    assert reached[advertised].mean() > 0.5
    same = ~made.tables["survey_answer"].to_pandas()["brand"].isin(on_air)
    ours, theirs = (
        each.tables["survey_answer"].to_pandas()[same][["respondent_id", "brand", "aware"]]
        for each in (made, without)
    )
    assert ours.equals(theirs)


def test_the_chance_to_be_named_first_is_the_sum_over_all_that_could_be_known() -> None:
    known, salience = np.array([0.9, 0.5, 0.2, 0.7]), np.array([1.3, 0.2, 4.0, 0.6])
    for brand in range(4):
        others = [other for other in range(4) if other != brand]
        total = 0.0
        for on in product([0, 1], repeat=3):
            there = np.array(on) > 0
            chance = np.where(there, known[others], 1 - known[others]).prod()
            rival = salience[others][there].sum()
            total += chance * salience[brand] / (salience[brand] + rival)
        found = wins(known[others], salience[others] / salience[brand])
        # Quadrature with 48 nodes of a function smooth but for a root at 0.
        assert float(found) == pytest.approx(total, abs=1e-6)
