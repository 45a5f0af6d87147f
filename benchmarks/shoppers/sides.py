"""Fits of the BG/NBD by ours, lifetimes and pymc-marketing.

Each side is first asked for a fit of the customers of CDNOW, so that nobody is charged for imports
and compilers. What a library compiles anew for every fit is its own time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.shoppers.customers import END, Customers, read_customers
from benchmarks.worker import Clock

Facts = dict[str, Any]
NAMES = ("r", "alpha", "a", "b")
Fit = Callable[[Customers], tuple[list[float], str]]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep to themselves what libraries have to say of the libraries that they use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def measured(clock: Clock, side: str, path: str) -> Facts:
    """Fit the BG/NBD to customers kept in a file, or to those of CDNOW without one."""
    fit, version = SIDES[side]()
    SIDES[side]()[0](read_customers(""))
    customers = read_customers(path)
    with clock.part("fit"):
        found, said = fit(customers)
    return {"version": version, "coefficients": [found], "said": said}


def brands(clock: Clock, side: str, path: str) -> Facts:
    """Read purchases of many brands, count them by customer, and fit each brand."""
    fit, version = SIDES[side]()
    SIDES[side]()[0](read_customers(""))
    reader = _counted_by_us if side == "ours" else _counted_by_pandas
    found, said = {}, ""
    with clock.part("all of it"):
        for name, customers in reader(path):
            found[name], said = fit(customers)
    return {
        "version": version,
        "coefficients": [found[name] for name in sorted(found)],
        "said": said,
    }


def _counted_by_us(path: str) -> Iterator[tuple[str, Customers]]:
    """Count in the engine; what comes back is one row per kind of customer."""
    import ibis
    import pyarrow.compute as pc

    from offtake.models.shoppers.customer_query import histories, kinds, occasions

    engine = ibis.duckdb.connect()
    engine.con.execute("SET TimeZone = 'UTC'")
    lines = engine.read_parquet(path)
    found = kinds(histories(occasions(lines, "day"), END.item()), END.item()).order_by("name")
    table = engine.to_pyarrow(found)
    whole = Customers(
        table["frequency"].to_numpy(),
        *(table[name].to_numpy().astype(np.float64) for name in ("recency", "age", "customers")),
    )
    runs = pc.run_end_encode(table["name"].combine_chunks())
    begin = 0
    for name, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        rows = slice(begin, end)
        yield (
            str(name),
            Customers(
                whole.frequency[rows], whole.recency[rows], whole.age[rows], whole.customers[rows]
            ),
        )
        begin = end


def _counted_by_pandas(path: str) -> Iterator[tuple[str, Customers]]:
    """Count with the helper of lifetimes, brand by brand."""
    import pandas as pd

    with quiet():
        from lifetimes.utils import summary_data_from_transaction_data
    frame = pd.read_parquet(path, columns=["name", "household_id", "date"])
    frame["date"] = pd.to_datetime(frame["date"])
    for name, rows in frame.groupby("name", observed=True):
        with quiet():
            found = summary_data_from_transaction_data(
                rows, "household_id", "date", observation_period_end=str(END), freq="D"
            )
        yield (
            str(name),
            Customers(
                found["frequency"].to_numpy(np.int64),
                found["recency"].to_numpy(),
                found["T"].to_numpy(),
            ),
        )


def _ours() -> tuple[Fit, str]:
    from offtake import __version__
    from offtake.models.kernels.customer_fit import fit_customers
    from offtake.models.kernels.customer_states import customer_states

    known: list[Any] = [None]  # the brand before: where to start

    def fit(given: Customers) -> tuple[list[float], str]:
        states = customer_states(given.frequency, given.recency, given.age, given.customers)
        found = fit_customers("bg_nbd", states, start=known[0])
        known[0] = found.point
        return found.point.tolist(), "" if found.converged else "did not converge"

    return fit, __version__


def _lifetimes() -> tuple[Fit, str]:
    from importlib.metadata import version

    with quiet():
        from lifetimes import BetaGeoFitter

    def fit(given: Customers) -> tuple[list[float], str]:
        with quiet():
            model = BetaGeoFitter()
            model.fit(given.frequency, given.recency, given.age)
        return [float(model.params_[name]) for name in NAMES], ""

    return fit, f"lifetimes {version('lifetimes')}"


def _pymc() -> tuple[Fit, str]:
    """The peak of the posterior under flat priors, which is that of the likelihood."""
    import logging
    from importlib.metadata import version

    import pandas as pd

    with quiet():
        from pymc_extras.prior import Prior
        from pymc_marketing import clv
    logging.disable(logging.WARNING)

    def fit(given: Customers) -> tuple[list[float], str]:
        data = pd.DataFrame({
            "customer_id": np.arange(given.age.size), "frequency": given.frequency,
            "recency": given.recency, "T": given.age,
        })  # fmt: skip
        with quiet():
            model = clv.BetaGeoModel(
                data=data, model_config={name: Prior("HalfFlat") for name in NAMES}
            )
            model.fit(method="map", progressbar=False)
        found = model.fit_result
        return [float(found[name].to_numpy().ravel()[0]) for name in NAMES], ""

    return fit, f"pymc-marketing {version('pymc-marketing')}"


SIDES: Mapping[str, Callable[[], tuple[Fit, str]]] = MappingProxyType(
    {"ours": _ours, "lifetimes": _lifetimes, "pymc-marketing": _pymc}
)
