"""The regression by software that takes effects as columns: glum (sparse), statsmodels (dense).

Neither knows that an effect may run off to minus infinity, so pairs and effects without sales are
left out for them; nor that effects may follow from each other, so one is left out as a reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.promotion.panels import Floats, Given, Integers

if TYPE_CHECKING:
    from tabmat import SplitMatrix


def glum(given: Given, solver: str) -> dict[str, Any]:
    """Fit with ``glum`` without a penalty; for L-BFGS, which needs no P x P matrix, slopes only."""
    import glum as library

    used = _sold(given)
    design = _sparse_design(used)
    model = library.GeneralizedLinearRegressor(
        family="poisson",
        alpha=0,
        fit_intercept=False,
        solver=solver,
        gradient_tol=1e-9,
        max_iter=1000,
    )
    model.fit(design, used.units)
    slopes = used.x.shape[1]
    return {
        "version": f"glum {library.__version__}",
        "coefficients": model.coef_[:slopes].tolist(),
        "standard_errors": [] if solver == "lbfgs" else _glum_errors(model, design, used),
        "converged": model.n_iter_ < model.max_iter,
        "iterations": int(model.n_iter_),
        "rows": int(used.units.size),
    }


def _glum_errors(model: Any, design: SplitMatrix, used: Given) -> list[float]:  # noqa: ANN401
    covariance = model.covariance_matrix(
        design, used.units, clusters=used.store, robust=True, expected_information=True
    )
    rows, columns = design.shape
    # It multiplies by (N - 1) / (N - P) too.
    own = np.diag(covariance)[: used.x.shape[1]] * (rows - columns) / (rows - 1)
    errors: list[float] = np.sqrt(own).tolist()
    return errors


def statsmodels(given: Given) -> dict[str, Any]:
    """Fit with ``statsmodels.GLM``, which takes dense columns only."""
    import statsmodels as library
    import statsmodels.api as sm

    used = _sold(given)
    fit = sm.GLM(used.units, _dense_design(used), family=sm.families.Poisson()).fit(
        tol=1e-10, cov_type="cluster", cov_kwds={"groups": used.store, "use_correction": False}
    )
    slopes, clusters = used.x.shape[1], int(np.unique(used.store).size)
    errors = np.asarray(fit.bse)[:slopes] * np.sqrt(clusters / (clusters - 1))
    return {
        "version": f"statsmodels {library.__version__}",
        "coefficients": np.asarray(fit.params)[:slopes].tolist(),
        "standard_errors": errors.tolist(),
        "converged": bool(fit.converged),
        "iterations": int(fit.fit_history["iteration"]),
        "rows": int(used.units.size),
    }


def _sold(given: Given) -> Given:
    """Leave out pairs and effects without sales."""
    sold = np.bincount(given.pair, given.units)[given.pair] > 0
    sold &= np.bincount(given.effect, given.units)[given.effect] > 0
    return replace(
        given,
        units=given.units[sold],
        x=given.x[sold],
        pair=np.unique(given.pair[sold], return_inverse=True)[1],
        effect=np.unique(given.effect[sold], return_inverse=True)[1],
        store=given.store[sold],
    )


def _free_effects(given: Given) -> Integers:
    """Return the column of each row's effect, (N,), or -1 for the reference of its part.

    Pairs and effects that hang together over rows are a part; in each part the columns of the
    pairs add up to those of the effects.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs, effects = int(given.pair.max()) + 1, int(given.effect.max()) + 1
    links = coo_array(
        (np.ones(given.pair.size), (given.pair, pairs + given.effect)), shape=(pairs + effects,) * 2
    )
    _, part = connected_components(links, directed=False)
    references = np.unique(part[pairs:], return_index=True)[1]
    column = np.cumsum(~np.isin(np.arange(effects), references)) - 1
    column[references] = -1
    free: Integers = column[given.effect]
    return free


def _sparse_design(given: Given) -> SplitMatrix:
    import pandas as pd
    import tabmat
    from scipy.sparse import csc_matrix

    free = _free_effects(given)
    kept = np.flatnonzero(free >= 0)
    effects = csc_matrix((np.ones(kept.size), (kept, free[kept])), (free.size, free.max() + 1))
    effects.indices, effects.indptr = (
        each.astype(np.int32) for each in (effects.indices, effects.indptr)
    )
    names = np.arange(int(given.pair.max()) + 1)
    pairs = tabmat.CategoricalMatrix(pd.Categorical.from_codes(given.pair, categories=names))
    dense = tabmat.DenseMatrix(given.x)
    return tabmat.SplitMatrix([dense, pairs, tabmat.SparseMatrix(effects)])


def _dense_design(given: Given) -> NDArray[np.float64]:
    free, slopes = _free_effects(given), given.x.shape[1]
    pairs, rows = int(given.pair.max()) + 1, np.arange(free.size)
    design: Floats = np.zeros((free.size, slopes + pairs + int(free.max()) + 1))
    design[:, :slopes] = given.x
    design[rows, slopes + given.pair] = 1.0
    design[rows[free >= 0], slopes + pairs + free[free >= 0]] = 1.0
    return design
