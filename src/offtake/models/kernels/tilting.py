"""Who was chosen, and weights that make those who were not look like those who were.

Two convex problems in the coefficients g of covariates x, with D = 1 for who was contacted:

- *contact probability*: penalised maximum likelihood of the logistic regression of D on x;
- *tilting*: ``min mean((1 - D) exp(x'g) - D x'g) + penalty/2 |g|^2``. At its minimum the weights
  ``exp(x'g)`` of those not contacted give every covariate the mean that it has among the contacted,
  up to ``penalty * g`` (Graham, Pinto and Egel 2012, for the treated).

References
----------
Graham, B. S., Pinto, C. and Egel, D. (2012). Inverse probability tilting for moment condition
models with missing data. Review of Economic Studies 79, 1053-1079.
Sant'Anna, P. H. C. and Zhao, J. (2020). Doubly robust difference-in-differences estimators. Journal
of Econometrics 219, 101-122.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, matrix

STEPS = 100
HALVINGS = 40
CLOSE = 1e-10
"""Newton steps stop where the squared decrement, twice what is left to gain, falls below this."""
STEEPEST = 30.0
"""Largest log weight: keeps exp() finite while a step is tried."""

Curve = Callable[[Floats], tuple[float, Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """How contact depends on K covariates of N households.

    Parameters
    ----------
    coefficients
        (K + 1,) the constant first, of covariates in standard deviations around their mean.
    odds
        (N,) probability of contact over that of none.
    converged
        Whether the minimum was found.
    """

    coefficients: Floats
    odds: Floats
    converged: bool

    @property
    def probability(self) -> Floats:
        """(N,) probability of contact."""
        share: Floats = self.odds / (1 + self.odds)
        return share


def contact_probability(contacted: ArrayLike, x: ArrayLike, *, penalty: float = 0.0) -> Chosen:
    """Fit a logistic regression of contact on covariates.

    Parameters
    ----------
    contacted
        (N,) whether a household was contacted; some were, some not.
    x
        (N, K) covariates, without a constant.
    penalty
        Of half the squared coefficients, beside the mean log-likelihood; the constant is free.

    Raises
    ------
    BadInputError
        When shapes disagree, a value is not finite, or all or none were contacted.

    Examples
    --------
    >>> found = contact_probability([True, False, True, False], [[1], [1], [0], [0]])
    >>> found.probability.round(6).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    chosen, design, ridge = _checked(contacted, x, penalty)

    def curve(at: Floats) -> tuple[float, Floats, Floats]:
        score = design @ at
        share = 1 / (1 + np.exp(-np.clip(score, -STEEPEST, STEEPEST)))
        value = float(np.mean(np.logaddexp(0.0, score) - chosen * score))
        spread = share * (1 - share)
        return (
            value + 0.5 * float(ridge @ at**2),
            design.T @ (share - chosen) / chosen.size + ridge * at,
            (design.T * spread) @ design / chosen.size + np.diag(ridge),
        )

    start = np.zeros(design.shape[1])
    mean = float(chosen.mean())
    start[0] = np.log(mean / (1 - mean))
    return _fitted(curve, start, design)


def tilting(contacted: ArrayLike, x: ArrayLike, *, penalty: float = 0.0) -> Chosen:
    """Weigh those not contacted so that their covariates have the means of the contacted.

    Parameters
    ----------
    contacted, x
        As in :func:`contact_probability`.
    penalty
        Of half the squared coefficients. Without it the balance is exact, where one exists.

    Returns
    -------
    Chosen
        ``odds`` are the weights of those not contacted; they add up to the number contacted.

    Raises
    ------
    BadInputError
        As for :func:`contact_probability`.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [0.0], [0.0], [1.0]])
    >>> found = tilting([True, True, False, False, False], x)
    >>> found.odds[2:].round(3).tolist()
    [0.5, 0.5, 1.0]
    """
    chosen, design, ridge = _checked(contacted, x, penalty)

    def curve(at: Floats) -> tuple[float, Floats, Floats]:
        score = design @ at
        weight = (1 - chosen) * np.exp(np.minimum(score, STEEPEST))
        return (
            float(np.mean(weight - chosen * score)) + 0.5 * float(ridge @ at**2),
            design.T @ (weight - chosen) / chosen.size + ridge * at,
            (design.T * weight) @ design / chosen.size + np.diag(ridge),
        )

    start = np.zeros(design.shape[1])
    start[0] = np.log(chosen.sum() / (chosen.size - chosen.sum()))
    return _fitted(curve, start, design)


def effective_size(weights: ArrayLike) -> float:
    """Return how many equally weighted households tell as much: (sum w)^2 / sum w^2 (Kish 1965).

    Examples
    --------
    >>> effective_size([1.0, 1.0, 0.0])
    2.0
    """
    w = np.asarray(weights, dtype=np.float64)
    squares = float(w @ w)
    return float(w.sum()) ** 2 / squares if squares else 0.0


def standardised_differences(x: ArrayLike, contacted: ArrayLike, weights: ArrayLike) -> Floats:
    """Return how far covariates of the contacted lie from the others', in standard deviations.

    Parameters
    ----------
    x
        (N, K) covariates.
    contacted
        (N,) who was contacted.
    weights
        (N,) of those not contacted; those of the contacted are not read.

    Returns
    -------
    ndarray
        (K,) mean of the contacted less weighted mean of the others, over the root of the mean of
        the two unweighted variances (Austin 2009); 0 where nothing varies.

    Examples
    --------
    >>> x = np.array([[0.0], [2.0], [0.0], [0.0], [1.0]])
    >>> standardised_differences(x, [True, True, False, False, False], np.ones(5)).round(4).tolist()
    [0.8528]
    """
    chosen = np.asarray(contacted, dtype=bool)
    rows = matrix("x", x, chosen.size)
    w = np.asarray(weights, dtype=np.float64)[~chosen]
    gap = rows[chosen].mean(axis=0) - w @ rows[~chosen] / max(float(w.sum()), 1e-300)
    spread = np.sqrt((rows[chosen].var(axis=0) + rows[~chosen].var(axis=0)) / 2)
    found: Floats = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return found


def groups_checked(contacted: ArrayLike) -> Flags:
    """Return who was contacted, (N,), if some were and some were not.

    Raises
    ------
    BadInputError
        When all or none were, or the values are not true and false.
    """
    array: NDArray[np.bool_] = np.asarray(contacted)
    if array.ndim != 1 or array.dtype != np.bool_:
        raise BadInputError(
            f"contacted: got {array.dtype} of shape {array.shape}, allowed: (N,) true or false"
        )
    if not 0 < array.sum() < array.size:
        raise BadInputError(
            f"contacted: got {array.sum()} of {array.size}, allowed: at least one, and not all"
        )
    return array


def _checked(contacted: ArrayLike, x: ArrayLike, penalty: float) -> tuple[Floats, Floats, Floats]:
    """Return contact as numbers, covariates in standard deviations with a constant, penalties."""
    if not penalty >= 0:
        raise BadInputError(f"penalty: got {penalty}, allowed: 0 or more")
    chosen = groups_checked(contacted).astype(np.float64)
    rows = matrix("x", x, chosen.size)
    spread = rows.std(axis=0)
    scaled = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(chosen.size), scaled])
    return chosen, design, np.append(0.0, np.full(rows.shape[1], float(penalty)))


def _fitted(curve: Curve, start: Floats, design: Floats) -> Chosen:
    at, converged = _newton(curve, start)
    odds = np.exp(np.clip(design @ at, -STEEPEST, STEEPEST))
    return Chosen(at, odds, converged)


def _newton(curve: Curve, start: Floats) -> tuple[Floats, bool]:
    """Return where a convex curve is lowest, and whether it was found."""
    at = start
    value, slope, bend = curve(at)
    for _ in range(STEPS):
        step: Floats = np.linalg.lstsq(bend, slope, rcond=None)[0].astype(np.float64)
        decrement = float(slope @ step)
        if decrement < CLOSE:
            return at, True
        found = _shortened(curve, at, step, value - 1e-4 * decrement)
        if found is None:
            return at, False
        at, (value, slope, bend) = found
    return at, False


def _shortened(
    curve: Curve, at: Floats, step: Floats, below: float
) -> tuple[Floats, tuple[float, Floats, Floats]] | None:
    """Halve a step until it leads down; None where none does."""
    length = 1.0
    for _ in range(HALVINGS):
        there = curve(at - length * step)
        if np.isfinite(there[0]) and there[0] <= below:
            return at - length * step, there
        length /= 2
    return None
