"""The regression by ``pyfixest.fepois``, with any of its ways to sweep effects out on a CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.promotion.panels import REGRESSORS, Given

if TYPE_CHECKING:
    from pyfixest.demeaners import AnyDemeaner

FORMULA = f"units ~ {' + '.join(REGRESSORS)} | pair + effect"


def pyfixest(given: Given, demeaner: str) -> dict[str, Any]:
    """Fit with the library's own tolerances."""
    import pandas as pd
    import pyfixest as pf

    columns = dict(zip(REGRESSORS, given.x.T, strict=True))
    others = {"units": given.units, "pair": given.pair, "effect": given.effect}
    fit = pf.fepois(
        FORMULA,
        pd.DataFrame({**others, **columns, "store": given.store}),
        vcov={"CRV1": "store"},
        ssc=pf.ssc(k_adj=False, G_adj=True),
        demeaner=_demeaner(demeaner),
        copy_data=False,
        store_data=False,
        lean=True,
    )
    return {
        "version": f"pyfixest {pf.__version__}",
        "coefficients": [float(fit.coef()[name]) for name in REGRESSORS],
        "standard_errors": [float(fit.se()[name]) for name in REGRESSORS],
        # Where its 25 steps do not do it returns all the same, without a word.
        "converged": bool(fit.convergence),
        "rows": int(fit._N),
    }


def _demeaner(name: str) -> AnyDemeaner:
    from pyfixest.demeaners import LsmrDemeaner, MapDemeaner

    kind, _, backend = name.partition("-")
    if kind == "map":
        return MapDemeaner(backend=backend)
    # pyfixest calls SciPy's LSMR the cupy backend on the CPU.
    where = {"backend": "cupy", "device": "cpu"} if backend == "scipy" else {"backend": backend}
    return LsmrDemeaner(**where)
