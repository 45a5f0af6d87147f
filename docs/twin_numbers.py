"""The numbers of the page on the twin: one twin, built and described beside the real data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.build import build
from offtake.twin.calibration import calibration
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.calibrate_outages import read_stock
from offtake.validation.likeness import Portrait, given, portraits
from offtake.validation.likeness_panel import panel_of_chain
from offtake.validation.likeness_shelf import (
    Bump,
    Execution,
    MediaElasticity,
    OutagePortrait,
    bump,
    describe_outages,
    execution,
    media_elasticity,
    twin_stock,
)
from offtake.validation.likeness_shoppers import Shoppers, shoppers

SPEC = TwinSpec(
    stores=370, weeks=52, items=24, seed=7, first_week=date(2017, 1, 2), households=2469,
    stock_weeks=1,
)  # fmt: skip
"""The calendar and the households of Complete Journey, and a chain as large as its stores."""
PERIOD = "2017"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything the page shows; mappings are by category.

    Parameters
    ----------
    spec
        Of the twin.
    categories
        In order.
    real, twin, given
        Descriptions of both panels, and what the twin was given.
    calendar
        (52,) season and holidays the twin was given, mean 0.
    stock_real, stock_twin
        Out-of-stocks.
    shoppers_real, shoppers_twin
        Household panels.
    execution, bump, media
        From the twin's truth.
    """

    spec: TwinSpec
    categories: tuple[str, ...]
    real: Mapping[str, Portrait]
    twin: Mapping[str, Portrait]
    given: Mapping[str, Mapping[str, float]]
    calendar: Mapping[str, NDArray[np.float64]]
    stock_real: OutagePortrait
    stock_twin: OutagePortrait
    shoppers_real: Mapping[str, Shoppers]
    shoppers_twin: Mapping[str, Shoppers]
    execution: Execution
    bump: Bump
    media: MediaElasticity


def numbers(real: Path, stock: Path, folder: Path) -> Numbers:
    """Build the twin and describe both.

    Parameters
    ----------
    real
        Store with Complete Journey.
    stock
        FreshRetailNet as Parquet.
    folder
        Where to build the twin.
    """
    build(SPEC, folder)
    known = calibration().categories
    categories = tuple(sorted(known))
    sizes = {name: each.dispersion for name, each in known.items()}
    with panel_of_chain(folder, ASSUMPTIONS.panel_share, sizes, seed=SPEC.seed) as store:
        twin = portraits(store, categories)
    with Store(real, read_only=True) as store:
        measured, buying = portraits(store, categories), shoppers(store, categories, PERIOD)
    return Numbers(
        spec=SPEC,
        categories=categories,
        real=measured,
        twin=twin,
        given={name: given(each) for name, each in known.items()},
        calendar=_calendar(folder),
        stock_real=describe_outages(read_stock(stock)),
        stock_twin=describe_outages(twin_stock(folder)),
        shoppers_real=buying,
        shoppers_twin=_twin_shoppers(folder, categories),
        execution=execution(folder),
        bump=bump(folder),
        media=media_elasticity(folder),
    )


def _twin_shoppers(folder: Path, categories: tuple[str, ...]) -> dict[str, Shoppers]:
    tables = ("product", "store", "household", "sales", "basket_line")
    with Store(":memory:", schema="twin") as store:
        load_twin(store, folder, contracts=tables)
        return shoppers(store, categories, PERIOD)


def _calendar(folder: Path) -> dict[str, NDArray[np.float64]]:
    rows = read_truth(folder, "calendar").sort_by("week")
    category = np.array(rows["category"].to_pylist())
    total = rows["season"].to_numpy() + rows["holidays"].to_numpy()
    return {
        str(name): total[category == name] - total[category == name].mean()
        for name in np.unique(category)
    }
