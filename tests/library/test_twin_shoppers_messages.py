"""Message recall of the twin against its truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.market.world import World, make_world
from offtake.twin.shoppers.messages import CONTRARY, MESSAGES
from offtake.twin.shoppers.survey import survey
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made

SPEC = TwinSpec(stores=10, weeks=24, respondents=3_000, items=8, categories=("CHEESE", "COFFEE"))
ALIKE = replace(ASSUMPTIONS, house_effect=0.0)
CELL = ["brand", "touchpoint", "region", "week"]


def fielded(assumed: Assumptions, spec: TwinSpec = SPEC) -> tuple[World, Made]:
    world = make_world(spec, assumed)
    return world, survey(world)


def plain(made: Made) -> pd.DataFrame:
    table = made.tables["message_recall"].to_pandas()
    words = ["respondent_id", "brand", "message", "touchpoint", "category", "region", "take_out",
             "attributed_to", "fit", "house"]  # fmt: skip
    return table.astype(dict.fromkeys(words, object))


@pytest.fixture(scope="module")
def alike() -> Made:
    """Houses that ask alike."""
    return fielded(ALIKE)[1]


@pytest.fixture(scope="module")
def rows(alike: Made) -> pd.DataFrame:
    return plain(alike)


def test_messages_are_noticed_as_the_truth_says(alike: Made, rows: pd.DataFrame) -> None:
    truth = alike.truth["message"].to_pandas()
    truth = truth.astype(dict.fromkeys(["brand", "touchpoint", "region"], object))
    found = rows.groupby(CELL)["noticed"].agg(["mean", "size"]).reset_index()
    both = found.merge(truth, on=CELL, validate="1:1")
    assert len(both) == len(found)
    z = (both["mean"] - both["noticed"]) / np.sqrt(
        both["noticed"] * (1 - both["noticed"]) / both["size"]
    )
    # Means of a few hundred cells: standard normal within 5 errors.
    assert abs(z.mean()) < 5 / np.sqrt(len(z))
    assert abs(z.var() - 1) < 5 * np.sqrt(2 / len(z))


def test_only_what_was_noticed_says_something(rows: pd.DataFrame) -> None:
    for name in ("take_out", "attributed_to", "fit"):
        assert (rows[name].notna() == rows["noticed"]).all()


def test_what_is_taken_away_and_for_whom_is_as_assumed(rows: pd.DataFrame) -> None:
    seen = rows[rows["noticed"]]
    size = 5 * 0.5 / np.sqrt(len(seen))
    right = (seen["take_out"] == seen["message"]).mean()
    assert right == pytest.approx(ALIKE.message_understood, abs=size)
    brand = (seen["attributed_to"] == seen["brand"]).mean()
    assert brand == pytest.approx(ALIKE.message_attributed, abs=size)
    category = rows.groupby("brand")["category"].first()
    assert (seen["attributed_to"].map(category).fillna(seen["category"]) == seen["category"]).all()


def test_contradictions_are_felt_where_there_are_any() -> None:
    rows = plain(fielded(replace(ALIKE, message_other=0.7))[1])
    seen = rows[rows["noticed"]]
    pairs = {(MESSAGES[a], MESSAGES[b]) for a, b in CONTRARY}
    pairs |= {(b, a) for a, b in pairs}
    key = ["respondent_id", "brand"]
    both = seen.merge(seen[[*key, "message"]], on=key, suffixes=("", "_other"))
    clash = [pair in pairs for pair in zip(both["message"], both["message_other"], strict=True)]
    hit = both[clash].drop_duplicates([*key, "touchpoint"])
    assert len(hit) > 200
    felt = (hit["fit"] == "contradicts").mean()
    assert felt == pytest.approx(ASSUMPTIONS.message_clash, abs=5 * 0.5 / np.sqrt(len(hit)))
    rest = seen.merge(hit[[*key, "touchpoint"]], how="left", indicator=True)
    rest = rest[rest["_merge"] == "left_only"]
    noise = (rest["fit"] == "contradicts").mean()
    assert noise == pytest.approx(ASSUMPTIONS.message_clash_noise, abs=0.01)


def test_buyers_notice_more(rows: pd.DataFrame, alike: Made) -> None:
    said = alike.tables["survey_answer"].to_pandas()[["respondent_id", "brand", "tried"]]
    both = rows.merge(said.astype({"respondent_id": object, "brand": object}))
    share = both.groupby("tried")["noticed"].mean()
    assert share[True] > share[False] + 0.04


def test_without_media_nobody_is_asked_and_no_answer_changes(alike: Made) -> None:
    quiet = replace(SPEC, without=frozenset({"media"}))
    made = fielded(ALIKE, quiet)[1]
    assert made.tables["message_recall"].num_rows == 0
    people = [
        each.tables["survey_answer"].to_pandas()[["respondent_id", "region", "segment", "house"]]
        for each in (alike, made)
    ]
    assert people[0].equals(people[1])
