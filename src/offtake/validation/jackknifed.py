"""Poisson regressions of the trials, with the errors that the promotion model has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.poisson import finished
from offtake.models.kernels.poisson_climb import climb
from offtake.models.kernels.poisson_jackknife import degrees, jackknife
from offtake.models.kernels.poisson_rows import Given, used_rows
from offtake.models.promotion.response import dispersion

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Jackknifed:
    """Slopes, their errors by leaving out one cluster at a time, and the degrees of freedom.

    slopes, errors: (K,), the latter NaN where the fit did not converge.
    """

    slopes: Floats
    errors: Floats
    degrees: float


def jackknifed(given: Given) -> Jackknifed:
    """Fit, and leave every cluster out in turn.

    Parameters
    ----------
    given
        From :func:`offtake.models.kernels.poisson.checked`, with clusters.
    """
    rows = used_rows(given)
    peak = climb(rows)
    fit = finished(given, rows, peak)
    errors = np.sqrt(np.diag(jackknife(rows, peak).covariance))
    variance = fit.mean + dispersion(given.y, fit.mean) * fit.mean**2
    return Jackknifed(
        slopes=fit.coefficients,
        errors=errors if fit.converged else np.full_like(errors, np.nan),
        degrees=degrees(given.group if given.cluster is None else given.cluster, variance),
    )
