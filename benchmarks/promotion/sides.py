"""One regression by one side in a process of its own: ours, other software, and the least work.

A side is a function of what was read that returns what it found: ``coefficients``,
``standard_errors``, ``converged``, ``iterations`` where it counts them, ``rows`` used, its
``version``, and what it ``said`` meanwhile. Standard errors are robust by store with the factor
C / (C - 1) for C stores and no other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.promotion import dummies, fepois
from benchmarks.promotion.panels import Effects, Given, read
from benchmarks.worker import Clock

if TYPE_CHECKING:
    from offtake.models.kernels.poisson import PoissonEstimates

ME = "benchmarks.promotion.sides"
Facts = dict[str, Any]


def ours(given: Given) -> Facts:
    """Fit with Offtake."""
    from offtake.models.kernels.poisson import fit_poisson

    return found(
        fit_poisson(given.units, given.x, given.pair, weeks=given.effect, clusters=given.store)
    )


def found(fit: PoissonEstimates) -> Facts:
    """Return what Offtake found."""
    return {
        "coefficients": fit.coefficients.tolist(),
        "standard_errors": fit.standard_errors.tolist(),
        "converged": bool(fit.converged),
        "iterations": int(fit.iterations),
        "rows": int(fit.rows),
        "version": "",
    }


def least(given: Given, steps: int) -> Facts:
    """For every step take exp once, the sums of both sets of effects, and X'WX."""
    starts = np.flatnonzero(np.diff(given.pair, prepend=-1))
    slopes = np.zeros(given.x.shape[1])
    for _ in range(steps):
        mean = np.exp(given.x @ slopes)
        np.add.reduceat(mean, starts)
        np.bincount(given.effect, mean)
        slopes = 1e-9 * np.diag(given.x.T @ (mean[:, None] * given.x))
    return {"version": f"NumPy {np.__version__}", "rows": int(given.units.size)}


SIDES: Mapping[str, Callable[..., Facts]] = {
    "ours": ours,
    "least": least,
    "pyfixest": fepois.pyfixest,
    "glum": dummies.glum,
    "statsmodels": dummies.statsmodels,
}


def measured(
    clock: Clock, folder: str, effects: Effects, side: str, options: Mapping[str, Any]
) -> Facts:
    """Read and fit, after a fit of a few rows in which the side imports and compiles."""
    fit = SIDES[side]
    with _heard():
        fit(a_few_rows(), **options)
    with clock.part("read"):
        given = read(folder, effects)
    with clock.part("fit"), _heard() as said:
        result = fit(given, **options)
    return {**result, "said": said}


def a_few_rows() -> Given:
    """Return a panel of 4 stores, 5 items and 6 weeks."""
    random = np.random.default_rng(1)
    store, item, week = (np.ravel(each) for each in np.indices((4, 5, 6)))
    price, display = random.normal(0, 0.2, store.size), random.random(store.size) < 0.3
    feature = random.random(store.size) < 0.3
    x = np.column_stack([price, display, feature, display & feature]).astype(np.float64)
    units = 1.0 + random.poisson(2.0, store.size)
    return Given(units, x, store * 5 + item, week, store)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect warnings, each once, but not those that a name will go some day."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
    passing = (DeprecationWarning, FutureWarning, PendingDeprecationWarning)
    heard = (each for each in caught if not issubclass(each.category, passing))
    said.extend(dict.fromkeys(" ".join(str(each.message).split()) for each in heard))
