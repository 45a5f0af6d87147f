"""The placebo trial: drivers without any effect, laid over real sales; how often one is found.

Sales are the Complete Journey panel's, untouched. Every replicate draws other displays and
leaflets. An interval of 95 % that leaves out zero is a false positive: 100 less the coverage is
the false-positive rate.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa

from offtake.data.store import Store
from offtake.errors import UnreadableFileError
from offtake.models.kernels.poisson import checked
from offtake.models.names import joint
from offtake.models.panel import ROW, panel
from offtake.twin.label import PLACEBO
from offtake.twin.load import load_twin
from offtake.twin.placebo import build_placebo
from offtake.twin.spec import TwinSpec
from offtake.validation.jackknifed import jackknifed
from offtake.validation.promotion_rows import codes
from offtake.validation.scores import Estimates, estimates_from_errors
from offtake.validation.trial import Trial

STORE = "OFFTAKE_STORE"
DEMO = Path("demo/offtake.duckdb")
CATEGORY = "BAG SNACKS"
DRIVERS = ("display", "feature")
DAYS = 7


def real_store() -> Path:
    """Return the store with real sales: the one that ``OFFTAKE_STORE`` names, or the demo's.

    Raises
    ------
    UnreadableFileError
        When it is not there.
    """
    path = Path(os.environ.get(STORE, DEMO))
    if not path.is_file():
        raise UnreadableFileError(
            f"the placebo trial is laid over real sales, and there is no store at {path}; "
            f"make one with: make demo, or name another in {STORE}"
        )
    return path


def make_placebo(spec: TwinSpec, folder: Path) -> None:
    """Write placebo drivers over the real sales; of the spec only seed and category count."""
    with Store(real_store(), read_only=True) as store:
        build_placebo(store, folder, seed=spec.seed, category=spec.categories[0])


def fit_placebo(folder: Path, _seed: int) -> Estimates:
    """Fit real sales on placebo drivers, with effects of store-items and weeks.

    Returns
    -------
    Estimates
        (2,) log lifts of a full week on display and of a leaflet; both are truly 0.
    """
    sales, drivers = _sales(), _drivers(folder)
    joined = sales.join(drivers, list(ROW), join_type="left outer").sort_by(
        [(name, "ascending") for name in ROW]
    )
    display = joined["display_days"].fill_null(0.0).to_numpy() / DAYS
    feature = joined["feature"].cast(pa.float64()).fill_null(0.0).to_numpy()
    store, item, week = (codes(joined[name].to_numpy()) for name in ROW)
    fit = jackknifed(
        checked(
            joined["units"].to_numpy(),
            np.column_stack([display, feature]),
            joint(store, item),
            weeks=week,
            clusters=store,
        )
    )
    return estimates_from_errors(
        [f"{driver}, placebo on {CATEGORY}" for driver in DRIVERS],
        np.zeros(len(DRIVERS)),
        fit.slopes,
        fit.errors,
        degrees=fit.degrees,
    )


def _sales() -> pa.Table:
    with Store(real_store(), read_only=True) as store:
        rows = panel(store.tables(), where=[f"category={CATEGORY}"])
        return store.run(rows.select(*ROW, "units"))


def _drivers(folder: Path) -> pa.Table:
    """Return the drivers as the ordinary intake takes them."""
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("promotion",))
        found = store.tables()["promotion"]
        return store.run(found.select(*ROW, "display_days", "feature"))


TRIALS = (
    Trial(
        name="placebo",
        title="Poisson regression of real sales on displays and leaflets that were made up, with "
        "effects of store-items and weeks, errors clustered by store",
        holds="zero: whatever is found is false",
        spec=TwinSpec(categories=(CATEGORY,)),
        fit=fit_placebo,
        make=make_placebo,
        source=PLACEBO,
        over=f"placebo drivers over the real sales of {CATEGORY}",
    ),
)
