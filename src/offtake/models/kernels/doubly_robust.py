"""What contact changed: doubly-robust difference-in-differences for panels.

With change dY, weights w of those not contacted from :mod:`offtake.models.kernels.tilting`, and
m(x) the regression of dY on x among them, weighted by w:

    effect = mean over contacted of (dY - m)  -  weighted mean over the others of (dY - m)

It is right if either the odds of contact or the change without contact is linear in x (in logs, and
in levels), and its influence function needs no term for what was estimated (improved estimator of
Sant'Anna and Zhao 2020, equations 3.1 to 3.3; Abadie 2005 for weighting alone).

A *proportional* trend compares with what the contacted would have bought had their purchases moved
in the same ratio as the others': the effect is that on the level after, less the ratio times that
on the level before. Both have the same estimator, linear in what it is applied to.

Influence functions take the regression's residuals for the errors it was fitted to and know nothing
of the households that it bends to. What leaving one household out changes (`jackknife`) does, and
is worked out for all of them at once, weights held: where those weights balance the covariates,
they move the effect in second order only, as the residuals are orthogonal to the covariates.

References
----------
Abadie, A. (2005). Semiparametric difference-in-differences estimators. Review of Economic Studies
72, 1-19.
Sant'Anna, P. H. C. and Zhao, J. (2020). Doubly robust difference-in-differences estimators. Journal
of Econometrics 219, 101-122.
MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix
estimators with improved finite sample properties. Journal of Econometrics 29, 305-325.
Miller, R. G. (1974). An unbalanced jackknife. Annals of Statistics 2, 880-891.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.arguments import Flags, Floats, finite, matrix, numbers
from offtake.models.kernels.tilting import groups_checked

Correction = Literal["none", "leverage", "jackknife"]
CORRECTIONS: tuple[Correction, ...] = ("none", "leverage", "jackknife")
CLOSE = 1e-9
LEAST_LEFT = 0.1
"""Least that is left of a residual's weight after its leverage: bounds one household's say."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Effects on M outcomes of N households.

    Parameters
    ----------
    effect
        (M,) mean over the contacted.
    influence
        (N, M) how much every household moved it: standard errors are the root of the mean square
        over N, and effects of several campaigns on the same households add up row by row.
    """

    effect: Floats
    influence: Floats

    @property
    def errors(self) -> Floats:
        """(M,) standard errors."""
        return standard_errors(self.influence)


def standard_errors(influence: Floats) -> Floats:
    """Return standard errors, (M,), from influence, (N, M).

    Examples
    --------
    >>> standard_errors(np.array([[1.0], [-1.0], [1.0], [-1.0]])).tolist()
    [0.5]
    """
    found: Floats = np.sqrt((influence**2).sum(axis=0)) / max(len(influence), 1)
    return found


def doubly_robust(
    change: ArrayLike,
    contacted: ArrayLike,
    x: ArrayLike,
    odds: ArrayLike,
    *,
    correction: Correction = "none",
) -> Effect:
    """Return what contact did to changes.

    Parameters
    ----------
    change
        (N, M) after less before.
    contacted
        (N,) whether a household was contacted.
    x
        (N, K) covariates, without a constant.
    odds
        (N,) weights of those not contacted; positive.
    correction
        ``leverage`` puts residuals of the regression up for what the regression took from them
        (HC2), which matters where comparable households are few. With ``jackknife`` the influence
        of a household is how much the effect changes when it is left out, weights held.

    Raises
    ------
    BadInputError
        When shapes disagree, a value is not finite, or weights are not positive.
    UnknownNameError
        When there is no such correction.

    Examples
    --------
    Without covariates it is the plain difference in differences.

    >>> dy = np.array([[3.0], [5.0], [1.0], [2.0]])
    >>> who = np.array([True, True, False, False])
    >>> doubly_robust(dy, who, np.zeros((4, 0)), np.ones(4)).effect.tolist()
    [2.5]
    """
    if correction not in CORRECTIONS:
        raise UnknownNameError("correction", correction, CORRECTIONS)
    chosen = groups_checked(contacted)
    outcome = matrix("change", change, chosen.size)
    rows = matrix("x", x, chosen.size)
    weights = _weights(odds, chosen)
    fit = _regressed(outcome, rows, weights, chosen)
    share = chosen / chosen.sum()
    effect = share @ fit.residual - weights @ fit.residual / weights.sum()
    if correction == "jackknife":
        return Effect(effect, chosen.size * _left_out(fit, chosen))
    return Effect(effect, chosen.size * _linear(fit, share, weights / weights.sum(), correction))


def proportional(
    after: ArrayLike,
    before: ArrayLike,
    contacted: ArrayLike,
    x: ArrayLike,
    *,
    odds: ArrayLike,
    correction: Correction = "none",
) -> Effect:
    """Return what contact did, had purchases else moved in the same ratio as the others'.

    Parameters
    ----------
    after, before
        (N, M) levels.
    contacted, x, odds, correction
        As in :func:`doubly_robust`.

    Raises
    ------
    BadInputError
        As for :func:`doubly_robust`.

    Examples
    --------
    The others' purchases doubled; from 3 the contacted would have come to 6.

    >>> before = np.array([[3.0], [3.0], [1.0], [1.0]])
    >>> after = np.array([[7.0], [8.0], [2.0], [2.0]])
    >>> who = np.array([True, True, False, False])
    >>> proportional(after, before, who, np.zeros((4, 0)), odds=np.ones(4)).effect.tolist()
    [1.5]
    """
    chosen = groups_checked(contacted)
    later, sooner = (
        matrix(name, values, chosen.size) for name, values in (("after", after), ("before", before))
    )
    if later.shape != sooner.shape:
        raise BadInputError(f"before: got shape {sooner.shape}, allowed: {later.shape}, as `after`")
    both = doubly_robust(np.hstack([later, sooner]), chosen, x, odds, correction=correction)
    weights = _weights(odds, chosen) / chosen.size
    if correction == "jackknife":
        return _ratio_left_out(both, later, sooner, weights)
    many = later.shape[1]
    base = weights @ sooner
    ratio = _over(weights @ later, base)
    moved = weights[:, None] * (later - ratio * sooner)
    before_effect = both.effect[many:]
    return Effect(
        both.effect[:many] - ratio * before_effect,
        both.influence[:, :many]
        - ratio * both.influence[:, many:]
        - before_effect * chosen.size * _over(moved, base),
    )


def _ratio_left_out(both: Effect, later: Floats, sooner: Floats, weights: Floats) -> Effect:
    """Return effects and what leaving each household out changes, from those on both levels."""
    many, size = later.shape[1], len(later)
    rows = weights[:, None]
    after, base = weights @ later, weights @ sooner

    def effect(of: Floats, ratio: Floats) -> Floats:
        found: Floats = of[..., :many] - ratio * of[..., many:]
        return found

    whole = effect(both.effect, _over(after, base))
    without = effect(
        both.effect - both.influence / size,
        _over(after - rows * later, np.maximum(base - rows * sooner, 0.0), least=CLOSE * base),
    )
    return Effect(whole, size * (whole - without))


def _over(above: Floats, below: Floats, *, least: Floats | float = 0.0) -> Floats:
    """Return ratios, 0 where there is nothing to divide by."""
    below = np.broadcast_to(below, above.shape)
    found: Floats = np.divide(above, below, out=np.zeros(above.shape), where=below > least)
    return found


def _weights(odds: ArrayLike, chosen: Flags) -> Floats:
    """Return the weights of those not contacted, 0 for the contacted, (N,)."""
    given = finite("odds", numbers("odds", odds))
    if given.shape != chosen.shape:
        raise BadInputError(f"odds: got shape {given.shape}, allowed: {chosen.shape}")
    weights: Floats = np.where(chosen, 0.0, given)
    if weights.min() < 0 or not weights.sum() > 0:
        raise BadInputError("odds: got no positive weight or a negative one, allowed: 0 and more")
    return weights


@dataclass(frozen=True, slots=True)
class _Regression:
    """What a weighted regression leaves over, (N, M), and the leverage of each row, (N,).

    `say` is what a unit of each row's outcome adds to what the contacted would have had, (N,).
    """

    residual: Floats
    leverage: Floats
    say: Floats


def _regressed(outcome: Floats, rows: Floats, weights: Floats, chosen: Flags) -> _Regression:
    spread = rows.std(axis=0)
    scaled = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(rows)), scaled])
    root = np.sqrt(weights / weights.sum())
    left, size, right = np.linalg.svd(design * root[:, None], full_matrices=False)
    kept = size > CLOSE * size[0]
    left, size, right = left[:, kept], size[kept], right[kept]
    slopes = (right.T / size) @ (left.T @ (outcome * root[:, None]))
    say = root * (left @ (right @ design[chosen].mean(axis=0) / size))
    return _Regression(outcome - design @ slopes, (left**2).sum(axis=1), say)


def _linear(fit: _Regression, share: Floats, weights: Floats, correction: Correction) -> Floats:
    """Return the influence function over N, (N, M)."""
    residual = fit.residual
    level = share @ residual
    if correction == "leverage":
        put_up = np.sqrt(np.maximum(1 - fit.leverage, LEAST_LEFT))
        residual = np.where(share[:, None] > 0, residual, residual / put_up[:, None])
    found: Floats = share[:, None] * (residual - level) - weights[:, None] * (
        residual - weights @ residual
    )
    return found


def _left_out(fit: _Regression, chosen: Flags) -> Floats:
    """Return by how much the effect is lower without each household, (N, M)."""
    level = fit.residual[chosen].mean(axis=0)
    others = fit.say / np.maximum(1 - fit.leverage, LEAST_LEFT)
    found: Floats = np.where(
        chosen[:, None],
        (fit.residual - level) / max(int(chosen.sum()) - 1, 1),
        -others[:, None] * fit.residual,
    )
    return found
