"""The tables of the brand survey agree with each other, with the catalogue and with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.models.shoppers.funnel_answer import funnel_tables
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.heads_or_stores import MENTAL
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.shoppers.messages import CONTRARY, MESSAGES
from offtake.twin.spec import TwinSpec
from tests.library.small_survey import SPEC, fielded, survey_store

WORLD = TwinSpec(
    stores=12, weeks=56, seed=5, items=6, categories=("COFFEE",), households=150, respondents=150,
    stock_weeks=1,
)  # fmt: skip
CONTRACTS = (
    "product", "store", "household", "sales", "basket_line", "survey_answer", "message_recall",
)  # fmt: skip
QUICK = FunnelSpec(draws=300, households=1_000_000.0)
ORDER = ("aware", "tried", "repeats", "loyal")
CLASHING = replace(ASSUMPTIONS, message_other=0.6, message_clash=0.8)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(":memory:", "twin") as store:
        folder = build(WORLD, tmp_path_factory.mktemp("funnel") / "twin").folder
        load_twin(store, folder, contracts=CONTRACTS)
        yield store


@pytest.fixture(scope="module")
def found(store: Store) -> dict[str, pd.DataFrame]:
    made = funnel_tables(store, store.tables(), "COFFEE", spec=QUICK)
    return {name: table.to_pandas() for name, table in made.items()}


@pytest.fixture(scope="module")
def clashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A survey alone, of brands whose messages often contradict each other."""
    _, made = fielded(CLASHING, replace(SPEC, respondents=1500, weeks=28))
    with survey_store(made, tmp_path_factory.mktemp("clashing")) as store:
        yield store


@pytest.fixture(scope="module")
def alone(clashing: Store) -> dict[str, pd.DataFrame]:
    made = funnel_tables(clashing, clashing.tables(), "COFFEE", spec=QUICK)
    return {name: table.to_pandas() for name, table in made.items()}


def test_every_table_is_there_and_no_interval_is_turned_over(
    found: dict[str, pd.DataFrame],
) -> None:
    assert set(found) == {
        "shopper_funnel", "shopper_funnel_steps", "shopper_funnel_changes", "shopper_houses",
        "shopper_segments", "shopper_heads_or_stores", "shopper_funnel_panel", "shopper_messages",
        "shopper_message_conflicts", "shopper_funnel_notes",
    }  # fmt: skip
    for name, table in found.items():
        assert len(table), name
        for low in [column for column in table if column.endswith("_low")]:
            middle, high = low.removesuffix("_low"), low.replace("_low", "_high")
            if middle == "usual":
                continue
            known = table[[low, middle, high]].dropna()
            assert (known[low] <= known[middle] + 1e-9).all(), (name, middle)
            assert (known[middle] <= known[high] + 1e-9).all(), (name, middle)


def test_who_has_bought_again_has_bought(found: dict[str, pd.DataFrame]) -> None:
    levels = found["shopper_funnel"].pivot_table(
        index=["brand", "region", "week"], columns="stage", values="share"
    )
    for before, after in pairwise(ORDER):
        assert (levels[after] <= levels[before]).all()
    assert (levels["considers"] <= levels["aware"]).all()
    assert levels.to_numpy().min() >= 0
    assert levels.to_numpy().max() <= 100


def test_raw_figures_are_the_catalogues(store: Store, found: dict[str, pd.DataFrame]) -> None:
    answer = ask(store.tables(), "funnel_loyal", by=("brand", "region", "week"))
    wanted = store.run(answer).to_pandas().set_index(["brand", "region", "week"])["value"]
    table = found["shopper_funnel"]
    table = table[(table["stage"] == "loyal") & (table["region"] != "all")]
    got = table.set_index(["brand", "region", "week"])["raw"]
    assert len(wanted) == len(got)
    assert got.reindex(wanted.index).to_numpy() == pytest.approx(wanted.to_numpy(), nan_ok=True)


def test_smoothed_figures_scatter_around_raw_ones(found: dict[str, pd.DataFrame]) -> None:
    table = found["shopper_funnel"].query("region == 'all' and stage == 'aware'")
    off = (table["raw"] - table["share"]) / np.sqrt(
        table["share"] * (100 - table["share"]) / table["effective_sample"]
    )
    # Chance alone gives a mean of 0 and an sd of 1; what is smoothed away is part of the chance.
    assert abs(off.mean()) < 0.25
    assert 0.6 < off.std() < 1.3


def test_conversions_lead_from_stage_to_stage(found: dict[str, pd.DataFrame]) -> None:
    table = found["shopper_funnel"]
    last = table[(table["region"] == "all") & (table["week"] == table["week"].max())]
    level = last.set_index(["brand", "stage"])["share"]
    steps = found["shopper_funnel_steps"]
    for row in steps[steps["step"].isin(["considers", "repeats", "loyal"])].itertuples():
        # Medians of a product and products of medians differ by a little of their scatter.
        product = row.people_before * row.conversion / 100
        assert product == pytest.approx(level[row.brand, row.step], abs=0.5)


def test_a_brand_leaks_once_at_most_where_it_loses_most(found: dict[str, pd.DataFrame]) -> None:
    steps = found["shopper_funnel_steps"]
    assert steps.groupby("brand")["leak"].sum().max() <= 1
    for row in steps[steps["leak"]].itertuples():
        sure = steps[(steps["brand"] == row.brand) & (steps["probability_below"] >= 80)]
        assert row.lost == sure["lost"].max()
        assert "Here it loses most" in row.words
    assert steps["households_lost"].to_numpy() == pytest.approx(10_000 * steps["lost"].to_numpy())


def test_changes_look_back_as_far_as_there_are_waves(found: dict[str, pd.DataFrame]) -> None:
    changes = found["shopper_funnel_changes"]
    assert set(changes["weeks_back"]) == {13, 26, 52}
    one = changes[(changes["stage"] == "aware") & (changes["region"] == "all")]
    middle = one["share"] - one["share_against"]
    assert one["change"].to_numpy() == pytest.approx(middle.to_numpy(), abs=0.6)
    grew = changes[changes["finding"] == "grew"]
    assert (grew["probability_up"] >= 80).all()


@pytest.mark.parametrize("basis", sorted(MENTAL))
def test_heads_and_stores_are_the_catalogues(
    store: Store, found: dict[str, pd.DataFrame], basis: str
) -> None:
    table = found["shopper_heads_or_stores"].query(f"basis == '{basis}' and region != 'all'")
    answer = ask(
        store.tables(), MENTAL[basis], by=("brand", "region"), where=["category=COFFEE"],
        period="latest 13 weeks",
    )  # fmt: skip
    wanted = store.run(answer).to_pandas().set_index(["brand", "region"])
    got = table.set_index(["brand", "region"]).reindex(wanted.index)
    assert got["physical"].to_numpy() == pytest.approx(wanted["physical_share"].to_numpy())
    assert got["mental_raw"].to_numpy() == pytest.approx(wanted["mental_share"].to_numpy())
    assert (table["mental"] - table["physical"]).to_numpy() == pytest.approx(
        table["gap"].to_numpy(), abs=1e-9
    )
    # Everybody's shares add up, but for the rounding of medians.
    assert table.groupby("region")["mental"].sum().to_numpy() == pytest.approx(100, abs=1)


def test_advice_follows_the_gap(found: dict[str, pd.DataFrame]) -> None:
    table = found["shopper_heads_or_stores"]
    assert (table.query("recommendation == 'more heads'")["gap"] < -QUICK.close).all()
    up = table.query("recommendation in ['more stores', 'stores full']")
    assert (up["gap"] > QUICK.close).all()
    unsure = table["recommendation"] == "cannot tell"
    assert (table.loc[unsure, "probability"] < 80).all()
    assert (table.loc[~unsure, "probability"] >= 80).all()
    assert (table["worth"].dropna() >= 0).all()


def test_the_panel_stands_beside_what_people_say(
    store: Store, found: dict[str, pd.DataFrame]
) -> None:
    table = found["shopper_funnel_panel"].query("about == 'bought at all'").set_index("brand")
    answer = ask(
        store.tables(), "penetration", by=("brand",), where=["category=COFFEE"],
        period="latest 52 weeks",
    )  # fmt: skip
    wanted = store.run(answer).to_pandas().set_index("brand")["value"]
    assert table["panel"].reindex(wanted.index).to_numpy() == pytest.approx(wanted.to_numpy())
    assert table["correlation"].iloc[0] > 0.5


def test_segments_that_know_every_brand_better_make_no_brand_strong(
    found: dict[str, pd.DataFrame],
) -> None:
    aware = found["shopper_segments"].query("stage == 'aware'")
    above = aware.groupby("segment")["against_all"].mean()
    # The twin's people who look for quality know all brands better, value seekers know them less.
    assert above["quality"] > above["value seeker"]
    assert (aware["finding"] == "as usual").mean() > 0.7


def test_what_is_not_loaded_is_left_out_and_said(alone: dict[str, pd.DataFrame]) -> None:
    assert "shopper_heads_or_stores" not in alone
    assert "shopper_funnel_panel" not in alone
    notes = " ".join(alone["shopper_funnel_notes"]["note"])
    assert "offtake load FILE --as sales" in notes
    assert "offtake load FILE --as basket_line" in notes
    assert "no effect of the message" in notes


def test_messages_that_contradict_each_other_are_told_from_those_that_do_not(
    alone: dict[str, pd.DataFrame],
) -> None:
    pairs = alone["shopper_message_conflicts"].query("finding != 'cannot tell'")
    contrary = {frozenset((MESSAGES[one], MESSAGES[two])) for one, two in CONTRARY}
    said = zip(pairs["message"], pairs["message_2"], strict=True)
    truly = [frozenset(pair) in contrary for pair in said]
    told = (pairs["finding"] == "contradict each other").to_numpy()
    assert sum(truly) >= 2
    assert (told == truly).mean() > 0.9


def test_noticing_is_that_of_the_answers_but_for_houses(
    clashing: Store, alone: dict[str, pd.DataFrame]
) -> None:
    rows = clashing.run(clashing.tables()["message_recall"]).to_pandas()
    rows["week"] = pd.to_datetime(rows["week"])
    rows = rows[rows["week"] > rows["week"].max() - pd.Timedelta(weeks=26)]
    rows["yes"] = rows["weight"] * rows["noticed"]
    sums = rows.groupby(["brand", "message", "touchpoint"])[["yes", "weight"]].sum()
    table = alone["shopper_messages"].set_index(["brand", "message", "touchpoint"])
    brute = 100 * (sums["yes"] / sums["weight"]).reindex(table.index)
    assert len(sums) == len(table)
    assert table["noticed_raw"].to_numpy() == pytest.approx(brute.to_numpy(), abs=1e-9)
    # The true share that understands is .65 of every message, and shares lean on each other.
    assert table["understood"].to_numpy() == pytest.approx(65, abs=4)


def test_a_degenerate_survey_gives_tables_without_a_gap(tmp_path: Path) -> None:
    _, made = fielded(ASSUMPTIONS, replace(SPEC, respondents=3, weeks=8))
    with survey_store(made, tmp_path) as store:
        tables = funnel_tables(store, store.tables(), "COFFEE", spec=QUICK)
    levels = tables["shopper_funnel"].to_pandas()
    assert levels[["share", "share_low", "share_high"]].notna().all().all()
    assert "too few to tell a trend" in " ".join(tables["shopper_funnel_notes"]["note"].to_pylist())
    assert tables["shopper_funnel_changes"].num_rows == 0
