"""A survey of one category small enough for a test, with houses whose mix shifts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.models.shoppers.funnel_rows import Counts, SurveyRows
from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.label import TWIN, Label
from offtake.twin.market.world import World, make_world
from offtake.twin.output.folder import labelled_rows
from offtake.twin.shoppers.survey import survey
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import Made

SPEC = TwinSpec(
    stores=6, weeks=80, seed=3, items=8, categories=("COFFEE",), households=0, respondents=250
)
APART = replace(ASSUMPTIONS, house_effect=0.6)


def fielded(assumed: Assumptions = ASSUMPTIONS, spec: TwinSpec = SPEC) -> tuple[World, Made]:
    world = make_world(spec, assumed)
    return world, survey(world)


def survey_store(made: Made, folder: Path, seed: int = SPEC.seed) -> Store:
    """Load what a survey made into a store of simulated rows."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(":memory:", "twin")
    for name in ("survey_answer", "message_recall"):
        table = made.tables[name]
        if table.num_rows:
            pq.write_table(labelled_rows(table, Label(TWIN, seed)), folder / f"{name}.parquet")
            load_file(store, folder / f"{name}.parquet", as_contract=name)
    return store


def invented(shares: np.ndarray, asked: float, *, houses: int = 1) -> SurveyRows:
    """Return a survey of one region with given shares of awareness, (B, T), and no chance in it."""
    brands, waves = shares.shape
    size = np.full((brands, waves, 1, houses), asked)
    counts = Counts(np.round(shares[:, :, None, None] * size), size)
    return SurveyRows(
        category="TEA",
        group="region",
        brands=np.array([f"Brand {number}" for number in range(brands)]),
        groups=np.array(["all"]),
        houses=np.array([f"House {number}" for number in range(houses)]),
        weeks=np.datetime64("2024-01-01") + 28 * np.arange(waves).astype("timedelta64[D]"),
        people=np.ones(1),
        counts={"aware": counts},
    )
