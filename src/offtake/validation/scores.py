"""How good estimates are, held against the truth over R simulated worlds.

With estimate e_r and truth t_r of world r, over the n worlds in which the estimate exists:

- bias ``B = mean(e_r - t_r)``, its Monte Carlo standard error ``sd(e_r - t_r) / sqrt(n)``;
- root-mean-square error ``sqrt(mean((e_r - t_r)^2))``;
- width of an interval ``mean(upper_r - lower_r)``;
- coverage ``k / R``, where k counts the worlds whose interval holds the truth, with the 95 % range
  of Wilson for a binomial share. An estimate that does not exist covers nothing: it stays in R.

References
----------
Morris, T. P., White, I. R. and Crowther, M. J. (2019). Using simulation studies to evaluate
statistical methods. Statistics in Medicine 38, 2074-2102.
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
Journal of the American Statistical Association 22, 209-212.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from offtake.errors import BadInputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEVELS = (0.5, 0.8, 0.95)
"""Nominal levels of the intervals that every trial gives."""
RANGE = 0.95
"""Level of the binomial range of a coverage."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What one fit says of K quantities, beside the truth.

    Parameters
    ----------
    quantities
        (K,) names, each once.
    truth
        (K,) true values, finite.
    estimate
        (K,) estimates; NaN where there is none.
    lower, upper
        (K, L) ends of the intervals for the L levels of `LEVELS`.

    Raises
    ------
    BadInputError
        When shapes disagree, a name repeats, a truth is not finite or an interval is turned over.
    """

    quantities: tuple[str, ...]
    truth: Floats
    estimate: Floats
    lower: Floats
    upper: Floats

    def __post_init__(self) -> None:
        count = len(self.quantities)
        if len(set(self.quantities)) != count:
            raise BadInputError(f"quantities: got {self.quantities}, allowed: each name once")
        for name in ("truth", "estimate"):
            _demand_shape(name, getattr(self, name), (count,))
        for name in ("lower", "upper"):
            _demand_shape(name, getattr(self, name), (count, len(LEVELS)))
        if not np.isfinite(self.truth).all():
            raise BadInputError(f"truth: got {self.truth}, allowed: finite numbers")
        if (self.lower > self.upper).any():
            raise BadInputError("lower: got an end above `upper`, allowed: at most `upper`")

    @property
    def usable(self) -> Bools:
        """(K,) whether the estimate and all its intervals exist."""
        ends = np.isfinite(self.lower) & np.isfinite(self.upper)
        return np.isfinite(self.estimate) & ends.all(axis=1)

    @property
    def covers(self) -> Bools:
        """(K, L) whether the interval holds the truth; never where there is no estimate."""
        truth = self.truth[:, None]
        inside: Bools = (self.lower <= truth) & (truth <= self.upper)
        return inside & self.usable[:, None]

    def less_truth(self) -> Estimates:
        """Return the same with the truth taken off everything: errors, around a truth of 0."""
        truth = self.truth[:, None]
        return Estimates(
            self.quantities,
            np.zeros_like(self.truth),
            self.estimate - self.truth,
            self.lower - truth,
            self.upper - truth,
        )


def _demand_shape(name: str, array: Floats, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise BadInputError(f"{name}: got shape {array.shape}, allowed: {shape}")


def estimates_from_errors(
    quantities: Sequence[str],
    truth: ArrayLike,
    estimate: ArrayLike,
    standard_error: ArrayLike,
    *,
    degrees: ArrayLike = np.inf,
) -> Estimates:
    """Return estimates with symmetric intervals, from standard errors.

    Parameters
    ----------
    quantities, truth, estimate
        (K,) as in :class:`Estimates`.
    standard_error
        (K,) standard errors.
    degrees
        Degrees of freedom of Student's t, one or (K,); infinite gives the normal distribution. With
        errors clustered in C clusters, C - 1.

    Examples
    --------
    >>> found = estimates_from_errors(["lift"], [0.5], [0.6], [0.1])
    >>> found.lower.round(3).tolist(), found.covers.tolist()
    ([[0.533, 0.472, 0.404]], [[False, True, True]])
    """
    centre = np.asarray(estimate, dtype=np.float64)
    freedom = np.reshape(np.asarray(degrees, dtype=np.float64), (-1, 1))
    quantile = stats.t.ppf(0.5 + np.asarray(LEVELS) / 2, freedom)
    reach = np.asarray(standard_error, dtype=np.float64)[:, None] * quantile
    return Estimates(
        tuple(quantities),
        np.asarray(truth, dtype=np.float64),
        centre,
        centre[:, None] - reach,
        centre[:, None] + reach,
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the intervals of one level hold the truth.

    Parameters
    ----------
    level
        Nominal level.
    share
        Share of all worlds in which the interval holds the truth.
    low, high
        95 % range of that share, by Wilson.
    width
        Mean width over the worlds with an estimate.
    """

    level: float
    share: float
    low: float
    high: float
    width: float

    @property
    def nominal_inside(self) -> bool:
        """Whether the nominal level lies in the range, as it does for 95 % of right intervals."""
        return self.low <= self.level <= self.high


@dataclass(frozen=True, slots=True)
class Score:
    """One quantity over R worlds; formulas at the head of the module.

    Parameters
    ----------
    quantity
        Its name.
    replicates, failed
        R, and in how many of them there is no estimate.
    truth
        Mean truth over all worlds.
    bias, bias_error, rmse
        Over the worlds with an estimate; NaN where there are none (for `bias_error`, fewer
        than two).
    coverage
        (L,) by level.
    """

    quantity: str
    replicates: int
    failed: int
    truth: float
    bias: float
    bias_error: float
    rmse: float
    coverage: tuple[Coverage, ...]


def score(replicates: Sequence[Estimates]) -> tuple[Score, ...]:
    """Hold R fits of the same K quantities against the truth.

    Raises
    ------
    BadInputError
        When there is no replicate, or two name different quantities.

    Examples
    --------
    >>> worlds = [estimates_from_errors(["lift"], [1.0], [e], [0.1]) for e in (0.9, 1.1, np.nan)]
    >>> (found,) = score(worlds)
    >>> found.failed, round(found.rmse, 6), round(found.coverage[1].share, 3)
    (1, 0.1, 0.667)
    """
    if not replicates:
        raise BadInputError("replicates: got none, allowed: at least one")
    names = replicates[0].quantities
    for each in replicates:
        if each.quantities != names:
            raise BadInputError(f"quantities: got {each.quantities}, allowed: {names}, as before")
    return tuple(_score(name, k, replicates) for k, name in enumerate(names))


def _score(name: str, k: int, replicates: Sequence[Estimates]) -> Score:
    usable = np.array([each.usable[k] for each in replicates])
    truth = np.array([each.truth[k] for each in replicates])
    error = (np.array([each.estimate[k] for each in replicates]) - truth)[usable]
    count = int(usable.sum())
    return Score(
        quantity=name,
        replicates=len(replicates),
        failed=len(replicates) - count,
        truth=float(truth.mean()),
        bias=float(error.mean()) if count else np.nan,
        bias_error=float(error.std(ddof=1) / np.sqrt(count)) if count > 1 else np.nan,
        rmse=float(np.sqrt((error**2).mean())) if count else np.nan,
        coverage=tuple(
            _coverage(level, (k, place), replicates) for place, level in enumerate(LEVELS)
        ),
    )


def _coverage(level: float, at: tuple[int, int], replicates: Sequence[Estimates]) -> Coverage:
    held = sum(bool(each.covers[at]) for each in replicates)
    widths = [float(each.upper[at] - each.lower[at]) for each in replicates if each.usable[at[0]]]
    around = stats.binomtest(held, len(replicates)).proportion_ci(RANGE, "wilson")
    return Coverage(
        level=level,
        share=held / len(replicates),
        low=float(around.low),
        high=float(around.high),
        width=float(np.mean(widths)) if widths else np.nan,
    )
