"""What is usual for a brand of a size: a line through the other brands, itself left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST = 3
"""Other brands without which there is no norm."""
SLOPE_SPREAD = 0.5
"""Prior sd of how a logit rises with the logit of size."""
SPREADS = np.geomspace(0.02, 1.0, 24)
"""Standard deviations of brands around the line that are tried."""
SPREAD_SCALE = 0.5
"""Scale of their half-normal prior."""


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """What is usual at each brand's size, (B, D) draws; NaN where there are too few others.

    Parameters
    ----------
    line
        Where the line through the others is.
    brand
        Where a brand of that size may be: the line, and how brands scatter around it.
    """

    line: Floats
    brand: Floats


def norms(
    size: Floats, value: Floats, error: Floats, *, draws: int, random: np.random.Generator
) -> Norm:
    """Return the norm of every brand from all the others.

    A Bayesian regression with a wide prior on the level, a prior on the slope, and the scatter of
    brands integrated over a grid; each value counts by its own error too.

    Parameters
    ----------
    size, value
        (B,) what brands are compared by, and what is compared.
    error
        (B,) standard errors of the values.
    draws
        D, how many to draw.
    random
        Where random numbers come from.

    Examples
    --------
    >>> size = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    >>> random = np.random.default_rng(1)
    >>> found = norms(size, 0.3 * size, np.full(5, 0.01), draws=500, random=random)
    >>> abs(float(found.line[0].mean()) + 0.3) < 0.05
    True
    """
    shape = (size.size, draws)
    line, brand = np.full(shape, np.nan), np.full(shape, np.nan)
    for one in range(size.size):
        others = np.delete(np.arange(size.size), one)
        others = others[np.isfinite(value[others])]
        if others.size >= FEWEST:
            middle = size[others].mean()
            at = np.array([1.0, size[one] - middle])
            design = np.stack([np.ones(others.size), size[others] - middle], axis=1)
            known = (value[others], error[others])
            lines, spreads = _lines(design, known, draws=draws, random=random)
            line[one] = lines @ at
            brand[one] = line[one] + spreads * random.standard_normal(draws)
    return Norm(line, brand)


def _lines(
    design: Floats, known: tuple[Floats, Floats], *, draws: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw lines, (D, 2), and the scatter around each, (D,)."""
    value, error = known
    prior = np.diag([1e-4, 1 / SLOPE_SPREAD**2])
    logs, means, roots = [], [], []
    for spread in SPREADS:
        weight = 1 / (spread**2 + error**2)
        precision = prior + design.T @ (weight[:, None] * design)
        mean = np.linalg.solve(precision, design.T @ (weight * value))
        fit = (weight * (value - design @ mean) ** 2).sum() + mean @ prior @ mean
        log = 0.5 * (np.log(weight).sum() - np.linalg.slogdet(precision)[1] - fit)
        # The grid is even in the logarithm, hence the spread itself beside its prior.
        logs.append(log - 0.5 * (spread / SPREAD_SCALE) ** 2 + np.log(spread))
        means.append(mean)
        roots.append(np.linalg.cholesky(np.linalg.inv(precision)))
    weights = np.exp(np.array(logs) - np.logaddexp.reduce(logs))
    which = random.choice(SPREADS.size, draws, p=weights / weights.sum())
    noise = np.einsum("dij,dj->di", np.array(roots)[which], random.standard_normal((draws, 2)))
    return np.array(means)[which] + noise, SPREADS[which]
